An alias of a state machine moves by whole percents.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson'
  $ ALIAS=state-machine:orders:live,canary=42

  $ sim step_canary -p target=$ALIAS -j j | grep -E 'target|shift|promoted'
    target     orders:live (state_machine)
  00:00:00  shift         5 % [#...................]
  00:05:00  shift        10 % [##..................]
  00:10:00  shift        25 % [#####...............]
  00:15:00  shift        50 % [##########..........]
  00:20:00  shift       100 % [####################]
  promoted after 25m
  $ tidelock replay j
  the same: 58 records
  $ sim step_canary -p target=$ALIAS,name=orders --inject 'errors*4@7m' | tail -n 5
                        baseline 0.127 % (50 of 39381), evidence 8.49 of 4.61
  00:10:00  rollback  harm
  00:10:00  undo          0 % [....................]
  00:10:00  verified  as it was before: orders
  rolled back after 10m (exit status 10)
  $ sim linear -p target=$ALIAS -p step=12.5
  tidelock simulate: parameter "step": orders:live cannot carry 12.5 %: its weights are in steps of 1 %
  [2]
  $ sim linear -p target=$ALIAS -p step=20 | tail -n 1
  promoted after 25m
  $ sim blue_green -p target=$ALIAS -p target=lambda-alias:pay:live,canary=42 -p keep=3m | tail -n 1
  promoted after 3m
  $ sim flag_ramp -p target=$ALIAS -p hold=2m | tail -n 1
  promoted after 20m1s
  $ tidelock iam step_canary -p target=$ALIAS | grep -E 'Action|Resource|states:|stateMachine'
  cloudwatch:GetMetricData: metrics are no resources
  states:ListStateMachines: AWS has no resource for what is listed
  {"Statement":[{"Action":["cloudwatch:GetMetricData"],"Effect":"Allow","Resource":["*"],"Sid":"cloudwatch1"},{"Action":["states:DescribeStateMachineAlias","states:UpdateStateMachineAlias"],"Effect":"Allow","Resource":["arn:aws:states:us-east-1:123456789012:stateMachine:orders:live"],"Sid":"states1"},{"Action":["states:ListStateMachines"],"Effect":"Allow","Resource":["*"],"Sid":"states2"}],"Version":"2012-10-17"}
