/* Effects of kind window: whether a window is open by the clocks of its time zone, and until when.
 */
#pragma once

#include "base/value.h"
#include "world/zones.h"

/* *out is {"now","open","until","there"}: ms, whether it is open, when that changes and what clocks
 * show there then; the last two are missing where it stays open for more than a year. ERROR_INVALID
 * where there is no such zone, or it does not open within a year. */
bool window_answer(struct zones *zones, const struct value *effect, int64_t now, struct value *out,
                   struct pool *pool, struct error *err);
