/* The functions that the linker puts in the place of the interpreter's own; each pays, then calls
 * the real one. */
#include "script/wrap.h"

#include "base/math.h"
#include "lua/slots.h"
#include "script/collisions.h"
#include "script/inside.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct sandbox *wrap_running, *wrap_counting;

enum { POWER_WORK = 20 }; /* units */

static inline void pay(size_t units)
{
    if (wrap_running)
        wrap_running->work_left -= (int64_t)units * wrap_running->price;
}

double pow(double x, double y)
{
    pay(POWER_WORK);
    return math_pow(x, y);
}

#ifdef TIDELOCK_LUA_STATIC

enum {
    SHORT_STRING = 40,  /* bytes; longer ones are not unique, but compared by content */
    WALK_BYTES = 32,    /* bytes compared to the unit */
    READ_BYTES = 8,     /* bytes of a numeral to the unit */
    COPY_VALUES = 16,   /* values moved about on the stack to the unit */
    SLOT_WALK = 16,     /* array slots counted to the unit when a table grows */
    NUMBER_WORK = 24,   /* units for the text of a number */
    HASH_BYTES = 16,    /* bytes of a long string to the unit when it becomes a key */
    CHAIN_WALK = 2,     /* links of a chain to the unit */
    DIVISION_BITS = 16, /* of the difference between two exponents to the unit */
    INSTRUCTION_SCAN =
        16, /* instructions looked through to the unit, to name a value in a message */
};

/* Names the linker gives: __wrap_f is called in place of f, __real_f is f. The types of the
 * interpreter's own objects are private to it; they only pass through here. Weak: a later Lua 5.4
 * may have renamed one, which leaves its wrapper without callers. */
#define REAL(result, name, ...)                                                                    \
    extern result __real_##name(__VA_ARGS__) __attribute__((weak));                                \
    result __wrap_##name(__VA_ARGS__);                                                             \
    result __wrap_##name(__VA_ARGS__)

/* Who makes keys or strings collide may walk their chain in every instruction from then on, and
 * pays for it in every one. Keys that were not chosen to collide stay below COLLISIONS_FEW. */
static void see_chain(size_t links)
{
    int64_t price = 1 + (int64_t)(links / CHAIN_WALK);
    if (links > COLLISIONS_FEW && wrap_running && price > wrap_running->price)
        wrap_running->price = price;
}

/* For what may go on for ever within one instruction. */
static void stop_if_spent(void)
{
    if (wrap_running && wrap_running->work_left < 0)
        charge_hook(wrap_running->running, NULL);
}

/* Called before each instruction of a function while a hook is set. The hook itself is only let in
 * at the end of the budget, because it is the one that can tell on which line that is. */
REAL(int, luaG_traceexec, lua_State *L, const void *pc)
{
    struct sandbox *sandbox = wrap_counting;
    if (__builtin_expect(sandbox != NULL, 1)) {
        if (__builtin_expect((sandbox->work_left -= sandbox->price) >= 0, 1))
            return 1;
        lua_sethook(L, charge_hook, LUA_MASKCOUNT, 1);
    }
    return __real_luaG_traceexec(L, pc);
}

/* One step along a chain of __index or __newindex tables is one call, in one instruction. */
REAL(const void *, luaH_get, void *table, const void *key)
{
    pay(1);
    return __real_luaH_get(table, key);
}

/* The slot of a key that a table does not have is one and the same for all tables. */
static const void *absent_slot;

extern const void *luaH_getint(const void *table, lua_Integer key) __attribute__((weak));

void wrap_open(lua_State *L)
{
    lua_newtable(L);
    absent_slot = luaH_getint ? luaH_getint(lua_topointer(L, -1), 1) : NULL;
    lua_pop(L, 1);
}

/* A table without a free slot counts its keys, its whole array part among them, before it grows,
 * which moves every key. Growing is what makes it call the allocator. */
static void see_growth(const void *table)
{
    pay(slots_of_array(table) / SLOT_WALK);
    see_chain(collisions_longest(table));
}

static uint64_t allocations(void)
{
    return wrap_running ? wrap_running->allocations : 0;
}

REAL(void, luaH_finishset, lua_State *L, void *table, const void *key, const void *slot,
     void *value)
{
    uint64_t before = allocations();
    __real_luaH_finishset(L, table, key, slot, value);
    if (allocations() != before)
        see_growth(table);
    else if (slot == absent_slot)
        see_chain(collisions_behind(table, __real_luaH_get(table, key)));
}

REAL(void, luaH_set, lua_State *L, void *table, const void *key, void *value)
{
    uint64_t before = allocations();
    __real_luaH_set(L, table, key, value);
    if (allocations() != before)
        see_growth(table);
    else
        see_chain(collisions_behind(table, __real_luaH_get(table, key)));
}

REAL(void, luaH_setint, lua_State *L, void *table, lua_Integer key, void *value)
{
    uint64_t before = allocations();
    __real_luaH_setint(L, table, key, value);
    if (allocations() != before)
        see_growth(table);
    else if (luaH_getint)
        see_chain(collisions_behind(table, luaH_getint(table, key)));
}

/* Every string that code of a policy makes comes from here. */
REAL(const void *, luaS_newlstr, lua_State *L, const char *text, size_t size)
{
    const void *string = __real_luaS_newlstr(L, text, size);
    if (size <= SHORT_STRING)
        see_chain(collisions_of_string(string));
    return string;
}

REAL(unsigned, luaS_hashlongstr, void *string)
{
    pay(collisions_unhashed(string) / HASH_BYTES);
    return __real_luaS_hashlongstr(string);
}

/* `...` pushes every argument there is, in one instruction; `return` takes along as many. */
REAL(void, luaT_getvarargs, lua_State *L, void *call, void *to, int wanted)
{
    __real_luaT_getvarargs(L, call, to, wanted);
    if (wanted < 0)
        pay((size_t)lua_gettop(L) / COPY_VALUES);
}

REAL(void, luaD_poscall, lua_State *L, void *call, int results)
{
    pay((size_t)results / COPY_VALUES);
    __real_luaD_poscall(L, call, results);
}

/* A step along a chain of __call puts one more argument in front of those there are, and moves them
 * all; the chain is walked within one instruction. */
REAL(const void *, luaT_gettmbyobj, lua_State *L, const void *object, int event)
{
    pay((size_t)lua_gettop(L) / COPY_VALUES);
    stop_if_spent();
    return __real_luaT_gettmbyobj(L, object, event);
}

/* Texts as numbers: `s | 0`, `for i = 1, s`. */
REAL(size_t, luaO_str2num, const char *text, void *number)
{
    pay(1 + strlen(text) / READ_BYTES);
    return __real_luaO_str2num(text, number);
}

/* `a == b` and t[a] for long strings. Short ones are free: the interpreter caches strings of C code
 * by their address, so whether one is looked up, and compared, is not the same in every process. */
REAL(int, memcmp, const void *a, const void *b, size_t size)
{
    if (size > SHORT_STRING)
        pay(1 + size / WALK_BYTES);
    return __real_memcmp(a, b, size);
}

/* `a < b`: by byte, whatever the locale. The interpreter calls once for each part between zero
 * bytes. */
REAL(int, strcoll, const char *a, const char *b)
{
    pay(1 + strlen(a) / WALK_BYTES);
    return strcmp(a, b);
}

/* To name the value in "attempt to index a nil value (field 'x')" the interpreter looks through the
 * function from its start, and for a.b.c.d again at each dot: by recursion, all of it in one
 * instruction. */
REAL(const char *, luaF_getlocalname, const void *function, int number, int at)
{
    pay(1 + (size_t)at / INSTRUCTION_SCAN);
    stop_if_spent();
    return __real_luaF_getlocalname(function, number, at);
}

/* `x % y` on floats: one step for each bit between the two. */
REAL(double, fmod, double x, double y)
{
    int difference = isfinite(x) && isfinite(y) && x != 0 && y != 0 ? ilogb(x) - ilogb(y) : 0;
    pay(difference > 0 ? (size_t)difference / DIVISION_BITS : 0);
    return __real_fmod(x, y);
}

/* Numbers to text. The sign of a NaN differs between processors. */
static int number_text(char *text, size_t size, const char *format, va_list arguments)
{
    pay(NUMBER_WORK);
    int written = vsnprintf(text, size, format, arguments);
    if (wrap_running && size > 4 && strcmp(text, "-nan") == 0)
        written = snprintf(text, size, "nan");
    return written;
}

int __wrap___snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...);
int __wrap___snprintf_chk(char *text, size_t size, int flag, size_t room, const char *format, ...)
{
    (void)flag;
    va_list arguments;
    va_start(arguments, format);
    int written = number_text(text, size < room ? size : room, format, arguments);
    va_end(arguments);
    return written;
}

bool wrap_in_force(void)
{
    return true;
}

#else

void wrap_open(lua_State *L)
{
    (void)L;
}

bool wrap_in_force(void)
{
    return false;
}

#endif
