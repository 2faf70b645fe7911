/* How often and how many at a time: pure logic over a clock that the caller reads. The clock must
 * not go back (clock_steady). */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

enum { RATE_PER_MINUTE_MAX = 60000 };

/* There is no moment yet: a call that is under way must end first. */
#define RATE_AFTER_ONE_ENDS INT64_MAX

struct rate {
    size_t per_minute; /* 0: as many as wanted */
    int64_t at_a_time; /* 0: as many as wanted */
    int64_t running;
    int64_t *begun; /* a ring of the last per_minute beginnings */
    size_t next, count;
};

bool rate_init(struct rate *rate, int64_t per_minute, int64_t at_a_time, struct error *err);
void rate_clear(struct rate *rate);

/* When the next call may begin: `now`, or later. In no 60 seconds more than per_minute begin. */
int64_t rate_ready(const struct rate *rate, int64_t now);
void rate_begin(struct rate *rate, int64_t now);
void rate_end(struct rate *rate);
