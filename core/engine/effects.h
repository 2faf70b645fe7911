/* The kinds of effects. */
#pragma once

#include "engine/engine_state.h"

/* A year and a day: what an effect may take at most, so that no sum of times leaves its range. */
#define EFFECT_DURATION_MAX INT64_C(31622400000)

/* Starts what the operation's effect asks for. */
bool effects_begin(struct engine *engine, struct operation *operation, struct error *err);

/* The names of the kinds, for reports; NULL past the last. */
const char *effects_kind(size_t index);

/* The run was asked to end while the world waited for what this needs: it has no answer, no branch
 * goes any further, and the next event ends the run. */
void effects_abandon(struct engine *engine, struct operation *operation);

/* Makes the operation's branch ready with {name: value}, without a record. */
bool effects_resume(struct engine *engine, struct operation *operation, const char *name,
                    const struct value *value, struct error *err);
