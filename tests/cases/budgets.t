Whatever a chunk does to go on for ever or to take everything, it ends at once, for a reason that is told.
None takes two seconds of the processor (sanitizers have more).

  $ ulimit -t $((2 * ${TIDELOCK_PATIENCE:-1}))
  $ echo 'while true do end' >loop.lua; tidelock eval loop.lua
  tidelock eval: loop.lua:1: the work budget is spent (50000000 units)
  [2]
  $ echo 'while true do pcall(function() while true do end end) end' >swallow.lua
  $ tidelock eval swallow.lua
  tidelock eval: swallow.lua:1: the work budget is spent (50000000 units)
  [2]
  $ cat >memory.lua <<'END'
  > local t = {}
  > for i = 1, 1e9 do t[i] = ("x"):rep(1000) .. i end
  > END
  $ tidelock eval memory.lua
  tidelock eval: memory.lua:2: the memory budget is spent (67108864 bytes)
  [2]
  $ printf 'local function f() return 1 + f() end\nreturn f()' >recursion.lua
  $ tidelock eval recursion.lua
  tidelock eval: recursion.lua:1: the memory budget is spent by recursion (more than 10000 calls deep)
  [2]
  $ echo 'return ("a"):rep(50):find(("a-"):rep(30) .. "b")' >pattern.lua
  $ tidelock eval pattern.lua
  tidelock eval: pattern.lua:1: the work budget is spent (50000000 units)
  [2]
  $ echo 'return ("x"):rep(1 << 40)' >repeat.lua; tidelock eval repeat.lua
  tidelock eval: repeat.lua:1: resulting string too large
  [2]
  $ echo 'return #("%1000000d"):format(1)' >format.lua; tidelock eval format.lua
  tidelock eval: format.lua:1: invalid conversion specification: '%1000000d'
  [2]
  $ cat >gsub.lua <<'END'
  > local s = ("x"):rep(1e6)
  > while true do s = s:gsub("x", "xx") end
  > END
  $ tidelock eval gsub.lua
  tidelock eval: gsub.lua:2: the memory budget is spent (67108864 bytes)
  [2]
  $ cat >sort.lua <<'END'
  > local t = {}
  > for i = 1, 1e6 do t[i] = i % 1000 end
  > while true do table.sort(t, function(a, b) return a < b end) end
  > END
  $ tidelock eval sort.lua
  tidelock eval: sort.lua:2: a table, stack or string of 8388608 bytes (the most is 4194304)
  [2]
  $ echo 'return setmetatable({}, {__gc = function() end})' >gc.lua; tidelock eval gc.lua
  tidelock eval: gc.lua:1: __gc is not available: nothing may run when memory is collected
  [2]
  $ echo 'return error' >function.lua; tidelock eval function.lua
  tidelock eval: function.lua:1: the value returned is a function
  [2]
  $ echo 'for i = 1, 1e6 do print(("x"):rep(1000)) end' >print.lua
  $ tidelock eval print.lua 2>&1 | tail -c 80
   dropped)
  tidelock eval: print.lua:1: the work budget is spent (50000000 units)

The budgets trip at the same place every time, and can be set.

  $ echo 'local n = 0; for i = 1, 1e4 do n = n + i end; return n' >sum.lua
  $ tidelock eval sum.lua
  50005000
  $ tidelock eval --max-work 10000 sum.lua
  tidelock eval: sum.lua:1: the work budget is spent (10000 units)
  [2]
  $ tidelock eval --max-memory 65536 sum.lua
  50005000
