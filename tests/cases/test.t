Tests of policies: what fails is told at its line, what is wrong is refused, and nothing hangs.

  $ mkdir mine; cd mine; cp $TIDELOCK_ROOT/examples/checkout/checkout.ndjson pay.ndjson
  $ alias=lambda-alias:pay:live,canary=42
  $ sim() { echo "test.simulate { policy = 'step_canary', recording = 'pay.ndjson', params = { target = '$alias' }, $1 }"; }
  $ one() { printf "local test = require 'test'\ntest.case('it', function()\n    %s\nend)\n" "$1" >one_test.lua; tidelock test one_test.lua | grep -v '^ *|'; return ${PIPESTATUS[0]}; }

An assertion that does not hold, of each kind (without the timeline, which stands below each).

  $ one "$(sim):rolled_back()"
  one_test.lua
    FAILED  it
            one_test.lua:3: expected it to end as rolled back; it ended as
            promoted after 25m (exit 0)
  0 passed, 1 failed
  [3]
  $ one "$(sim):shifted_to(5, 100)" | tail -n 3
            one_test.lua:3: expected it to be shifted to 5, 100 %; it was shifted
            to 5, 10, 25, 50, 100 %
  0 passed, 1 failed
  $ one "$(sim):peak { at_most = 50 }" | tail -n 2
            one_test.lua:3: expected a largest share of at most 50 %, got 100 %
  0 passed, 1 failed
  $ one "$(sim):lasted { at_most = '10m' }" | tail -n 2
            one_test.lua:3: expected a rollout of at most 10m, got 25m
  0 passed, 1 failed
  $ one "$(sim):called('lambda.update_alias', 4)" | tail -n 4
            one_test.lua:3: expected lambda.update_alias to be called 4 times; it
            was called 5 times (what was called is lambda.get_alias,
            lambda.update_alias)
  0 passed, 1 failed
  $ one "$(sim):exits(10)" | tail -n 3
            one_test.lua:3: expected exit status 10; it ended as promoted after
            25m (exit 0)
  0 passed, 1 failed
  $ one "$(sim):verdicts('safe')" | tail -n 3
            one_test.lua:3: expected the verdicts safe; they were undecided,
            undecided, safe, safe, undecided
  0 passed, 1 failed
  $ one "$(sim "inject = 'errors*20'"):rolled_back { because = 'latency' }" | tail -n 4
            one_test.lua:3: expected a rollback, which says "latency"; it says
            "errors: canary 3.423 % (19 of 555), baseline 0.164 % (17 of 10386),
            evidence ..."
  0 passed, 1 failed
  $ one "$(sim "inject = 'errors*20', runs = 200"):share('rolled back'):at_least(0.99)" | tail -n 4
    FAILED  it
            one_test.lua:3: expected the share of rolled back to be at least 99 %;
            it was so in 200 of 200 runs, 98.12 % to 100 % with 95 % confidence
  0 passed, 1 failed
  $ one "$(sim "inject = 'errors*3', runs = 100"):promoted()" | tail -n 4 | cut -c 1-72
    FAILED  it
            one_test.lua:3: expected all of 100 runs to end as promoted; t
            ended as rolled back 100 (as with seed = 1)
  0 passed, 1 failed
  $ one "test.equal({ a = { 1, 2 } }, { a = { 1, 3 } })" | tail -n 2
            one_test.lua:3: a.2: expected 3, got 2
  0 passed, 1 failed

Approvals are a person's, who is there where the test says so.

  $ cat >asks.lua <<'END'
  > local rollout = require "rollout"
  > return rollout.policy { summary = "Asks.", params = { target = rollout.target() }, run = function(p)
  >     rollout.approval { within = "1h" }
  >     p.target:shift(100)
  > end }
  > END
  $ asks() { one "test.simulate { policy = 'asks.lua', recording = 'pay.ndjson', params = { target = '$alias' }, approve = '$1' }:ended_as('$2'):is_restored()"; }
  $ asks after=20m promoted && asks reject-after=20m aborted && asks never 'no decision'
  one_test.lua
    ok      it
  1 passed, 0 failed
  one_test.lua
    ok      it
  1 passed, 0 failed
  one_test.lua
    ok      it
  1 passed, 0 failed
  $ asks later promoted | tail -n 3
            one_test.lua:3: test.simulate: approve: expected never, after=20m or
            reject-after=20m, got later
  0 passed, 1 failed

What is misspelt.

  $ one "$(sim):promted()" | tail -n 2
            one_test.lua:3: a run has no "promted"; did you mean "promoted"?
  0 passed, 1 failed
  $ one "test.simulat {}" | tail -n 2
            one_test.lua:3: test has no "simulat"; did you mean "simulate"?
  0 passed, 1 failed
  $ one "$(sim "fautls = {}")" | tail -n 3
            one_test.lua:3: test.simulate: there is no option "fautls"; did you
            mean "faults"?
  0 passed, 1 failed
  $ one "$(sim "faults = { { 'throtled' } }")" | tail -n 3
            one_test.lua:3: test.simulate: faults: item 1: there is no fault
            "throtled"; did you mean "throttled"?
  0 passed, 1 failed
  $ one "$(sim "faults = { { 'throttled', call = 'lambda.update_alais' } }")" | tail -n 4
    FAILED  it
            one_test.lua:3: test.simulate: faults: item 1: throttled befell
            nothing in this run, which ended as promoted
  0 passed, 1 failed
  $ for fault in "'metrics missing'" "'metrics NaN'" "'metrics late', by = '1m'" "'metric provider down'"; do
  >     one "$(sim "faults = { { $fault, metric = 'errorz' } }")" | tr -s ' \n' ' ' | grep -o 'metric.* befell nothing'
  > done
  metrics missing befell nothing
  metrics NaN befell nothing
  metrics late befell nothing
  metric provider down befell nothing
  $ one "$(sim "faults = { { 'alarm', name = 'pay-5xx' } }")" | tail -n 3
    FAILED  it
            one_test.lua:3: test.simulate: no watch heeded the alarm "pay-5xx"
  0 passed, 1 failed
  $ one "$(sim "hands = { { 'pause', at = '2h' } }")" | tail -n 3
            one_test.lua:3: test.simulate: hands: item 1: pause befell nothing in
            this run, which ended as promoted
  0 passed, 1 failed
  $ one "$(sim "hands = { { 'jump', at = '2m' } }")" | tail -n 2
            one_test.lua:3: test.simulate: hands: nobody can ask for "jump"
  0 passed, 1 failed
  $ one "$(sim "kill = 1000")" | tail -n 4
    FAILED  it
            one_test.lua:3: test.simulate: kill: the run has 56 records, and was
            over before it could be killed so after 1000
  0 passed, 1 failed
  $ one "$(sim "account = { { 'lambda.update_alias', input = { FunctionName = 'pay', Name = 'gone' } } }")" | tail -n 4
            one_test.lua:3: test.simulate: the account: lambda.update_alias is
            refused: Cannot find alias arn:
            arn:aws:lambda:us-east-1:123456789012:function:pay:gone
  0 passed, 1 failed
  $ one "test.simulate { policy = 'step_canry', recording = 'pay.ndjson' }" | tail -n 4
    FAILED  it
            one_test.lua:3: test.simulate: step_canry: no such file, and no
            shipped policy of that name; did you mean step_canary?
  0 passed, 1 failed

A test reads what lies beside it, or where the command was started, and nothing else, by whatever name.

  $ mkdir -p home/tests; echo secret >above.ndjson; ln -s ../../above.ndjson home/tests/linked.ndjson
  $ for name in /etc/passwd ../../above.ndjson linked.ndjson; do
  >     printf "local test = require 'test'\ntest.case('it', function()\n    test.simulate { policy = 'linear', recording = '$name' }\nend)\n" >home/tests/reads_test.lua
  >     (cd home && tidelock test tests | tr -s '\n ' ' ' | grep -c 'lies neither beside the test nor in the folder')
  > done
  1
  1
  1

What never ends, prints without end or uses up memory is a failure with its line; the next test is run.

  $ cat >endless_test.lua <<'END'
  > local test = require "test"
  > test.case("loops", function() while true do end end)
  > test.case("recurses", function() local function f() return 1 + f() end f() end)
  > test.case("grows", function() local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end end)
  > test.case("catches", function() while true do pcall(error) end end)
  > test.case("prints", function() for i = 1, 2000 do print(i .. ("x"):rep(1000)) end test.check(false, "told") end)
  > test.case("branches", function() require("rollout").parallel { function() end } end)
  > test.case("is a policy", function() require("rollout").sleep "5m" end)
  > test.case("goes on", function() end)
  > END
  $ tidelock test endless_test.lua | cut -c 1-90 | grep -v 'xxxxx$'
  endless_test.lua
    FAILED  loops
            endless_test.lua:2: the work budget is spent (50000000 units)
    FAILED  recurses
            endless_test.lua:3: the memory budget is spent by recursion (more than
            10000 calls deep)
    FAILED  grows
            endless_test.lua:4: the memory budget is spent (67108864 bytes)
    FAILED  catches
            endless_test.lua:5: the work budget is spent (50000000 units)
    FAILED  prints
            endless_test.lua:6: told
            | (the last 40 lines of 66)
            | (print: the limit is reached; the rest is dropped)
    FAILED  branches
            endless_test.lua: a test asks for one thing after the other:
            rollout.parallel is a policy's
    FAILED  is a policy
            endless_test.lua:8: rollout.sleep: invalid: a test asks for
            simulations; this is what a policy asks for
    ok      goes on
  1 passed, 7 failed

A file that is wrong is told on standard error, and makes the status 2; the others are run.

  $ echo 'return 1 +' >broken_test.lua
  $ echo 'return 1' >empty_test.lua
  $ rm -r home endless_test.lua; printf "require('test').case('it', function() end)\n" >one_test.lua
  $ tidelock test .
  tidelock test: ./broken_test.lua: broken_test.lua:2: unexpected symbol near <eof>
  tidelock test: ./empty_test.lua: it declares no tests (test.case)
  ./one_test.lua
    ok      it
  1 passed, 0 failed, 2 files could not be tested
  [2]
  $ rm broken_test.lua empty_test.lua
  $ printf "local test = require 'test'\ntest.case('it', function() end)\ntest.case('it', function() end)\n" >twice_test.lua
  $ tidelock test twice_test.lua 2>&1 | head -n 1
  tidelock test: twice_test.lua: twice_test.lua:3: test.case: there is a test "it" already, at twice_test.lua:2
  $ rm twice_test.lua
  $ tidelock test one_test.lua --only nothing
  tidelock test: --only nothing: there is no such test
  [2]
  $ mkdir nothing; tidelock test nothing
  tidelock test: there is no file *_test.lua in nothing
  [2]
  $ tidelock test absent
  tidelock test: absent: No such file or directory
  [2]
  $ tidelock test
  tidelock test: PATH... is missing (see tidelock test --help)
  [2]
  $ tidelock test . --format xml
  tidelock test: --format is text, tap, junit or json, not "xml"
  [2]
  $ tidelock test . --jobs 0
  tidelock test: --jobs must be 1 to 64
  [2]

Formats: what is in other people's names obeys nobody.

  $ cat >odd_test.lua <<'END'
  > local test = require "test"
  > test.case("a <b> & \"c\"\27[31m # skip", function() test.check(false, "]]> & \1\n::error::x") end)
  > END
  $ tidelock test odd_test.lua
  odd_test.lua
    FAILED  a <b> & "c"\x1b[31m # skip
            odd_test.lua:2: ]]> & ? ::error::x
  0 passed, 1 failed
  [3]
  $ tidelock test --format tap odd_test.lua
  TAP version 14
  not ok 1 - odd_test.lua: a <b> & "c"\x1b[31m \# skip
    ---
    message: |-
      odd_test.lua:2: ]]> & ?
      .::error::x
    ...
  1..1
  [3]
  $ tidelock test --format junit odd_test.lua | sed 's/time="[0-9.]*"/time=""/'
  <?xml version="1.0" encoding="UTF-8"?>
  <testsuites>
    <testsuite name="odd_test.lua" tests="1" failures="1" errors="0" time="">
      <testcase classname="odd_test.lua" name="a &lt;b&gt; &amp; &quot;c&quot;?[31m # skip" time="">
        <failure message="odd_test.lua:2: ]]&gt; &amp; ?&#10;::error::x"/>
      </testcase>
    </testsuite>
  </testsuites>
  $ tidelock test --format json one_test.lua | sed 's/"ms":[0-9]*/"ms":0/'
  {"failed":0,"files":[{"cases":[{"message":"","ms":0,"name":"it","ok":true,"place":"one_test.lua:1","printed":""}],"file":"one_test.lua"}],"passed":1,"wrong":0}

However many processes share the files, what is printed is the same.

  $ for i in 1 2 3 4 5; do cp one_test.lua many${i}_test.lua; done
  $ tidelock test . --jobs 1 >one; tidelock test . --jobs 4 >four; cmp one four && tail -n 1 one
  6 passed, 1 failed

Lines that no test has reached are told, of a policy and of the modules beside it.

  $ rm *_test.lua; printf 'local M = {}\nfunction M.used()\n    return 50\nend\nfunction M.unused()\n    return 7\nend\nreturn M\n' >shares.lua
  $ cat >half.lua <<'END'
  > local rollout = require "rollout"
  > local shares = require "shares"
  > return rollout.policy {
  >     summary = "Half.",
  >     params = { target = rollout.target(), twice = rollout.flag(false) },
  >     run = function(p)
  >         p.target:shift(shares.used())
  >         if p.twice then
  >             p.target:shift(shares.used() + 1)
  >             p.target:shift(shares.used() + 2)
  >         end
  >     end,
  > }
  > END
  $ cat >half_test.lua <<'END'
  > local test = require "test"
  > local function half(twice)
  >     return test.simulate { policy = "half.lua", recording = "pay.ndjson",
  >         params = { target = "lambda-alias:pay:live,canary=42", twice = twice } }
  > end
  > test.case("once", function() half(false):shifted_to(50) end)
  > test.case("twice", function() half(true):shifted_to(50, 51, 52) end)
  > END
  $ tidelock test half_test.lua --only once --coverage
  half_test.lua
    ok      once
  1 passed, 0 failed
  
  lines executed
    half.lua                          77 % of 9  not 9-10
    shares.lua                        83 % of 6  not 6
  $ tidelock test half_test.lua --coverage --format json | tr '{' '\n' | grep missed
  "lines":9,"missed":[],"name":"half.lua","reached":9},
  "lines":6,"missed":[6],"name":"shares.lua","reached":5}],"failed":0,"files":[

Watched, tests are run again after each change, and nothing is done in between.

  $ mkdir w; printf "require('test').case('it', function() end)\n" >w/it_test.lua; mkfifo told
  $ await() { while IFS= read -r line <&3; do echo "$line"; [ "$line" = "tidelock: waiting for a change" ] && return; done; }
  $ tidelock test --watch w >told 2>&1 & exec 3<told; await; disown
  w/it_test.lua
    ok      it
  1 passed, 0 failed
  tidelock: waiting for a change
  $ printf "require('test').case('it', function() error 'no' end)\n" >w/it_test.lua; await
  w/it_test.lua
    FAILED  it
            it_test.lua:1: no
  0 passed, 1 failed
  tidelock: waiting for a change
  $ printf "require('test').case('other', function() end)\n" >w/other_test.lua; await | tail -n 3
    ok      other
  1 passed, 1 failed
  tidelock: waiting for a change
  $ awk '{ print ($14 + $15 < 100 ? "idle" : "busy") }' /proc/$!/stat; kill $!
  idle
