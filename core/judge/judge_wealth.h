/* The evidence of judges that bet with a few points and in one direction (judge_latency.h,
 * judge_percentile.h): one wealth for each point, and a new copy of the test with each watch. What
 * this computes, and why it may: docs/statistics.md, "Restarts". judge_ratio.c does the same over
 * two sides and several metrics, in an order that is its own for the sake of speed. */
#pragma once

#include "judge/judge.h"

enum { WEALTH_POINTS_MAX = 16 };

struct judge_wealth {
    double log[WEALTH_POINTS_MAX]; /* of the sum over the copies, each with its weight */
    size_t point_count;
    double log_e_max; /* ln of the evidence, its maximum so far */
    double bar;       /* below it no point can make a new maximum */
    double threshold; /* ln(1/alpha): harm from there on, for good */
    size_t restarts;  /* planned watches, each of the weight 1/restarts; 0: unknown, 1/(k(k+1)) */
    size_t started;   /* copies of the test that have begun */
    bool due;         /* one more begins with the next bet */
};

void wealth_init(struct judge_wealth *wealth, size_t point_count, double alpha, size_t restarts);
/* A new watch begins. Watches without a bet between them are one. */
void wealth_restart(struct judge_wealth *wealth);
/* One period: each point's wealth grows by as much, as logarithms. */
void wealth_bet(struct judge_wealth *wealth, const double *growth);
/* ln of the evidence now: the mean over copies of the mean over points; 0 before the first bet. */
double wealth_log_e(const struct judge_wealth *wealth);
/* Of the copy of the test that this watch started, or would start with its first bet. */
double wealth_weight(const struct judge_wealth *wealth);
bool wealth_is_harm(const struct judge_wealth *wealth);
