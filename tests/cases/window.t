Windows: a rollout goes on when the clocks of a time zone show so, and what is watched goes on being watched.

  $ cat >office.lua <<'END'
  > local rollout = require "rollout"
  > 
  > return rollout.policy {
  >     summary = "Five percent, and half of the traffic while somebody is there.",
  >     params = {
  >         target = rollout.target(),
  >         office = rollout.window { days = "mon-thu", from = "11:30", to = "16:00",
  >             zone = "Europe/Berlin", except = { "2026-12-24" } },
  >     },
  >     run = function(p)
  >         p.target:shift(5)
  >         p.target:watch { during = "5m" }
  >         p.office:wait { within = "3d" }
  >         p.target:shift(50)
  >         p.target:watch { during = "5m" }
  >         p.target:shift(100)
  >     end,
  > }
  > END
  $ run() { tidelock simulate office.lua --recording examples/checkout/checkout.ndjson \
  >     -p target=lambda-alias:pay:live,canary=42 "$@"; }
  $ run --journal office.journal
  office: Five percent, and half of the traffic while somebody is there.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:05:00  watched   5m at 5 %: undecided
                      errors: canary 0.135 % (3 of 2222),
                        baseline 0.100 % (42 of 42027), evidence 0.00 of 4.61
                        (would have seen 5.71 times as many)
  00:05:00  window    closed until Mon 2026-03-02 11:30 (mon-thu 11:30-16:00
                      Europe/Berlin)
  00:05:00  wait      1h24m59s
  01:30:00  watched   1h24m59s at 5 %: safe
                      errors: canary 0.082 % (40 of 48636),
                        baseline 0.104 % (964 of 923873), evidence 0.11 of 4.61
  01:30:00  window    open until Mon 2026-03-02 16:00 (mon-thu 11:30-16:00
                      Europe/Berlin)
  01:30:00  shift        50 % [##########..........]
  01:35:00  watched   5m at 50 %: safe
                      errors: canary 0.082 % (21 of 25631),
                        baseline 0.078 % (20 of 25732), evidence 0.11 of 4.61
  01:35:00  shift       100 % [####################]
  promoted after 1h35m
  $ tidelock replay office.journal
  the same: 122 records

What the window decided is in the journal: the machine of a replay need not know the zone.

  $ TZDIR=/nonexistent tidelock replay office.journal
  the same: 122 records
  $ run -p office=always | tail -n 5
                      errors: canary 0.137 % (30 of 21925),
                        baseline 0.129 % (28 of 21680), evidence 0.00 of 4.61
                        (would have seen 2.67 times as many)
  00:10:00  shift       100 % [####################]
  promoted after 10m
  $ run -p office=zone=Asia/Kolkata,from=15:30,to=16:00 | sed -n 11,13p
  00:05:00  window    closed until Mon 2026-03-02 15:30 (mon-sun 15:30-16:00
                      Asia/Kolkata)
  00:05:00  wait      54m59s
  $ run -p office=from=11:00,to=02:00,except=2026-03-01+2026-03-02 | tail -n 2
  02:02:00  verified  as it was before: function:pay:live
  no decision after 2h2m, and rolled back (exit status 15)
  $ run -p office=days=fri,from=09:00,zone=Europe/Berlin | tail -n 4
                      3d
  00:05:00  undo          0 % [....................]
  00:05:00  verified  as it was before: function:pay:live
  rolled back after 5m (exit status 10)
  $ run --inject errors*8@20m | tail -n 5
                        baseline 0.115 % (239 of 207103), evidence 7.41 of 4.61
  00:25:00  rollback  harm
  00:25:00  undo          0 % [....................]
  00:25:00  verified  as it was before: function:pay:live
  rolled back after 25m (exit status 10)
  $ run -p office=zone=Europe/Berlin,from=10:10 --crash-everywhere | tail -n 1
  points tried 2205, points restored 2205

What is no window, and a zone that nobody knows, is told before anything is touched.

  $ run -p office=zone=Europe/Berln | tail -n 1
  tidelock simulate: parameter "office": there is no time zone "Europe/Berln" in /usr/share/zoneinfo, where the package tzdata has them, or no file of the policy spells it out
  refused after 40ms (exit status 2)
  $ for office in from=25:00 days=day from=9 except=24.12. to=00:00 from=10:00,to=10:00; do run -p office=$office; done
  tidelock simulate: parameter "office": from: expected a time such as "09:00", got "25:00"
  tidelock simulate: parameter "office": days: expected days such as "mon-thu", got "day"
  tidelock simulate: parameter "office": from: expected a time such as "09:00", got "9"
  tidelock simulate: parameter "office": except: expected a date such as "2026-12-24", got "24.12."
  tidelock simulate: parameter "office": from and to are the same time
  tidelock simulate: parameter "office": from and to are the same time
  [2]
  $ for office in except=2026-02-29 except=2026-04-31 days=fri,days=mon ''; do run -p office=$office; done
  tidelock simulate: parameter "office": except: expected a date such as "2026-12-24", got "2026-02-29"
  tidelock simulate: parameter "office": except: expected a date such as "2026-12-24", got "2026-04-31"
  tidelock simulate: parameter "office": the option "days" is given twice
  tidelock simulate: parameter "office": expected options such as days=mon-thu, or always; got ""
  [2]
  $ run -p office=except=2028-02-29 > /dev/null
  $ cat > freeze.lua <<'EOF'
  > local rollout = require "rollout"
  > return rollout.policy {
  >     params = { target = rollout.target(), office = rollout.window {
  >         { days = "mon-thu" }, { days = "fri", to = "12:00" }, zone = "Europe/Berlin" } },
  >     run = function() end,
  > }
  > EOF
  $ tidelock check freeze.lua
  freeze.lua:3: error: rollout.window: zone stands beside several windows: each has its own [load]
  [2]
  $ TZDIR=/nonexistent run 2>&1 >/dev/null
  tidelock simulate: parameter "office": there is no time zone "Europe/Berlin" in /usr/share/zoneinfo, where the package tzdata has them, or no file of the policy spells it out
  [2]

The time of a rollout is its recording's.

  $ cat >now.lua <<'END'
  > local rollout, moment = require "rollout", require "moment"
  > return rollout.policy {
  >     summary = "Say what time it is.",
  >     params = { target = rollout.target() },
  >     run = function(p)
  >         p.target:shift(50)
  >         rollout.notify(moment.format(rollout.now()))
  >         rollout.sleep "30m"
  >         rollout.notify(moment.format(rollout.now()))
  >     end,
  > }
  > END
  $ tidelock simulate now.lua --recording examples/checkout/checkout.ndjson --journal now.journal \
  >     -p target=lambda-alias:pay:live,canary=42 | tail -n 5
  00:00:00  shift        50 % [##########..........]
  00:00:00  notify    2026-03-02 09:00 UTC
  00:00:00  wait      30m
  00:30:00  notify    2026-03-02 09:30 UTC
  promoted after 30m, with pay:live at 50 %
  $ tidelock replay now.journal
  the same: 19 records
