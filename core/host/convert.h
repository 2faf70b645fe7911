/* Arrays in Lua carry a hidden mark (a metatable that does nothing), so that an empty one is told
 * from an empty object. */
#pragma once

#include <lua.h>

struct value;

void convert_open(lua_State *L); /* makes the mark */
void convert_mark_array(lua_State *L, int index);
/* As host_push, with the value at `null` in the place of each null. */
void convert_push(lua_State *L, const struct value *value, int null);
