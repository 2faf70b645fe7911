/* A policy's course through its runs. A policy is a pure function of its arguments and of the
 * results it is given, so where a run goes the way that another went before, what the policy did
 * there is known: thousands of like runs walk one tree of results without entering Lua. As soon as
 * a run leaves the tree, the sandbox is brought to where the run stands, by the same results again,
 * and goes on from there.
 *
 * A policy that draws random numbers is not a function of its results; from its first draw on
 * nothing is remembered. */
#pragma once

#include "script/script.h"

struct course;

/* The sandbox is loaded and marked, and outlives the course. `remember`: many runs are to come. */
bool course_new(struct course **out, struct sandbox *sandbox, bool remember, struct error *err);
void course_free(struct course *course);

/* A new run; the seed is that of math.random. */
void course_begin(struct course *course, uint64_t seed);

/* What a step holds may be borrowed from the course, until the next course_begin. */
struct script *course_script(struct course *course);
