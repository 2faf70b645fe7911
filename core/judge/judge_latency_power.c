/* What a watch of the bucket-score test could have found: the smallest slow-down of all requests,
 * by the mean and the variance of each bet, as judge_power.h has it for rates. */
#include "base/math.h"
#include "judge/judge_latency.h"
#include "judge/judge_power.h"

/* What is looked for: slower by at most so much. */
static const double slowest = 1000;

struct watched {
    const struct judge_latency *judge;
    double canary, baseline;            /* requests */
    double shares[LATENCY_BUCKETS_MAX]; /* of the baseline's requests, by bucket */
    double tails[LATENCY_BUCKETS_MAX];  /* of them, beyond each cut */
};

/* The canary's share of each bucket if each request took `slower` times as long. */
static void slow_down(const struct watched *watched, double slower, double *shares)
{
    const struct judge_latency_params *params = &watched->judge->params;
    double before = 1;
    for (size_t i = 0; i < params->cut_count; i++) {
        double beyond = latency_tail_at(watched->judge, watched->tails,
                                        params->canary_cuts[i] / slower);
        shares[i] = before - beyond;
        before = beyond;
    }
    shares[params->cut_count] = before;
}

/* The mean of the logarithms by these shares, and of their squares. */
static void moments_of(const double *shares, const double *logs, size_t count, double *mean,
                       double *square)
{
    *mean = *square = 0;
    for (size_t i = 0; i < count; i++) {
        *mean += shares[i] * logs[i];
        *square += shares[i] * logs[i] * logs[i];
    }
}

/* Whether the bet on these lifts finds a canary with these shares. */
static bool is_won(const struct watched *watched, const double *canary, const double *lifts,
                   const struct power_test *test)
{
    size_t count = watched->judge->params.cut_count + 1;
    double rho = watched->canary / (watched->canary + watched->baseline);
    double of_canary[LATENCY_BUCKETS_MAX], of_baseline[LATENCY_BUCKETS_MAX];
    double mean1, square1, mean0, square0;
    for (size_t i = 0; i < count; i++) {
        of_baseline[i] = -math_log(rho * lifts[i] + 1 - rho);
        of_canary[i] = math_log(lifts[i]) + of_baseline[i];
    }
    moments_of(canary, of_canary, count, &mean1, &square1);
    moments_of(watched->shares, of_baseline, count, &mean0, &square0);
    double mean = watched->canary * mean1 + watched->baseline * mean0;
    double variance = watched->canary * (square1 - mean1 * mean1) +
                      watched->baseline * (square0 - mean0 * mean0);
    return power_suffices(mean, variance > 0 ? variance : 0, test);
}

static bool is_found(const struct watched *watched, double slower, const struct power_test *test)
{
    double canary[LATENCY_BUCKETS_MAX];
    size_t count = watched->judge->params.cut_count + 1;
    slow_down(watched, slower, canary);
    for (size_t k = 0; k < LATENCY_ALTERNATIVES; k++) {
        if (is_won(watched, canary, watched->judge->lifts + k * count, test))
            return true;
    }
    return false;
}

/* False: nothing was seen yet to tell it from. */
static bool watch_of(const struct judge_latency *judge, struct watched *watched)
{
    size_t count = judge->params.cut_count + 1;
    watched->judge = judge;
    watched->canary = watched->baseline = 0;
    for (size_t i = 0; i < count; i++) {
        watched->canary += judge->of_canary[i];
        watched->baseline += judge->of_baseline[i];
    }
    if (watched->canary <= 0 || watched->baseline <= 0 || judge->lifted_by <= 0)
        return false;
    double beyond = 1;
    for (size_t i = 0; i < count; i++) {
        watched->shares[i] = judge->of_baseline[i] / watched->baseline;
        beyond -= watched->shares[i];
        watched->tails[i] = beyond > 0 && i + 1 < count ? beyond : 0;
    }
    return true;
}

double judge_latency_sees(const struct judge_latency *judge)
{
    enum { STEPS = 30 };
    struct watched watched;
    struct power_test test = {
        .threshold = judge->wealth.threshold - math_log(wealth_weight(&judge->wealth)),
        .dispersion = judge->params.dispersion,
        .lost = power_lost(LATENCY_ALTERNATIVES),
    };
    if (!watch_of(judge, &watched) || !is_found(&watched, slowest, &test))
        return POWER_NONE;
    double low = 0;
    double high = math_log(slowest);
    for (int i = 0; i < STEPS; i++) {
        double middle = low + (high - low) / 2;
        if (is_found(&watched, math_exp(middle), &test))
            high = middle;
        else
            low = middle;
    }
    return math_exp(high);
}
