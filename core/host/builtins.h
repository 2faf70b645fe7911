/* The modules that C lends to trusted Lua: canonical, digest, instant, modules; cjson; lxp
 * (libexpat). */
#pragma once

#include <lua.h>

/* Makes require() find them. */
void builtins_open(lua_State *L);
/* Raises {invalid = message}, of which host_call makes ERROR_INVALID; as text it is the message. */
int builtins_raise_invalid(lua_State *L, const char *message);
