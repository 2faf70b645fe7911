A flag's percentage is raised in steps, goes back to where it was with one call, and is as it was
wherever the run is killed.

  $ shopt -s expand_aliases
  $ alias ramp='tidelock simulate flag_ramp --recording examples/checkout/checkout.ndjson'
  $ FLAG=appconfig-flag:shop/prod/flags/new-checkout,attribute=percent

  $ ramp -p target=$FLAG -p steps=0.5,40 -p hold=2m
  flag_ramp: Raise a flag's percentage in steps, and judge those who have it against the others.
    target     shop/prod/flags/new-checkout (appconfig_flag)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  change    appconfig.create_hosted_configuration_version
  00:00:00  change    appconfig.create_deployment_strategy
  00:00:00  shift       0.5 % [....................]
  00:00:00  wait      3s
  00:13:03  watched   13m at 0.5 %: undecided
                      errors: canary 0.143 % (1 of 697),
                        baseline 0.128 % (168 of 131543), evidence 0.00 of 4.61
                        (would have seen 9.98 times as many)
                      errors limit: 0 of 3 periods above 0.05, the last 0
  00:13:04  change    appconfig.create_hosted_configuration_version
  00:13:04  shift        40 % [########............]
  00:13:04  wait      3s
  00:15:07  watched   2m at 40 %: undecided
                      errors: canary 0.067 % (3 of 4477),
                        baseline 0.120 % (8 of 6685), evidence 0.00 of 4.61
                        (would have seen 4.88 times as many)
                      errors limit: 0 of 3 periods above 0.05, the last 0.0006701
  promoted after 15m7s, with shop/prod/flags/new-checkout at 40 %
  $ ramp -p target=$FLAG --inject 'errors*5@10m'
  flag_ramp: Raise a flag's percentage in steps, and judge those who have it against the others.
    target     shop/prod/flags/new-checkout (appconfig_flag)
    recording  checkout.ndjson
    inject     errors*5@10m
    seed       1
  
  00:00:00  change    appconfig.create_hosted_configuration_version
  00:00:00  change    appconfig.create_deployment_strategy
  00:00:00  shift         1 % [....................]
  00:00:00  wait      3s
  00:10:03  watched   10m at 1 %: undecided
                      errors: canary 0.100 % (1 of 1003),
                        baseline 0.122 % (119 of 97881), evidence 0.00 of 4.61
                        (would have seen 8.65 times as many)
                      errors limit: 0 of 3 periods above 0.05, the last 0.009259
  00:10:04  change    appconfig.create_hosted_configuration_version
  00:10:04  shift         5 % [#...................]
  00:10:04  wait      3s
  00:12:07  verdict   2m in at 5 %: harm
                      errors: canary 1.633 % (9 of 551),
                        baseline 0.171 % (18 of 10503), evidence 6.07 of 4.61
                      errors limit: 0 of 3 periods above 0.05, the last 0.01633
  00:12:07  rollback  harm
  00:12:07  undo      appconfig.start_deployment
  00:12:07  verified  as it was before: application/shop/environment/prod/configuration/flags
  rolled back after 12m7s (exit status 10)
  [10]
  $ ramp -p target=$FLAG --inject 'errors*5@10m' --journal run.journal >run.txt
  [10]
  $ tidelock replay run.journal
  the same: 60 records
  $ grep -c '"undo":null' run.journal
  3

What is undone is the version in effect: one call for a ramp of two steps.

  $ jq -c 'select(.kind == "undo") | .body.request' run.journal
  {"input":{"ApplicationId":"shop","ConfigurationProfileId":"flags","ConfigurationVersion":"1","DeploymentStrategyId":"9125beb","Description":"tidelock: back to version 1","EnvironmentId":"prod","LatestDeploymentNumber":3},"operation":"appconfig.start_deployment","region":"us-east-1"}
  $ ramp -p target=$FLAG -p steps=40 -p hold=5m --inject 'errors*50' --journal one.journal >run.txt
  [10]
  $ jq -c 'select(.kind == "undo") | .body.request' one.journal
  {"input":{"AllowRevert":true,"ApplicationId":"shop","DeploymentNumber":2,"EnvironmentId":"prod"},"operation":"appconfig.stop_deployment","region":"us-east-1"}

Killed anywhere, and killed again.

  $ ramp --crash-everywhere -p target=$FLAG -p steps=5,25,100 -p hold=2m | tail -n 1
  points tried 4049, points restored 4049
  $ ramp --crash-everywhere -p target=$FLAG,strategy=zero000 -p steps=5,100 -p hold=1m | tail -n 1
  points tried 2865, points restored 2865
  $ ramp --crash-everywhere -p target=$FLAG -p hold=2m --inject 'errors*20' | tail -n 1
  points tried 1635, points restored 1635
  $ ramp --crash-everywhere -p target=$FLAG -p target=lambda-alias:pay:live,canary=42 -p steps=10,50 -p hold=1m | tail -n 1
  points tried 5491, points restored 5491

The other policies run on a flag, too.

  $ sim='tidelock simulate --crash-everywhere --recording examples/checkout/checkout.ndjson'
  $ $sim step_canary -p target=$FLAG -p bake=2m | tail -n 1
  points tried 6345, points restored 6345
  $ $sim linear -p target=$FLAG -p step=40 -p bake=2m | tail -n 1
  points tried 4033, points restored 4033
  $ $sim blue_green -p target=$FLAG -p keep=2m -p preview=10 -p preview_for=2m | tail -n 1
  points tried 2827, points restored 2827

A strategy that bakes, and a share that is too fine, are refused before anything is touched.

  $ ramp -p target=$FLAG,strategy=AppConfig.AllAtOnce
  flag_ramp: Raise a flag's percentage in steps, and judge those who have it against the others.
    target     shop/prod/flags/new-checkout (appconfig_flag)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  rollback  error: shop/prod/flags/new-checkout: strategy
                      AppConfig.AllAtOnce grows for 0 and bakes for 10 minutes; a
                      percentage needs one of 0 and 0, since it is what grows, and
                      is to be taken back at once
  refused after 200ms (exit status 2)
  tidelock simulate: shop/prod/flags/new-checkout: strategy AppConfig.AllAtOnce grows for 0 and bakes for 10 minutes; a percentage needs one of 0 and 0, since it is what grows, and is to be taken back at once
  [2]
  $ ramp -p target=$FLAG -p steps=0.005,1
  tidelock simulate: parameter "steps": shop/prod/flags/new-checkout cannot carry 0.005 %: its percentage is in steps of 0.01 %
  [2]
