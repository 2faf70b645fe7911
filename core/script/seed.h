/* A Lua state whose strings hash the same in every process. Lua 5.4 mixes the time of day and
 * addresses into the seed of its hash; with that, tables fill differently from run to run, and with
 * them the memory in use and the point where a memory budget ends. */
#pragma once

#include "base/error.h"

#include <lua.h>

/* Finds out once per process how to fix the seed, and that it worked; false and *err for a Lua that
 * cannot be made to. */
bool seed_probe(struct error *err);

/* lua_newstate with the fixed seed. NULL if memory ran out. */
lua_State *seed_newstate(lua_Alloc allocate, void *context);
