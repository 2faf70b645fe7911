#include "script/course.h"

#include <assert.h>
#include <stdlib.h>

enum {
    REMEMBERED_MAX = 64 << 20,
    SCRATCH_MAX = 256 << 20,
    WAYS_MAX = 32, /* where results scatter more than this, to remember them would not pay */
    BACK_MAX = 32, /* effects that a new one is compared with */
};

/* What the policy did when it was given `result` at the place its parent stands for. */
struct place {
    struct place *parent, *child, *sibling;
    int branch, ways;           /* `ways`: how many children */
    const struct value *result; /* NULL: a branch was started */
    struct sandbox_step step;
};

struct course {
    struct script script;
    struct sandbox *sandbox;
    bool remember;
    uint64_t seed;
    struct value arguments;
    bool any;           /* `arguments` and `root` are there */
    struct place *root; /* what the policy did first */
    struct place *at;   /* where the run stands; NULL: nowhere that is remembered */
    struct place *live; /* where the sandbox stands; NULL: elsewhere */
    bool direct;      /* this run has left what can be remembered: the sandbox is where it stands */
    struct pool pool; /* of everything remembered */
    struct pool scratch; /* of steps that are done again */
};

static void rewind_sandbox(struct course *course)
{
    sandbox_rewind(course->sandbox);
    sandbox_seed(course->sandbox, course->seed);
    course->live = NULL;
}

void course_begin(struct course *course, uint64_t seed)
{
    course->seed = seed;
    course->at = NULL;
    course->live = NULL;
    course->direct = !course->remember;
    if (course->direct)
        rewind_sandbox(course);
}

/* Does again what led to `place`, the first step first. */
static void walk_to(struct course *course, const struct place *place)
{
    struct sandbox_step step;
    if (place->parent) {
        walk_to(course, place->parent);
        sandbox_resume(course->sandbox, place->branch, place->result, &step, &course->scratch);
    } else {
        sandbox_start(course->sandbox, &course->arguments, &step, &course->scratch);
    }
}

/* Brings the sandbox to where the run stands. */
static void catch_up(struct course *course)
{
    if (course->at && course->live == course->at)
        return;
    rewind_sandbox(course);
    if (course->at)
        walk_to(course, course->at);
    pool_reset(&course->scratch);
    course->live = course->at;
}

/* Takes the members that an effect before has as well from there: what shares its memory is known
 * to be equal without a look (value_equal), and a watch that follows another has the same judges.
 */
static void share_members(struct value *value, const struct place *before)
{
    if (value->kind != VALUE_OBJECT)
        return;
    for (size_t i = 0; i < value->object.count; i++) {
        struct member *member = &value->object.members[i];
        bool shared = false;
        const struct place *place = before;
        for (int back = 0; place && !shared && back < BACK_MAX; back++, place = place->parent) {
            const struct value *known = value_find(&place->step.value, member->name);
            shared = known && value_equal(known, &member->value);
            if (shared)
                member->value = *known;
        }
    }
}

static bool copy_step(struct course *course, struct place *place, const struct sandbox_step *step)
{
    struct error full;
    place->step = *step;
    bool has_value = step->state == SANDBOX_EFFECT || step->state == SANDBOX_RETURNED;
    if (!has_value)
        return true;
    if (!value_copy(&place->step.value, &step->value, &course->pool, &full))
        return false;
    share_members(&place->step.value, place->parent);
    return true;
}

/* Remembers a step that was just done; false if there is no room for it. */
static bool add_place(struct course *course, int branch, const struct value *result,
                      const struct sandbox_step *step)
{
    struct error full;
    if (course->at && course->at->ways == WAYS_MAX)
        return false;
    struct place *place = pool_alloc(&course->pool, sizeof *place, &full);
    struct value *kept = result ? pool_alloc(&course->pool, sizeof *kept, &full) : NULL;
    if (!place || (result && (!kept || !value_copy(kept, result, &course->pool, &full))))
        return false;
    *place = (struct place){.parent = course->at, .branch = branch, .result = kept};
    if (!copy_step(course, place, step))
        return false;
    if (course->at) {
        place->sibling = course->at->child;
        course->at->child = place;
        course->at->ways++;
    } else {
        course->root = place;
        course->any = true;
    }
    course->at = course->live = place;
    return true;
}

static void forget(struct course *course)
{
    course->any = false;
    course->root = course->at = course->live = NULL;
    pool_reset(&course->pool);
}

/* After a step of the sandbox itself: kept, or the end of remembering for this run or for good. */
static void note(struct course *course, int branch, const struct value *result,
                 const struct sandbox_step *step)
{
    if (course->direct)
        return;
    if (sandbox_drew(course->sandbox))
        course->remember = false;
    course->direct = !course->remember || !add_place(course, branch, result, step);
}

static void start(struct script *script, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool)
{
    struct course *course = (struct course *)script;
    struct error full;
    if (!course->direct && course->any && value_equal(&course->arguments, arguments)) {
        course->at = course->root;
        *step = course->root->step;
        return;
    }
    if (!course->direct) {
        forget(course);
        catch_up(course);
        course->direct = !value_copy(&course->arguments, arguments, &course->pool, &full);
    }
    sandbox_start(course->sandbox, arguments, step, pool);
    note(course, 0, NULL, step);
}

static struct place *find_place(const struct course *course, int branch, const struct value *result)
{
    for (struct place *place = course->at->child; place; place = place->sibling) {
        bool same = place->branch == branch && !place->result == !result;
        if (same && (!result || value_equal(place->result, result)))
            return place;
    }
    return NULL;
}

static void resume(struct script *script, int branch, const struct value *result,
                   struct sandbox_step *step, struct pool *pool)
{
    struct course *course = (struct course *)script;
    assert(course->direct || course->at);
    struct place *known = course->direct ? NULL : find_place(course, branch, result);
    if (known) {
        course->at = known;
        *step = known->step;
        return;
    }
    if (!course->direct)
        catch_up(course);
    sandbox_resume(course->sandbox, branch, result, step, pool);
    note(course, branch, result, step);
}

static const struct script_ops ops = {start, resume};

bool course_new(struct course **out, struct sandbox *sandbox, bool remember, struct error *err)
{
    struct course *course = calloc(1, sizeof *course);
    if (!course)
        return error_set(err, ERROR_LIMIT, "out of memory for the policy's course");
    course->script.ops = &ops;
    course->sandbox = sandbox;
    course->remember = remember;
    pool_init(&course->pool, REMEMBERED_MAX);
    pool_init(&course->scratch, SCRATCH_MAX);
    *out = course;
    return true;
}

void course_free(struct course *course)
{
    if (!course)
        return;
    pool_clear(&course->pool);
    pool_clear(&course->scratch);
    free(course);
}

struct script *course_script(struct course *course)
{
    return &course->script;
}
