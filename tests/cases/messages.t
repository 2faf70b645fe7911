What a newcomer gets wrong is answered with what to do.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'

A shipped policy's name, and a target.

  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lamda-alias:pay:live
  tidelock simulate: parameter "target": there is no type of target "lamda-alias"; did you mean "lambda-alias"?
  [2]
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=pay:live
  tidelock simulate: parameter "target": expected a target; got "pay:live". It is one of
    alb-listener:ARN,baseline=ARN,canary=ARN
    alb-rule:ARN,baseline=ARN,canary=ARN
    appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    lambda-alias:FUNCTION:ALIAS,canary=VERSION
    state-machine:NAME:ALIAS,canary=VERSION
  [2]

  $ sim step_canery
  tidelock simulate: step_canery: no such file, and no shipped policy of that name; did you mean step_canary?
  [2]
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson
  tidelock simulate: parameter "target" is missing: expected a target, on the command line one of
    -p target=alb-listener:ARN,baseline=ARN,canary=ARN
    -p target=alb-rule:ARN,baseline=ARN,canary=ARN
    -p target=appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    -p target=codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    -p target=ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    -p target=lambda-alias:FUNCTION:ALIAS,canary=VERSION
    -p target=state-machine:NAME:ALIAS,canary=VERSION
  [2]

A policy that does not load is named, also where Lua forgot the line.

  $ echo 'return require("rollout").policy { sumary = "S", run = print }' > typo.lua; sim typo.lua
  tidelock simulate: typo.lua: rollout.policy: there is no option "sumary"; did you mean "summary"?
  [2]
  $ echo 'return require("rollout").policy { run = print }' > nameless.lua; sim nameless.lua
  tidelock simulate: nameless.lua: rollout.policy: summary is missing: expected a sentence that says what the policy does, up to 200 characters
  [2]
  $ echo 'require "teem"' > lost.lua; sim lost.lua
  tidelock simulate: lost.lua:1: module 'teem' not found: it is neither in the standard library nor a file beside the policy, required by its name in quotes
  [2]

A byte order mark in front is none of the text.

  $ printf '\357\273\277return 6 * 7\n' > marked.lua; tidelock eval marked.lua
  42

Metrics as they were exported are no recording.

  $ printf '{\n  "MetricDataResults": []\n}\n' > export.json
  $ tidelock simulate step_canary --recording export.json
  tidelock simulate: export.json: line 1: this is no recording: expected {"format":"tidelock-recording",...} (other files are turned into one by `tidelock import`)
  [2]

A regression that begins after the end of the recording would never show.

  $ sim step_canary --inject 'errors*2@5h'
  tidelock simulate: nothing to inject into: the regression begins 5h after the start, and the recording ends 2h after it
  [2]
  $ sim step_canary --inject 'errors*x'
  tidelock simulate: --inject: the injection "errors*x": the factor is no number from 0 to 1000000; expected METRIC*FACTOR, METRIC+PERCENT%, METRIC+DURATION, slow+PERCENT% or crash, then @DELAY and ~RAMP if wanted, such as errors*2, errors+0.5%@10m, latency*1.5@10m~5m, latency+200ms, slow+1%, crash@20m or alarm:NAME@10m
  [2]

Numbers out of range.

  $ sim step_canary --seed -1
  tidelock simulate: --seed must be 0 to 9223372036854775807
  [2]
  $ sim step_canary --seed 99999999999999999999
  tidelock simulate: --seed must be at most 9223372036854775807, not 99999999999999999999
  [2]

Two formats, where there are two.

  $ tidelock capabilities --format jsonl
  tidelock capabilities: --format is text or json, not "jsonl"
  [2]
  $ tidelock capabilities | sed -n '/^modules/,/^effects/p'
  modules
    aws          attempt, call
    duration     format, parse
    judge        alarm, before, latency, percentile, ratio, threshold
    metrics      query, sum
    rollout      alarms, approval, choice, duration, flag, given, integer, judges,
                 notify, now, number, parallel, percent, percents, policy,
                 rollback, settle_in, sleep, target, text, use, waves, window
  
  targets
    alb_listener     alb-listener:ARN,baseline=ARN,canary=ARN
    alb_rule         alb-rule:ARN,baseline=ARN,canary=ARN
    appconfig_flag   appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    codedeploy       codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    ecs_service      ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    lambda_alias     lambda-alias:FUNCTION:ALIAS,canary=VERSION
    state_machine    state-machine:NAME:ALIAS,canary=VERSION
  
  effects
  $ tidelock capabilities | grep '(dangerous)'
    cloudwatch.set_alarm_state                 mutation  cloudwatch:SetAlarmState  (dangerous)

Who reads no further needs no telling.

  $ mkfifo pipe; exec 5<>pipe 6>pipe 5>&-
  $ tidelock capabilities >&6
  [1]
  $ sim step_canary >&6
  [1]
  $ echo 'return 1' | tidelock eval - >&6
  [1]

A simulation that is ended has touched nothing.

  $ sim step_canary --pace 1 > /dev/null 2> told & child=$!
  $ while [ ! -d "/proc/$child/task" ] || ! grep -qs . "/proc/$child/task/$child/children"; do :; done
  $ kill -TERM "$child"; wait "$child"; echo $?; cat told
  143
  tidelock simulate: ended by SIGTERM; nothing real was touched

All help fits 80 columns.

  $ for verb in '' simulate import show replay eval capabilities version; do tidelock $verb --help; done | awk 'length($0) > 80'
