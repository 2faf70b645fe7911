/* What a step of the sequential rate-ratio test could have found, by the requests that it had. */
#include "base/math.h"
#include "judge/judge_power.h"
#include "judge/judge_ratio.h"

/* Of the copy of the test that this step started, or would start with its first event. */
static double weight_of_copy(const struct judge_ratio *judge)
{
    size_t planned = judge->params.restarts;
    double copy = (double)judge->restart_count + (judge->restart_due ? 1 : 0);
    if (planned > 0)
        return 1 / (double)planned;
    return 1 / (copy * (copy + 1));
}

static double sees(const struct judge_ratio *judge, size_t metric)
{
    const struct judge_counts *total = &judge->total[metric];
    double weight = weight_of_copy(judge) * judge->params.weights[metric];
    struct power_trials trials = {total->canary_trials, total->baseline_trials,
                                  power_rate(total->baseline_events, total->baseline_trials)};
    const struct judge_ratio_params *params = &judge->params;
    struct power_test test = {
        .tolerance = params->psi0,
        .min_abs = params->min_abs,
        .threshold = judge->threshold[JUDGE_HARM] - math_log(weight),
        .dispersion = params->dispersion,
        .lowest = params->grid_low,
        .highest = params->grid_high,
        .lost = power_lost(params->grid_count),
    };
    return power_against_baseline(&trials, &test);
}

double judge_ratio_sees(const struct judge_ratio *judge)
{
    double least = POWER_NONE;
    for (size_t i = 0; i < judge->params.metric_count; i++) {
        double one = sees(judge, i);
        least = one < least ? one : least;
    }
    return least;
}
