/* Which series of the recording answer for a target's metrics, and when each of their periods can
 * be known; the periods themselves are drawn by traffic_draw.c. */
#include "world/traffic.h"

#include "base/time.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAMES_MAX = 300 };

/* "requests, errors, latency_p99" for messages, cut where it gets long. */
static const char *list_metrics(const struct recording *recording, char text[NAMES_MAX])
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        int length = snprintf(text + used, NAMES_MAX - used, "%s%.*s (%s)", i ? ", " : "",
                              (int)series->metric.size, series->metric.data,
                              recording_arm_name(series->arm));
        if (length < 0 || (size_t)length >= NAMES_MAX - used)
            break;
        used += (size_t)length;
    }
    return text;
}

/* A series belongs to a target that may be called by its "target". */
static bool is_of_target(const struct recording_series *series, const struct value *texts)
{
    return traffic_is_called(texts, series->target);
}

static bool complete(struct traffic_pick *pick)
{
    pick->both = pick->arms[RECORDING_CANARY] && pick->arms[RECORDING_BASELINE];
    return pick->both || pick->arms[RECORDING_SERVICE];
}

/* Counts per threshold are answered by the count of all that their thresholds hang on. */
static bool answers(const struct recording_series *series, struct slice metric,
                    const struct histogram_name *threshold)
{
    if (series->at_most <= 0)
        return slice_equal(series->metric, metric);
    return isinf(series->at_most) && slice_equal(series->family, threshold->family);
}

/* `texts`: those by which the target may be called; NULL: series of no target in particular. */
static bool find_arms(const struct traffic *traffic, const struct value *texts, struct slice metric,
                      struct traffic_pick *pick)
{
    struct histogram_name threshold = {.family = {0}};
    const struct recording *recording = traffic->options.recording;
    bool found = false;
    *pick = (struct traffic_pick){0};
    histogram_parse(&threshold, metric);
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (!answers(series, metric, &threshold) || (series->target.size > 0) != (texts != NULL) ||
            (texts && !is_of_target(series, texts)))
            continue;
        pick->arms[series->arm] = series;
        if (series->at_most > 0) {
            pick->canary_at_most = threshold.canary;
            pick->baseline_at_most = threshold.baseline;
        }
        found = true;
    }
    return found;
}

static bool is_latency(const struct traffic_pick *pick)
{
    return pick->canary_at_most > 0;
}

/* Series of the target go before series of no target in particular. */
static bool resolve(const struct traffic *traffic, const struct value *texts, struct slice metric,
                    struct traffic_pick *pick, struct error *err)
{
    const struct recording *recording = traffic->options.recording;
    char names[NAMES_MAX];
    bool found = (recording->targeted && texts && find_arms(traffic, texts, metric, pick)) ||
                 find_arms(traffic, NULL, metric, pick);
    if (!found)
        return error_set(err, ERROR_INVALID, "the recording has no metric \"%.*s\"%s; it has %s",
                         (int)metric.size, metric.data,
                         recording->targeted ? " for this target" : "",
                         list_metrics(recording, names));
    if (!complete(pick))
        return error_set(err, ERROR_INVALID,
                         "the recording has \"%.*s\" for one arm only, expected both canary and "
                         "baseline, or service; it has %s",
                         (int)metric.size, metric.data, list_metrics(recording, names));
    if (is_latency(pick)) {
        const struct recording_series *service = pick->arms[RECORDING_SERVICE];
        pick->canary = latency_place(pick->both ? pick->arms[RECORDING_CANARY] : service,
                                     pick->canary_at_most);
        pick->baseline = latency_place(pick->both ? pick->arms[RECORDING_BASELINE] : service,
                                       pick->baseline_at_most);
    }
    return true;
}

static bool is_used(const struct traffic_pick *pick, enum recording_arm arm)
{
    return pick->arms[arm] && pick->both == (arm != RECORDING_SERVICE);
}

static void widen_grid(struct traffic_asked *grid, const struct recording_series *series)
{
    if (series->period < grid->period)
        return;
    if (series->period > grid->period || grid->first < 0)
        grid->first = series->point_count ? series->first : -1;
    grid->period = series->period;
    if (grid->first < 0 && series->trials && series->trials->point_count)
        grid->first = series->trials->first;
}

static void find_grid(const struct recording *recording, struct traffic_asked *asked)
{
    asked->period = 0;
    asked->first = -1;
    for (size_t i = 0; i < asked->metric_count; i++) {
        for (size_t arm = 0; arm < 3; arm++) {
            if (is_used(&asked->picks[i], (enum recording_arm)arm))
                widen_grid(asked, asked->picks[i].arms[arm]);
        }
    }
    if (asked->first < 0)
        asked->first = recording->start;
}

/* What follows the last one is what is asked for most. */
static int64_t period_from(const struct traffic_asked *grid, int64_t after)
{
    if (after == grid->last + 1)
        return grid->last + grid->period;
    int64_t beyond = (after - grid->first) % grid->period;
    if (beyond < 0)
        beyond += grid->period;
    return beyond ? after + grid->period - beyond : after;
}

/* There is no honest p99 of five minutes in five p99s of one minute. */
static bool check_parts(const struct traffic_pick *pick, int64_t period, struct error *err)
{
    for (size_t arm = 0; arm < 3; arm++) {
        const struct recording_series *series = pick->arms[arm];
        if (is_used(pick, (enum recording_arm)arm) && series->period != period &&
            series->statistic.data[0] == 'p')
            return error_set(err, ERROR_INVALID,
                             "\"%.*s\" has a period of %lld ms: percentiles cannot be put together "
                             "to the %lld ms of another metric",
                             (int)series->metric.size, series->metric.data,
                             (long long)series->period, (long long)period);
    }
    return true;
}

bool traffic_find(struct traffic *traffic, const struct value *target, struct slice metric,
                  struct traffic_pick *pick, struct error *err)
{
    const struct value *known = NULL;
    return traffic->options.known(traffic->options.context, target, &known, err) &&
           resolve(traffic, value_get(known, "texts"), metric, pick, err);
}

static bool is_picked(const struct traffic_asked *asked, const struct recording_series *series)
{
    for (size_t i = 0; i < asked->metric_count; i++) {
        const struct recording_series *of = asked->picks[i].arms[series->arm];
        if (of && is_used(&asked->picks[i], series->arm) && (of == series || of->trials == series))
            return true;
    }
    return false;
}

/* For how long a period is read again: as the run did that was recorded, of which every point was
 * seen when its source had settled. Where points were seen at once and changed later, three
 * periods.
 */
static int64_t find_still(struct traffic *traffic)
{
    enum { LEAST = 3 };
    const struct recording *recording = traffic->options.recording;
    struct traffic_asked *asked = &traffic->asked;
    int64_t lag = INT64_MAX;
    asked->revised = false;
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->point_count == 0 || !is_picked(asked, series))
            continue;
        asked->revised = asked->revised || series->revised;
        lag = series->lag < lag ? series->lag : lag;
    }
    int64_t still = lag > 0 && lag < INT64_MAX ? lag : asked->revised ? LEAST * asked->period : 0;
    return still > traffic->options.settle ? still : traffic->options.settle;
}

static bool was_asked(const struct traffic_asked *asked, const struct sample_request *request)
{
    if (!asked->target || asked->target != request->target ||
        asked->metric_count != request->metric_count)
        return false;
    for (size_t i = 0; i < asked->metric_count; i++) {
        if (asked->metrics[i].data != request->metrics[i].data ||
            asked->metrics[i].size != request->metrics[i].size)
            return false;
    }
    return true;
}

static bool resolve_all(struct traffic *traffic, const struct sample_request *request,
                        struct error *err)
{
    struct traffic_asked *asked = &traffic->asked;
    if (was_asked(asked, request))
        return true;
    asked->target = NULL;
    if (request->metric_count == 0 || request->metric_count > SAMPLE_METRICS_MAX)
        return error_set(err, ERROR_INVALID, "%zu metrics in one sample, expected 1 to %d",
                         request->metric_count, SAMPLE_METRICS_MAX);
    const struct value *known = NULL;
    if (!traffic->options.known(traffic->options.context, request->target, &known, err))
        return false;
    asked->metric_count = request->metric_count;
    asked->any_latency = false;
    for (size_t i = 0; i < request->metric_count; i++) {
        asked->metrics[i] = request->metrics[i];
        if (!resolve(traffic, value_get(known, "texts"), request->metrics[i], &asked->picks[i],
                     err))
            return false;
        asked->any_latency = asked->any_latency || is_latency(&asked->picks[i]);
    }
    find_grid(traffic->options.recording, asked);
    for (size_t i = 0; i < asked->metric_count; i++) {
        if (!check_parts(&asked->picks[i], asked->period, err))
            return false;
    }
    asked->last = asked->first;
    asked->still = find_still(traffic);
    asked->target_key = moment_target_key(value_get(known, "draws"));
    asked->target = request->target;
    return true;
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Returns when everything that there is of the period had been first seen, that which tells zero
 * from nothing included. */
static int64_t gather_all(const struct moment *moment, const struct traffic_asked *asked,
                          struct gathered gathered[][3])
{
    const struct traffic_pick *picks = asked->picks;
    int64_t seen = moment->end;
    for (size_t i = 0; i < asked->metric_count; i++) {
        for (size_t arm = 0; arm < 3; arm++) {
            if (!is_used(&picks[i], (enum recording_arm)arm))
                continue;
            const struct recording_series *series = picks[i].arms[arm];
            if (is_latency(&picks[i])) {
                bool known = i > 0 && picks[i - 1].arms[arm] == series;
                seen = known ? seen : later(seen, latency_seen(moment, series));
                continue;
            }
            moment_gather(moment, series, &gathered[i][arm]);
            seen = later(seen, gathered[i][arm].seen);
            if (!series->trials || !series->trials->seen)
                continue;
            struct gathered trials;
            moment_gather(moment, series->trials, &trials);
            seen = later(seen, trials.seen);
        }
    }
    return seen;
}

static void read_pick(struct moment *moment, const struct traffic_pick *pick,
                      struct gathered gathered[3], struct reading *canary, struct reading *baseline)
{
    if (!pick->both) {
        draw_service(moment, pick->arms[RECORDING_SERVICE], &gathered[RECORDING_SERVICE], canary,
                     baseline);
        return;
    }
    for (int arm = RECORDING_BASELINE; arm <= RECORDING_CANARY; arm++)
        moment_settle(moment, pick->arms[arm], &gathered[arm]);
    *baseline = reading_of_gathered(&gathered[RECORDING_BASELINE]);
    draw_recorded(moment, pick->arms[RECORDING_CANARY], &gathered[RECORDING_CANARY], canary);
}

static bool is_divided(const struct traffic_pick *pick)
{
    return !pick->both && pick->arms[RECORDING_SERVICE]->trials;
}

/* Requests go before what is divided by them, so that they are found and split once. */
static void read_picks(struct moment *moment, const struct traffic_asked *asked,
                       struct gathered gathered[][3], struct sample *out)
{
    for (int divided = false; divided <= true; divided++) {
        for (size_t i = 0; i < asked->metric_count; i++) {
            if (!is_latency(&asked->picks[i]) && is_divided(&asked->picks[i]) == divided)
                read_pick(moment, &asked->picks[i], gathered[i], &out->canary[i],
                          &out->baseline[i]);
        }
    }
}

static bool any_of_service(const struct traffic_asked *asked)
{
    for (size_t i = 0; i < asked->metric_count; i++) {
        if (!asked->picks[i].both)
            return true;
    }
    return false;
}

static bool take_sample(struct traffic *traffic, int64_t now, struct sample *out, struct error *err)
{
    const struct traffic_asked *asked = &traffic->asked;
    struct gathered gathered[SAMPLE_METRICS_MAX][3];
    struct moment moment;
    moment_open(&moment, &traffic->options, asked->target, asked->target_key, out->at,
                out->at + asked->period, now);
    out->ready = now >= gather_all(&moment, asked, gathered) + traffic->options.settle;
    if (out->ready && any_of_service(asked) && !moment_ask_share(&moment, err))
        return false;
    if (out->ready)
        read_picks(&moment, asked, gathered, out);
    if (out->ready && asked->any_latency)
        latency_read(&moment, asked->picks, asked->metric_count, out->canary, out->baseline);
    return true;
}

/* From the memory, if it is there. */
static bool recall_sample(struct traffic *traffic, const struct sample_request *request,
                          int64_t now, struct sample *out, struct error *err)
{
    struct traffic_memory *memory = &traffic->memory;
    out->ready = !traffic->asked.revised && traffic_memory_find(memory, request, out);
    if (out->ready)
        return true;
    if (!take_sample(traffic, now, out, err))
        return false;
    if (out->ready && !traffic->asked.revised)
        traffic_memory_keep(memory, request, out);
    return true;
}

/* Whether the period after this one is still under way. Once the recording is over it is not: who
 * asks is told of the end. */
static bool is_last(const struct traffic *traffic, int64_t at, int64_t now)
{
    int64_t next_end = at + 2 * traffic->asked.period;
    return next_end <= traffic->options.recording->end && now < next_end + traffic->options.settle;
}

bool traffic_sample(struct traffic *traffic, const struct sample_request *request, int64_t now,
                    struct sample *out, struct error *err)
{
    const struct traffic_asked *asked = &traffic->asked;
    if (request->alarms && !traffic_heed(traffic, request, now, &out->settle, err))
        return false;
    if (request->alarms && request->metric_count == 0)
        return true;
    if (!resolve_all(traffic, request, err)) {
        out->at = now;
        return traffic->options.quiet && err->code == ERROR_INVALID;
    }
    out->at = traffic->asked.last = period_from(asked, request->after);
    out->period = asked->period;
    out->still = asked->still;
    out->ready = false;
    out->last = is_last(traffic, out->at, now);
    out->ended = out->at + asked->period > traffic->options.recording->end;
    if (out->ended)
        out->at = traffic->options.recording->end;
    else if (now >= out->at + asked->period + traffic->options.settle)
        return recall_sample(traffic, request, now, out, err);
    return true;
}

static bool is_denominator(const struct recording *recording, const struct recording_series *of)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->count && series->trials == of)
            return true;
    }
    return slice_is(of->metric, "requests");
}

/* A regression of latencies moves requests from bucket to bucket, and leaves their number. */
static bool check_latency(const struct inject *inject, const struct recording_series *series,
                          struct error *err)
{
    if (inject->kind != INJECT_PLUS)
        return true;
    return error_set(err, ERROR_INVALID,
                     "\"%.*s\" is no part of the requests: slow+%g%% makes that part of them slow",
                     (int)series->family.size, series->family.data, 100 * inject->amount);
}

static bool check_concerned(const struct recording *recording, const struct inject *inject,
                            const struct recording_series *series, struct error *err)
{
    int size = (int)series->metric.size;
    const char *name = series->metric.data;
    if (series->at_most > 0)
        return check_latency(inject, series, err);
    if (inject->kind == INJECT_LATER && series->count)
        return error_set(err, ERROR_INVALID, "\"%.*s\" is a count, and takes no time", size, name);
    if (is_denominator(recording, series))
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\" cannot be injected into: it follows the canary's share of the "
                         "traffic (crash makes it vanish)",
                         size, name);
    if (inject->kind == INJECT_PLUS && !(series->count && series->trials))
        return error_set(err, ERROR_INVALID,
                         "a percentage of requests cannot be added to \"%.*s\": it has no requests "
                         "as its companion in the recording",
                         size, name);
    return true;
}

static bool refuse_late(int64_t from, int64_t end, struct error *err)
{
    char begins[32];
    char ends[32];
    time_format_duration(begins, from);
    time_format_duration(ends, end);
    return error_set(err, ERROR_INVALID,
                     "nothing to inject into: the regression begins %s after the start, and the "
                     "recording ends %s after it",
                     begins, ends);
}

/* By name, that is. */
static bool acts_on_no_metric(const struct inject *inject)
{
    return inject->kind == INJECT_CRASH || inject->kind == INJECT_ALARM;
}

static bool check_inject(const struct recording *recording, const struct inject *inject,
                         int64_t start, struct error *err)
{
    char names[NAMES_MAX];
    bool concerns = false;
    if (inject->from >= recording->end - start)
        return refuse_late(inject->from, recording->end - start, err);
    for (size_t i = 0; i < recording->series_count && !acts_on_no_metric(inject); i++) {
        const struct recording_series *series = &recording->series[i];
        concerns = concerns || (inject_slows(inject) && isinf(series->at_most));
        if (!inject_concerns(inject, series->metric))
            continue;
        if (!check_concerned(recording, inject, series, err))
            return false;
        concerns = true;
    }
    return concerns || acts_on_no_metric(inject) ||
           error_set(err, ERROR_INVALID,
                     "nothing to inject into: the recording has no \"%.*s\" or "
                     "\"%.*s_...\"; it has %s",
                     (int)inject->metric.size, inject->metric.data, (int)inject->metric.size,
                     inject->metric.data, list_metrics(recording, names));
}

void traffic_forget(struct traffic *traffic)
{
    traffic->asked.target = NULL;
    traffic_memory_clear(&traffic->memory);
}

bool traffic_init(struct traffic *traffic, const struct traffic_options *options, struct error *err)
{
    traffic->options = *options;
    traffic->heeded = 0;
    traffic_forget(traffic);
    if (options->inject_count > INJECTS_MAX)
        return error_set(err, ERROR_LIMIT, "%zu injections, at most %d act at once",
                         options->inject_count, INJECTS_MAX);
    for (size_t i = 0; i < options->inject_count; i++) {
        if (!check_inject(options->recording, &options->injects[i], options->start, err))
            return false;
    }
    return true;
}
