Recording what a run asked for: what can be said of it where no provider answers.

  $ export AWS_EC2_METADATA_DISABLED=true
  $ target=lambda-alias:pay:live,canary=42
  $ run=20260302-090000-1a2b3c
  $ tidelock record last --output r
  tidelock record: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ umask 077; mkdir -p .tidelock/runs
  $ tidelock simulate step_canary -p target=$target \
  >     --recording $TIDELOCK_ROOT/tests/fixtures/recordings/silent.ndjson \
  >     --journal .tidelock/runs/$run.journal | tail -n 1
  no decision after 8m, and rolled back (exit status 15)
  $ cat > tidelock.lua <<EOF
  > local function counter(name)
  >     return { provider = "prom", query = name .. '{track="{{arm}}"}', counter = true }
  > end
  > return {
  >     providers = { prom = { kind = "prometheus", url = "http://127.0.0.1:9" } },
  >     metrics = { requests = counter "requests", errors = counter "errors" },
  > }
  > EOF

A provider that does not answer leaves nothing behind. What the alias pointed at is in the journal:
nothing is asked of AWS.

  $ tidelock record 20260302 --output r
  tidelock record: errors (baseline) was not answered for 2026-03-02T09:00:00Z: 127.0.0.1:9 did not answer: could not connect to 127.0.0.1:9: Connection refused
  [1]
  $ ls -A
  .tidelock
  examples
  policies
  stdlib
  tidelock.lua

Times are checked, and so is where the recording goes.

  $ tidelock record last
  tidelock record: --output FILE is missing
  [2]
  $ touch there; tidelock record last --output there
  tidelock record: there is there already; nothing is overwritten
  [2]
  $ tidelock record last --output nosuch/r
  tidelock record: nosuch/r: No such file or directory
  [2]
  $ tidelock record last --output r --from yesterday
  tidelock record: --from: "yesterday" is not a time (like 2026-11-24T07:51:00Z)
  [2]
  $ tidelock record last --output r --from -2x
  tidelock record: --from: "2x" is not a duration (like 90s, 5m, 1h30m, 500ms)
  [2]
  $ tidelock record last --output r --from 2026-03-02T10:00:00Z --to 2026-03-02T09:00:00Z
  tidelock record: from 2026-03-02T10:00:00Z to 2026-03-02T09:00:00Z: expected two rising times
  [2]
  $ tidelock record last --output r --from 2026-03-02T10:00:00Z --to 2026-03-02T10:00:30Z
  tidelock record: there is no period yet that lies within this time, is over and has settled (one that began with it could be read from 2026-03-02T10:01:30Z on)
  [2]
  $ tidelock record nosuch --output r
  tidelock record: there is no run nosuch in .tidelock; the last one is 20260302-090000-1a2b3c
  [2]
  $ tidelock record $run other --output r
  tidelock record: "other" is one argument too many
  [2]

Periods of another length than those that the run looked at are told from missing ones.

  $ sed -i 's#http://127.0.0.1:9"#http://127.0.0.1:9", period = "30s"#' tidelock.lua
  $ tidelock record last --output r
  tidelock record: the run looked at periods of 1m (2026-03-02T09:02:00Z), and tidelock.lua says periods of 30s now: with the periods that it had, or of another time (--from, --to), it can be recorded
  [2]
  $ sed -i 's#"30s"#"7s"#' tidelock.lua
  $ tidelock record last --output r
  tidelock record: the run looked at other periods (2026-03-02T09:01:00Z), and tidelock.lua says periods of 7s now: with the periods that it had, or of another time (--from, --to), it can be recorded
  [2]

A run that looked at nothing asked for nothing.

  $ head -n 2 .tidelock/runs/$run.journal > kept
  $ mv kept .tidelock/runs/$run.journal
  $ tidelock record last --output r
  tidelock record: run 20260302-090000-1a2b3c: it asked for no metrics
  [2]
