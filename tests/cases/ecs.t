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

  $ sim step_canary -p target=$SERVICE
  tidelock simulate: parameter "steps": shop/checkout cannot carry 5 %: a rolling deployment replaces all tasks, so that it carries 0 or 100 % only
  [2]
  $ sim linear -p target=$SERVICE
  tidelock simulate: parameter "step": shop/checkout cannot carry 10 %: a rolling deployment replaces all tasks, so that it carries 0 or 100 % only
  [2]
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
