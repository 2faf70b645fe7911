/* The policy's side of a run: its branches and what each of them asks for next. */
#pragma once

#include "engine/engine_state.h"

/* A new branch, the `slot`-th function of its parent's group (-1: the policy itself). */
bool steps_add_branch(struct engine *engine, int parent, int slot, struct error *err);
/* Whether a branch can go on, or has and waits to be given what it asks for. */
bool steps_any(const struct engine *engine);
/* The policy begins; and the branch goes on that has been ready for longest. No more than policy
 * code is run: what it asks for is in engine->step. */
void steps_start(struct engine *engine);
void steps_resume(struct engine *engine);
/* Whether what it asks for is a matter of the policy alone, branches or their end, of which no
 * record tells. */
bool steps_silent(const struct engine *engine);
/* Takes it up: an effect, branches, an end. */
bool steps_take(struct engine *engine, struct error *err);
