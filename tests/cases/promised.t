What version 0.2.0 wrote is read by every later one: files of its time, kept as they were.

  $ kept=$TIDELOCK_ROOT/tests/fixtures/promised/0.2.0

Journals of a run that was promoted, of one that was rolled back, and of one that was cut short:

  $ for run in promoted rolled_back cut_short; do tidelock show $kept/$run.journal | tail -n 1; done
  promoted after 12m
  rolled back after 6m (exit status 10)
  the journal ends here, before the run did
  $ for run in promoted rolled_back cut_short; do
  >     tidelock show $kept/$run.journal --format jsonl | wc -l
  > done
  35
  24
  18

`replay` reads them to the end. It may find that policies would do otherwise now, but not that a file is damaged.

  $ for run in promoted rolled_back cut_short; do
  >     tidelock replay $kept/$run.journal > /dev/null; case $? in 0 | 3) echo compared ;; esac
  > done
  compared
  compared
  compared

A recording is simulated:

  $ tidelock simulate step_canary --recording $kept/recording.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 -p steps=10 -p bake=2m | grep '^promoted'
  promoted after 4m

A plan is understood: it goes on to ask who we are, says which version made it, or that its policy is another now.

  $ export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=eu-west-1 AWS_ENDPOINT_URL=http://127.0.0.1:9
  $ tidelock run $kept/plan.json 2>&1 | grep -cE 'it was made by tidelock 0.2.0|who this is could not be asked|step_canary.lua was changed'
  1
