/* Remembers the steps of a policy. A policy is a pure function of its arguments and of the results
 * it is given, so where a run goes the way that another went before, what the policy did there is
 * known: thousands of like runs walk one tree of results without entering Lua. As soon as
 * a run leaves the tree, the sandbox is brought to where the run stands, by the same results again,
 * and goes on from there.
 *
 * A policy that draws random numbers is not a function of its results; from its first draw on
 * nothing is remembered. */
#pragma once

#include "script/script.h"

struct step_cache;

/* The sandbox is loaded and marked, and outlives the cache. `remember`: many runs are to come. */
bool step_cache_new(struct step_cache **out, struct sandbox *sandbox, bool remember,
                    struct error *err);
void step_cache_free(struct step_cache *cache);

/* A new run; the seed is that of math.random. */
void step_cache_begin(struct step_cache *cache, uint64_t seed);

/* What a step holds may be borrowed from the cache, until the next step_cache_begin. */
struct script *step_cache_script(struct step_cache *cache);
