/* A catalogue in front of another. What stands between the engine and the operations takes these
 * for the questions that it only hands on. */
#pragma once

#include "engine/catalogue.h"

struct catalogue_front {
    struct catalogue catalogue; /* what the engine sees */
    struct catalogue *inner;
};

/* As in struct catalogue_ops; `catalogue` begins with a catalogue_front. */
bool catalogue_front_plan(struct catalogue *catalogue, const struct value *request,
                          const struct value *home, struct plan *out, struct pool *pool,
                          struct error *err);
bool catalogue_front_prepare(struct catalogue *catalogue, const struct value *request,
                             const struct plan *plan, const struct value *observed,
                             struct value *before, struct value *after, struct value *undo,
                             struct pool *pool, struct error *err);
bool catalogue_front_state(struct catalogue *catalogue, struct slice operation,
                           const struct value *input, const struct value *observed,
                           struct value *out, struct pool *pool, struct error *err);
bool catalogue_front_guard(struct catalogue *catalogue, struct slice operation,
                           const struct value *undo, const struct value *observed, int64_t now,
                           struct value *guarded, struct pool *pool, struct error *err);
bool catalogue_front_steady(struct catalogue *catalogue, struct slice operation,
                            const struct value *input, const struct value *observed, int64_t *wait,
                            struct pool *pool, struct error *err);
bool catalogue_front_passes(struct catalogue *catalogue, const struct value *problem);
bool catalogue_front_steps(struct catalogue *catalogue, struct slice operation);
bool catalogue_front_join(struct catalogue *catalogue, struct slice operation,
                          const struct value *undo, const struct value *later, struct value *joined,
                          struct pool *pool, struct error *err);
