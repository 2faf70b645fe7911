/* The bets on a split that is not what it should be. */
#include "judge/share_test.h"

#include "base/math.h"

#include <string.h>

/* ln(1/alpha) for alpha = 0.001. */
static const double threshold = 6.907755278982137;

/* The odds that are bet on, as multiples of those at the bound. */
static const double multiples[SHARE_POINTS] = {1.5, 2, 4, 16, 256};

/* A bet that the canary's share is `alternative`, against `bound`. */
static void set_bet(struct share_test *test, enum share_side side, int i, double bound,
                    double alternative, double dispersion)
{
    test->of_canary[side][i] = math_log(alternative / bound) / dispersion;
    test->of_baseline[side][i] = math_log((1 - alternative) / (1 - bound)) / dispersion;
}

static double share_of_odds(double odds)
{
    return odds / (1 + odds);
}

static double higher(double a, double b)
{
    return a > b ? a : b;
}

void share_test_begin(struct share_test *test, double share, double factor, double dispersion)
{
    double rest = 1 - share;
    test->canary = test->baseline = 0;
    test->active = share > 0 && rest > 0;
    if (!test->active)
        return;
    memset(test->log_wealth, 0, sizeof test->log_wealth);
    double low = higher(share / factor, 1 - factor * rest);
    double high = 1 - higher(rest / factor, 1 - factor * share);
    for (int i = 0; i < SHARE_POINTS; i++) {
        double fewer = share_of_odds(low / (1 - low) / multiples[i]);
        double more = share_of_odds(high / (1 - high) * multiples[i]);
        set_bet(test, SHARE_LOW, i, low, fewer, dispersion);
        set_bet(test, SHARE_HIGH, i, high, more, dispersion);
    }
}

void share_test_observe(struct share_test *test, double canary, double baseline)
{
    if (!test->active)
        return;
    test->canary += canary;
    test->baseline += baseline;
    for (int side = 0; side < SHARE_SIDES; side++) {
        for (int i = 0; i < SHARE_POINTS; i++)
            test->log_wealth[side][i] += canary * test->of_canary[side][i] +
                                         baseline * test->of_baseline[side][i];
    }
}

/* The evidence is the mean over all bets, seen from the highest of them. */
bool share_test_refuted(const struct share_test *test)
{
    enum { BETS = SHARE_SIDES * SHARE_POINTS };
    if (!test->active)
        return false;
    double top = 0;
    double sum = 0;
    for (int side = 0; side < SHARE_SIDES; side++) {
        for (int i = 0; i < SHARE_POINTS; i++)
            top = higher(top, test->log_wealth[side][i]);
    }
    if (top < threshold)
        return false;
    for (int side = 0; side < SHARE_SIDES; side++) {
        for (int i = 0; i < SHARE_POINTS; i++)
            sum += math_exp(test->log_wealth[side][i] - top);
    }
    return top + math_log(sum / BETS) >= threshold;
}

bool share_test_refuted_by(const struct share_test *test, double canary, double baseline)
{
    struct share_test alone = *test;
    memset(alone.log_wealth, 0, sizeof alone.log_wealth);
    share_test_observe(&alone, canary, baseline);
    return share_test_refuted(&alone);
}
