Wherever the run is killed, what is hard to put back is put back, too.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --crash-everywhere --recording examples/checkout/checkout.ndjson'
  $ ALIAS=lambda-alias:pay:live,canary=42
  $ P=$TIDELOCK_ROOT/tests/fixtures/policies

One resource by three names, branches that change it at the same time, and what was made and then changed.

  $ sim $P/two_names.lua -p target=$ALIAS | tail -n 1
  points tried 779, points restored 779
  $ sim $P/side_by_side.lua -p target=$ALIAS | tail -n 1
  points tried 687, points restored 687
  $ sim $P/made_and_changed.lua -p target=$ALIAS | tail -n 1
  points tried 1283, points restored 1283

A service of ECS, whose deployments take their time.

  $ SERVICE=ecs-service:shop/checkout,canary=checkout:43
  $ sim blue_green -p target=$SERVICE -p keep=2m | tail -n 1
  points tried 3391, points restored 3391
  $ sim blue_green -p target=$SERVICE --inject errors+5%@2m -p keep=8m | tail -n 1
  points tried 3993, points restored 3993

An alias of a state machine.

  $ MACHINE=state-machine:orders:live,canary=42
  $ sim step_canary -p target=$MACHINE -p bake=2m | tail -n 1
  points tried 2629, points restored 2629
  $ sim step_canary -p target=$MACHINE --inject 'errors*4@3m' | tail -n 1
  points tried 1271, points restored 1271

CodeDeploy's deployments, with what is made for them.

  $ GROUP=codedeploy:shop/checkout,canary=checkout:43,interval=15m
  $ sim blue_green -p target=$GROUP -p keep=2m -p sees=0 | tail -n 1
  points tried 6157, points restored 6157
