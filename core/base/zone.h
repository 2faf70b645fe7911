/* Local time of a time zone, from a TZif file as the package tzdata has it (RFC 8536): when its
 * clocks are set, and how far they are from UTC in between. After the last time that is written
 * down the file's own rule holds, followed up to the year 2200. Times are ms since 1970 in UTC. */
#pragma once

#include "base/bytes.h"

struct zone_jump {
    int64_t at;     /* from this time on */
    int64_t offset; /* ms that local clocks are ahead of UTC */
};

struct zone {
    struct zone_jump *jumps; /* rising; the first holds before it as well */
    size_t count;
};

/* ERROR_INVALID for bytes that are none. Clear it in any case. */
bool zone_parse(struct zone *zone, struct slice bytes, struct error *err);
void zone_clear(struct zone *zone);

/* How far local clocks are ahead then. */
int64_t zone_offset(const struct zone *zone, int64_t at);
/* When they are set next after this; INT64_MAX: never again. */
int64_t zone_next_jump(const struct zone *zone, int64_t at);
