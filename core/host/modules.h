/* `modules`, which tells trusted Lua what modules there are. */
#pragma once

#include <lua.h>

int luaopen_modules(lua_State *L);
