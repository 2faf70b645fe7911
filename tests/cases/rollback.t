What is hard to put back is put back too, or refused before it is done.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ P=$TIDELOCK_ROOT/tests/fixtures/policies

One resource by three names.

  $ sim $P/two_names.lua
  two_names: One alias by three names.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  change    lambda.update_alias
  00:00:00  change    lambda.update_alias
  00:00:00  rollback  error: two_names.lua:22: enough
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 600ms (exit status 16)
  [16]

Branches that change one resource at the same time.

  $ sim $P/side_by_side.lua
  side_by_side: Two branches, one alias.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  change    lambda.update_alias
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  error: side_by_side.lua:22: enough
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]

What was made first goes last.

  $ sim $P/made_and_changed.lua
  made_and_changed: An alarm, made and changed.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  change    cloudwatch.put_metric_alarm
  00:00:00  change    cloudwatch.disable_alarm_actions
  00:00:00  change    cloudwatch.enable_alarm_actions
  00:00:00  change    cloudwatch.put_metric_alarm
  00:00:00  rollback  error: made_and_changed.lua:28: enough
  00:00:00  verified  as it was before: alarm:errors#actions
  00:00:00  undo      cloudwatch.delete_alarms
  00:00:00  verified  as it was before: alarm:errors
  policy failed after 910ms (exit status 16)
  [16]

A watch may not look for ever.

  $ cat > looks.lua <<'END'
  > local judge, rollout = require "judge", require "rollout"
  > return rollout.policy {
  >     summary = "Looks and looks.",
  >     params = { target = rollout.target() },
  >     run = function(p)
  >         p.target:shift(5)
  >         while true do
  >             p.target:watch { during = "300d", every = "1s", decide = true }
  >         end
  >     end,
  > }
  > END
  $ sim looks.lua | tail -n 6
                      errors: canary no requests,
                        baseline no requests, evidence 0.00 of 4.61
  06:56:41  rollback  budget: the policy's watches looked more than 25000 times
  06:56:41  undo          0 % [....................]
  06:56:41  verified  as it was before: function:pay:live
  policy failed after 6h56m41s (exit status 16)

Time does not go on for ever either.

  $ echo 'local r = require "rollout" return r.policy { summary = "Sleeps.", params = { target = r.target() }, run = function(p) p.target:shift(5) while true do r.sleep "360d" end end }' > sleeps.lua
  $ sim sleeps.lua | tail -n 5
  69888960:00:00  rollback  error: sleeps.lua:1: rollout.sleep: invalid: sleep: it would
                      end after the year 9999
  69888960:00:00  undo          0 % [....................]
  69888960:00:00  verified  as it was before: function:pay:live
  policy failed after 69888960h (exit status 16)
