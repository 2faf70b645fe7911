/* The math library, without what turns and circles need: the sandbox carries shares and rates.
 * math.random follows the run's seed. */
#include "base/math.h"
#include "base/random.h"
#include "charge.h"

#include <math.h>
#include <stdbool.h>

enum { TRANSCENDENTAL_UNITS = 5 };

/* Pushes a float without fraction as an integer if one can hold it. */
static void push_whole(lua_State *L, lua_Number whole)
{
    if (whole >= (lua_Number)LUA_MININTEGER && whole < -(lua_Number)LUA_MININTEGER)
        lua_pushinteger(L, (lua_Integer)whole);
    else
        lua_pushnumber(L, whole);
}

/* math.abs(x) */
static int f_abs(lua_State *L)
{
    if (lua_isinteger(L, 1)) {
        lua_Integer n = lua_tointeger(L, 1);
        lua_pushinteger(L, n < 0 ? (lua_Integer)(0 - (lua_Unsigned)n) : n);
    } else {
        lua_pushnumber(L, fabs(luaL_checknumber(L, 1)));
    }
    return 1;
}

static int round_with(lua_State *L, double (*rounded)(double))
{
    if (lua_isinteger(L, 1))
        lua_settop(L, 1);
    else
        push_whole(L, rounded(luaL_checknumber(L, 1)));
    return 1;
}

/* math.ceil(x) -> integer, or float if out of range */
static int f_ceil(lua_State *L)
{
    return round_with(L, ceil);
}

/* math.floor(x) -> integer, or float if out of range */
static int f_floor(lua_State *L)
{
    return round_with(L, floor);
}

/* math.fmod(x, y): the remainder with the sign of x */
static int f_fmod(lua_State *L)
{
    if (!lua_isinteger(L, 1) || !lua_isinteger(L, 2)) {
        lua_Number y = luaL_checknumber(L, 2); /* Lua looks at this one first */
        charge(L, TRANSCENDENTAL_UNITS);
        lua_pushnumber(L, fmod(luaL_checknumber(L, 1), y));
        return 1;
    }
    lua_Integer x = lua_tointeger(L, 1);
    lua_Integer y = lua_tointeger(L, 2);
    luaL_argcheck(L, y != 0, 2, "zero");
    lua_pushinteger(L, y == -1 ? 0 : x % y); /* the smallest integer % -1 overflows in C */
    return 1;
}

/* math.modf(x) -> whole part, fraction (a float) */
static int f_modf(lua_State *L)
{
    if (lua_isinteger(L, 1)) {
        lua_settop(L, 1);
        lua_pushnumber(L, 0);
        return 2;
    }
    lua_Number x = luaL_checknumber(L, 1);
    lua_Number whole = x < 0 ? ceil(x) : floor(x);
    push_whole(L, whole);
    lua_pushnumber(L, x == whole ? 0 : x - whole); /* infinity minus itself would be NaN */
    return 2;
}

/* math.sqrt(x) */
static int f_sqrt(lua_State *L)
{
    lua_pushnumber(L, sqrt(luaL_checknumber(L, 1)));
    return 1;
}

/* math.ult(m, n): m < n as unsigned integers */
static int f_ult(lua_State *L)
{
    lua_Integer m = luaL_checkinteger(L, 1);
    lua_Integer n = luaL_checkinteger(L, 2);
    lua_pushboolean(L, (lua_Unsigned)m < (lua_Unsigned)n);
    return 1;
}

/* math.exp(x) */
static int f_exp(lua_State *L)
{
    charge(L, TRANSCENDENTAL_UNITS);
    lua_pushnumber(L, math_exp(luaL_checknumber(L, 1)));
    return 1;
}

/* math.log(x [, base]) */
static int f_log(lua_State *L)
{
    lua_Number x = luaL_checknumber(L, 1);
    charge(L, TRANSCENDENTAL_UNITS);
    if (lua_isnoneornil(L, 2)) {
        lua_pushnumber(L, math_log(x));
        return 1;
    }
    lua_Number base = luaL_checknumber(L, 2);
    if (base == 2)
        lua_pushnumber(L, math_log2(x));
    else if (base == 10)
        lua_pushnumber(L, math_log10(x));
    else
        lua_pushnumber(L, math_log(x) / math_log(base));
    return 1;
}

/* The argument that comes first in the order given by `operation` on (candidate, best). */
static int choose(lua_State *L, bool largest)
{
    int count = lua_gettop(L);
    luaL_argcheck(L, count >= 1, 1, "value expected");
    charge(L, 1 + count / 4);
    int best = 1;
    luaL_checknumber(L, 1);
    for (int i = 2; i <= count; i++) {
        luaL_checknumber(L, i);
        if (lua_compare(L, largest ? best : i, largest ? i : best, LUA_OPLT))
            best = i;
    }
    lua_pushvalue(L, best);
    return 1;
}

/* math.max(x...) */
static int f_max(lua_State *L)
{
    return choose(L, true);
}

/* math.min(x...) */
static int f_min(lua_State *L)
{
    return choose(L, false);
}

/* math.tointeger(x) -> integer | fail */
static int f_tointeger(lua_State *L)
{
    int exact;
    lua_Integer n = lua_tointegerx(L, 1, &exact);
    if (exact) {
        lua_pushinteger(L, n);
    } else {
        luaL_checkany(L, 1);
        luaL_pushfail(L);
    }
    return 1;
}

/* math.type(x) -> "integer" | "float" | fail */
static int f_type(lua_State *L)
{
    if (lua_type(L, 1) == LUA_TNUMBER) {
        lua_pushstring(L, lua_isinteger(L, 1) ? "integer" : "float");
    } else {
        luaL_checkany(L, 1);
        luaL_pushfail(L);
    }
    return 1;
}

/* Pushes a whole number from low to high, both included. */
static int push_between(lua_State *L, lua_Integer low, lua_Integer high, int arg)
{
    luaL_argcheck(L, low <= high, arg, "interval is empty");
    uint64_t span = (uint64_t)high - (uint64_t)low;
    struct random_stream *stream = sandbox_random(L);
    uint64_t drawn = span == UINT64_MAX ? random_bits(stream) : random_below(stream, span + 1);
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + drawn));
    return 1;
}

/* math.random([m [, n]]): a float in [0, 1); 1..m; m..n; all bits of an integer for m = 0 */
static int f_random(lua_State *L)
{
    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, random_unit(sandbox_random(L)));
        return 1;
    case 1:
        if (luaL_checkinteger(L, 1) != 0)
            return push_between(L, 1, lua_tointeger(L, 1), 1);
        lua_pushinteger(L, (lua_Integer)random_bits(sandbox_random(L)));
        return 1;
    case 2:
        return push_between(L, luaL_checkinteger(L, 1), luaL_checkinteger(L, 2), 2);
    }
    return luaL_error(L, "wrong number of arguments");
}

static const luaL_Reg functions[] = {
    {"abs", f_abs},   {"ceil", f_ceil},     {"exp", f_exp},   {"floor", f_floor},
    {"fmod", f_fmod}, {"log", f_log},       {"max", f_max},   {"min", f_min},
    {"modf", f_modf}, {"random", f_random}, {"sqrt", f_sqrt}, {"tointeger", f_tointeger},
    {"type", f_type}, {"ult", f_ult},       {NULL, NULL},
};

int luaopen_sandbox_math(lua_State *L)
{
    lua_newtable(L);
    charge_set_functions(L, functions);
    lua_pushnumber(L, HUGE_VAL);
    lua_setfield(L, -2, "huge");
    lua_pushinteger(L, LUA_MAXINTEGER);
    lua_setfield(L, -2, "maxinteger");
    lua_pushinteger(L, LUA_MININTEGER);
    lua_setfield(L, -2, "mininteger");
    return 1;
}
