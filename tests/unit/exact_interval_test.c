/* The interval against one whose tails were summed to the last term with thirty digits (mpmath),
 * and whether it covers as often as it says. */
#include "base/math.h"
#include "check.h"
#include "judge/exact_interval.h"

#include <math.h>

static void test_reference_values(void)
{
    static const struct {
        int64_t hits, trials;
        double low, high;
    } rows[] = {
        {0, 1, 0.0, 0.975},
        {1, 1, 0.025, 1.0},
        {0, 10, 0.0, 0.308497107819},
        {8, 10, 0.443904537692, 0.974789273673},
        {1, 200, 0.000126581027867, 0.0275418984572},
        {46, 200, 0.173580862802, 0.294606394566},
        {990, 1000, 0.981686756945, 0.995194489309},
        {1000, 1000, 0.996317916103, 1.0},
        {500, 1000, 0.468549172972, 0.531450827028},
        {2970, 3000, 0.985754925826, 0.993243157033},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct exact_interval is = exact_interval(rows[i].hits, rows[i].trials);
        if (!CHECK(fabs(is.low - rows[i].low) < 1e-9 && fabs(is.high - rows[i].high) < 1e-9))
            fprintf(stderr, "row %zu: %.12f %.12f\n", i, is.low, is.high);
    }
}

/* Over all that can be seen of 40 trials, weighted by how likely it is. */
static void test_covers(void)
{
    enum { TRIALS = 40 };
    for (double share = 0.005; share < 1; share += 0.005) {
        double covered = 0;
        for (int k = 0; k <= TRIALS; k++) {
            struct exact_interval is = exact_interval(k, TRIALS);
            double chance = math_exp(math_log_gamma(TRIALS + 1) - math_log_gamma(k + 1) -
                                     math_log_gamma(TRIALS - k + 1) + k * math_log(share) +
                                     (TRIALS - k) * math_log(1 - share));
            covered += is.low <= share && share <= is.high ? chance : 0;
        }
        CHECK(covered >= 0.95);
    }
}

CHECK_MAIN({"reference_values", test_reference_values}, {"covers", test_covers})
