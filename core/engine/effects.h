/* The kinds of effects. */
#pragma once

#include "engine/engine_state.h"

/* Starts what the operation's effect asks for. */
bool effects_begin(struct engine *engine, struct operation *operation, struct error *err);

/* The names of the kinds, for reports; NULL past the last. */
const char *effects_kind(size_t index);
