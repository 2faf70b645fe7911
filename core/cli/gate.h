/* What the operator allows, between the engine and the catalogue: an operation or a resource that
 * tidelock.lua does not name is refused before anything is observed. Undoing is never refused. */
#pragma once

#include "cli/config.h"
#include "engine/catalogue.h"

struct gate {
    struct catalogue catalogue; /* what the engine sees */
    struct catalogue *inner;
    const struct config *config;
};

void gate_init(struct gate *gate, struct catalogue *inner, const struct config *config);
