Whatever a policy does to stay alive, it ends at its budget, is rolled back, and says which line it was.

  $ shopt -s expand_aliases
  $ alias sim='tidelock simulate --recording examples/checkout/checkout.ndjson'
  $ policy() { # NAME: the body of run() from standard input, after a first step of 10 %
  >     { printf 'local rollout = require "rollout"\nreturn rollout.policy {\nsummary = "%s",\n' "$1"
  >       printf 'params = { target = rollout.target(rollout.lambda_alias { ["function"] = "pay", alias = "live", canary = "42" }) },\n'
  >       printf 'run = function(p)\np.target:shift(10)\n'; cat; printf 'end }\n'; } > "$1.lua"
  > }

  $ echo 'while true do end' | policy loops; sim loops.lua
  loops: loops
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: loops.lua:7: the work budget is spent (50000000
                      units)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end' | policy eats; sim eats.lua
  eats: eats
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: eats.lua:7: the memory budget is spent (67108864
                      bytes)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'while true do pcall(function() while true do end end) end' | policy swallows; sim swallows.lua
  swallows: swallows
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: swallows.lua:7: the work budget is spent (50000000
                      units)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'while true do pcall(error, "no") end' | policy swallows_errors; sim swallows_errors.lua
  swallows_errors: swallows_errors
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: swallows_errors.lua:7: the work budget is spent
                      (50000000 units)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'local function f() return 1 + f() end f()' | policy recurses; sim recurses.lua
  recurses: recurses
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: recurses.lua:7: the memory budget is spent by
                      recursion (more than 10000 calls deep)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'local function f() pcall(f) pcall(f) end f()' | policy recurses_on; sim recurses_on.lua
  recurses_on: recurses_on
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: recurses_on.lua:7: the memory budget is spent by
                      recursion (more than 10000 calls deep)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'local _ = ("a"):rep(50):find(("a-"):rep(30) .. "b")' | policy matches; sim matches.lua
  matches: matches
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  budget: matches.lua:7: the work budget is spent (50000000
                      units)
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'p.target:watch { during = function() end }' | policy gives_a_function; sim gives_a_function.lua
  gives_a_function: gives_a_function
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  error: gives_a_function.lua:7: watch: during: expected a
                      duration such as "90s", "5m" or "1h30m", got a function
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'return function() end' | policy returns_a_function; sim returns_a_function.lua
  returns_a_function: returns_a_function
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  error: the value returned is a function
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'error("on purpose")' | policy raises; sim raises.lua
  raises: raises
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  error: raises.lua:7: on purpose
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'error({})' | policy raises_a_table; sim raises_a_table.lua
  raises_a_table: raises_a_table
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  error: raises_a_table.lua:7: error object is a table
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'io.open("x")' | policy opens; sim opens.lua
  opens: opens
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  error: opens.lua:7: attempt to index a nil value (global
                      'io')
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  policy failed after 340ms (exit status 16)
  [16]
  $ echo 'rollout.rollback "I changed my mind"' | policy gives_up; sim gives_up.lua
  gives_up: gives_up
    target     pay:live (lambda_alias)
    recording  checkout.ndjson
    seed       1
  
  00:00:00  shift        10 % [##..................]
  00:00:00  rollback  policy: I changed my mind
  00:00:00  undo          0 % [....................]
  00:00:00  verified  as it was before: function:pay:live
  rolled back after 340ms (exit status 10)
  [10]

Before anything was touched, and in eval, the same ends with 2.

  $ echo 'while true do end' > loop.lua; sim loop.lua
  tidelock simulate: loop.lua:1: the work budget is spent (50000000 units)
  [2]
  $ echo 'while true do end' | tidelock eval -
  tidelock eval: stdin:1: the work budget is spent (50000000 units)
  [2]
  $ echo 'local t = {} while true do t[#t + 1] = ("x"):rep(100000) .. #t end' | tidelock eval -
  tidelock eval: stdin:1: the memory budget is spent (67108864 bytes)
  [2]
  $ echo 'while true do pcall(function() while true do end end) end' | tidelock eval -
  tidelock eval: stdin:1: the work budget is spent (50000000 units)
  [2]
  $ echo 'local function f() return 1 + f() end return f()' | tidelock eval -
  tidelock eval: stdin:1: the memory budget is spent by recursion (more than 10000 calls deep)
  [2]
  $ echo 'return ("a"):rep(50):find(("a-"):rep(30) .. "b")' | tidelock eval -
  tidelock eval: stdin:1: the work budget is spent (50000000 units)
  [2]
  $ echo 'return function() end' | tidelock eval -
  tidelock eval: stdin:1: the value returned is a function
  [2]
  $ echo 'return { deep = { inside = print } }' | tidelock eval -
  tidelock eval: stdin:1: the value returned: .deep.inside is a function
  [2]
  $ echo 'return 0/0' | tidelock eval -
  tidelock eval: stdin:1: the value returned is not a number (NaN)
  [2]
  $ echo 'return {answer = 6 * 7, list = {1, 2.5, "x"}, none = {}}' | tidelock eval -
  {"answer":42,"list":[1,2.5,"x"],"none":{}}
  $ echo 'return' | tidelock eval -
  null
  $ echo 'x = = 1' | tidelock eval -
  tidelock eval: stdin:1: unexpected symbol near '='
  [2]
  $ printf '\033Lua' | tidelock eval -
  tidelock eval: stdin: attempt to load a binary chunk (mode is 't')
  [2]
  $ tidelock eval none.lua
  tidelock eval: none.lua: no such file, and no shipped policy of that name
  [2]
