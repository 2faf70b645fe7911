/* How often judge.ratio errs, counted over simulated rollouts. The seed is fixed, so that every run
 * counts the same; a limit is what a probability of alpha would exceed for one seed in 1000. */
#include "base/math.h"
#include "base/random.h"
#include "check.h"
#include "judge/judge_ratio.h"
#include "judge_reference.h"

#include <math.h>

enum { STEP_MINUTES = 12, SEED = 1 };

static const double shares[] = {0.01, 0.05, 0.10, 0.25, 0.50};
enum { STEPS = sizeof shares / sizeof *shares };

/* One service, its fault, and who judges it. */
struct scenario {
    double requests; /* per minute */
    double rate;     /* of errors in the baseline; drifts around it */
    double ratio;    /* the canary's rate over the baseline's */
    int64_t cluster; /* errors come in groups of this many */
    struct judge_ratio_params params;
};

struct outcome {
    bool harm, safe;
    double log_e_max;
};

static struct scenario scenario_of(double requests, double rate, double ratio)
{
    struct scenario scenario = {requests, rate, ratio, 1, reference_params};
    scenario.params.min_abs = 0;
    scenario.params.alpha = 0.05;
    scenario.params.restarts = STEPS;
    return scenario;
}

static double events_of(struct random_stream *stream, const struct scenario *scenario,
                        int64_t trials, double rate)
{
    double each = rate / (double)scenario->cluster;
    return (double)(scenario->cluster * random_binomial(stream, trials, each < 1 ? each : 1));
}

/* A slow wave and noise from minute to minute, in both arms alike. */
static struct judge_counts draw(struct random_stream *stream, const struct scenario *scenario,
                                double share, int minute)
{
    double drift = 0.5 * sin(minute / 9.0) + 0.3 * random_normal(stream);
    double rate = scenario->rate * math_exp(drift);
    int64_t requests = random_poisson(stream, scenario->requests);
    int64_t canary = random_binomial(stream, requests, share);
    return (struct judge_counts){
        .canary_events = events_of(stream, scenario, canary, rate * scenario->ratio),
        .canary_trials = (double)canary,
        .baseline_events = events_of(stream, scenario, requests - canary, rate),
        .baseline_trials = (double)(requests - canary),
        .present = true,
    };
}

/* A rollout that nobody stops, watched every minute. */
static struct outcome roll_out(const struct scenario *scenario, uint64_t index)
{
    static struct judge_ratio judge;
    struct random_stream stream;
    struct error err;
    struct outcome outcome = {0};
    random_open(&stream, SEED, RANDOM_RUNS, index);
    CHECK(judge_ratio_init(&judge, &scenario->params, &err));
    for (int step = 0; step < STEPS; step++) {
        judge_ratio_restart(&judge);
        for (int minute = 0; minute < STEP_MINUTES; minute++) {
            struct judge_counts counts[JUDGE_METRICS_MAX];
            struct judge_counts drawn = draw(&stream, scenario, shares[step],
                                             step * STEP_MINUTES + minute);
            for (size_t i = 0; i < scenario->params.metric_count; i++)
                counts[i] = drawn;
            judge_ratio_observe(&judge, counts);
            enum verdict verdict = judge_ratio_verdict(&judge);
            outcome.harm = outcome.harm || verdict == VERDICT_HARM;
            outcome.safe = outcome.safe || verdict == VERDICT_SAFE;
        }
    }
    outcome.log_e_max = judge.log_e_max[JUDGE_HARM];
    return outcome;
}

struct tally {
    int harm, safe;
};

static struct tally count(const struct scenario *scenario, int runs)
{
    struct tally tally = {0};
    for (int i = 0; i < runs; i++) {
        struct outcome outcome = roll_out(scenario, (uint64_t)i);
        tally.harm += outcome.harm;
        tally.safe += outcome.safe;
    }
    return tally;
}

/* The smallest k with P(binomial(n, p) > k) <= 1/1000. */
static int limit_of(int n, double p)
{
    double term = math_pow(1 - p, n);
    double below = term;
    int k = 0;
    while (1 - below > 0.001) {
        term *= (n - k) / (k + 1.0) * p / (1 - p);
        below += term;
        k++;
    }
    return k;
}

static bool at_most(int got, int limit)
{
    if (got > limit)
        fprintf(stderr, "got %d, at most %d\n", got, limit);
    return got <= limit;
}

static void test_limit(void)
{
    CHECK(limit_of(2000, 0.05) == 131);
    CHECK(limit_of(10, 0.5) == 9);
}

/* The canary is exactly as bad as is tolerated, which is where false alarms are most frequent. */
static void test_false_alarms(void)
{
    static const struct {
        double requests, rate;
    } services[] = {{120, 0.005}, {12000, 0.001}, {12000, 0.2}};
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        struct scenario scenario = scenario_of(services[i].requests, services[i].rate, 1.25);
        CHECK(at_most(count(&scenario, 3000).harm, limit_of(3000, scenario.params.alpha)));
        scenario.params.restarts = 0;
        CHECK(at_most(count(&scenario, 500).harm, limit_of(500, scenario.params.alpha)));
        scenario.params.psi0 = 1; /* no room for a ratio of 1.25: now it is found */
        CHECK(services[i].rate < 0.1 || count(&scenario, 50).harm == 50);
    }
}

static void test_false_safe(void)
{
    struct scenario scenario = scenario_of(12000, 0.001, 2);
    scenario.params.min_abs = 1; /* harm goes before safe and would hide it */
    CHECK(at_most(count(&scenario, 3000).safe, limit_of(3000, scenario.params.safe_alpha)));
    scenario.ratio = 1;
    CHECK(count(&scenario, 100).safe >= 95);
}

static void test_regressions_are_found(void)
{
    struct scenario scenario = scenario_of(12000, 0.001, 3);
    scenario.params.alpha = 0.01;
    CHECK(count(&scenario, 200).harm >= 198);
    scenario.ratio = 1;
    CHECK(count(&scenario, 200).harm <= 2);
}

/* Errors in groups of five have five times the binomial's variance. */
static void test_dispersion(void)
{
    struct scenario scenario = scenario_of(12000, 0.02, 1.25);
    scenario.cluster = 5;
    CHECK(count(&scenario, 500).harm > 2 * limit_of(500, scenario.params.alpha));
    scenario.params.dispersion = 5;
    CHECK(at_most(count(&scenario, 500).harm, limit_of(500, scenario.params.alpha)));
}

/* One alpha for several metrics, which may hang together in any way: here they are the same. */
static void test_metrics_share_alpha(void)
{
    struct scenario scenario = scenario_of(12000, 0.001, 1.25);
    scenario.params.metric_count = 3;
    scenario.params.weights[0] = 0.5;
    scenario.params.weights[1] = 0.3;
    scenario.params.weights[2] = 0.2;
    CHECK(at_most(count(&scenario, 500).harm, limit_of(500, scenario.params.alpha)));
}

static void test_same_again(void)
{
    struct scenario scenario = scenario_of(12000, 0.001, 1.25);
    for (uint64_t i = 0; i < 20; i++) {
        struct outcome first = roll_out(&scenario, i);
        struct outcome again = roll_out(&scenario, i);
        CHECK(memcmp(&first.log_e_max, &again.log_e_max, sizeof first.log_e_max) == 0);
    }
}

CHECK_MAIN({"limit", test_limit}, {"false_alarms", test_false_alarms},
           {"false_safe", test_false_safe}, {"regressions_are_found", test_regressions_are_found},
           {"dispersion", test_dispersion}, {"metrics_share_alpha", test_metrics_share_alpha},
           {"same_again", test_same_again})
