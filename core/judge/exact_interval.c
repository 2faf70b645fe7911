/* The ends are the shares at which a tail of the binomial distribution has 2.5 %, found by halving.
 */
#include "judge/exact_interval.h"

#include "base/math.h"

/* The chance of `hits` or more of `trials`, where these are no fewer than the share lets expect:
 * terms fall from the first on. */
static double upper_tail(double hits, double trials, double share)
{
    static const double negligible = 1e-17;
    double term = math_exp(math_log_gamma(trials + 1) - math_log_gamma(hits + 1) -
                           math_log_gamma(trials - hits + 1) + hits * math_log(share) +
                           (trials - hits) * math_log(1 - share));
    double sum = term;
    for (double i = hits; i < trials && term > negligible * sum; i++) {
        term *= (trials - i) / (i + 1) * share / (1 - share);
        sum += term;
    }
    return sum;
}

/* The greatest share at which so many hits would still be a rarity. */
static double lower_end(double hits, double trials)
{
    enum { HALVINGS = 60 };
    static const double rare = 0.025;
    double low = 0;
    double high = hits / trials;
    if (hits == 0)
        return 0;
    for (int i = 0; i < HALVINGS; i++) {
        double middle = (low + high) / 2;
        if (middle < 1 && upper_tail(hits, trials, middle) < rare)
            low = middle;
        else
            high = middle;
    }
    return low;
}

struct exact_interval exact_interval(int64_t hits, int64_t trials)
{
    double all = (double)trials;
    return (struct exact_interval){lower_end((double)hits, all),
                                   1 - lower_end((double)(trials - hits), all)};
}
