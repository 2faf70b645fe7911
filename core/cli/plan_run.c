/* Takes arguments, seed and sources from a plan, and compares what the plan rests on with what is.
 */
#include "cli/plan_run.h"

#include "cli/files.h"
#include "cli/supervisor.h"
#include "cli/verb.h"

#include <sys/stat.h>

static bool stale(const struct plan_run *run, struct error *err)
{
    return error_wrap(err, "%s is stale", run->path);
}

static bool read_plan(struct plan_run *run, struct error *err)
{
    if (!plan_file_read(&run->file, buffer_slice(&run->bytes), &run->pool, err))
        return error_wrap(err, "%s", run->path);
    struct slice version = run->file.version;
    if (!slice_is(version, TIDELOCK_VERSION)) {
        error_set(err, ERROR_INVALID,
                  "it was made by tidelock %.*s, and this is " TIDELOCK_VERSION ": plan again",
                  (int)(version.size > 40 ? 40 : version.size), version.data);
        return stale(run, err);
    }
    return plan_file_bound(&run->file, &run->plan, &run->pool, err) ||
           error_wrap(err, "%s", run->path);
}

bool plan_run_read(struct plan_run *run, const char *path, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    struct stat about;
    *run = (struct plan_run){.path = path};
    pool_init(&run->pool, POOL_MAX);
    if (sources_is_shipped(path) || stat(path, &about) != 0 || !S_ISREG(about.st_mode))
        return true; /* a shipped policy, one that is not there, a pipe that is read once */
    if (!files_read(path, PLAN_FILE_SIZE_MAX, &run->bytes, err))
        return false;
    run->given = plan_file_is(buffer_slice(&run->bytes));
    return !run->given || read_plan(run, err);
}

void plan_run_clear(struct plan_run *run)
{
    plan_binding_clear(&run->binding);
    buffer_clear(&run->bytes);
    pool_clear(&run->pool);
}

/* --- the policy ------------------------------------------------------------------------------ */

static bool check_source(const struct plan_run *run, const struct source *source, struct error *err)
{
    char hex[DIGEST_HEX_SIZE + 1];
    struct slice text = buffer_slice(&source->text);
    struct slice planned = value_get_slice(run->file.sources, source->name, "");
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
    return stale(run, err);
}

static bool check_sources(const struct plan_run *run, const struct sources *sources,
                          struct error *err)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (!check_source(run, &sources->items[i], err))
            return false;
    }
    if (sources->count == run->file.sources->object.count)
        return true;
    error_set(err, ERROR_INVALID, "the policy consists of %zu files, and did of %zu: plan again",
              sources->count, run->file.sources->object.count);
    return stale(run, err);
}

bool plan_run_take(const struct plan_run *run, struct live_policy *live_policy, struct error *err)
{
    live_policy->arguments = *run->file.arguments;
    live_policy->seed = run->file.seed;
    return check_sources(run, &live_policy->sources, err);
}

/* --- the account ----------------------------------------------------------------------------- */

static bool check_place(const struct plan_run *run, const char *what, struct slice planned,
                        struct slice found, struct error *err)
{
    if (slice_equal(planned, found))
        return true;
    return error_set(err, ERROR_INVALID,
                     "%s is for the %s %.*s, and this is %.*s: nothing was touched", run->path,
                     what, (int)planned.size, planned.data, (int)found.size, found.data);
}

static bool check_same(struct plan_run *run, struct supervisor *supervisor, struct slice identity,
                       const struct value *planned, const struct value *found, struct error *err)
{
    struct slice text;
    if (value_equal(planned, found))
        return true;
    if (!plan_binding_difference(supervisor->host, planned, found, &text, &run->pool, err))
        return false;
    error_set(err, ERROR_INVALID, "%.*s is not as it was planned: %.*s; plan again",
              (int)identity.size, identity.data, (int)text.size, text.data);
    return stale(run, err);
}

/* What is looked at is what the catalogue says of a change that the operator allows, and nothing
 * else that a plan may say. */
static bool check_entry(struct supervisor *supervisor, const struct value *one, struct plan *plan,
                        struct pool *pool, struct error *err)
{
    struct catalogue *catalogue = &supervisor->gate.front.catalogue;
    if (!catalogue->ops->plan(catalogue, one, &supervisor->identity.home, plan, pool, err))
        return false;
    return (plan->mutation && slice_equal(plan->identity, value_get_slice(one, "identity", "")) &&
            value_equal(&plan->observe, value_get(one, "observe"))) ||
           error_set(err, ERROR_INVALID,
                     "its \"identity\" and \"observe\" are not those of its change");
}

/* Of the resource only what the change is about. One that is not there any more, or that nobody may
 * look at, is not as it was planned. */
static bool look(struct plan_run *run, struct supervisor *supervisor, const struct value *one,
                 struct value *found, struct error *err)
{
    struct reads reads = supervisor_reads(supervisor);
    struct reads_answer answer;
    const struct value *observe = value_get(one, "observe");
    struct plan plan;
    struct value after, undo;
    struct catalogue *catalogue = &supervisor->gate.front.catalogue;
    if (!check_entry(supervisor, one, &plan, &run->pool, err) ||
        !reads_ask(&reads, observe, &answer, &run->pool, err))
        return false;
    struct slice message = value_get_slice(&answer.value, "message", "no answer");
    if (answer.outcome != OUTCOME_OK)
        return error_set(err, ERROR_INVALID, "it cannot be looked at: %.*s", (int)message.size,
                         message.data);
    return catalogue->ops->prepare(catalogue, one, &plan, &answer.value, found, &after, &undo,
                                   &run->pool, err);
}

static bool check_observed(struct plan_run *run, struct supervisor *supervisor,
                           const struct value *one, struct error *err)
{
    struct value found;
    struct slice identity = value_get_slice(one, "identity", "");
    if (!look(run, supervisor, one, &found, err)) {
        if (err->code != ERROR_INVALID)
            return false;
        error_wrap(err, "%.*s", (int)identity.size, identity.data);
        return stale(run, err);
    }
    return check_same(run, supervisor, identity, value_get(one, "now"), &found, err);
}

bool plan_run_check(struct plan_run *run, struct supervisor *supervisor, struct error *err)
{
    const struct plan_file *file = &run->file;
    if (!check_place(run, "account", file->account, supervisor->identity.account, err) ||
        !check_place(run, "region", file->region, supervisor->identity.region, err))
        return false;
    for (size_t i = 0; i < file->observed->array.count; i++) {
        if (!check_observed(run, supervisor, &file->observed->array.items[i], err))
            return false;
    }
    return true;
}

struct catalogue *plan_run_bind(struct plan_run *run, struct supervisor *supervisor,
                                struct error *err)
{
    struct catalogue *allowed = &supervisor->gate.front.catalogue;
    bool ok = plan_binding_init(&run->binding, allowed, supervisor->host, &run->plan, err);
    return ok ? &run->binding.front.catalogue : NULL;
}
