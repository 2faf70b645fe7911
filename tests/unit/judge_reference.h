/* judge.ratio worked out the long way: every copy of the test kept apart, the formulas as they
 * stand in docs/statistics.md, libm, long doubles. */
#pragma once

#include "judge/judge_ratio.h"

#include <math.h>
#include <string.h>

enum { REFERENCE_COPIES_MAX = 64 };

/* Those that the known values were worked out with: many multiples, a tolerance and a floor. */
static const struct judge_ratio_params reference_params = {
    .alpha = 0.01,
    .psi0 = 1.25,
    .grid_low = 1.15,
    .grid_high = 20,
    .grid_count = 24,
    .min_abs = 0.001,
    .dispersion = 1,
    .safe_tol = 2,
    .safe_alpha = 0.05,
    .metric_count = 1,
    .weights = {1},
};

struct reference {
    struct judge_ratio_params params;
    struct reference_copy {
        long double weight;
        long double harm[JUDGE_METRICS_MAX][JUDGE_GRID_MAX];
        long double safe[JUDGE_METRICS_MAX][JUDGE_GRID_MAX];
    } copies[REFERENCE_COPIES_MAX];
    size_t count;
    bool due; /* a copy starts with the next event */
    double log_e, log_e_max, safe_log_e_max;
};

static inline void reference_init(struct reference *reference,
                                  const struct judge_ratio_params *params)
{
    memset(reference, 0, sizeof *reference);
    reference->params = *params;
    reference->due = true;
}

static inline double reference_multiple(const struct judge_ratio_params *params, size_t i)
{
    if (params->grid_count == 1)
        return params->grid_low;
    double part = (double)i / (double)(params->grid_count - 1);
    return params->grid_low * pow(params->grid_high / params->grid_low, part);
}

/* What one period adds to the logarithm of a wealth that bets on `alternative` against `null`. */
static inline long double reference_gain(const struct judge_counts *counts, double null,
                                         double alternative)
{
    long double n1 = counts->canary_trials;
    long double n0 = counts->baseline_trials;
    long double rho = n1 * null / (n1 * null + n0);
    long double theta = n1 * alternative / (n1 * alternative + n0);
    return counts->canary_events * logl(theta / rho) +
           counts->baseline_events * logl((1 - theta) / (1 - rho));
}

static inline void reference_bet(struct reference *reference, struct reference_copy *copy,
                                 size_t metric, const struct judge_counts *counts)
{
    const struct judge_ratio_params *params = &reference->params;
    for (size_t i = 0; i < params->grid_count; i++) {
        double m = reference_multiple(params, i);
        copy->harm[metric][i] += reference_gain(counts, params->psi0, params->psi0 * m) /
                                 params->dispersion;
        copy->safe[metric][i] += reference_gain(counts, params->safe_tol, params->safe_tol / m) /
                                 params->dispersion;
    }
}

/* logsumexp over copies, metrics and grid; what has not started counts as 1. */
static inline double reference_log_e(const struct reference *reference, bool safe)
{
    const struct judge_ratio_params *params = &reference->params;
    long double left = 1;
    long double sum = 0;
    for (size_t c = 0; c < reference->count; c++) {
        const struct reference_copy *copy = &reference->copies[c];
        left -= copy->weight;
        for (size_t k = 0; k < params->metric_count; k++) {
            for (size_t i = 0; i < params->grid_count; i++)
                sum += copy->weight * params->weights[k] / (long double)params->grid_count *
                       expl(safe ? copy->safe[k][i] : copy->harm[k][i]);
        }
    }
    return (double)logl(sum + (left > 1e-15L ? left : 0));
}

static inline void reference_restart(struct reference *reference)
{
    reference->due = true;
    reference->safe_log_e_max = reference_log_e(reference, true);
}

static inline void reference_start(struct reference *reference)
{
    size_t k = reference->count + 1;
    size_t planned = reference->params.restarts;
    reference->due = false;
    if (planned > 0 && k > planned)
        return;
    reference->copies[reference->count++].weight = planned > 0 ? 1 / (long double)planned
                                                               : 1 / ((long double)k *
                                                                      (long double)(k + 1));
}

static inline void reference_observe(struct reference *reference, const struct judge_counts *counts)
{
    for (size_t k = 0; k < reference->params.metric_count; k++) {
        if (!counts[k].present || counts[k].canary_trials <= 0 || counts[k].baseline_trials <= 0 ||
            counts[k].canary_events + counts[k].baseline_events <= 0)
            continue;
        if (reference->due)
            reference_start(reference);
        for (size_t c = 0; c < reference->count; c++)
            reference_bet(reference, &reference->copies[c], k, &counts[k]);
    }
    double safe_log_e = reference_log_e(reference, true);
    reference->log_e = reference_log_e(reference, false);
    reference->log_e_max = fmax(reference->log_e_max, reference->log_e);
    reference->safe_log_e_max = fmax(reference->safe_log_e_max, safe_log_e);
}
