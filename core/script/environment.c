/* The globals. There are two sets: one for the policy and its modules, one for the standard
 * library, each with library tables of its own, so that a policy that overwrites string.format
 * changes it for itself only. Methods of strings are looked up in a third set that no code can
 * reach. */
#include "script/inside.h"

#include <string.h>

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

/* What Lua has and the sandbox has not: no policy needs it, and each is one more way into the
 * interpreter. Found in a library it is a function that says so. */
static const struct absence {
    const char *name, *why;
} absences[] = {
#define NO_BYTES "a policy hands on plain values, not packed bytes"
#define NO_CIRCLES "of math it has what shares and rates need"
#define ONLY_LEN "of utf8 it has utf8.len"
    {"math.acos", NO_CIRCLES},
    {"math.asin", NO_CIRCLES},
    {"math.atan", NO_CIRCLES},
    {"math.cos", NO_CIRCLES},
    {"math.deg", NO_CIRCLES},
    {"math.rad", NO_CIRCLES},
    {"math.randomseed", "math.random follows the run's seed"},
    {"math.sin", NO_CIRCLES},
    {"math.tan", NO_CIRCLES},
    {"string.dump", "functions are loaded from text only"},
    {"string.pack", NO_BYTES},
    {"string.packsize", NO_BYTES},
    {"string.unpack", NO_BYTES},
    {"utf8.char", ONLY_LEN},
    {"utf8.codepoint", ONLY_LEN},
    {"utf8.codes", ONLY_LEN},
    {"utf8.offset", ONLY_LEN},
};

enum { ABSENCES = sizeof absences / sizeof *absences };

const char *sandbox_absent(size_t index)
{
    return index < ABSENCES ? absences[index].name : NULL;
}

/* Upvalue 1: which. */
static int f_absent(lua_State *L)
{
    const struct absence *absence = &absences[lua_tointeger(L, lua_upvalueindex(1))];
    return location_raise(L, "%s is not part of the sandbox; %s", absence->name, absence->why);
}

/* Behind the library on top stands a table of what it has not, out of reach of pairs. */
static void add_absences(lua_State *L, const char *library)
{
    size_t size = strlen(library);
    lua_newtable(L);
    lua_newtable(L);
    for (int i = 0; i < ABSENCES; i++) {
        const char *name = absences[i].name;
        if (strncmp(name, library, size) != 0 || name[size] != '.')
            continue;
        lua_pushinteger(L, i);
        lua_pushcclosure(L, f_absent, 1);
        lua_setfield(L, -2, name + size + 1);
    }
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

/* The methods of strings lack what `string` lacks; with the library on top. */
static void add_absent_methods(lua_State *L)
{
    lua_pushlstring(L, "", 0);
    luaL_getmetafield(L, -1, "__index");
    lua_getmetatable(L, -3);
    lua_setmetatable(L, -2);
    lua_pop(L, 2);
}

static void open_libraries(lua_State *L)
{
    lua_newtable(L);
    for (int i = 0; i < LIBRARIES; i++) {
        libraries[i].open(L);
        if (libraries[i].global)
            add_absences(L, libraries[i].name);
        if (libraries[i].open == luaopen_sandbox_string)
            add_absent_methods(L);
        lua_setfield(L, -2, libraries[i].name);
    }
    lua_rawseti(L, LUA_REGISTRYINDEX, SLOT_LIBRARIES);
}

static void push_copy(lua_State *L, const char *library)
{
    lua_newtable(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_LIBRARIES);
    lua_getfield(L, -1, library);
    if (lua_getmetatable(L, -1))
        lua_setmetatable(L, -4);
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
