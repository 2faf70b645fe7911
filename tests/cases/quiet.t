Services of 0.03 to 0.1 requests a second, eight hours each, of which every hundredth request fails.

  $ cat > quiet.awk <<'END'
  > function chance() { x = (x * 16807) % 2147483647; return x / 2147483647 }
  > function count(mean,  n, p) { p = chance(); for (n = 0; p > exp(-mean); n++) p *= chance(); return n }
  > BEGIN {
  >   x = seed; for (i = 0; i < 20; i++) chance()
  >   print "{\"format\":\"tidelock-recording\",\"series\":[{\"arm\":\"service\",\"id\":1,\"metric\":\"requests\",\"period\":60000,\"statistic\":\"sum\"},{\"arm\":\"service\",\"companion\":\"requests\",\"id\":2,\"metric\":\"errors\",\"period\":60000,\"statistic\":\"sum\"}],\"source\":\"made up\",\"version\":1}"
  >   for (i = 0; i < 480; i++) {
  >     n = count(60 * rate); e = 0
  >     for (k = 0; k < n; k++) e += chance() < 0.01
  >     if (n > 0) printf "{\"s\":1,\"t\":%.0f,\"v\":%d}\n", 1772442000000 + i * 60000, n
  >     if (e > 0) printf "{\"s\":2,\"t\":%.0f,\"v\":%d}\n", 1772442000000 + i * 60000, e
  >   }
  > }
  > END

As long as they are as quiet as they always are, that is no silence: what cannot be seen is undecided, and the shipped
policies go on where they are not asked to see anything. (What is taken for silence comes about once in e^10 times.)

  $ sweep() { for rate in 0.03 0.05 0.1; do for seed in 1 2 3 4 5; do awk -v rate=$rate -v seed=$seed -f quiet.awk > q; for policy in step_canary linear blue_green flag_ramp; do tidelock simulate $policy --recording q -p target=lambda-alias:pay:live,canary=42 --start 2026-03-02T10:00:00Z --runs 20 --format jsonl "$@"; done; done; done | grep -o '"outcome":"[a-z ]*"' | sort | uniq -c; }
  $ sweep -p sees=0
        1 "outcome":"no decision"
     1199 "outcome":"promoted"
  $ sweep
     1140 "outcome":"no decision"
       60 "outcome":"promoted"

That is told before the first shift, with how long it would take.

  $ awk -v rate=0.05 -v seed=1 -f quiet.awk > q
  $ tidelock simulate step_canary --recording q -p target=lambda-alias:pay:live,canary=42 --start 2026-03-02T10:00:00Z | tail -n +6
  00:00:00  rollback  undecided: at 5 % of 0.0544 requests a second, as there were
                      before the run, only a rise to 31.4 times could be seen
                      within 1h5m, and one to 10 times is asked for (sees), which
                      would take 4h11m
  no decision after 40ms (exit status 15)

One that falls silent altogether is another matter.

  $ awk -v rate=0.1 -v seed=1 -f quiet.awk | awk 'NR == 1 || /format/ || /"t":17724[4][2-5]/' > q
  $ tidelock simulate step_canary --recording q -p target=lambda-alias:pay:live,canary=42 -p sees=0 --start 2026-03-02T10:00:00Z | grep rollback -A 1
  00:09:00  rollback  no data: the recording ends at 00:07:00 of the rollout
                      (2026-03-02T10:07:00Z), before the watch does
