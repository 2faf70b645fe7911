/* The base library: what of it a policy may call. pairs and next are in lua_order.c, load and
 * require in lua_load.c. Lua signatures stand above each function. */
#include "script/inside.h"

#include <ctype.h>
#include <limits.h>
#include <math.h>
#include <string.h>

enum {
    CALL_WORK = 5,
    TEXT_WORK = 8,
    DIGIT_WORK_BYTES = 8,
    LEVEL_WALK = 8,      /* calls inside calls passed over to the unit */
    CALLS_MAX = 1 << 20, /* more than a stack holds */
};

/* Text of a number, the sign of a NaN left out because it differs between processors. */
static void push_number_text(lua_State *L, int index)
{
    if (lua_isinteger(L, index) || !isnan(lua_tonumber(L, index))) {
        lua_pushvalue(L, index);
        lua_tolstring(L, -1, NULL);
    } else {
        lua_pushstring(L, "nan");
    }
}

static bool push_metamethod_text(lua_State *L, int index)
{
    if (!luaL_callmeta(L, index, "__tostring"))
        return false;
    if (!lua_isstring(L, -1))
        luaL_error(L, "'__tostring' must return a string");
    lua_tolstring(L, -1, NULL);
    return true;
}

void sandbox_tostring(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    charge(L, TEXT_WORK);
    if (push_metamethod_text(L, index))
        return;
    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        push_number_text(L, index);
        return;
    case LUA_TSTRING:
        lua_pushvalue(L, index);
        return;
    case LUA_TBOOLEAN:
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
        return;
    }
    if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING)
        lua_pushstring(L, luaL_typename(L, index));
}

/* assert(v, message?, ...): ... */
static int f_assert(lua_State *L)
{
    if (lua_toboolean(L, 1))
        return lua_gettop(L);
    luaL_checkany(L, 1);
    lua_remove(L, 1);
    if (lua_gettop(L) == 0)
        lua_pushstring(L, "assertion failed!");
    lua_settop(L, 1);
    return lua_error(L);
}

/* error(message, level?) */
static int f_error(lua_State *L)
{
    lua_Integer level = luaL_optinteger(L, 2, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TSTRING && level > 0) {
        level = level < CALLS_MAX ? level : CALLS_MAX;
        charge(L, 1 + level / LEVEL_WALK);
        luaL_where(L, (int)level);
        lua_insert(L, 1);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

/* getmetatable(v) -- nil for the hidden mark of arrays */
static int f_getmetatable(lua_State *L)
{
    luaL_checkany(L, 1);
    if (convert_is_array(L, 1) || !lua_getmetatable(L, 1)) {
        lua_pushnil(L);
        return 1;
    }
    luaL_getmetafield(L, 1, "__metatable");
    return 1;
}

/* What a metatable may not hold. Adding such a field later has no effect either (environment.c). */
static const struct refused_event {
    const char *name;
    const char *why;
} refused_events[] = {
    {"__gc", "nothing may run when memory is collected"},
    {"__close", "nothing may run when a budget ends the policy"},
    {"__mode", "what the collector takes must not be visible"},
    {"__concat", "some builds of Lua 5.4 read freed memory after it"},
};

static void check_events(lua_State *L, int metatable)
{
    for (size_t i = 0; i < sizeof refused_events / sizeof *refused_events; i++) {
        lua_pushstring(L, refused_events[i].name);
        if (lua_rawget(L, metatable) != LUA_TNIL)
            luaL_error(L, "%s is not available: %s", refused_events[i].name, refused_events[i].why);
        lua_pop(L, 1);
    }
}

/* setmetatable(t: table, metatable: table?): table */
static int f_setmetatable(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL)
        return luaL_error(L, "cannot change a protected metatable");
    charge(L, CALL_WORK);
    if (lua_istable(L, 2))
        check_events(L, 2);
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* pcall leaves `true` below what the function returns: [base] true, results... */
static int finish_pcall(lua_State *L, int status, lua_KContext context)
{
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L);
    charge_caught(L, status);
    lua_pushboolean(L, 0);
    lua_replace(L, 1);
    return 2;
}

/* pcall(f, ...): boolean, ... */
static int f_pcall(lua_State *L)
{
    luaL_checkany(L, 1);
    charge(L, CALL_WORK);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_pcall);
    return finish_pcall(L, status, 0);
}

/* The handler is called after the failed function has left the stack, as an ordinary call. Lua
 * would call it on top of the failure, with hooks off: uncounted. Stack: f, handler, true or false,
 * results... */
enum { HANDLER = 2, OUTCOME = 3, BODY_RAN = 0, HANDLER_RAN = 1 };

static int finish_xpcall(lua_State *L, int status, lua_KContext ran)
{
    if (status == LUA_OK || status == LUA_YIELD)
        return lua_gettop(L) - HANDLER;
    charge_caught(L, status);
    lua_pushboolean(L, 0);
    lua_replace(L, OUTCOME);
    if (ran == HANDLER_RAN)
        return 2;
    lua_pushvalue(L, HANDLER);
    lua_insert(L, -2);
    status = lua_pcallk(L, 1, 1, 0, HANDLER_RAN, finish_xpcall);
    return finish_xpcall(L, status, HANDLER_RAN);
}

/* xpcall(f, handler: function, ...): boolean, ... */
static int f_xpcall(lua_State *L)
{
    luaL_checktype(L, 2, LUA_TFUNCTION);
    charge(L, CALL_WORK);
    lua_pushboolean(L, 1);
    lua_pushvalue(L, 1);
    lua_rotate(L, OUTCOME, 2);
    int arguments = lua_gettop(L) - OUTCOME - 1;
    int status = lua_pcallk(L, arguments, LUA_MULTRET, 0, BODY_RAN, finish_xpcall);
    return finish_xpcall(L, status, BODY_RAN);
}

/* What goes over the limit is dropped, with a word that it is: too much talk must not undo a
 * rollout. */
static void print_text(struct sandbox *sandbox, struct slice text)
{
    static const char dropped[] = "(print: the limit is reached; the rest is dropped)\n";
    if (!sandbox->hooks.print || sandbox->printed > sandbox->limits.print_size)
        return;
    if (text.size > sandbox->limits.print_size - sandbox->printed) {
        sandbox->printed = sandbox->limits.print_size + 1;
        text = slice_of(dropped);
    } else {
        sandbox->printed += text.size;
    }
    sandbox->hooks.print(sandbox->hooks.context, text);
}

/* print(...) */
static int f_print(lua_State *L)
{
    int count = lua_gettop(L);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            luaL_addchar(&buffer, '\t');
        sandbox_tostring(L, i);
        luaL_addvalue(&buffer);
    }
    luaL_addchar(&buffer, '\n');
    luaL_pushresult(&buffer);
    struct slice text;
    text.data = lua_tolstring(L, -1, &text.size);
    charge_bytes(L, text.size);
    print_text(charge_sandbox(L), text);
    return 0;
}

/* rawequal(a, b): boolean */
static int f_rawequal(lua_State *L)
{
    luaL_checkany(L, 1);
    luaL_checkany(L, 2);
    if (lua_type(L, 1) == LUA_TSTRING)
        charge_bytes(L, lua_rawlen(L, 1));
    lua_pushboolean(L, lua_rawequal(L, 1, 2));
    return 1;
}

/* rawget(t: table, key): any */
static int f_rawget(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    lua_rawget(L, 1);
    return 1;
}

/* rawlen(v: table|string): integer */
static int f_rawlen(lua_State *L)
{
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

/* rawset(t: table, key, value): table */
static int f_rawset(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 1;
}

/* select(n: integer|"#", ...): ... */
static int f_select(lua_State *L)
{
    int count = lua_gettop(L) - 1;
    charge(L, 1 + count / 16);
    if (lua_type(L, 1) == LUA_TSTRING && *lua_tostring(L, 1) == '#') {
        lua_pushinteger(L, count);
        return 1;
    }
    lua_Integer first = luaL_checkinteger(L, 1);
    if (first < 0)
        first += (lua_Integer)count + 1;
    luaL_argcheck(L, first >= 1, 1, "index out of range");
    return first > count ? 0 : count - (int)first + 1;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return isalpha((unsigned char)c) ? toupper((unsigned char)c) - 'A' + 10 : INT_MAX;
}

static size_t skip_blanks(struct slice text, size_t at)
{
    while (at < text.size && strchr(" \f\n\r\t\v", text.data[at]) && text.data[at])
        at++;
    return at;
}

/* Whole numbers in another base wrap around, as Lua's own do. */
static bool read_in_base(struct slice text, int base, lua_Integer *number)
{
    size_t at = skip_blanks(text, 0);
    bool negative = at < text.size && text.data[at] == '-';
    at += at < text.size && (negative || text.data[at] == '+');
    size_t first = at;
    uint64_t sum = 0;
    for (; at < text.size && digit_of(text.data[at]) < base; at++)
        sum = sum * (uint64_t)base + (uint64_t)digit_of(text.data[at]);
    *number = (lua_Integer)(negative ? 0 - sum : sum);
    return at > first && skip_blanks(text, at) == text.size;
}

/* tonumber(text: string, base: integer): integer? */
static int tonumber_in_base(lua_State *L)
{
    lua_Integer base = luaL_checkinteger(L, 2);
    luaL_checktype(L, 1, LUA_TSTRING);
    luaL_argcheck(L, base >= 2 && base <= 36, 2, "base out of range");
    struct slice text;
    text.data = lua_tolstring(L, 1, &text.size);
    charge(L, (int64_t)(1 + text.size / DIGIT_WORK_BYTES));
    lua_Integer number;
    if (read_in_base(text, (int)base, &number))
        lua_pushinteger(L, number);
    else
        lua_pushnil(L);
    return 1;
}

/* tonumber(v): number? */
static int f_tonumber(lua_State *L)
{
    if (!lua_isnoneornil(L, 2))
        return tonumber_in_base(L);
    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (lua_type(L, 1) == LUA_TNUMBER)
        return 1;
    size_t size;
    const char *text = lua_type(L, 1) == LUA_TSTRING ? lua_tolstring(L, 1, &size) : NULL;
    if (text) {
        charge(L, (int64_t)(1 + size / DIGIT_WORK_BYTES));
        if (lua_stringtonumber(L, text) == size + 1)
            return 1;
    }
    lua_pushnil(L);
    return 1;
}

/* tostring(v): string */
static int f_tostring(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_tostring(L, 1);
    return 1;
}

/* type(v): string */
static int f_type(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushstring(L, luaL_typename(L, 1));
    return 1;
}

static int next_item(lua_State *L)
{
    lua_Integer i = lua_tointeger(L, 2) + 1;
    lua_pushinteger(L, i);
    return lua_geti(L, 1, i) == LUA_TNIL ? 1 : 2;
}

/* ipairs(t): function, any, integer */
static int f_ipairs(lua_State *L)
{
    luaL_checkany(L, 1);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

void base_add(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"assert", f_assert},
        {"error", f_error},
        {"getmetatable", f_getmetatable},
        {"pcall", f_pcall},
        {"print", f_print},
        {"rawequal", f_rawequal},
        {"rawget", f_rawget},
        {"rawlen", f_rawlen},
        {"rawset", f_rawset},
        {"select", f_select},
        {"setmetatable", f_setmetatable},
        {"tonumber", f_tonumber},
        {"tostring", f_tostring},
        {"type", f_type},
        {"xpcall", f_xpcall},
        {NULL, NULL},
    };
    charge_set_functions(L, functions);
    lua_pushboolean(L, 0);
    lua_pushcclosure(L, next_item, 1);
    lua_pushcclosure(L, f_ipairs, 1);
    lua_setfield(L, -2, "ipairs");
}
