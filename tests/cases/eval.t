eval runs one chunk in the sandbox and prints what it returns as canonical JSON.

  $ echo 'return {b = 1, a = {1, 2.0, "x", true}, c = {}}' | tidelock eval -
  {"a":[1,2.0,"x",true],"b":1,"c":{}}
  $ echo 'return 0.1 + 0.2, "only the first counts"' | tidelock eval -
  0.30000000000000004
  $ echo 'local x = 1' | tidelock eval -
  null
  $ echo 'print("said", 1.0); return math.maxinteger' | tidelock eval -
  said	1.0
  9223372036854775807
  $ cat >helpers.lua <<'END'
  > return { double = function(x) return 2 * x end }
  > END
  $ cat >chunk.lua <<'END'
  > local helpers = require "helpers"
  > return helpers.double(21)
  > END
  $ tidelock eval chunk.lua
  42
  $ echo 'return io == nil and os == nil and debug == nil and coroutine == nil' | tidelock eval -
  true
  $ echo 'return tostring(print), tostring({})' | tidelock eval - | sed 's/[0-9a-f]*0x[0-9a-f]*/ADDRESS/'
  "function"
  $ : >empty.lua; tidelock eval empty.lua
  null

A chunk that cannot be run, or returns what cannot cross, is refused.

  $ echo 'return 1 +' >broken.lua; tidelock eval broken.lua
  tidelock eval: broken.lua:2: unexpected symbol near <eof>
  [2]
  $ echo 'error "no"' >raises.lua; tidelock eval raises.lua
  tidelock eval: raises.lua:1: no
  [2]
  $ printf 'local t = nil\n\nreturn t.x' >index.lua; tidelock eval index.lua
  tidelock eval: index.lua:3: attempt to index a nil value (local 't')
  [2]
  $ echo 'return function() end' >function.lua; tidelock eval function.lua
  tidelock eval: function.lua:1: the value returned is a function
  [2]
  $ echo 'return {1, {deep = print}}' >deep.lua; tidelock eval deep.lua
  tidelock eval: deep.lua:1: the value returned: [2].deep is a function
  [2]
  $ echo 'return 0/0' >nan.lua; tidelock eval nan.lua
  tidelock eval: nan.lua:1: the value returned is not a number (NaN)
  [2]
  $ echo 'return {[1.5] = 1}' >key.lua; tidelock eval key.lua
  tidelock eval: key.lua:1: the value returned has a key that is neither a name nor a place in a list
  [2]
  $ echo 'local t = {}; t.t = t; return t' >cycle.lua; tidelock eval cycle.lua
  tidelock eval: cycle.lua:1: the value returned: .t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t.t... is nested too deeply, or contains itself
  [2]
  $ echo 'return require "io"' >module.lua; tidelock eval module.lua
  tidelock eval: module.lua:1: module 'io' not found: it is neither in the standard library nor a file beside the policy, required by its name in quotes
  [2]
  $ mkdir -p lua/targets/ours; echo 'return 1' >lua/targets/ours/policy.lua
  $ echo 'return require "lua.targets.ours.policy"' >ours.lua; tidelock eval ours.lua
  tidelock eval: ours.lua:1: module 'lua.targets.ours.policy' not found: it is neither in the standard library nor a file beside the policy, required by its name in quotes
  [2]
  $ echo 'return require "targets.init"' >trusted.lua; tidelock eval trusted.lua
  tidelock eval: trusted.lua:1: module 'targets.init' not found: it is neither in the standard library nor a file beside the policy, required by its name in quotes
  [2]
  $ echo 'return require("targets.lambda_alias.policy").text' >theirs.lua; tidelock eval theirs.lua
  "lambda-alias:FUNCTION:ALIAS,canary=VERSION"
  $ echo 'require("rollout").sleep "1m"' >effect.lua; tidelock eval effect.lua
  tidelock eval: effect.lua:1: an effect cannot be asked for while the policy is being loaded
  [2]
  $ printf '\033Lua\124\0' >binary.lua; tidelock eval binary.lua
  tidelock eval: binary.lua: attempt to load a binary chunk (mode is 't')
  [2]
  $ tidelock eval no_such_file.lua
  tidelock eval: no_such_file.lua: no such file, and no shipped policy of that name
  [2]
  $ tidelock eval --max-work 0 chunk.lua
  tidelock eval: --max-work must be at least 1, --max-memory 65536 to 1073741824
  [2]
