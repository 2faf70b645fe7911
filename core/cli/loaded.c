#include "cli/loaded.h"

#include "base/entropy.h"
#include "cli/verbs.h"
#include "engine/record.h"
#include "host/host.h"

#include <lua.h>

#include <stdio.h>

static void print(void *context, struct slice text)
{
    (void)context;
    fwrite(text.data, 1, text.size, stderr);
}

bool loaded_read(struct loaded *loaded, const char *policy, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    *loaded = (struct loaded){0};
    pool_init(&loaded->pool, POOL_MAX);
    return sources_read(&loaded->sources, policy, err) && host_open_files(err) &&
           sources_value(&loaded->sources, &loaded->source_texts, &loaded->pool, err);
}

static bool read_seed(struct loaded *loaded, const struct options *options, struct error *err)
{
    enum { SPARE_BITS = 64 - 53 };
    uint64_t bits;
    loaded->seed = options_integer(options, "seed", -1);
    if (options_given(options, "seed"))
        return loaded->seed >= 0 || error_set(err, ERROR_INVALID, "--seed must be 0 or more");
    if (!entropy_fill(&bits, sizeof bits, err))
        return false;
    loaded->seed = (int64_t)(bits >> SPARE_BITS);
    return true;
}

bool loaded_take_options(struct loaded *loaded, const struct options *options, struct error *err)
{
    return verb_arguments(options, &loaded->arguments, &loaded->pool, err) &&
           read_seed(loaded, options, err);
}

bool loaded_start(struct loaded *loaded, struct error *err)
{
    struct child_params params = {.print = print};
    struct child_policy policy = {
        .limits = sandbox_limits_default,
        .name = loaded->sources.items[0].name,
        .sources = &loaded->source_texts,
        .seed = (uint64_t)loaded->seed,
    };
    return child_new(&loaded->child, &params, err) && child_open(loaded->child, &policy, err);
}

bool loaded_await(struct loaded *loaded, struct error *err)
{
    struct sandbox_step step;
    if (!child_opened(loaded->child, &step, &loaded->pool, err))
        return false;
    if (step.state == SANDBOX_RETURNED)
        return true;
    *err = step.error;
    if (step.state == SANDBOX_DIED)
        err->code = ERROR_POLICY;
    return false;
}

void loaded_clear(struct loaded *loaded)
{
    child_free(loaded->child);
    sources_clear(&loaded->sources);
    pool_clear(&loaded->pool);
}

bool loaded_header(struct loaded *loaded, const char *world, const struct value *plan,
                   struct value *header, struct error *err)
{
    struct member members[] = {
        {slice_of("arguments"), loaded->arguments},
        {slice_of("format"), value_integer(1)},
        {slice_of("lua"), value_text(LUA_RELEASE)},
        {slice_of("policy"), value_text(loaded->sources.items[0].name)},
        {slice_of("seed"), value_integer(loaded->seed)},
        {slice_of("sources"), loaded->source_texts},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
        {slice_of("world"), value_text(world)},
        {slice_of("plan"), plan ? *plan : value_null()}, /* only where there is one */
    };
    return record_object(header, members, RECORD_COUNT(members) - !plan, &loaded->pool, err);
}
