/* Whether the split is refuted: by how much it must be off, and how often it is refuted though it
 * is not. */
#include "base/random.h"
#include "check.h"
#include "judge/share_test.h"

static bool refuted(double share, double canary, double baseline)
{
    struct share_test test;
    share_test_begin(&test, share, 2, 1);
    share_test_observe(&test, canary, baseline);
    return share_test_refuted(&test);
}

static void test_what_is_refuted(void)
{
    static const struct {
        double share, canary, baseline;
        bool refuted;
    } rows[] = {
        {0.1, 1, 900, true},
        {0.1, 0, 1000, true},
        {0.1, 0, 100, false},
        {0.1, 55, 945, false},
        {0.1, 100, 900, false},
        {0.1, 195, 805, false},
        {0.1, 300, 700, true},
        {0.5, 500, 500, false},
        {0.5, 740, 260, false},
        {0.5, 900, 100, true},
        {0.9, 1000, 0, true},
        {0.9, 900, 100, false},
        {0.9, 999, 1, true},
        {0.01, 0, 300, false},
        {0.01, 0, 5000, true},
        {0, 0, 1000, false},
        {1, 1000, 0, false},
        {0.1, 0, 0, false},
        {0.05, 1e9, 19e9, false},
        {0.05, 0, 19e9, true},
        /* All of it: what still drains from the baseline is less than the canary has. */
        {1, 1, 5000, true},
        {1, 0, 20, true},
        {1, 0, 5, false},
        {1, 900, 100, false},
        {1, 510, 490, false},
        {1, 480, 520, false},
        {1, 300, 700, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!CHECK(refuted(rows[i].share, rows[i].canary, rows[i].baseline) == rows[i].refuted))
            fprintf(stderr, "row %zu\n", i);
    }
}

/* Period by period it comes to the same as all at once. */
static void test_adds_up(void)
{
    struct share_test test;
    share_test_begin(&test, 0.25, 2, 1);
    for (int i = 0; i < 3; i++) {
        CHECK(!share_test_refuted(&test));
        share_test_observe(&test, 0, 20);
    }
    CHECK(test.canary == 0 && test.baseline == 60);
    share_test_observe(&test, 0, 40);
    CHECK(share_test_refuted(&test) && refuted(0.25, 0, 100));
}

/* Where a whole session sticks to one arm, as many requests say less. */
static void test_dispersion(void)
{
    struct share_test test;
    share_test_begin(&test, 0.1, 2, 20);
    share_test_observe(&test, 1, 900);
    CHECK(!share_test_refuted(&test));
    share_test_begin(&test, 0.1, 10, 1);
    share_test_observe(&test, 11, 989);
    CHECK(!share_test_refuted(&test));
}

/* At the very bound, looked at after every period. */
static int count_refusals(double share, double low, double high)
{
    enum { RUNS = 20000, PERIODS = 30 };
    int wrong = 0;
    for (int run = 0; run < RUNS; run++) {
        struct random_stream stream;
        struct share_test test;
        bool found = false;
        random_open(&stream, 1, RANDOM_TRAFFIC, (uint64_t)run);
        share_test_begin(&test, share, 2, 1);
        for (int period = 0; period < PERIODS; period++) {
            int64_t canary = random_binomial(&stream, 200, run % 2 ? low : high);
            share_test_observe(&test, (double)canary, (double)(200 - canary));
            found = found || share_test_refuted(&test);
        }
        wrong += found;
    }
    return wrong;
}

static void test_false_refusals(void)
{
    CHECK(count_refusals(0.1, 0.05, 0.2) <= 20);
    CHECK(count_refusals(1, 0.5, 0.5) <= 20);
    CHECK(count_refusals(1, 0.3, 0.3) == 20000);
}

CHECK_MAIN({"what_is_refuted", test_what_is_refuted}, {"adds_up", test_adds_up},
           {"dispersion", test_dispersion}, {"false_refusals", test_false_refusals})
