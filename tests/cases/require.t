Many runs are a gate: what they are required to come to is compared with all that the true share can be.
needs: jq

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ sim --runs 300 --inject 'errors*3@10m' --require 'rolled back >= 98 %' --require 'promoted<=2%'
  outcome              runs     share  median     95 %         peak  again with
  rolled back           300  100.00 %  13m1s      16m1s      25.7 %  --seed 1
  all                   300
  required rolled back >= 98 %: met (100.00 %; with 95 % confidence 98.78 to 100.00 %)
  required promoted <= 2 %: met (0.00 %; with 95 % confidence 0.00 to 1.22 %)
  $ sim --runs 300 --inject 'errors*3@10m' --require 'promoted >= 50 %' | tail -n 1
  required promoted >= 50 %: not met (0.00 %; with 95 % confidence 0.00 to 1.22 %)
  $ sim --runs 300 --inject 'errors*3@10m' --require 'promoted >= 50 %' > /dev/null
  [3]

Ten runs that were all rolled back do not show 99 %: that it is open is no pass. All of them can only be counted.

  $ sim --runs 10 --inject 'errors*3@10m' --require 'rolled back >= 99 %' | tail -n 1
  required rolled back >= 99 %: open (100.00 %; with 95 % confidence 69.15 to 100.00 %): more runs would tell
  $ sim --runs 10 --inject 'errors*3@10m' --require 'rolled back >= 99 %' > /dev/null
  [3]
  $ sim --runs 10 --inject 'errors*3@10m' --require 'rolled back >= 100 %' --require 'promoted <= 0 %' | tail -n 2
  required rolled back >= 100 %: met (100.00 %; with 95 % confidence 69.15 to 100.00 %)
  required promoted <= 0 %: met (0.00 %; with 95 % confidence 0.00 to 30.85 %)

As JSON, and where every line is a run:

  $ sim --runs 10 --inject 'errors*3@10m' --require 'promoted <= 40 %' --format json | jq -c .required
  [{"at_most":40,"high":30.849710781876095,"low":0,"outcome":"promoted","share":0,"state":"met"}]
  $ sim --runs 10 --inject 'errors*3@10m' --require 'promoted <= 40 %' --format jsonl 2>&1 >/dev/null
  required promoted <= 40 %: met (0.00 %; with 95 % confidence 0.00 to 30.85 %)

What is no requirement is refused before anything is run.

  $ sim --runs 10 --require 'rolled back'
  tidelock simulate: --require is an outcome, >= or <=, and a share of the runs in %, as in "rolled back >= 99 %"
  [2]
  $ sim --runs 10 --require 'rolled back > 99'
  tidelock simulate: --require is an outcome, >= or <=, and a share of the runs in %, as in "rolled back >= 99 %"
  [2]
  $ sim --runs 10 --require 'rolled back >= 0.99'
  tidelock simulate: --require is an outcome, >= or <=, and a share of the runs in %, as in "rolled back >= 99 %"
  [2]
  $ sim --runs 10 --require 'rolled back >= 101 %'
  tidelock simulate: --require is an outcome, >= or <=, and a share of the runs in %, as in "rolled back >= 99 %"
  [2]
  $ sim --runs 10 --require 'rolled bock >= 99 %'
  tidelock simulate: --require: no run ends as "rolled bock"; outcomes are promoted, rolled back, no decision, policy failed, and so on
  [2]
  $ sim --require 'promoted >= 99 %'
  tidelock simulate: --require is of many runs: say how many with --runs
  [2]
