/* The policy's side of a run: its branches and what each of them asks for next. */
#pragma once

#include "engine/engine_state.h"

/* A new branch, the `slot`-th function of its parent's group (-1: the policy itself). */
bool steps_add_branch(struct engine *engine, int parent, int slot, struct error *err);
/* Lets the branch go on that has been ready for longest. */
bool steps_resume(struct engine *engine, struct error *err);
/* Takes up what a step of the policy came to: an effect, branches, its end. */
bool steps_take(struct engine *engine, const struct sandbox_step *step, struct error *err);
