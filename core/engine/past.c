/* The counts of the time before a watch, which its judges know by the answers they were in. */
#include "engine/past.h"

#include "judge/dispersion.h"

#include <inttypes.h>
#include <string.h>

struct past {
    int64_t id; /* of the effect */
    const struct value *points;
    struct past *next;
};

bool past_keep(struct engine *engine, const struct operation *operation, const struct value *answer,
               struct value *told, struct error *err)
{
    const struct value *points = value_get(answer, "points");
    struct past *past = pool_alloc(&engine->pool, sizeof *past, err);
    struct value *copy = pool_alloc(&engine->pool, sizeof *copy, err);
    struct member id = {slice_of("answer"), value_integer(operation->id)};
    if (!past || !copy)
        return false;
    *copy = points && points->kind == VALUE_ARRAY ? *points : (struct value){.kind = VALUE_ARRAY};
    *past = (struct past){operation->id, copy, engine->past};
    engine->past = past;
    return record_object(told, &id, 1, &engine->pool, err);
}

/* NULL where `name` of the judge's past is no answer. */
static const struct value *answer_of(const struct value *past, const char *name)
{
    return value_get(value_get(past, name), "answer");
}

static bool find_points(const struct engine *engine, const struct value *answer,
                        const struct value **points, struct error *err)
{
    int64_t id = answer && answer->kind == VALUE_INTEGER ? answer->integer : -1;
    for (const struct past *past = engine->past; past; past = past->next) {
        if (past->id == id) {
            *points = past->points;
            return true;
        }
    }
    return error_set(err, ERROR_INVALID,
                     "watch: the run has no answer %" PRId64 " for the \"past\" of a judge", id);
}

struct point {
    int64_t at;
    double value;
};

/* {"at","value"}: there are hundreds of them, and nothing else is in them. */
static struct point point_of(const struct value *points, size_t i)
{
    const struct value *point = &points->array.items[i];
    const struct member *members = point->object.members;
    if (point->kind != VALUE_OBJECT || point->object.count != 2 ||
        !slice_is(members[0].name, "at") || members[0].value.kind != VALUE_INTEGER ||
        !slice_is(members[1].name, "value") || members[1].value.kind != VALUE_FLOAT)
        return (struct point){-1, 0};
    return (struct point){members[0].value.integer, members[1].value.number};
}

/* Both lists, whose points are in the order of time. */
struct counts {
    const struct value *events, *trials;
    size_t next_events, next_trials;
    double some, all; /* of the period that next_period came to */
};

/* The next period that has both counts. */
static bool next_period(struct counts *counts)
{
    while (counts->next_events < counts->events->array.count &&
           counts->next_trials < counts->trials->array.count) {
        struct point some = point_of(counts->events, counts->next_events);
        struct point all = point_of(counts->trials, counts->next_trials);
        counts->next_events += some.at <= all.at;
        counts->next_trials += all.at <= some.at;
        if (some.at == all.at && all.value > 0) {
            counts->some = some.value;
            counts->all = all.value;
            return true;
        }
    }
    return false;
}

static void add_up(struct counts counts, double sums[2])
{
    sums[0] = sums[1] = 0;
    while (next_period(&counts)) {
        sums[0] += counts.some;
        sums[1] += counts.all;
    }
}

/* How much more the periods differ than if each request erred by itself: what comes and goes for
 * the whole service comes to the canary as well, and is none of its doing. */
static double dispersion_of(struct counts counts, const double sums[2])
{
    struct dispersion dispersion = {0};
    while (next_period(&counts)) {
        dispersion_add(&dispersion, counts.some, sums[0], counts.all / sums[1]);
        dispersion_end_block(&dispersion);
    }
    return dispersion_to_tell(&dispersion);
}

static bool has_answers(const struct value *judge)
{
    const struct value *past = value_get(judge, "past");
    return answer_of(past, "events") || answer_of(past, "trials");
}

static bool resolve_judge(struct engine *engine, struct value *judge, struct error *err)
{
    const struct value *past = value_get(judge, "past");
    const struct value *events = NULL, *trials = NULL;
    struct value counts;
    double sums[2];
    if (!find_points(engine, answer_of(past, "events"), &events, err) ||
        !find_points(engine, answer_of(past, "trials"), &trials, err))
        return false;
    struct counts both = {.events = events, .trials = trials};
    add_up(both, sums);
    double dispersion = dispersion_of(both, sums);
    struct member members[] = {{slice_of("events"), value_float(sums[0])},
                               {slice_of("trials"), value_float(sums[1])},
                               {slice_of("dispersion"), value_float(dispersion)}};
    size_t count = RECORD_COUNT(members) - !(dispersion > 1);
    struct value copy = {.kind = VALUE_OBJECT};
    if (!record_object(&counts, members, count, &engine->pool, err) ||
        !record_object(&copy, judge->object.members, judge->object.count, &engine->pool, err))
        return false;
    for (size_t i = 0; i < copy.object.count; i++) {
        if (slice_is(copy.object.members[i].name, "past"))
            copy.object.members[i].value = counts;
    }
    *judge = copy;
    return true;
}

static bool resolve_judges(struct engine *engine, const struct value *judges, struct value *out,
                           struct error *err)
{
    if (!value_array(out, judges->array.count, &engine->pool, err))
        return false;
    for (size_t i = 0; i < judges->array.count; i++) {
        struct value *judge = &out->array.items[i];
        *judge = judges->array.items[i];
        if (has_answers(judge) && !resolve_judge(engine, judge, err))
            return false;
    }
    return true;
}

bool past_resolve(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *judges = value_get(operation->effect, "judges");
    bool any = false;
    for (size_t i = 0; judges && judges->kind == VALUE_ARRAY && i < judges->array.count; i++)
        any = any || has_answers(&judges->array.items[i]);
    if (!any)
        return true;
    struct value *effect = pool_alloc(&engine->pool, sizeof *effect, err);
    if (!effect || !record_object(effect, operation->effect->object.members,
                                  operation->effect->object.count, &engine->pool, err))
        return false;
    for (size_t i = 0; i < effect->object.count; i++) {
        if (slice_is(effect->object.members[i].name, "judges") &&
            !resolve_judges(engine, judges, &effect->object.members[i].value, err))
            return false;
    }
    operation->effect = effect;
    return true;
}
