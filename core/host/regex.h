/* `regex`, regular expressions for trusted Lua: those of POSIX (extended), by the C library.
 *
 *     local test = regex.compile("^(5..|429)$")   -- raises what is wrong with the pattern
 *     test:matches("503")                         -- true
 *
 * Patterns are the user's own words; texts may be anybody's, and one with a zero byte matches
 * nothing. */
#pragma once

#include <lua.h>

int luaopen_regex(lua_State *L);
