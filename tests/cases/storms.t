A service of 200 requests a second, three hours of it, of which one in a thousand fails; in every tenth minute, at
random, ten times as many do. The new version is no worse.

  $ cat > storms.awk <<'END'
  > function chance() { x = (x * 16807) % 2147483647; return x / 2147483647 }
  > function normal() { return sqrt(-2 * log(chance())) * cos(6.283185307 * chance()) }
  > BEGIN {
  >   x = seed * 7919; for (i = 0; i < 20; i++) chance()
  >   print "{\"format\":\"tidelock-recording\",\"series\":[{\"arm\":\"service\",\"id\":1,\"metric\":\"requests\",\"period\":60000,\"statistic\":\"sum\"},{\"arm\":\"service\",\"companion\":\"requests\",\"id\":2,\"metric\":\"errors\",\"period\":60000,\"statistic\":\"sum\"}],\"source\":\"made up\",\"version\":1}"
  >   for (i = 0; i < 180; i++) {
  >     mean = 12 * (chance() < 0.1 ? 10 : 1); e = mean + sqrt(mean) * normal()
  >     printf "{\"s\":1,\"t\":%.0f,\"v\":12000}\n{\"s\":2,\"t\":%.0f,\"v\":%d}\n", 1772442000000 + i * 60000, 1772442000000 + i * 60000, e < 0 ? 0 : e
  >   }
  > }
  > END

At 100 % it is held against the hour before, in which there were storms, too: they are none of its doing. What the minutes of
that hour differ by is the dispersion of judge.before.

  $ sweep() { for seed in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do awk -v seed=$seed -f storms.awk > s; tidelock simulate blue_green --recording s -p target=lambda-alias:pay:live,canary=42 --start 2026-03-02T10:30:00Z "$@" --format jsonl --runs 1; done | grep -oE '"outcome":"(promoted|rolled back)"' | sort | uniq -c; }
  $ sweep
       20 "outcome":"promoted"
  $ sweep --inject 'errors*20'
       20 "outcome":"rolled back"
