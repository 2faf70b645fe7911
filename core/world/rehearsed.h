/* The rehearsed world: a pretend account in virtual time, which knows of AWS what AWS told it.
 *
 * What the policy reads is asked of AWS, once; what it changes happens in the pretend account
 * (lua/simulation/rehearsal.lua), and shows in what it reads from then on. The way to AWS is
 * `reads` (world/reads.h): nothing that changes anything can be sent from here. Metrics are not
 * looked at. The engine is told by `rehearsal` in its parameters. */
#pragma once

#include "world/reads.h"

struct rehearsed;

struct rehearsed_params {
    struct reads reads;
    struct host *host;
    struct catalogue
        *allowed;             /* what the operator allows: a read of ours that is not is left out */
    const struct value *home; /* {"account","partition","region"}; outlives it */
    /* May the run begin with these targets? */
    bool (*begin)(void *context, const struct value *targets, const struct value *home,
                  struct error *err);
    /* As in world.h; NULL: nothing is tried. */
    bool (*preflight)(void *context, const struct value *targets, const struct value *asks,
                      struct value *out, struct pool *pool, struct error *err);
    void *context;
    const struct value *config; /* of tidelock.lua: whether the metrics of a watch are known */
};

/* ERROR_INVALID if the configuration of metrics is wrong. */
bool rehearsed_new(struct rehearsed **out, const struct rehearsed_params *params,
                   struct error *err);
void rehearsed_free(struct rehearsed *rehearsed);
struct world *rehearsed_world(struct rehearsed *rehearsed);

/* What AWS itself answers to a read, whatever was changed in the rehearsal: as it was answered in
 * the course of it, or asked now. */
bool rehearsed_ask(struct rehearsed *rehearsed, const struct value *request,
                   struct reads_answer *answer, struct pool *pool, struct error *err);
