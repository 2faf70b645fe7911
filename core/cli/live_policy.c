/* Reads a policy and its arguments, and has a process of its own load it. */
#include "cli/live_policy.h"

#include "base/entropy.h"
#include "cli/jailed.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"
#include "journal/journal.h"

#include <lua.h>

#include <stdio.h>

static void print(void *context, struct slice text)
{
    (void)context;
    fwrite(text.data, 1, text.size, stderr);
}

bool live_policy_read(struct live_policy *live_policy, const char *policy, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    *live_policy = (struct live_policy){0};
    pool_init(&live_policy->pool, POOL_MAX);
    return sources_read(&live_policy->sources, policy, err) && host_open_files(err) &&
           sources_value(&live_policy->sources, &live_policy->source_texts, &live_policy->pool,
                         err);
}

static bool read_seed(struct live_policy *live_policy, const struct options *options,
                      struct error *err)
{
    enum { SPARE_BITS = 64 - 53 };
    uint64_t bits;
    live_policy->seed = options_integer(options, "seed", -1);
    if (options_given(options, "seed"))
        return live_policy->seed >= 0 || error_set(err, ERROR_INVALID, "--seed must be 0 or more");
    if (!entropy_fill(&bits, sizeof bits, err))
        return false;
    live_policy->seed = (int64_t)(bits >> SPARE_BITS);
    return true;
}

bool live_policy_take_options(struct live_policy *live_policy, const struct options *options,
                              struct error *err)
{
    return verb_arguments(options, &live_policy->arguments, &live_policy->pool, err) &&
           read_seed(live_policy, options, err);
}

bool live_policy_start(struct live_policy *live_policy, struct error *err)
{
    struct child_params params = {.print = print};
    struct child_policy policy = {
        .limits = sandbox_limits_default,
        .name = live_policy->sources.items[0].name,
        .sources = &live_policy->source_texts,
        .seed = (uint64_t)live_policy->seed,
    };
    jailed_tell();
    return child_new(&live_policy->child, &params, err) &&
           child_open(live_policy->child, &policy, err);
}

bool live_policy_await(struct live_policy *live_policy, struct error *err)
{
    struct sandbox_step step;
    if (!child_opened(live_policy->child, &step, &live_policy->pool, err))
        return false;
    if (step.state == SANDBOX_RETURNED)
        return true;
    *err = step.error;
    if (step.state == SANDBOX_DIED)
        err->code = ERROR_POLICY;
    return sources_place(&live_policy->sources, err);
}

void live_policy_clear(struct live_policy *live_policy)
{
    child_free(live_policy->child);
    sources_clear(&live_policy->sources);
    pool_clear(&live_policy->pool);
}

bool live_policy_header(struct live_policy *live_policy, const char *world, struct slice caller,
                        const struct value *plan, struct value *header, struct error *err)
{
    enum { ALWAYS = 8 };
    size_t count = ALWAYS;
    struct member members[ALWAYS + 2] = {
        {slice_of("arguments"), live_policy->arguments},
        {slice_of("format"), value_integer(JOURNAL_FORMAT)},
        {slice_of("lua"), value_text(LUA_RELEASE)},
        {slice_of("policy"), value_text(live_policy->sources.items[0].name)},
        {slice_of("seed"), value_integer(live_policy->seed)},
        {slice_of("sources"), live_policy->source_texts},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
        {slice_of("world"), value_text(world)},
    };
    if (caller.size)
        members[count++] = (struct member){slice_of("caller"), value_string(caller)};
    if (plan)
        members[count++] = (struct member){slice_of("plan"), *plan};
    return record_object(header, members, count, &live_policy->pool, err);
}
