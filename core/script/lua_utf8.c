#include "lua_string.h"

#include <string.h>

#define UNICODE_LIMIT 0x10ffffu
#define LAX_LIMIT 0x7fffffffu

enum { SEQUENCE_LIMIT = 6 };

static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

/* A position counted from 1, or from the end if negative; 0 if before the beginning. */
static lua_Integer from_start(lua_Integer position, size_t size)
{
    if (position >= 0)
        return position;
    if (0 - (lua_Unsigned)position > size)
        return 0;
    return (lua_Integer)size + position + 1;
}

/* How many bytes a sequence with this first byte takes: 0 if none begins so. */
static size_t sequence_size(unsigned char first)
{
    static const unsigned char limits[SEQUENCE_LIMIT] = {0x80, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe};
    if (first >= 0x80 && first < 0xc0)
        return 0;
    for (size_t i = 0; i < SEQUENCE_LIMIT; i++)
        if (first < limits[i])
            return i + 1;
    return 0;
}

/* Decodes one sequence: how many bytes, 0 if it is not valid. Strict refuses what is not Unicode. A
 * string ends with a zero byte, so that one cut short reads as broken. */
static size_t decode(const char *s, bool strict, uint32_t *code)
{
    static const uint32_t least[SEQUENCE_LIMIT + 1] = {0,       0,        0x80,     0x800,
                                                       0x10000, 0x200000, 0x4000000};
    unsigned char first = (unsigned char)*s;
    size_t size = sequence_size(first);
    if (size == 0)
        return 0;
    uint32_t value = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (!is_continuation(s[i]))
            return 0;
        value = value << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (value < least[size])
        return 0;
    if (strict && (value > UNICODE_LIMIT || (value >= 0xd800 && value <= 0xdfff)))
        return 0;
    *code = value;
    return size;
}

/* Writes one code to `out` (at least SEQUENCE_LIMIT bytes); returns how many bytes. */
static size_t encode(char *out, uint32_t code)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t size = 2;
    while (size < SEQUENCE_LIMIT && code >> (5 * size + 1))
        size++;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(unsigned char)(0x80 | (code & 0x3f));
        code >>= 6;
    }
    out[0] = (char)(unsigned char)((0xff00u >> size & 0xff) | code);
    return size;
}

/* utf8.char(code...) -> text */
static int f_char(lua_State *L)
{
    int count = lua_gettop(L);
    charge(L, 1 + count);
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (int i = 1; i <= count; i++) {
        lua_Unsigned code = (lua_Unsigned)luaL_checkinteger(L, i);
        luaL_argcheck(L, code <= LAX_LIMIT, i, "value out of range");
        luaL_addsize(&buffer, encode(luaL_prepbuffsize(&buffer, SEQUENCE_LIMIT), (uint32_t)code));
    }
    luaL_pushresult(&buffer);
    return 1;
}

/* utf8.codepoint(s [, i [, j [, lax]]]) -> code... */
static int f_codepoint(lua_State *L)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    lua_Integer first = from_start(luaL_optinteger(L, 2, 1), size);
    lua_Integer last = from_start(luaL_optinteger(L, 3, first), size);
    bool strict = !lua_toboolean(L, 4);
    luaL_argcheck(L, first >= 1, 2, "out of bounds");
    luaL_argcheck(L, last <= (lua_Integer)size, 3, "out of bounds");
    if (first > last)
        return 0;
    if (last - first >= INT_MAX)
        return luaL_error(L, "string slice too long");
    int room = (int)(last - first) + 1;
    charge(L, 1 + room / 2);
    luaL_checkstack(L, room, "string slice too long");
    int count = 0;
    for (size_t at = (size_t)first - 1; at < (size_t)last; count++) {
        uint32_t code;
        size_t taken = decode(s + at, strict, &code);
        if (taken == 0)
            return luaL_error(L, "invalid UTF-8 code");
        lua_pushinteger(L, code);
        at += taken;
    }
    return count;
}

/* utf8.len(s [, i [, j [, lax]]]) -> characters | fail, position of the first broken byte */
static int f_len(lua_State *L)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    lua_Integer at = from_start(luaL_optinteger(L, 2, 1), size);
    lua_Integer last = from_start(luaL_optinteger(L, 3, -1), size);
    bool strict = !lua_toboolean(L, 4);
    luaL_argcheck(L, 1 <= at && at <= (lua_Integer)size + 1, 2, "initial position out of bounds");
    luaL_argcheck(L, last <= (lua_Integer)size, 3, "final position out of bounds");
    struct meter meter = {.L = L, .ticks = 0};
    lua_Integer count = 0;
    while (at <= last) {
        uint32_t code;
        size_t taken = decode(s + at - 1, strict, &code);
        if (taken == 0) {
            luaL_pushfail(L);
            lua_pushinteger(L, at);
            return 2;
        }
        meter_add(&meter, 2);
        at += (lua_Integer)taken;
        count++;
    }
    meter_end(&meter);
    lua_pushinteger(L, count);
    return 1;
}

/* Moves over n characters from byte `at`: true if there are as many. */
static bool skip_characters(struct meter *meter, const char *s, lua_Integer size, lua_Integer n,
                            lua_Integer *at)
{
    lua_Integer i = *at;
    for (; n < 0 && i > 0; n++)
        do
            meter_add(meter, 1);
        while (--i > 0 && is_continuation(s[i]));
    for (; n > 0 && i < size; n--)
        do
            meter_add(meter, 1);
        while (is_continuation(s[++i])); /* the zero byte at the end is none */
    *at = i;
    return n == 0;
}

/* utf8.offset(s, n [, i]) -> position of the n-th character from i | fail */
static int f_offset(lua_State *L)
{
    size_t length;
    const char *s = string_check(L, 1, &length);
    lua_Integer size = (lua_Integer)length;
    lua_Integer n = luaL_checkinteger(L, 2);
    lua_Integer at = from_start(luaL_optinteger(L, 3, n >= 0 ? 1 : size + 1), length) - 1;
    luaL_argcheck(L, 0 <= at && at <= size, 3, "position out of bounds");
    struct meter meter = {.L = L, .ticks = 0};
    bool found = true;
    if (n == 0) {
        for (; at > 0 && is_continuation(s[at]); at--)
            meter_add(&meter, 1);
    } else if (is_continuation(s[at])) {
        return luaL_error(L, "initial position is a continuation byte");
    } else {
        found = skip_characters(&meter, s, size, n > 0 ? n - 1 : n, &at);
    }
    meter_end(&meter);
    if (found)
        lua_pushinteger(L, at + 1);
    else
        luaL_pushfail(L);
    return 1;
}

/* One step of utf8.codes: from the character at the position before to the next. */
static int next_code(lua_State *L, bool strict)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    lua_Unsigned at = (lua_Unsigned)lua_tointeger(L, 2);
    if (at > 0 && at <= size) {
        uint32_t before;
        size_t taken = decode(s + at - 1, false, &before);
        at += taken > 0 ? taken - 1 : 0;
    }
    if (at >= size)
        return 0;
    uint32_t code;
    size_t taken = decode(s + at, strict, &code);
    if (taken == 0)
        return luaL_error(L, "invalid UTF-8 code");
    lua_pushinteger(L, (lua_Integer)at + 1);
    lua_pushinteger(L, code);
    return 2;
}

static int next_strict(lua_State *L)
{
    return next_code(L, true);
}

static int next_lax(lua_State *L)
{
    return next_code(L, false);
}

/* utf8.codes(s [, lax]) -> iterator over position, code */
static int f_codes(lua_State *L)
{
    size_t size;
    const char *s = string_check(L, 1, &size);
    luaL_argcheck(L, size == 0 || !is_continuation(*s), 1, "invalid UTF-8 code");
    lua_settop(L, 2);
    lua_pushnil(L); /* an upvalue puts the iterator into Lua's memory, see charge_set_functions */
    lua_pushcclosure(L, lua_toboolean(L, 2) ? next_lax : next_strict, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, 0);
    return 3;
}

static const luaL_Reg functions[] = {
    {"char", f_char}, {"codepoint", f_codepoint}, {"codes", f_codes},
    {"len", f_len},   {"offset", f_offset},       {NULL, NULL},
};

int luaopen_sandbox_utf8(lua_State *L)
{
    static const char pattern[] = "[\0-\x7f\xc2-\xfd][\x80-\xbf]*";
    lua_newtable(L);
    charge_set_functions(L, functions);
    lua_pushlstring(L, pattern, sizeof pattern - 1);
    lua_setfield(L, -2, "charpattern");
    return 1;
}
