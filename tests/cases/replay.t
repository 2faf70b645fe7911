A journal carries its run out again, to the same bytes: promoted, rolled back, refused by its own policy.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p bake=2m > /dev/null'
  $ sim --journal good
  $ sim --journal bad --inject 'errors*9@3m'
  [10]
  $ tidelock replay good
  the same: 43 records
  $ tidelock replay bad
  the same: 23 records
  $ tidelock replay --format json bad
  {"differences":[],"equal":true,"lives":1,"records":23,"torn":false,"whole":true}
  $ cat bad | tidelock replay -
  the same: 23 records
  $ mkdir -p deep && cd deep && TZ=Asia/Tokyo LC_ALL=C tidelock replay ../good; cd ..
  the same: 43 records
  $ for policy in step_canary linear blue_green; do
  >     tidelock simulate $policy --recording examples/checkout/checkout.ndjson --journal $policy.j -p target=lambda-alias:pay:live,canary=42 > /dev/null
  >     tidelock replay $policy.j
  > done
  the same: 56 records
  the same: 101 records
  the same: 25 records

Another policy in its place is told at the first thing it declares, and the first thing it does, otherwise.

  $ sed 's/{ 5, 10, 25, 50, 100 }/{ 5, 20, 25, 50, 100 }/' policies/step_canary.lua > changed.lua
  $ cp policies/step_canary.lua renamed.lua
  $ tidelock replay good --policy renamed.lua
  the same: 43 records
  $ tidelock replay good --policy changed.lua
  different in line 2: at 00:00:00 the journal has the beginning with steps 10; now it is 20
    (params.steps[2])
  and then in line 12: at 00:03:00 the journal has lambda.update_alias with 42 0.1; the policy now asks for 0.2
    (request.input.RoutingConfig.AdditionalVersionWeights.42)
  [3]
  $ tidelock replay good --policy changed.lua --format json | jq -c '.equal, (.differences[] | [.line, .at, .member])'
  false
  [2,"00:00:00","params.steps[2]"]
  [12,"00:03:00","request.input.RoutingConfig.AdditionalVersionWeights.42"]
  $ sed 's/p.target:watch/error "no more" p.target:watch/' policies/step_canary.lua > failing.lua
  $ tidelock replay good --policy failing.lua
  different in line 7: at 00:00:00 the journal has a watch at 5 %; the policy now comes to a rollback (error: step_canary.lua:32: no more)
  [3]
  $ echo 'return {' > broken.lua; tidelock replay good --policy broken.lua
  tidelock replay: broken.lua in its place: step_canary.lua:2: unexpected symbol near <eof>
  [2]
  $ echo 'return 42' > number.lua; tidelock replay good --policy number.lua
  different in line 1: at 00:00:00 the journal has the start of the run; now the run does not come to it: a policy file returns rollout.policy { ... } or rollout.use(...), but this one returned a number
  [3]
  $ printf 'local rollout = require "rollout"\nreturn rollout.policy { summary = "Loops.", params = { target = rollout.target() }, run = function() while true do end end }' > loops.lua
  $ tidelock replay good --policy loops.lua
  different in line 1: at 00:00:00 the journal has the start of the run; now the run does not come to it: there is no parameter "bake"; there is: target
  [3]

A journal that was cut is replayed as far as it goes; one that was changed is refused with the line.

  $ head -n 9 good > short; tidelock replay short
  the same: 9 records; the journal ends before the run did
  $ head -c -1 good > torn; tidelock replay torn
  tidelock replay: torn: line 43 is torn: its write did not finish, and it is left out
  the same: 42 records; the journal ends before the run did
  $ last=$(tail -n 1 good | wc -c)
  $ for cut in $(seq 1 $last); do head -c -$cut good > torn; tidelock replay torn 2> /dev/null; done | sort | uniq -c | sed 's/^ *//'
  230 the same: 42 records; the journal ends before the run did
  $ sed '5s/"pay"/"buy"/' good > forged; tidelock replay forged
  tidelock replay: forged: line 5: its hash does not fit: it was changed after it was written
  [2]
  $ sed '7{h;d};8{p;x}' good > swapped; tidelock replay swapped
  tidelock replay: swapped: line 7: record 7 stands where 6 was expected: lines are missing or out of order
  [2]
  $ sed 4d good > missing; tidelock replay missing
  tidelock replay: missing: line 4: record 4 stands where 3 was expected: lines are missing or out of order
  [2]
  $ (cat good; tail -n 1 good) > twice; tidelock replay twice
  tidelock replay: twice: line 44: record 42 stands where 43 was expected: lines are missing or out of order
  [2]
  $ : > empty; tidelock replay empty
  tidelock replay: empty: there is no whole record in it
  [2]
  $ head -c 4096 /dev/urandom | tr '\n' x > rubbish; echo >> rubbish; tidelock replay rubbish
  tidelock replay: rubbish: line 1 is torn: its write did not finish, and it is left out
  tidelock replay: rubbish: there is no whole record in it
  [2]
  $ tidelock replay policies/step_canary.lua
  tidelock replay: policies/step_canary.lua: line 1: it is not a journal record
  [2]
  $ tidelock replay none
  tidelock replay: none is no file here: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock replay .
  tidelock replay: . is no file here: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock replay good --format jsonl
  tidelock replay: --format is text or json here
  [2]
