/* The utf8 library: utf8.len, which is what a text that is shown or counted needs. */
#include "lua_string.h"

#include <stdint.h>

enum { UNICODE_LIMIT = 0x10ffff, SEQUENCE_LIMIT = 6 };

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

/* Reads one sequence: how many bytes, 0 if it is not valid. Strict refuses what is not Unicode. A
 * string ends with a zero byte, so that one cut short reads as broken. */
static size_t read_sequence(const char *s, bool strict)
{
    static const uint32_t least[SEQUENCE_LIMIT + 1] = {0,       0,        0x80,     0x800,
                                                       0x10000, 0x200000, 0x4000000};
    unsigned char first = (unsigned char)*s;
    size_t size = sequence_size(first);
    if (size == 0)
        return 0;
    uint32_t value = size == 1 ? first : first & (0x7fu >> size);
    for (size_t i = 1; i < size; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (value < least[size])
        return 0;
    if (strict && (value > UNICODE_LIMIT || (value >= 0xd800 && value <= 0xdfff)))
        return 0;
    return size;
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
    size_t taken = 1;
    for (; at <= last && (taken = read_sequence(s + at - 1, strict)) > 0; count++) {
        meter_add(&meter, 2);
        at += (lua_Integer)taken;
    }
    meter_end(&meter);
    if (taken > 0) {
        lua_pushinteger(L, count);
        return 1;
    }
    luaL_pushfail(L);
    lua_pushinteger(L, at);
    return 2;
}

static const luaL_Reg functions[] = {{"len", f_len}, {NULL, NULL}};

int luaopen_sandbox_utf8(lua_State *L)
{
    lua_newtable(L);
    charge_set_functions(L, functions);
    return 1;
}
