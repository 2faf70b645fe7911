/* Adding up small pieces of C work, so that charge() is called once per batch and not once per
 * byte. A tick is an eighth of a unit: about what one byte of a tight loop costs. Work is paid in
 * batches of a few microseconds at most, and what is left over when the function ends. */
#pragma once

#include "charge.h"

#include <limits.h>

enum { METER_TICKS = 8, METER_BATCH = 32 * METER_TICKS };

struct meter {
    lua_State *L;
    uint64_t ticks;
};

/* Units for `count` things at `each`, however large a script makes the count. */
static inline int64_t meter_units(uint64_t count, int64_t each)
{
    return count > (uint64_t)(INT64_MAX / each) ? INT64_MAX : (int64_t)count * each;
}

static inline void meter_pay(struct meter *meter)
{
    int64_t units = (int64_t)(meter->ticks / METER_TICKS);
    meter->ticks %= METER_TICKS;
    charge(meter->L, units);
}

static inline void meter_add(struct meter *meter, uint64_t ticks)
{
    meter->ticks += ticks;
    if (meter->ticks >= METER_BATCH)
        meter_pay(meter);
}

/* For copies and comparisons: sixteen bytes to the unit. */
static inline void meter_bytes(struct meter *meter, size_t bytes)
{
    meter_add(meter, 1 + bytes / 2);
}

static inline void meter_end(struct meter *meter)
{
    meter->ticks += METER_TICKS - 1;
    meter_pay(meter);
}
