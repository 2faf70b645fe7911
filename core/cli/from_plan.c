#include "cli/from_plan.h"

#include "cli/identity.h"
#include "cli/supervisor.h"
#include "cli/verbs.h"

#include <sys/stat.h>

static bool stale(const struct from_plan *from, struct error *err)
{
    return error_wrap(err, "%s is stale", from->path);
}

static bool read_plan(struct from_plan *from, struct error *err)
{
    if (!planned_read(&from->planned, buffer_slice(&from->bytes), &from->pool, err))
        return error_wrap(err, "%s", from->path);
    struct slice version = from->planned.version;
    if (!slice_is(version, TIDELOCK_VERSION)) {
        error_set(err, ERROR_INVALID,
                  "it was made by tidelock %.*s, and this is " TIDELOCK_VERSION ": plan again",
                  (int)(version.size > 40 ? 40 : version.size), version.data);
        return stale(from, err);
    }
    return planned_bound(&from->planned, &from->plan, &from->pool, err) ||
           error_wrap(err, "%s", from->path);
}

bool from_plan_read(struct from_plan *from, const char *path, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    struct stat about;
    *from = (struct from_plan){.path = path};
    pool_init(&from->pool, POOL_MAX);
    if (stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return true; /* a shipped policy, one that is not there, a pipe that is read once */
    if (!verb_read_file(path, PLANNED_SIZE_MAX, &from->bytes, err))
        return false;
    from->given = planned_is(buffer_slice(&from->bytes));
    return !from->given || read_plan(from, err);
}

void from_plan_clear(struct from_plan *from)
{
    binding_clear(&from->binding);
    buffer_clear(&from->bytes);
    pool_clear(&from->pool);
}

/* --- the policy ------------------------------------------------------------------------------ */

static bool check_source(const struct from_plan *from, const struct source *source,
                         struct error *err)
{
    char hex[DIGEST_HEX_SIZE + 1];
    struct slice text = buffer_slice(&source->text);
    struct slice planned = value_get_slice(from->planned.sources, source->name, "");
    digest_hex(hex, &text, 1);
    if (slice_is(planned, hex))
        return true;
    if (planned.size == 0)
        error_set(err, ERROR_INVALID, "the policy requires %s, which it did not: plan again",
                  source->name);
    else
        error_set(err, ERROR_INVALID,
                  "%s was changed (its SHA-256 was %.*s, and is %s): plan again", source->name,
                  (int)planned.size, planned.data, hex);
    return stale(from, err);
}

static bool check_sources(const struct from_plan *from, const struct sources *sources,
                          struct error *err)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (!check_source(from, &sources->items[i], err))
            return false;
    }
    if (sources->count == from->planned.sources->object.count)
        return true;
    error_set(err, ERROR_INVALID, "the policy consists of %zu files, and did of %zu: plan again",
              sources->count, from->planned.sources->object.count);
    return stale(from, err);
}

bool from_plan_take(const struct from_plan *from, struct loaded *loaded, struct error *err)
{
    loaded->arguments = *from->planned.arguments;
    loaded->seed = from->planned.seed;
    return check_sources(from, &loaded->sources, err);
}

/* --- the account ----------------------------------------------------------------------------- */

static bool check_place(const struct from_plan *from, const char *what, struct slice planned,
                        struct slice found, struct error *err)
{
    if (slice_equal(planned, found))
        return true;
    return error_set(err, ERROR_INVALID,
                     "%s is for the %s %.*s, and this is %.*s: nothing was touched", from->path,
                     what, (int)planned.size, planned.data, (int)found.size, found.data);
}

static bool check_same(struct from_plan *from, struct supervisor *supervisor, struct slice key,
                       const struct value *planned, const struct value *found, struct error *err)
{
    struct slice text;
    if (value_equal(planned, found))
        return true;
    if (!binding_difference(supervisor->host, planned, found, &text, &from->pool, err))
        return false;
    error_set(err, ERROR_INVALID, "%.*s is not as it was planned: %.*s; plan again", (int)key.size,
              key.data, (int)text.size, text.data);
    return stale(from, err);
}

/* What is looked at is what the catalogue says of the change, and nothing else that a plan may say.
 */
static bool check_entry(struct supervisor *supervisor, const struct value *one, struct pool *pool,
                        struct error *err)
{
    struct plan plan;
    struct catalogue *catalogue = supervisor->catalogue;
    if (!catalogue->ops->plan(catalogue, value_get_slice(one, "operation", ""),
                              value_get(one, "input"), &plan, pool, err))
        return false;
    return (plan.mutation && slice_equal(plan.key, value_get_slice(one, "key", "")) &&
            value_equal(&plan.observe, value_get(one, "observe"))) ||
           error_set(err, ERROR_INVALID, "its \"key\" and \"observe\" are not those of its change");
}

/* A resource that is not there any more, or that nobody may look at, is not as it was planned. */
static bool look(struct from_plan *from, struct supervisor *supervisor, const struct value *one,
                 struct value *found, struct error *err)
{
    struct reads reads = supervisor_reads(supervisor);
    struct reads_answer answer;
    const struct value *observe = value_get(one, "observe");
    struct catalogue *catalogue = supervisor->catalogue;
    if (!check_entry(supervisor, one, &from->pool, err) ||
        !reads_ask(&reads, value_get_slice(observe, "operation", ""), value_get(observe, "input"),
                   &answer, &from->pool, err))
        return false;
    struct slice message = value_get_slice(&answer.value, "message", "no answer");
    if (answer.outcome != OUTCOME_OK)
        return error_set(err, ERROR_INVALID, "it cannot be looked at: %.*s", (int)message.size,
                         message.data);
    return catalogue->ops->state(catalogue, value_get_slice(one, "operation", ""),
                                 value_get(one, "input"), &answer.value, found, &from->pool, err);
}

static bool check_observed(struct from_plan *from, struct supervisor *supervisor,
                           const struct value *one, struct error *err)
{
    struct value found;
    struct slice key = value_get_slice(one, "key", "");
    if (!look(from, supervisor, one, &found, err)) {
        if (err->code != ERROR_INVALID)
            return false;
        error_wrap(err, "%.*s", (int)key.size, key.data);
        return stale(from, err);
    }
    return check_same(from, supervisor, key, value_get(one, "now"), &found, err);
}

bool from_plan_check(struct from_plan *from, struct supervisor *supervisor, struct error *err)
{
    struct identity identity;
    const struct planned *planned = &from->planned;
    if (!identity_ask(supervisor, &identity, &from->pool, err) ||
        !check_place(from, "account", planned->account, identity.account, err) ||
        !check_place(from, "region", planned->region, identity.region, err))
        return false;
    for (size_t i = 0; i < planned->observed->array.count; i++) {
        if (!check_observed(from, supervisor, &planned->observed->array.items[i], err))
            return false;
    }
    return true;
}

struct catalogue *from_plan_bind(struct from_plan *from, struct supervisor *supervisor,
                                 struct error *err)
{
    struct catalogue *allowed = &supervisor->gate.front.catalogue;
    bool ok = binding_init(&from->binding, allowed, supervisor->host, &from->plan, err);
    return ok ? &from->binding.front.catalogue : NULL;
}
