What is not understood is refused with exit status 2 and a word on what was expected, on stderr.

  $ tidelock 2>/dev/null
  [2]
  $ tidelock 2>&1 >/dev/null | head -n 1
  usage: tidelock VERB [options] FILE
  $ tidelock --help | head -n 1
  usage: tidelock VERB [options] FILE
  $ tidelock simulat
  tidelock: there is no verb simulat; did you mean simulate?
  (`tidelock --help` lists them)
  [2]
  $ tidelock frobnicate
  tidelock: there is no verb frobnicate
  (`tidelock --help` lists them)
  [2]
  $ tidelock simulate
  tidelock simulate: POLICY is missing (see tidelock simulate --help)
  [2]
  $ tidelock simulate step_canary
  tidelock simulate: --recording FILE is missing (`tidelock import --help` tells how to get one)
  [2]
  $ tidelock simulate step_canary --recordin examples/checkout/checkout.ndjson
  tidelock simulate: there is no option --recordin; did you mean --recording?
  [2]
  $ tidelock simulate step_canary --recording
  tidelock simulate: --recording needs a value: FILE
  [2]
  $ tidelock simulate step_canary other --recording examples/checkout/checkout.ndjson
  tidelock simulate: "other" is one argument too many
  [2]
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson --seed many
  tidelock simulate: --seed must be a whole number, not "many"
  [2]
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson --format xml
  tidelock simulate: --format is text, json or jsonl, not "xml"
  [2]
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson --runs 2 --journal j
  tidelock simulate: --journal is of one run: leave out --runs, and give the --seed of the one that you want to keep
  [2]
  $ tidelock eval --help | head -n 1
  usage: tidelock eval [options] FILE
  $ tidelock --version | head -n 1
  tidelock 0.1.0
  $ tidelock version | head -n 1
  tidelock 0.1.0

A path that cannot be used is the user's to put right, whichever option it was given with.

  $ sim="simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42"
  $ tidelock $sim --journal none/j
  tidelock simulate: creating none/j: No such file or directory
  [2]
  $ tidelock plan step_canary --out none/plan.json
  tidelock plan: none/plan.json: No such file or directory
  [2]
  $ tidelock run step_canary --record none/r
  tidelock run: none/r: No such file or directory
  [2]
  $ tidelock run step_canary -p target=lambda-alias:pay:live,canary=42 --state none/state
  tidelock run: creating the state folder none/state: No such file or directory
  [2]
  $ touch file; tidelock run step_canary -p target=lambda-alias:pay:live,canary=42 --state file/state
  tidelock run: creating the state folder file/state: Not a directory
  [2]
  $ tidelock run step_canary -p target=lambda-alias:pay:live,canary=42 --state file
  tidelock run: the state folder: file: Not a directory (--state names another folder, --config another tidelock.lua)
  [2]
  $ tidelock --help | sed -n '/Exit/,$p'
  `tidelock VERB --help` tells more. Exit status: 0 done as asked, 1 tool or
  environment error, 2 usage or policy refused, 3 a difference, 10 rolled back, 11
  rolled back as a person asked, 13 another process has the target or the run, 14
  not restored, 15 no decision, 16 the policy failed, 130 and 143 ended by SIGINT
  and SIGTERM.
