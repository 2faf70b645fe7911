/* What a watch could have seen, against what it does find: at the rise that it names, in about four
 * of five simulated watches. */
#include "base/math.h"
#include "base/random.h"
#include "check.h"
#include "judge/judge_power.h"
#include "judge/judge_ratio.h"

static struct error err;

enum { RUNS = 1000, PERIODS = 5 };

/* The part of the watches in which a canary of `rate` is found. */
static double found(const struct power_trials *trials, double rate)
{
    int count = 0;
    for (int run = 0; run < RUNS; run++) {
        struct judge_ratio judge;
        struct random_stream stream;
        random_open(&stream, 7, RANDOM_TRAFFIC, (uint64_t)run);
        CHECK(judge_ratio_init(&judge, &judge_ratio_default, &err));
        judge_ratio_restart(&judge);
        for (int period = 0; period < PERIODS; period++) {
            int64_t canary = (int64_t)(trials->canary / PERIODS);
            int64_t baseline = (int64_t)(trials->baseline / PERIODS);
            struct judge_counts counts = {
                (double)random_binomial(&stream, canary, rate), (double)canary,
                (double)random_binomial(&stream, baseline, trials->rate), (double)baseline, true};
            judge_ratio_observe(&judge, &counts);
        }
        count += judge_ratio_verdict(&judge) == VERDICT_HARM;
    }
    return (double)count / RUNS;
}

/* As judge.ratio bets, in the first watch of an unknown number. */
static struct power_test usual_test(void)
{
    const struct judge_ratio_params *usual = &judge_ratio_default;
    return (struct power_test){
        .tolerance = usual->psi0,
        .min_abs = usual->min_abs,
        .threshold = math_log(2 / usual->alpha),
        .dispersion = 1,
        .lowest = usual->grid_low,
        .highest = usual->grid_high,
        .lost = power_lost(usual->grid_count),
    };
}

static void test_against_baseline(void)
{
    static const struct power_trials rows[] = {
        {3000, 57000, 0.001}, {30000, 570000, 0.001}, {3000, 3000, 0.01},
        {300, 2700, 0.01},    {20000, 20000, 0.005},  {300, 29700, 0.02},
    };
    struct power_test test = usual_test();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double rise = power_against_baseline(&rows[i], &test);
        double part = found(&rows[i], rise * rows[i].rate);
        if (!CHECK(rise > 1 && rise < 100 && part > 0.65 && part < 0.95))
            fprintf(stderr, "row %zu: %g times: %g\n", i, rise, part);
    }
}

static void test_bounds(void)
{
    struct power_test test = usual_test();
    struct power_trials few = {5, 95, 0.001};
    struct power_trials none = {0, 95, 0.001};
    struct power_trials alone = {1000, 0, 0.001};
    struct power_trials many = {1e9, 1e9, 0.01};
    CHECK(power_against_baseline(&few, &test) > 100);
    CHECK(power_against_baseline(&none, &test) >= POWER_NONE);
    CHECK(power_against_baseline(&alone, &test) >= POWER_NONE);
    /* However many requests: a bet on 1.7 times loses on what is less than 1.29 times. */
    CHECK(power_against_baseline(&many, &test) > 1.25 &&
          power_against_baseline(&many, &test) < 1.31);
    CHECK(power_against_limit(&none, 0.002, &test) >= POWER_NONE);
    CHECK(power_against_limit(&many, 0.02, &test) < 2.7);
    CHECK(power_rate(3, 1000) == 0.003 && power_rate(0, 1000) < 0.002);
    /* Dispersion asks for more of everything. */
    struct power_trials usual = {3000, 57000, 0.001};
    struct power_test bunched = test;
    bunched.dispersion = 4;
    CHECK(power_against_baseline(&usual, &bunched) > 1.5 * power_against_baseline(&usual, &test));
}

CHECK_MAIN({"against_baseline", test_against_baseline}, {"bounds", test_bounds})
