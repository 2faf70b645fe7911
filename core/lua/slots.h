/* How many slots a table has. Walking a table costs a step per slot, full or empty, and a table
 * that was emptied keeps its slots; Lua's interface does not tell their number, so it could not be
 * paid for. */
#pragma once

#include "base/error.h"

#include <lua.h>

/* Finds, by experiment on a scratch state, where a table keeps its sizes; false and *err for a Lua
 * that keeps them otherwise. Once per process. */
bool slots_probe(struct error *err);

size_t slots_of(lua_State *L, int index); /* at least as many as the table has, at most twice */
size_t slots_of_array(const void *table); /* of the part that holds 1..n; lua_topointer's address */
size_t slots_of_names(const void *table); /* of the other part, exactly */
