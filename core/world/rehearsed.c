/* The rehearsed world: the engine's calls on their way through lua/simulation/rehearsal.lua, whose
 * tasks ask AWS by `reads`. */
#include "world/rehearsed.h"

#include "engine/record.h"
#include "host/task.h"
#include "world/names.h"
#include "world/queue.h"
#include "world/traffic.h"
#include "world/window.h"

#include <stdlib.h>

enum { POOL_MAX = 256 << 20 };

/* A call on its way: what it comes to is found when it lands. */
struct landing {
    struct value operation, input, region; /* the region null where nobody knows it */
};

struct rehearsed {
    struct world world;
    struct rehearsed_params params;
    struct host_object *rehearsal;
    struct zones *zones;
    struct queue queue;
    int64_t now;
    struct pool pool;
};

static struct rehearsed *self_of(struct world *world)
{
    return (struct rehearsed *)world;
}

/* --- what only AWS knows --------------------------------------------------------------------- */

/* What the pretend account would have to know beside what the policy itself reads, and the operator
 * does not allow, it does without. */
static bool is_allowed(struct rehearsed *rehearsed, const struct value *call)
{
    struct plan plan;
    struct error ignored;
    struct catalogue *allowed = rehearsed->params.allowed;
    return !value_get_boolean(call, "beside", false) ||
           allowed->ops->plan(allowed, call, rehearsed->params.home, &plan, &rehearsed->pool,
                              &ignored);
}

static bool start(void *context, struct task_ask *ask, struct error *err)
{
    struct rehearsed *rehearsed = context;
    struct value nothing = {.kind = VALUE_OBJECT};
    const struct value *call = value_get(ask->what, "call");
    if (!call)
        return error_set(err, ERROR_INTERNAL, "a rehearsal asked for what is not known here");
    if (is_allowed(rehearsed, call))
        return reads_start(&rehearsed->params.reads, call, caller_answer, ask, err);
    caller_answer(ask, OUTCOME_REJECTED, &nothing);
    return true;
}

static void drop(void *context, struct task_ask *ask)
{
    const struct rehearsed *rehearsed = context;
    caller_forget(rehearsed->params.reads.caller, ask);
}

/* Carries a task of the rehearsal out, and waits for its result. */
static bool wait_for(struct rehearsed *rehearsed, const char *method, const struct value *arguments,
                     size_t count, struct value *result, struct pool *pool, struct error *err)
{
    static const struct task_ops ops = {start, drop};
    struct task *task;
    struct task_end end = {.pool = pool};
    struct task_params params = {
        .object = rehearsed->rehearsal,
        .method = method,
        .arguments = arguments,
        .count = count,
        .ops = &ops,
        .context = rehearsed,
        .done = task_ended,
        .done_context = &end,
    };
    if (!task_new(&task, &params, err))
        return false;
    task_run(task);
    bool ok = reads_wait(&rehearsed->params.reads, &end.done, err);
    task_free(task);
    *result = end.result;
    if (ok && !end.ok)
        *err = end.err;
    return ok && end.ok;
}

static bool read_answer(const struct value *result, struct reads_answer *answer, struct error *err)
{
    const struct value *value = value_get(result, "value");
    struct slice text = value_get_slice(result, "outcome", "");
    answer->value = value ? *value : (struct value){.kind = VALUE_OBJECT};
    return outcome_parse(&answer->outcome, text) ||
           error_set(err, ERROR_INTERNAL, "the rehearsal answered with the outcome %.*s",
                     (int)text.size, text.data);
}

static struct landing landing_of(const struct value *request)
{
    const struct value *region = value_get(request, "region");
    return (struct landing){*value_get(request, "operation"), *value_get(request, "input"),
                            region ? *region : value_null()};
}

bool rehearsed_ask(struct rehearsed *rehearsed, const struct value *request,
                   struct reads_answer *answer, struct pool *pool, struct error *err)
{
    struct value result;
    struct landing asked = landing_of(request);
    struct value arguments[] = {asked.operation, asked.input, asked.region};
    return wait_for(rehearsed, "ask", arguments, RECORD_COUNT(arguments), &result, pool, err) &&
           read_answer(&result, answer, err);
}

/* --- the world ------------------------------------------------------------------------------- */

static int64_t world_now(struct world *world)
{
    return self_of(world)->now;
}

/* AWS itself: what the rehearsal made has been learned before. */
static bool ask_aws(void *context, const struct value *request, struct reads_answer *answer,
                    struct pool *pool, struct error *err)
{
    return rehearsed_ask(context, request, answer, pool, err);
}

static struct names_source source_of(struct rehearsed *rehearsed)
{
    return (struct names_source){rehearsed->params.host, ask_aws, rehearsed};
}

static bool world_begin(struct world *world, const struct value *targets, struct value *home,
                        struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    const struct rehearsed_params *params = &rehearsed->params;
    struct names_source source = source_of(rehearsed);
    *home = *params->home;
    return names_of_targets(&source, targets, home, &rehearsed->pool, err) &&
           (!params->begin || params->begin(params->context, targets, home, err));
}

static bool world_preflight(struct world *world, const struct value *targets,
                            const struct value *asks, struct value *out, struct pool *pool,
                            struct error *err)
{
    const struct rehearsed_params *params = &self_of(world)->params;
    *out = value_null();
    return !params->preflight || params->preflight(params->context, targets, asks, out, pool, err);
}

static bool world_learn(struct world *world, const struct value *effect, const struct value *keys,
                        struct value *learned, struct pool *pool, struct error *err)
{
    struct names_source source = source_of(self_of(world));
    (void)effect;
    return names_learn(&source, keys, learned, pool, err);
}

static struct landing *keep(struct rehearsed *rehearsed, const struct value *request,
                            struct error *err)
{
    struct value copy;
    struct landing *landing = pool_alloc(&rehearsed->pool, sizeof *landing, err);
    if (!landing || !value_copy(&copy, request, &rehearsed->pool, err))
        return NULL;
    *landing = landing_of(&copy);
    return landing;
}

static bool world_call(struct world *world, int64_t id, const struct value *request,
                       struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct value latency;
    struct landing *landing = keep(rehearsed, request, err);
    if (!landing)
        return false;
    struct value arguments[] = {landing->operation, landing->input, landing->region};
    if (!wait_for(rehearsed, "prepare", arguments, RECORD_COUNT(arguments), &latency,
                  &rehearsed->pool, err))
        return false;
    struct queued item = {.id = id, .at = rehearsed->now + latency.integer, .request = landing};
    return queue_add(&rehearsed->queue, item, err);
}

static bool world_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct queued item = {.id = id, .at = at > rehearsed->now ? at : rehearsed->now};
    return queue_add(&rehearsed->queue, item, err);
}

static struct value list_of(struct value *items, const struct slice *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i] = value_string(texts[i]);
    return (struct value){.kind = VALUE_ARRAY, .array = {items, count}};
}

/* Alarms are as they are now: a run that could not begin is not planned. */
static bool heed(struct rehearsed *rehearsed, const struct value *target,
                 const struct alarm_look *look, struct error *err)
{
    struct value names[JUDGE_ALARMS_MAX];
    struct value said;
    struct value arguments[] = {*target, list_of(names, look->names, look->count)};
    return wait_for(rehearsed, "heed", arguments, RECORD_COUNT(arguments), &said, &rehearsed->pool,
                    err) &&
           alarm_look_read(look, &said, err);
}

/* Nothing is ready, ever; but metrics that nobody knows are told here as a run would tell them. */
static bool world_sample(struct world *world, const struct sample_request *request,
                         struct sample *out, struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct value names[SAMPLE_METRICS_MAX];
    struct value ignored;
    *out = (struct sample){0};
    struct value arguments[] = {*request->target,
                                list_of(names, request->metrics, request->metric_count)};
    return wait_for(rehearsed, "check_metrics", arguments, RECORD_COUNT(arguments), &ignored,
                    &rehearsed->pool, err) &&
           (!request->alarms || heed(rehearsed, request->target, request->alarms, err));
}

/* Nothing was measured; of latencies something is made up, since nothing is judged. */
static bool world_query(struct world *world, const struct value *effect, struct value *out,
                        struct pool *pool, struct error *err)
{
    struct member points = {slice_of("points"), {.kind = VALUE_ARRAY}};
    struct rehearsed *rehearsed = self_of(world);
    if (value_is_text(value_get(effect, "kind"), "window"))
        return window_answer(rehearsed->zones, effect, rehearsed->now, out, pool, err);
    if (value_is_text(value_get(effect, "kind"), "distribution"))
        return traffic_made_up(out, pool, err);
    return record_object(out, &points, 1, pool, err);
}

static bool land(struct rehearsed *rehearsed, const struct landing *landing,
                 struct reads_answer *answer, struct pool *pool, struct error *err)
{
    struct value result;
    struct value arguments[] = {landing->operation, landing->input, landing->region,
                                value_integer(rehearsed->now)};
    return host_object_call(rehearsed->rehearsal, "call", arguments, RECORD_COUNT(arguments),
                            &result, pool, err) &&
           read_answer(&result, answer, err);
}

static bool world_next(struct world *world, struct event *event, struct pool *pool,
                       struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct reads_answer answer;
    struct queued item;
    int signal = net_signal(rehearsed->params.reads.net);
    *event = (struct event){.kind = EVENT_INTERRUPT, .id = signal, .value = value_null()};
    if (signal)
        return true;
    if (!queue_take(&rehearsed->queue, &item))
        return error_set(err, ERROR_INTERNAL, "nothing was started, nothing can be waited for");
    rehearsed->now = item.at;
    *event = (struct event){.kind = EVENT_TIMER, .id = item.id, .value = value_null()};
    if (!item.request)
        return true;
    if (!land(rehearsed, item.request, &answer, pool, err))
        return false;
    *event = (struct event){EVENT_ANSWER, item.id, answer.outcome, answer.value};
    return true;
}

static const struct world_ops ops = {
    .name = "rehearsed",
    .now = world_now,
    .begin = world_begin,
    .preflight = world_preflight,
    .learn = world_learn,
    .call = world_call,
    .timer = world_timer,
    .sample = world_sample,
    .next = world_next,
    .query = world_query,
};

static bool open_account(struct rehearsed *rehearsed, struct error *err)
{
    struct value none = {.kind = VALUE_OBJECT};
    const struct value *config = rehearsed->params.config;
    struct value arguments[] = {*rehearsed->params.home, config ? *config : none};
    return host_object_new(&rehearsed->rehearsal, rehearsed->params.host, "simulation.rehearsal",
                           "new", arguments, RECORD_COUNT(arguments), err);
}

bool rehearsed_new(struct rehearsed **out, const struct rehearsed_params *params, struct error *err)
{
    struct rehearsed *rehearsed = calloc(1, sizeof *rehearsed);
    if (!rehearsed)
        return error_set(err, ERROR_LIMIT, "out of memory for the rehearsed world");
    rehearsed->world.ops = &ops;
    rehearsed->params = *params;
    rehearsed->now = net_now(params->reads.net);
    queue_init(&rehearsed->queue);
    pool_init(&rehearsed->pool, POOL_MAX);
    if (!zones_new(&rehearsed->zones, err) || !open_account(rehearsed, err)) {
        rehearsed_free(rehearsed);
        return false;
    }
    *out = rehearsed;
    return true;
}

void rehearsed_free(struct rehearsed *rehearsed)
{
    if (!rehearsed)
        return;
    host_object_free(rehearsed->rehearsal);
    zones_free(rehearsed->zones);
    queue_clear(&rehearsed->queue);
    pool_clear(&rehearsed->pool);
    free(rehearsed);
}

struct world *rehearsed_world(struct rehearsed *rehearsed)
{
    return &rehearsed->world;
}
