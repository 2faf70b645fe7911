/* Effects of kind approval: a person lets the run go on, or does not. */
#pragma once

#include "engine/engine_state.h"

bool approval_begin(struct engine *engine, struct operation *operation, struct error *err);

/* The approval that a request is for, if it is still waited for and this person may give it; else
 * NULL. */
struct operation *approval_meant(struct engine *engine, const struct value *request);
/* It is given: the policy goes on. */
bool approval_give(struct engine *engine, struct operation *operation, const struct value *request,
                   struct error *err);
/* It is refused: the run is rolled back, as a person said so. */
bool approval_refuse(struct engine *engine, struct operation *operation,
                     const struct value *request);
