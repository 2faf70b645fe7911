/* One rehearsal of a policy: what it asked for, where in its text, and, if that is wanted, what it
 * does when whatever it looks at shows harm. It stands between engine and policy, as a script. */
#pragma once

#include "engine/engine.h"
#include "script/script.h"

enum { COURSE_RECORDS_MAX = 20000 };

struct course_branch; /* of the policy: where it asked last, and for what */

struct check_course {
    struct script script; /* first: what the engine is given */
    struct script *policy;
    struct sandbox *sandbox;
    struct course_branch *branches;
    size_t branch_count;
    int64_t asked;     /* effects so far */
    int64_t harm_from; /* the number of the first whose result shows harm; -1: none does */
    struct value *records;
    size_t record_count;
    struct pool *pool; /* of the records */
    struct error err;  /* why not all of them were kept */
};

bool check_course_init(struct check_course *course, struct script *policy, struct sandbox *sandbox,
                       struct pool *pool, struct error *err);
void check_course_clear(struct check_course *course);
/* Another rehearsal, of which nothing is known yet. */
void check_course_begin(struct check_course *course, int64_t harm_from);

/* An engine_observe_fn; the course is its context. */
void check_course_observe(void *context, enum journal_kind kind, int64_t at,
                          const struct value *body, struct slice line);

/* [{ kind, at, body, and of effects number, file and line }...]: the beginning, the effects, and
 * the results that were no success. */
struct value check_course_records(const struct check_course *course);
