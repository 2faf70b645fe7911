/* What is paid for as it happens: the work of C functions, instructions, memory. */
#include "script/coverage.h"
#include "script/inside.h"
#include "script/wrap.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
    ALLOCATION_WORK = 2,   /* units for any block, and for its later collection */
    ALLOCATION_BYTES = 64, /* bytes of a block to the unit: clearing, copying, collecting */
    COLLECTION_BYTES = 64, /* bytes in use to the unit of a full collection */
    COPY_BYTES = 16,
    DEEP = 10000,         /* calls inside calls; beyond it, memory went into recursion */
    SHALLOW = 64,         /* frames that are looked at for the price of the call */
    FRAMES_LOOKED_AT = 2, /* for a unit; each may be a miss of the cache, several times over */
    STRESS_INTERVAL = 16, /* pieces of work, and one more for each so many bytes in use: */
    STRESS_BYTES = 1024,
};

void charge_spend(lua_State *L, const char *format, ...)
{
    struct sandbox *sandbox = charge_sandbox(L);
    struct sandbox_step *step = sandbox->step;
    struct location location;
    location_find(L, 0, &location);
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    step->state = SANDBOX_SPENT;
    step->line = location.line;
    memcpy(step->chunk, location.chunk, sizeof step->chunk);
    if (location.line > 0)
        error_set(&step->error, ERROR_BUDGET, "%s:%d: %s", location.chunk, location.line, what);
    else
        error_set(&step->error, ERROR_BUDGET, "%s", what);
    sandbox->ended = true;
    longjmp(sandbox->exit, 1);
}

static _Noreturn void spend_work(lua_State *L)
{
    charge_spend(L, "the work budget is spent (%lld units)",
                 (long long)charge_sandbox(L)->limits.work);
}

/* Under TIDELOCK_GC_STRESS every few pieces of C work and every few new objects collect everything,
 * the more seldom the more there is to collect. The interpreter is made to by refusing an object
 * the first time. */
#ifdef TIDELOCK_GC_STRESS
static bool stress_is_due(const struct sandbox *sandbox)
{
    uint64_t interval = STRESS_INTERVAL + sandbox->arena.used / STRESS_BYTES;
    return sandbox->allocations % interval == 0;
}

static void stress(lua_State *L)
{
    struct sandbox *sandbox = charge_sandbox(L);
    sandbox->allocations++;
    if (stress_is_due(sandbox))
        lua_gc(L, LUA_GCCOLLECT);
}

static bool stress_refuses(const struct sandbox *sandbox, bool object)
{
    return object && sandbox->running && !sandbox->starved && stress_is_due(sandbox);
}
#else
static void stress(lua_State *L)
{
    (void)L;
}

static bool stress_refuses(const struct sandbox *sandbox, bool object)
{
    (void)sandbox;
    (void)object;
    return false;
}
#endif

void charge(lua_State *L, int64_t units)
{
    struct sandbox *sandbox = charge_sandbox(L);
    int64_t most = sandbox->price == 1 ? sandbox->work_left : sandbox->work_left / sandbox->price;
    assert(units >= 0);
    if (units > most) {
        sandbox->work_left = -1;
        spend_work(L);
    }
    sandbox->work_left -= units * sandbox->price;
    stress(L);
}

void charge_bytes(lua_State *L, size_t bytes)
{
    charge(L, (int64_t)(1 + bytes / COPY_BYTES));
}

void charge_set_functions(lua_State *L, const luaL_Reg *functions)
{
    for (const luaL_Reg *entry = functions; entry->name; entry++) {
        lua_pushboolean(L, 0);
        lua_pushcclosure(L, entry->func, 1);
        lua_setfield(L, -2, entry->name);
    }
}

/* Where nothing better counts (wrap.h), the interpreter calls this every SANDBOX_PERIOD
 * instructions of a branch, and towards the end as often as makes the budget exact. */
void charge_hook(lua_State *L, lua_Debug *ar)
{
    struct sandbox *sandbox = charge_sandbox(L);
    if (ar && ar->event == LUA_HOOKLINE) {
        coverage_line(sandbox->coverage, L, ar);
        return;
    }
    if (!sandbox->counted)
        sandbox->work_left -= lua_gethookcount(L);
    if (sandbox->work_left <= 0)
        spend_work(L);
    charge_start(L);
}

void charge_start(lua_State *branch)
{
    struct sandbox *sandbox = charge_sandbox(branch);
    if (!sandbox->counted && sandbox->work_left < SANDBOX_PERIOD)
        lua_sethook(branch, charge_hook, LUA_MASKCOUNT | (sandbox->coverage ? LUA_MASKLINE : 0),
                    sandbox->work_left > 0 ? (int)sandbox->work_left : 1);
}

static _Noreturn void spend_memory(struct sandbox *sandbox, size_t size)
{
    lua_Debug ar;
    if (lua_getstack(sandbox->running, DEEP, &ar))
        charge_spend(sandbox->running,
                     "the memory budget is spent by recursion (more than %d calls deep)", DEEP);
    if (size > ARENA_BLOCK_MAX)
        charge_spend(sandbox->running, "a table, stack or string of %zu bytes (the most is %d)",
                     size, ARENA_BLOCK_MAX);
    charge_spend(sandbox->running, "the memory budget is spent (%zu bytes)",
                 sandbox->limits.memory);
}

/* Whoever catches an error has the interpreter look at every frame there is, to see how much of the
 * stack is still needed. How many there are can only be found out by looking too, so the count
 * doubles until there are fewer, and stacks that are hardly one are not counted. */
static void charge_frames(lua_State *L)
{
    lua_Debug ar;
    int frames = 0;
    for (int more = SHALLOW; lua_getstack(L, more, &ar); more *= 2)
        frames = more;
    charge(L, frames / FRAMES_LOOKED_AT);
}

void charge_caught(lua_State *L, int status)
{
    if (charge_sandbox(L)->starved || status == LUA_ERRMEM)
        spend_memory(charge_sandbox(L), 0);
    charge_frames(L);
}

/* The first refusal makes Lua collect everything and ask again; the second is the end. Lua would
 * raise "not enough memory" instead, which pcall catches. Buffers of the C interface do not ask
 * again but raise at once: charge_caught sees that nothing was granted since. */
static void *refuse(struct sandbox *sandbox, size_t size)
{
    if (sandbox->starved && sandbox->running)
        spend_memory(sandbox, size);
    sandbox->starved = true;
    sandbox->work_left -= (int64_t)(sandbox->arena.used / COLLECTION_BYTES);
    return NULL;
}

void *charge_allocate(void *context, void *block, size_t old_size, size_t size)
{
    struct sandbox *sandbox = context;
    sandbox->allocations++;
    if (!size) {
        if (block)
            arena_give_back(&sandbox->arena, block, old_size);
        return NULL;
    }
    bool object = !block && old_size > 0; /* then it is not a size but the kind of object */
    if (!block)
        old_size = 0;
    if (size <= old_size)
        return arena_resize(&sandbox->arena, block, old_size, size);
    sandbox->work_left -= ALLOCATION_WORK + (int64_t)(size / ALLOCATION_BYTES);
    if (sandbox->work_left < 0 && sandbox->running)
        spend_work(sandbox->running);
    if (stress_refuses(sandbox, object)) {
        sandbox->starved = true;
        return NULL;
    }
    void *got = arena_resize(&sandbox->arena, block, old_size, size);
    if (!got)
        return refuse(sandbox, size);
    sandbox->starved = false;
    return got;
}
