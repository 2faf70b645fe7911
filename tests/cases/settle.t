A simulation settles as the provider did from which its recording came: it has a period as late as the run had it, reads it
again for as long, and has the last one judged before it commits. CloudWatch is two minutes late, JSON over HTTP one, Prometheus
half of one, and a recording that says nothing not at all (tests/spec/metrics_settle_spec.lua has what providers record).

  $ late() { jq -c --argjson late $1 'if .t and $late > 0 then . + {seen: (.t + 60000 + $late)} else . end' \
  >     examples/checkout/checkout.ndjson; }
  $ for late in 120000 60000 30000 0; do late $late > late.ndjson; rm -f J
  > tidelock simulate step_canary -p target=lambda-alias:pay:live,canary=42 -p steps=50 -p sees=0 --recording late.ndjson \
  >     --journal J | tail -n 1
  > jq -sc '[.[] | select(.kind == "tick")] as $ticks | {
  >     still: ([$ticks[].body.still] | unique),
  >     first_look: (($ticks | map(select(.body.periods[0])) | .[0].at) / 1000 % 3600 | floor),
  >     least_late: ([$ticks[] | .at as $at | .body.periods[] | $at - .at - 60000] | min / 1000 | floor)}' J; done
  promoted after 16m
  {"still":[null,120000],"first_look":240,"least_late":120}
  promoted after 13m
  {"still":[null,60000],"first_look":180,"least_late":60}
  promoted after 13m
  {"still":[null,30000],"first_look":180,"least_late":60}
  promoted after 10m
  {"still":[null],"first_look":120,"least_late":0}
