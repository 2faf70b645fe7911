/* lua_newstate asks its allocator for one block that holds the whole global state, writes the seed
 * into it, and asks for a second block (the stack) before it hashes the first string. So at the
 * second request the seed lies in the first block, and may be overwritten by whoever knows where.
 *
 * The place is found by experiment: the seed depends on where a local variable of lua_newstate
 * lies, so two attempts at different depths of the C stack leave two pictures of the block that
 * differ in the seed and in pointers to the stack, and nowhere else. Attempts are cut short by
 * refusing the second block. */
#include "script/seed.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK_MAX = 8192,
    WORDS = BLOCK_MAX / 4,
    ATTEMPTS = 5,
    STACK_NEAR = 1 << 20,
    NOWHERE = -1,
    CHECKED_KEYS = 64,
};

static const uint32_t fixed_seed = 0x7ad51d3bu;
static int seed_at = NOWHERE; /* byte offset in the first block */

struct attempt {
    uint64_t block[BLOCK_MAX / 8]; /* the same place in every attempt */
    uint64_t picture[BLOCK_MAX / 8];
    int requests;
    bool fits;
};

static void *attempt_allocate(void *context, void *block, size_t old_size, size_t size)
{
    struct attempt *attempt = context;
    (void)block;
    (void)old_size;
    if (!size)
        return NULL;
    attempt->requests++;
    attempt->fits = attempt->requests > 1 ? attempt->fits : size <= sizeof attempt->block;
    if (attempt->requests == 1 && attempt->fits)
        return memset(attempt->block, 0, sizeof attempt->block);
    if (attempt->requests == 2)
        memcpy(attempt->picture, attempt->block, sizeof attempt->picture);
    return NULL;
}

/* Calls `run` from `depth` stack frames further down. */
typedef void deep_fn(void *context);
static __attribute__((noinline)) void deeper(int depth, deep_fn *run, void *context)
{
    volatile char frame[96];
    frame[0] = (char)depth;
    if (depth > 0)
        deeper(depth - 1, run, context);
    else
        run(context);
    frame[1] = frame[0]; /* keeps the frame, and the call from becoming a jump */
}

static void run_attempt(void *context)
{
    struct attempt *attempt = context;
    attempt->requests = 0;
    lua_newstate(attempt_allocate, attempt);
}

static uint32_t word_of(const uint64_t *picture, int word)
{
    uint32_t value;
    memcpy(&value, (const char *)picture + (size_t)word * 4, sizeof value);
    return value;
}

static bool points_to_stack(uint64_t value)
{
    uint64_t here = (uint64_t)(uintptr_t)__builtin_frame_address(0);
    return value - (here - STACK_NEAR) < 2 * (uint64_t)STACK_NEAR;
}

static void mark_differences(bool *differs, const uint64_t *a, const uint64_t *b)
{
    for (int word = 0; word < WORDS; word++) {
        bool pointer = points_to_stack(a[word / 2]) && points_to_stack(b[word / 2]);
        if (!pointer && word_of(a, word) != word_of(b, word))
            differs[word] = true;
    }
}

/* False if more than one word moves. None at all is a Lua built with a seed of its own, which is as
 * good; whether it is so, the check below decides. */
static bool find_seed(struct attempt *attempt)
{
    static uint64_t first[BLOCK_MAX / 8];
    bool differs[WORDS] = {false};
    for (int i = 0; i < ATTEMPTS; i++) {
        deeper(i, run_attempt, attempt);
        if (attempt->requests < 2 || !attempt->fits)
            return false;
        if (i == 0)
            memcpy(first, attempt->picture, sizeof first);
        else
            mark_differences(differs, first, attempt->picture);
    }
    for (int word = 0; word < WORDS; word++) {
        if (differs[word] && seed_at != NOWHERE)
            return false;
        if (differs[word])
            seed_at = word * 4;
    }
    return true;
}

struct birth {
    lua_Alloc allocate;
    void *context;
    char *first;
    int requests;
};

static void *birth_allocate(void *context, void *block, size_t old_size, size_t size)
{
    struct birth *birth = context;
    void *got = birth->allocate(birth->context, block, old_size, size);
    if (size && ++birth->requests == 1)
        birth->first = got;
    else if (birth->requests == 2 && birth->first && seed_at != NOWHERE)
        memcpy(birth->first + seed_at, &fixed_seed, sizeof fixed_seed);
    return got;
}

lua_State *seed_newstate(lua_Alloc allocate, void *context)
{
    struct birth birth = {.allocate = allocate, .context = context};
    lua_State *L = lua_newstate(birth_allocate, &birth);
    if (L)
        lua_setallocf(L, allocate, context);
    return L;
}

static void *heap_allocate(void *context, void *block, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    if (size)
        return realloc(block, size);
    free(block);
    return NULL;
}

/* The order in which a table yields its names is the visible face of the seed. */
struct order {
    int keys[CHECKED_KEYS];
    bool made;
};

static int fill_order(lua_State *L)
{
    struct order *order = lua_touserdata(L, 1);
    lua_newtable(L);
    for (int i = 0; i < CHECKED_KEYS; i++) {
        lua_pushfstring(L, "name %d", i);
        lua_pushinteger(L, i);
        lua_rawset(L, -3);
    }
    lua_pushnil(L);
    for (int i = 0; i < CHECKED_KEYS && lua_next(L, -2); i++) {
        order->keys[i] = (int)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    order->made = true;
    return 0;
}

static void see_order(void *context)
{
    lua_State *L = seed_newstate(heap_allocate, NULL);
    if (!L)
        return;
    lua_pushcfunction(L, fill_order);
    lua_pushlightuserdata(L, context);
    lua_pcall(L, 1, 0, 0);
    lua_close(L);
}

static bool orders_agree(void)
{
    struct order orders[3] = {{.made = false}};
    for (int i = 0; i < 3; i++) {
        deeper(2 * i, see_order, &orders[i]);
        if (!orders[i].made || memcmp(orders[i].keys, orders[0].keys, sizeof orders[0].keys) != 0)
            return false;
    }
    return true;
}

bool seed_probe(struct error *err)
{
    static bool known;
    if (known)
        return true;
    struct attempt *attempt = calloc(1, sizeof *attempt);
    if (!attempt)
        return error_set(err, ERROR_IO, "no memory for a Lua state");
    seed_at = NOWHERE;
    known = find_seed(attempt) && orders_agree();
    free(attempt);
    if (!known)
        return error_set(err, ERROR_INTERNAL, "%s hashes strings with a seed that cannot be fixed",
                         LUA_RELEASE);
    return true;
}
