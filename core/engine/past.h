/* What the old version did before. A policy that asks a metric with "past" is told no points: they
 * stay with the run, and it is given {"answer": the effect's id}, the same in thousands of like
 * runs, so that their course is nearly always the same (script/step_cache.h). It hands two of them
 * to a judge, as the member "past" of its plain value: {"events": answer, "trials": answer}. */
#pragma once

#include "engine/engine_state.h"

/* Keeps the answer of a `metric` effect; *told is what the policy is given for it. */
bool past_keep(struct engine *engine, const struct operation *operation, const struct value *answer,
               struct value *told, struct error *err);

/* Puts both counts, {"events": number, "trials": number}, and "dispersion" where the periods differ
 * by more than chance, in the place of every pair of answers in
 * the judges of a watch. ERROR_INVALID where the run has no such answer. */
bool past_resolve(struct engine *engine, struct operation *operation, struct error *err);
