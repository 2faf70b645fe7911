#include "world/live_metrics.h"

#include "engine/record.h"
#include "world/live_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POOL_MAX = 512 << 20 };

/* A target of the run, as asked for and as the providers want it. */
struct known {
    struct known *next;
    struct value asked, told;
};

/* The periods that the last question brought: several may be taken from one answer. */
struct ahead {
    const struct value *target;
    struct value periods; /* [{at, metrics}...] */
    struct pool pool;
};

struct live_metrics {
    struct live_params params;
    struct value config; /* checked */
    struct known *known;
    struct ahead ahead;
    live_recall_fn *recall;
    const void *recall_context;
    char told[ERROR_MESSAGE_MAX]; /* the last warning */
    struct pool pool;
};

static bool ask(struct live_metrics *metrics, const char *name, const struct value *arguments,
                size_t count, struct value *out, struct pool *pool, struct error *err)
{
    return host_call(metrics->params.host, "metrics.provider", name, arguments, count, out, pool,
                     err);
}

static bool check_config(struct live_metrics *metrics, struct error *err)
{
    struct value none = {.kind = VALUE_OBJECT};
    const struct value *config = metrics->params.config;
    return ask(metrics, "check", config ? config : &none, 1, &metrics->config, &metrics->pool,
               err) ||
           error_wrap(err, "tidelock.lua");
}

bool live_metrics_new(struct live_metrics **out, const struct live_params *params,
                      struct error *err)
{
    struct live_metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics)
        return error_set(err, ERROR_LIMIT, "out of memory for the metrics");
    metrics->params = *params;
    pool_init(&metrics->pool, POOL_MAX);
    pool_init(&metrics->ahead.pool, POOL_MAX);
    if (!check_config(metrics, err)) {
        live_metrics_free(metrics);
        return false;
    }
    *out = metrics;
    return true;
}

void live_metrics_free(struct live_metrics *metrics)
{
    if (!metrics)
        return;
    pool_clear(&metrics->ahead.pool);
    pool_clear(&metrics->pool);
    free(metrics);
}

/* --- targets --------------------------------------------------------------------------------- */

static bool carry_look_up(struct live_metrics *metrics, const struct value *call,
                          struct value *output, struct error *err)
{
    struct value answer;
    if (!live_calls_carry(&metrics->params, call, 1, &answer, &metrics->pool, err))
        return false;
    const struct value *found = value_get(&answer, "value");
    const struct value *problem = value_get(&answer, "error");
    struct slice code = value_get_slice(problem, "code", "");
    struct slice message = value_get_slice(problem, "message", "no answer");
    if (!found && world_unreached(problem))
        return error_set(err, ERROR_IO, "the target could not be looked at: %.*s",
                         (int)message.size, message.data);
    if (!found)
        return error_set(err, ERROR_INVALID, "the target could not be looked at: %.*s: %.*s",
                         (int)code.size, code.data, (int)message.size, message.data);
    *output = *found;
    return true;
}

/* Some targets change what the metrics need: a Lambda alias at 100 % names the canary only. */
static bool look_up(struct live_metrics *metrics, struct known *known, struct error *err)
{
    struct value call;
    struct value arguments[] = {known->asked, value_null()};
    if (!ask(metrics, "lookup", &known->asked, 1, &call, &metrics->pool, err))
        return false;
    known->told = known->asked;
    if (call.kind != VALUE_OBJECT)
        return true;
    const struct value *recalled = metrics->recall ? metrics->recall(metrics->recall_context, &call)
                                                   : NULL;
    if (recalled)
        arguments[1] = *recalled;
    else if (!carry_look_up(metrics, &call, &arguments[1], err))
        return false;
    return ask(metrics, "known", arguments, 2, &known->told, &metrics->pool, err);
}

void live_metrics_recall(struct live_metrics *metrics, live_recall_fn *recall, const void *context)
{
    metrics->recall = recall;
    metrics->recall_context = context;
}

static bool learn(struct live_metrics *metrics, const struct value *target,
                  const struct known **out, struct error *err)
{
    for (struct known *known = metrics->known; known; known = known->next) {
        *out = known;
        if (value_equal(&known->asked, target))
            return true;
    }
    struct known *known = pool_alloc(&metrics->pool, sizeof *known, err);
    if (!known || !value_copy(&known->asked, target, &metrics->pool, err) ||
        !look_up(metrics, known, err))
        return false;
    known->next = metrics->known;
    metrics->known = known;
    *out = known;
    return true;
}

bool live_metrics_begin(struct live_metrics *metrics, const struct value *targets,
                        struct error *err)
{
    const struct known *known;
    for (size_t i = 0; targets->kind == VALUE_ARRAY && i < targets->array.count; i++) {
        if (!learn(metrics, &targets->array.items[i], &known, err))
            return false;
    }
    return true;
}

/* --- asking ---------------------------------------------------------------------------------- */

bool live_metrics_plan(struct live_metrics *metrics, const struct live_question *question,
                       struct value *plan, struct pool *pool, struct error *err)
{
    struct value names;
    const struct known *known;
    if (!learn(metrics, question->target, &known, err) ||
        !value_array(&names, question->count, pool, err))
        return false;
    for (size_t i = 0; i < question->count; i++)
        names.array.items[i] = value_string(question->metrics[i]);
    struct value arguments[] = {metrics->config,
                                known->told,
                                names,
                                value_integer(question->from),
                                value_integer(question->to),
                                value_integer(question->now)};
    return ask(metrics, "plan", arguments, RECORD_COUNT(arguments), plan, pool, err);
}

bool live_metrics_read(struct live_metrics *metrics, const struct value *plan, struct value *read,
                       struct pool *pool, struct error *err)
{
    const struct value *calls = value_get(plan, "calls");
    struct value answers;
    if (!value_array(&answers, calls->array.count, pool, err) ||
        !live_calls_carry(&metrics->params, calls->array.items, calls->array.count,
                          answers.array.items, pool, err))
        return false;
    struct value arguments[] = {*plan, answers};
    return ask(metrics, "read", arguments, 2, read, pool, err);
}

/* lua/metrics needs less room for it than its values do. */
bool live_metrics_keep(struct live_metrics *metrics, const struct value *plan,
                       const struct value *read, int64_t seen, struct pool *pool, struct error *err)
{
    struct value series;
    struct value arguments[] = {*plan, *read, value_integer(seen)};
    return ask(metrics, "keep", arguments, seen < 0 ? 2 : 3, &series, pool, err);
}

bool live_metrics_heard(struct live_metrics *metrics, const struct value *plan,
                        const struct value *tick, int64_t at, struct pool *pool, struct error *err)
{
    struct value series;
    struct value arguments[] = {*plan, *value_get(tick, "periods"), value_integer(at),
                                *value_get(tick, "id")};
    return ask(metrics, "heard", arguments, RECORD_COUNT(arguments), &series, pool, err);
}

static void tell(struct live_metrics *metrics, struct slice metric, struct slice problem)
{
    char message[ERROR_MESSAGE_MAX];
    const struct live_hooks *hooks = &metrics->params.hooks;
    snprintf(message, sizeof message, "%.*s cannot be read: %.*s", (int)metric.size, metric.data,
             (int)problem.size, problem.data);
    if (!hooks->warn || strcmp(message, metrics->told) == 0)
        return;
    memcpy(metrics->told, message, sizeof message);
    hooks->warn(hooks->context, message);
}

/* A provider that does not answer is warned of when it begins, and when it says something else. */
static void warn_of(struct live_metrics *metrics, const struct value *period)
{
    const struct value *all = value_get(period, "metrics");
    for (size_t i = 0; all && all->kind == VALUE_OBJECT && i < all->object.count; i++) {
        const struct member *metric = &all->object.members[i];
        const struct value *reading = value_get(&metric->value, "canary");
        if (!value_is_text(value_get(reading, "status"), "provider error"))
            reading = value_get(&metric->value, "baseline");
        if (value_is_text(value_get(reading, "status"), "provider error")) {
            tell(metrics, metric->name, value_get_slice(reading, "message", "no answer"));
            return;
        }
    }
    metrics->told[0] = '\0';
}

/* [{at, metrics}...], empty while nothing is over and settled. */
static bool fetch(struct live_metrics *metrics, const struct live_question *question,
                  struct value *periods, struct pool *pool, struct error *err)
{
    struct value plan;
    struct value read;
    *periods = (struct value){.kind = VALUE_ARRAY};
    if (!live_metrics_plan(metrics, question, &plan, pool, err))
        return false;
    if (value_get_boolean(&plan, "not_ready", false))
        return true;
    if (!live_metrics_read(metrics, &plan, &read, pool, err) ||
        !live_metrics_keep(metrics, &plan, &read, question->now, pool, err))
        return false;
    const struct value *found = value_get(&read, "periods");
    if (found && found->kind == VALUE_ARRAY)
        *periods = *found;
    if (periods->array.count)
        warn_of(metrics, &periods->array.items[periods->array.count - 1]);
    return true;
}

/* --- samples --------------------------------------------------------------------------------- */

static struct reading reading_of(const struct value *metric, const char *arm)
{
    const struct value *reading = value_get(metric, arm);
    struct slice status = value_get_slice(reading, "status", "no data");
    if (slice_is(status, "value"))
        return (struct reading){READING_VALUE, value_get_number(reading, "value", 0)};
    return (struct reading){slice_is(status, "no data") ? READING_NO_DATA : READING_PROVIDER_ERROR,
                            0};
}

static const struct value *metric_of(const struct value *period, struct slice name)
{
    const struct value *all = value_get(period, "metrics");
    for (size_t i = 0; all && all->kind == VALUE_OBJECT && i < all->object.count; i++) {
        if (slice_equal(all->object.members[i].name, name))
            return &all->object.members[i].value;
    }
    return NULL;
}

static const struct value *first_from(const struct value *periods, int64_t after)
{
    for (size_t i = 0; i < periods->array.count; i++) {
        if (value_get_integer(&periods->array.items[i], "at", -1) >= after)
            return &periods->array.items[i];
    }
    return NULL;
}

bool live_metrics_sample(struct live_metrics *metrics, const struct sample_request *request,
                         int64_t now, struct sample *out, struct error *err)
{
    struct ahead *ahead = &metrics->ahead;
    struct live_question question = {
        request->target, request->metrics, request->metric_count, request->after, now, now};
    const struct value *period = ahead->target == request->target
                                     ? first_from(&ahead->periods, request->after)
                                     : NULL;
    if (!period) {
        pool_reset(&ahead->pool);
        ahead->target = request->target;
        if (!fetch(metrics, &question, &ahead->periods, &ahead->pool, err))
            return false;
        period = first_from(&ahead->periods, request->after);
    }
    out->ended = false;
    out->ready = period != NULL;
    for (size_t i = 0; period && i < request->metric_count; i++) {
        const struct value *metric = metric_of(period, request->metrics[i]);
        out->at = value_get_integer(period, "at", 0);
        out->canary[i] = reading_of(metric, "canary");
        out->baseline[i] = reading_of(metric, "baseline");
    }
    return true;
}

/* --- queries --------------------------------------------------------------------------------- */

static bool add_point(struct value *points, int64_t at, double number, struct pool *pool,
                      struct error *err)
{
    struct member members[] = {{slice_of("at"), value_integer(at)},
                               {slice_of("value"), value_float(number)}};
    return record_object(&points->array.items[points->array.count++], members, 2, pool, err);
}

static bool points_of(const struct value *periods, struct slice name, const char *arm,
                      struct value *points, struct pool *pool, struct error *err)
{
    if (!value_array(points, periods->array.count, pool, err))
        return false;
    points->array.count = 0;
    for (size_t i = 0; i < periods->array.count; i++) {
        const struct value *period = &periods->array.items[i];
        struct reading reading = reading_of(metric_of(period, name), arm);
        if (reading.status == READING_PROVIDER_ERROR)
            return error_set(err, ERROR_INVALID, "the metric provider did not answer");
        if (reading.status == READING_VALUE &&
            !add_point(points, value_get_integer(period, "at", 0), reading.value, pool, err))
            return false;
    }
    return true;
}

bool live_metrics_query(struct live_metrics *metrics, const struct value *effect, int64_t now,
                        struct value *out, struct pool *pool, struct error *err)
{
    struct value periods;
    struct member points = {.name = slice_of("points")};
    struct slice name = value_get_slice(effect, "metric", "");
    const struct value *arm = value_get(effect, "arm");
    const struct value *target = value_get(effect, "target");
    struct live_question question = {target,
                                     &name,
                                     1,
                                     value_get_integer(effect, "from", -1),
                                     value_get_integer(effect, "to", -1),
                                     now};
    bool of_canary = value_is_text(arm, "canary");
    if (!target || (!of_canary && !value_is_text(arm, "baseline")))
        return error_set(err, ERROR_INVALID,
                         "a metric of a live run is asked for with a target and the arm "
                         "\"canary\" or \"baseline\"");
    if (question.from < 0 || question.to < question.from)
        return error_set(err, ERROR_INVALID, "a metric query needs two rising times");
    return fetch(metrics, &question, &periods, pool, err) &&
           points_of(&periods, name, of_canary ? "canary" : "baseline", &points.value, pool, err) &&
           record_object(out, &points, 1, pool, err);
}

bool live_metrics_recording(struct live_metrics *metrics, const struct live_wanted *wanted,
                            struct value *out, struct pool *pool, struct error *err)
{
    struct member members[] = {{slice_of("note"), value_text(wanted->note)},
                               {slice_of("service"), value_boolean(wanted->service)}};
    struct value options = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return ask(metrics, "recording", &options, 1, out, pool, err);
}
