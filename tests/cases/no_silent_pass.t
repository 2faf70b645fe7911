Every shipped policy over rollouts that are broken in ways which are easily missed, each of them recorded
as the policy splits the traffic. What is fine is promoted, and nothing else.

needs: lua5.4 jq

  $ sh $TIDELOCK_ROOT/tests/fixtures/recordings/exits.sh
                       step_canary linear      blue_green  flag_ramp
  fine                 0           0           0           0
  silent-baseline      15          15          10          10
  small-periods        15          15          15          15
  heard-once           15          15          15          15
  errors-missing       2           2           2           2
  errors-null          15          15          15          15
  errors-late          10          10          10          10
  at-full-share        10          10          10          10
  not-routed           15          15          15          15
  all-at-once          10          10          10          10
  in-the-tail          10          10          10          10
  below-the-limit      10          10          10          10
  hardly-any-traffic   15          15          15          15

With metrics that settle as late as those of CloudWatch do.

  $ KINDS="fine in-the-tail errors-late" sh $TIDELOCK_ROOT/tests/fixtures/recordings/exits.sh --settle 2m
                       step_canary linear      blue_green  flag_ramp
  fine                 0           0           0           0
  in-the-tail          10          10          10          10
  errors-late          10          10          10          10

What a watch could not have seen ends it, and the reason says what it could.

  $ sed -n '/rollback  undecided/,/undo/p' heard-once.blue_green.out
  01:10:00  rollback  undecided: within 1h10m only a rise to 68.5 times could have
                      been seen, and one to 10 times was asked for
  01:10:00  undo          0 % [....................]

What was seen of a minute and what it was in the end both stand in the journal, and a replay judges the same.

  $ lua5.4 $TIDELOCK_ROOT/tests/fixtures/recordings/broken.lua errors-late blue_green > late.ndjson
  $ tidelock simulate blue_green -p target=lambda-alias:pay:live,canary=42 --start 2026-03-02T09:00:00Z \
  >     --recording late.ndjson --journal late | tail -n 1
  rolled back after 5m (exit status 10)
  $ jq -c 'select(.kind == "tick") | .body.periods[] | [.at / 60000 % 60, .metrics.errors.canary]' late
  [1,0]
  [2,0]
  [3,0]
  [1,10000]
  [4,0]
  $ tidelock replay late
  the same: 23 records

Where nothing is asked to be seen. (In the second line the canary alone is heard, once a minute: nobody says that its
service has no more traffic than that.)

  $ KINDS="small-periods heard-once not-routed hardly-any-traffic" sh $TIDELOCK_ROOT/tests/fixtures/recordings/exits.sh -p sees=0
                       step_canary linear      blue_green  flag_ramp
  small-periods        10          10          10          10
  heard-once           15          15          0           15
  not-routed           15          15          15          15
  hardly-any-traffic   0           0           0           0

Where all of the traffic was to be the canary's, what the old version still has of it says that it is not.

  $ sed -n '/rollback  no data/,/undo/p' not-routed.blue_green.out
  00:04:00  rollback  no data: the canary got 3 of 60003 requests (0.005 %) where
                      it should have 100 % of them
  00:04:00  undo          0 % [....................]
