/* The globals. There are two sets: one for the policy and its modules, one for the standard
 * library, each with library tables of its own, so that a policy that overwrites string.format
 * changes it for itself only. Methods of strings are looked up in a third set that no code can
 * reach. */
#include "script/inside.h"

static const struct library {
    const char *name;
    lua_CFunction open;
    bool global;
} libraries[] = {
    {"string", luaopen_sandbox_string, true},  {"table", luaopen_sandbox_table, true},
    {"math", luaopen_sandbox_math, true},      {"utf8", luaopen_sandbox_utf8, true},
    {"effect", luaopen_sandbox_effect, false},
};

enum { LIBRARIES = sizeof libraries / sizeof *libraries };

static void open_libraries(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; i < LIBRARIES; i++) {
        libraries[i].open(L);
        lua_setfield(L, -2, libraries[i].name);
    }
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_LIBRARIES);
}

static void push_copy(lua_State *L, const char *library)
{
    lua_newtable(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_LIBRARIES);
    lua_getfield(L, -1, library);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -6);
    }
    lua_pop(L, 2);
}

/* Expects globals and modules below the copy; a library can be required as well. */
static void add_library(lua_State *L, const struct library *library)
{
    push_copy(L, library->name);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, library->name);
    if (library->global)
        lua_setfield(L, -3, library->name);
    else
        lua_pop(L, 1);
}

static void make_level(lua_State *L, enum level level)
{
    lua_newtable(L);
    base_add(L);
    order_add(L);
    load_add(L, level);
    lua_pushstring(L, LUA_VERSION);
    lua_setfield(L, -2, "_VERSION");
    lua_pushvalue(L, -1);
    lua_setfield(L, -2, "_G");
    lua_newtable(L);
    for (int i = 0; i < LIBRARIES; i++)
        add_library(L, &libraries[i]);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_MODULES + (int)level);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_LEVELS + (int)level);
}

/* Buffers of the C interface keep their large blocks in objects with a __close of their own. Their
 * metatable is made with the first such buffer; made here, it holds the names that disable_events
 * changes, and goes on working. */
static void use_large_buffer(lua_State *L)
{
    luaL_Buffer buffer;
    luaL_buffinitsize(L, &buffer, 4 * LUAL_BUFFERSIZE);
    luaL_pushresultsize(&buffer, 0);
    lua_pop(L, 1);
}

/* The interpreter looks these events up by the very string object it made at birth, which is also
 * the one any "__gc" of a policy is, strings being unique. Renaming that object in place cuts the
 * two apart: whenever such a field gets into a metatable, and however, nothing looks for it any
 * more. setmetatable refuses them only in order to say so.
 *
 * The object stays where the hash of its old name put it. A policy's string of the new name gets
 * another hash (of another parity, since the first byte goes last into the sum), so it is never
 * found there. */
static void disable_events(lua_State *L)
{
    static const char *const events[] = {"__gc", "__close", "__mode", "__concat"};
    for (size_t i = 0; i < sizeof events / sizeof *events; i++) {
        char *name = (char *)(uintptr_t)lua_pushstring(L, events[i]);
        *name ^= 1;
        lua_pop(L, 1);
    }
}

void environment_open(lua_State *L)
{
    use_large_buffer(L);
    disable_events(L);
    convert_open(L);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_BRANCHES);
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_TRAVERSAL);
    open_libraries(L);
    make_level(L, LEVEL_POLICY);
    make_level(L, LEVEL_STDLIB);
}
