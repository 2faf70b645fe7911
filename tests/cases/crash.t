A run that is killed anywhere, and killed again while it is put back, leaves the account as it was.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --crash-everywhere --recording examples/checkout/checkout.ndjson'
  $ A=arn:aws:elasticloadbalancing:eu-west-1:111122223333
  $ RULE=alb-rule:$A:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee,baseline=$A:targetgroup/blue/73e2d6bc24d8a067,canary=$A:targetgroup/green/44b5c0e1f0a8d217
  $ LISTENER=alb-listener:$A:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2,baseline=$A:targetgroup/blue/73e2d6bc24d8a067,canary=$A:targetgroup/green/44b5c0e1f0a8d217
  $ ALIAS=lambda-alias:pay:live,canary=42
  $ SHIFTED=ecs-service:shop/checkout,canary=checkout:43,strategy=linear
  $ GROUP=codedeploy:shop/checkout,canary=checkout:43,interval=20m

  $ sim step_canary -p bake=2m -p target=$RULE
  the run as it goes undisturbed: promoted, 42 records
  killed once
    killed before anything more was sent                                      42 tried      42 restored
    killed while waiting; what was sent is lost                               41 tried      41 restored
    killed while waiting; what was sent lands during the recovery             41 tried      41 restored
    killed while waiting; what was sent landed before the recovery            41 tried      41 restored
    the next record torn after its first byte                                 41 tried      41 restored
    the next record torn in its middle                                        41 tried      41 restored
    the next record torn before its newline                                   41 tried      41 restored
    the next record's space full of zeros                                     41 tried      41 restored
  killed again in the recovery
    killed before anything more was sent                                     588 tried     588 restored
    killed while waiting; what was sent is lost                              508 tried     508 restored
    killed while waiting; what was sent lands during the recovery            508 tried     508 restored
    the next record torn in its middle                                       508 tried     508 restored
  points tried 2441, points restored 2441
  $ sim step_canary -p bake=2m -p target=$LISTENER | tail -n 1
  points tried 2441, points restored 2441
  $ sim step_canary -p bake=2m -p target=$ALIAS | tail -n 1
  points tried 2439, points restored 2439
  $ sim linear -p step=40 -p bake=2m -p target=$RULE | tail -n 1
  points tried 1617, points restored 1617
  $ sim linear -p step=40 -p bake=2m -p target=$LISTENER | tail -n 1
  points tried 1617, points restored 1617
  $ sim linear -p step=40 -p bake=2m -p target=$ALIAS | tail -n 1
  points tried 1531, points restored 1531
  $ sim blue_green -p keep=2m -p preview=10 -p preview_for=2m -p target=$RULE | tail -n 1
  points tried 1907, points restored 1907
  $ sim blue_green -p keep=2m -p preview=10 -p preview_for=2m -p target=$LISTENER | tail -n 1
  points tried 1907, points restored 1907
  $ sim blue_green -p keep=2m -p preview=10 -p preview_for=2m -p target=$ALIAS | tail -n 1
  points tried 1135, points restored 1135

Runs that were being rolled back already, and several targets at once.

  $ sim step_canary -p bake=2m -p target=$RULE --inject 'errors*20' | tail -n 1
  points tried 637, points restored 637
  $ sim step_canary -p steps=10,50 -p bake=1m -p target=$RULE -p target=$ALIAS | tail -n 1
  points tried 5227, points restored 5227

A policy that touches everything, in parts and side by side.

  $ sim $TIDELOCK_ROOT/tests/fixtures/policies/everything.lua -p rule=$RULE -p listener=$LISTENER -p alias=$ALIAS
  the run as it goes undisturbed: policy failed, 68 records
  killed once
    killed before anything more was sent                                      68 tried      68 restored
    killed while waiting; what was sent is lost                               67 tried      67 restored
    killed while waiting; what was sent lands during the recovery             67 tried      67 restored
    killed while waiting; what was sent landed before the recovery            67 tried      67 restored
    the next record torn after its first byte                                 67 tried      67 restored
    the next record torn in its middle                                        67 tried      67 restored
    the next record torn before its newline                                   67 tried      67 restored
    the next record's space full of zeros                                     67 tried      67 restored
  killed again in the recovery
    killed before anything more was sent                                    2759 tried    2759 restored
    killed while waiting; what was sent is lost                             2627 tried    2627 restored
    killed while waiting; what was sent lands during the recovery           2627 tried    2627 restored
    the next record torn in its middle                                      2627 tried    2627 restored
  points tried 11177, points restored 11177

What AWS shifts itself takes many looks: some of the points.

  $ sim blue_green -p keep=2m -p target=$SHIFTED --one-in 23
  the run as it goes undisturbed: promoted, 84 records
  killed once
    killed before anything more was sent                                       3 tried       3 restored
    killed while waiting; what was sent is lost                                2 tried       2 restored
    killed while waiting; what was sent lands during the recovery              4 tried       4 restored
    killed while waiting; what was sent landed before the recovery             7 tried       7 restored
    the next record torn after its first byte                                  4 tried       4 restored
    the next record torn in its middle                                         7 tried       7 restored
    the next record torn before its newline                                    4 tried       4 restored
    the next record's space full of zeros                                      3 tried       3 restored
  killed again in the recovery
    killed before anything more was sent                                       4 tried       4 restored
    killed while waiting; what was sent is lost                                6 tried       6 restored
    killed while waiting; what was sent lands during the recovery             15 tried      15 restored
    the next record torn in its middle                                         8 tried       8 restored
  points tried 67, points restored 67
  $ sim linear -p step=50 -p bake=1m -p target=$SHIFTED --one-in 31 | tail -n 1
  points tried 35, points restored 35
  $ sim linear -p step=50 -p bake=3m -p target=$SHIFTED --one-in 23 --inject errors+9%@1m | tail -n 1
  points tried 47, points restored 47
  $ sim step_canary -p steps=10 -p bake=1m -p sees=0 -p target=$GROUP --one-in 23 | tail -n 1
  points tried 90, points restored 90
  $ sim step_canary -p steps=10 -p bake=3m -p target=$GROUP --one-in 17 --inject errors+9%@1m | tail -n 1
  points tried 27, points restored 27
  $ sim blue_green -p keep=1m -p sees=0 -p target=$GROUP --one-in 7 | tail -n 1
  points tried 164, points restored 164
  $ tidelock simulate linear -p target=$ALIAS --one-in 7 --recording examples/checkout/checkout.ndjson
  tidelock simulate: --one-in is of --crash-everywhere and --outage-everywhere
  [2]
  $ sim linear -p target=$ALIAS --one-in 0
  tidelock simulate: --one-in must be 1 to 1000000
  [2]
