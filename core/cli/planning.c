/* A policy carried out over the account as it is, of which nothing is changed. */
#include "cli/planning.h"

#include "cli/supervisor_locks.h"
#include "engine/record.h"

void planning_init(struct planning *planning, const char *policy)
{
    *planning = (struct planning){.policy = policy};
    supervisor_init(&planning->supervisor);
}

void planning_close(struct planning *planning)
{
    rehearsed_free(planning->rehearsed);
    live_policy_clear(&planning->live_policy);
    supervisor_close(&planning->supervisor);
}

static bool begin(void *context, const struct value *targets, const struct value *home,
                  struct error *err)
{
    return supervisor_check_targets(context, targets, home, err);
}

/* What a run would be told of its metrics before it changes anything. */
static bool preflight(void *context, const struct value *targets, const struct value *asks,
                      struct value *out, struct pool *pool, struct error *err)
{
    struct supervisor *supervisor = context;
    struct live_metrics *metrics = live_metrics(supervisor->live);
    const struct value *home = &supervisor->identity.home;
    if (live_metrics_begin(metrics, targets, home, err) &&
        live_metrics_preflight(metrics, targets, asks, net_now(supervisor->net), out, pool, err))
        return true;
    return supervisor->signal
               ? error_set(err, ERROR_KILLED, "a signal asked for the end; nothing was touched")
               : false;
}

bool planning_open(struct planning *planning, struct error *err)
{
    struct supervisor *supervisor = &planning->supervisor;
    struct rehearsed_params params = {
        .reads = supervisor_reads(supervisor),
        .host = supervisor->host,
        .allowed = &supervisor->gate.front.catalogue,
        .home = &supervisor->identity.home,
        .begin = begin,
        .preflight = preflight,
        .context = supervisor,
        .config = supervisor->config.value,
    };
    return rehearsed_new(&planning->rehearsed, &params, err);
}

bool planning_start(struct planning *planning, const struct options *options, struct error *err)
{
    return live_policy_read(&planning->live_policy, planning->policy, err) &&
           live_policy_take_options(&planning->live_policy, options, err) &&
           live_policy_start(&planning->live_policy, err);
}

bool planning_connect(struct planning *planning, const struct options *options, struct error *err)
{
    struct supervisor *supervisor = &planning->supervisor;
    return supervisor_prepare(supervisor, err) && live_policy_await(&planning->live_policy, err) &&
           supervisor_open(supervisor, options, err);
}

bool planning_rehearse(struct planning *planning, engine_observe_fn *observe, void *context,
                       struct engine_result *result, struct error *err)
{
    enum { MEMORY_MAX = 256 << 20 };
    struct journal_memory memory;
    struct journal journal;
    struct value header;
    struct member named = {slice_of("arguments"), planning->live_policy.arguments};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&named, 1}};
    struct engine_params params = supervisor_params(&planning->supervisor);
    if (!live_policy_header(&planning->live_policy, "rehearsed", slice_of(""), NULL, &header, err))
        return false;
    journal_memory_init(&memory, MEMORY_MAX);
    journal_init(&journal, &memory.store);
    params.world = rehearsed_world(planning->rehearsed);
    params.script = child_script(planning->live_policy.child);
    params.header = &header;
    params.arguments = &arguments;
    params.journal = &journal;
    params.rehearsal = true;
    params.observe = observe;
    params.context = context;
    planning->made = net_now(planning->supervisor.net);
    engine_run(planning->supervisor.engine, &params, result);
    journal_clear(&journal);
    journal_memory_clear(&memory);
    return true;
}
