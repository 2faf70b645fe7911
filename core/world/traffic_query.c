/* The metrics that a policy asks for itself: one metric of one target, period by period. */
#include "world/traffic.h"

#include <string.h>

/* The effect `metric`, read. */
struct question {
    struct slice metric, arm;
    const struct value *target;
    int64_t from, to;
    bool past; /* what judges learn by */
};

static bool read_question(struct question *question, const struct value *effect, struct error *err)
{
    *question = (struct question){
        .metric = value_get_slice(effect, "metric", ""),
        .arm = value_get_slice(effect, "arm", ""),
        .target = value_get(effect, "target"),
        .from = value_get_integer(effect, "from", -1),
        .to = value_get_integer(effect, "to", -1),
        .past = value_get_boolean(effect, "past", false),
    };
    enum recording_arm arm;
    if (question->metric.size == 0)
        return error_set(err, ERROR_INVALID, "a metric query needs the name of a \"metric\"");
    if (!recording_arm_parse(&arm, question->arm))
        return error_set(err, ERROR_INVALID,
                         "the arm \"%.*s\" of a metric query is unknown, "
                         "expected canary, baseline or service",
                         (int)(question->arm.size > 80 ? 80 : question->arm.size),
                         question->arm.data);
    if (question->from < 0 || question->to < question->from)
        return error_set(err, ERROR_INVALID,
                         "a metric query from %lld to %lld, expected two rising times",
                         (long long)question->from, (long long)question->to);
    return true;
}

/* What the whole service saw is what its arms saw, regressions included. That adds up for counts
 * only: two percentiles make no third. */
static bool check_service(const struct traffic *traffic, const struct question *question,
                          struct error *err)
{
    const struct recording *recording = traffic->options.recording;
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (slice_equal(series->metric, question->metric) && !series->count)
            return error_set(err, ERROR_INVALID,
                             "\"%.*s\" (%.*s) is no count: ask for the canary or the baseline, not "
                             "the service",
                             (int)series->metric.size, series->metric.data,
                             (int)series->statistic.size, series->statistic.data);
    }
    return true;
}

struct sum {
    double value;
    bool any;
};

/* A live run asks for the past until it is answered: there, what a recording has no answer for is
 * not there. */
static bool add_reading(struct sum *sum, const struct reading *reading,
                        const struct question *question, struct error *err)
{
    if (reading->status == READING_VALUE)
        *sum = (struct sum){sum->value + reading->value, true};
    return reading->status != READING_PROVIDER_ERROR || question->past ||
           error_set(err, ERROR_UNANSWERED, "the metric provider did not answer");
}

/* Of the arms that were asked for. */
static bool add_arms(struct sum *sum, const struct sample *sample, const struct question *question,
                     struct error *err)
{
    bool canary = !slice_is(question->arm, "baseline");
    bool baseline = !slice_is(question->arm, "canary");
    return (!canary || add_reading(sum, &sample->canary[0], question, err)) &&
           (!baseline || add_reading(sum, &sample->baseline[0], question, err));
}

enum { POINT_MEMBERS = 2 };

/* A list that is filled, with the members of its points in one piece of memory. */
struct points {
    struct value list;
    struct member *members;
};

static bool begin_points(struct points *points, size_t room, struct pool *pool, struct error *err)
{
    points->members = pool_alloc(pool, room * POINT_MEMBERS * sizeof *points->members + 1, err);
    if (!points->members || !value_array(&points->list, room, pool, err))
        return false;
    points->list.array.count = 0;
    return true;
}

static void add_point(struct points *points, int64_t at, double value)
{
    size_t count = points->list.array.count++;
    struct value *point = &points->list.array.items[count];
    *point = (struct value){.kind = VALUE_OBJECT};
    point->object.members = &points->members[POINT_MEMBERS * count];
    point->object.count = POINT_MEMBERS;
    point->object.members[0] = (struct member){slice_of("at"), value_integer(at)};
    point->object.members[1] = (struct member){slice_of("value"), value_float(value)};
}

/* One period beyond the last point, so that the limit is noticed; the shortest period of the metric
 * gives the most. */
static size_t periods_in(struct traffic *traffic, const struct question *question)
{
    const struct recording *recording = traffic->options.recording;
    int64_t most = 0;
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        int64_t periods = (question->to - question->from) / series->period + 1;
        if (slice_equal(series->metric, question->metric) && periods > most)
            most = periods;
    }
    return most > TRAFFIC_QUERY_MAX ? TRAFFIC_QUERY_MAX + 1 : (size_t)most;
}

static bool collect(struct traffic *traffic, const struct question *question, int64_t now,
                    struct points *points, size_t room, struct error *err)
{
    struct sample_request request = {
        question->target, &question->metric, 1, question->from, 0, NULL};
    for (size_t periods = 0;; periods++) {
        struct sample sample;
        struct sum sum = {.any = false};
        if (!traffic_sample(traffic, &request, now, &sample, err))
            return false;
        if (sample.ended || sample.at >= question->to || (!sample.ready && sample.at >= now))
            return true;
        if (periods == TRAFFIC_QUERY_MAX || periods == room)
            return error_set(err, ERROR_INVALID, "a metric query over more than %d periods",
                             TRAFFIC_QUERY_MAX);
        if (sample.ready) {
            if (!add_arms(&sum, &sample, question, err))
                return false;
            if (sum.any)
                add_point(points, sample.at, sum.value);
        }
        request.after = sample.at + 1;
    }
}

/* --- what is usual -----------------------------------------------------------------------------
 */

/* The periods of [start, start + missing), as if they had been before the start. */
static void collect_usual(struct traffic *traffic, const struct recording_series *series,
                          int64_t missing, struct points *points)
{
    const struct recording *recording = traffic->options.recording;
    for (int64_t since = 0; since + series->period <= missing; since += series->period) {
        struct moment moment;
        struct gathered gathered;
        int64_t at = recording->start + since;
        moment_open(&moment, &traffic->options, NULL, 0, at, at + series->period, INT64_MAX);
        moment_gather(&moment, series, &gathered);
        moment_settle(&moment, series, &gathered);
        if (gathered.present && !gathered.unanswered)
            add_point(points, at - missing, gathered.value);
    }
}

/* Where a recording does not reach back as far as is asked for, nobody knows of the time before: so
 * much of its beginning stands for that, as the old version had it. NULL: it reaches back. */
static bool find_usual(struct traffic *traffic, const struct question *question, int64_t missing,
                       const struct recording_series **usual, struct error *err)
{
    struct traffic_pick pick;
    *usual = NULL;
    if (!question->past || missing <= 0)
        return true;
    if (!traffic_find(traffic, question->target, question->metric, &pick, err))
        return false;
    *usual = pick.arms[pick.both ? RECORDING_BASELINE : RECORDING_SERVICE];
    return true;
}

/* Nothing was recorded outside; a policy may well ask from the beginning of time. */
static void clamp(struct question *question, const struct recording *recording)
{
    if (question->from < recording->start)
        question->from = recording->start;
    if (question->to > recording->end)
        question->to = recording->end;
    if (question->to < question->from)
        question->to = question->from;
}

bool traffic_query(struct traffic *traffic, const struct value *effect, int64_t now,
                   struct value *out, struct pool *pool, struct error *err)
{
    struct question question;
    struct points points;
    const struct recording_series *usual;
    if (!read_question(&question, effect, err) ||
        (slice_is(question.arm, "service") && !check_service(traffic, &question, err)))
        return false;
    int64_t missing = traffic->options.recording->start - question.from;
    if (!find_usual(traffic, &question, missing, &usual, err))
        return false;
    clamp(&question, traffic->options.recording);
    size_t room = periods_in(traffic, &question);
    if (!begin_points(&points, room + (usual ? (size_t)(missing / usual->period) : 0), pool, err))
        return false;
    if (usual)
        collect_usual(traffic, usual, missing, &points);
    if (!collect(traffic, &question, now, &points, room, err) || !value_object(out, 1, pool, err))
        return false;
    out->object.members[0] = (struct member){slice_of("points"), points.list};
    return true;
}
