The judge keeps its false-alarm rate over a whole rollout, and finds what is worth finding.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p steps=1,5,10,25,50 -p bake=12m'

Without a regression at most 1 % of the rollouts are rolled back (alpha is 0.01).

  $ sim --runs 20000
  outcome              runs     share  median     95 %         peak  again with
  promoted            19997   99.98 %  1h12m1s    1h12m1s     100 %  --seed 1
  rolled back             3    0.01 %  3m         3m            4 %  --seed 5438603380490253
  all                 20000

With the errors doubled, at about 200 requests a second and one error in a thousand, nearly all are found
within the hour; all of them by a judge that tolerates no difference (psi0 is 1.25 otherwise).

  $ sim --runs 2000 --inject 'errors*2'
  outcome              runs     share  median     95 %         peak  again with
  promoted              148    7.40 %  1h12m1s    1h14m1s     100 %  --seed 7933438138783625
  rolled back          1852   92.60 %  47m1s      58m1s      32.6 %  --seed 1
  all                  2000
  $ sim --runs 2000 --inject 'errors*2' -p judges=ratio:psi0=1
  outcome              runs     share  median     95 %         peak  again with
  promoted               17    0.85 %  1h13m1s    1h13m1s     100 %  --seed 8899956793221750
  rolled back          1983   99.15 %  38m1s      51m1s      22.7 %  --seed 1
  all                  2000
  $ sim --runs 20000 -p judges=ratio:psi0=1
  outcome              runs     share  median     95 %         peak  again with
  promoted            19966   99.83 %  1h12m1s    1h12m1s     100 %  --seed 1
  rolled back            34    0.17 %  27m1s      51m1s      18.8 %  --seed 2112951231907321
  all                 20000
  $ sim --runs 2000 --inject 'errors*3'
  outcome              runs     share  median     95 %         peak  again with
  rolled back          2000  100.00 %  25m1s      39m1s      8.65 %  --seed 1
  all                  2000
