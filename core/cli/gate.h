/* What the operator allows, between the engine and the catalogue: an operation or a resource that
 * tidelock.lua does not name is refused before anything is observed. What a run was allowed to do
 * it may undo; of a journal each change is asked for again (engine/recompute.h). */
#pragma once

#include "cli/catalogue_front.h"
#include "cli/config.h"
#include "host/host.h"

struct gate {
    struct catalogue_front front;
    const struct config *config;
};

/* A target as a run begins on it: what its lock is of, and how messages call it. */
struct gate_target {
    struct slice identity, label;
};

/* From its plain value alone, whoever says that it is one. ERROR_INVALID if it is none, or if the
 * operator allows neither what shifts it nor to change it. */
bool gate_check_target(const struct gate *gate, struct host *host, const struct value *target,
                       const struct value *home, struct gate_target *out, struct pool *pool,
                       struct error *err);

/* ERROR_INVALID names a pattern of the operator's that can fit nothing there is
 * (lua/aws/allow.lua).
 */
bool gate_init(struct gate *gate, struct catalogue *inner, struct host *host,
               const struct config *config, struct error *err);
