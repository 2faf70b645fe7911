Many targets in waves: some may fail and are taken back alone; with one more all of them are rolled back.

  $ cat >waves.lua <<'END'
  > local judge, rollout = require "judge", require "rollout"
  > 
  > return rollout.policy {
  >     summary = "One target, then the others; one of them may fail.",
  >     params = {
  >         target = rollout.target(),
  >         failures = rollout.integer { default = 1 },
  >         strict = rollout.text "b", -- it is judged so that it fails
  >     },
  >     run = function(p)
  >         rollout.waves {
  >             targets = p.target,
  >             waves = { 1, 2 },
  >             failures = p.failures,
  >             each = function(target)
  >                 local harsh = p.strict:find(target.label, 1, true)
  >                 target:shift(50)
  >                 target:watch { during = "5m",
  >                     judges = { judge.threshold { above = harsh and 0.000001 or 0.5 } } }
  >                 target:shift(100)
  >             end,
  >             between = function() rollout.sleep "1m" end,
  >         }
  >     end,
  > }
  > END
  $ run() {
  >     tidelock simulate waves.lua --recording examples/checkout/checkout.ndjson "$@" \
  >         -p target=lambda-alias:a:live,canary=42,name=a -p target=lambda-alias:b:live,canary=42,name=b \
  >         -p target=lambda-alias:c:live,canary=42,name=c
  > }
  $ run --journal one.journal
  waves: One target, then the others; one of them may fail.
    target     a (lambda_alias a:live)
    target     b (lambda_alias b:live)
    target     c (lambda_alias c:live)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  notify    wave 1 of 2: a
  00:00:00  shift        50 % [##########..........]  a
  00:05:00  watched   5m at 50 %, a: undecided
                      errors limit: 0 of 3 periods above 0.5, the last 0.001078
  00:05:00  shift       100 % [####################]  a
  00:05:00  wait      1m
  00:06:00  notify    wave 2 of 2: b, c
  00:06:00  shift        50 % [##########..........]  b
  00:06:00  shift        50 % [##########..........]  c
  00:09:00  verdict   3m in at 50 %, b: harm
                      errors limit: 2 of 2 periods above 1e-06, the last 0.0017
  00:09:00  watched   3m at 50 %, b: harm
                      errors limit: 2 of 2 periods above 1e-06, the last 0.0017
  00:09:00  warning   b failed (harm) and is taken back; 1 of 1 that may
  00:09:00  shift         0 % [....................]  b
  00:11:00  watched   5m at 50 %, c: undecided
                      errors limit: 0 of 3 periods above 0.5, the last 0.0007224
  00:11:00  shift       100 % [####################]  c
  promoted after 11m, with b at 0 %
  $ run -p strict=bc --journal two.journal | tail -n 9
                      errors limit: 2 of 2 periods above 1e-06, the last 0.002593
  00:09:00  rollback  policy: 2 targets failed, and no more than 1 may: b, c
  00:09:00  undo          0 % [....................]  c
  00:09:00  undo          0 % [....................]  b
  00:09:00  verified  as it was before: c
  00:09:00  verified  as it was before: b
  00:09:00  undo          0 % [....................]  a
  00:09:00  verified  as it was before: a
  rolled back after 9m (exit status 10)
  $ for one in one two; do tidelock replay $one.journal; done
  the same: 52 records
  the same: 58 records
  $ run -p failures=0 | tail -n 7
  00:09:00  undo          0 % [....................]  c
  00:09:00  undo          0 % [....................]  b
  00:09:00  verified  as it was before: c
  00:09:00  verified  as it was before: b
  00:09:00  undo          0 % [....................]  a
  00:09:00  verified  as it was before: a
  rolled back after 9m (exit status 10)
  $ run -p failures=3
  waves: One target, then the others; one of them may fail.
    target     a (lambda_alias a:live)
    target     b (lambda_alias b:live)
    target     c (lambda_alias c:live)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  rollback  error: waves.lua:11: rollout.waves: failures: expected fewer
                      than there are targets (3), got 3
  refused after 120ms (exit status 2)
  tidelock simulate: waves.lua:11: rollout.waves: failures: expected fewer than there are targets (3), got 3
  [2]

Killed at every record, with one that failed alone behind it.

  $ run -p strict=ab -p failures=1 --crash-everywhere | tail -n 1
  points tried 3467, points restored 3467
