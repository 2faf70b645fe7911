/* Where a run is at home: {"account","partition","region"} of what is called by its name and, as
 * "names", what AWS was asked about such names: {key: path} (lua/aws/names.lua). */
#pragma once

#include "base/value.h"

/* Adds what was learned, {key: path}; what was known stays. */
bool home_learn(struct value *home, const struct value *learned, struct pool *pool,
                struct error *err);
/* The path of a key, or NULL. */
const struct value *home_known(const struct value *names, struct slice key);
