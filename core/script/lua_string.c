/* The string library but for patterns and formats, and what arithmetic on strings does. */
#include "lua_string.h"

#include "base/math.h"

#include <string.h>

const char *string_check(lua_State *L, int arg, size_t *size)
{
    if (lua_type(L, arg) == LUA_TNUMBER && !lua_isinteger(L, arg)) {
        lua_Number number = lua_tonumber(L, arg);
        if (number != number) {
            lua_pushliteral(L, "nan");
            lua_replace(L, arg);
        }
    }
    return luaL_checklstring(L, arg, size);
}

size_t string_start(lua_Integer position, size_t size)
{
    if (position > 0)
        return (size_t)position;
    if (position == 0 || position < -(lua_Integer)size)
        return 1;
    return size + (size_t)position + 1;
}

/* The same for where a part ends: 0 if before the beginning, at most `size`. */
static size_t part_end(lua_Integer position, size_t size)
{
    if (position > (lua_Integer)size)
        return size;
    if (position >= 0)
        return (size_t)position;
    return position < -(lua_Integer)size ? 0 : size + (size_t)position + 1;
}

/* string.byte(s [, i [, j]]) -> code... */
static int string_byte(lua_State *L)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    size_t from = string_start(first, size);
    size_t to = part_end(luaL_optinteger(L, 3, first), size);
    if (from > to)
        return 0;
    luaL_argcheck(L, to - from < INT_MAX, 2, "string slice too long");
    int count = (int)(to - from) + 1;
    charge(L, 1 + count / 4);
    luaL_checkstack(L, count, "string slice too long");
    for (int i = 0; i < count; i++)
        lua_pushinteger(L, (unsigned char)s[from - 1 + (size_t)i]);
    return count;
}

/* string.char(code...) -> text */
static int string_char(lua_State *L)
{
    int count = lua_gettop(L);
    charge(L, 1 + count / 4);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, (size_t)count);
    for (int i = 1; i <= count; i++) {
        lua_Unsigned code = (lua_Unsigned)luaL_checkinteger(L, i);
        luaL_argcheck(L, code <= UCHAR_MAX, i, "value out of range");
        out[i - 1] = (char)(unsigned char)code;
    }
    luaL_pushresultsize(&buffer, (size_t)count);
    return 1;
}

/* string.len(s) -> bytes */
static int string_len(lua_State *L)
{
    size_t size;
    string_check(L, 1, &size);
    lua_pushinteger(L, (lua_Integer)size);
    return 1;
}

static int map_bytes(lua_State *L, char first, char last)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    charge_bytes(L, size);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, size);
    unsigned span = (unsigned)(last - first);
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)s[i];
        out[i] = (char)((unsigned)(c - first) <= span ? c ^ 0x20 : c);
    }
    luaL_pushresultsize(&buffer, size);
    return 1;
}

/* string.lower(s) -> text */
static int string_lower(lua_State *L)
{
    return map_bytes(L, 'A', 'Z');
}

/* string.upper(s) -> text */
static int string_upper(lua_State *L)
{
    return map_bytes(L, 'a', 'z');
}

/* Fills `total` bytes with s and what stands between, by copying what is already there. */
static void repeat(char *out, size_t total, const char *s, size_t size, const char *between,
                   size_t between_size)
{
    size_t period = size + between_size;
    memcpy(out, s, size);
    if (total == size)
        return;
    memcpy(out + size, between, between_size);
    size_t done = period < total ? period : total;
    while (done < total) {
        size_t part = done < total - done ? done : total - done;
        memcpy(out + done, out, part);
        done += part;
    }
}

/* string.rep(s, n [, separator]) -> text */
static int string_rep(lua_State *L)
{
    size_t size, between_size;
    const char *s = string_check(L, 1, &size);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *between = "";
    between_size = 0;
    if (!lua_isnoneornil(L, 3))
        between = string_check(L, 3, &between_size);
    if (count <= 0 || (size == 0 && between_size == 0)) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t period = size + between_size;
    if (period < size || period > STRING_LIMIT / (size_t)count)
        return luaL_error(L, "resulting string too large");
    size_t total = (size_t)count * period - between_size;
    charge_bytes(L, total);
    luaL_Buffer buffer;
    repeat(luaL_buffinitsize(L, &buffer, total), total, s, size, between, between_size);
    luaL_pushresultsize(&buffer, total);
    return 1;
}

/* string.reverse(s) -> text */
static int string_reverse(lua_State *L)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    charge_bytes(L, size);
    luaL_Buffer buffer;
    char *out = luaL_buffinitsize(L, &buffer, size);
    for (size_t i = 0; i < size; i++)
        out[i] = s[size - 1 - i];
    luaL_pushresultsize(&buffer, size);
    return 1;
}

/* string.sub(s, i [, j]) -> text */
static int string_sub(lua_State *L)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    size_t from = string_start(luaL_checkinteger(L, 2), size);
    size_t to = part_end(luaL_optinteger(L, 3, -1), size);
    if (from > to) {
        lua_pushliteral(L, "");
        return 1;
    }
    charge_bytes(L, to - from + 1);
    lua_pushlstring(L, s + from - 1, to - from + 1);
    return 1;
}

/* Arithmetic on strings that read as numbers. */

enum { POWER_UNITS = 20 };

static bool push_number(lua_State *L, int arg)
{
    if (lua_type(L, arg) == LUA_TNUMBER) {
        lua_pushvalue(L, arg);
        return true;
    }
    size_t size;
    const char *s = lua_tolstring(L, arg, &size);
    if (!s)
        return false;
    charge_bytes(L, size);
    return lua_stringtonumber(L, s) == size + 1;
}

/* The other operand's own metamethod, if it has one. */
static int delegate(lua_State *L, const char *event)
{
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TSTRING || !luaL_getmetafield(L, 2, event))
        return luaL_error(L, "attempt to %s a '%s' with a '%s'", event + 2, luaL_typename(L, 1),
                          luaL_typename(L, 2));
    lua_insert(L, 1);
    lua_call(L, 2, 1);
    return 1;
}

static int arithmetic(lua_State *L, int operation, const char *event)
{
    if (!push_number(L, 1) || !push_number(L, 2))
        return delegate(L, event);
    lua_arith(L, operation);
    return 1;
}

static int string_add(lua_State *L)
{
    return arithmetic(L, LUA_OPADD, "__add");
}

static int string_subtract(lua_State *L)
{
    return arithmetic(L, LUA_OPSUB, "__sub");
}

static int string_multiply(lua_State *L)
{
    return arithmetic(L, LUA_OPMUL, "__mul");
}

static int string_modulo(lua_State *L)
{
    return arithmetic(L, LUA_OPMOD, "__mod");
}

/* Not lua_arith: libm's pow has other last bits on other processors. */
static int string_power(lua_State *L)
{
    if (!push_number(L, 1) || !push_number(L, 2))
        return delegate(L, "__pow");
    charge(L, POWER_UNITS);
    lua_Number base = lua_tonumber(L, -2);
    lua_Number exponent = lua_tonumber(L, -1);
    lua_pushnumber(L, exponent == 2 ? base * base : math_pow(base, exponent));
    return 1;
}

static int string_divide(lua_State *L)
{
    return arithmetic(L, LUA_OPDIV, "__div");
}

static int string_divide_down(lua_State *L)
{
    return arithmetic(L, LUA_OPIDIV, "__idiv");
}

static int string_negate(lua_State *L)
{
    if (!push_number(L, 1))
        return delegate(L, "__unm");
    lua_arith(L, LUA_OPUNM);
    return 1;
}

static const luaL_Reg metamethods[] = {
    {"__add", string_add},          {"__sub", string_subtract}, {"__mul", string_multiply},
    {"__mod", string_modulo},       {"__pow", string_power},    {"__div", string_divide},
    {"__idiv", string_divide_down}, {"__unm", string_negate},   {NULL, NULL},
};

static const luaL_Reg functions[] = {
    {"byte", string_byte},       {"char", string_char},
    {"find", string_find},       {"format", string_format},
    {"gmatch", string_gmatch},   {"gsub", string_gsub},
    {"len", string_len},         {"lower", string_lower},
    {"match", string_match},     {"rep", string_rep},
    {"reverse", string_reverse}, {"sub", string_sub},
    {"upper", string_upper},     {NULL, NULL},
};

/* The table behind s:method() is another than the one given out as `string`, and getmetatable("")
 * yields false: whatever a script does to its `string`, methods stay what they are. */
static void set_metatable(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_newtable(L);
    charge_set_functions(L, metamethods);
    lua_newtable(L);
    charge_set_functions(L, functions);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
}

int luaopen_sandbox_string(lua_State *L)
{
    set_metatable(L);
    lua_newtable(L);
    charge_set_functions(L, functions);
    return 1;
}
