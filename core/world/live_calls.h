/* What metric providers ask for, carried there and back: AWS reads and plain HTTP requests. */
#pragma once

#include "world/live.h"

/* Carries all of them at once and waits; not longer than until the run is asked to end, which is an
 * error here. calls[i] is {"operation","input"} or
 * {"method","url","headers", "body"} (docs/metrics.md); answers[i] is {"outcome","value"|"error"}
 * or {"status","headers","body"} or
 * {"lost","message"}. Headers may name a variable of the environment; its value stands in no
 * message. */
bool live_calls_carry(const struct live_params *params, const struct value *calls, size_t count,
                      struct value *answers, struct pool *pool, struct error *err);
