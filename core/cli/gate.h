/* What the operator allows, between the engine and the catalogue: an operation or a resource that
 * tidelock.lua does not name is refused before anything is observed. Undoing is never refused. */
#pragma once

#include "cli/catalogue_front.h"
#include "cli/config.h"

struct gate {
    struct catalogue_front front;
    const struct config *config;
};

void gate_init(struct gate *gate, struct catalogue *inner, const struct config *config);
