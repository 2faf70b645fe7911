/* What a watch will be able to see, before it has seen anything: by the counts of the hours before
 * the run, as the world had them when it was asked (world.h, "preflight"), on which the judges of
 * the watch are asked what they would see. */
#pragma once

#include "engine/engine_state.h"

struct foresight {
    struct engine *engine;
    const struct value *watch, *came; /* the effect; what is known of the hours before */
    int64_t target;                   /* its place in the list of targets */
    double share, sees;               /* of the effect */
    int64_t length, patience, settle_in;
    double before;  /* requests of the old version in all those hours */
    double traffic; /* and a second, of both arms */
    int64_t period; /* ms, of what counts them */
};

/* False: nobody knows how much traffic there is, or none of the judges compares rates. It, and what
 * follows, overwrite the engine's scratch. */
bool foresight_open(struct foresight *foresight, struct engine *engine, const struct value *watch);
/* The smallest rise that the watch could see if its judges were given so much time (ms), as a
 * multiple; POWER_NONE: none. */
double foresight_sees(const struct foresight *foresight, double time);
/* How long they would have to be given (ms) to see such a rise; infinite: a year is not enough. */
double foresight_time(const struct foresight *foresight, double rise);

/* Whether a watch that is asked to see something cannot, not even with twice the traffic. `why` has
 * the numbers. */
bool foresight_is_hopeless(struct engine *engine, const struct value *watch, char *why,
                           size_t size);
/* For a plan: {"judged" ms,"requests","sees" (not there: nothing),"takes":[{"rise","watch" ms (not
 * there: never)}...]}; null where nothing is known. */
bool foresight_value(struct engine *engine, const struct value *watch, struct value *out,
                     struct error *err);

/* The effect "foresee": a watch that is to come, and that is of no use if it is hopeless. It rests
 * on the BEGIN record alone, and has none of its own. */
bool foresight_begin(struct engine *engine, struct operation *operation, struct error *err);
