A job of GitHub Actions gets a page, outputs, a group and an annotation by itself.

  $ touch page outputs
  $ export GITHUB_ACTIONS=true GITHUB_STEP_SUMMARY=$PWD/page GITHUB_OUTPUT=$PWD/outputs
  $ sim="tidelock simulate step_canary --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 -p bake=2m -p steps=5"
  $ $sim 2>messages | sed -n '1p; $p'; cat messages
  ::group::tidelock simulate
  ::endgroup::
  ::notice title=tidelock simulate step_canary.lua%3A promoted::promoted
  $ cat page
  ### ✅ ` tidelock simulate step_canary.lua ` promoted
  
  ```text
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift         5 % [#...................]
  00:02:00  watched   2m at 5 %: undecided
                      errors: canary 0.000 % (0 of 555),
                        baseline 0.164 % (17 of 10386), evidence 0.00 of 4.61
                        (would have seen 9.7 times as many)
  00:02:00  shift       100 % [####################]
  00:04:00  watched   2m at 100 %: undecided
                      errors limit: 0 of 1 periods above 0.05, the last 0.0006456
                      errors before: before 0.102 % (669 of 658153),
                        canary 0.065 % (7 of 10843), evidence 0.00 of 4.61
                        (would have seen 5.22 times as many)
  promoted after 4m
  ```
  
  $ sed 's/[0-9a-f]\{32\}/MARK/' outputs
  outcome<<MARK
  promoted
  MARK
  exit_status<<MARK
  0
  MARK

One that is rolled back is an error there:

  $ $sim --inject 'errors*30' 2>&1 >/dev/null
  ::error title=tidelock simulate step_canary.lua%3A rolled back::errors: canary 5.045 %25 (28 of 555), baseline 0.164 %25 (17 of 10386), evidence 30.84 of 4.61
  [10]

So is what was asked wrongly:

  $ tidelock simulate step_canary 2>&1
  tidelock simulate: --recording FILE is missing (`tidelock import --help` tells how to get one)
  ::error title=tidelock simulate::--recording FILE is missing (`tidelock import --help` tells how to get one)
  [2]

A policy says what it likes. It adds no command to the log, no output, and nothing to the page but text: its fences are one longer than
any of its own.

  $ cat > evil.lua <<'EOF'
  > local rollout = require "rollout"
  > return rollout.policy {
  >     summary = "::set-output name=a::b",
  >     params = { target = rollout.target() },
  >     run = function(p)
  >         p.target:shift(5)
  >         error("```\n::error::oops\n````\nEOF\noutcome=promoted\n@all ##[error]", 0)
  >     end,
  > }
  > EOF
  $ rm page outputs; touch page outputs
  $ tidelock simulate evil.lua --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42 2>&1 | grep -E '^ *::|##\['
  ::group::tidelock simulate
  ::endgroup::
  ::error title=tidelock simulate evil.lua%3A policy failed::evil.lua:7: ```%0A::error::oops%0A````%0AEOF%0Aoutcome=promoted%0A@all ##[error]
  $ sed 's/[0-9a-f]\{32\}/MARK/' outputs
  outcome<<MARK
  policy failed
  MARK
  exit_status<<MARK
  16
  MARK
  reason<<MARK
  evil.lua:7: ```
  ::error::oops
  ````
  EOF
  outcome=promoted
  @all ##[error]
  MARK
  $ grep -n '```' page
  3:````` evil.lua:7: ``` ::error::oops ```` EOF outcome=promoted @all ##[error] `````
  5:`````text
  13:                    ```\x0a::error::oops\x0a````\x0aEOF\x0aoutcome=promoted\x0a@all
  18:`````

Data on standard output stays data: the commands go to standard error.

  $ $sim --format json 2>/dev/null | cut -c1-30
  {"cause":"none","chunk":"","en
  $ $sim --format jsonl 2>/dev/null | grep -c '^::'
  0
  [1]

Where the files cannot be written, the run goes on; elsewhere nothing is added.

  $ GITHUB_STEP_SUMMARY=/nowhere GITHUB_OUTPUT=/nowhere $sim 2>/dev/null | tail -n 2
  promoted after 4m
  ::endgroup::
  $ rm page; touch page; unset GITHUB_ACTIONS; $sim | grep -c '::'; wc -c < page
  0
  0
