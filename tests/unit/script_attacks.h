/* What is tried, in two tables: the second does long work within one instruction, which is only
 * paid for where wrap.h is in force. */
#pragma once

#include "script_check.h"

struct attack {
    const char *name;
    enum sandbox_state state;
    const char *shows; /* part of the message or value */
    const char *text;
};

#define LOOP "local function loop() while true do end end "

static const struct attack attacks[] = {
    {"endless loop", SANDBOX_SPENT, "t.lua:2: the work budget is spent",
     "local x = 0\n"
     "while true do x = x + 1 end"},
    {"goto", SANDBOX_SPENT, "work budget", "::a:: goto a"},
    {"numeric for", SANDBOX_SPENT, "work budget", "for i = 1, math.huge do end"},
    {"tail calls", SANDBOX_SPENT, "work budget", "local function f() return f() end f()"},

    {"pcall swallows", SANDBOX_SPENT, "work budget", LOOP "while true do pcall(loop) end"},
    {"pcall, then goes on", SANDBOX_SPENT, "work budget", LOOP "pcall(loop) return 1"},
    {"pcall of pcall", SANDBOX_SPENT, "work budget", LOOP "pcall(pcall, pcall, loop) return 1"},
    {"handler loops", SANDBOX_SPENT, "work budget", LOOP "xpcall(loop, loop) return 1"},
    {"handler after an error", SANDBOX_SPENT, "work budget", LOOP "xpcall(error, loop) return 1"},
    {"handler, again and again", SANDBOX_SPENT, "work budget",
     LOOP "while true do xpcall(loop, loop) end"},
    {"error handler errs", SANDBOX_RETURNED, "[false,false]",
     "local a = xpcall(error, error) local b = xpcall(error, function() return 1 + nil end)"
     "return {a, b}"},
    {"close after a budget", SANDBOX_RAISED, "__close is not available",
     LOOP "local t <close> = setmetatable({}, {__close = loop}) loop()"},
    {"close, put in later", SANDBOX_RAISED, "got a non-closable value",
     "local m = {} local t = setmetatable({}, m) m.__close = print local x <close> = t"},
    {"closing value of for", SANDBOX_RAISED, "got a non-closable value",
     "local m = {} local t = setmetatable({}, m) m.__close = print for i in next, {}, nil, t do "
     "end"},
    {"finalizer", SANDBOX_RAISED, "__gc is not available", LOOP "setmetatable({}, {__gc = loop})"},
    {"finalizer, put in later", SANDBOX_RETURNED, "true",
     "local ran = false for i = 1, 20000 do local m = {} setmetatable({}, m) "
     "m.__gc = function() ran = true end end return not ran"},
    {"finalizer by rawset", SANDBOX_RAISED, "__gc is not available",
     "setmetatable({}, rawset({}, '__' .. 'gc', print))"},
    {"finalizer by its other name", SANDBOX_RETURNED, "true",
     "local ran = false for i = 1, 20000 do "
     "setmetatable({}, {['^_gc'] = function() ran = true end}) end return not ran"},
    {"weak tables", SANDBOX_RAISED, "__mode is not available", "setmetatable({}, {__mode = 'k'})"},
    {"weak tables, put in later", SANDBOX_RETURNED, "true",
     "local m = {} local t = setmetatable({}, m) m.__mode = 'kv' t[1] = {} "
     "for i = 1, 50000 do local x = {} end return t[1] ~= nil"},
    {"concatenation event", SANDBOX_RAISED, "__concat is not available",
     "setmetatable({}, {__concat = function() end})"},
    {"concatenation event, put in later", SANDBOX_RAISED, "attempt to concatenate a table value",
     "local m = {} local t = setmetatable({}, m) m.__concat = function() end return t .. t"},

    {"__index recursion", SANDBOX_SPENT, "work budget",
     "local t = setmetatable({}, {__index = function(t, k) "
     "if k > 100 then return 1 end return t[k + 1] + t[k + 1] end}) return t[1]"},
    {"__index without end", SANDBOX_RAISED, "C stack overflow",
     "local t = setmetatable({}, {__index = function(t, k) return t[k + 1] end}) return t[1]"},
    {"__add recursion", SANDBOX_SPENT, "work budget",
     "local d, t = 0 t = setmetatable({}, {__add = function(a, b) d = d + 1 "
     "if d <= 100 then local _ = a + b _ = a + b end d = d - 1 return t end}) return t + t"},
    {"recursion", SANDBOX_SPENT, "by recursion", "local function f() return 1 + f() end f()"},
    {"recursion under pcall", SANDBOX_SPENT, "by recursion",
     "local function f() return 1 + f() end while true do pcall(f) end"},
    {"pcall recursion", SANDBOX_RETURNED, "\"C stack overflow\"",
     "local function f() local ok, m = pcall(f) return m end return f():match('C stack overflow')"},

    {"doubling a string", SANDBOX_SPENT, "of 4194", "local s = 'x' while true do s = s .. s end"},
    {"doubling under pcall", SANDBOX_SPENT, "of 4194",
     "local s = 'x' while true do pcall(function() s = s .. s end) end"},
    {"list of lists", SANDBOX_SPENT, "memory budget",
     "local t = {} while true do t[#t + 1] = {} end"},
    {"list of lists under pcall", SANDBOX_SPENT, "memory budget",
     "local t = {} while true do pcall(function() t[#t + 1] = {1, 2, 3} end) end"},
    {"list of strings", SANDBOX_SPENT, "memory budget",
     "local t = {} while true do t[#t + 1] = ('x'):rep(5000) .. #t end"},
    {"closures", SANDBOX_SPENT, "memory budget",
     "local f while true do local g = f f = function() return g end end"},
    {"rep without end", SANDBOX_RAISED, "too large", "return ('x'):rep(1 << 62)"},
    {"rep of nothing", SANDBOX_RETURNED, "\"\"", "return (''):rep(1 << 62)"},
    {"table.concat", SANDBOX_SPENT, "t.lua:1: ",
     "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(5000) end return table.concat(t)"},
    {"thousands of branches", SANDBOX_RAISED, "while the policy is being loaded",
     "require 'effect'.parallel {function() end}"},

    {"move without end", SANDBOX_SPENT, "work budget", "table.move({}, 1, 1 << 62, 1)"},
    {"backtracking", SANDBOX_SPENT, "work budget",
     "return ('a'):rep(50):find(('a-'):rep(30) .. 'b')"},
    {"backtracking in pcall", SANDBOX_SPENT, "work budget",
     "while true do pcall(string.find, ('a'):rep(50), ('a-'):rep(30) .. 'b') end"},
    {"quadratic find", SANDBOX_SPENT, "work budget", "return ('a'):rep(100000):find('.-b')"},
    {"balance from every start", SANDBOX_SPENT, "work budget",
     "return ('('):rep(300000):find('%b()')"},
    {"sort by pcall", SANDBOX_SPENT, "work budget",
     "local t = {} for i = 1, 50000 do t[i] = 50000 - i end "
     "while true do table.sort(t, function(a, b) return a < b end) table.sort(t, pcall) end"},
    {"sort of a lying length", SANDBOX_RAISED, "sort",
     "table.sort(setmetatable({}, {__len = function() return 1 << 40 end}), pcall)"},
    {"format", SANDBOX_SPENT, "work budget", "while true do string.format('%99.99f', 1e300) end"},
    {"walk of an emptied table", SANDBOX_SPENT, "work budget",
     "local t = {} for i = 1, 100000 do t[i] = i end for i = 1, 100000 do t[i] = nil end "
     "while true do next(t) end"},
    {"two walks by next", SANDBOX_SPENT, "work budget",
     "local t = {} for i = 1, 20000 do t['k' .. i] = i end local k "
     "repeat k = next(t, k) local _ = next({a = 1}) until not k"},

    {"load by pieces", SANDBOX_RAISED, "262144", "return load(function() return 'x = 1 ' end)"},
    {"load again and again", SANDBOX_SPENT, "work budget",
     "local s = ('x = 1 '):rep(1000) while true do load(s) end"},
    {"deep parentheses", SANDBOX_RETURNED, "true",
     "local f, m = load('return ' .. ('('):rep(5000)) return f == nil and #m > 0"},
    {"bytecode", SANDBOX_RETURNED, "attempt to load a binary chunk",
     "local f, m = load('\\27Lua\\x54\\0') return m"},
    {"bytecode by mode", SANDBOX_RETURNED, "text chunk", "local f, m = load('', '', 'b') return m"},
    {"globals by load", SANDBOX_RETURNED, "[true,true,true]",
     "return {load('return os')() == nil, load('return _G')() == _G,"
     "load('return x', 'n', 't', {x = 1})() == 1}"},
    {"posing as stdlib", SANDBOX_RAISED, "stdlib/x.lua:1: boom",
     "load('error \"boom\"', '@stdlib/x.lua')()"},

    {"error object that loops", SANDBOX_RAISED, "error object is a table",
     LOOP "error(setmetatable({}, {__tostring = loop}))"},
    {"error object with a text", SANDBOX_RAISED, "t.lua:1: boom", "error {message = 'boom'}"},
    {"error object with a hidden text", SANDBOX_RAISED, "error object is a table",
     LOOP "error(setmetatable({}, {__index = function() loop() end}))"},
    {"tostring that loops", SANDBOX_SPENT, "work budget",
     LOOP "pcall(tostring, setmetatable({}, {__tostring = loop}))"},
    {"error nil", SANDBOX_RAISED, "error object is a nil", "error(nil)"},
    {"bytes in a message", SANDBOX_RAISED, "t.lua:1: ?[31m?", "error('\\27[31m\\255')"},

    {"shared branches", SANDBOX_RAISED, "too large",
     "local a = {} for i = 1, 40 do a = {a, a} end return a"},
    {"a table in itself", SANDBOX_RAISED, "contains itself", "local a = {} a.a = a return a"},
    {"a huge text", SANDBOX_RAISED, "too large", "return ('x'):rep(70000)"},
    {"value with events", SANDBOX_RETURNED, "{\"a\":1}",
     LOOP "return setmetatable({a = 1}, {__index = loop, __len = loop, __pairs = loop})"},

    {"too much talk", SANDBOX_RETURNED, "true", "for i = 1, 1000 do print('tick') end return true"},
    {"addresses", SANDBOX_RETURNED, "[\"table\",\"function\",\"function\",\"nan\"]",
     "return {tostring({}), tostring(print), tostring(function() end), tostring(-(0/0))}"},
    {"metatable of strings", SANDBOX_RETURNED, "[false,true]",
     "local ok = pcall(setmetatable, '', {}) return {getmetatable(''), not ok}"},
    {"what is absent", SANDBOX_RETURNED, "[]",
     "local found = require 'effect'.array {} for _, name in ipairs {'coroutine', 'io', 'os', "
     "'debug', "
     "'package', 'collectgarbage', 'dofile', 'loadfile', 'warn'} do "
     "if _G[name] ~= nil then found[#found + 1] = name end end "
     "if rawget(string, 'dump') then found[#found + 1] = 'string.dump' end return found"},
    {"finalizer in a metatable of its own", SANDBOX_RETURNED, "true",
     "local ran = false local m = {} m.__index = m setmetatable(m, m) m.__gc = function() ran = "
     "true end "
     "m = nil for i = 1, 50000 do local x = {i} end return not ran"},
    {"handler that errs for ever", SANDBOX_RETURNED, "false",
     "local function h() error('x') end return (xpcall(error, h))"},
    {"errors inside errors", SANDBOX_SPENT, "by recursion",
     "local function f() pcall(f) pcall(f) end while true do pcall(f) end"},
    {"levels of error", SANDBOX_SPENT, "work budget",
     "local function f(n) if n == 0 then while true do pcall(error, 'x', 8000) end end "
     "f(n - 1) end f(9000)"},
    {"boundary far away", SANDBOX_SPENT, "work budget",
     "local perform = require 'effect'.perform local function f(n) if n == 0 then "
     "while true do pcall(perform, {}) end end f(n - 1) end "
     "return f(9000)"},
    {"an error caught far down", SANDBOX_SPENT, "work budget",
     "local function f(n) if n == 0 then while true do pcall(error, 1) end end f(n - 1) end "
     "f(9000)"},
    {"a handler's error far down", SANDBOX_SPENT, "work budget",
     "local function f(n) if n == 0 then while true do xpcall(error, error) end end f(n - 1) end "
     "f(9000)"},
    {"a function refused far down", SANDBOX_SPENT, "work budget",
     "local function f(n) if n == 0 then while true do pcall(setmetatable, 1) end end f(n - 1) end "
     "f(9000)"},
    {"a text refused far down", SANDBOX_SPENT, "work budget",
     "local function f(n) if n == 0 then while true do load('?') end end f(n - 1) end f(9000)"},
    {"an effect from a handler", SANDBOX_RAISED, "while the policy is being loaded",
     "xpcall(error, function() require 'effect'.perform {kind = 'x'} end) "
     "require 'effect'.perform {kind = 'x'}"},

    {"fmod of far apart floats", SANDBOX_SPENT, "work budget",
     "while true do math.fmod(1e308, 3e-308) end"},
    {"quoting of zeros", SANDBOX_SPENT, "work budget",
     "local s = ('\\0'):rep(1 << 17) while true do string.format('%q', s) end"},
    {"anchored optional items", SANDBOX_SPENT, "work budget",
     "return ('a'):rep(28):find('^' .. ('a?'):rep(28) .. ('a'):rep(28) .. 'b')"},
    {"a set as long as its subject", SANDBOX_RETURNED, "null",
     "return ('x'):rep(100000):find('[' .. ('a'):rep(100000) .. ']')"},
    {"back references", SANDBOX_SPENT, "work budget", "return ('a'):rep(20000):find('(a*)%1b')"},
    {"gmatch of nothing", SANDBOX_SPENT, "work budget",
     "while true do for _ in ('a'):rep(1000):gmatch('a-b') do end end"},
    {"gsub that grows", SANDBOX_SPENT,
     "t.lua:1: ", "local s = 'x' while true do s = s:gsub('.', '%0%0') end"},
    {"insert into a lying length", SANDBOX_SPENT, "work budget",
     "table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 1)"},
    {"remove from a lying length", SANDBOX_SPENT, "work budget",
     "table.remove(setmetatable({}, {__len = function() return 1 << 60 end}), 1)"},
    {"concat of a lying length", SANDBOX_RAISED, "invalid value (nil)",
     "table.concat(setmetatable({}, {__len = function() return 1 << 60 end}))"},
    {"unpack without end", SANDBOX_RAISED, "too many results",
     "return table.unpack({}, 1, 1 << 40)"},
    {"unpack of a million", SANDBOX_SPENT,
     "t.lua:1: ", "return select('#', table.unpack({}, 1, 900000))"},
    {"emergencies at a full heap", SANDBOX_SPENT, "budget",
     "local keep = {} for i = 1, 85 do local k = {} keep[i] = k for j = 1, 1000 do k[j] = {} end "
     "end "
     "local x while true do x = ('x'):rep(100000) end"},

    {"deep tables in source", SANDBOX_RETURNED, "true",
     "local f, m = load('return ' .. ('{'):rep(5000)) return f == nil and #m > 0"},
    {"deep functions in source", SANDBOX_RETURNED, "true",
     "local f, m = load(('return function() '):rep(1000)) return f == nil and #m > 0"},
    {"deep concatenation in source", SANDBOX_RETURNED, "true",
     "local f, m = load('return ' .. ('a..'):rep(5000) .. 'a') return f == nil and #m > 0"},
    {"deep operators in source", SANDBOX_RETURNED, "true",
     "local f, m = load('return ' .. ('- '):rep(5000) .. 'a') return f == nil and #m > 0"},
    {"a long bracket", SANDBOX_RETURNED, "true",
     "local f, m = load('return [' .. ('='):rep(10000)) return f == nil and #m > 0"},
    {"labels and gotos", SANDBOX_SPENT, "work budget",
     "local t = {} for i = 1, 20000 do t[i] = '::l' .. i .. '::' end load(table.concat(t))"},
    {"wrong constants in bits", SANDBOX_RETURNED, "true", "return load('return 1 ~ 3')() == 2"},
    {"dofile by another name", SANDBOX_RETURNED, "[true,true]",
     "return {load('return dofile')() == nil, load('return loadfile')() == nil}"},
    {"the metatable of strings by rawset", SANDBOX_RAISED, "table expected",
     "rawset(getmetatable(''), '__index', 1)"},
    {"metatable of nil", SANDBOX_RAISED, "table expected", "setmetatable(nil, {})"},
    {"the globals of another level", SANDBOX_RETURNED, "true",
     "return getmetatable(_G) == nil and getmetatable(_ENV) == nil"},
    {"warnings", SANDBOX_RAISED, "attempt to call a nil value (global 'warn')", "warn('@on')"},
    {"collector", SANDBOX_RAISED, "attempt to call a nil value (global 'collectgarbage')",
     "collectgarbage('count')"},
    {"a seed of its own", SANDBOX_RAISED,
     "t.lua:2: math.randomseed is not part of the sandbox; "
     "math.random follows the run's seed",
     "local x\nreturn math.randomseed()"},
    {"packing", SANDBOX_RAISED,
     "t.lua:1: string.pack is not part of the sandbox; "
     "a policy hands on plain values, not packed bytes",
     "return string.pack('d', 1)"},
    {"packing by method", SANDBOX_RAISED, "t.lua:1: string.pack is not part", "('d'):pack(1)"},
    {"what is behind a library", SANDBOX_RETURNED, "[false,true,true]",
     "return {getmetatable(string), not pcall(setmetatable, string, nil), "
     "rawget(string, 'pack') == nil}"},
    {"address by format", SANDBOX_RAISED, "invalid conversion '%p' to 'format'",
     "return string.format('%p', {})"},
    {"address by %s", SANDBOX_RETURNED, "\"table function\"", "return ('%s %s'):format({}, print)"},
    {"address by concat", SANDBOX_RAISED, "attempt to concatenate a table value",
     "return {} .. ''"},
    {"address in a message", SANDBOX_RETURNED, "\"attempt to compare two table values\"",
     "local ok, m = pcall(function() return {} < {} end) return (m:gsub('^.-: ', ''))"},
    {"name as an address", SANDBOX_RETURNED, "\"0x1234\"",
     "return tostring(setmetatable({}, {__name = '0x1234'}))"},
    {"signs of NaN", SANDBOX_RETURNED, "[\"nan\",\"nan\",\"nan\",\"nan\"]",
     "local n = 0/0 return {tostring(n), tostring(-n), ('%f'):format(-n), ('%s'):format(n)}"},
    {"broken utf8", SANDBOX_RETURNED, "[true,true]",
     "return {utf8.len('\\xff\\x8f\\xbf') == nil, utf8.len('\\xed\\xa0\\x80') == nil}"},
    {"counting what breaks late", SANDBOX_SPENT, "work budget",
     "local s = ('x'):rep(2000) .. '\\xff' for i = 1, 100000 do utf8.len(s) end"},
    {"require of a path", SANDBOX_RAISED, "not found", "require '../../etc/passwd'"},
    {"require of a zero byte", SANDBOX_RAISED, "no zero byte", "require 'a\\0b'"},
    {"a key that is no number", SANDBOX_RAISED, "t.lua:1: invalid key to 'next'",
     "return next({1, 2, 3}, 0/0)"},
    {"no number among others", SANDBOX_RAISED, "t.lua:1: invalid key to 'next'",
     "return next({1, 2.5, x = 3}, 0/0)"},
    {"a long name for a chunk", SANDBOX_SPENT, "work budget",
     "local s = ('x'):rep(1000000) while true do load('', s) end"},
    {"a long chunk", SANDBOX_SPENT, "work budget",
     "local s = ('x'):rep(1000000) while true do load(s) end"},
    {"a long mode", SANDBOX_SPENT, "work budget",
     "local s = ('b'):rep(1000000) .. 't' while true do load('', '', s) end"},
    {"a field on every place", SANDBOX_RAISED, "has both names and list items",
     "return {1, 2, x = 3}"},
};

static const struct attack inner_attacks[] = {
    {"chain of __index", SANDBOX_SPENT, "work budget",
     "local c = {} for i = 1, 1990 do c = setmetatable({}, {__index = c}) end "
     "while true do local x = c.foo end"},
    {"chain of __call", SANDBOX_SPENT, "work budget",
     "local f = print for i = 1, 10000 do f = setmetatable({}, {__call = f}) end "
     "while true do f() end"},
    {"growing arguments", SANDBOX_SPENT,
     "t.lua:1: ", "local f f = function(...) return f(1, ...) end f()"},
    {"counting a long list", SANDBOX_SPENT, "work budget",
     "local t = {} for i = 1, 100000 do t[i] = i end while true do "
     "t.a = 1 t.b = 1 t.a = nil t.b = nil t.c = 1 t.d = 1 t.c = nil t.d = nil end"},
    {"comparing long texts", SANDBOX_SPENT, "work budget",
     "local a = ('x'):rep(1 << 20) local b = a:sub(1, -2) .. 'y' "
     "while true do local _ = a < b end"},
    {"comparing zeros", SANDBOX_SPENT, "work budget",
     "local a = ('\\0'):rep(1 << 20) local b = a:sub(1, -2) .. 'y' "
     "while true do local _ = a < b end"},
    {"equal long texts", SANDBOX_SPENT, "work budget",
     "local a = ('x'):rep(1 << 20) local b = a:sub(1, -2) .. 'x' "
     "while true do local _ = a == b end"},
    {"long text as a number", SANDBOX_SPENT, "work budget",
     "local s = (' '):rep(1 << 20) .. '1' while true do for i = 1, s do end end"},
    {"strings that all hash alike", SANDBOX_SPENT, "work budget",
     "local pairs_ = {{'Caa', 'bba'}, {'faa', 'Cba'}, {'cba', 'Bca'}, {'baa', 'Aba'}, {'Faa', "
     "'cba'}, "
     "{'Caa', 'bba'}, {'aaa', 'Aba'}, {'Caa', 'bba'}, {'Caa', 'bba'}, {'Baa', 'aba'}, {'Baa', "
     "'aba'}, "
     "{'cba', 'Bca'}, {'caa', 'Bba'}} local all = {''} for i = 1, 13 do local more = {} "
     "for _, s in ipairs(all) do more[#more + 1] = s .. pairs_[i][1] more[#more + 1] = s .. "
     "pairs_[i][2] "
     "end all = more end return #all"},
    {"numbers that share one place", SANDBOX_SPENT, "work budget",
     "local t = {} for j = 1, 60000 do t[j * 65535] = j end return 1"},
    {"the same by table.move", SANDBOX_SPENT, "work budget",
     "local t = {} for j = 1, 60000 do table.move({j}, 1, 1, j * 65535, t) end return 1"},
    {"the same by rawset, and a last key apart", SANDBOX_SPENT, "work budget",
     "local t = {} for j = 1, 32768 do rawset(t, j * 65535, j) end rawset(t, 'x', 1) "
     "for i = 1, 20000 do local _ = t[i] end return 1"},
    {"remainder of far apart floats", SANDBOX_SPENT, "work budget",
     "local a, b = 1e308, 3e-308 while true do local _ = a % b end"},
    {"the name of the last of many fields", SANDBOX_SPENT, "work budget",
     "local f = load('local a = {} a.a = a return a' .. ('.a'):rep(9000) .. '()') "
     "while true do pcall(f) end"},
};
