/* How often judge.latency errs, and what it finds, counted over simulated rollouts: 20 minutes at
 * 5, 10, 25 and 50 per cent of 20 requests a second, whose latency has a heavy tail and drifts. The
 * seed is fixed; a limit is what a probability of alpha would exceed for one seed in 1000. */
#include "base/math.h"
#include "base/random.h"
#include "check.h"
#include "judge/judge_latency.h"

#include <math.h>

enum { STEP_MINUTES = 5, SEED = 1, REQUESTS = 1200, CUTS = 7 };

static const double shares[] = {0.05, 0.10, 0.25, 0.50};
enum { STEPS = sizeof shares / sizeof *shares };

static const double quantiles[CUTS] = {0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995};
static const double tail_power = 2.5; /* of a log-logistic latency with a median of 100 ms */

struct scenario {
    double slower;    /* the canary's latencies, times this */
    double stuck;     /* this part of the canary's requests takes seconds longer */
    double tolerance; /* of the judge */
    double alpha;
    int64_t clump; /* requests of one latency come in groups of this many */
    double dispersion;
};

static struct scenario scenario_of(double slower, double stuck)
{
    return (struct scenario){slower, stuck, 0.1, 0.01, 1, 1};
}

static double beyond(double at, double median)
{
    return 1 / (1 + math_pow(at / median, tail_power));
}

static double quantile_at(double q)
{
    return 100 * math_pow(q / (1 - q), 1 / tail_power);
}

/* How many of `requests` fall into each bucket. */
static void draw_buckets(struct random_stream *stream, const struct scenario *scenario,
                         int64_t requests, const double *cuts, double median, double stuck,
                         double *buckets)
{
    int64_t groups = requests / scenario->clump;
    double left = 1;
    for (size_t i = 0; i < CUTS; i++) {
        double past = (1 - stuck) * beyond(cuts[i], median) + stuck;
        double part = (left - past) / left;
        int64_t drawn = random_binomial(stream, groups, part > 0 ? part : 0);
        buckets[i] = (double)(drawn * scenario->clump);
        groups -= drawn;
        left = past;
    }
    buckets[CUTS] = (double)(groups * scenario->clump);
}

static void begin(struct judge_latency *judge, const struct scenario *scenario)
{
    struct error err;
    double before = 0;
    struct judge_latency_params params = {
        .alpha = scenario->alpha,
        .dispersion = scenario->dispersion,
        .restarts = STEPS,
        .cut_count = CUTS,
    };
    for (size_t i = 0; i <= CUTS; i++) {
        double q = i < CUTS ? quantiles[i] : 1;
        params.learned[i] = 5.0 * REQUESTS * (q - before);
        before = q;
    }
    for (size_t i = 0; i < CUTS; i++) {
        params.baseline_cuts[i] = quantile_at(quantiles[i]);
        params.canary_cuts[i] = (1 + scenario->tolerance) * params.baseline_cuts[i];
    }
    CHECK(judge_latency_init(judge, &params, &err));
}

/* Returns the minute in which harm was found, from 1; 0 if it was not. */
static int roll_out(const struct scenario *scenario, uint64_t index)
{
    struct judge_latency judge;
    struct random_stream stream;
    double drift = 0;
    random_open(&stream, SEED, RANDOM_RUNS, index);
    begin(&judge, scenario);
    for (int minute = 0; minute < STEPS * STEP_MINUTES; minute++) {
        double canary[CUTS + 1];
        double baseline[CUTS + 1];
        if (minute % STEP_MINUTES == 0)
            judge_latency_restart(&judge);
        drift = 0.9 * drift + 0.1 * random_normal(&stream);
        double median = 100 * math_exp(drift);
        int64_t requests = random_poisson(&stream, REQUESTS);
        int64_t routed = random_binomial(&stream, requests, shares[minute / STEP_MINUTES]);
        draw_buckets(&stream, scenario, routed, judge.params.canary_cuts, scenario->slower * median,
                     scenario->stuck, canary);
        draw_buckets(&stream, scenario, requests - routed, judge.params.baseline_cuts, median, 0,
                     baseline);
        judge_latency_observe(&judge, canary, baseline);
        if (wealth_is_harm(&judge.wealth))
            return minute + 1;
    }
    return 0;
}

struct tally {
    int found, minute; /* the median one over all runs; 0: it was not found in half of them */
};

static struct tally count(const struct scenario *scenario, int runs)
{
    int at[STEPS * STEP_MINUTES + 1] = {0};
    struct tally tally = {0};
    for (int i = 0; i < runs; i++)
        at[roll_out(scenario, (uint64_t)i)]++;
    for (int minute = 1; minute <= STEPS * STEP_MINUTES; minute++) {
        tally.found += at[minute];
        if (tally.minute == 0 && 2 * tally.found >= runs)
            tally.minute = minute;
    }
    return tally;
}

static bool check_found(struct tally got, int low, int high, int minute)
{
    bool ok = got.found >= low && got.found <= high && (minute == 0 || got.minute == minute);
    if (!ok)
        fprintf(stderr, "found %d (median minute %d), expected %d to %d (%d)\n", got.found,
                got.minute, low, high, minute);
    return ok;
}

/* Nothing is wrong, or just as much as is tolerated, which is where false alarms are most
 * frequent. With 3000 runs and an alpha of 0.05, 183 is the limit of one seed in 1000. */
static void test_false_alarms(void)
{
    struct scenario alike = scenario_of(1, 0);
    struct scenario tolerated = scenario_of(1.1, 0);
    CHECK(check_found(count(&alike, 3000), 0, 0, 0));
    tolerated.alpha = 0.05;
    CHECK(check_found(count(&tolerated, 3000), 0, 183, 0));
}

static void test_power(void)
{
    struct scenario quarter = scenario_of(1.25, 0);
    struct scenario half = scenario_of(1.5, 0);
    struct scenario twice = scenario_of(2, 0);
    struct scenario stuck = scenario_of(1, 0.01);
    CHECK(check_found(count(&quarter, 300), 297, 300, 0));
    CHECK(check_found(count(&half, 300), 300, 300, 0));
    CHECK(check_found(count(&twice, 300), 300, 300, 1));
    CHECK(check_found(count(&stuck, 300), 150, 300, 0));
}

/* Requests of one latency in groups of five have five times the variance. */
static void test_dispersion(void)
{
    struct scenario clumps = scenario_of(1.1, 0);
    clumps.clump = 5;
    clumps.alpha = 0.05;
    CHECK(count(&clumps, 500).found > 41);
    clumps.dispersion = 5;
    CHECK(check_found(count(&clumps, 500), 0, 41, 0));
}

CHECK_MAIN({"false_alarms", test_false_alarms}, {"power", test_power},
           {"dispersion", test_dispersion})
