/* How much worse the canary surely is: the test asked backwards. */
#include "base/math.h"
#include "judge/inside.h"

/* ln of the most evidence that the periods ever held against a ratio of at most psi0. */
static double log_e_max_at(struct judge_ratio *judge, double psi0,
                           const struct judge_counts *periods, size_t count)
{
    judge->params.psi0 = psi0;
    judge_ratio_clear(judge);
    for (size_t i = 0; i < count; i++)
        judge_ratio_observe(judge, &periods[i]);
    return judge->log_e_max[JUDGE_HARM];
}

/* The evidence falls as psi0 grows, in every period and so in the maximum: bisection is exact. */
double judge_ratio_lower_bound(const struct judge_ratio_params *params,
                               const struct judge_counts *periods, size_t count, double alpha)
{
    enum { STEPS = 60 }; /* 28 / 2^60: past the last bit */
    struct judge_ratio judge;
    struct judge_ratio_params single = *params;
    struct error err;
    single.alpha = alpha;
    single.restarts = 1;
    single.metric_count = 1;
    single.weights[0] = 1;
    if (!judge_ratio_init(&judge, &single, &err))
        return 0;
    double low = math_log(1e-6);
    double high = math_log(1e6);
    if (log_e_max_at(&judge, 1e-6, periods, count) < judge.threshold[JUDGE_HARM])
        return 0;
    for (int i = 0; i < STEPS; i++) {
        double middle = low + (high - low) / 2;
        if (log_e_max_at(&judge, math_exp(middle), periods, count) >= judge.threshold[JUDGE_HARM])
            low = middle;
        else
            high = middle;
    }
    return math_exp(low);
}
