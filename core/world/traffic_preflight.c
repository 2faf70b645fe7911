/* What a recording has of what a run will look at, before the run begins. */
#include "engine/record.h"
#include "world/traffic.h"

#include <stdio.h>

enum { MINUTE = 60000, HOUR = 60 * MINUTE, HOURS = 3, KNOWN = 10 * MINUTE, NAMES_MAX = 300 };

/* What a run recorded begins a few looks before it, and they may have been too early for a source:
 * such a moment says nothing of hours. */
static bool knows_before(const struct traffic *traffic)
{
    return traffic->options.start - traffic->options.recording->start >= KNOWN;
}

/* The hours before the rollout or, where the recording begins with it, the first of those that it
 * has. */
static void find_hours(const struct traffic *traffic, int64_t *from, int64_t *to)
{
    const struct recording *recording = traffic->options.recording;
    *to = traffic->options.start;
    *from = *to - (int64_t)HOURS * HOUR;
    if (*from < recording->start)
        *from = recording->start;
    if (knows_before(traffic))
        return;
    *from = recording->start;
    *to = *from + (int64_t)HOURS * HOUR;
    *to = *to < recording->end ? *to : recording->end;
}

struct found {
    int64_t periods, points;
    int64_t span; /* ms, from the first of the points to the end of the hours */
    double sum;
};

/* What there is of a series in these hours, by the end of them all. */
static struct found count_points(const struct traffic *traffic,
                                 const struct recording_series *series)
{
    struct found found = {0};
    int64_t from, to;
    find_hours(traffic, &from, &to);
    int64_t first = series->point_count ? series->first : from;
    int64_t at = from + ((first - from) % series->period + series->period) % series->period;
    for (; at + series->period <= to; at += series->period) {
        struct moment moment;
        struct gathered gathered;
        moment_open(&moment, &traffic->options, NULL, 0, at, at + series->period, INT64_MAX);
        moment_gather(&moment, series, &gathered);
        moment_settle(&moment, series, &gathered);
        if (gathered.unanswered) /* a source that was away says nothing */
            continue;
        found.periods++;
        if (gathered.present && found.points == 0)
            found.span = to - at;
        found.points += gathered.present;
        found.sum += gathered.present ? gathered.value : 0;
    }
    return found;
}

/* As long as there are no requests, nothing is counted among them. */
static bool has_trials(const struct traffic *traffic, const struct recording_series *series)
{
    return !series->trials || count_points(traffic, series->trials).sum > 0;
}

static bool is_there(const struct traffic *traffic, const struct recording_series *series,
                     bool requests, struct found *found)
{
    *found = count_points(traffic, series);
    bool enough = requests ? found->sum > 0 : found->points > 0 || !has_trials(traffic, series);
    return found->periods * series->period < KNOWN || enough; /* a moment says nothing of hours */
}

/* Where nothing is known of the time before, the canary may have had all of the traffic at once. */
static bool check_count(const struct traffic *traffic, const struct traffic_pick *pick,
                        bool requests, struct error *err)
{
    struct found found, other;
    const struct recording_series *series =
        pick->arms[pick->both ? RECORDING_BASELINE : RECORDING_SERVICE];
    if (is_there(traffic, series, requests, &found) ||
        (pick->both && !knows_before(traffic) &&
         is_there(traffic, pick->arms[RECORDING_CANARY], requests, &other) && other.points > 0))
        return true;
    return error_set(err, ERROR_INVALID,
                     "the recording has no \"%.*s\" of the old version (%s) in the hours before "
                     "the rollout: %s in %lld periods",
                     (int)series->metric.size, series->metric.data, recording_arm_name(series->arm),
                     found.points ? "0" : "no data", (long long)found.periods);
}

/* Both arms of it are recorded as those of no target in particular. */
static bool check_owner(const struct traffic_pick *pick, size_t targets, struct error *err)
{
    const struct recording_series *series = pick->arms[RECORDING_CANARY];
    if (targets < 2 || !pick->both || series->target.size > 0)
        return true;
    return error_set(err, ERROR_INVALID,
                     "the recording has one canary's \"%.*s\", and there are %zu targets: a series "
                     "of each is needed",
                     (int)series->metric.size, series->metric.data, targets);
}

static bool check_family(struct traffic *traffic, const struct value *target,
                         const struct value *ask, struct pool *pool, struct error *err)
{
    struct value ignored;
    int64_t from, to;
    find_hours(traffic, &from, &to);
    struct member members[] = {{slice_of("from"), value_integer(from)},
                               {slice_of("metric"), *value_get(ask, "metric")},
                               {slice_of("target"), *target},
                               {slice_of("to"), value_integer(to)}};
    struct value effect = {.kind = VALUE_OBJECT,
                           .object = {members, sizeof members / sizeof *members}};
    return traffic_distribution(traffic, &effect, &ignored, pool, err);
}

/* What is tried of one target, and what came of all of them. */
struct trial {
    struct traffic *traffic;
    const struct value *target;
    size_t targets, of; /* how many there are, and which this is */
    struct value *came; /* an array with room for all */
    struct pool *pool;
};

static bool is_known(const struct trial *trial, struct slice metric)
{
    for (size_t i = 0; i < trial->came->array.count; i++) {
        const struct value *entry = &trial->came->array.items[i];
        if (slice_equal(value_get_slice(entry, "metric", ""), metric) &&
            value_get_integer(entry, "of", 0) == (int64_t)trial->of)
            return true;
    }
    return false;
}

/* A whole service is what the old version had. */
static bool add_arm(const struct trial *trial, const struct recording_series *series,
                    struct error *err)
{
    struct value *came = trial->came;
    struct found found = count_points(trial->traffic, series);
    const char *arm = series->arm == RECORDING_CANARY ? "canary" : "baseline";
    if (found.points == 0 || found.periods * series->period < KNOWN)
        return true;
    struct member members[] = {{slice_of("arm"), value_text(arm)},
                               {slice_of("metric"), value_string(series->metric)},
                               {slice_of("of"), value_integer((int64_t)trial->of)},
                               {slice_of("period"), value_integer(series->period)},
                               {slice_of("span"), value_integer(found.span)},
                               {slice_of("sum"), value_float(found.sum)}};
    return record_object(&came->array.items[came->array.count++], members, RECORD_COUNT(members),
                         trial->pool, err);
}

static bool add_count(const struct trial *trial, const struct traffic_pick *pick, struct error *err)
{
    const struct recording_series *const *arms = pick->arms;
    if (is_known(trial, arms[pick->both ? RECORDING_BASELINE : RECORDING_SERVICE]->metric))
        return true;
    if (!pick->both)
        return add_arm(trial, arms[RECORDING_SERVICE], err);
    return add_arm(trial, arms[RECORDING_BASELINE], err) &&
           add_arm(trial, arms[RECORDING_CANARY], err);
}

static bool check_one(const struct trial *trial, const struct value *ask, struct error *err)
{
    struct traffic_pick pick;
    struct slice metric = value_get_slice(ask, "metric", "");
    if (metric.size == 0)
        return error_set(err, ERROR_INVALID, "begin: \"asks\" must name metrics");
    if (value_get_boolean(ask, "family", false))
        return check_family(trial->traffic, trial->target, ask, trial->pool, err);
    if (!traffic_find(trial->traffic, trial->target, metric, &pick, err))
        return false;
    bool requests = value_get_boolean(ask, "requests", false);
    if (!check_owner(&pick, trial->targets, err))
        return false;
    if ((!requests && !value_get_boolean(ask, "count", false)) || pick.canary_at_most > 0)
        return true;
    return check_count(trial->traffic, &pick, requests, err) && add_count(trial, &pick, err);
}

/* What one list of judges looks at. */
static bool check_list(const struct trial *trial, const struct value *asks, struct error *err)
{
    if (asks->kind != VALUE_ARRAY)
        return error_set(err, ERROR_INVALID, "begin: \"asks\" must be lists");
    for (size_t i = 0; i < asks->array.count; i++) {
        if (!check_one(trial, &asks->array.items[i], err))
            return false;
    }
    return true;
}

/* Room for both arms of all that is asked for. */
static bool make_room(struct value *came, const struct value *targets, const struct value *asks,
                      struct pool *pool, struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < asks->array.count; i++)
        count += asks->array.items[i].kind == VALUE_ARRAY ? asks->array.items[i].array.count : 0;
    if (!value_array(came, 2 * targets->array.count * count, pool, err))
        return false;
    came->array.count = 0;
    return true;
}

bool traffic_preflight(struct traffic *traffic, const struct value *targets,
                       const struct value *asks, struct value *came, struct pool *pool,
                       struct error *err)
{
    if (!make_room(came, targets, asks, pool, err))
        return false;
    for (size_t i = 0; !traffic->options.quiet && i < targets->array.count; i++) {
        struct trial trial = {traffic, &targets->array.items[i], targets->array.count, i, came,
                              pool};
        for (size_t j = 0; j < asks->array.count; j++) {
            if (!check_list(&trial, &asks->array.items[j], err))
                return false;
        }
    }
    if (came->array.count == 0)
        *came = value_null();
    return true;
}

/* --- whose series they are -------------------------------------------------------------------- */

/* "a:live, a, arn:...": what the targets may be called by. */
static bool add_texts(const struct value *texts, char names[NAMES_MAX], size_t *used)
{
    for (size_t i = 0; texts && i < texts->array.count; i++) {
        struct slice text = texts->array.items[i].string;
        int length = snprintf(names + *used, NAMES_MAX - *used, "%s%.*s", *used ? ", " : "",
                              (int)text.size, text.data);
        if (length < 0 || (size_t)length >= NAMES_MAX - *used) {
            names[*used] = '\0';
            return false;
        }
        *used += (size_t)length;
    }
    return true;
}

static bool is_called(const struct value *texts, struct slice target)
{
    for (size_t i = 0; texts && i < texts->array.count; i++) {
        if (slice_equal(texts->array.items[i].string, target))
            return true;
    }
    return false;
}

static bool check_series(struct traffic *traffic, const struct recording_series *series,
                         const struct value *targets, struct error *err)
{
    char names[NAMES_MAX] = "";
    size_t used = 0;
    for (size_t i = 0; i < targets->array.count; i++) {
        const struct value *known = NULL;
        if (!traffic->options.known(traffic->options.context, &targets->array.items[i], &known,
                                    err))
            return false;
        const struct value *texts = value_get(known, "texts");
        if (is_called(texts, series->target))
            return true;
        add_texts(texts, names, &used);
    }
    return error_set(err, ERROR_INVALID,
                     "the recording has \"%.*s\" (%s) of the target \"%.*s\", which is none of "
                     "this rollout's: they are called %s",
                     (int)series->metric.size, series->metric.data, recording_arm_name(series->arm),
                     (int)series->target.size, series->target.data, names);
}

/* Whether a count of no target in particular would be divided by what this target has of its own.
 */
static bool is_mixed(struct traffic *traffic, const struct recording_series *series,
                     const struct value *target)
{
    struct traffic_pick pick, companion;
    struct error ignored;
    return series->target.size == 0 && series->companion.size > 0 &&
           traffic_find(traffic, target, series->metric, &pick, &ignored) &&
           pick.arms[series->arm] == series &&
           traffic_find(traffic, target, series->companion, &companion, &ignored) &&
           companion.arms[series->arm] && companion.arms[series->arm]->target.size > 0;
}

static bool check_mixed(struct traffic *traffic, const struct recording_series *series,
                        const struct value *targets, struct error *err)
{
    for (size_t i = 0; i < targets->array.count; i++) {
        if (is_mixed(traffic, series, &targets->array.items[i]))
            return error_set(err, ERROR_INVALID,
                             "the recording has \"%.*s\" of a target, and \"%.*s\" of no target "
                             "in particular: they are not of the same requests",
                             (int)series->companion.size, series->companion.data,
                             (int)series->metric.size, series->metric.data);
    }
    return true;
}

bool traffic_check_targets(struct traffic *traffic, const struct value *targets, struct error *err)
{
    const struct recording *recording = traffic->options.recording;
    for (size_t i = 0;
         recording->targeted && !traffic->options.quiet && i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if ((series->target.size > 0 && !check_series(traffic, series, targets, err)) ||
            !check_mixed(traffic, series, targets, err))
            return false;
    }
    return true;
}
