The timeline of a journal is what the run said while it happened, and its records are as they are.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p bake=3m --inject errors*20@4m'
  $ sim --journal J > said; echo $?
  10
  $ tidelock show J
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     errors*20@4m
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:03:00  watched   3m at 5 %: undecided
                      errors: canary 0.094 % (1 of 1066),
                        baseline 0.114 % (24 of 21138), evidence 0.00 of 4.61
                        (would have seen 8.93 times as many)
  00:03:00  shift        10 % [##..................]
  00:05:00  verdict   2m in at 10 %: harm
                      errors: canary 1.748 % (19 of 1087),
                        baseline 0.099 % (10 of 10115), evidence 16.17 of 4.61
  00:05:00  rollback  harm
  00:05:00  undo          0 % [....................]
  00:05:00  verified  as it was before: function:pay:live
  rolled back after 5m (exit status 10)
  $ tidelock show J | cmp - said && echo same
  same
  $ sim --ticks > said; tidelock show --ticks J | cmp - said && echo same
  same
  $ tidelock show --format jsonl J | cmp - J && echo same
  same
  $ tidelock show - < J | cmp - <(tidelock show J) && echo same
  same
  $ CLICOLOR_FORCE=1 tidelock show J | grep -c $'\33\\[31m'
  3
  $ CLICOLOR_FORCE=1 NO_COLOR=1 tidelock show J | grep -c $'\33'
  0
  [1]

One JSON document has the header, the records and a summary.

  $ tidelock show --format json J | jq -c '.header.seed, (.records | length), .records[3].kind, .torn'
  1
  23
  "result"
  false
  $ tidelock show --format json J | jq .summary
  {
    "cause": "harm",
    "chunk": "",
    "ended": 1772442300470,
    "exit": 10,
    "line": 0,
    "lives": 1,
    "mutations": 2,
    "not_restored": 0,
    "outcome": "rolled back",
    "peak_share": 10,
    "policy": "step_canary",
    "reason": "errors: canary 1.748 % (19 of 1087), baseline 0.099 % (10 of 10115), evidence 16.17 of 4.61",
    "records": 23,
    "restored": 1,
    "started": 1772442000000,
    "undone": 1
  }
  $ tidelock show --format json J | jq -r .last_hash | cmp - <(tail -n 1 J | jq -r .hash) && echo same
  same

A torn journal is told as far as it goes; so is a damaged one, and then its line.

  $ head -c -10 J > torn; tidelock show torn | tail -n 2
  tidelock show: torn: line 23 is torn: its write did not finish, and it is left out
  00:05:00  verified  as it was before: function:pay:live
  the journal ends here, before the run did
  $ tidelock show torn --format jsonl 2> /dev/null | cmp - <(head -n -1 J) && echo same
  same
  $ sed '3s/"at":1/"at":2/' J > changed; tidelock show changed
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    inject     errors*20@4m
    seed       1
  
  tidelock show: changed: line 3: its hash does not fit: it was changed after it was written
  the journal is damaged from here on
  [2]
  $ sed 2d J > missing; tidelock show missing --format json | jq -c '.damaged, (.records | length)'; echo "${PIPESTATUS[0]}"
  tidelock show: missing: line 2: record 2 stands where 1 was expected: lines are missing or out of order
  "missing: line 2: record 2 stands where 1 was expected: lines are missing or out of order"
  1
  2
  $ tidelock show missing --format jsonl 2>&1 >out
  tidelock show: missing: line 2: record 2 stands where 1 was expected: lines are missing or out of order
  [2]
  $ : > empty; tidelock show empty
  tidelock show: empty: there is no whole record in it
  [2]
  $ tidelock show none
  tidelock show: none is no file here: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock show J --format xml
  tidelock show: --format is text, json or jsonl, not "xml"
  [2]
  $ tidelock show
  tidelock show: RUN|JOURNAL is missing (see tidelock show --help)
  [2]

A run of the state folder is told and replayed by its name; a file of that name goes before it.

  $ umask 077; mkdir -p kept/runs; cp J kept/runs/20260302-090000-1a2b3c.journal
  $ tidelock show last
  tidelock show: last is no file here: there is no state folder .tidelock: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock show last --state kept | cmp - <(tidelock show J) && echo same
  same
  $ echo 'return { state = "kept" }' > tidelock.lua
  $ tidelock show 20260302 | cmp - <(tidelock show J) && echo same
  same
  $ tidelock replay 1a2b3c
  the same: 23 records
  $ sed 's/"kind":"end"/"kind":"End"/' J > kept/runs/20260303-090000-4d5e6f.journal
  $ tidelock replay last
  tidelock replay: kept/runs/20260303-090000-4d5e6f.journal: line 23: its hash does not fit: it was changed after it was written
  [2]
  $ cp J last; tidelock replay last
  the same: 23 records
  $ mkdir 1a2b3c; tidelock replay 1a2b3c
  the same: 23 records
  $ tidelock show 20260302-090000-1a2b3d
  tidelock show: 20260302-090000-1a2b3d is no file here: there is no run 20260302-090000-1a2b3d in kept; the last one is 20260303-090000-4d5e6f
  [2]
  $ tidelock show kept/none
  tidelock show: kept/none: No such file or directory
  [2]
  $ tidelock show kept/
  tidelock show: kept/ is a folder; a file was expected
  [2]

Whatever byte is turned, the answer is a message and status 2, or a timeline of what is left.

  $ size=$(stat -c %s J)
  $ for at in $(seq 7 211 $size); do
  >     cp J flipped
  >     byte=$(od -An -tu1 -j $at -N 1 J)
  >     printf "\\x$(printf %02x $((byte ^ 1 << at % 8)))" | dd of=flipped bs=1 seek=$at conv=notrunc status=none
  >     tidelock show flipped > out 2> err; echo "$? $(wc -l < err)"
  > done | sort | uniq -c | sed 's/^ *//' | cut -d ' ' -f 2-
  2 1
