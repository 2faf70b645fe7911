A recording says what the provider did not answer, and a simulation ends as the run did: after the
fourth period in a row without an answer. What is said to be no data is none.

  $ recording=$TIDELOCK_ROOT/tests/fixtures/recordings/silent.ndjson
  $ tidelock simulate step_canary -p target=lambda-alias:pay:live,canary=42 -p bake=10m \
  >     --recording $recording --journal j
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    recording  silent.ndjson
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:08:00  verdict   8m in at 5 %: provider error
                      errors: canary 0.000 % (0 of 51),
                        baseline 0.225 % (2 of 890), evidence 0.00 of 4.61
                        (would have seen 71.1 times as many)
                      errors, requests: not answered for 4 periods
  00:08:00  rollback  provider error: the metric provider did not answer for 4
                      periods
  00:08:00  undo          0 % [....................]
  00:08:00  verified  as it was before: function:pay:live
  no decision after 8m, and rolled back (exit status 15)
  [15]
  $ tidelock replay j
  the same: 22 records

A policy that asks by itself gets an error in its place.

  $ sed 's/"v":"provider error"/"v":1000/; s/"v":"no data"/"v":"provider error"/' $recording \
  >     > again.ndjson
  $ tidelock simulate $TIDELOCK_ROOT/tests/fixtures/policies/query.lua --recording again.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42
  query: Half of the traffic for half an hour, while few enough requests fail.
    target     pay:live (lambda_alias)
    recording  again.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:00:00  wait      10m
  00:10:00  rollback  error: query.lua:15: metrics.query: unanswered: the metric
                      provider did not answer
  00:10:00  undo          0 % [....................]
  00:10:00  verified  as it was before: function:pay:live
  policy failed after 10m (exit status 16)
  [16]

A recording is never written over another, which is said before anything is begun.

  $ AWS_REGION=eu-west-1 tidelock run step_canary -p target=lambda-alias:pay:live,canary=42 \
  >     --record again.ndjson
  tidelock run: again.ndjson is there already; nothing is overwritten
  [2]
