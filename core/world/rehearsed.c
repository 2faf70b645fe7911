#include "world/rehearsed.h"

#include "engine/record.h"
#include "host/host.h"
#include "world/queue.h"

#include <stdlib.h>

enum { POOL_MAX = 256 << 20 };

/* A call on its way: what it comes to is found when it lands. */
struct asked {
    struct slice operation;
    struct value input;
};

struct rehearsed {
    struct world world;
    struct rehearsed_params params;
    struct queue queue;
    int64_t now;
    struct value config; /* of metrics, checked */
    struct pool pool;
};

static struct rehearsed *self_of(struct world *world)
{
    return (struct rehearsed *)world;
}

static bool rehearsal(struct rehearsed *rehearsed, const char *name, const struct value *arguments,
                      size_t count, struct value *out, struct pool *pool, struct error *err)
{
    return host_call(rehearsed->params.host, "simulation.rehearsal", name, arguments, count, out,
                     pool, err);
}

static bool metrics(struct rehearsed *rehearsed, const char *name, const struct value *arguments,
                    size_t count, struct value *out, struct error *err)
{
    return host_call(rehearsed->params.host, "metrics.provider", name, arguments, count, out,
                     &rehearsed->pool, err);
}

/* --- what only AWS knows --------------------------------------------------------------------- */

/* What the pretend account would have to know beside what the policy itself reads, and the operator
 * does not allow, it does without. */
static bool is_allowed(struct rehearsed *rehearsed, const struct value *missing)
{
    struct plan plan;
    struct error ignored;
    struct catalogue *allowed = rehearsed->params.allowed;
    return !value_get_boolean(missing, "beside", false) ||
           allowed->ops->plan(allowed, value_get_slice(missing, "operation", ""),
                              value_get(missing, "input"), &plan, &rehearsed->pool, &ignored);
}

static bool ask_for(struct rehearsed *rehearsed, const struct value *missing, struct error *err)
{
    struct value ignored;
    struct value refused = {.kind = VALUE_OBJECT};
    struct reads_answer answer = {OUTCOME_REJECTED, refused};
    struct slice operation = value_get_slice(missing, "operation", "");
    if (is_allowed(rehearsed, missing) &&
        !reads_ask(&rehearsed->params.reads, operation, value_get(missing, "input"), &answer,
                   &rehearsed->pool, err))
        return false;
    struct value arguments[] = {value_string(operation), *value_get(missing, "input"),
                                value_text(outcome_name(answer.outcome)), answer.value,
                                value_integer(rehearsed->now)};
    return rehearsal(rehearsed, "learn", arguments, RECORD_COUNT(arguments), &ignored,
                     &rehearsed->pool, err);
}

/* Asks for all that a call needs; each answer may show that something else is missing. */
static bool complete(struct rehearsed *rehearsed, const struct asked *asked, struct error *err)
{
    struct value arguments[] = {value_string(asked->operation), asked->input};
    struct value missing;
    for (;;) {
        if (!rehearsal(rehearsed, "missing", arguments, RECORD_COUNT(arguments), &missing,
                       &rehearsed->pool, err))
            return false;
        if (missing.kind != VALUE_OBJECT)
            return true;
        if (!ask_for(rehearsed, &missing, err))
            return false;
    }
}

static bool read_outcome(const struct value *result, enum outcome *out, struct error *err)
{
    struct slice text = value_get_slice(result, "outcome", "");
    return outcome_parse(out, text) ||
           error_set(err, ERROR_INTERNAL, "the rehearsal answered with the outcome %.*s",
                     (int)text.size, text.data);
}

static bool perform(struct rehearsed *rehearsed, const char *how, const struct asked *asked,
                    struct reads_answer *answer, struct pool *pool, struct error *err)
{
    struct value result;
    struct value arguments[] = {value_string(asked->operation), asked->input,
                                value_integer(rehearsed->now)};
    if (!rehearsal(rehearsed, how, arguments, RECORD_COUNT(arguments), &result, pool, err) ||
        !read_outcome(&result, &answer->outcome, err))
        return false;
    const struct value *value = value_get(&result, "value");
    answer->value = value ? *value : (struct value){.kind = VALUE_OBJECT};
    return true;
}

bool rehearsed_ask(struct rehearsed *rehearsed, struct slice operation, const struct value *input,
                   struct reads_answer *answer, struct pool *pool, struct error *err)
{
    struct asked asked = {operation, *input};
    struct value arguments[] = {value_string(operation), *input};
    struct value known;
    struct member members[] = {{slice_of("input"), *input},
                               {slice_of("operation"), value_string(operation)}};
    struct value missing = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    if (!rehearsal(rehearsed, "answered", arguments, RECORD_COUNT(arguments), &known, pool, err))
        return false;
    return (known.boolean || ask_for(rehearsed, &missing, err)) &&
           perform(rehearsed, "answer", &asked, answer, pool, err);
}

/* --- the world ------------------------------------------------------------------------------- */

static int64_t world_now(struct world *world)
{
    return self_of(world)->now;
}

static bool world_begin(struct world *world, const struct value *targets, struct error *err)
{
    (void)world;
    (void)targets;
    (void)err;
    return true;
}

static struct asked *keep(struct rehearsed *rehearsed, struct slice operation,
                          const struct value *input, struct error *err)
{
    struct asked *asked = pool_alloc(&rehearsed->pool, sizeof *asked, err);
    bool ok = asked && pool_copy(&rehearsed->pool, operation, &asked->operation, err) &&
              value_copy(&asked->input, input, &rehearsed->pool, err);
    return ok ? asked : NULL;
}

static bool world_call(struct world *world, int64_t id, struct slice operation,
                       const struct value *input, struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct value latency;
    struct asked *asked = keep(rehearsed, operation, input, err);
    if (!asked || !complete(rehearsed, asked, err))
        return false;
    struct value name = value_string(asked->operation);
    if (!rehearsal(rehearsed, "latency", &name, 1, &latency, &rehearsed->pool, err))
        return false;
    struct queued item = {.id = id, .at = rehearsed->now + latency.integer, .request = asked};
    return queue_add(&rehearsed->queue, item, err);
}

static bool world_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct queued item = {.id = id, .at = at > rehearsed->now ? at : rehearsed->now};
    return queue_add(&rehearsed->queue, item, err);
}

/* The target as the metric providers want it: an alias with its baseline. */
static bool told_target(struct rehearsed *rehearsed, const struct value *target, struct value *told,
                        struct error *err)
{
    struct value call;
    struct reads_answer answer;
    *told = *target;
    if (!metrics(rehearsed, "lookup", target, 1, &call, err))
        return false;
    if (call.kind != VALUE_OBJECT)
        return true;
    if (!rehearsed_ask(rehearsed, value_get_slice(&call, "operation", ""),
                       value_get(&call, "input"), &answer, &rehearsed->pool, err))
        return false;
    struct value arguments[] = {*target, answer.value};
    return answer.outcome != OUTCOME_OK || metrics(rehearsed, "known", arguments, 2, told, err);
}

/* Nothing is ready, ever; but metrics that nobody knows are told here as a run would tell them. */
static bool world_sample(struct world *world, const struct sample_request *request,
                         struct sample *out, struct error *err)
{
    struct rehearsed *rehearsed = self_of(world);
    struct value names, target, plan;
    *out = (struct sample){0};
    if (!told_target(rehearsed, request->target, &target, err) ||
        !value_array(&names, request->metric_count, &rehearsed->pool, err))
        return false;
    for (size_t i = 0; i < request->metric_count; i++)
        names.array.items[i] = value_string(request->metrics[i]);
    struct value now = value_integer(rehearsed->now);
    struct value arguments[] = {rehearsed->config, target, names, now, now, now};
    return metrics(rehearsed, "plan", arguments, RECORD_COUNT(arguments), &plan, err);
}

static bool world_query(struct world *world, const struct value *effect, struct value *out,
                        struct pool *pool, struct error *err)
{
    (void)world;
    (void)effect;
    struct member points = {slice_of("points"), {.kind = VALUE_ARRAY}};
    return record_object(out, &points, 1, pool, err);
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
    if (!perform(rehearsed, "call", item.request, &answer, pool, err))
        return false;
    *event = (struct event){EVENT_ANSWER, item.id, answer.outcome, answer.value};
    return true;
}

static const struct world_ops ops = {
    .name = "rehearsed",
    .now = world_now,
    .begin = world_begin,
    .call = world_call,
    .timer = world_timer,
    .sample = world_sample,
    .next = world_next,
    .query = world_query,
};

static bool open_account(struct rehearsed *rehearsed, struct error *err)
{
    struct value ignored;
    struct value none = {.kind = VALUE_OBJECT};
    const struct value *config = rehearsed->params.config;
    return rehearsal(rehearsed, "begin", rehearsed->params.home, 1, &ignored, &rehearsed->pool,
                     err) &&
           (metrics(rehearsed, "check", config ? config : &none, 1, &rehearsed->config, err) ||
            error_wrap(err, "tidelock.lua"));
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
    if (!open_account(rehearsed, err)) {
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
    queue_clear(&rehearsed->queue);
    pool_clear(&rehearsed->pool);
    free(rehearsed);
}

struct world *rehearsed_world(struct rehearsed *rehearsed)
{
    return &rehearsed->world;
}
