A canary that fails while it warms up is left alone for as long as it is told, and the run says so.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p steps=10,50 -p sees=0'
  $ sim -p settle_in=2m --journal J > out
  $ grep -c 'left out: the canary was settling in' out
  3
  $ grep -m 1 -B 4 'left out' out
  00:05:00  watched   5m at 10 %: undecided
                      errors: canary 0.136 % (3 of 2209),
                        baseline 0.086 % (17 of 19836), evidence 0.00 of 4.61
                        (would have seen 6.6 times as many)
                      2 periods left out: the canary was settling in
  $ jq -c 'select(.kind == "tick") | .body.periods[] | select(.left_out) | [.at / 60000 - 29540700, .left_out]' J
  [1,"settle_in"]
  [2,"settle_in"]
  [5,"shift"]
  [6,"settle_in"]
  [7,"settle_in"]
  [11,"settle_in"]
  [12,"settle_in"]
  $ tidelock replay J
  the same: 38 records
  $ tidelock show J > told; cmp out told && echo the same
  the same

Where that leaves nothing to watch, the run is refused: traffic is not moved first.

  $ refused() { target=lambda-alias:pay:live,canary=42; case $1 in flag_ramp) target=appconfig-flag:shop/production/flags/checkout ;; esac
  >     tidelock simulate "$@" -p target=$target --recording examples/checkout/checkout.ndjson 2>&1 | tail -n 1; }
  $ refused step_canary -p settle_in=5m
  tidelock simulate: parameter "settle_in": 5m leaves nothing of bake (5m) to watch
  $ refused linear -p settle_in=6m
  tidelock simulate: parameter "settle_in": 6m leaves nothing of bake (5m) to watch
  $ refused flag_ramp -p settle_in=10m
  tidelock simulate: parameter "settle_in": 10m leaves nothing of hold (10m) to watch
  $ refused blue_green -p settle_in=10m
  tidelock simulate: parameter "settle_in": 10m leaves nothing of keep (10m) to watch
  $ refused blue_green -p settle_in=5m -p preview=10
  tidelock simulate: parameter "settle_in": 5m leaves nothing of preview_for (5m) to watch
  $ refused blue_green -p settle_in=5m
  promoted after 10m
