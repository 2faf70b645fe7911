/* The bets on a split that is not what it should be. */
#include "judge/share_test.h"

#include "base/math.h"

#include <stddef.h>

/* ln(1/alpha) for alpha = 0.001. */
static const double threshold = 6.907755278982137;

/* The odds that are bet on, as multiples of those at the bound. */
enum { POINTS = 5 };
static const double multiples[POINTS] = {1.5, 2, 4, 16, 256};

static double higher(double a, double b)
{
    return a > b ? a : b;
}

void share_test_begin(struct share_test *test, double share, double factor, double dispersion)
{
    double rest = 1 - share;
    test->canary = test->baseline = 0;
    test->dispersion = dispersion;
    test->low = rest > 0 ? higher(share / factor, 1 - factor * rest) : 1 / factor;
    test->high = rest > 0 ? 1 - higher(rest / factor, 1 - factor * share) : 1;
    test->active = share > 0;
}

void share_test_observe(struct share_test *test, double canary, double baseline)
{
    test->canary += canary;
    test->baseline += baseline;
}

static double share_of_odds(double odds)
{
    return odds / (1 + odds);
}

/* The logarithm of what all requests so far made of a bet that the canary's share is `alternative`,
 * against `bound`. */
static double log_wealth(const struct share_test *test, double bound, double alternative)
{
    return (test->canary * math_log(alternative / bound) +
            test->baseline * math_log((1 - alternative) / (1 - bound))) /
           test->dispersion;
}

/* The evidence is the mean over all bets, seen from the highest of them. */
static bool is_evident(const double bets[], size_t count)
{
    double top = 0;
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        top = higher(top, bets[i]);
    if (top < threshold)
        return false;
    for (size_t i = 0; i < count; i++)
        sum += math_exp(bets[i] - top);
    return top + math_log(sum / (double)count) >= threshold;
}

/* While the share lies within the bounds, no bet against them has won anything. Above a bound of 1
 * there is nothing to bet on. */
bool share_test_refuted(const struct share_test *test)
{
    double bets[2 * POINTS];
    size_t count = 0;
    double sum = test->canary + test->baseline;
    double low_odds = test->low / (1 - test->low);
    double high_odds = test->high / (1 - test->high);
    if (!test->active || (test->canary >= test->low * sum && test->canary <= test->high * sum))
        return false;
    for (size_t i = 0; i < POINTS; i++) {
        double fewer = share_of_odds(low_odds / multiples[i]);
        double more = share_of_odds(high_odds * multiples[i]);
        bets[count++] = log_wealth(test, test->low, fewer);
        if (test->high < 1)
            bets[count++] = log_wealth(test, test->high, more);
    }
    return is_evident(bets, count);
}

bool share_test_refuted_by(const struct share_test *test, double canary, double baseline)
{
    struct share_test alone = *test;
    alone.canary = canary;
    alone.baseline = baseline;
    return share_test_refuted(&alone);
}
