/* What the latencies of a baseline were before a rollout: where judge.latency takes its thresholds
 * from. The effect `distribution` {target, metric, from, to}. */
#include "engine/record.h"
#include "world/traffic.h"

#include <stdio.h>

/* The effect, read. */
struct question {
    struct slice family;
    const struct value *target;
    int64_t from, to;
};

bool traffic_made_up(struct value *out, struct pool *pool, struct error *err)
{
    static struct value bounds[] = {{.kind = VALUE_FLOAT, .number = 100}};
    static struct value counts[] = {{.kind = VALUE_FLOAT, .number = 900},
                                    {.kind = VALUE_FLOAT, .number = 100}};
    struct member members[] = {
        {slice_of("bounds"), {.kind = VALUE_ARRAY, .array = {bounds, 1}}},
        {slice_of("counts"), {.kind = VALUE_ARRAY, .array = {counts, 2}}},
        {slice_of("periods"), value_integer(1)},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool read_question(struct question *question, const struct value *effect, struct error *err)
{
    *question = (struct question){
        .family = value_get_slice(effect, "metric", ""),
        .target = value_get(effect, "target"),
        .from = value_get_integer(effect, "from", -1),
        .to = value_get_integer(effect, "to", -1),
    };
    if (question->family.size == 0 || question->family.size > 32)
        return error_set(err, ERROR_INVALID, "a distribution needs the name of a \"metric\"");
    if (question->from < 0 || question->to < question->from)
        return error_set(err, ERROR_INVALID,
                         "a distribution from %lld to %lld, expected two "
                         "rising times",
                         (long long)question->from, (long long)question->to);
    return true;
}

static bool thresholds_of(const struct recording_series *all, struct value *out, struct pool *pool,
                          struct error *err)
{
    if (!value_array(out, all->within_count, pool, err))
        return false;
    for (size_t i = 0; i < all->within_count; i++)
        out->array.items[i] = value_float(all->within[i]->at_most);
    return true;
}

/* A recording that begins with the rollout has no hour before it, and lends its first one. */
static int64_t sum_hour(const struct question *question, const struct recording_series *all,
                        double *counts)
{
    int64_t length = question->to - question->from;
    int64_t first = all->point_count ? all->first : 0;
    int64_t from = question->from - (question->from - first) % all->period;
    int64_t periods = question->from >= first
                          ? latency_sum(all, from, question->to, question->to, counts)
                          : 0;
    return periods ? periods : latency_sum(all, first, first + length, INT64_MAX, counts);
}

static bool check_length(const struct question *question, const struct recording_series *all,
                         struct error *err)
{
    return (question->to - question->from) / all->period <= TRAFFIC_QUERY_MAX ||
           error_set(err, ERROR_INVALID, "a distribution over more than %d periods",
                     TRAFFIC_QUERY_MAX);
}

static bool counts_of(const struct question *question, const struct traffic_pick *pick,
                      struct value *out, struct pool *pool, struct error *err)
{
    const struct recording_series *all =
        pick->arms[pick->both ? RECORDING_BASELINE : RECORDING_SERVICE];
    double sums[HISTOGRAM_CUTS_MAX + 1];
    struct value counts;
    struct value bounds;
    struct value canary;
    if (!check_length(question, all, err))
        return false;
    int64_t periods = sum_hour(question, all, sums);
    if (!thresholds_of(all, &bounds, pool, err) ||
        !value_array(&counts, all->within_count + 1, pool, err) ||
        (pick->both && !thresholds_of(pick->arms[RECORDING_CANARY], &canary, pool, err)))
        return false;
    for (size_t i = 0; i <= all->within_count; i++)
        counts.array.items[i] = value_float(sums[i]);
    struct member members[] = {
        {slice_of("bounds"), bounds},
        {slice_of("counts"), counts},
        {slice_of("periods"), value_integer(periods)},
        {slice_of("canary_bounds"), pick->both ? canary : value_null()},
    };
    return record_object(out, members, RECORD_COUNT(members) - !pick->both, pool, err);
}

/* The percentiles that there are of it: {"percentiles":["latency_p50"...]}. */
static bool percentiles_of(const struct traffic *traffic, const struct question *question,
                           struct value *out, struct pool *pool, struct error *err)
{
    const struct recording *recording = traffic->options.recording;
    struct value names;
    if (!value_array(&names, recording->series_count, pool, err) ||
        !value_object(out, 1, pool, err))
        return false;
    names.array.count = 0;
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->quantile > 0 && slice_equal(series->family, question->family) &&
            series->arm != RECORDING_CANARY)
            names.array.items[names.array.count++] = value_string(series->metric);
    }
    if (names.array.count == 0 && traffic->options.quiet)
        return traffic_made_up(out, pool, err);
    if (names.array.count == 0)
        return error_set(err, ERROR_INVALID,
                         "the recording has neither counts per threshold of \"%.*s\" "
                         "(%.*s_count, %.*s_within_250ms ...) nor percentiles",
                         (int)question->family.size, question->family.data,
                         (int)question->family.size, question->family.data,
                         (int)question->family.size, question->family.data);
    out->object.members[0] = (struct member){slice_of("percentiles"), names};
    return true;
}

bool traffic_distribution(struct traffic *traffic, const struct value *effect, struct value *out,
                          struct pool *pool, struct error *err)
{
    struct question question;
    struct traffic_pick pick;
    struct error absent;
    char name[48];
    if (!read_question(&question, effect, err))
        return false;
    snprintf(name, sizeof name, "%.*s_count", (int)question.family.size, question.family.data);
    if (!traffic_find(traffic, question.target, slice_of(name), &pick, &absent))
        return percentiles_of(traffic, &question, out, pool, err);
    return pick.canary_at_most > 0 ? counts_of(&question, &pick, out, pool, err)
                                   : percentiles_of(traffic, &question, out, pool, err);
}
