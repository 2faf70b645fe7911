Every shipped policy over rollouts that are broken in ways which are easily missed, each of them recorded
as the policy splits the traffic. What is fine is promoted, and nothing else.

needs: lua5.4

  $ export KINDS="fine silent-baseline small-periods errors-missing errors-null all-at-once"
  $ sh $TIDELOCK_ROOT/tests/fixtures/recordings/exits.sh
                       step_canary linear      blue_green  flag_ramp
  fine                 0           0           0           0
  silent-baseline      15          15          10          15
  small-periods        10          10          10          10
  errors-missing       15          15          15          15
  errors-null          15          15          15          15
  all-at-once          10          10          10          10
