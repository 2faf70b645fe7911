The same rollout is promoted without a regression, and undone when one is found.

  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee (alb_rule)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        5 % [#...................]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:10:00  watched   10m at 5 %   errors: canary 5 of 5025 (0.100 %), baseline 115 of 93859 (0.123 %); evidence 0.00 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0  -> undecided
  00:10:00  shift       10 % [##..................]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:20:00  watched   10m at 10 %   errors: canary 16 of 11023 (0.145 %), baseline 105 of 98328 (0.107 %); evidence 0.00 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0.0009132  -> undecided
  00:20:00  shift       25 % [#####...............]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:30:00  watched   10m at 25 %   errors: canary 23 of 27344 (0.084 %), baseline 67 of 82017 (0.082 %); evidence 0.00 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0.0007045  -> safe
  00:30:01  shift       50 % [##########..........]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:40:01  watched   10m at 50 %   errors: canary 33 of 55964 (0.059 %), baseline 45 of 56733 (0.079 %); evidence 0.00 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0.0007098  -> safe
  00:40:01  shift      100 % [####################]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:50:01  watched   10m at 100 %   errors: canary 11 of 11131 (0.099 %), baseline 0 of 528 (0.000 %); evidence 0.00 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0.0008577  -> safe
  promoted after 50m1s
  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson --inject 'errors*4@10m'
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee (alb_rule)
    recording  checkout.ndjson
    inject     errors*4@10m
    seed       1
  
  00:00:00  shift        5 % [#...................]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:10:00  watched   10m at 5 %   errors: canary 5 of 5025 (0.100 %), baseline 115 of 93859 (0.123 %); evidence 0.00 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0  -> undecided
  00:10:00  shift       10 % [##..................]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:13:00  verdict   3m in at 10 %   errors: canary 19 of 3321 (0.572 %), baseline 39 of 30035 (0.130 %); evidence 5.32 of 4.61; errors limit: 0 of the last 3 periods beyond 0.05; the last was 0.007105  -> harm
  00:13:00  rollback  harm: errors: canary 19 of 3321 (0.572 %), baseline 39 of 30035 (0.130 %), evidence 5.32 passed 4.61
  00:13:00  undo         0 % [....................]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:13:01  verified  arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee: as it was before
  rolled back after 13m1s (exit status 10)
  [10]
  $ tidelock simulate examples/measured/measured.lua --recording examples/measured/measured.ndjson
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2 (alb_listener)
    recording  measured.ndjson
    seed       1
  
  00:00:00  shift        5 % [#...................]  listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
  00:02:00  watched   2m at 5 %   errors: canary 4 of 670 (0.597 %), baseline 40 of 12013 (0.333 %); evidence 0.00 of 4.61  -> undecided
  00:02:00  shift       10 % [##..................]  listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
  00:03:45  verdict   1m45s in at 10 %   errors: canary 17 of 1256 (1.354 %), baseline 34 of 11246 (0.302 %); evidence 5.15 of 4.61  -> harm
  00:03:45  rollback  harm: errors: canary 17 of 1256 (1.354 %), baseline 34 of 11246 (0.302 %), evidence 5.15 passed 4.61
  00:03:45  undo         0 % [....................]  listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2
  00:03:46  verified  arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2: as it was before
  rolled back after 3m46s (exit status 10)
  [10]
  $ tidelock simulate examples/measured/measured.lua --recording examples/measured/measured.ndjson -p steps=5 | tail -n 1
  promoted after 2m

When the canary's metrics vanish no decision can be reached.

  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson --inject crash@12m | tail -n 4
  00:15:00  rollback  no data: no data: the canary was silent while the baseline was not for 3 periods
  00:15:00  undo         0 % [....................]  listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee
  00:15:01  verified  arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee: as it was before
  no decision after 15m1s (exit status 15)
  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson --inject crash@12m >/dev/null
  [15]
