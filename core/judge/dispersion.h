/* How much more events vary than if each request erred by itself, from an A/A or a whole service:
 * the ratio of sums over blocks of time. A mean of ratios would be too low, and minutes blind to
 * what lasts longer than one (docs/statistics.md, "Dispersion"). */
#pragma once

#include <stddef.h>

/* All 0 to begin with. */
struct dispersion {
    double squares;             /* of how far a block was from what was expected */
    double expected;            /* of these, were the events independent */
    double deviation, variance; /* of the block that is not over yet */
    size_t blocks;
};

/* A period of the block: of `events`, the canary had `canary`, and `share` of the requests. */
void dispersion_add(struct dispersion *dispersion, double canary, double events, double share);
/* The block is over; one without events is none. */
void dispersion_end_block(struct dispersion *dispersion);
/* The ratio, at least 1; and about how far off it may be. */
double dispersion_ratio(const struct dispersion *dispersion);
double dispersion_error(const struct dispersion *dispersion);
/* What judges are to be told, in two digits: 1 where chance alone could have made it of 1. */
double dispersion_to_tell(const struct dispersion *dispersion);
