/* What the operator allows, between the engine and the catalogue: an operation or a resource that
 * tidelock.lua does not name is refused before anything is observed. Undoing is never refused. */
#pragma once

#include "cli/catalogue_front.h"
#include "cli/config.h"
#include "host/host.h"

struct gate {
    struct catalogue_front front;
    const struct config *config;
};

/* ERROR_INVALID names a pattern of the operator's that can fit nothing there is
 * (lua/aws/allow.lua).
 */
bool gate_init(struct gate *gate, struct catalogue *inner, struct host *host,
               const struct config *config, struct error *err);
