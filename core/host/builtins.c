/* canonical, digest and instant as modules of trusted Lua, beside the C modules of others. */
#include "host/builtins.h"

#include "base/digest.h"
#include "base/time.h"
#include "host/host.h"
#include "host/modules.h"
#include "host/regex.h"
#include "lua/convert.h"

#include <lauxlib.h>
#include <lua-cjson.h>

#include <lxplib.h>

/* Memory of `canonical`, emptied at each call. Lua owns it: a raised error leaks nothing. */
struct scratch {
    struct pool pool;
    struct buffer text;
};

enum { SCRATCH_POOL_MAX = 1 << 30, SCRATCH_TEXT_MAX = 256 << 20 };

static const char scratch_type[] = "canonical.scratch";
static const char invalid_type[] = "invalid";

static int scratch_gc(lua_State *L)
{
    struct scratch *scratch = luaL_checkudata(L, 1, scratch_type);
    pool_clear(&scratch->pool);
    buffer_clear(&scratch->text);
    return 0;
}

static struct scratch *check_scratch(lua_State *L)
{
    struct scratch *scratch = lua_touserdata(L, lua_upvalueindex(1));
    pool_reset(&scratch->pool);
    buffer_empty(&scratch->text);
    return scratch;
}

static struct slice check_slice(lua_State *L, int index)
{
    struct slice slice;
    slice.data = luaL_checklstring(L, index, &slice.size);
    return slice;
}

static int invalid_tostring(lua_State *L)
{
    lua_getfield(L, 1, "invalid");
    return 1;
}

int builtins_raise_invalid(lua_State *L, const char *message)
{
    lua_createtable(L, 0, 1);
    lua_pushstring(L, message);
    lua_setfield(L, -2, "invalid");
    if (luaL_newmetatable(L, invalid_type)) {
        lua_pushcfunction(L, invalid_tostring);
        lua_setfield(L, -2, "__tostring");
    }
    lua_setmetatable(L, -2);
    return lua_error(L);
}

/* canonical.encode(value) -> text; a value that is not plain is a mistake of the caller's */
static int f_encode(lua_State *L)
{
    struct error err;
    struct value value;
    struct scratch *scratch = check_scratch(L);
    luaL_checkany(L, 1);
    if (!host_take(L, 1, &value, &scratch->pool, &err) ||
        !value_write(&value, &scratch->text, &err))
        return luaL_error(L, "canonical.encode: %s", err.message);
    lua_pushlstring(L, scratch->text.data, scratch->text.size);
    return 1;
}

/* canonical.decode(text [, strict [, null]]) -> value; raises {invalid = message}. `null` stands
 * for each null; without it, objects go without them and a list with one is an error. */
static int f_decode(lua_State *L)
{
    struct error err;
    struct value value;
    struct scratch *scratch = check_scratch(L);
    struct slice text = check_slice(L, 1);
    if (!value_parse(&value, text, lua_toboolean(L, 2), &scratch->pool, &err))
        return builtins_raise_invalid(L, err.message);
    convert_push(L, &value, lua_isnoneornil(L, 3) ? CONVERT_REFUSED : 3);
    return 1;
}

/* canonical.array(list) -> the same list, which stays [] when it is empty */
static int f_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    convert_mark_array(L, 1);
    return 1;
}

/* digest.sha256(text) -> 64 hex digits */
static int f_sha256(lua_State *L)
{
    char hex[DIGEST_HEX_SIZE + 1];
    struct slice text = check_slice(L, 1);
    digest_hex(hex, &text, 1);
    lua_pushstring(L, hex);
    return 1;
}

static int push_ms(lua_State *L, bool ok, int64_t ms, const struct error *err)
{
    if (!ok)
        return builtins_raise_invalid(L, err->message);
    lua_pushinteger(L, ms);
    return 1;
}

/* instant.parse("2026-11-24T07:51:00Z") -> ms; raises {invalid = message} */
static int f_parse(lua_State *L)
{
    struct error err;
    int64_t ms = 0;
    bool ok = time_parse_instant(&ms, check_slice(L, 1), &err);
    return push_ms(L, ok, ms, &err);
}

/* instant.format(ms) -> "2026-11-24T07:51:00Z" */
static int f_format(lua_State *L)
{
    char text[32];
    time_format_instant(text, luaL_checkinteger(L, 1));
    lua_pushstring(L, text);
    return 1;
}

/* instant.duration("1h30m") -> ms; raises {invalid = message} */
static int f_duration(lua_State *L)
{
    struct error err;
    int64_t ms = 0;
    bool ok = time_parse_duration(&ms, check_slice(L, 1), &err);
    return push_ms(L, ok, ms, &err);
}

static const luaL_Reg canonical_functions[] = {
    {"array", f_array}, {"decode", f_decode}, {"encode", f_encode}, {NULL, NULL}};
static const luaL_Reg digest_functions[] = {{"sha256", f_sha256}, {NULL, NULL}};
static const luaL_Reg instant_functions[] = {
    {"duration", f_duration}, {"format", f_format}, {"parse", f_parse}, {NULL, NULL}};

static int luaopen_canonical(lua_State *L)
{
    luaL_newlibtable(L, canonical_functions);
    struct scratch *scratch = lua_newuserdatauv(L, sizeof *scratch, 0);
    pool_init(&scratch->pool, SCRATCH_POOL_MAX);
    buffer_init(&scratch->text, SCRATCH_TEXT_MAX);
    if (luaL_newmetatable(L, scratch_type)) {
        lua_pushcfunction(L, scratch_gc);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    luaL_setfuncs(L, canonical_functions, 1);
    return 1;
}

static int luaopen_digest(lua_State *L)
{
    luaL_newlib(L, digest_functions);
    return 1;
}

static int luaopen_instant(lua_State *L)
{
    luaL_newlib(L, instant_functions);
    return 1;
}

/* The mark of arrays, which trusted Lua can neither see nor take off. */
static void open_arrays(lua_State *L)
{
    convert_open(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, CONVERT_SLOT);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 1);
}

void builtins_open(lua_State *L)
{
    static const luaL_Reg modules[] = {{"canonical", luaopen_canonical},
                                       {"cjson", luaopen_cjson},
                                       {"digest", luaopen_digest},
                                       {"instant", luaopen_instant},
                                       {"lxp", luaopen_lxp},
                                       {"modules", luaopen_modules},
                                       {"regex", luaopen_regex},
                                       {NULL, NULL}};
    open_arrays(L);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
    luaL_setfuncs(L, modules, 0);
    lua_pop(L, 1);
}
