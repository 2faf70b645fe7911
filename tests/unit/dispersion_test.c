/* Dispersion as it is measured, against what it is known to be: errors that come in groups, that
 * last, and that come one by one. */
#include "base/math.h"
#include "base/random.h"
#include "check.h"
#include "judge/dispersion.h"

#include <math.h>

enum { BLOCKS = 600, PERIODS = 10, ARMS = 2 };

static struct random_stream stream;

/* So many groups of a geometric number of errors, 5 on average: variance over mean is 9. */
static double in_groups(double mean)
{
    int64_t groups = random_poisson(&stream, mean / 5);
    double events = (double)groups;
    for (int64_t i = 0; i < groups; i++)
        events += floor(math_log(1 - random_unit(&stream)) / math_log(0.8));
    return events;
}

static double one_by_one(double mean)
{
    return (double)random_poisson(&stream, mean);
}

/* Arms that have three times as many in some blocks as in others: what a minute cannot see. */
static bool busy[ARMS];

static double lasting(double mean)
{
    return (double)random_poisson(&stream, mean);
}

static double measure(double (*draw)(double), double share, double *of_minutes)
{
    struct dispersion dispersion = {0};
    double sum = 0;
    int count = 0;
    random_open(&stream, 3, RANDOM_EVENTS, 0);
    for (int block = 0; block < BLOCKS; block++) {
        for (int arm = 0; arm < ARMS; arm++)
            busy[arm] = random_unit(&stream) < 0.5;
        for (int i = 0; i < PERIODS; i++) {
            double high = draw == lasting ? 1.5 : 1;
            double low = draw == lasting ? 0.5 : 1;
            double canary = draw(10 * share * (busy[0] ? high : low));
            double events = canary + draw(10 * (1 - share) * (busy[1] ? high : low));
            double deviation = canary - events * share;
            dispersion_add(&dispersion, canary, events, share);
            sum += events > 0 ? deviation * deviation / (events * share * (1 - share)) : 0;
            count += events > 0;
        }
        dispersion_end_block(&dispersion);
    }
    CHECK(dispersion.blocks == BLOCKS);
    CHECK(fabs(dispersion_error(&dispersion) - dispersion_ratio(&dispersion) * sqrt(2.0 / BLOCKS)) <
          1e-12);
    *of_minutes = sum / count;
    return dispersion_ratio(&dispersion);
}

static bool between(double x, double low, double high)
{
    bool ok = x >= low && x <= high;
    if (!ok)
        fprintf(stderr, "%g is not from %g to %g\n", x, low, high);
    return ok;
}

static void test_known(void)
{
    double of_minutes;
    CHECK(between(measure(one_by_one, 0.5, &of_minutes), 1, 1.15));
    CHECK(between(measure(one_by_one, 0.1, &of_minutes), 1, 1.15));
    CHECK(between(measure(in_groups, 0.5, &of_minutes), 8, 10));
    CHECK(between(measure(in_groups, 0.1, &of_minutes), 7, 11.5) && of_minutes < 8);
    /* Arms that are busy or not for ten minutes at a time: minutes by themselves hardly show it. */
    CHECK(between(measure(lasting, 0.5, &of_minutes), 10, 17) && of_minutes < 4);
}

static void test_nothing(void)
{
    struct dispersion dispersion = {0};
    dispersion_end_block(&dispersion);
    CHECK(dispersion.blocks == 0 && dispersion_ratio(&dispersion) == 1);
    CHECK(isinf(dispersion_error(&dispersion)));
    dispersion_add(&dispersion, 5, 10, 0.5);
    dispersion_end_block(&dispersion);
    CHECK(dispersion.blocks == 1 && dispersion_ratio(&dispersion) == 1); /* never below */
}

CHECK_MAIN({"known", test_known}, {"nothing", test_nothing})
