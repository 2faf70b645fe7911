/* Operations of the replayed world, of its struct world_ops: what had to be asked to know which
 * resource a change is of, and that the change was refused for another run's lock; and what came
 * before the run began. */
#pragma once

#include "engine/world.h"

bool replayed_learn(struct world *world, const struct value *effect, const struct value *keys,
                    struct value *learned, struct pool *pool, struct error *err);
bool replayed_claim(struct world *world, const struct value *effect, struct slice identity,
                    struct error *err);
bool replayed_preflight(struct world *world, const struct value *targets, const struct value *asks,
                        struct value *out, struct pool *pool, struct error *err);
