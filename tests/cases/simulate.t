A canary over recorded metrics goes to 100 %; with more errors it is rolled back and says so.

  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee (alb_rule)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:10:00  watched   10m at 5 %: undecided
                      errors: canary 0.100 % (5 of 5025),
                        baseline 0.123 % (115 of 93859), evidence 0.28 of 4.61
                        (would have seen 3.63 times as many)
                      errors limit: 0 of 3 periods above 0.05, the last 0
  00:10:00  shift        10 % [##..................]
  00:20:00  watched   10m at 10 %: undecided
                      errors: canary 0.151 % (15 of 9953),
                        baseline 0.109 % (96 of 88386), evidence 1.42 of 4.61
                        (would have seen 2.93 times as many)
                      errors limit: 0 of 3 periods above 0.05, the last 0.0009132
  00:20:00  shift        25 % [#####...............]
  00:30:00  watched   10m at 25 %: safe
                      errors: canary 0.089 % (22 of 24795),
                        baseline 0.081 % (60 of 73882), evidence 1.42 of 4.61
                      errors limit: 0 of 3 periods above 0.05, the last 0.0007045
  00:30:01  shift        50 % [##########..........]
  00:40:01  watched   10m at 50 %: safe
                      errors: canary 0.057 % (29 of 50529),
                        baseline 0.077 % (39 of 50757), evidence 1.42 of 4.61
                      errors limit: 0 of 3 periods above 0.05, the last 0.0007098
  00:40:01  shift       100 % [####################]
  00:50:01  watched   10m at 100 %: undecided
                      errors limit: 0 of 3 periods above 0.05, the last 0.0008577
                      errors before: before 0.109 % (597 of 549418),
                        canary 0.103 % (109 of 105864), evidence 0.00 of 4.61
                        (would have seen 3.04 times as many)
  promoted after 50m1s

  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson \
  >     --inject 'errors*3@12m'
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee (alb_rule)
    recording  checkout.ndjson
    inject     errors*3@12m
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:10:00  watched   10m at 5 %: undecided
                      errors: canary 0.100 % (5 of 5025),
                        baseline 0.123 % (115 of 93859), evidence 0.28 of 4.61
                        (would have seen 3.63 times as many)
                      errors limit: 0 of 3 periods above 0.05, the last 0
  00:10:00  shift        10 % [##..................]
  00:14:00  verdict   4m in at 10 %: harm
                      errors: canary 0.690 % (23 of 3335),
                        baseline 0.132 % (40 of 30284), evidence 12.82 of 4.61
                      errors limit: 0 of 3 periods above 0.05, the last 0.01015
  00:14:00  rollback  harm
  00:14:00  undo          0 % [....................]
  00:14:01  verified  as it was before: shop/9683b2d0
  rolled back after 14m1s (exit status 10)
  [10]

Shipped policies are found by their names, and take their parameters from the command line.

  $ tidelock simulate linear --recording examples/checkout/checkout.ndjson -p step=25 -p bake=3m \
  >     -p target=lambda-alias:pay:live,canary=42
  linear: Raise the new version's share in equal steps, and judge it against the old at each.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        25 % [#####...............]
  00:03:00  watched   3m at 25 %: undecided
                      errors: canary 0.092 % (5 of 5463),
                        baseline 0.119 % (20 of 16741), evidence 0.00 of 4.61
                        (would have seen 3.99 times as many)
  00:03:00  shift        50 % [##########..........]
  00:06:00  watched   3m at 50 %: safe
                      errors: canary 0.135 % (15 of 11126),
                        baseline 0.135 % (15 of 11106), evidence 0.00 of 4.61
  00:06:00  shift        75 % [###############.....]
  00:09:00  watched   3m at 75 %: safe
                      errors: canary 0.147 % (24 of 16321),
                        baseline 0.201 % (11 of 5481), evidence 0.00 of 4.61
  00:09:00  shift       100 % [####################]
  00:12:00  watched   3m at 100 %: undecided
                      errors limit: 0 of 2 periods above 0.05, the last 0.001809
                      errors before: before 0.100 % (608 of 608397),
                        canary 0.136 % (30 of 22066), evidence 0.00 of 4.61
                        (would have seen 4.32 times as many)
  promoted after 12m

  $ tidelock simulate blue_green --recording examples/checkout/checkout.ndjson -p keep=3m \
  >     -p target=lambda-alias:pay:live,canary=42 --inject errors+5%@0s
  blue_green: Switch all traffic to the new version at once, and keep the old one for a while.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     errors+5%@0s
    seed       1
  
  00:00:00  shift       100 % [####################]
  00:02:00  verdict   2m in at 100 %: harm
                      errors limit: 1 of 1 periods above 0.02, the last 0.05274
                      errors before: before 0.101 % (666 of 659974),
                        canary 5.274 % (577 of 10941), evidence 840.83 of 4.61
  00:02:00  rollback  harm
  00:02:00  undo          0 % [....................]
  00:02:00  verified  as it was before: function:pay:live
  rolled back after 2m (exit status 10)
  [10]

A canary that crashes outright has no metrics: that is no pass.

  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 --inject crash@7m
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     crash@7m
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:05:00  watched   5m at 5 %: undecided
                      errors: canary 0.135 % (3 of 2222),
                        baseline 0.100 % (42 of 42027), evidence 0.00 of 4.61
                        (would have seen 6 times as many)
  00:05:00  shift        10 % [##..................]
  00:09:00  verdict   4m in at 10 %: no data
                      errors: canary 0.087 % (1 of 1147),
                        baseline 0.141 % (14 of 9956), evidence 0.00 of 4.61
                        (would have seen 7.78 times as many)
  00:09:00  rollback  no data: the canary got 1147 of 30703 requests (3.74 %)
                      where it should have 10 % of them
  00:09:00  undo          0 % [....................]
  00:09:00  verified  as it was before: function:pay:live
  no decision after 9m, and rolled back (exit status 15)
  [15]

The same as one document, and record by record.

  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 --format json
  {"cause":"none","chunk":"","ended":1772443500730,"exit":0,"line":0,"mutations":5,"not_restored":0,"outcome":"promoted","peak_share":100.0,"reason":"","seed":1,"started":1772442000000,"undone":0}

  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 --format jsonl > lines; wc -l < lines
  56
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 --journal J > text; cmp lines J

Two targets at once move as one and are rolled back together, the last one first.

  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 -p target=lambda-alias:ship:live,canary=7 \
  >     --inject 'errors*5'
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    target     ship:live (lambda_alias)
    recording  checkout.ndjson
    inject     errors*5
    seed       1
  
  00:00:00  shift         5 % [#...................]  pay:live
  00:00:00  shift         5 % [#...................]  ship:live
  00:05:00  goes on   errors: more periods like the last one would be harm
  00:05:00  goes on   errors: more periods like the last one would be harm
  00:06:00  watched   6m at 5 %, ship:live: undecided
                      errors: canary 0.394 % (11 of 2793),
                        baseline 0.112 % (59 of 52486), evidence 3.56 of 4.61
                        (would have seen 4.95 times as many)
  00:07:00  watched   7m at 5 %, pay:live: undecided
                      errors: canary 0.330 % (11 of 3333),
                        baseline 0.113 % (71 of 63049), evidence 2.90 of 4.61
                        (would have seen 4.53 times as many)
  00:07:00  shift        10 % [##..................]  pay:live
  00:07:00  shift        10 % [##..................]  ship:live
  00:08:00  verdict   1m in at 10 %, ship:live: harm
                      errors: canary 1.181 % (6 of 508),
                        baseline 0.142 % (15 of 10595), evidence 8.55 of 4.61
  00:08:00  rollback  harm
  00:08:00  undo          0 % [....................]  ship:live
  00:08:00  undo          0 % [....................]  pay:live
  00:08:00  verified  as it was before: function:ship:live
  00:08:00  verified  as it was before: function:pay:live
  rolled back after 8m (exit status 10)
  [10]
