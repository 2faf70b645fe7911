Many runs are counted by how they ended, and any of them can be run again alone.
needs: jq

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ sim --runs 200 --inject 'errors*1.5'
  outcome              runs     share  median     95 %         peak  again with
  promoted              154   77.00 %  25m1s      27m1s       100 %  --seed 1
  rolled back            46   23.00 %  15m1s      20m1s      28.9 %  --seed 3668336370013858
  all                   200
  $ sim --runs 200 --inject 'errors*1.5' --format json
  {"outcomes":{"promoted":{"duration_median":1500730,"duration_p95":1620730,"first_seed":1,"peak_share_mean":100.0,"runs":154},"rolled back":{"duration_median":900600,"duration_p95":1200600,"first_seed":3668336370013858,"peak_share_mean":28.91304347826087,"runs":46}},"runs":200,"seed":1}
  $ sim --runs 200 --inject 'errors*1.5' --format jsonl > lines; wc -l < lines
  200
  $ run=$(grep -m 1 '"rolled back"' lines); echo "$run"
  {"cause":"harm","duration":900600,"exit":10,"outcome":"rolled back","peak_share":25.0,"reason":"errors: canary 0.282 % (24 of 8514), baseline 0.099 % (25 of 25213), evidence 5.25 of 4.61","run":3,"seed":3668336370013858}
  $ sim --inject 'errors*1.5' --seed "$(echo "$run" | sed 's/.*"seed":\([0-9]*\).*/\1/')" --format json
  {"cause":"harm","chunk":"","ended":1772442900600,"exit":10,"line":0,"mutations":3,"not_restored":0,"outcome":"rolled back","peak_share":25.0,"reason":"errors: canary 0.282 % (24 of 8514), baseline 0.099 % (25 of 25213), evidence 5.25 of 4.61","seed":3668336370013858,"started":1772442000000,"undone":1}
  [10]

The peak is the largest share that the canary was given, watched or not.

  $ echo 'local rollout = require "rollout"' > blind.lua
  $ echo 'return rollout.policy { summary = "Blind.", params = { target = rollout.target() }, run = function(p) p.target:shift(30) p.target:shift(12.5) end }' >> blind.lua
  $ alias blind='tidelock simulate blind.lua --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ blind --runs 3
  outcome              runs     share  median     95 %         peak  again with
  promoted                3  100.00 %  0s         0s           30 %  --seed 1
  all                     3
  $ blind --journal j | tail -n 1; tidelock show j --format json | jq .summary.peak_share
  promoted after 340ms, with pay:live at 12.5 %
  30
  $ blind --format json | jq .peak_share
  30

The runs are shared by processes, one for each processor or as many as `--jobs` says. What is printed
is the same however many there are, and which of them is the fastest.

  $ for format in text json jsonl; do
  >     for jobs in 1 2 3 7; do
  >         sim --runs 150 --inject 'errors*1.5' --format $format --jobs $jobs | sha256sum
  >     done | uniq -c | sed 's/[0-9a-f]\{64\}/the same/'
  > done
        4 the same  -
        4 the same  -
        4 the same  -
  $ sim --runs 150 --inject 'errors*1.5' --format jsonl | jq -s -c 'map(.run) == [range(150)]'
  true

A policy that draws random numbers does not remember what it did, and draws the same in any process.

  $ echo 'local rollout = require "rollout"' > draws.lua
  $ echo 'return rollout.policy { summary = "Draws.", params = { target = rollout.target() }, run = function(p) p.target:shift(math.random(99)) end }' >> draws.lua
  $ for jobs in 1 2 5; do tidelock simulate draws.lua --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 --runs 40 --jobs $jobs --format jsonl | sha256sum; done | uniq -c | sed 's/[0-9a-f]\{64\}/the same/'
        3 the same  -

What is wrong with the policy, its parameters or the recording is told once, in whatever process it
was found.

  $ sim --runs 100 --jobs 4 -p bak=1m
  tidelock simulate: there is no parameter "bak"; did you mean "bake"?
  [2]
  $ echo 'return 1' > one.lua
  $ tidelock simulate one.lua --recording examples/checkout/checkout.ndjson --runs 100 --jobs 4
  tidelock simulate: a policy file returns rollout.policy { ... } or rollout.use(...), but this one returned a number
  [2]
  $ echo '{' | tidelock simulate step_canary --recording - --runs 100 --jobs 4 2>&1 | cut -c 1-31
  tidelock simulate: stdin: line 

A process that dies takes the run with it that it had, which is told; what the others did is not
counted. Whoever reads no further ends the whole.

  $ (ulimit -S -t 1; exec tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 --runs 100000000 --jobs 2) 2>&1 | sed 's/run [0-9]* (--seed [0-9]*)/run N (--seed S)/'
  tidelock simulate: run N (--seed S): the policy's process was killed by SIGXCPU: its limit of processor time is spent
  $ sim --runs 100000000 --jobs 3 --format jsonl | head -n 1 | cut -c 1-31
  {"cause":"none","duration":1500

  $ sim --runs 10 --jobs 0
  tidelock simulate: --jobs must be 1 to 256
  [2]
  $ sim --jobs 2
  tidelock simulate: --jobs share --runs: say how many runs
  [2]
