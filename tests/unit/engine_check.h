/* What the tests of the engine and of replays share: policies over the fake world, and a journal
 * that stops everything at a chosen place. */
#pragma once

#include "check.h"
#include "engine/engine.h"
#include "fake_world.h"

static struct sandbox *sandbox;
static struct script_local script;
static struct error err;
static struct pool load_pool = {.max = 16 << 20};

static const char entry_text[] = "return { start = function(policy) return policy() end }\n";

/* What the policies below are written in. */
static const char prelude[] =
    "local effect = require 'effect'\n"
    "local function ask(t)\n"
    "  local r = effect.perform(t)\n"
    "  if r.error then error(r.error.message, 0) end\n"
    "  return r.value\n"
    "end\n"
    "local function put(key, to)\n"
    "  return ask{kind='aws', operation='kv.put', input={key=key, to=to}}\n"
    "end\n"
    "local target = {type='fake'}\n"
    "local judges = effect.array{{judge='ratio', name='errors',\n"
    "  metrics=effect.array{{events='errors', trials='requests'}}}}\n"
    "local function watch(ms)\n"
    "  return ask{kind='watch', ['for']=ms, every=60000, target=target, share=10, judges=judges}\n"
    "end\n"
    "local function begin()\n"
    "  ask{kind='begin', policy={name='t'}, params={}, targets=effect.array{target}}\n"
    "end\n";

static inline bool find(void *context, const char *module, struct slice *text, const char **chunk)
{
    (void)context;
    if (strcmp(module, "policy_entry") != 0)
        return false;
    *text = slice_of(entry_text);
    *chunk = "stdlib/policy_entry.lua";
    return true;
}

static inline void load(const char *policy)
{
    static char text[8192];
    static const struct sandbox_hooks hooks = {find, NULL, NULL};
    struct sandbox_step step;
    sandbox_free(sandbox);
    sandbox = NULL;
    CHECK(sandbox_new(&sandbox, &sandbox_limits_default, &hooks, &err));
    snprintf(text, sizeof text, "%s%s", prelude, policy);
    sandbox_load(sandbox, "policy.lua", slice_of(text), &step, &load_pool);
    if (!CHECK(step.state == SANDBOX_RETURNED))
        fprintf(stderr, "%s\n", step.error.message);
    CHECK(sandbox_mark(sandbox, &err));
    script_local_init(&script, sandbox);
}

/* A journal that stops the world: after `records` whole records and `torn` bytes of the next. */
struct killer {
    struct journal_store store;
    struct journal_memory memory;
    int64_t records;
    size_t torn;
    bool at_sync; /* the last whole record is durable, and nothing happened after it */
};

static inline bool killer_append(struct journal_store *store, struct slice bytes,
                                 struct error *error)
{
    struct killer *killer = (struct killer *)store;
    if (killer->records-- > 0)
        return buffer_append(&killer->memory.bytes, bytes, error);
    bytes.size = killer->torn < bytes.size ? killer->torn : bytes.size - 1;
    return buffer_append(&killer->memory.bytes, bytes, error) &&
           error_set(error, ERROR_KILLED, "killed");
}

static inline bool killer_sync(struct journal_store *store, struct error *error)
{
    struct killer *killer = (struct killer *)store;
    if (killer->at_sync && killer->records == 0)
        return error_set(error, ERROR_KILLED, "killed");
    return true;
}

static inline void killer_init(struct killer *killer, int64_t records, size_t torn, bool at_sync)
{
    *killer = (struct killer){
        {killer_append, killer_sync, NULL}, {{0}, {0}}, records, torn, at_sync};
    journal_memory_init(&killer->memory, 64 << 20);
}
