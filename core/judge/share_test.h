/* Is the traffic split as it was asked for? Of the requests of a period the canary has a binomial
 * share, up to dispersion. The hypothesis is that each arm has its share within a factor; a bet on
 * smaller and on greater shares of the canary is taken in every period, as in judge.ratio
 * (docs/statistics.md, "Is the split what it should be?"). */
#pragma once

#include <stdbool.h>

/* One watch: the share stays as it is. */
struct share_test {
    double low, high; /* the share that the canary may have of the requests */
    double dispersion;
    double canary, baseline; /* requests so far */
    bool active;             /* the canary is to be heard */
};

/* `share` of the canary, 0 to 1; at 0 there is nothing to test, and at 1 only whether it is heard
 * at all: what is left of the baseline there has no share. `factor` above 1. */
void share_test_begin(struct share_test *test, double share, double factor, double dispersion);
void share_test_observe(struct share_test *test, double canary, double baseline);
/* By what was observed up to now: wrong once in a thousand watches, at most. */
bool share_test_refuted(const struct share_test *test);
/* The same by these requests alone. */
bool share_test_refuted_by(const struct share_test *test, double canary, double baseline);
