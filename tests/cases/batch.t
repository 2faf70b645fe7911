Many runs are counted by how they ended, and any of them can be run again alone.
needs: jq

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ sim --runs 200 --inject 'errors*1.5'
  outcome              runs     share  median     95 %         peak  again with
  promoted              198   99.00 %  25m1s      25m1s       100 %  --seed 1
  rolled back             2    1.00 %  7m         7m         17.5 %  --seed 6614476613570381
  all                   200
  $ sim --runs 200 --inject 'errors*1.5' --format json
  {"outcomes":{"promoted":{"duration_median":1500690,"duration_p95":1500690,"first_seed":1,"peak_share_mean":100.0,"runs":198},"rolled back":{"duration_median":420470,"duration_p95":420470,"first_seed":6614476613570381,"peak_share_mean":17.5,"runs":2}},"runs":200,"seed":1}
  $ sim --runs 200 --inject 'errors*1.5' --format jsonl > lines; wc -l < lines
  200
  $ run=$(grep -m 1 '"rolled back"' lines); echo "$run"
  {"cause":"harm","duration":420470,"exit":10,"outcome":"rolled back","peak_share":10.0,"reason":"errors: canary 0.600 % (13 of 2167), baseline 0.105 % (21 of 19966), evidence 5.02 of 4.61","run":35,"seed":6614476613570381}
  $ sim --inject 'errors*1.5' --seed "$(echo "$run" | sed 's/.*"seed":\([0-9]*\).*/\1/')" --format json
  {"cause":"harm","chunk":"","ended":1772442420470,"exit":10,"line":0,"mutations":2,"not_restored":0,"outcome":"rolled back","peak_share":10.0,"reason":"errors: canary 0.600 % (13 of 2167), baseline 0.105 % (21 of 19966), evidence 5.02 of 4.61","seed":6614476613570381,"started":1772442000000,"undone":1}
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
  promoted after 300ms, with pay:live at 12.5 %
  30
  $ blind --format json | jq .peak_share
  30
