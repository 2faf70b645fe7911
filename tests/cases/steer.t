What people ask of runs in other terminals, where nobody is there to hear it; what a run does that hears it is
tried by tests/live.

needs: flock

  $ umask 077; mkdir -p .tidelock/runs .tidelock/locks
  $ tidelock simulate step_canary --recording examples/checkout/checkout.ndjson --journal run.journal \
  >     -p target=lambda-alias:pay:live,canary=42 >/dev/null
  $ cp run.journal .tidelock/runs/20261124-075100-1a2b3c.journal
  $ tidelock pause last
  tidelock pause: run 20261124-075100-1a2b3c has ended: promoted
  [13]
  $ tidelock resume last
  tidelock resume: run 20261124-075100-1a2b3c has ended: promoted
  [13]
  $ tidelock promote --full last
  tidelock promote: run 20261124-075100-1a2b3c has ended: promoted
  [13]
  $ tidelock abort last
  tidelock abort: run 20261124-075100-1a2b3c has ended: promoted
  [13]

A run whose process is gone is for `recover`.

  $ head -n 9 run.journal >.tidelock/runs/20261125-000000-00b3c0.journal
  $ for verb in pause resume promote abort; do tidelock $verb last; echo $?; done
  tidelock pause: the process of run 20261125-000000-00b3c0 is gone (`tidelock recover 20261125-000000-00b3c0` takes it up)
  13
  tidelock resume: the process of run 20261125-000000-00b3c0 is gone (`tidelock recover 20261125-000000-00b3c0` takes it up)
  13
  tidelock promote: the process of run 20261125-000000-00b3c0 is gone (`tidelock recover 20261125-000000-00b3c0` takes it up)
  13
  tidelock abort: the process of run 20261125-000000-00b3c0 is gone (`tidelock recover 20261125-000000-00b3c0` takes it up)
  13
  $ tidelock status --format json last
  [{"account":"123456789012","began":1772442000000,"last":1772442120170,"policy":"step_canary.lua","records":9,"region":"us-east-1","run":"20261125-000000-00b3c0","status":"cut short","targets":[{"share":5.0,"target":"pay:live","type":"lambda_alias"}],"verdict":"undecided"}]
  $ tidelock status last
  20261125-000000-00b3c0  cut short
    policy     step_canary.lua
    begun      2026-03-02T09:00:00Z
    account    123456789012, us-east-1
    target     pay:live (lambda_alias), canary at 5 %
    watch      2m of 5m at 5 %: undecided
    next       `tidelock recover 20261125-000000-00b3c0` rolls it back
  $ tidelock status 20261124
  20261124-075100-1a2b3c  ended
    policy     step_canary.lua
    begun      2026-03-02T09:00:00Z
    account    123456789012, us-east-1
    target     pay:live (lambda_alias), canary at 100 %
    watch      5m of 5m at 100 %: undecided
    ended      promoted after 25m (exit status 0)
  $ tidelock status
  RUN                      POLICY               BEGUN                STATUS
  20261124-075100-1a2b3c   step_canary.lua      2026-03-02T09:00:00Z promoted
  20261125-000000-00b3c0   step_canary.lua      2026-03-02T09:00:00Z cut short
  $ tidelock pause nothing
  tidelock pause: there is no run nothing in .tidelock; the last one is 20261125-000000-00b3c0
  [2]
  $ tidelock pause
  tidelock pause: RUN is missing (see tidelock pause --help)
  [2]
  $ tidelock pause --full last
  tidelock pause: there is no option --full
  [2]

A list says of each what is said of it alone, wherever a journal ends or is damaged, though it reads little of what was measured.

  $ mkdir -p all/runs
  $ for n in $(seq $(wc -l <run.journal)); do
  >     head -n $n run.journal >all/runs/$(printf '20261126-%06d-00b3c0' $n).journal
  >     sed "${n}s/:1/:2/" run.journal >all/runs/$(printf '20261127-%06d-00b3c0' $n).journal
  > done
  $ tidelock status --state all --format jsonl >list
  $ for run in all/runs/*; do
  >     tidelock status --state all --format jsonl $(basename $run .journal)
  > done | cmp - list
  $ grep -c '"verdict":"undecided"' list
  51
  $ tidelock status --state all --format jsonl 20261127-000054 >/dev/full
  tidelock: writing the output: No space left on device
  [1]

  $ for verb in pause resume promote abort; do tidelock $verb --help; done | grep 'tidelock.*last'
    tidelock pause last
    tidelock resume last
    tidelock promote last
    tidelock abort last
  $ tidelock promote --help | grep full
        --full                   this wait and every later one of the run

A run that is there: its journal is locked, as its process would do it, and so is its control file. What is
asked stands in that; what is needless is told, and asked all the same.

  $ cp .tidelock/runs/20261125-000000-00b3c0.journal .tidelock/runs/20261126-000000-00b3c0.journal
  $ : >.tidelock/runs/20261126-000000-00b3c0.control
  $ RUN=.tidelock/runs/20261126-000000-00b3c0
  $ flock $RUN.journal flock $RUN.control -c '
  >     export USER=ann; tidelock resume last; tidelock pause last; tidelock promote last
  >     tidelock promote --full last'
  20261126-000000-00b3c0 is not paused
  asked 20261126-000000-00b3c0 to go on; `tidelock status 20261126-000000-00b3c0` tells how it is doing
  asked 20261126-000000-00b3c0 to pause; `tidelock status 20261126-000000-00b3c0` tells how it is doing
  asked 20261126-000000-00b3c0 to end its wait; `tidelock status 20261126-000000-00b3c0` tells how it is doing
  asked 20261126-000000-00b3c0 to end its wait and every later one; `tidelock status 20261126-000000-00b3c0` tells how it is doing
  $ sed 's/[0-9]\{13\}/NOW/; s/ on [^"]*/ on HOST/' .tidelock/runs/20261126-000000-00b3c0.control
  
  {"at":NOW,"by":"ann on HOST","request":"resume"}
  
  {"at":NOW,"by":"ann on HOST","request":"pause"}
  
  {"at":NOW,"by":"ann on HOST","request":"promote"}
  
  {"at":NOW,"by":"ann on HOST","request":"promote --full"}
