/* The way from the engine's samples and queries to the tasks of lua/metrics, and back. */
#include "world/live_metrics.h"

#include "engine/record.h"

#include <stdlib.h>

enum { POOL_MAX = 512 << 20 };

struct live_metrics {
    struct live_metrics_params params;
    struct host_object *run; /* lua/metrics/run.lua */
    struct pool pool;        /* of one question */
};

bool live_metrics_new(struct live_metrics **out, const struct live_metrics_params *params,
                      struct error *err)
{
    struct value none = {.kind = VALUE_OBJECT};
    struct live_metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics)
        return error_set(err, ERROR_LIMIT, "out of memory for the metrics");
    metrics->params = *params;
    pool_init(&metrics->pool, POOL_MAX);
    if (!host_object_new(&metrics->run, params->host, "metrics.run", "new",
                         params->config ? params->config : &none, 1, err)) {
        free(metrics);
        return error_wrap(err, "tidelock.lua");
    }
    *out = metrics;
    return true;
}

void live_metrics_free(struct live_metrics *metrics)
{
    if (!metrics)
        return;
    host_object_free(metrics->run);
    pool_clear(&metrics->pool);
    free(metrics);
}

/* The result lasts until the next question. */
static bool ask(struct live_metrics *metrics, const char *method, const struct value *arguments,
                size_t count, struct value *result, struct error *err)
{
    pool_reset(&metrics->pool);
    return live_tasks_run(&metrics->params.tasks, metrics->run, method, arguments, count, result,
                          &metrics->pool, err);
}

bool live_metrics_begin(struct live_metrics *metrics, const struct value *targets,
                        const struct value *home, struct error *err)
{
    struct value ignored;
    struct value none = {.kind = VALUE_ARRAY};
    struct value arguments[] = {targets->kind == VALUE_ARRAY ? *targets : none, *home};
    return ask(metrics, "begin", arguments, RECORD_COUNT(arguments), &ignored, err);
}

bool live_metrics_preflight(struct live_metrics *metrics, const struct value *targets,
                            const struct value *asks, int64_t now, struct value *out,
                            struct pool *pool, struct error *err)
{
    struct value result;
    struct value arguments[] = {*targets, *asks, value_integer(now)};
    return ask(metrics, "preflight", arguments, RECORD_COUNT(arguments), &result, err) &&
           value_copy(out, &result, pool, err);
}

static bool warn_of(const struct live_metrics *metrics, const struct value *result,
                    struct error *err)
{
    struct buffer text;
    struct slice warning = value_get_slice(result, "warning", "");
    if (warning.size == 0 || !metrics->params.warn)
        return true;
    buffer_init(&text, ERROR_MESSAGE_MAX + warning.size);
    bool ok = buffer_append(&text, warning, err);
    if (ok)
        metrics->params.warn(metrics->params.warn_context, text.data);
    buffer_clear(&text);
    return ok;
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

/* The texts as a list, in the room of `items`. */
static struct value list_of(struct value *items, const struct slice *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        items[i] = value_string(texts[i]);
    return (struct value){.kind = VALUE_ARRAY, .array = {items, count}};
}

bool live_metrics_sample(struct live_metrics *metrics, const struct sample_request *request,
                         int64_t now, struct sample *out, struct error *err)
{
    struct value names[SAMPLE_METRICS_MAX];
    struct value alarms[JUDGE_ALARMS_MAX];
    struct value result;
    const struct alarm_look *look = request->alarms;
    struct value arguments[] = {*request->target,
                                list_of(names, request->metrics, request->metric_count),
                                value_integer(request->after),
                                value_integer(now),
                                value_float(request->share),
                                list_of(alarms, look ? look->names : NULL, look ? look->count : 0)};
    if (!ask(metrics, "sample", arguments, RECORD_COUNT(arguments), &result, err) ||
        !warn_of(metrics, &result, err) ||
        (look && !alarm_look_read(look, value_get(&result, "alarms"), err)))
        return false;
    const struct value *period = value_get(&result, "period");
    out->ended = false;
    out->ready = period != NULL;
    out->at = value_get_integer(period, "at", out->at);
    out->period = value_get_integer(&result, "length", 0);
    out->still = value_get_integer(&result, "still", 0);
    out->settle = value_get_integer(&result, "settle", 0);
    for (size_t i = 0; period && i < request->metric_count; i++) {
        const struct value *metric = metric_of(period, request->metrics[i]);
        out->canary[i] = reading_of(metric, "canary");
        out->baseline[i] = reading_of(metric, "baseline");
    }
    return true;
}

bool live_metrics_query(struct live_metrics *metrics, const struct value *effect, int64_t now,
                        struct value *out, struct pool *pool, struct error *err)
{
    struct value result;
    struct value arguments[] = {*effect, value_integer(now)};
    if (value_is_text(value_get(effect, "kind"), "distribution"))
        return ask(metrics, "distribution", arguments, RECORD_COUNT(arguments), &result, err) &&
               value_copy(out, &result, pool, err);
    struct member points = {.name = slice_of("points")};
    if (!ask(metrics, "query", arguments, RECORD_COUNT(arguments), &result, err) ||
        !warn_of(metrics, &result, err))
        return false;
    return value_copy(&points.value, value_get(&result, "points"), pool, err) &&
           record_object(out, &points, 1, pool, err);
}

/* --- recordings ------------------------------------------------------------------------------ */

bool live_metrics_backfill(struct live_metrics *metrics, const struct value *asked,
                           live_recall_fn *recall, const void *context, struct error *err)
{
    struct value ignored;
    struct live_tasks tasks = metrics->params.tasks;
    tasks.recall = recall;
    tasks.recall_context = context;
    pool_reset(&metrics->pool);
    return live_tasks_run(&tasks, metrics->run, "backfill", asked, 1, &ignored, &metrics->pool,
                          err);
}

bool live_metrics_recording(struct live_metrics *metrics, const struct live_wanted *wanted,
                            struct value *out, struct pool *pool, struct error *err)
{
    struct member members[] = {{slice_of("note"), value_text(wanted->note)},
                               {slice_of("service"), value_boolean(wanted->service)}};
    struct value options = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return host_object_call(metrics->run, "recording", &options, 1, out, pool, err);
}
