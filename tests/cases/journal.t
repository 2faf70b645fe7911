A journal is a chain: each line carries the hash of the one before, and one can check it by other means.

needs: jq

  $ tidelock simulate examples/checkout/checkout.lua --recording examples/checkout/checkout.ndjson \
  >     --inject 'errors*4@10m' --journal J >/dev/null; echo $?
  10
  $ jq -r .kind J | sort | uniq -c | sort -rn
       13 tick
        5 effect
        4 result
        2 probe
        1 verified
        1 undone
        1 undo
        1 run
        1 rollback
        1 end
        1 begin
  $ jq -r .seq J | awk '$1 != NR - 1' | wc -l
  0
  $ paste -d ' ' <(jq -r .hash J | head -n -1) <(jq -r .prev J | tail -n +2) | awk '$1 != $2' | wc -l
  0
  $ head -n 1 J | jq -r .prev | tr -d 0 | wc -c
  1
  $ while read -r line; do
  >     said=$(jq -r .hash <<<"$line")
  >     found=$(printf %s "$line" | sed 's/"hash":"[0-9a-f]*",//' | sha256sum | cut -d ' ' -f 1)
  >     [ "$said" = "$found" ] || echo "$line"
  > done <J | wc -l
  0
  $ tail -n 1 J | jq -c '.kind, .body.outcome, .body.exit'
  "end"
  "rolled back"
  10
