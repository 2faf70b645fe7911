CodeDeploy shifts an ECS service to one share, and then to all; it is judged, and taken back by a stop.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson'
  $ GROUP=codedeploy:shop/checkout,canary=checkout:43,interval=20m

  $ sim step_canary -p target=$GROUP -p steps=10 -p sees=0 -j j | grep -v ' wait '
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     shop/checkout (codedeploy)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  change    codedeploy.create_deployment_config
  00:00:00  change    cloudwatch.put_metric_alarm
  00:00:01  shift        10 % [##..................]
  00:06:01  watched   5m at 10 %: safe
                      errors: canary 0.022 % (1 of 4474),
                        baseline 0.110 % (44 of 39864), evidence 0.00 of 4.61
  00:26:02  watched   5m at 100 %: undecided
                      errors limit: 0 of 3 periods above 0.05, the last 0.001007
                      errors before: before 0.103 % (645 of 625819),
                        canary 0.104 % (45 of 43281), evidence 0.00 of 4.61
                        (would have seen 3.76 times as many)
  00:27:02  change    cloudwatch.delete_alarms
  00:27:03  change    codedeploy.delete_deployment_config
  promoted after 27m3s
  $ tidelock replay j | tail -n 1
  the same: 125 records
  $ sim step_canary -p target=$GROUP -p steps=10 -p sees=0 --inject errors+5%@3m | grep -v ' wait '
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     shop/checkout (codedeploy)
    recording  checkout.ndjson
    inject     errors+5%@3m
    seed       1
  
  00:00:00  change    codedeploy.create_deployment_config
  00:00:00  change    cloudwatch.put_metric_alarm
  00:00:01  shift        10 % [##..................]
  00:04:01  verdict   3m in at 10 %: harm
                      errors: canary 2.400 % (53 of 2208),
                        baseline 0.070 % (14 of 19898), evidence 54.17 of 4.61
  00:04:01  rollback  harm
  00:04:01  undo      codedeploy.stop_deployment
  00:04:01  probe     deploymentgroup:shop/checkout: put back, and AWS is still carrying it out
  00:04:01  undo      cloudwatch.delete_alarms
  00:04:01  verified  as it was before: alarm:tidelock-shop-checkout-alive
  00:04:02  undo      codedeploy.delete_deployment_config
  00:04:02  verified  as it was before: deploymentconfig:tidelock-shop-checkout-10-20
  00:04:31  verified  as it was before: deploymentgroup:shop/checkout
  rolled back after 4m31s (exit status 10)
  $ sim blue_green -p target=$GROUP -p keep=3m -p sees=0 | tail -n 1
  promoted after 6m1s

What CodeDeploy cannot do is refused.

  $ sim step_canary -p target=$GROUP
  tidelock simulate: parameter "steps": shop/checkout cannot carry 5 % and 10 %: CodeDeploy holds one share, and then goes on to all
  [2]
  $ sim linear -p target=$GROUP -p step=12.5
  tidelock simulate: parameter "step": shop/checkout cannot carry 12.5 % and 25 %: CodeDeploy holds one share, and then goes on to all
  [2]
  $ sim blue_green -p target=codedeploy:shop/checkout,canary=checkout:43,interval=90s
  tidelock simulate: parameter "target": codedeploy: .interval must be whole minutes, and two days at most
  [2]
  $ sim step_canary -p target=$GROUP -p steps=10 | tail -n 1
  policy failed after 1m31s (exit status 16)
