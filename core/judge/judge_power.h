/* What a watch could have seen: the smallest rise of a rate that the test would have found in four
 * of five cases, on as many requests. It is what "undecided" means (docs/statistics.md, "What it
 * can see"). Rises are multiples of the old version's rate. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* No rise, however great, would have been found. */
#define POWER_NONE 1e9

struct power_trials {
    double canary, baseline; /* requests */
    double rate;             /* of the old version; the upper bound of power_rate where it is 0 */
};

struct power_test {
    double tolerance; /* the multiple that is let pass */
    double min_abs;   /* and the difference */
    double threshold; /* evidence that is asked for, with the weight of the copy of the test */
    double dispersion;
    double lowest, highest; /* multiples of what is tolerated that are bet on */
    double lost;            /* evidence, since it is not known beforehand which of them is best */
};

/* What is lost to a bet on so many multiples. */
double power_lost(size_t multiples);
/* Whether evidence that grows on average by `mean` in all, with this variance, is enough in four of
 * five cases. */
bool power_suffices(double mean, double variance, const struct power_test *test);

/* A rate as observed; where nothing was, as high as it may be in 19 of 20 cases (Jeffreys). */
double power_rate(double events, double trials);
/* Two arms, compared by the share of the events that falls on the canary. */
double power_against_baseline(const struct power_trials *trials, const struct power_test *test);
/* One arm, held against a limit of the rate. */
double power_against_limit(const struct power_trials *trials, double limit,
                           const struct power_test *test);
