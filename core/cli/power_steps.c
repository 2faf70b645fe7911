/* The judges' own formulas (judge_power.h), on the traffic of the recording. */
#include "cli/power_steps.h"

#include "base/math.h"
#include "judge/judge_power.h"

#include <math.h>

const double power_rises[POWER_RISES] = {1.5, 2, 3, 5};

/* --- rates ------------------------------------------------------------------------------------ */

static double weight_of(const struct judge_ratio_params *judge, size_t number)
{
    double k = (double)number;
    return judge->restarts > 0 ? 1 / (double)judge->restarts : 1 / (k * (k + 1));
}

/* What is measured counts where it is more than what the policy says. */
static double wider(double told, const struct dispersion *measured)
{
    double found = dispersion_to_tell(measured);
    return told > found ? told : found;
}

static struct power_test test_of(const struct power_step *step,
                                 const struct power_recording *measured, size_t number)
{
    const struct judge_ratio_params *judge = &step->judge;
    return (struct power_test){
        .tolerance = judge->psi0,
        .min_abs = judge->min_abs,
        .threshold = -math_log(judge->alpha * weight_of(judge, number)),
        .dispersion = wider(judge->dispersion, &measured->errors),
        .lowest = judge->grid_low,
        .highest = judge->grid_high,
        .lost = power_lost(judge->grid_count),
    };
}

static struct power_trials trials_in(const struct power_step *step,
                                     const struct power_recording *measured, double seconds)
{
    double all = seconds * measured->requests;
    double canary = all * step->share / 100;
    return (struct power_trials){canary, all - canary, power_recording_rate(measured)};
}

/* The shortest time in which it is seen, up to a year. */
static double time_for(const struct power_step *step, const struct power_recording *measured,
                       const struct power_test *test, double rise)
{
    enum { STEPS = 40 };
    const double longest = 366 * 86400.0;
    double low = 0;
    double high = math_log(longest);
    struct power_trials most = trials_in(step, measured, longest);
    if (power_against_baseline(&most, test) > rise)
        return INFINITY;
    for (int i = 0; i < STEPS; i++) {
        double middle = low + (high - low) / 2;
        struct power_trials trials = trials_in(step, measured, math_exp(middle));
        if (power_against_baseline(&trials, test) <= rise)
            high = middle;
        else
            low = middle;
    }
    return math_exp(high);
}

/* Whole periods, the one in which traffic is shifted, and those of settling in. */
static int64_t bake_for(const struct power_step *step, const struct power_recording *measured,
                        double seconds)
{
    int64_t period = measured->period;
    if (!(seconds < INFINITY))
        return 0;
    int64_t periods = (int64_t)ceil(seconds * 1000 / (double)period);
    return (periods + 1) * period + step->settle_in;
}

/* --- latency ---------------------------------------------------------------------------------- */

/* One period with what the watch would have, of two arms that are alike. */
static double slower_seen(const struct power_step *step, const struct power_recording *measured)
{
    static struct judge_latency judge;
    struct error ignored;
    struct judge_latency_params params = measured->latency;
    double canary[LATENCY_BUCKETS_MAX], baseline[LATENCY_BUCKETS_MAX];
    double all = 0;
    size_t buckets = params.cut_count + 1;
    double periods = measured->seconds * 1000 / (double)measured->period;
    for (size_t i = 0; i < buckets; i++)
        all += params.learned[i];
    for (size_t i = 0; i < buckets; i++) {
        double share = params.learned[i] / all;
        canary[i] = step->requests * share;
        baseline[i] = canary[i] * (100 - step->share) / step->share;
        params.learned[i] *= 5 / periods;
    }
    for (size_t i = 0; i < params.cut_count; i++)
        params.canary_cuts[i] = (1 + step->tolerance) * params.baseline_cuts[i];
    params.alpha = step->judge.alpha;
    params.restarts = step->judge.restarts;
    params.dispersion = wider(1, &measured->slow);
    if (!judge_latency_init(&judge, &params, &ignored))
        return POWER_NONE;
    judge_latency_restart(&judge);
    judge_latency_observe(&judge, canary, baseline);
    return judge_latency_sees(&judge);
}

/* --- a step ----------------------------------------------------------------------------------- */

void power_step_work_out(struct power_step *step, const struct power_recording *measured,
                         size_t number)
{
    int64_t left = (step->length - step->settle_in) / measured->period - 1;
    step->judged = left > 0 ? left * measured->period : 0;
    struct power_test test = test_of(step, measured, number);
    struct power_trials trials = trials_in(step, measured, (double)step->judged / 1000);
    step->requests = trials.canary;
    step->sees = power_against_baseline(&trials, &test);
    for (int i = 0; i < POWER_RISES; i++)
        step->bakes[i] = bake_for(step, measured, time_for(step, measured, &test, power_rises[i]));
    step->slower = measured->has_latency ? slower_seen(step, measured) : POWER_NONE;
}

size_t power_steps_usual(struct power_step steps[POWER_STEPS_MAX])
{
    static const double shares[] = {5, 10, 25, 50};
    enum { USUAL = sizeof shares / sizeof *shares, BAKE = 300000 };
    for (size_t i = 0; i < USUAL; i++) {
        steps[i] = (struct power_step){
            .share = shares[i], .length = BAKE, .judge = judge_ratio_default, .tolerance = 0.1};
        steps[i].judge.restarts = USUAL;
    }
    return USUAL;
}

bool power_step_of(struct power_step *step, const struct value *watch)
{
    struct error ignored;
    const struct value *judges = value_get(watch, "judges");
    *step = (struct power_step){
        .share = value_get_number(watch, "share", 0),
        .length = value_get_integer(watch, "for", 0),
        .settle_in = value_get_integer(watch, "settle_in", 0),
        .judge = judge_ratio_default,
        .tolerance = 0.1,
    };
    bool compares = false;
    for (size_t i = 0; judges && judges->kind == VALUE_ARRAY && i < judges->array.count; i++) {
        const struct value *judge = &judges->array.items[i];
        if (value_is_text(value_get(judge, "judge"), "latency"))
            step->tolerance = value_get_number(judge, "tolerance", step->tolerance);
        if (!compares && value_is_text(value_get(judge, "judge"), "ratio"))
            compares = judge_ratio_read(&step->judge, judge, &ignored);
    }
    return compares && step->share > 0 && step->share < 100;
}
