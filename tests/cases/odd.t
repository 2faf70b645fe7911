A policy may ask for anything, and what it asks for is in the journal: nothing there blinds who reads it.

  $ shopt -s expand_aliases
  $ cat > odd.lua <<'END'
  > local rollout = require "rollout"
  > local effect = require "effect"
  > local function nested(levels) return levels > 0 and { a = nested(levels - 1) } or 1 end
  > local function ask(request) return (pcall(effect.perform, request)) end
  > return rollout.policy {
  >     summary = "Asks for odd things.",
  >     params = { target = rollout.target(), levels = rollout.integer { min = 0, max = 100, default = 1 },
  >         size = rollout.integer { min = 0, max = 1000000, default = 0 } },
  >     run = function(p)
  >         ask { kind = "sleep", ["for"] = "1" }
  >         ask { kind = "sleep", ["for"] = ("x"):rep(p.size) }
  >         ask { kind = "notify", message = "hello", more = nested(p.levels) }
  >         ask { kind = "aws", operation = "lambda.update_alias", input = nested(p.levels) }
  >         ask { kind = { {} }, operation = 7 }
  >         ask { kind = "watch", target = { 1 }, share = {}, ["for"] = true }
  >         ask { kind = "metric", metric = ("x"):rep(p.size), target = true }
  >         p.target:shift(100)
  >     end,
  > }
  > END
  $ alias sim='tidelock simulate odd.lua --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 --journal J'
  $ sim
  odd: Asks for odd things.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  untold    line 5 of the journal is no record of kind effect that a run
                      writes
  00:00:00  untold    line 7 of the journal is no record of kind effect that a run
                      writes
  00:00:00  notify    hello
  00:00:00  asked     lambda.update_alias  rejected: lambda.update_alias: a is not a member of this
  00:00:00  untold    line 15 of the journal is no record of kind effect that a
                      run writes
  00:00:00  shift       100 % [####################]
  promoted after 210ms
  $ tidelock replay J
  the same: 23 records
  $ tidelock show --format json J | jq .summary.untold
  3
  $ umask 077; mkdir -p .tidelock/runs; head -n 21 J > .tidelock/runs/20261125-000000-00b3c0.journal
  $ tidelock status last
  20261125-000000-00b3c0  cut short
    policy     odd.lua
    begun      2026-03-02T09:00:00Z
    account    123456789012, us-east-1
    target     pay:live (lambda_alias), canary at 100 %
    untold     3 of the journal's records no run writes (line 5, 7, 15)
    next       `tidelock recover 20261125-000000-00b3c0` rolls it back

However deep it is, what was written is read again.

  $ for levels in $(seq 40 66); do
  >     rm J; sim -p levels=$levels > out; tail -n 1 out; tidelock show J | cmp - out; tidelock replay J
  > done | sort | uniq -c | sed 's/^ *//'
  27 promoted after 210ms
  19 the same: 19 records
  8 the same: 23 records

However large it is, what was refused takes no room.

  $ rm J; sim -p size=1000000 > /dev/null; wc -c < J | awk '{ print $1 < 20000 }'
  1
  $ jq -c '.body.request | select(.omitted)' J
  {"kind":"sleep","omitted":{"bytes":1000025,"sha256":"d7421e78840384fff75acded4b829130451ea3db01f9b3d02b94707bef6ed342"}}
  {"kind":"metric","omitted":{"bytes":1000043,"sha256":"927af23a9d02f379e3b15517daf65a4987c235251789a6e6145e5852277a5c25"}}
