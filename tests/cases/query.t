A policy may look at the metrics itself. It knows no clock: "last" is the time up to now.
needs: jq

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate $TIDELOCK_ROOT/tests/fixtures/policies/query.lua --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'
  $ sim --journal j
  query: Half of the traffic for half an hour, while few enough requests fail.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:00:00  wait      10m
  00:10:00  wait      10m
  00:20:00  wait      10m
  00:30:00  shift       100 % [####################]
  promoted after 30m
  $ tidelock replay j
  the same: 29 records
  $ jq -c 'select(.body.request.kind == "metric") | [.at, (.body.request | .last, .from, .to)]' j | head -n 2
  [1772442600170,600000,1772442000170,1772442600170]
  [1772442600170,600000,1772442000170,1772442600170]
  $ sim -p tolerated=0.0001
  query: Half of the traffic for half an hour, while few enough requests fail.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:00:00  wait      10m
  00:10:00  rollback  policy: too many requests fail
  00:10:00  undo          0 % [....................]
  00:10:00  verified  as it was before: function:pay:live
  rolled back after 10m (exit status 10)
  [10]
  $ sim --inject crash@15m
  query: Half of the traffic for half an hour, while few enough requests fail.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     crash@15m
    seed       1
  
  00:00:00  shift        50 % [##########..........]
  00:00:00  wait      10m
  00:10:00  wait      10m
  00:20:00  wait      10m
  00:30:00  rollback  policy: no requests within ten minutes
  00:30:00  undo          0 % [....................]
  00:30:00  verified  as it was before: function:pay:live
  rolled back after 30m (exit status 10)
  [10]
  $ printf 'local rollout = require "rollout"\nlocal effect = require "metrics"\nreturn rollout.policy { summary = "S", params = { target = rollout.target() }, run = function(p)\n  effect.query { target = p.target, metric = "erors", arm = "canary", last = "10m" }\nend }\n' > wrong.lua
  $ tidelock simulate wrong.lua --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42
  wrong: S
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  rollback  error: wrong.lua:4: metrics.query: invalid: the recording
                      has no metric "erors"; it has requests (service), errors
                      (service)
  refused after 40ms (exit status 2)
  tidelock simulate: wrong.lua:4: metrics.query: invalid: the recording has no metric "erors"; it has requests (service), errors (service)
  [2]
