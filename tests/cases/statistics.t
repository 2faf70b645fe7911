The judge keeps its false-alarm rate over a whole rollout, and finds what is worth finding.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p steps=1,5,10,25,50 -p bake=12m'

Without a regression at most 1 % of the rollouts are rolled back (alpha is 0.01).

  $ sim --runs 20000
  outcome              runs     share  median     95 %         peak  again with
  promoted            19995   99.97 %  1h1s       1h1s        100 %  --seed 1
  rolled back             5    0.03 %  25m1s      40m1s      12.4 %  --seed 5438603380490253
  all                 20000

With the errors doubled, at about 200 requests a second and one error in a thousand, nearly all are found
within the hour; all of them by a judge that tolerates no difference (psi0 is 1.25 otherwise).

  $ sim --runs 2000 --inject 'errors*2'
  outcome              runs     share  median     95 %         peak  again with
  promoted              158    7.90 %  1h1s       1h1s        100 %  --seed 7933438138783625
  rolled back          1842   92.10 %  47m1s      58m1s      33.1 %  --seed 1
  all                  2000
  $ sim --runs 2000 --inject 'errors*2' -p judges=ratio:psi0=1
  outcome              runs     share  median     95 %         peak  again with
  promoted               19    0.95 %  1h1s       1h1s        100 %  --seed 7933438138783625
  rolled back          1981   99.05 %  38m1s      51m1s      22.7 %  --seed 1
  all                  2000
  $ sim --runs 20000 -p judges=ratio:psi0=1
  outcome              runs     share  median     95 %         peak  again with
  promoted            19958   99.79 %  1h1s       1h1s        100 %  --seed 1
  rolled back            42    0.21 %  37m1s      51m1s      23.1 %  --seed 4742927618728539
  all                 20000
  $ sim --runs 2000 --inject 'errors*3'
  outcome              runs     share  median     95 %         peak  again with
  rolled back          2000  100.00 %  25m1s      38m1s       8.9 %  --seed 1
  all                  2000
