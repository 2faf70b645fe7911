The least that a policy must be allowed, from a rehearsal in the simulated account.

  $ tidelock iam step_canary -p target=lambda-alias:pay:live,canary=42 | jq -c '.Statement[]'
  cloudwatch:GetMetricData: metrics are no resources
  {"Action":["cloudwatch:GetMetricData"],"Effect":"Allow","Resource":["*"],"Sid":"cloudwatch1"}
  {"Action":["lambda:GetAlias","lambda:UpdateAlias"],"Effect":"Allow","Resource":["arn:*:lambda:*:*:function:pay"],"Sid":"lambda1"}
  $ tidelock iam examples/checkout/checkout.lua | jq -c '.Statement[]'
  cloudwatch:GetMetricData: metrics are no resources
  elasticloadbalancing:DescribeRules: Elastic Load Balancing allows its reads on everything or not at all
  {"Action":["cloudwatch:GetMetricData"],"Effect":"Allow","Resource":["*"],"Sid":"cloudwatch1"}
  {"Action":["elasticloadbalancing:DescribeRules"],"Effect":"Allow","Resource":["*"],"Sid":"elasticloadbalancing1"}
  {"Action":["elasticloadbalancing:ModifyRule"],"Effect":"Allow","Resource":["arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee"],"Sid":"elasticloadbalancing2"}
  $ tidelock iam examples/checkout/checkout.lua --metrics none | jq -c '.Statement[].Action'
  elasticloadbalancing:DescribeRules: Elastic Load Balancing allows its reads on everything or not at all
  ["elasticloadbalancing:DescribeRules"]
  ["elasticloadbalancing:ModifyRule"]
  $ tidelock iam step_canary
  tidelock iam: the rehearsal was not promoted, but refused: parameter "target" is missing: expected a target, on the command line one of
    -p target=alb-listener:ARN,baseline=ARN,canary=ARN
    -p target=alb-rule:ARN,baseline=ARN,canary=ARN
    -p target=appconfig-flag:APPLICATION/ENVIRONMENT/PROFILE/FLAG,attribute=percent
    -p target=codedeploy:APPLICATION/GROUP,canary=TASK-DEFINITION
    -p target=ecs-service:CLUSTER/SERVICE,canary=TASK-DEFINITION
    -p target=lambda-alias:FUNCTION:ALIAS,canary=VERSION
    -p target=state-machine:NAME:ALIAS,canary=VERSION
  [2]

Whatever the judges look at: nothing is judged in a rehearsal, and no metric need be there for it.

  $ for judge in latency latency:thresholds=100/250 threshold:metric=latency_p99,per=none,above=800 ratio:events=conversions,trials=visits; do
  > tidelock iam step_canary -p target=lambda-alias:pay:live,canary=42 -p judges=$judge | jq -c '.Statement[1].Action'; done
  cloudwatch:GetMetricData: metrics are no resources
  ["lambda:GetAlias","lambda:UpdateAlias"]
  cloudwatch:GetMetricData: metrics are no resources
  ["lambda:GetAlias","lambda:UpdateAlias"]
  cloudwatch:GetMetricData: metrics are no resources
  ["lambda:GetAlias","lambda:UpdateAlias"]
  cloudwatch:GetMetricData: metrics are no resources
  ["lambda:GetAlias","lambda:UpdateAlias"]
  $ echo 'error "no"' > broken.lua; tidelock iam broken.lua
  tidelock iam: broken.lua:1: no
  [2]
  $ echo 'while true do end' > loops.lua; tidelock iam loops.lua
  tidelock iam: loops.lua:1: the work budget is spent (50000000 units)
  [2]
