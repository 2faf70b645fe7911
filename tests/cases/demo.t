The demonstration shows a rollout that is promoted, and one that is rolled back.

  $ examples/demo.sh >shown; echo $?
  0
  $ grep -E '^(\+|#|\(|promoted|rolled back)' shown
  # Five shares of ten minutes each, on two hours of recorded traffic.
  + tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson
  promoted after 50m1s
  # The same, with a new version that fails four times as often from the tenth minute on.
  + tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson --inject 'errors*4@10m'
  rolled back after 13m1s (exit status 10)
