/* The bucket-score test behind judge.latency, over plain counts: are the canary's requests slower
 * than 1 + tolerance times the baseline's, anywhere in their distribution? An e-process over the
 * buckets of a histogram, which may be looked at after every period. Formulas, proof and sources:
 * docs/statistics.md; reference values: tests/unit/judge_latency_test.c. */
#pragma once

#include "judge/judge_wealth.h"

enum {
    LATENCY_CUTS_MAX = 12,
    LATENCY_BUCKETS_MAX = LATENCY_CUTS_MAX + 1,
    LATENCY_ALTERNATIVES = 10, /* slow-downs that are bet on */
    LATENCY_POINTS_MAX = LATENCY_ALTERNATIVES * LATENCY_BUCKETS_MAX,
};

#define LATENCY_COUNT_MAX 1e15

struct judge_latency_params {
    double alpha;      /* probability of a false alarm over the whole rollout; 0.01 */
    double dispersion; /* variance over the multinomial's, measured on an A/A period; 1 */
    size_t restarts;   /* planned number of watches; 0: unknown (judge_wealth.h) */
    size_t cut_count;  /* 1..LATENCY_CUTS_MAX; buckets are one more */
    /* Where each arm's requests are cut into buckets, in ms, rising: the canary at (1 + tolerance)
     * times the baseline's, or where its source has a cut. */
    double baseline_cuts[LATENCY_CUTS_MAX], canary_cuts[LATENCY_CUTS_MAX];
    /* How many requests each bucket had in the past, as counts of five periods; all 0: unknown. */
    double learned[LATENCY_BUCKETS_MAX];
};

struct judge_latency {
    struct judge_latency_params params;
    struct judge_wealth wealth;
    double past[LATENCY_BUCKETS_MAX]; /* requests of both arms, older ones counting less */
    double lifts[LATENCY_POINTS_MAX], log_lifts[LATENCY_POINTS_MAX]; /* of what is bet on */
    double lifted_by; /* how many requests they were estimated from; 0: not yet */
    int lifted_for;   /* in how many periods they were bet on */
    double of_canary[LATENCY_BUCKETS_MAX];   /* requests since the last restart */
    double of_baseline[LATENCY_BUCKETS_MAX]; /* likewise */
};

/* Where both arms differ most in this watch, for people. */
struct judge_latency_finding {
    size_t cut;
    double canary_slow, canary_requests, baseline_slow, baseline_requests;
};

/* ERROR_INVALID names the parameter and its range. */
bool judge_latency_init(struct judge_latency *judge, const struct judge_latency_params *params,
                        struct error *err);
void judge_latency_restart(struct judge_latency *judge);
/* One period: requests by bucket. It is no evidence if an arm had none, or if a number is none. */
void judge_latency_observe(struct judge_latency *judge, const double *canary,
                           const double *baseline);
void judge_latency_find(const struct judge_latency *judge, struct judge_latency_finding *finding);

/* The smallest slow-down of all requests, as a multiple of how long they take, that this watch
 * would have found in four of five cases (judge_power.h). */
double judge_latency_sees(const struct judge_latency *judge);

/* --- the parts, for tests --------------------------------------------------------------------- */

/* How many times as many requests each of `count` buckets gets where the canary is slower by a
 * power: the share beyond a cut is what it is in `shares` to the power of 1/k. Never falling. */
void latency_stretch(double *lifts, const double *shares, size_t count, double k);
/* What a bet on these lifts wins in a period, as a logarithm. */
double latency_score(const double *lifts, const double *canary, const double *baseline,
                     size_t count);
/* The share of the baseline's requests that take more than `at` ms, at most the last cut, from the
 * shares beyond the cuts. */
double latency_tail_at(const struct judge_latency *judge, const double *tails, double at);
