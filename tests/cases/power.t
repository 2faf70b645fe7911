What a recording shows of a service, and what a policy could see of it.
needs: jq

  $ C=examples/checkout
  $ tidelock power $C/checkout.ndjson
  recorded    2h, the whole service
  requests    198 a second
  errors      0.104 % (1481 of 1425965)
  dispersion  2.14, give or take 0.96 (10 blocks of ten minutes: record for longer)
              of a whole service: what comes and goes for all requests is in it, too
  
     step    judged   requests   sees errors       x1.5         x2         x3         x5
      5 %        4m       2377    9.46 times      8h38m      1h52m        36m        12m
     10 %        4m       4753    6.25 times      4h34m         1h        20m         7m
     25 %        4m      11883    4.35 times      2h12m        30m        11m         5m
     50 %        4m      23766    3.93 times      1h39m        24m         9m         4m
  
  write into the policy
    judge.ratio { dispersion = 2.2 }
  or give
    -p judges=ratio:dispersion=2.2
  $ tidelock power $C/checkout.ndjson step_canary -p target=lambda-alias:pay:live,canary=42 -p steps=1,50 -p bake=30m -p settle_in=5m | sed -n '/step/,$p'
     step    judged   requests   sees errors       x1.5         x2         x3         x5
      1 %       24m       2852    7.49 times   1d14h33m      8h11m      2h36m        54m
     50 %       24m     142596    1.91 times      1h37m        27m        13m         9m
  
  write into the policy
    judge.ratio { dispersion = 2.2 }
  or give
    -p judges=ratio:dispersion=2.2

Without bunched errors a watch sees what it was said to; the simulation says so on the requests that it had.

  $ tidelock power examples/latency/search.ndjson examples/latency/search.lua
  recorded    2h, the whole service
  requests    50 a second
  errors      0.106 % (380 of 359832)
  dispersion  1.5, give or take 0.67 (10 blocks of ten minutes: record for longer)
    latency   1.33, give or take 0.6 (10 blocks of ten minutes: record for longer)
              of a whole service: what comes and goes for all requests is in it, too
  
     step    judged   requests   sees errors        slower       x1.5         x2         x3         x5
      5 %        4m        600    14.8 times    1.27 times     15h16m      3h17m       1h2m        21m
     10 %        4m       1199     9.2 times     1.2 times       8h4m      1h45m        34m        12m
     25 %        4m       2999     5.9 times    1.17 times      3h53m        52m        18m         7m
     50 %        4m       5997    5.24 times    1.16 times      2h55m        41m        14m         6m
  
  write into the policy
    judge.ratio { dispersion = 1 }
    judge.latency { dispersion = 1 }
  or give
    -p judges=ratio:dispersion=1 -p judges=latency:dispersion=1
  $ tidelock simulate examples/latency/search.lua --recording examples/latency/search.ndjson | grep 'would have seen'
                        (would have seen 8.9 times as many)
                        (would have seen 1.22 times as slow)
                        (would have seen 8.54 times as many)
                        (would have seen 1.21 times as slow)
                        (would have seen 6.58 times as many)
                        (would have seen 1.17 times as slow)
                        (would have seen 4.99 times as many)
                        (would have seen 1.17 times as slow)
                        (would have seen 4.63 times as many)

With both arms it says how unlike they are.

  $ tidelock power examples/measured/measured.ndjson | head -n 7
  recorded    8m, both arms
  requests    120 a second
  canary      2 % (260 of 13017)
  baseline    0.284 % (126 of 44376)
  dispersion  1, give or take 1 (2 blocks of ten minutes: record for longer)
  arms        the canary's rate is 7.03 times the baseline's (5.69 to 8.7)
              they differ by more than chance: as much is to be tolerated (psi0)

As one document.

  $ tidelock power $C/checkout.ndjson --format json | jq -c '[.dispersion.write, .canary, (.steps[0] | .share, .judged, .bake["2"] / 60000)]'
  [2.2,null,5,240000,112]

What cannot be said is told.

  $ tidelock power $C/checkout.ndjson --events latency
  tidelock power: the recording has no counts "latency" and "requests" of a whole service, nor of both arms
  [2]
  $ tidelock power $C/checkout.ndjson step_canary; echo
  tidelock power: the rehearsal was not promoted, but refused: parameter "target" is missing: expected a target, on the command line one of
    -p target=alb-listener:ARN,baseline=ARN,canary=ARN
    -p target=alb-rule:ARN,baseline=ARN,canary=ARN
    -p target=appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    -p target=codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    -p target=ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    -p target=lambda-alias:FUNCTION:ALIAS,canary=VERSION
    -p target=state-machine:NAME:ALIAS,canary=VERSION
  
  $ tidelock power $C/checkout.ndjson blue_green -p target=lambda-alias:pay:live,canary=42
  tidelock power: the policy compares no rates
  [2]
  $ echo '{}' | tidelock power -
  tidelock power: line 1: this is no recording: expected {"format":"tidelock-recording",...} (other files are turned into one by `tidelock import`)
  [2]
  $ tidelock power
  tidelock power: RECORDING [POLICY] is missing (see tidelock power --help)
  [2]
