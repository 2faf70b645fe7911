/* Text to functions: load and require. Text only, at a stated price, and with the globals of the
 * level the text belongs to. Lua signatures stand above each function. */
#include "script/inside.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum {
    BYTE_WORK = 8,          /* units to compile a byte of the standard library */
    POLICY_BYTE_WORK = 100, /* of a policy: names are looked up in all functions around them, at a
                             * cost that text written for the purpose drives this far */
    FIND_WORK = 1000,       /* units for looking for a module */
    MODULE_NAME_MAX = 100,
    NAME_SHOWN = 24, /* bytes */
};

static void push_globals(lua_State *L, enum level level)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_LEVELS + (int)level);
}

bool load_chunk(lua_State *L, const char *name, struct slice text, enum level level)
{
    if (text.size > SANDBOX_CHUNK_MAX) {
        lua_pushfstring(L, "%s:1: %d bytes of source text (the most is %d)",
                        *name == '@' ? name + 1 : "load",
                        text.size < INT_MAX ? (int)text.size : INT_MAX, SANDBOX_CHUNK_MAX);
        return false;
    }
    charge(L, (int64_t)text.size * (level == LEVEL_STDLIB ? BYTE_WORK : POLICY_BYTE_WORK));
    int status = luaL_loadbufferx(L, text.data, text.size, name, "t");
    if (status != LUA_OK) {
        charge_caught(L, status);
        return false;
    }
    push_globals(L, level);
    if (!lua_setupvalue(L, -2, 1))
        lua_pop(L, 1);
    return true;
}

/* Pushes what a reader function hands out, piece by piece. */
static void push_pieces(lua_State *L)
{
    luaL_Buffer text;
    size_t size = 0;
    luaL_buffinit(L, &text);
    for (;;) {
        lua_pushvalue(L, 1);
        lua_call(L, 0, 1);
        size_t piece = lua_isstring(L, -1) ? lua_rawlen(L, -1) : 0;
        if (!lua_isnil(L, -1) && lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "reader function must return a string");
        size += piece;
        if (piece == 0 || size > SANDBOX_CHUNK_MAX)
            break;
        charge_bytes(L, piece);
        luaL_addvalue(&text);
    }
    lua_pop(L, 1);
    luaL_pushresult(&text);
    if (size > SANDBOX_CHUNK_MAX)
        luaL_error(L, "the reader function gave more than %d bytes", SANDBOX_CHUNK_MAX);
}

/* The name shown in messages. One that a policy gives is only ever a name: with "@" in front it
 * could pass for a file of the standard library. Without one, the head of the text is shown. Names
 * are kept short: the interpreter caches a long one by its address, along with constants of C code,
 * whose addresses differ between processes. */
static const char *push_chunk_name(lua_State *L)
{
    char head[NAME_SHOWN + 1] = "";
    const char *name = luaL_optstring(L, 2, NULL);
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tostring(L, 1) : NULL;
    const char *shown = name ? name : text;
    if (!shown)
        return lua_pushstring(L, "=(load)");
    bool plain = name && (*name == '@' || *name == '=');
    memcpy(head, shown + plain, strnlen(shown + plain, NAME_SHOWN));
    head[strcspn(head, "\r\n")] = '\0';
    const char *dots = shown[plain + strlen(head)] ? "..." : "";
    return plain ? lua_pushfstring(L, "=%s%s", head, dots)
                 : lua_pushfstring(L, "=[string \"%s%s\"]", head, dots);
}

static int give_up(lua_State *L)
{
    lua_pushnil(L);
    lua_insert(L, -2);
    return 2;
}

/* load(chunk: string|function, name: string?, mode: string?, env: table?): function?, string?
 * Upvalue 1: the level. */
static int f_load(lua_State *L)
{
    enum level level = (enum level)lua_tointeger(L, lua_upvalueindex(1));
    bool has_environment = !lua_isnone(L, 4);
    size_t size;
    const char *mode = luaL_optlstring(L, 3, "t", &size);
    charge_bytes(L, size);
    lua_settop(L, 4);
    if (!strchr(mode, 't')) {
        lua_pushfstring(L, "attempt to load a text chunk (mode is '%s')", mode);
        return give_up(L);
    }
    const char *name = push_chunk_name(L);
    if (lua_type(L, 1) == LUA_TSTRING) {
        lua_pushvalue(L, 1);
    } else {
        luaL_checktype(L, 1, LUA_TFUNCTION);
        push_pieces(L);
    }
    struct slice text;
    text.data = lua_tolstring(L, -1, &text.size);
    if (!load_chunk(L, name, text, level))
        return give_up(L);
    if (has_environment) {
        lua_pushvalue(L, 4);
        if (!lua_setupvalue(L, -2, 1))
            lua_pop(L, 1);
    }
    return 1;
}

enum { COPY_DEPTH = 4 };

/* What a policy gets of a standard module is a copy of its table, and of plain tables in it:
 * writing to it changes nothing for the module itself or for the modules that use it. */
static void push_copy(lua_State *L, int index, int depth)
{
    index = lua_absindex(L, index);
    luaL_checkstack(L, 8, "a module");
    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        charge(L, 4);
        bool inner = depth > 1 && lua_istable(L, -1) && !lua_getmetatable(L, -1);
        if (inner) {
            push_copy(L, -1, depth - 1);
            lua_replace(L, -2);
        } else if (depth > 1 && lua_istable(L, -1)) {
            lua_pop(L, 1); /* its metatable */
        }
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, -4);
    }
    if (lua_getmetatable(L, index))
        lua_setmetatable(L, -2);
}

/* The module as kept for a level; false and nothing pushed if it is not loaded yet. `false` is kept
 * while it loads. */
static bool push_loaded(lua_State *L, enum level level, const char *name)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_MODULES + (int)level);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, -2);
    lua_remove(L, -2);
    if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1))
        location_raise(L, "module '%s' requires itself, or failed to load before", name);
    if (type == LUA_TNIL)
        lua_pop(L, 1);
    return type != LUA_TNIL;
}

/* Keeps the value on top, under the name at the bottom of the stack. */
static void keep_loaded(lua_State *L, enum level level)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_MODULES + (int)level);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -3);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

/* Runs the module's text and leaves its value on top. */
static void run_module(lua_State *L, enum level level, const char *chunk, struct slice text)
{
    lua_pushboolean(L, 0);
    keep_loaded(L, level);
    lua_pop(L, 1);
    const char *chunk_name = lua_pushfstring(L, "@%s", chunk);
    if (!load_chunk(L, chunk_name, text, level))
        lua_error(L);
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        lua_pushboolean(L, 1);
    }
    keep_loaded(L, level);
}

static bool starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The standard library may ask for itself and for the shipped policies. Nobody finds a file of the
 * policy's own that lies in a folder called stdlib or lua: it would pass for the real one. */
static bool may_ask(enum level asker, enum level owner, const char *name)
{
    if (starts_with(name, "stdlib.") || starts_with(name, "lua."))
        return false;
    return asker == LEVEL_POLICY || owner == LEVEL_STDLIB || starts_with(name, "policies.");
}

static void load_module(lua_State *L, enum level asker, const char *name)
{
    const struct sandbox_hooks *hooks = &charge_sandbox(L)->hooks;
    struct slice text;
    const char *chunk;
    charge(L, FIND_WORK);
    bool found = hooks->find && hooks->find(hooks->context, name, &text, &chunk);
    enum level owner = found && location_is_stdlib(chunk) ? LEVEL_STDLIB : LEVEL_POLICY;
    if (!found || !may_ask(asker, owner, name))
        location_raise(L,
                       "module '%s' not found: it is neither in the standard library nor a file "
                       "beside the policy, required by its name in quotes",
                       name);
    if (!push_loaded(L, owner, name))
        run_module(L, owner, chunk, text);
    if (owner == asker)
        return;
    if (owner == LEVEL_STDLIB && lua_istable(L, -1))
        push_copy(L, -1, COPY_DEPTH);
    keep_loaded(L, asker);
}

/* require(name: string): any
 * Upvalue 1: the level. */
static int f_require(lua_State *L)
{
    enum level level = (enum level)lua_tointeger(L, lua_upvalueindex(1));
    size_t size;
    const char *name = luaL_checklstring(L, 1, &size);
    lua_settop(L, 1);
    luaL_argcheck(L, size <= MODULE_NAME_MAX, 1, "the name of a module is shorter");
    luaL_argcheck(L, strlen(name) == size, 1, "the name of a module has no zero byte");
    charge_bytes(L, size);
    if (!push_loaded(L, level, name))
        load_module(L, level, name);
    return 1;
}

static void add(lua_State *L, const char *name, lua_CFunction function, enum level level)
{
    lua_pushinteger(L, (lua_Integer)level);
    lua_pushcclosure(L, function, 1);
    lua_setfield(L, -2, name);
}

void load_add(lua_State *L, enum level level)
{
    add(L, "load", f_load, level);
    add(L, "require", f_require, level);
}
