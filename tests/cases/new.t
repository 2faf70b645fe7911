A folder with all that a rollout begins with; what is there is left alone.

  $ tidelock new checkout 2>/dev/null
  made checkout/
    checkout.lua         the rollout: its target, and what the pipeline gives
    checkout_policy.lua  how it is carried out; change it as you like
    checkout_test.lua    what must hold of it
    checkout.ndjson      metrics to play with, made up
    .luarc.json          completion in editors
  
  next:
    cd checkout
    tidelock check checkout.lua
    tidelock simulate checkout.lua --recording checkout.ndjson -p version=43
    tidelock test checkout_test.lua
  $ ls -A checkout
  .luarc.json
  checkout.lua
  checkout.ndjson
  checkout_policy.lua
  checkout_test.lua
  $ cat checkout/checkout.lua
  -- How checkout is rolled out: by checkout_policy.lua, on this target. The file is
  -- committed once; what is new with each rollout the pipeline gives on the command line.
  
  local rollout = require "rollout"
  
  return rollout.use(require "checkout_policy", {
      target = rollout.lambda_alias {
          ["function"] = "checkout", -- name or ARN
          alias = "live",
          canary = rollout.given("version", "the version that is to be rolled out"),
      },
  })
  $ cat checkout/checkout_test.lua
  -- What must hold of the rollout of checkout; `tidelock test` runs it.
  
  local test = require "test"
  
  local function rolled_out(inject)
      return test.simulate {
          policy = "checkout.lua",
          recording = "checkout.ndjson",
          params = { version = "43" },
          inject = inject,
      }
  end
  
  test.case("a version that is as good is promoted", function()
      rolled_out():promoted()
  end)
  
  test.case("a version that fails fifty times as often is taken back", function()
      rolled_out("errors*50"):rolled_back():peak { at_most = 5 }
  end)
  $ cd checkout; tidelock check *.lua | grep -v 'to be given'
  checkout.lua: nothing found
  checkout_policy.lua: nothing found
  $ tidelock check *_test.lua
  tidelock check: checkout_test.lua holds tests: `tidelock test` carries them out
  [2]
  $ tidelock check checkout.lua
  checkout.lua: nothing found
  checkout.lua: to be given when it is run: -p version=..., the version that is to be rolled out
  $ tidelock check checkout.lua -p version=43 --recording checkout.ndjson
  checkout.lua: nothing found
  $ tidelock simulate checkout.lua --recording checkout.ndjson -p version=43 | tail -n 1
  promoted after 25m
  $ tidelock simulate checkout.lua --recording checkout.ndjson -p version=43 --inject 'errors*50' | tail -n 1
  rolled back after 2m (exit status 10)
  $ tidelock test checkout_test.lua
  checkout_test.lua
    ok      a version that is as good is promoted
    ok      a version that fails fifty times as often is taken back
  2 passed, 0 failed
  $ cd ..; echo mine > checkout/checkout.lua
  $ tidelock new checkout
  tidelock new: checkout is there already; nothing is overwritten
  [2]
  $ cat checkout/checkout.lua
  mine

From any of the shipped policies: it is checked without a finding, and carried out.

  $ for s in blue_green flag_ramp linear take_back; do
  >   tidelock new my_$s --strategy $s >/dev/null 2>&1
  >   tidelock check my_$s/my_$s.lua | head -n 1
  >   grep -q rollout.given my_$s/my_$s.lua && given="-p version=43" || given=
  >   tidelock simulate my_$s/my_$s.lua --recording my_$s/my_$s.ndjson $given | tail -n 1
  >   tidelock test my_$s >/dev/null || echo "its test fails"
  > done
  my_blue_green/my_blue_green.lua: nothing found
  promoted after 10m
  my_flag_ramp/my_flag_ramp.lua: nothing found
  promoted after 1h21s
  my_linear/my_linear.lua: nothing found
  promoted after 50m1s
  my_take_back/my_take_back.lua: nothing found
  promoted after 160ms, with my_take_back/live not shifted

What a rollout cannot be called, and what it cannot begin from.

  $ tidelock new Checkout
  tidelock new: Checkout: expected a name of up to 40 small letters, digits and _ that begins with a letter
  [2]
  $ tidelock new ../checkout
  tidelock new: ../checkout: expected a name of up to 40 small letters, digits and _ that begins with a letter
  [2]
  $ tidelock new linear
  tidelock new: linear: a shipped policy is called so; take another name
  [2]
  $ tidelock new other --strategy stp_canary
  tidelock new: --strategy: stp_canary: no such file, and no shipped policy of that name; did you mean step_canary?
  [2]
  $ tidelock new other --strategy checkout/checkout.lua
  tidelock new: --strategy: checkout/checkout.lua: no such file, and no shipped policy of that name
  [2]
  $ ls
  checkout
  examples
  my_blue_green
  my_flag_ramp
  my_linear
  my_take_back
  policies
  stdlib
  $ touch taken; tidelock new taken
  tidelock new: taken is there already; nothing is overwritten
  [2]
