/* What a share can be, of which so many of so many trials were seen: the interval of Clopper and
 * Pearson ("The use of confidence or fiducial limits illustrated in the case of the binomial",
 * Biometrika 26, 1934). It is exact: it covers the true share at least as often as it says, for
 * every share and every number of trials, also at the ends, where approximations do not. */
#pragma once

#include <stdint.h>

struct exact_interval {
    double low, high; /* 0 to 1 */
};

/* With 95 % confidence; `hits` of `trials`, which is at least 1. */
struct exact_interval exact_interval(int64_t hits, int64_t trials);
