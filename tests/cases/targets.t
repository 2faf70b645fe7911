Targets that were given names, and members of them given alone.

  $ cat >shop.lua <<'END'
  > local rollout = require "rollout"
  > 
  > return rollout.use("blue_green", {
  >     keep = "2m",
  >     target = {
  >         rollout.lambda_alias { name = "pay", ["function"] = "pay", alias = "live", canary = "42" },
  >         rollout.lambda_alias { ["function"] = "cart", alias = "live", canary = 7 },
  >     },
  > })
  > END
  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson --journal shop.journal \
  >     -p target.pay.canary=43 -p target.2.canary=8
  blue_green: Switch all traffic to the new version at once, and keep the old one for a while.
    target     pay (lambda_alias pay:live)
    target     cart:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift       100 % [####################]  pay
  00:00:00  shift       100 % [####################]  cart:live
  00:02:00  watched   2m at 100 %, pay: undecided
                      errors limit: 0 of 1 periods above 0.02, the last 0.001554
                      errors before: before 0.101 % (666 of 659974),
                        canary 0.155 % (17 of 10941), evidence 0.00 of 4.61
                        (would have seen 5.11 times as many)
  00:02:00  watched   2m at 100 %, cart:live: undecided
                      errors limit: 0 of 1 periods above 0.02, the last 0.001554
                      errors before: before 0.101 % (666 of 659974),
                        canary 0.155 % (17 of 10941), evidence 0.00 of 4.61
                        (would have seen 5.11 times as many)
  promoted after 2m
  $ grep -o '"targets":[^]]*]' shop.journal
  "targets":[{"alias":"live","canary":"43","function":"pay","name":"pay","type":"lambda_alias"},{"alias":"live","canary":"8","function":"cart","type":"lambda_alias"}]
  $ tidelock show shop.journal | head -3
  blue_green: Switch all traffic to the new version at once, and keep the old one for a while.
    target     pay (lambda_alias pay:live)
    target     cart:live (lambda_alias)
  $ tidelock replay shop.journal
  the same: 30 records

A name changes no number that is drawn.

  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson -p target.pay.name=till \
  >     | sed 's/till/pay/' >named.txt
  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson >other.txt
  $ diff named.txt other.txt

What is no member, no target, or not clear which, is said before anything is begun.

  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson -p target.canary=43
  tidelock simulate: parameter "target.canary": there are 2 targets: say of which, as in 2.canary; there are: 2, pay
  [2]
  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson -p target.payy.canary=43
  tidelock simulate: parameter "target.payy.canary": there is no target "payy"; did you mean "pay"?
  [2]
  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson -p target.pay.canry=43
  tidelock simulate: parameter "target.pay.canry": lambda-alias has no member "canry"; did you mean "canary"?
  [2]
  $ tidelock simulate shop.lua --recording examples/checkout/checkout.ndjson -p keep.canary=43
  tidelock simulate: parameter "keep" is no target, and has no member "canary"
  [2]
  $ tidelock simulate blue_green --recording examples/checkout/checkout.ndjson -p target.canary=43
  tidelock simulate: parameter "target" is missing: expected a target, on the command line one of
    -p target=alb-listener:ARN,baseline=ARN,canary=ARN
    -p target=alb-rule:ARN,baseline=ARN,canary=ARN
    -p target=appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    -p target=codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    -p target=ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    -p target=lambda-alias:FUNCTION:ALIAS,canary=VERSION
    -p target=state-machine:NAME:ALIAS,canary=VERSION
  [2]

An ECS cluster is called by its ARN as text, too.

  $ tidelock simulate blue_green --recording examples/checkout/checkout.ndjson -p keep=2m \
  >     -p target=ecs-service:arn:aws:ecs:eu-west-1:111122223333:cluster/shop/checkout,canary=shop:42
  blue_green: Switch all traffic to the new version at once, and keep the old one for a while.
    target     shop/checkout (ecs_service)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift       100 % [####################]
  00:00:00  wait      15s
  00:00:15  wait      15s
  00:00:30  wait      15s
  00:00:45  wait      15s
  00:01:00  wait      15s
  00:01:15  wait      15s
  00:03:30  watched   2m at 100 %: undecided
                      errors limit: 0 of 1 periods above 0.02, the last 0.0007103
                      errors before: before 0.101 % (666 of 659403),
                        canary 0.071 % (8 of 11263), evidence 0.00 of 4.61
                        (would have seen 5.06 times as many)
  promoted after 3m30s

Targets of one name in several regions are several, and each is put back where it is.

  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson --journal places.journal \
  >     -p steps=50 -p target=lambda-alias:pay:live,canary=2 \
  >     -p target=lambda-alias:pay:live,canary=2,region=eu-west-1 -p target=state-machine:o:live,canary=2,region=us-west-2 \
  >     --inject errors+20% | grep -v evidence
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    target     pay:live@eu-west-1 (lambda_alias)
    target     o:live@us-west-2 (state_machine)
    recording  checkout.ndjson
    inject     errors+20%
    seed       1
  
  00:00:00  shift        50 % [##########..........]  pay:live
  00:00:00  shift        50 % [##########..........]  pay:live@eu-west-1
  00:00:00  shift        50 % [##########..........]  o:live@us-west-2
  00:02:00  verdict   2m in at 50 %, pay:live: harm
                      errors: canary 20.514 % (1126 of 5489),
  00:02:00  rollback  harm
  00:02:00  undo          0 % [....................]  pay:live@eu-west-1
  00:02:00  undo          0 % [....................]  pay:live
  00:02:00  undo          0 % [....................]  o:live@us-west-2
  00:02:00  verified  as it was before: pay:live@eu-west-1
  00:02:00  verified  as it was before: function:pay:live
  00:02:00  verified  as it was before: o:live@us-west-2
  rolled back after 2m (exit status 10)
  $ tidelock replay places.journal
  the same: 40 records
  $ grep -o '"identity":"[^"]*"' places.journal | sort -u
  "identity":"arn:aws:lambda:eu-west-1:123456789012:function:pay:live"
  "identity":"arn:aws:lambda:us-east-1:123456789012:function:pay:live"
  "identity":"arn:aws:states:us-west-2:123456789012:stateMachine:o:live"
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson --crash-everywhere -p steps=50 -p bake=1m \
  >     -p target=lambda-alias:pay:live,canary=2 -p target=lambda-alias:pay:live,canary=2,region=eu-west-1 | tail -1
  points tried 3983, points restored 3983
  $ tidelock iam step_canary -p target=lambda-alias:pay:live,canary=2,region=eu-west-1 2>&1 | grep -o '"arn:[^"]*"'
  "arn:*:lambda:eu-west-1:*:function:pay"
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:arn:aws:lambda:eu-west-1:111122223333:function:pay:live,canary=2,region=us-east-1
  tidelock simulate: parameter "target": lambda-alias: its function is in eu-west-1, and not in us-east-1
  [2]

A rollout file leaves a hole that the pipeline must fill: nothing begins before.

  $ cat >pay.lua <<'END'
  > local rollout = require "rollout"
  > local version = rollout.given("version", "the version that CI has just published")
  > 
  > return rollout.use("blue_green", {
  >     keep = "2m",
  >     target = rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = version },
  > })
  > END
  $ tidelock simulate pay.lua --recording examples/checkout/checkout.ndjson
  tidelock simulate: pay.lua:2: "version" is not given (-p version=...): the version that CI has just published
  [2]
  $ tidelock simulate pay.lua --recording examples/checkout/checkout.ndjson --journal pay.journal \
  >     -p version=43 | tail -n 1
  promoted after 2m
  $ grep -o '"targets":[^]]*]' pay.journal
  "targets":[{"alias":"live","canary":"43","function":"pay","type":"lambda_alias"}]
  $ tidelock replay pay.journal
  the same: 17 records
