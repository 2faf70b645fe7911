The last watch does not end in the midst of what it should see. A canary that is gone, or fails, is broken at
one minute after the other: it is promoted only where that began as the last watch was over.

  $ sh $TIDELOCK_ROOT/tests/fixtures/recordings/last_watch.sh
  step_canary   crash from 25 26  errors+50% from 25 26  errors+5% from 25 26
  linear        crash from 50 51  errors+50% from 50 51  errors+5% from 50 51
  flag_ramp     crash from 60 61  errors+50% from 60 61  errors+5% from 60 61
  blue_green    crash from 10 11  errors+50% from 10 11  errors+5% from 10 11

With metrics that are seen two minutes late, and five.

  $ sh $TIDELOCK_ROOT/tests/fixtures/recordings/last_watch.sh --settle 2m
  step_canary   crash from 25 26  errors+50% from 25 26  errors+5% from 25 26
  linear        crash from 50 51  errors+50% from 50 51  errors+5% from 50 51
  flag_ramp     crash from 61  errors+50% from 61  errors+5% from 61
  blue_green    crash from 10 11  errors+50% from 10 11  errors+5% from 10 11
  $ sh $TIDELOCK_ROOT/tests/fixtures/recordings/last_watch.sh --settle 5m
  step_canary   crash from  errors+50% from  errors+5% from
  linear        crash from  errors+50% from  errors+5% from
  flag_ramp     crash from  errors+50% from  errors+5% from
  blue_green    crash from 10 11  errors+50% from 10 11  errors+5% from 10 11

What is in doubt is told, and is in the journal; a replay looks on as long.

  $ run() {
  >     tidelock simulate blue_green -p target=lambda-alias:pay:live,canary=42 \
  >         --recording $TIDELOCK_ROOT/examples/checkout/checkout.ndjson "$@"
  > }
  $ run --inject crash@9m --journal gone | sed -n '/goes on/p; /rollback/p; $p'
  00:10:00  goes on   no requests were seen in either arm for 1 period
  00:11:00  goes on   no requests were seen in either arm for 2 periods
  00:12:00  rollback  no data: no requests were seen in either arm for 3 periods
  no decision after 12m, and rolled back (exit status 15)
  $ tidelock replay gone
  the same: 30 records
  $ run --inject crash@9m --settle 2m --journal late | sed -n '/goes on/p; /rollback/p; $p'
  00:14:00  goes on   no requests were seen in either arm for 1 period
  00:17:00  goes on   no requests were seen in either arm for 2 periods
  00:18:00  rollback  no data: no requests were seen in either arm for 3 periods
  no decision after 18m, and rolled back (exit status 15)
  $ tidelock replay late
  the same: 37 records

