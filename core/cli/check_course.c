/* The script that stands in front of a policy while it is checked, and the records of its run. */
#include "cli/check_course.h"

#include "engine/record.h"

#include <stdlib.h>
#include <string.h>

/* What a result is about that may show harm. */
enum asked { ASKED_OTHER, ASKED_WATCH, ASKED_METRIC };

struct course_branch {
    char chunk[128];
    int line;
    enum asked asked;
    int64_t number; /* of the effect that it waits for */
};

enum { BRANCHES_MAX = 4096 };

/* Where metrics of a canary have nothing, and where they show harm. */
static const double calm = 0, harm = 1e9;

static struct course_branch *branch_of(const struct check_course *course, int branch)
{
    return branch >= 0 && branch < BRANCHES_MAX ? &course->branches[branch] : NULL;
}

/* --- what the policy asks --------------------------------------------------------------------- */

/* The branches of a group have no line of the author's below them but that which asked for it. */
static void inherit(struct check_course *course, const struct sandbox_step *step)
{
    const struct course_branch *parent = branch_of(course, step->branch);
    for (int i = step->first; parent && i < step->first + step->count; i++) {
        struct course_branch *branch = branch_of(course, i);
        if (branch)
            *branch = *parent;
    }
}

static enum asked asked_by(const struct value *effect)
{
    if (value_is_text(value_get(effect, "kind"), "watch"))
        return value_get_boolean(effect, "decide", false) ? ASKED_WATCH : ASKED_OTHER;
    bool about_canary = value_is_text(value_get(effect, "kind"), "metric") &&
                        !value_get_boolean(effect, "past", false) &&
                        !value_is_text(value_get(effect, "arm"), "baseline");
    return about_canary ? ASKED_METRIC : ASKED_OTHER;
}

static void note(struct check_course *course, const struct sandbox_step *step)
{
    struct course_branch *branch = branch_of(course, step->branch);
    bool asks = step->state == SANDBOX_EFFECT || step->state == SANDBOX_PARALLEL;
    if (!branch || !asks)
        return;
    if (step->line > 0) {
        memcpy(branch->chunk, step->chunk, sizeof branch->chunk);
        branch->line = step->line;
    }
    if (step->state == SANDBOX_PARALLEL) {
        inherit(course, step);
        return;
    }
    branch->asked = asked_by(&step->value);
    branch->number = course->asked++;
}

/* --- what it is answered ---------------------------------------------------------------------- */

/* A copy of an object in which one member is another. */
static bool with_member(struct value *out, const struct value *object, const char *name,
                        struct value member, struct pool *pool, struct error *err)
{
    if (!value_object(out, object->object.count, pool, err))
        return false;
    for (size_t i = 0; i < object->object.count; i++) {
        out->object.members[i] = object->object.members[i];
        if (slice_is(object->object.members[i].name, name))
            out->object.members[i].value = member;
    }
    return true;
}

static bool point(struct value *out, int64_t at, double value, struct pool *pool, struct error *err)
{
    struct member members[] = {{slice_of("at"), value_integer(at)},
                               {slice_of("value"), value_float(value)}};
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

/* The same points, with another value each; where there are none, one. */
static bool changed_points(struct value *out, const struct value *points, bool harmed,
                           struct pool *pool, struct error *err)
{
    size_t count = points->array.count;
    if (!value_array(out, count ? count : 1, pool, err))
        return false;
    if (count == 0)
        return point(&out->array.items[0], 0, harmed ? harm : calm, pool, err);
    for (size_t i = 0; i < count; i++) {
        int64_t at = value_get_integer(&points->array.items[i], "at", 0);
        if (!point(&out->array.items[i], at, harm, pool, err))
            return false;
    }
    return true;
}

/* `value`, the result of a watch or of a query, as the course wants it. */
static bool change(struct value *out, const struct value *value, enum asked asked, bool harmed,
                   struct pool *pool, struct error *err)
{
    const struct value *points = value_get(value, "points");
    struct value changed;
    if (asked == ASKED_WATCH && harmed)
        return with_member(out, value, "verdict", value_text("harm"), pool, err);
    bool is_list = points && points->kind == VALUE_ARRAY;
    if (asked != ASKED_METRIC || !is_list || (points->array.count > 0 && !harmed)) {
        *out = *value;
        return true;
    }
    return changed_points(&changed, points, harmed, pool, err) &&
           with_member(out, value, "points", changed, pool, err);
}

static void start(struct script *script, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool)
{
    struct check_course *course = (struct check_course *)script;
    sandbox_locate(course->sandbox);
    course->policy->ops->start(course->policy, arguments, step, pool);
    note(course, step);
}

static void resume(struct script *script, int number, const struct value *result,
                   struct sandbox_step *step, struct pool *pool)
{
    struct check_course *course = (struct check_course *)script;
    struct course_branch *branch = branch_of(course, number);
    const struct value *value = value_get(result, "value");
    struct value changed, answer;
    if (branch && branch->asked != ASKED_OTHER && value && value->kind == VALUE_OBJECT) {
        bool harmed = course->harm_from >= 0 && branch->number >= course->harm_from;
        if (change(&changed, value, branch->asked, harmed, pool, &course->err) &&
            with_member(&answer, result, "value", changed, pool, &course->err))
            result = &answer;
    }
    if (branch)
        branch->asked = ASKED_OTHER;
    course->policy->ops->resume(course->policy, number, result, step, pool);
    note(course, step);
}

/* --- its records ------------------------------------------------------------------------------ */

static bool is_kept(enum journal_kind kind, const struct value *body)
{
    bool refused = kind == JOURNAL_RESULT && !value_is_text(value_get(body, "outcome"), "ok");
    return kind == JOURNAL_BEGIN || kind == JOURNAL_EFFECT || refused;
}

void check_course_observe(void *context, enum journal_kind kind, int64_t at,
                          const struct value *body, struct slice line)
{
    struct check_course *course = context;
    (void)line;
    if (!is_kept(kind, body) || course->record_count == COURSE_RECORDS_MAX)
        return;
    const struct course_branch *branch = branch_of(course,
                                                   (int)value_get_integer(body, "branch", -1));
    bool placed = kind == JOURNAL_EFFECT && branch && branch->line > 0;
    struct member members[] = {
        {slice_of("at"), value_integer(at)},
        {slice_of("body"), *body},
        {slice_of("kind"), value_text(journal_kind_name(kind))},
        {slice_of("file"), value_text(placed ? branch->chunk : "")},
        {slice_of("line"), value_integer(placed ? branch->line : 0)},
        {slice_of("number"), value_integer(kind == JOURNAL_EFFECT && branch ? branch->number : 0)},
    };
    struct value record;
    if (record_object(&record, members, RECORD_COUNT(members), course->pool, &course->err) &&
        value_copy(&course->records[course->record_count], &record, course->pool, &course->err))
        course->record_count++;
}

struct value check_course_records(const struct check_course *course)
{
    return (struct value){.kind = VALUE_ARRAY, .array = {course->records, course->record_count}};
}

/* --- as a whole ------------------------------------------------------------------------------- */

static const struct script_ops ops = {start, resume};

bool check_course_init(struct check_course *course, struct script *policy, struct sandbox *sandbox,
                       struct pool *pool, struct error *err)
{
    *course = (struct check_course){.policy = policy, .sandbox = sandbox, .pool = pool};
    course->script.ops = &ops;
    course->branches = calloc(BRANCHES_MAX, sizeof *course->branches);
    course->records = calloc(COURSE_RECORDS_MAX, sizeof *course->records);
    return (course->branches && course->records) ||
           error_set(err, ERROR_LIMIT, "out of memory for what a policy asks");
}

void check_course_clear(struct check_course *course)
{
    free(course->branches);
    free(course->records);
}

void check_course_begin(struct check_course *course, int64_t harm_from)
{
    memset(course->branches, 0, BRANCHES_MAX * sizeof *course->branches);
    course->harm_from = harm_from;
    course->asked = 0;
    course->record_count = 0;
}
