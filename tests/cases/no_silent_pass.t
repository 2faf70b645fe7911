Every shipped policy over rollouts that are broken in ways which are easily missed, each of them recorded
as the policy splits the traffic. What is fine is promoted, and nothing else.

needs: lua5.4 jq

  $ export KINDS="fine silent-baseline small-periods errors-missing errors-null errors-late all-at-once"
  $ sh $TIDELOCK_ROOT/tests/fixtures/recordings/exits.sh
                       step_canary linear      blue_green  flag_ramp
  fine                 0           0           0           0
  silent-baseline      15          15          10          15
  small-periods        10          10          10          10
  errors-missing       15          15          15          15
  errors-null          15          15          15          15
  errors-late          10          10          10          10
  all-at-once          10          10          10          10

What was seen of a minute and what it was in the end both stand in the journal, and a replay judges the same.

  $ lua5.4 $TIDELOCK_ROOT/tests/fixtures/recordings/broken.lua errors-late blue_green > late.ndjson
  $ tidelock simulate blue_green -p target=lambda-alias:pay:live,canary=42 --start 2026-03-02T09:00:00Z \
  >     --recording late.ndjson --journal late | tail -n 1
  rolled back after 6m (exit status 10)
  $ jq -c 'select(.kind == "tick") | .body.periods[] | [.at / 60000 % 60, .metrics.errors.canary]' late
  [1,0]
  [2,0]
  [3,0]
  [1,1000]
  [4,0]
  [2,1000]
  [5,0]
  $ tidelock replay late
  the same: 20 records
