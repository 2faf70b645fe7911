/* Lua values to plain values and back. Reading runs no policy code: raw access, no metamethods. */
#pragma once

#include "base/value.h"

#include <lua.h>

/* The value at `index` into `pool`; strings are copied. Depth, size (`size_max` bytes of canonical
 * text, counted as if every float took 24) and kinds are checked; the message says which part:
 * "steps[3].name is a function". `what` names the whole ("the effect"). Charges. */
bool border_read(lua_State *L, int index, const char *what, size_t size_max, struct value *out,
                 struct pool *pool, struct error *err);

/* Pushes a value; null is nil. Arrays get the hidden mark. */
void border_push(lua_State *L, const struct value *value);

void border_mark_array(lua_State *L, int index);
bool border_is_array(lua_State *L, int index); /* has the mark */
