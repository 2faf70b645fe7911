An AWS that is away for a second or for ten minutes, from any call of a run or of its rollback on, in
whatever way, is waited for: the account is as it was, and that is what is said.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --outage-everywhere --recording examples/checkout/checkout.ndjson'
  $ A=arn:aws:elasticloadbalancing:eu-west-1:111122223333
  $ RULE=alb-rule:$A:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee,baseline=$A:targetgroup/blue/73e2d6bc24d8a067,canary=$A:targetgroup/green/44b5c0e1f0a8d217
  $ LISTENER=alb-listener:$A:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2,baseline=$A:targetgroup/blue/73e2d6bc24d8a067,canary=$A:targetgroup/green/44b5c0e1f0a8d217
  $ ALIAS=lambda-alias:pay:live,canary=42
  $ MACHINE=state-machine:orders:live,canary=42
  $ FLAG=appconfig-flag:shop/prod/flags/new-checkout,attribute=percent
  $ SERVICE=ecs-service:shop/checkout,canary=checkout:43
  $ GROUP=codedeploy:shop/checkout,canary=checkout:43,interval=20m

Each shipped policy on each type of target. What is promoted in spite of it all is taken back.

  $ sim step_canary -p steps=50,100 -p bake=2m -p target=$RULE
  the run as it goes undisturbed: promoted
  from a call of the run on, AWS
    cannot be reached                                             36 tried      36 restored
    answers 500                                                   36 tried      36 restored
    throttles                                                     36 tried      36 restored
    wants other credentials                                       36 tried      36 restored
    does what it is asked, and its answers are lost               36 tried      36 restored
    does what it is asked, later than it is waited for            36 tried      36 restored
  the run was killed, and from a call of the recovery on, AWS
    cannot be reached                                             90 tried      90 restored
    answers 500                                                   90 tried      90 restored
    throttles                                                     90 tried      90 restored
    wants other credentials                                       90 tried      90 restored
    does what it is asked, and its answers are lost               90 tried      90 restored
    does what it is asked, later than it is waited for            90 tried      90 restored
  outages tried 756, outages restored 756
  $ for target in $RULE $LISTENER $ALIAS $MACHINE $FLAG; do
  >   echo "${target%%:*}"
  >   sim step_canary -p steps=50,100 -p bake=2m -p target=$target | tail -n 1
  >   sim linear -p step=50 -p bake=2m -p target=$target | tail -n 1
  >   sim blue_green -p preview=10 -p preview_for=2m -p keep=2m -p target=$target | tail -n 1
  >   sim flag_ramp -p steps=50,100 -p hold=2m -p target=$target | tail -n 1
  > done
  alb-rule
  outages tried 756, outages restored 756
  outages tried 756, outages restored 756
  outages tried 1152, outages restored 1152
  outages tried 756, outages restored 756
  alb-listener
  outages tried 756, outages restored 756
  outages tried 756, outages restored 756
  outages tried 1152, outages restored 1152
  outages tried 756, outages restored 756
  lambda-alias
  outages tried 756, outages restored 756
  outages tried 756, outages restored 756
  outages tried 756, outages restored 756
  outages tried 756, outages restored 756
  state-machine
  outages tried 792, outages restored 792
  outages tried 792, outages restored 792
  outages tried 792, outages restored 792
  outages tried 792, outages restored 792
  appconfig-flag
  outages tried 1836, outages restored 1836
  outages tried 1836, outages restored 1836
  outages tried 1836, outages restored 1836
  outages tried 1836, outages restored 1836
  $ sim step_canary -p steps=100 -p bake=2m -p target=$SERVICE | tail -n 1
  outages tried 1404, outages restored 1404
  $ sim linear -p step=100 -p target=$SERVICE | tail -n 1
  outages tried 1404, outages restored 1404
  $ sim blue_green -p keep=2m -p target=$SERVICE | tail -n 1
  outages tried 1404, outages restored 1404
  $ sim flag_ramp -p steps=100 -p hold=2m -p target=$SERVICE | tail -n 1
  outages tried 1404, outages restored 1404

Runs that were being rolled back already.

  $ for target in $RULE $LISTENER $ALIAS $MACHINE $FLAG; do
  >   sim step_canary -p steps=50,100 -p bake=2m -p target=$target --inject 'errors*20' | tail -n 1
  > done
  outages tried 792, outages restored 792
  outages tried 792, outages restored 792
  outages tried 792, outages restored 792
  outages tried 828, outages restored 828
  outages tried 1620, outages restored 1620
  $ sim blue_green -p keep=8m -p target=$SERVICE --inject errors+5%@2m | tail -n 1
  outages tried 2628, outages restored 2628

What AWS shifts itself takes many looks: some of the points.

  $ sim linear -p step=50 -p bake=1m -p target=$SERVICE,strategy=linear --one-in 41
  the run as it goes undisturbed: promoted
  from a call of the run on, AWS
    cannot be reached                                              2 tried       2 restored
    answers 500                                                    7 tried       7 restored
    throttles                                                      1 tried       1 restored
    wants other credentials                                        9 tried       9 restored
    does what it is asked, and its answers are lost                7 tried       7 restored
    does what it is asked, later than it is waited for             8 tried       8 restored
  the run was killed, and from a call of the recovery on, AWS
    cannot be reached                                             44 tried      44 restored
    answers 500                                                   34 tried      34 restored
    throttles                                                     26 tried      26 restored
    wants other credentials                                       42 tried      42 restored
    does what it is asked, and its answers are lost               42 tried      42 restored
    does what it is asked, later than it is waited for            43 tried      43 restored
  outages tried 265, outages restored 265
  $ sim blue_green -p keep=2m -p target=$SERVICE,strategy=canary --one-in 41 | tail -n 1
  outages tried 273, outages restored 273
  $ sim linear -p step=50 -p bake=3m -p target=$SERVICE,strategy=linear --one-in 41 --inject errors+9%@1m | tail -n 1
  outages tried 137, outages restored 137
  $ sim step_canary -p steps=10 -p bake=1m -p sees=0 -p target=$GROUP --one-in 13 | tail -n 1
  outages tried 407, outages restored 407
  $ sim step_canary -p steps=10 -p bake=3m -p target=$GROUP --one-in 13 --inject errors+9%@1m | tail -n 1
  outages tried 370, outages restored 370
  $ sim blue_green -p keep=1m -p sees=0 -p target=$GROUP --one-in 13 | tail -n 1
  outages tried 211, outages restored 211

Several targets at once.

  $ sim step_canary -p steps=10,50 -p bake=1m -p target=$RULE -p target=$ALIAS | tail -n 1
  outages tried 3492, outages restored 3492

A resource that the run made, and a part of it that it changed: the part goes back first.

  $ sim $TIDELOCK_ROOT/tests/fixtures/policies/made_in_parts.lua -p target=$ALIAS | tail -n 1
  outages tried 4572, outages restored 4572

What cannot be asked for together is said.

  $ sim step_canary -p target=$ALIAS --crash-everywhere
  tidelock simulate: either --crash-everywhere or --outage-everywhere
  [2]
  $ sim step_canary -p target=$ALIAS --runs 2
  tidelock simulate: --outage-everywhere is of one run: leave out --runs
  [2]
  $ sim step_canary -p target=$ALIAS --journal run.journal
  tidelock simulate: --outage-everywhere keeps no journal
  [2]
  $ sim step_canary -p target=$ALIAS -p bake=2m --format json
  {"outcome":"promoted","restored":1620,"seed":1,"tried":1620}
