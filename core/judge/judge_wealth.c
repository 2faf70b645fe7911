/* The evidence of judges that bet with a few points; the formulas: docs/statistics.md. */
#include "judge/judge_wealth.h"

#include "base/math.h"

#include <float.h>

/* More than rounding can amount to: what comes this close to a maximum is worked out. */
static const double slack = 1e-8;

void wealth_init(struct judge_wealth *wealth, size_t point_count, double alpha, size_t restarts)
{
    *wealth = (struct judge_wealth){
        .point_count = point_count,
        .threshold = -math_log(alpha),
        .bar = -DBL_MAX,
        .restarts = restarts,
        .due = true,
    };
}

void wealth_restart(struct judge_wealth *wealth)
{
    wealth->due = true;
}

/* Of all copies together 1 is at stake. This is what the next one gets of it... */
static double next_weight(const struct judge_wealth *wealth)
{
    double started = (double)wealth->started;
    if (wealth->restarts == 0)
        return 1 / ((started + 1) * (started + 2));
    return wealth->started < wealth->restarts ? 1 / (double)wealth->restarts : 0;
}

/* ...and this what those that have not begun hold. */
static double weight_left(const struct judge_wealth *wealth)
{
    double started = (double)wealth->started;
    if (wealth->restarts == 0)
        return 1 / (started + 1);
    return ((double)wealth->restarts - started) / (double)wealth->restarts;
}

static double log_of_sum(double x, double y)
{
    double high = x > y ? x : y;
    return high + math_log(1 + math_exp(x > y ? y - x : x - y));
}

/* The evidence is at most weight_left + e^top of the points. So tops below ln(e^log_e_max -
 * weight_left) leave the maximum as it is, and most periods take no exponential. */
static void set_bar(struct judge_wealth *wealth)
{
    double e_max = wealth->log_e_max < 500 ? math_exp(wealth->log_e_max) : 0;
    double part = (1 - slack) * e_max - weight_left(wealth);
    if (e_max <= 0)
        wealth->bar = (1 - slack) * wealth->log_e_max;
    else
        wealth->bar = part > 0 ? math_log(part) : -DBL_MAX;
}

static void start_copy(struct judge_wealth *wealth)
{
    double weight = next_weight(wealth);
    wealth->due = false;
    if (weight <= 0)
        return;
    double log_weight = math_log(weight);
    for (size_t i = 0; i < wealth->point_count; i++)
        wealth->log[i] = wealth->started > 0 ? log_of_sum(wealth->log[i], log_weight) : log_weight;
    wealth->started++;
    set_bar(wealth);
}

double wealth_log_e(const struct judge_wealth *wealth)
{
    double left = weight_left(wealth);
    double scale = left > 0 ? 0 : wealth->log[0];
    double part[WEALTH_POINTS_MAX];
    double sum = 0;
    if (wealth->started == 0)
        return 0;
    for (size_t i = 0; i < wealth->point_count; i++)
        scale = wealth->log[i] > scale ? wealth->log[i] : scale;
    part[0] = 0; /* the compiler does not know that there is a point */
    for (size_t i = 0; i < wealth->point_count; i++)
        part[i] = wealth->log[i] - scale;
    math_exp_all(part, part, wealth->point_count);
    for (size_t i = 0; i < wealth->point_count; i++)
        sum += part[i];
    double rest = left > 0 ? left * math_exp(-scale) : 0; /* 0 times infinity is no number */
    return scale + math_log(rest + sum / (double)wealth->point_count);
}

void wealth_bet(struct judge_wealth *wealth, const double *growth)
{
    if (wealth->due)
        start_copy(wealth);
    double top = -DBL_MAX;
    for (size_t i = 0; i < wealth->point_count; i++) {
        wealth->log[i] += growth[i];
        top = wealth->log[i] > top ? wealth->log[i] : top;
    }
    if (top < wealth->bar)
        return;
    double log_e = wealth_log_e(wealth);
    if (log_e <= wealth->log_e_max)
        return;
    wealth->log_e_max = log_e;
    set_bar(wealth);
}

double wealth_weight(const struct judge_wealth *wealth)
{
    double copy = (double)wealth->started + (wealth->due ? 1 : 0);
    return wealth->restarts > 0 ? 1 / (double)wealth->restarts : 1 / (copy * (copy + 1));
}

bool wealth_is_harm(const struct judge_wealth *wealth)
{
    return wealth->log_e_max >= wealth->threshold;
}
