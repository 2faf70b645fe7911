/* The engine: carries a run from its policy's first effect to commit or rollback, and takes up a
 * run that a dead process left behind.
 *
 * The order of things for a mutation, which every guarantee hangs on:
 *   observe the resource -> compute state before, after and the undo -> EFFECT record durable
 *   -> send -> RESULT record durable -> resume the policy.
 * A run succeeds in one way only: the policy returned and the COMMIT record is durable. Everything
 * else, whatever it is, goes to rollback.c, which works from the ledger alone. */
#pragma once

#include "engine/engine_params.h"

struct engine;

bool engine_new(struct engine **out, struct error *err);
void engine_free(struct engine *engine);

/* Whether the run that is carried out is on its way back: nothing that is asked of it, and no
 * signal, changes that. */
bool engine_is_rolling_back(const struct engine *engine);

/* Carries out one run, rollback included. Reusable: each call starts afresh. */
void engine_run(struct engine *engine, const struct engine_params *params,
                struct engine_result *result);

/* Takes up a run from its journal: what is pending is rolled back, records go on in
 * params->journal. It begins with a ROLLBACK record of cause "crash", even where a rollback was
 * under way: the mark of another life. The result has the first cause. A run that had committed or
 * ended is left as it is, unless it ended with something that was not restored: that is tried
 * again. */
void engine_recover(struct engine *engine, const struct engine_params *params,
                    const struct journal_scan *scan, struct engine_result *result);

/* Whether this body of a ROLLBACK record is that mark. A policy whose process died has the same
 * cause, and another reason. */
bool engine_is_taken_up(const struct value *rollback);

/* A person takes back what a run did, also one that was promoted: the same from the same journal. A
 * run that was rolled back is left as it is. */
void engine_undo(struct engine *engine, const struct engine_params *params,
                 const struct journal_scan *scan, struct engine_result *result);
