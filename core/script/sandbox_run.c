/* The life of a sandbox: how it begins, and each step of its branches. */
#include "lua/slots.h"
#include "script/collisions.h"
#include "script/inside.h"
#include "script/sandbox.h"
#include "script/seed.h"
#include "script/wrap.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { COUNTED_LOOP = 1000, ENTRY_SLOTS = 8 };

const struct sandbox_limits sandbox_limits_default = {
    .work = 50000000,
    .memory = 64 << 20,
    .value_size = 1 << 20,
    .print_size = 64 << 10,
};

/* --- making one ------------------------------------------------------------------------------ */

/* Only for a fault of ours: an error outside every protected call. */
static int panic(lua_State *L)
{
    struct sandbox *sandbox = charge_sandbox(L);
    const char *message = lua_tostring(L, -1);
    sandbox->step->state = SANDBOX_RAISED;
    error_set(&sandbox->step->error, ERROR_INTERNAL, "the interpreter failed: %s",
              message ? message : "unknown");
    sandbox->ended = true;
    longjmp(sandbox->exit, 1);
}

/* Whether the interpreter pays for each instruction is seen by letting it run some. */
static bool is_counted(struct sandbox *sandbox)
{
    lua_State *L = sandbox->L;
    if (!wrap_in_force() || luaL_loadstring(L, "for i = 1, 1000 do end") != LUA_OK)
        return false;
    int64_t before = sandbox->work_left;
    wrap_running = wrap_counting = sandbox;
    lua_call(L, 0, 0);
    wrap_running = wrap_counting = NULL;
    return before - sandbox->work_left >= COUNTED_LOOP;
}

static int open_all(lua_State *L)
{
    struct sandbox *sandbox = charge_sandbox(L);
    wrap_open(L);
    lua_sethook(L, charge_hook, LUA_MASKCOUNT, INT_MAX);
    sandbox->counted = is_counted(sandbox);
    lua_sethook(sandbox->L, charge_hook, LUA_MASKCOUNT,
                sandbox->counted ? INT_MAX : SANDBOX_PERIOD);
    environment_open(L);
    return 0;
}

static void refill(struct sandbox *sandbox)
{
    sandbox->work_left = sandbox->limits.work;
    sandbox->printed = 0;
    sandbox->branches = 0;
}

static bool open_state(struct sandbox *sandbox, struct error *err)
{
    sandbox->work_left = INT64_MAX / 2;
    sandbox->L = seed_newstate(charge_allocate, sandbox);
    if (!sandbox->L)
        return error_set(err, ERROR_LIMIT, "a memory limit of %zu bytes is too little",
                         sandbox->limits.memory);
    *(struct sandbox **)lua_getextraspace(sandbox->L) = sandbox;
    lua_atpanic(sandbox->L, panic);
    lua_pushcfunction(sandbox->L, open_all);
    if (lua_pcall(sandbox->L, 0, 0, 0) != LUA_OK)
        return error_set(err, ERROR_LIMIT, "open the sandbox: %s", lua_tostring(sandbox->L, -1));
    refill(sandbox);
    return true;
}

bool sandbox_new(struct sandbox **out, const struct sandbox_limits *limits,
                 const struct sandbox_hooks *hooks, struct error *err)
{
    if (!slots_probe(err) || !seed_probe(err))
        return false;
    collisions_probe();
    struct arena *arena = arena_map(sizeof(struct sandbox), limits->memory, err);
    if (!arena)
        return false;
    struct sandbox *sandbox = (struct sandbox *)arena;
    sandbox->limits = *limits;
    sandbox->hooks = *hooks;
    sandbox->price = 1;
    sandbox_seed(sandbox, 0);
    if (!open_state(sandbox, err)) {
        arena_unmap(arena);
        return false;
    }
    *out = sandbox;
    return true;
}

void sandbox_cover(struct sandbox *sandbox, struct coverage *coverage)
{
    sandbox->coverage = coverage;
    sandbox->counted = false;
    lua_sethook(sandbox->L, charge_hook, LUA_MASKCOUNT | LUA_MASKLINE, SANDBOX_PERIOD);
}

/* The state is abandoned, not closed: closing could still run code of the policy. */
void sandbox_free(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    free(sandbox->mark);
    arena_unmap(&sandbox->arena);
}

void sandbox_seed(struct sandbox *sandbox, uint64_t seed)
{
    random_open(&sandbox->random, seed, RANDOM_POLICY, 0);
    sandbox->seeded = sandbox->random;
}

bool sandbox_drew(const struct sandbox *sandbox)
{
    return memcmp(&sandbox->random, &sandbox->seeded, sizeof sandbox->random) != 0;
}

struct random_stream *sandbox_random(lua_State *L)
{
    return &charge_sandbox(L)->random;
}

bool sandbox_mark(struct sandbox *sandbox, struct error *err)
{
    assert(!sandbox->running && !sandbox->ended);
    lua_gc(sandbox->L, LUA_GCCOLLECT);
    refill(sandbox);
    size_t size = sandbox->arena.top;
    void *mark = malloc(size);
    if (!mark)
        return error_set(err, ERROR_IO, "no memory to mark %zu bytes", size);
    free(sandbox->mark);
    sandbox->mark = mark;
    sandbox->mark_size = size;
    memcpy(mark, sandbox, size);
    return true;
}

/* What lies beyond the copy was never handed out at the mark; nobody reads it before writing. */
void sandbox_rewind(struct sandbox *sandbox)
{
    assert(!sandbox->running && sandbox->mark);
    memcpy(sandbox, sandbox->mark, sandbox->mark_size);
}

void sandbox_locate(struct sandbox *sandbox)
{
    sandbox->locates = true;
}

int64_t sandbox_work_used(const struct sandbox *sandbox)
{
    return sandbox->limits.work - sandbox->work_left;
}

size_t sandbox_memory_used(const struct sandbox *sandbox)
{
    return sandbox->arena.used;
}

/* --- one step -------------------------------------------------------------------------------- */

/* What the parts of a step hand on. */
struct entry {
    struct sandbox *sandbox;
    int branch;
    const char *name; /* load, eval: the chunk */
    struct slice text;
    const struct value *value; /* start: the arguments; resume: the result */
    bool keep;                 /* load: keep what the chunk returned */
};

typedef void entry_fn(struct entry *entry);

/* Runs `body`, which a spent budget leaves by jumping back here. */
static void enter(struct entry *entry, entry_fn *body, struct sandbox_step *step, struct pool *pool)
{
    struct sandbox *sandbox = entry->sandbox;
    assert(!sandbox->running && !sandbox->ended);
    *step = (struct sandbox_step){.branch = entry->branch};
    sandbox->step = step;
    sandbox->pool = pool;
    sandbox->running = sandbox->L;
    wrap_running = sandbox;
    wrap_counting = sandbox->coverage ? NULL : sandbox;
    if (setjmp(sandbox->exit) == 0)
        body(entry);
    wrap_running = wrap_counting = NULL;
    sandbox->running = NULL;
    sandbox->loading = false;
    sandbox->starved = false;
}

static lua_State *make_branch(struct sandbox *sandbox)
{
    lua_State *L = sandbox->L;
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_BRANCHES);
    lua_State *branch = lua_newthread(L);
    lua_rawseti(L, 1, 1);
    lua_settop(L, 0);
    sandbox->branches = 1;
    return branch;
}

static lua_State *find_branch(struct sandbox *sandbox, int number)
{
    lua_State *L = sandbox->L;
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_BRANCHES);
    lua_rawgeti(L, 1, number + 1);
    lua_State *branch = lua_tothread(L, 2);
    lua_settop(L, 0);
    return branch;
}

static void forget_branch(struct sandbox *sandbox, int number)
{
    lua_State *L = sandbox->L;
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_BRANCHES);
    lua_pushboolean(L, 0);
    lua_rawseti(L, 1, number + 1);
    lua_settop(L, 0);
}

/* Resumes until the branch asks for something, returns or fails. True if it returned; its first
 * value is on top of the `below` values that were under the function. */
static bool run(struct sandbox *sandbox, lua_State *branch, int arguments, int below)
{
    int results;
    sandbox->running = branch;
    charge(branch, SANDBOX_ENTRY_WORK);
    charge_start(branch);
    int status = lua_resume(branch, NULL, arguments, &results);
    if (status == LUA_YIELD) {
        sandbox->step->state = sandbox->asked;
        lua_pop(branch, results);
        return false;
    }
    if (status != LUA_OK) {
        charge_caught(branch, status);
        location_report(branch, &sandbox->step->error, sandbox->step->chunk, &sandbox->step->line);
        sandbox->step->state = SANDBOX_RAISED;
        return false;
    }
    lua_settop(branch, below + 1);
    return true;
}

bool sandbox_take(lua_State *L, int index, const char *what, struct error *err)
{
    struct sandbox *sandbox = charge_sandbox(L);
    struct convert_limits limits = {what, ERROR_POLICY, sandbox->limits.value_size, charge};
    return convert_take(L, index, &limits, &sandbox->step->value, sandbox->pool, err);
}

/* The value on top as the step's. */
static bool read_result(struct sandbox *sandbox, lua_State *branch, struct error *err)
{
    sandbox->step->state = SANDBOX_RETURNED;
    return sandbox_take(branch, -1, "the value returned", err);
}

static void finish_branch(struct entry *entry, lua_State *branch)
{
    struct sandbox *sandbox = entry->sandbox;
    if (!read_result(sandbox, branch, &sandbox->step->error))
        sandbox->step->state = SANDBOX_RAISED;
    sandbox->running = sandbox->L;
    forget_branch(sandbox, entry->branch);
}

/* The line on which a chunk's text ends, which is where its last `return` stands. */
static int last_line(lua_State *L, int function)
{
    lua_Debug ar;
    int last = 0;
    lua_pushvalue(L, function);
    lua_getinfo(L, ">L", &ar);
    lua_pushnil(L);
    while (lua_next(L, -2)) {
        lua_pop(L, 1);
        int line = (int)lua_tointeger(L, -1);
        last = line > last ? line : last;
    }
    lua_pop(L, 1);
    return last;
}

static void refuse_result(struct entry *entry, lua_State *branch)
{
    struct sandbox_step *step = entry->sandbox->step;
    step->state = SANDBOX_RAISED;
    step->line = last_line(branch, 1);
    strncpy(step->chunk, entry->name, sizeof step->chunk - 1);
    error_wrap(&step->error, "%s:%d", entry->name, step->line);
}

static int f_require_entry(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_LEVELS + LEVEL_STDLIB);
    lua_getfield(L, -1, "require");
    lua_pushstring(L, "policy_entry");
    lua_call(L, 1, 1);
    return 1;
}

/* Loading it now spares each run that starts from the mark the work. */
static void load_entry(struct sandbox *sandbox)
{
    struct slice text;
    const char *chunk;
    const struct sandbox_hooks *hooks = &sandbox->hooks;
    if (!hooks->find || !hooks->find(hooks->context, "policy_entry", &text, &chunk))
        return;
    lua_State *branch = make_branch(sandbox);
    lua_pushcfunction(branch, f_require_entry);
    sandbox->loading = true;
    run(sandbox, branch, 0, 0);
    sandbox->loading = false;
}

static void keep_policy(struct entry *entry, lua_State *branch)
{
    struct sandbox *sandbox = entry->sandbox;
    struct error ignored;
    lua_pushvalue(branch, -1);
    lua_rawseti(branch, LUA_REGISTRYINDEX, SLOT_POLICY);
    if (!read_result(sandbox, branch, &ignored))
        sandbox->step->value = value_null();
    load_entry(sandbox);
}

/* The chunk is left at the bottom of the stack while a copy of it runs, for last_line. */
static void load_body(struct entry *entry)
{
    struct sandbox *sandbox = entry->sandbox;
    lua_State *branch = make_branch(sandbox);
    sandbox->running = branch;
    lua_pushfstring(branch, "@%s", entry->name);
    bool loaded = load_chunk(branch, lua_tostring(branch, 1), entry->text, LEVEL_POLICY);
    if (!loaded) {
        location_report(branch, &sandbox->step->error, sandbox->step->chunk, &sandbox->step->line);
        sandbox->step->state = SANDBOX_RAISED;
        return;
    }
    lua_replace(branch, 1);
    lua_pushvalue(branch, 1);
    sandbox->loading = true;
    if (!run(sandbox, branch, 0, 1))
        return;
    sandbox->loading = false;
    if (entry->keep)
        keep_policy(entry, branch);
    else if (!read_result(sandbox, branch, &sandbox->step->error))
        refuse_result(entry, branch);
}

void sandbox_load(struct sandbox *sandbox, const char *name, struct slice text,
                  struct sandbox_step *step, struct pool *pool)
{
    struct entry entry = {.sandbox = sandbox, .name = name, .text = text, .keep = true};
    enter(&entry, load_body, step, pool);
}

void sandbox_eval(struct sandbox *sandbox, const char *name, struct slice text,
                  struct sandbox_step *step, struct pool *pool)
{
    struct entry entry = {.sandbox = sandbox, .name = name, .text = text};
    enter(&entry, load_body, step, pool);
}

static int finish_entry(lua_State *L, int status, lua_KContext context)
{
    (void)L;
    (void)status;
    (void)context;
    return 1;
}

/* (policy, arguments) */
static int f_entry(lua_State *L)
{
    f_require_entry(L);
    lua_getfield(L, -1, "start");
    lua_insert(L, 1);
    lua_settop(L, 3);
    lua_callk(L, 2, 1, 0, finish_entry);
    return 1;
}

static void start_body(struct entry *entry)
{
    struct sandbox *sandbox = entry->sandbox;
    lua_State *branch = make_branch(sandbox);
    sandbox->running = branch;
    lua_pushcfunction(branch, f_entry);
    lua_rawgeti(branch, LUA_REGISTRYINDEX, SLOT_POLICY);
    convert_push(branch, entry->value, CONVERT_NIL);
    if (run(sandbox, branch, 2, 0))
        finish_branch(entry, branch);
}

void sandbox_start(struct sandbox *sandbox, const struct value *arguments,
                   struct sandbox_step *step, struct pool *pool)
{
    struct entry entry = {.sandbox = sandbox, .value = arguments};
    enter(&entry, start_body, step, pool);
}

static void resume_body(struct entry *entry)
{
    lua_State *branch = find_branch(entry->sandbox, entry->branch);
    assert(branch && (entry->value != NULL) == (lua_status(branch) == LUA_YIELD));
    entry->sandbox->running = branch;
    lua_checkstack(branch, ENTRY_SLOTS);
    if (entry->value)
        convert_push(branch, entry->value, CONVERT_NIL);
    if (run(entry->sandbox, branch, entry->value ? 1 : 0, 0))
        finish_branch(entry, branch);
}

void sandbox_resume(struct sandbox *sandbox, int branch, const struct value *result,
                    struct sandbox_step *step, struct pool *pool)
{
    assert(branch >= 0 && branch < sandbox->branches);
    struct entry entry = {.sandbox = sandbox, .branch = branch, .value = result};
    enter(&entry, resume_body, step, pool);
}
