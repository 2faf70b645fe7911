/* Effects of kind aws: reads and mutations of the catalogue's operations. */
#pragma once

#include "engine/engine_state.h"

bool aws_begin(struct engine *engine, struct operation *operation, struct error *err);

/* Looks at the resource of a mutation that was not sent yet; what it shows decides. */
bool aws_observe(struct engine *engine, struct operation *operation, struct error *err);
