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
  tidelock 0.2.0
  $ tidelock version | head -n 1
  tidelock 0.2.0

A path that cannot be used is the user's to put right, whichever option it was given with.

  $ sim="simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42"
  $ tidelock $sim --journal none/j
  tidelock simulate: creating none/j: No such file or directory
  [2]
  $ tidelock plan step_canary --output none/plan.json
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
  tidelock run: the state folder: file: Not a directory (--state names another folder, --config another operator's file)
  [2]
  $ tidelock --help | sed -n '/Exit/,$p'
  `tidelock VERB --help` tells more. Exit status: 0 done as asked, 1 tool or
  environment error, 2 usage or policy refused, 3 a difference, 10 rolled back, 11
  rolled back as a person asked, 13 another process has the target or the run, 14
  not restored, 15 no decision, 16 the policy failed, 130 and 143 ended by SIGINT
  and SIGTERM.

An option has one spelling. Who gives another learns the right one.

  $ tidelock plan step_canary --out plan.json
  tidelock plan: there is no option --out; did you mean --output?
  [2]
  $ tidelock record last --out r
  tidelock record: there is no option --out; did you mean --output?
  [2]
  $ tidelock simulate step_canary --record x
  tidelock simulate: there is no option --record; did you mean --recording?
  [2]
  $ tidelock simulate step_canary --o x
  tidelock simulate: there is no option --o
  [2]

What is wrong with a policy is told once, and in the same words whoever reads it.

  $ echo 'return require("rollout").policy { summary = "One.", parms = {}, run = print }' > one.lua
  $ echo 'local x = = 1' > two.lua
  $ echo 'require "two"' > three.lua
  $ echo 'error("no more")' > four.lua
  $ for policy in one two three four; do
  >     for verb in 'simulate --recording examples/checkout/checkout.ndjson' run plan iam eval; do
  >         tidelock $verb $policy.lua 2>&1 | sed 's/tidelock [a-z]*:/VERB:/'
  >     done | sort | uniq -c
  > done
        5 VERB: one.lua: rollout.policy: there is no option "parms"; did you mean "params"?
        5 VERB: two.lua:1: unexpected symbol near '='
        5 VERB: two.lua:1: unexpected symbol near '='
        5 VERB: four.lua:1: no more

What an operator allows is compared with what there is: a name that nothing has would allow nothing.

  $ export AWS_ACCESS_KEY_ID=a AWS_SECRET_ACCESS_KEY=b AWS_REGION=eu-central-1
  $ mkdir operator
  $ allows() { echo "return { allow = $1 }" > operator/tidelock.lua; tidelock run step_canary --config operator/tidelock.lua -p target=nothing; }
  $ allows '{ operations = { "lambda.*", "lambda.updatealias" } }'
  tidelock run: operator/tidelock.lua: allow.operations[2]: no operation fits "lambda.updatealias" (did you mean lambda.update_alias?)
  [2]
  $ allows '{ operations = { "lamda.*" } }'
  tidelock run: operator/tidelock.lua: allow.operations[1]: no operation fits "lamda.*" (did you mean lambda.*?)
  [2]

  $ allows '{ resources = { "arn:aws:lamda:*" } }'
  tidelock run: operator/tidelock.lua: allow.resources[1]: no resource fits "arn:aws:lamda:*" (did you mean lambda?)
  [2]

Looking around makes nothing: doctor says where runs would be kept, and leaves it alone.

  $ mkdir around; cd around
  $ AWS_ENDPOINT_URL=http://127.0.0.1:1 tidelock doctor > told 2>&1
  [1]
  $ grep -E '^(state|config|region) ' told
  config               none
  state                .tidelock (not there yet: the first run makes it)
  region               eu-central-1
  $ grep -q 'NOT REACHED' told && echo all has been tried
  all has been tried
  $ ls -A
  told
