/* A ring of the last beginnings, and a count of what is under way. */
#include "world/rate.h"

#include <assert.h>
#include <stdlib.h>

enum { MINUTE = 60000 };

bool rate_init(struct rate *rate, int64_t per_minute, int64_t at_a_time, struct error *err)
{
    assert(per_minute >= 0 && per_minute <= RATE_PER_MINUTE_MAX && at_a_time >= 0);
    *rate = (struct rate){.per_minute = (size_t)per_minute, .at_a_time = at_a_time};
    if (per_minute == 0)
        return true;
    rate->begun = calloc(rate->per_minute, sizeof *rate->begun);
    return rate->begun || error_set(err, ERROR_LIMIT, "out of memory for the limit of calls");
}

void rate_clear(struct rate *rate)
{
    free(rate->begun);
    *rate = (struct rate){0};
}

/* The place that is written next holds the oldest beginning once the ring is full. */
int64_t rate_ready(const struct rate *rate, int64_t now)
{
    if (rate->at_a_time > 0 && rate->running >= rate->at_a_time)
        return RATE_AFTER_ONE_ENDS;
    if (rate->per_minute == 0 || rate->count < rate->per_minute)
        return now;
    int64_t free_at = rate->begun[rate->next] + MINUTE;
    return free_at > now ? free_at : now;
}

void rate_begin(struct rate *rate, int64_t now)
{
    rate->running++;
    if (rate->per_minute == 0)
        return;
    rate->begun[rate->next] = now;
    rate->next = (rate->next + 1) % rate->per_minute;
    if (rate->count < rate->per_minute)
        rate->count++;
}

void rate_end(struct rate *rate)
{
    assert(rate->running > 0);
    rate->running--;
}
