/* Who answers approvals in a simulation, where nobody is there: what the command line says. */
#pragma once

#include "engine/world.h"
#include "world/queue.h"

enum person_does { PERSON_NEVER, PERSON_APPROVES, PERSON_REJECTS };

struct person {
    enum person_does does;
    int64_t after; /* ms after it is asked for */
};

/* "never", "after=20m" or "reject-after=20m"; ERROR_INVALID for what is none of these. */
bool person_parse(struct person *person, struct slice text, struct error *err);

/* The request that answers the approval of a queued item, at its time; what it holds is in `pool`.
 */
bool person_answer(const struct person *person, const struct queued *item, struct event *event,
                   struct pool *pool, struct error *err);
