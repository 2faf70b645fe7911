CloudWatch alarms. Whatever the metrics say, one that goes to ALARM undoes the rollout.

  $ canary() { tidelock simulate step_canary -p target=lambda-alias:pay:live,canary=42 -p steps=25,50 \
  >     --recording examples/checkout/checkout.ndjson "$@"; }
  $ canary -p alarms=checkout-5xx --inject alarm:checkout-5xx@7m
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     alarm:checkout-5xx@7m
    seed       1
  
  00:00:00  shift        25 % [#####...............]
  00:05:00  watched   5m at 25 %: safe
                      errors: canary 0.099 % (11 of 11081),
                        baseline 0.103 % (34 of 33168), evidence 0.00 of 4.61
                      alarms: 1 of 1 OK
  00:05:00  shift        50 % [##########..........]
  00:07:00  verdict   2m in at 50 %: harm
                      errors: canary 0.143 % (8 of 5612),
                        baseline 0.127 % (7 of 5491), evidence 0.00 of 4.61
                        (would have seen 4.71 times as many)
                      alarms: checkout-5xx is in ALARM since 2026-03-02T09:07:00Z (0s):
                        injected
  00:07:00  rollback  harm
  00:07:00  undo          0 % [....................]
  00:07:00  verified  as it was before: function:pay:live
  rolled back after 7m (exit status 10)
  [10]
  $ canary -p alarms=checkout-5xx,checkout-slow --inject alarm:checkout-slow@7m --inject alarm:checkout-5xx@7m20s | grep -A1 ALARM
                      alarms: checkout-slow is in ALARM since 2026-03-02T09:07:00Z (0s):
                        injected

By the ARN and by the name it is one alarm; one that goes off while nobody looks, or after the rollout, is not seen.

  $ canary -p judges=ratio -p judges=alarm:arn:aws:cloudwatch:eu-west-1:111122223333:alarm:checkout-5xx \
  >     --inject alarm:checkout-5xx@7m | tail -n 1
  rolled back after 7m (exit status 10)
  $ canary -p alarms=checkout-5xx --inject alarm:checkout-5xx@7m2s~50s | tail -n 1
  promoted after 15m
  $ canary -p alarms=checkout-5xx --inject alarm:another@7m | tail -n 1
  tidelock simulate: --inject alarm:another: no watch heeded this alarm
  promoted after 15m

One that is in ALARM already refuses the run, before anything was touched.

  $ canary -p alarms=checkout-5xx --inject alarm:checkout-5xx
  tidelock simulate: the alarm checkout-5xx is in ALARM already since 2026-03-02T09:00:00Z, before anything was changed: injected
  [2]
  $ canary -p judges=alarm:checkout-5xx --inject alarm:checkout-5xx@0s~1s
  tidelock simulate: the alarm checkout-5xx is in ALARM already since 2026-03-02T09:00:00Z, before anything was changed: injected
  [2]

A policy that watches nothing but alarms; what it takes for harm can wait.

  $ cat > guarded.lua <<'END'
  > local judge, rollout = require "judge", require "rollout"
  > return rollout.policy {
  >     summary = "Half of the traffic, and all of it if the alarms stay quiet.",
  >     params = { target = rollout.target(), lasting = rollout.duration "1s" },
  >     run = function(p)
  >         p.target:shift(50)
  >         p.target:watch { during = "5m", judges = { judge.alarm { "one", "all", lasting = p.lasting } } }
  >         p.target:shift(100)
  >     end,
  > }
  > END
  $ guarded() { tidelock simulate guarded.lua -p target=lambda-alias:pay:live,canary=42 "$@"; }
  $ guarded --recording examples/checkout/checkout.ndjson
  guarded: Half of the traffic, and all of it if the alarms stay quiet.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:05:00  watched   5m at 50 %: undecided
                      alarm: 2 of 2 OK
  00:05:00  shift       100 % [####################]
  promoted after 5m
  $ guarded --recording examples/checkout/checkout.ndjson --inject alarm:all@2m30s --journal harm.journal
  guarded: Half of the traffic, and all of it if the alarms stay quiet.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     alarm:all@2m30s
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:03:00  verdict   3m in at 50 %: harm
                      alarm: all is in ALARM since 2026-03-02T09:02:30Z (30s):
                        injected
  00:03:00  rollback  harm
  00:03:00  undo          0 % [....................]
  00:03:00  verified  as it was before: function:pay:live
  rolled back after 3m (exit status 10)
  [10]
  $ tidelock replay harm.journal
  the same: 18 records
  $ jq -c 'select(.kind == "tick").body.alarms' harm.journal
  {"all":{"state":"OK"},"one":{"state":"OK"}}
  {"all":{"state":"OK"},"one":{"state":"OK"}}
  {"all":{"state":"OK"},"one":{"state":"OK"}}
  {"all":{"reason":"injected","since":1772442150000,"state":"ALARM"},"one":{"state":"OK"}}
  $ guarded --recording examples/checkout/checkout.ndjson --inject alarm:all@2m30s~2m -p lasting=3m | tail -n 1
  promoted after 5m
  $ guarded --recording examples/checkout/checkout.ndjson --inject alarm:all@1m30s -p lasting=3m | grep -A1 ALARM
                      alarm: all is in ALARM since 2026-03-02T09:01:30Z (3m30s):
                        injected

However long it may last: no watch ends before it is known, and none as if metrics were missing.

  $ guarded --recording examples/checkout/checkout.ndjson --inject alarm:all@4m -p lasting=2h | grep -A1 ALARM
  00:05:00  goes on   alarm: an alarm that stays in ALARM would be harm
  02:04:00  verdict   2h4m in at 50 %: harm
                      alarm: all is in ALARM since 2026-03-02T09:04:00Z (2h):
                        injected
  $ guarded --recording examples/checkout/checkout.ndjson --inject alarm:all@4m~1h -p lasting=2h | tail -n 4
  01:04:00  watched   1h4m at 50 %: undecided
                      alarm: 2 of 2 OK
  01:04:00  shift       100 % [####################]
  promoted after 1h4m

One that the policy names itself is heeded as its watch begins.

  $ sed 's/, lasting = p.lasting//' guarded.lua > heeding.lua
  $ tidelock simulate heeding.lua -p target=lambda-alias:pay:live,canary=42 --recording examples/checkout/checkout.ndjson \
  >     --inject alarm:all@0s~30s | tail -n 8
  00:00:00  shift        50 % [##########..........]
  00:00:00  verdict   0ms in at 50 %: harm
                      alarm: all is in ALARM since 2026-03-02T09:00:00Z (0s):
                        injected
  00:00:00  rollback  harm
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  rolled back after 340ms (exit status 10)

What was recorded is followed, from the instant on at which it was seen. INSUFFICIENT_DATA is no evidence, and nobody's word
is none either.

  $ alarm() { printf '{"alarms":[{"name":"all","states":[%s]}],"format":"tidelock-recording","series":[],"source":"by hand","version":1}\n' "$1"; }
  $ state() { printf '{"at":%s,%s"state":"%s"}' "$1" "$3" "$2"; }
  $ start=1772442000000
  $ alarm "$(state $start OK),$(state $((start + 200000)) ALARM '"reason":"Threshold Crossed: 3 of 3","since":1772442190000,')" > alarm.ndjson
  $ guarded --recording alarm.ndjson
  guarded: Half of the traffic, and all of it if the alarms stay quiet.
    target     pay:live (lambda_alias)
    recording  alarm.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:04:00  verdict   4m in at 50 %: harm
                      alarm: all is in ALARM since 2026-03-02T09:03:10Z (50s):
                        Threshold Crossed: 3 of 3
  00:04:00  rollback  harm
  00:04:00  undo          0 % [....................]
  00:04:00  verified  as it was before: function:pay:live
  rolled back after 4m (exit status 10)
  [10]
  $ alarm "$(state $start OK),$(state $((start + 130000)) ALARM),$(state $((start + 170000)) OK)" > back.ndjson
  $ guarded --recording back.ndjson | tail -n 1
  promoted after 5m
  $ alarm "$(state $start INSUFFICIENT_DATA)" | sed 's/"all"/"one"/; s/}],/},{"name":"all","states":[{"at":'$start',"state":"INSUFFICIENT_DATA"}]}],/' > silent.ndjson
  $ guarded --recording silent.ndjson
  guarded: Half of the traffic, and all of it if the alarms stay quiet.
    target     pay:live (lambda_alias)
    recording  silent.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:08:00  verdict   8m in at 50 %: no data
                      alarm: 0 of 2 OK
                        2 without data, which is no evidence
  00:08:00  rollback  no data: the alarm one has no data at the end of the watch:
                      INSUFFICIENT_DATA is no evidence (its TreatMissingData says
                      what absent data is)
  00:08:00  undo          0 % [....................]
  00:08:00  verified  as it was before: function:pay:live
  no decision after 8m, and rolled back (exit status 15)
  [15]

Where there is nothing but alarms, each must be able to tell at the end: neither another one's OK nor one of before will do. Where
there are metrics, they are what the watch goes by.

  $ alarm "$(state $start INSUFFICIENT_DATA)" > half.ndjson; guarded --recording half.ndjson | grep -A3 'no data:'
  00:08:00  rollback  no data: the alarm all has no data at the end of the watch:
                      INSUFFICIENT_DATA is no evidence (its TreatMissingData says
                      what absent data is)
  00:08:00  undo          0 % [....................]
  $ alarm "$(state $start OK),$(state $((start + 70000)) INSUFFICIENT_DATA)" > once.ndjson; guarded --recording once.ndjson | tail -n 8
                      alarm: 1 of 2 OK
                        1 without data, which is no evidence
  00:08:00  rollback  no data: the alarm all has no data at the end of the watch:
                      INSUFFICIENT_DATA is no evidence (its TreatMissingData says
                      what absent data is)
  00:08:00  undo          0 % [....................]
  00:08:00  verified  as it was before: function:pay:live
  no decision after 8m, and rolled back (exit status 15)
  $ alarm "$(state $start OK),$(state $((start + 70000)) INSUFFICIENT_DATA),$(state $((start + 370000)) OK)" > again.ndjson
  $ guarded --recording again.ndjson | grep -A2 watched
  00:07:00  watched   7m at 50 %: undecided
                      alarm: 2 of 2 OK
  00:07:00  shift       100 % [####################]
  $ jq -c 'if .format then .alarms = [{name: "checkout-5xx", states: [{at: '$start', state: "INSUFFICIENT_DATA"}]}] else . end' \
  >     examples/checkout/checkout.ndjson > beside.ndjson
  $ tidelock simulate step_canary -p target=lambda-alias:pay:live,canary=42 -p steps=25,50 \
  >     -p alarms=checkout-5xx --recording beside.ndjson | tail -n 8
  00:15:00  watched   5m at 100 %: undecided
                      errors limit: 0 of 3 periods above 0.05, the last 0.0009855
                      errors before: before 0.099 % (612 of 615526),
                        canary 0.136 % (61 of 44781), evidence 0.00 of 4.61
                        (would have seen 3.64 times as many)
                      alarms: 0 of 1 OK
                        1 without data, which is no evidence
  promoted after 15m

  $ alarm "$(state $start OK),$(state $((start + 70000)) 'provider error')" > mute.ndjson
  $ guarded --recording mute.ndjson
  guarded: Half of the traffic, and all of it if the alarms stay quiet.
    target     pay:live (lambda_alias)
    recording  mute.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:05:00  verdict   5m in at 50 %: provider error
                      alarm: 1 of 2 OK
                        1 not answered
  00:05:00  rollback  provider error: the alarms were not answered at 4 looks in a
                      row
  00:05:00  undo          0 % [....................]
  00:05:00  verified  as it was before: function:pay:live
  no decision after 5m, and rolled back (exit status 15)
  [15]

An alarm that is late is waited for at the end, as long as it says.

  $ alarm "$(state $start OK),$(state $((start + 370000)) ALARM)" | sed 's/"name":"all"/&,"settle":120000/' > late.ndjson
  $ guarded --recording late.ndjson | tail -n 6
  00:07:00  verdict   7m in at 50 %: harm
                      alarm: all is in ALARM since 2026-03-02T09:06:10Z (50s)
  00:07:00  rollback  harm
  00:07:00  undo          0 % [....................]
  00:07:00  verified  as it was before: function:pay:live
  rolled back after 7m (exit status 10)
  $ alarm "$(state $start OK),$(state $((start + 430000)) ALARM)" | sed 's/"name":"all"/&,"settle":120000/' > later.ndjson
  $ guarded --recording later.ndjson | tail -n 2
  00:05:00  shift       100 % [####################]
  promoted after 7m

A recording of alarms that is none is refused with its place.

  $ alarm "$(state $start FINE)" > odd.ndjson; guarded --recording odd.ndjson
  tidelock simulate: odd.ndjson: line 1: alarm 1: state 1: the state of an alarm is "FINE", expected OK, ALARM or INSUFFICIENT_DATA
  [2]
  $ alarm "$(state $start OK),$(state $start OK)" > odd.ndjson; guarded --recording odd.ndjson
  tidelock simulate: odd.ndjson: line 1: alarm 1: state 2: "at" is 1772442000000, expected rising times from 0 on
  [2]

What such a run may do.

  $ tidelock iam step_canary -p target=lambda-alias:pay:live,canary=42 -p alarms=checkout-5xx | jq -c '.Statement[]'
  cloudwatch:DescribeAlarms: composite alarms are shown only to those who may see all
  cloudwatch:GetMetricData: metrics are no resources
  {"Action":["cloudwatch:DescribeAlarms","cloudwatch:GetMetricData"],"Effect":"Allow","Resource":["*"],"Sid":"cloudwatch1"}
  {"Action":["lambda:GetAlias","lambda:UpdateAlias"],"Effect":"Allow","Resource":["arn:*:lambda:*:*:function:pay"],"Sid":"lambda1"}
  $ tidelock iam guarded.lua -p target=lambda-alias:pay:live,canary=42 --metrics none | jq -c '.Statement[0]'
  cloudwatch:DescribeAlarms: composite alarms are shown only to those who may see all
  {"Action":["cloudwatch:DescribeAlarms"],"Effect":"Allow","Resource":["*"],"Sid":"cloudwatch1"}
  $ canary -p alarms=checkout-5xx -p alarms=checkout-5xx
  tidelock simulate: parameter "alarms": the alarm "checkout-5xx" is there twice
  [2]
  $ canary -p judges=alarm
  tidelock simulate: parameter "judges": alarm: expected at least one alarm
  [2]
  $ canary -p alarms=
  tidelock simulate: parameter "alarms": expected at least one alarm
  [2]
  $ canary -p alarms=checkout-5xx,
  tidelock simulate: parameter "alarms": expected the name or the ARN of an alarm, got ""
  [2]

Every shipped policy: fine metrics and an alarm, at the start, in its first watch, in its last one, and never.

  $ for policy in step_canary linear blue_green flag_ramp; do
  > for inject in alarm:checkout-5xx alarm:checkout-5xx@2m alarm:checkout-5xx@7m errors*1; do
  > target=lambda-alias:pay:live,canary=42
  > case $policy in flag_ramp) target=appconfig-flag:shop/production/flags/checkout ;; esac
  > more=; case $policy in step_canary|flag_ramp) more='-p steps=50,100' ;; linear) more='-p step=50' ;; esac
  > tidelock simulate $policy -p target=$target $more -p alarms=checkout-5xx --inject "$inject" \
  >     --recording examples/checkout/checkout.ndjson >/dev/null 2>&1; printf ' %s' $?; done; echo " $policy"; done
   2 10 10 0 step_canary
   2 10 10 0 linear
   2 10 10 0 blue_green
   2 10 10 0 flag_ramp
