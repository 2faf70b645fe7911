What is wrong with a policy, a parameter, a recording or the command line is said before anything is touched.

  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson'
  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson --journal J'

Policies.

  $ echo 'return 42' > number.lua; sim number.lua
  tidelock simulate: a policy file returns rollout.policy { ... } or rollout.use(...), but this one returned a number
  [2]
  $ echo 'return {' > broken.lua; sim broken.lua
  tidelock simulate: broken.lua:2: unexpected symbol near <eof>
  [2]
  $ head -c 4096 /dev/urandom > rubbish.lua; sim rubbish.lua 2>&1 | grep -c rubbish.lua; echo "${PIPESTATUS[0]}"
  1
  2
  $ printf '\033Lua' > bytecode.lua; sim bytecode.lua
  tidelock simulate: bytecode.lua: attempt to load a binary chunk (mode is 't')
  [2]
  $ : > empty.lua; sim empty.lua
  tidelock simulate: a policy file returns rollout.policy { ... } or rollout.use(...), but this one returned nothing
  [2]
  $ echo 'return require "nothing"' > missing.lua; sim missing.lua
  tidelock simulate: missing.lua:1: module 'nothing' not found: it is neither in the standard library nor a file beside the policy, required by its name in quotes
  [2]
  $ sim none.lua
  tidelock simulate: none.lua: no such file, and no shipped policy of that name
  [2]
  $ sim .
  tidelock simulate: . is a folder; a file was expected
  [2]
  $ sim nosuch
  tidelock simulate: nosuch: no such file, and no shipped policy of that name
  [2]

Parameters.

  $ sim step_canary
  tidelock simulate: parameter "target" is missing: expected a target, on the command line one of
    -p target=alb-listener:ARN,baseline=ARN,canary=ARN
    -p target=alb-rule:ARN,baseline=ARN,canary=ARN
    -p target=appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    -p target=codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    -p target=ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    -p target=lambda-alias:FUNCTION:ALIAS,canary=VERSION
    -p target=state-machine:NAME:ALIAS,canary=VERSION
  [2]
  $ sim step_canary -p target=lambda-alias:pay:live
  tidelock simulate: parameter "target": lambda-alias: canary is missing: expected a published version such as "42"
  [2]
  $ sim step_canary -p target=lambda-alias:pay:live,canary=42 -p target=lambda-alias:function=arn:aws:lambda:eu-west-1:123456789012:function:pay,alias=live,canary=42
  tidelock simulate: pay:live is given twice: arn:aws:lambda:eu-west-1:123456789012:function:pay:live is the same
  [2]
  $ sim step_canary -p target=lambda-alias:pay:live,canary=42 -p stepz=5
  tidelock simulate: there is no parameter "stepz"; did you mean "steps"?
  [2]
  $ sim step_canary -p target=lambda-alias:pay:live,canary=42 -p steps=50,5
  tidelock simulate: parameter "steps": percentages must rise, but 5 comes after 50
  [2]
  $ sim step_canary -p target=lambda-alias:pay:live,canary=42 -p steps=0.001,100
  tidelock simulate: parameter "steps": pay:live cannot carry 0.001 %: its weights are in steps of 0.01 %
  [2]
  $ sim step_canary -p target=lambda-alias:pay:live,canary=42 -p bake=soon
  tidelock simulate: parameter "bake": expected a duration such as "90s", "5m" or "1h30m", got "soon"
  [2]
  $ sim step_canary -p target=alb-rule:nonsense,baseline=a,canary=b
  tidelock simulate: parameter "target": alb-rule: baseline: expected the ARN of a target group ("arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/..."), got "a"
  [2]
  $ sim step_canary -p target
  tidelock simulate: -p target: expected name=value
  [2]

Recordings.

  $ alias sim='tidelock simulate step_canary -p target=lambda-alias:pay:live,canary=42 --journal J'
  $ sim
  tidelock simulate: --recording FILE is missing (`tidelock import --help` tells how to get one)
  [2]
  $ sim --recording none.ndjson
  tidelock simulate: none.ndjson: No such file or directory
  [2]
  $ : > empty.ndjson; sim --recording empty.ndjson
  tidelock simulate: empty.ndjson: the recording is empty, expected a manifest
  [2]
  $ head -c 4096 /dev/urandom > rubbish.ndjson; sim --recording rubbish.ndjson 2>/dev/null
  [2]
  $ head -n 1 examples/checkout/checkout.ndjson > nothing.ndjson; sim --recording nothing.ndjson
  tidelock simulate: nothing.ndjson: the recording has no points
  [2]
  $ sed '5s/"v":[0-9]*/"v":-1/' examples/checkout/checkout.ndjson > negative.ndjson
  $ sim --recording negative.ndjson
  tidelock simulate: negative.ndjson: line 5: "v" is -1, expected 0 to 2^53: "errors" is a count
  [2]
  $ grep -v '"s":1' examples/checkout/checkout.ndjson | sed '1s/requests/visits/g' > other.ndjson
  $ sim --recording other.ndjson
  tidelock simulate: the recording has no metric "requests"; it has visits (service), errors (service)
  [2]

The command line.

  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ sim --seed x
  tidelock simulate: --seed must be a whole number, not "x"
  [2]
  $ sim --seed -1
  tidelock simulate: --seed must be 0 to 9223372036854775807
  [2]
  $ sim --runs 0
  tidelock simulate: --runs must be 1 to 100000000
  [2]
  $ sim --inject errors
  tidelock simulate: --inject: the injection "errors": it says neither what happens nor how much; expected METRIC*FACTOR, METRIC+PERCENT%, METRIC+DURATION, slow+PERCENT% or crash, then @DELAY and ~RAMP if wanted, such as errors*2, errors+0.5%@10m, latency*1.5@10m~5m, latency+200ms, slow+1%, crash@20m or alarm:NAME@10m
  [2]
  $ sim --inject 'errors*-2'
  tidelock simulate: --inject: the injection "errors*-2": the factor is no number from 0 to 1000000; expected METRIC*FACTOR, METRIC+PERCENT%, METRIC+DURATION, slow+PERCENT% or crash, then @DELAY and ~RAMP if wanted, such as errors*2, errors+0.5%@10m, latency*1.5@10m~5m, latency+200ms, slow+1%, crash@20m or alarm:NAME@10m
  [2]
  $ sim --inject 'latency*2'
  tidelock simulate: nothing to inject into: the recording has no "latency" or "latency_..."; it has requests (service), errors (service)
  [2]
  $ sim --start 2020-01-01T00:00:00Z
  tidelock simulate: --start 2020-01-01T00:00:00Z: the recording goes from 2026-03-02T09:00:00Z to 2026-03-02T11:00:00Z
  [2]
  $ sim --settle soon
  tidelock simulate: --settle: "soon" is not a duration (like 90s, 5m, 1h30m, 500ms)
  [2]
  $ sim --format xml
  tidelock simulate: --format is text, json or jsonl, not "xml"
  [2]
  $ sim --sed 4
  tidelock simulate: there is no option --sed; did you mean --seed?
  [2]
  $ sim --runs 10 --journal J
  tidelock simulate: --journal is of one run: leave out --runs, and give the --seed of the one that you want to keep
  [2]
  $ tidelock simulat
  tidelock: there is no verb simulat; did you mean simulate?
    (`tidelock --help` lists them)
  [2]
  $ test -e J
  [1]
  $ : > J; sim --journal J
  tidelock simulate: J exists already: a journal is never overwritten
  [2]
  $ sim --journal none/J
  tidelock simulate: creating none/J: No such file or directory
  [2]
