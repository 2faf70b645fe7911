/* By the mean and the variance of the evidence, and bisection. */
#include "judge/judge_power.h"

#include "base/math.h"

#include <math.h>

/* Of the normal distribution: four of five cases. */
static const double four_of_five = 0.8416212335729143;

/* Half of the quantile of chi squared (1 degree of freedom) at 0.95. */
static const double nothing_observed = 1.9207;

double power_rate(double events, double trials)
{
    return events > 0 ? events / trials : nothing_observed / (trials + 0.5);
}

/* The multiples lie close enough that the neighbours of the best one win nearly as much as it: half
 * of what it would cost if only one of them won. */
double power_lost(size_t multiples)
{
    return 0.5 * math_log((double)multiples);
}

bool power_suffices(double mean, double variance, const struct power_test *test)
{
    double phi = test->dispersion;
    return (mean - four_of_five * sqrt(variance * phi)) / phi >= test->threshold + test->lost;
}

/* The multiple that would be best, of those that are bet on. */
static double log_multiple(double ratio, const struct power_test *test)
{
    double most = ratio < test->highest ? ratio : test->highest;
    return math_log(most > test->lowest ? most : test->lowest);
}

/* Each event bets a on the canary and b on the baseline; their number is Poisson. */
static bool is_found(const struct power_trials *trials, double rate, const struct power_test *test)
{
    double tolerated = test->tolerance * trials->canary;
    double rho = tolerated / (tolerated + trials->baseline);
    double canary = trials->canary * rate;
    double events = canary + trials->baseline * trials->rate;
    double theta = canary / events;
    if (theta <= rho || rate - trials->rate < test->min_abs)
        return false;
    double log_m = log_multiple(rate / (test->tolerance * trials->rate), test);
    double b = -math_log(1 + rho * (math_exp(log_m) - 1));
    double a = log_m + b;
    double mean = events * (theta * a + (1 - theta) * b);
    double variance = events * (theta * a * a + (1 - theta) * b * b);
    return power_suffices(mean, variance, test);
}

static bool is_beyond(const struct power_trials *trials, double limit, double rate,
                      const struct power_test *test)
{
    if (rate <= limit)
        return false;
    double log_m = log_multiple(rate / limit, test);
    double mean = trials->canary * (rate * log_m - limit * (math_exp(log_m) - 1));
    return power_suffices(mean, trials->canary * rate * log_m * log_m, test);
}

/* The smallest rate up to 1 that is found, on a logarithmic scale; limit 0: against the baseline.
 */
static double smallest(const struct power_trials *trials, double limit,
                       const struct power_test *test)
{
    enum { STEPS = 24 };
    double low = math_log(trials->rate);
    double high = 0;
    for (int i = 0; i < STEPS; i++) {
        double middle = low + (high - low) / 2;
        double rate = math_exp(middle);
        bool found = limit > 0 ? is_beyond(trials, limit, rate, test)
                               : is_found(trials, rate, test);
        if (found)
            high = middle;
        else
            low = middle;
    }
    bool any = limit > 0 ? is_beyond(trials, limit, 1, test) : is_found(trials, 1, test);
    return any ? math_exp(high) / trials->rate : POWER_NONE;
}

static bool has_rate(const struct power_trials *trials)
{
    return trials->rate > 0 && trials->rate < 1;
}

double power_against_baseline(const struct power_trials *trials, const struct power_test *test)
{
    bool both = trials->canary > 0 && trials->baseline > 0;
    return both && has_rate(trials) ? smallest(trials, 0, test) : POWER_NONE;
}

double power_against_limit(const struct power_trials *trials, double limit,
                           const struct power_test *test)
{
    bool any = trials->canary > 0 && limit > 0 && limit < 1;
    return any && has_rate(trials) ? smallest(trials, limit, test) : POWER_NONE;
}
