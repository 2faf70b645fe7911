/* The slow-down that a watch of judge.latency says that it could have seen, against what it does
 * find: in about four of five simulated watches. */
#include "base/random.h"
#include "check.h"
#include "judge/judge_latency.h"
#include "judge/judge_power.h"

enum { CUTS = 5, BUCKETS = CUTS + 1, RUNS = 400, PERIODS = 5 };

static const double cuts[CUTS] = {50, 80, 120, 250, 900};
static const double shares[BUCKETS] = {0.25, 0.25, 0.25, 0.15, 0.09, 0.01};

static struct error err;
static struct judge_latency judge;
static struct random_stream stream;

static void start(double dispersion)
{
    struct judge_latency_params params = {
        .alpha = 0.01, .dispersion = dispersion, .restarts = 1, .cut_count = CUTS};
    for (size_t i = 0; i < CUTS; i++) {
        params.baseline_cuts[i] = cuts[i];
        params.canary_cuts[i] = 1.1 * cuts[i];
    }
    for (size_t i = 0; i < BUCKETS; i++)
        params.learned[i] = 100000 * shares[i];
    CHECK(judge_latency_init(&judge, &params, &err));
    judge_latency_restart(&judge);
}

/* Of the canary's requests, each of which takes so many times as long. */
static void slow_down(double slower, double *slow)
{
    double tails[BUCKETS] = {0.75, 0.5, 0.25, 0.1, 0.01, 0};
    double before = 1;
    for (size_t i = 0; i < CUTS; i++) {
        double beyond = latency_tail_at(&judge, tails, 1.1 * cuts[i] / slower);
        slow[i] = before - beyond;
        before = beyond;
    }
    slow[CUTS] = before;
}

static void draw(const double *by, int64_t requests, double *counts)
{
    double left = 1;
    for (size_t i = 0; i < BUCKETS; i++) {
        double part = i + 1 < BUCKETS && by[i] < left ? by[i] / left : 1;
        int64_t count = random_binomial(&stream, requests, part);
        counts[i] = (double)count;
        requests -= count;
        left -= by[i];
    }
}

/* One watch; false: no harm. */
static bool is_found(double slower, int64_t canary, int64_t baseline)
{
    double slow[BUCKETS], of_canary[BUCKETS], of_baseline[BUCKETS];
    start(1);
    slow_down(slower, slow);
    for (int period = 0; period < PERIODS; period++) {
        draw(slow, canary / PERIODS, of_canary);
        draw(shares, baseline / PERIODS, of_baseline);
        judge_latency_observe(&judge, of_canary, of_baseline);
    }
    return wealth_is_harm(&judge.wealth);
}

static double seen(double dispersion, double canary, double baseline)
{
    double of_canary[BUCKETS], of_baseline[BUCKETS];
    start(dispersion);
    for (size_t i = 0; i < BUCKETS; i++) {
        of_canary[i] = canary * shares[i];
        of_baseline[i] = baseline * shares[i];
    }
    judge_latency_observe(&judge, of_canary, of_baseline);
    return judge_latency_sees(&judge);
}

static void test_against_found(void)
{
    static const int64_t rows[][2] = {{100, 1900}, {500, 9500}, {500, 500}, {5000, 5000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int found = 0;
        double slower = seen(1, (double)rows[i][0], (double)rows[i][1]);
        random_open(&stream, 5, RANDOM_VALUES, i);
        for (int run = 0; run < RUNS; run++)
            found += is_found(slower, rows[i][0], rows[i][1]);
        if (!CHECK(slower > 1.1 && slower < 4 && found > 0.65 * RUNS && found < 0.97 * RUNS))
            fprintf(stderr, "row %zu: %g times: %d of %d\n", i, slower, found, RUNS);
    }
}

static void test_bounds(void)
{
    start(1);
    CHECK(judge_latency_sees(&judge) >= POWER_NONE); /* nothing was seen yet */
    CHECK(seen(1, 2, 2) >= POWER_NONE);
    CHECK(seen(1, 1e7, 1e7) > 1.1 && seen(1, 1e7, 1e7) < 1.15);
    CHECK(seen(4, 500, 9500) > seen(1, 500, 9500));
}

CHECK_MAIN({"against_found", test_against_found}, {"bounds", test_bounds})
