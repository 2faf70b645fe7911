A run is the same to the byte wherever, whenever and on whatever processor it happens.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording checkout.ndjson -p target=lambda-alias:pay:live,canary=42 --seed 7 --inject errors*2@10m'
  $ cp examples/checkout/checkout.ndjson .; mkdir -p elsewhere/deeper; cp checkout.ndjson elsewhere/deeper/
  $ sim --journal J > out; echo $?
  10
  $ (cd elsewhere/deeper && TZ=Pacific/Auckland LC_ALL=de_DE.UTF-8 LANG=tr_TR.UTF-8 HOME=/ sim --journal J > out; cmp J ../../J && cmp out ../../out && echo same)
  same
  $ for i in 1 2 3 4 5; do rm -f J2; X=$(head -c $((i * 1000)) /dev/zero | tr '\0' x) sim --journal J2 > out2; cmp J J2 && cmp out out2 && echo same; done
  same
  same
  same
  same
  same
  $ rm J2; GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2 sim --journal J2 > out2; cmp J J2 && cmp out out2 && echo same
  same
  $ rm J2; GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX2_Usable,-ERMS sim --journal J2 > out2; cmp J J2 && cmp out out2 && echo same
  same
  $ tidelock replay J
  the same: 45 records

With one constant of the policy changed the replay finds the first difference.

  $ sed 's/{ 5, 10, 25, 50, 100 }/{ 5, 20, 25, 50, 100 }/' policies/step_canary.lua > changed.lua
  $ tidelock replay J --policy changed.lua
  different in line 2: at 00:00:00 the journal has the beginning with steps 10; now it is 20
    (params.steps[2])
  and then in line 14: at 00:05:00 the journal has lambda.update_alias with 42 0.1; the policy now asks for 0.2
    (request.input.RoutingConfig.AdditionalVersionWeights.42)
  [3]
