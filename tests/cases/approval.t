Approvals: a person lets a rollout go on, does not, or never comes; what is watched goes on being watched.

  $ cat >half.lua <<'END'
  > local rollout = require "rollout"
  > 
  > return rollout.policy {
  >     summary = "Five percent, and half of the traffic once somebody says so.",
  >     params = { target = rollout.target(), otherwise = rollout.choice({ "rollback", "go on" }, "rollback") },
  >     run = function(p)
  >         p.target:shift(5)
  >         p.target:watch { during = "5m" }
  >         rollout.approval { from = { "ann", "bob" }, within = "30m", message = "half of the traffic",
  >             otherwise = p.otherwise }
  >         p.target:shift(50)
  >         p.target:watch { during = "5m" }
  >         p.target:shift(100)
  >     end,
  > }
  > END
  $ alias="lambda-alias:pay:live,canary=42"
  $ run() { tidelock simulate half.lua --recording examples/checkout/checkout.ndjson -p target=$alias "$@"; }
  $ run
  half: Five percent, and half of the traffic once somebody says so.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:05:00  watched   5m at 5 %: undecided
                      errors: canary 0.135 % (3 of 2222),
                        baseline 0.100 % (42 of 42027), evidence 0.00 of 4.61
                        (would have seen 5.71 times as many)
  00:05:00  approval  half of the traffic: waits for ann or bob, up to 30m, then
                      it is rolled back
  00:35:00  rollback  unapproved: nobody approved it within 30m
  00:35:00  undo          0 % [....................]
  00:35:00  verified  as it was before: function:pay:live
  no decision after 35m, and rolled back (exit status 15)
  tidelock simulate: nobody is there to approve, unless --approve says so (--approve after=20m)
  [15]
  $ run --approve after=7m30s --journal given.journal
  half: Five percent, and half of the traffic once somebody says so.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:05:00  watched   5m at 5 %: undecided
                      errors: canary 0.135 % (3 of 2222),
                        baseline 0.100 % (42 of 42027), evidence 0.00 of 4.61
                        (would have seen 5.71 times as many)
  00:05:00  approval  half of the traffic: waits for ann or bob, up to 30m, then
                      it is rolled back
  00:12:30  approved  by ann on a simulation
  00:12:30  watched   7m30s at 5 %: undecided
                      errors: canary 0.131 % (5 of 3820),
                        baseline 0.137 % (100 of 72881), evidence 0.11 of 4.61
                        (would have seen 3.99 times as many)
  00:12:30  shift        50 % [##########..........]
  00:17:30  watched   5m at 50 %: safe
                      errors: canary 0.109 % (24 of 21937),
                        baseline 0.110 % (24 of 21850), evidence 0.11 of 4.61
  00:17:30  shift       100 % [####################]
  promoted after 17m30s
  $ run --approve reject-after=10m --journal rejected.journal | tail -n 5
  00:15:00  rejected  by ann on a simulation
  00:15:00  rollback  ann on a simulation rejected it
  00:15:00  undo          0 % [....................]
  00:15:00  verified  as it was before: function:pay:live
  aborted after 15m (exit status 11)
  $ run -p otherwise='go on' --journal over.journal | tail -n 12
  00:05:00  approval  half of the traffic: waits for ann or bob, up to 30m, then
                      it goes on all the same
  00:35:00  approval  nobody answered, and it goes on all the same
  00:35:00  watched   30m at 5 %: safe
                      errors: canary 0.088 % (14 of 15943),
                        baseline 0.099 % (299 of 302338), evidence 0.11 of 4.61
  00:35:00  shift        50 % [##########..........]
  00:40:00  watched   5m at 50 %: safe
                      errors: canary 0.084 % (19 of 22588),
                        baseline 0.080 % (18 of 22605), evidence 0.11 of 4.61
  00:40:00  shift       100 % [####################]
  promoted after 40m
  $ run --approve after=31m | tail -n 4
  00:35:00  rollback  unapproved: nobody approved it within 30m
  00:35:00  undo          0 % [....................]
  00:35:00  verified  as it was before: function:pay:live
  no decision after 35m, and rolled back (exit status 15)

What does harm while it waits is seen, and need not be approved any more.

  $ run --approve after=20m --inject errors*8@8m --journal harm.journal | tail -n 8
                      it is rolled back
  00:10:00  verdict   5m in at 5 %: harm
                      errors: canary 0.470 % (13 of 2764),
                        baseline 0.135 % (70 of 51871), evidence 4.82 of 4.61
  00:10:00  rollback  harm
  00:10:00  undo          0 % [....................]
  00:10:00  verified  as it was before: function:pay:live
  rolled back after 10m (exit status 10)
  $ for one in given rejected over harm; do tidelock replay $one.journal; done
  the same: 39 records
  the same: 32 records
  the same: 61 records
  the same: 27 records
  $ run --approve soon
  tidelock simulate: --approve: expected never, after=20m or reject-after=20m, got soon
  [2]
  $ run --approve after=x
  tidelock simulate: --approve: "x" is not a duration (like 90s, 5m, 1h30m, 500ms)
  [2]

Wherever it is killed, and whatever AWS does meanwhile, all is as it was.

  $ for who in never after=7m30s reject-after=7m; do
  >     run --approve $who --crash-everywhere | tail -n 1
  >     run --approve $who --outage-everywhere | tail -n 1
  > done
  points tried 2733, points restored 2733
  outages tried 792, outages restored 792
  points tried 2111, points restored 2111
  outages tried 1152, outages restored 1152
  points tried 1399, points restored 1399
  outages tried 900, outages restored 900
  $ run --approve after=7m30s --runs 20 | head -n 4
  outcome              runs     share  median     95 %         peak  again with
  promoted               20  100.00 %  17m30s     17m30s      100 %  --seed 1
  all                    20

Who may approve is told, and a mistake is told at the author's line.

  $ for given in '' 'within = "1h", from = {}' 'within = "1h", from = "a b"' 'within = "1h", otherwise = "wait"'; do
  >     printf 'require("rollout").approval { %s }\n' "$given" >wrong.lua; tidelock eval wrong.lua
  > done
  tidelock eval: wrong.lua:1: rollout.approval: within is missing: expected a duration such as "90s", "5m" or "1h30m"
  tidelock eval: wrong.lua:1: rollout.approval: from: expected names of users such as { "ann", "bob" }, got a table
  tidelock eval: wrong.lua:1: rollout.approval: from: expected the name of a user, got "a b"
  tidelock eval: wrong.lua:1: rollout.approval: otherwise: expected one of "rollback", "go on", got "wait"
  [2]

A run that waits is told so, and what to type; here its process is gone, so nobody hears it.

  $ umask 077; mkdir -p .tidelock/runs .tidelock/locks
  $ head -n 12 given.journal >.tidelock/runs/20261124-075100-1a2b3c.journal
  $ tidelock approve last
  tidelock approve: the process of run 20261124-075100-1a2b3c is gone (`tidelock recover 20261124-075100-1a2b3c` takes it up)
  [13]
  $ cp given.journal .tidelock/runs/20261125-075100-1a2b3c.journal
  $ tidelock approve --reject last --why "$(printf '%600s' x)"
  tidelock approve: --why takes up to 511 bytes
  [2]
  $ tidelock approve last
  tidelock approve: run 20261125-075100-1a2b3c has ended: promoted
  [13]
