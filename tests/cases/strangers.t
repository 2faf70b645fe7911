A checked-out branch is a stranger: what its files are is looked at before what is in them.

  $ shopt -s expand_aliases
  $ alias sim='timeout 20 tidelock simulate --recording examples/checkout/checkout.ndjson -p target=lambda-alias:pay:live,canary=42'

A module is a regular file below the folder of the policy, and no link leads out of it. What stands there instead is named.

  $ mkdir -p team; mkfifo team/pipe.lua; ln -s /proc/self/environ extra.lua; ln -s ../stdlib team/linked
  $ mkdir team/folder.lua; ln -s nowhere.lua broken.lua
  $ requires() { echo "local m = require '$1'" > p.lua; sim p.lua; }
  $ requires extra
  tidelock simulate: ./extra.lua is a link (to /proc/self/environ), and links are not followed here
  [2]
  $ requires broken
  tidelock simulate: ./broken.lua is a link (to nowhere.lua), and links are not followed here
  [2]
  $ requires team.pipe
  tidelock simulate: ./team/pipe.lua is a pipe; a file was expected
  [2]
  $ requires team.linked.rollout
  tidelock simulate: ./team/linked is a link (to ../stdlib), and links are not followed here
  [2]
  $ requires team.folder
  tidelock simulate: ./team/folder.lua is a folder; a file was expected
  [2]

So is everything else that is read. Nothing hangs.

  $ mkfifo pipe.lua; sim pipe.lua
  tidelock simulate: pipe.lua is a pipe; a file was expected
  [2]
  $ timeout 20 tidelock run pipe.lua
  tidelock run: pipe.lua is a pipe; a file was expected
  [2]
  $ timeout 20 tidelock eval extra.lua
  tidelock eval: extra.lua is a view into the kernel; a file was expected
  [2]
  $ timeout 20 tidelock simulate --recording /dev/zero step_canary
  tidelock simulate: /dev/zero is a device; a file was expected
  [2]
  $ timeout 20 tidelock show ./pipe.lua
  tidelock show: ./pipe.lua is a pipe; a file was expected
  [2]
  $ mkdir c; mkfifo c/tidelock.lua; timeout 20 tidelock status --config c/tidelock.lua
  tidelock status: c/tidelock.lua is a pipe; a file was expected
  [2]
  $ (cd c; timeout 20 tidelock status)
  tidelock status: tidelock.lua is a pipe; a file was expected
  [2]

A zero byte in a name makes no second copy of a module.

  $ echo 'return require "check" == require "check\0x"' > zero.lua; tidelock eval zero.lua
  tidelock eval: zero.lua:1: bad argument #1 to 'require' (the name of a module has no zero byte)
  [2]

The state folder is the user's own: no link, and closed to others. What a link in it leads to is left alone.

  $ mkdir -m 700 mine mine/runs mine/locks; ln -s mine .tidelock; tidelock status
  tidelock status: the state folder: .tidelock is a link (to mine), and links are not followed here (--state names another folder, --config another operator's file)
  [2]
  $ tidelock status --state mine
  no runs
  $ chmod 755 mine; tidelock status --state mine/
  tidelock status: the state folder: mine is open to others, as what comes with a checked-out branch is; if you know it for yours, `chmod -R go= mine` closes it (--state names another folder, --config another operator's file)
  [2]
  $ chmod -R go= mine; echo '{}' > mine/runs/20260102-000000-000000.journal; tidelock status --state mine
  RUN                      POLICY               BEGUN                STATUS
  20260102-000000-000000                                             unreadable
  $ tidelock recover last --state mine; tidelock show last --state mine
  tidelock recover: mine/runs/20260102-000000-000000.journal is open to others, as what comes with a checked-out branch is; if you know it for yours, `chmod go= mine/runs/20260102-000000-000000.journal` closes it
  tidelock show: mine/runs/20260102-000000-000000.journal is open to others, as what comes with a checked-out branch is; if you know it for yours, `chmod go= mine/runs/20260102-000000-000000.journal` closes it
  [2]
  $ rm mine/runs/*; touch mine/runs/last.journal; tidelock status --state mine
  no runs
  $ rm mine/runs/*; echo kept > kept; ln -s ../../kept mine/runs/20260101-000000-000000.journal
  $ tidelock show 20260101 --state mine
  tidelock show: mine/runs/20260101-000000-000000.journal is a link (to ../../kept), and links are not followed here
  [2]

A shipped policy is not replaced by a file of its name. One's own is named by its path.

  $ mkdir t t/policies; echo 'error "ours"' | tee step_canary t/step_canary t/policies/step_canary.lua > t/policies/linear.lua
  $ sim step_canary | sed -n 1p
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.
  $ sim ./step_canary
  tidelock simulate: step_canary:1: ours
  [2]
  $ cat > t/bound.lua <<'END'
  > -- require "policies.step_canary"
  > return require "rollout".use("step_canary", {})
  > END
  $ sim t/bound.lua
  tidelock simulate: policies/step_canary.lua is not the shipped policy of that name, and would be taken for it; give a policy of your own another name (require "team.canary" is team/canary.lua)
  [2]
  $ echo 'return require("rollout").use(require "policies.step_canary", {})' > t/required.lua; sim t/required.lua 2>&1 | cut -d " " -f 3-11
  policies/step_canary.lua is not the shipped policy of that name,
  $ echo 'return require("rollout").use("linear", {})' > t/used.lua; sim t/used.lua 2>&1 | sed -n 1p
  linear: Raise the new version's share in equal steps, and judge it against the old at each.
  $ cp policies/step_canary.lua t/policies; sim t/bound.lua | sed -n 1p
  step_canary: Raise the new version's share in steps, and judge it against the old one at each.

What others wrote is shown, and not obeyed by a terminal: policies, their errors, arguments, files.

  $ printf 'print "\\27[2Jcleared\\u{9b}31m\\u{202e}gnp\\rtidelock: promoted"\nerror "\\27]0;title\\7"' > says.lua
  $ tidelock eval says.lua
  \x1b[2Jcleared\u009b31m\u202egnp\x0dtidelock: promoted
  tidelock eval: says.lua:2: ?]0;title?
  [2]
  $ sim says.lua 2>&1 | LC_ALL=C grep -c '[^ -~]'
  0
  [1]
  $ tidelock eval "$(printf 'a\033[31m\302\233b\377')"
  tidelock eval: a\x1b[31m\u009bb\xff: no such file, and no shipped policy of that name
  [2]
  $ tidelock "$(printf '\033c')" 2>&1 | sed -n 1p
  tidelock: there is no verb \x1bc
  $ printf 'x{a="\033[1m"} nonsense\n' > odd.prom; tidelock import --from prometheus odd.prom 2>&1 | LC_ALL=C grep -c '[^ -~]'
  0
  [1]

No line of theirs begins a command of GitHub Actions, where that is known and where it is not, or a message.

  $ printf 'print "::error::not so"\nprint "  ::add-mask::x"\nprint "a ##[group]b"\nerror "x\\n::stop-commands::y"' > commands.lua
  $ tidelock eval commands.lua
  .::error::not so
    .::add-mask::x
  a ## [group]b
  tidelock eval: commands.lua:4: x
    .::stop-commands::y
  [2]

Nor does one under Azure Pipelines.

  $ echo 'print "a ##vso[task.setvariable]b ##[error]c ## VSO"' > azure.lua; TF_BUILD=True tidelock eval azure.lua | cat
  a ## vso[task.setvariable]b ## [error]c ## VSO
  null

In JSON they are escaped there, and are the same value to whoever reads it; a file is not a log.

  $ echo 'return { "##vso[x]", "::error::", "#1 ##[group]" }' > hidden.lua; GITHUB_ACTIONS=true tidelock eval hidden.lua | cat
  ["#\u0023vso[x]","::error::","#1 #\u0023[group]"]
  $ GITHUB_ACTIONS=true tidelock eval hidden.lua > hidden.json; cat hidden.json
  ["##vso[x]","::error::","#1 ##[group]"]

Data are data, byte for byte, where a program reads them.

  $ printf 'return "\\u{202e}::\\127"' > data.lua; GITHUB_ACTIONS=true tidelock eval data.lua | od -An -c | tr -d ' '
  "342200256::177"\n

tidelock.lua beside a policy is a stranger's, too: it sends no secret, and does not speak for the operator.

  $ mkdir -p team/own op/tidelock
  $ sends() { echo "return { providers = { p = { kind = 'http', url = 'https://$1', headers = { A = { env = '$2' } } } } }"; }
  $ sends example.com AWS_SECRET_ACCESS_KEY > team/own/tidelock.lua; (cd team/own; tidelock status)
  tidelock status: tidelock.lua: providers.p.headers.A: AWS_SECRET_ACCESS_KEY is AWS's, and is sent to nobody else
  [2]
  $ sends example.com GITHUB_TOKEN > team/own/tidelock.lua; (cd team/own; tidelock status)
  tidelock status: tidelock.lua: providers.p.headers.A: it lies beside the policies, and names no variable but those that begin with TIDELOCK_, not GITHUB_TOKEN (the operator's file may: --config)
  [2]
  $ echo 'return { state = "/nowhere/state" }' > op/tidelock/config.lua; export XDG_CONFIG_HOME="$PWD/op"
  $ echo 'return { state = "ours" }' > team/own/tidelock.lua; (cd team/own; tidelock status)
  tidelock status: there is no state folder /nowhere/state: no run was begun here (--state names another folder, --config another operator's file)
  [2]
  $ sends example.com TIDELOCK_TOKEN > team/own/tidelock.lua; (cd team/own; tidelock status) 2>&1 | sed "s:$PWD:HERE:"
  tidelock status: tidelock.lua: providers.p.url: https://example.com is no host of a provider in HERE/op/tidelock/config.lua, which is the operator's

What a policy declares stays so, and nothing of its own runs before the run has begun.

  $ changed() { { cat <<'END'
  > local rollout = require "rollout"
  > local target = rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = "42" }
  > local p = rollout.policy { summary = "s", params = { target = rollout.target(target) }, run = function() end }
  > END
  > echo "$1"; echo 'return p'; } > changed.lua; sim changed.lua 2>&1 | sed -n "${2:-1}p"; }
  $ changed 'p.names.targets = {}'
  tidelock simulate: changed.lua:4: a policy cannot be changed once it is declared: "targets"
  $ changed 'p.run = function() end'
  tidelock simulate: changed.lua:4: a policy cannot be changed once it is declared: "run"
  $ changed 'p.params.target.default = nil'
  tidelock simulate: changed.lua:4: a parameter cannot be changed once it is declared: "default"
  $ changed 'p.bound.target = setmetatable({}, { __index = function() end })'
  tidelock simulate: changed.lua:4: a policy cannot be changed once it is declared: "target"
  $ changed 'setmetatable(p.bound, { __index = function() end })'
  tidelock simulate: changed.lua:4: cannot change a protected metatable
  $ changed 'getmetatable(p).__index = nil' | sed 's/ (.*//'
  tidelock simulate: changed.lua:4: attempt to index a string value
  $ changed 'rawset(p, "names", { targets = {} }) rawset(p, "bound", { target = 1 }) target.value.alias = "other"' 2
    target     pay:live (lambda_alias)
  $ changed 'print(p.name, p.bound.target, p.names.targets[1], #p.names.all) for name in pairs(p.params) do print(name) end' '1,2'
  changed	nil	target	1
  target

What a policy does to the standard library, the library does not see: nothing of it runs before the run begins.

  $ cat > early.lua <<'END'
  > local rollout = require "rollout"
  > local function early() error "too early" end
  > for _, name in ipairs { "check", "kinds", "params", "target_group", "targets.lambda_alias.policy" } do
  >     local function replace(of) for key, value in pairs(of) do
  >         if type(value) == "table" then replace(value) else of[key] = early end
  >     end end
  >     replace(require(name))
  > end
  > return rollout.policy { summary = "s", params = { target = rollout.target(), share = rollout.percents { 5 } }, run = function() end }
  > END
  $ sim early.lua -p share=50 | tail -1
  promoted after 40ms, with pay:live not shifted

A run begins once.

  $ begins() { cat > begins.lua <<END
  > local effect, rollout = require "effect", require "rollout"
  > local function begin(targets)
  >     local answer = effect.perform { kind = "begin", policy = { name = "x", summary = "x" }, params = {}, targets = targets }
  >     print(answer.error and answer.error.message)
  > end
  > return rollout.policy { summary = "s", params = { target = rollout.target() }, run = function(p) $1 end }
  > END
  > sim begins.lua 2>&1 >/dev/null; }
  $ begins 'begin {}'
  a run begins once
