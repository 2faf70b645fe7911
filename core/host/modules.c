/* `modules`, lent to trusted Lua: which modules of lua/ there are, so that what is added as a file
 * need not be named in a list. */
#include "host/modules.h"

#include "host/host.h"

#include <lauxlib.h>

#include <stdio.h>
#include <string.h>

enum { PREFIX_MAX = 128 };

/* "services" -> "lua/services/" */
static void folder_of(lua_State *L, char prefix[PREFIX_MAX], const char *module)
{
    int size = snprintf(prefix, PREFIX_MAX, "lua/%s/", module);
    if (size < 0 || size >= PREFIX_MAX)
        luaL_error(L, "modules.list: the name %s is too long", module);
    for (char *c = prefix; *c; c++)
        *c = *c == '.' ? '/' : *c;
}

/* modules.list("services") -> the names of the modules right below it, sorted: "ecs", whether its
 * file is lua/services/ecs.lua or lua/services/ecs/init.lua. */
static int f_list(lua_State *L)
{
    char prefix[PREFIX_MAX];
    const char *path, *last = "";
    size_t last_size = 0;
    lua_Integer count = 0;
    folder_of(L, prefix, luaL_checkstring(L, 1));
    lua_newtable(L);
    for (size_t i = 0; (path = host_file_name(prefix, i)); i++) {
        const char *name = path + strlen(prefix);
        size_t size = strcspn(name, "./");
        bool again = size == last_size && memcmp(name, last, size) == 0;
        if (again || (size == 4 && memcmp(name, "init", 4) == 0))
            continue;
        lua_pushlstring(L, name, size);
        lua_rawseti(L, -2, ++count);
        last = name;
        last_size = size;
    }
    return 1;
}

int luaopen_modules(lua_State *L)
{
    static const luaL_Reg functions[] = {{"list", f_list}, {NULL, NULL}};
    luaL_newlib(L, functions);
    return 1;
}
