The judge keeps its false-alarm rate over a whole rollout, and finds what is worth finding.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p steps=1,5,10,25,50 -p bake=12m'

Without a regression at most 1 % of the rollouts are rolled back (alpha is 0.01); they are far fewer.

  $ sim --runs 20000
  outcome              runs     share  median     95 %         peak  again with
  promoted            19912   99.56 %  1h12m1s    1h12m1s     100 %  --seed 1
  rolled back            88    0.44 %  40m1s      55m1s      25.2 %  --seed 8365812993960600
  all                 20000

With the errors doubled, at about 200 requests a second and one error in a thousand, nearly all are found
within the hour; fewer by a judge that lets a quarter more errors pass.

  $ sim --runs 2000 --inject 'errors*2'
  outcome              runs     share  median     95 %         peak  again with
  rolled back          2000  100.00 %  37m1s      48m1s      17.1 %  --seed 1
  all                  2000
  $ sim --runs 2000 --inject 'errors*2' -p judges=ratio:psi0=1.25
  outcome              runs     share  median     95 %         peak  again with
  promoted              147    7.35 %  1h12m1s    1h14m1s     100 %  --seed 7038327176308754
  rolled back          1853   92.65 %  45m1s      59m1s      29.4 %  --seed 1
  all                  2000
  $ sim --runs 2000 --inject 'errors*3'
  outcome              runs     share  median     95 %         peak  again with
  rolled back          2000  100.00 %  20m        32m1s      5.96 %  --seed 1
  all                  2000
