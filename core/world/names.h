/* Asks AWS what it calls by an id where people use a name (lua/aws/names.lua), so that a resource
 * has one identity however it was called. Each world asks in its own way. */
#pragma once

#include "host/host.h"
#include "world/reads.h"

struct names_source {
    struct host *host;
    /* Carries a read out, and waits for its answer. */
    bool (*ask)(void *context, const struct value *request, struct reads_answer *answer,
                struct pool *pool, struct error *err);
    void *context;
};

/* *learned is {key: path}. ERROR_INVALID: AWS says that there is no such thing; ERROR_IO: it does
 * not say. */
bool names_learn(const struct names_source *source, const struct value *keys, struct value *learned,
                 struct pool *pool, struct error *err);
/* The same for the targets that a run begins on, added to its home. */
bool names_of_targets(const struct names_source *source, const struct value *targets,
                      struct value *home, struct pool *pool, struct error *err);
