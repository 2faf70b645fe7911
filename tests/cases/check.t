What is wrong with a policy is found before it runs: every mistake at its line, on branches that never run too.

  $ cp -r $TIDELOCK_ROOT/tests/fixtures/check corpus; F=corpus
  $ tidelock check $F/misspelt.lua
  corpus/misspelt.lua:17: error: judge has no "treshold"; did you mean "threshold"? [unknown-name]
  corpus/misspelt.lua:19: error: a target has no "wacth"; did you mean "watch"? [unknown-name]
  corpus/misspelt.lua:20: error: p has no "tagret"; did you mean "target"? [unknown-parameter]
  corpus/misspelt.lua:21: error: rollout has no "slep"; did you mean "sleep"? [unknown-name]
  corpus/misspelt.lua: to be given when it is run: -p target=..., a target
  [2]
  $ tidelock check $F/misspelt_options.lua $F/wrong_calls.lua
  corpus/misspelt_options.lua:15: error: watch: there is no option "durring"; did you mean "during"? [wrong-option]
  corpus/misspelt_options.lua:16: error: shift: expected a percentage from 0 to 100, got 120 [wrong-option]
  corpus/misspelt_options.lua:18: error: judge.ratio: alpha: expected a number above 0 and below 1, got 2 [wrong-option]
  corpus/misspelt_options.lua:19: error: judge.threshold: there is no option "abov"; did you mean "above"? [wrong-option]
  corpus/misspelt_options.lua: to be given when it is run: -p target=..., a target
  corpus/wrong_calls.lua:16: error: there is no operation elbv2.describe_rulez (did you mean elbv2.describe_rules?) [unknown-operation]
  corpus/wrong_calls.lua:17: error: aws.elbv2.describe_rules: RuleArns[1] must be an ARN "arn:...:elasticloadbalancing:REGION:ACCOUNT:listener-rule/...", got "checkout" [wrong-input]
  corpus/wrong_calls.lua:21: error: aws.ssm.put_parameter: Overwrite must be true or false, got "yes" [wrong-input]
  corpus/wrong_calls.lua:22: error: aws.ssm.put_parameter: Typ is not a member of this (did you mean Type?) [wrong-input]
  corpus/wrong_calls.lua:24: error: aws.lambda.update_alias: FunctionName is missing [wrong-input]
  corpus/wrong_calls.lua: to be given when it is run: -p target=..., a target
  [2]
  $ tidelock check $F/shadowed.lua step_canary
  corpus/shadowed.lua: nothing found
  corpus/shadowed.lua: to be given when it is run: -p target=..., a target
  policies/step_canary.lua: nothing found
  policies/step_canary.lua: to be given when it is run: -p target=..., a target
  $ tidelock check $F/allowed.lua --format json
  {"files":[{"file":"corpus/allowed.lua","findings":[],"missing":[{"expected":"a target (rollout.alb_listener, rollout.alb_rule, rollout.appconfig_flag, rollout.codedeploy, rollout.ecs_service, rollout.lambda_alias, rollout.state_machine) or several","name":"target"}],"notes":[]}],"version":1}

What cannot be loaded is told once, where it is.

  $ printf 'return rollout.policy {' | tidelock check -
  stdin:1: error: unexpected symbol near <eof> [load]
  [2]
  $ echo 'return 5' | tidelock check -
  stdin:1: error: a policy file returns rollout.policy { ... } or rollout.use(...), but this one returned a number [no-policy]
  [2]
  $ echo 'while true do end' | tidelock check -
  stdin:1: error: the work budget is spent (50000000 units) [load]
  [2]
  $ tidelock check none.lua step_cnary
  none.lua:1: error: none.lua: no such file, and no shipped policy of that name [load]
  step_cnary:1: error: step_cnary: no such file, and no shipped policy of that name; did you mean step_canary? [load]
  [2]
  $ mkdir team; printf 'local M = {}\nfunction M.steps() return { 5, 100 } end\nreturn M\n' > team/shares.lua
  $ printf 'local shares = require "team.shares"\nlocal rollout = require "rollout"\nreturn rollout.use("step_canary", { steps = shares.stepps() })\n' > own.lua
  $ tidelock check own.lua
  own.lua:3: error: attempt to call a nil value (field 'stepps') [load]
  own.lua:3: error: team.shares has no "stepps"; did you mean "steps"? [unknown-name]
  [2]

What a rollout file leaves open is told, and what is not given is made up for the rehearsal.

  $ tidelock check $F/holes.lua -p bake=10m
  corpus/holes.lua: nothing found
  corpus/holes.lua: to be given when it is run: -p old=..., the group in service
  corpus/holes.lua: to be given when it is run: -p new=..., the group to be
  $ tidelock check $F/holes.lua -p bake=1
  corpus/holes.lua:3: error: parameter "bake": expected a duration such as "90s", "5m" or "1h30m", got "1" [fails]
  corpus/holes.lua: to be given when it is run: -p old=..., the group in service
  corpus/holes.lua: to be given when it is run: -p new=..., the group to be
  [2]

A rule finds by what a policy does, whoever wrote how it does it.

  $ printf 'local rollout = require "rollout"\nreturn rollout.use("step_canary", { steps = { 100 } })\n' > once.lua
  $ tidelock check once.lua
  once.lua:2: warning: all traffic goes to the new version in one step: from 0 to 100 % [all-at-once]
      why: whatever is wrong with it is wrong for everybody, and nothing tells
           which version is to blame
      fix: give it a small share first, and watch: p.target:shift(5),
           p.target:watch { during = "10m" }; or begin from step_canary
  once.lua: to be given when it is run: -p target=..., a target
  [3]
  $ tidelock check once.lua -p steps=5,100
  once.lua: nothing found
  once.lua: to be given when it is run: -p target=..., a target
  $ tidelock check $F/allowed_without_a_reason.lua $F/allowed_misspelt.lua $F/allowed_for_nothing.lua | grep -v '^  '
  corpus/allowed_without_a_reason.lua:7: error: say why: -- check: allow all-at-once: the reason [allow]
  corpus/allowed_without_a_reason.lua:8: warning: all traffic goes to the new version in one step: from 0 to 100 % [all-at-once]
  corpus/allowed_without_a_reason.lua: to be given when it is run: -p target=..., a target
  corpus/allowed_misspelt.lua:7: error: there is no rule all-at-one (did you mean all-at-once?) [allow]
  corpus/allowed_misspelt.lua:8: warning: all traffic goes to the new version in one step: from 0 to 100 % [all-at-once]
  corpus/allowed_misspelt.lua: to be given when it is run: -p target=..., a target
  corpus/allowed_for_nothing.lua:8: warning: nothing is found here that no-judge would be allowed for [allow]
  corpus/allowed_for_nothing.lua: to be given when it is run: -p target=..., a target

The watches of a policy against the traffic of a service.

  $ tidelock check step_canary -p sees=0 -p bake=2m -p steps=1,100 --recording examples/checkout/checkout.ndjson
  policies/step_canary.lua:32: warning: a watch could see only a large rise of errors, on the traffic of the recording: 2m at 1 % judges 1m with 119 requests of the canary: it sees 111 times the errors; twice the errors would take 7h25m [sees-too-little]
      why: what is smaller is promoted, as undecided
      fix: watch for as long as it says, give the canary more at that step, or
           give sees and patience
  policies/step_canary.lua: to be given when it is run: -p target=..., a target
  [3]
  $ tidelock check step_canary --recording examples/checkout/checkout.ndjson
  policies/step_canary.lua: nothing found
  policies/step_canary.lua: to be given when it is run: -p target=..., a target
  $ tidelock check step_canary --recording none.ndjson
  tidelock check: none.ndjson: No such file or directory
  [2]

A policy in an account that is made up goes as far as it can.

  $ tidelock check $F/deploys.lua | grep note
  corpus/deploys.lua: note: it could be rehearsed in part only, since the account is made up: deploys.lua:11: aws.ecs.update_service: ClusterNotFoundException: Cluster not found.

  $ tidelock check
  tidelock check: FILE... is missing (see tidelock check --help)
  [2]
  $ tidelock check step_canary linear -p steps=5
  tidelock check: -p goes with one FILE
  [2]
  $ tidelock check step_canary --format xml
  tidelock check: --format is text, json, sarif or github, not "xml"
  [2]
  $ tidelock check step_canary -p stepps=5
  policies/step_canary.lua:6: error: there is no parameter "stepps"; did you mean "steps"? [fails]
  policies/step_canary.lua: to be given when it is run: -p target=..., a target
  [2]
