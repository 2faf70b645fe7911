/* The sequential rate-ratio test behind judge.ratio, over plain counts: is the canary's error rate
 * more than psi0 times the baseline's? A conditional-binomial e-process over a grid of ratios,
 * which may be looked at after every period. Formulas, proof and sources: docs/statistics.md by the
 * same names; reference values: tests/unit/judge_ratio_test.c. */
#pragma once

#include "judge/judge.h"

/* One period of one metric: events (errors, slow requests) among trials (requests) in each arm.
 * Both may be fractional, and trials may be an exposure (weight x time) instead of a count. A
 * period is no evidence if it is not present, if an arm had no trials (fewer than JUDGE_TRIALS_MIN)
 * or if a number is negative, not finite or above JUDGE_COUNT_MAX: it is skipped as a whole, not
 * clamped, so that every number that comes out is finite and honest. */
struct judge_counts {
    double canary_events, canary_trials;
    double baseline_events, baseline_trials;
    bool present; /* false: the period is no evidence, whatever the numbers say */
};

#define JUDGE_TRIALS_MIN 1e-9
#define JUDGE_COUNT_MAX 1e15

enum { JUDGE_GRID_MAX = 64, JUDGE_METRICS_MAX = 8 };

struct judge_ratio_params {
    double alpha;               /* probability of a false alarm over the whole rollout; 0.01 */
    double psi0;                /* canary/baseline rate ratio still tolerated; 1 */
    double grid_low, grid_high; /* multiples of psi0 that are looked for; 1.7, 4 */
    size_t grid_count;          /* 5 */
    double min_abs;             /* harm also needs a rate difference of this much; 0.00002 */
    double dispersion;          /* variance over the binomial's, measured on an A/A period; 1 */
    double safe_tol;            /* "safe" means: a ratio of this much is refuted; above psi0; 2.0 */
    double safe_alpha;          /* 0.05 */
    size_t restarts;     /* planned number of steps (restarts weigh 1/restarts each, further ones
                            nothing); 0: unknown, the k-th restart weighs 1/(k(k+1)) */
    size_t metric_count; /* 1..JUDGE_METRICS_MAX */
    double weights[JUDGE_METRICS_MAX]; /* of the metrics, summing to 1 */
};

extern const struct judge_ratio_params judge_ratio_default; /* one metric of weight 1 */

/* One metric over a time: its counts, and how many of its events would have been the canary's if
 * its rate were psi0 times the baseline's. */
struct judge_sum {
    struct judge_counts counts;
    double expected;
};

/* Watches whose beginnings are remembered; of more, the first one and the latest ones. */
enum { JUDGE_STARTS_MAX = 12 };

enum judge_side { JUDGE_HARM, JUDGE_SAFE, JUDGE_SIDES };
enum { JUDGE_POINTS_MAX = JUDGE_SIDES * JUDGE_GRID_MAX };

/* Wealth is kept as its logarithm, so that neither millions of periods nor a billion events leave
 * the range of a double. The points of both sides stand in one row (those of harm, then those of
 * safe, grid_count each), for one pass through the logarithm. */
struct judge_ratio {
    struct judge_ratio_params params;
    double shift[JUDGE_POINTS_MAX], log_multiple[JUDGE_POINTS_MAX]; /* m-1 and ln m; safe has 1/m */
    double log_wealth[JUDGE_METRICS_MAX][JUDGE_POINTS_MAX];         /* of the sum over restarts */
    double log_e_max[JUDGE_SIDES]; /* of harm: ever; of safe: since the last restart */
    double bar[JUDGE_SIDES];       /* below it no top can make a new maximum */
    double threshold[JUDGE_SIDES]; /* ln(1/alpha) */
    struct judge_counts total[JUDGE_METRICS_MAX]; /* since the last restart */
    struct judge_sum sum[JUDGE_METRICS_MAX];      /* of the whole rollout, for the floor */
    struct judge_sum start[JUDGE_STARTS_MAX][JUDGE_METRICS_MAX]; /* the same as watches began */
    size_t start_count;
    size_t restart_count; /* copies of the test that have started */
    bool restart_due;     /* one more starts with the next event */
    bool unread;    /* safe_log_e_max is not asked for: the maximum of safe is only as right as the
                       verdict needs it */
    size_t periods; /* consumed as evidence */
};

/* What a verdict rests on; every number is journaled, and finite. */
struct judge_ratio_result {
    enum verdict verdict;
    double log_e;          /* ln of the evidence against psi <= psi0, now */
    double log_e_max;      /* its maximum so far: harm at ln(1/alpha), if the floor holds now */
    double safe_log_e_max; /* the same against psi >= safe_tol, in this step */
    double threshold, safe_threshold;
    size_t metric; /* whose counts follow: the first, or, once log_e_max has passed the threshold,
                      the metric that holds most of the evidence. The floor is about it as well */
    double canary_events, canary_trials, baseline_events, baseline_trials; /* this step */
    double canary_rate, baseline_rate; /* 0 where there were no trials */
    double difference; /* of the rates since the fault could have begun, which the floor is about */
    bool floor_passed;
};

/* From a plain value: what it does not name stays as it is in `params`. ERROR_INVALID names the
 * field. Ranges are judge_ratio_init's business. */
bool judge_ratio_read(struct judge_ratio_params *params, const struct value *from,
                      struct error *err);
/* ERROR_INVALID names the parameter and its range. */
bool judge_ratio_check(const struct judge_ratio_params *params, struct error *err);
bool judge_ratio_init(struct judge_ratio *judge, const struct judge_ratio_params *params,
                      struct error *err);
/* A new step begins (the weight has changed): one more copy of the test starts here, at the first
 * event. Restarts with no event between them are one. The first copy starts by itself. */
void judge_ratio_restart(struct judge_ratio *judge);
/* Right after a restart, about the time until the next one: whether nobody will read
 * safe_log_e_max. In most periods of most runs that would be the one exponential to be taken. */
void judge_ratio_unread(struct judge_ratio *judge, bool unread);
/* One period; counts[metric_count]. Metrics that are not present are skipped. */
void judge_ratio_observe(struct judge_ratio *judge, const struct judge_counts *counts);
/* Harm goes before safe. Cheaper than the whole result, which works out log_e. */
enum verdict judge_ratio_verdict(const struct judge_ratio *judge);
/* The smallest rise that this step could have found (judge_power.h). */
double judge_ratio_sees(const struct judge_ratio *judge);
void judge_ratio_result(const struct judge_ratio *judge, struct judge_ratio_result *result);
