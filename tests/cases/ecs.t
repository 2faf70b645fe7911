An ECS service moves by rolling deployments: 0 or 100 %, and the way between takes its time.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson'
  $ SERVICE=ecs-service:shop/checkout,canary=checkout:43

  $ sim blue_green -p target=$SERVICE -p keep=3m >shown; tail -n 1 shown; grep -cE ' (shift|wait) ' shown
  promoted after 4m30s
  7
  $ sim blue_green -p target=$SERVICE --inject errors+5%@5m | tail -n 2
  00:08:01  verified  as it was before: service/shop/checkout#taskDefinition
  rolled back after 8m1s (exit status 10)
  $ sim blue_green -p target=$SERVICE,within=1m | tail -n 1
  rolled back after 2m31s (exit status 10)

Shares in between are refused before anything is touched, as is what a target cannot be.

  $ sim step_canary -p target=$SERVICE,strategy=rolling
  tidelock simulate: parameter "steps": shop/checkout cannot carry 5 %: a rolling deployment replaces all tasks, so that it carries 0 or 100 % only
  [2]
  $ sim linear -p target=$SERVICE,strategy=rolling
  tidelock simulate: parameter "step": shop/checkout cannot carry 10 %: a rolling deployment replaces all tasks, so that it carries 0 or 100 % only
  [2]
  $ sim step_canary -p target=$SERVICE 2>/dev/null | tail -n 3
  00:00:00  rollback  error: shop/checkout: cannot carry 5 %: a rolling deployment
                      replaces all tasks, so that it carries 0 or 100 % only
  refused after 60ms (exit status 2)
  $ sim step_canary -p target=$SERVICE -p steps=100 | tail -n 1
  promoted after 6m30s
  $ sim blue_green -p target=ecs-service:shop/checkout,canary=checkout
  tidelock simulate: parameter "target": ecs-service: canary: expected a revision of a task definition ("shop:42", or its ARN), got "checkout"
  [2]

It moves together with others, and is replayed.

  $ sim blue_green -p target=$SERVICE -p target=lambda-alias:pay:live,canary=42 -p keep=3m -j j | tail -n 1
  promoted after 4m30s
  $ tidelock replay j | tail -n 1
  the same: 60 records

Where ECS shifts the traffic itself, shares are held, and each step takes a word.

  $ SHIFTED=$SERVICE,strategy=linear
  $ sim step_canary -p target=$SHIFTED -p steps=20,50 -p bake=2m -p sees=0 -j shifted | grep -E ' (shift|change|notify) |promoted'
  00:00:00  change    ecs.update_service
  00:00:00  shift         0 % [....................]
  00:01:01  shift        10 % [##..................]
  00:01:11  shift        20 % [####................]
  00:01:21  notify    shop/checkout: ECS waits for up to 1h18m, and takes the canary back by itself at 2026-03-02 10:19 UTC, unless it is told before to go on
  00:03:22  shift        30 % [######..............]
  00:03:32  shift        40 % [########............]
  00:03:43  shift        50 % [##########..........]
  00:03:53  notify    shop/checkout: ECS waits for up to 1h18m, and takes the canary back by itself at 2026-03-02 10:21 UTC, unless it is told before to go on
  00:05:53  shift        60 % [############........]
  00:06:03  shift        70 % [##############......]
  00:06:14  shift        80 % [################....]
  00:06:24  shift        90 % [##################..]
  00:06:35  shift       100 % [####################]
  00:06:45  notify    shop/checkout: ECS waits for up to 1h18m, and takes the canary back by itself at 2026-03-02 10:24 UTC, unless it is told before to go on
  00:08:45  change    ecs.continue_service_deployment
  00:09:15  change    ecs.update_service
  promoted after 9m16s
  $ tidelock replay shifted | tail -n 1
  the same: 196 records
  $ sim linear -p target=$SHIFTED -p step=50 -p sees=0 --inject errors+5%@3m | tail -n 7
  00:04:11  rollback  harm
  00:04:11  undo          0 % [....................]
  00:04:11  probe     service/shop/checkout#taskDefinition: put back, and AWS is still carrying it out
  00:04:56  verified  as it was before: service/shop/checkout#taskDefinition
  00:04:57  undo      ecs.update_service
  00:04:57  verified  as it was before: service/shop/checkout#deploymentConfiguration
  rolled back after 4m57s (exit status 10)
  $ sim step_canary -p target=$SHIFTED -p steps=1 -p bake=1m -p sees=0 | grep -E ' shift |promoted'
  00:00:00  shift         0 % [....................]
  00:01:01  shift         1 % [....................]
  00:03:11  shift       100 % [####################]
  promoted after 5m52s

Shares that ECS cannot hold are refused before anything is touched, with the nearest that it can, and so is more than a day at a step. A watch that is longer than ECS waits is not begun.

  $ sim step_canary -p target=$SHIFTED -p steps=2,10,50
  tidelock simulate: parameter "steps": shop/checkout cannot carry 2, 10, 50 %: ECS goes in equal steps of at least 3 %, or once and then to 100 %; the nearest that it can carry: 3, 9, 51 %
  [2]
  $ sim step_canary -p target=$SHIFTED -p bake=24h 2>/dev/null | tail -n 1
  refused after 60ms (exit status 2)
  $ sim step_canary -p target=$SHIFTED,pause=10m -p sees=0 -p bake=20m 2>/dev/null | grep -oE 'watch: shop/checkout: may take|20m, and ECS takes the canary back after 10m'
  watch: shop/checkout: may take
  20m, and ECS takes the canary back after 10m

It moves together with others, and iam prints what it needs.

  $ sim blue_green -p target=$SHIFTED -p target=lambda-alias:pay:live,canary=42 -p keep=3m | tail -n 1
  promoted after 4m42s
  $ tidelock iam blue_green -p target=$SHIFTED 2>/dev/null | grep -oE '"(ecs|elasticloadbalancing):[A-Za-z]+"' | sort -u
  "ecs:ContinueServiceDeployment"
  "ecs:DescribeServiceDeployments"
  "ecs:DescribeServiceRevisions"
  "ecs:DescribeServices"
  "ecs:DescribeTaskDefinition"
  "ecs:ListServiceDeployments"
  "ecs:StopServiceDeployment"
  "ecs:UpdateService"
  "elasticloadbalancing:DescribeRules"

What others deploy is taken back; iam prints what that may need.

  $ sim take_back -p target=ecs-service:shop/checkout | tail -n 2
  00:00:00  notify    shop/checkout: there is nothing to take back: nothing is under way, and AWS has no record of what ran before
  promoted after 120ms, with shop/checkout not shifted
  $ sim blue_green -p target=ecs-service:shop/checkout
  tidelock simulate: parameter "preview": shop/checkout lacks its canary: which revision is to be rolled out?
  [2]
  $ tidelock iam take_back -p target=ecs-service:shop/checkout 2>/dev/null | grep -oE '"(ecs|elasticloadbalancing):[A-Za-z]+"' | sort -u
  "ecs:ContinueServiceDeployment"
  "ecs:DescribeServiceDeployments"
  "ecs:DescribeServiceRevisions"
  "ecs:DescribeServices"
  "ecs:DescribeTaskDefinition"
  "ecs:ListServiceDeployments"
  "ecs:StopServiceDeployment"
  "ecs:UpdateService"
  "elasticloadbalancing:DescribeRules"

A rule that ECS shifts itself is no target of its own.

  $ B=arn:aws:elasticloadbalancing:us-east-1:123456789012
  $ sim blue_green -p target=$SHIFTED -p target=alb-rule:$B:listener-rule/app/checkout/6d8e2d252356939b/6d8e2d252356939b/6d8e2d252356939b,baseline=$B:targetgroup/checkout-blue/9ce950fb76dcf97f,canary=$B:targetgroup/checkout-green/1f6ab5d5f46213da 2>&1 | tail -n 2
  refused after 320ms (exit status 2)
  tidelock simulate: listener-rule/app/checkout/6d8e2d252356939b/6d8e2d252356939b/6d8e2d252356939b: belongs to the service shop/checkout, whose traffic ECS itself shifts: give ecs-service:shop/checkout instead
