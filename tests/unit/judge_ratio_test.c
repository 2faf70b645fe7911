/* The test behind judge.ratio: known values, a reference worked out the long way, and what must not
 * depend on how the same traffic is cut. How often it errs is counted in judge_chance_test.c. */
#include "base/random.h"
#include "check.h"
#include "judge/judge_ratio.h"
#include "judge_reference.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

static struct judge_ratio ratio;
static struct judge_ratio_result result;
static struct error err;

static bool near(double got, double want)
{
    bool ok = fabs(got - want) <= 1e-9 * fmax(1, fabs(want));
    if (!ok)
        fprintf(stderr, "got %.15g, want %.15g\n", got, want);
    return ok;
}

/* One copy of the test that has all of the weight: the plain e-process. */
static struct judge_ratio_params plain(double psi0)
{
    struct judge_ratio_params params = reference_params;
    params.psi0 = psi0;
    params.restarts = 1;
    return params;
}

static void start(struct judge_ratio_params params)
{
    if (!CHECK(judge_ratio_init(&ratio, &params, &err)))
        fprintf(stderr, "%s\n", err.message);
}

static void observe(double canary_events, double canary_trials, double baseline_events,
                    double baseline_trials)
{
    struct judge_counts counts = {canary_events, canary_trials, baseline_events, baseline_trials,
                                  true};
    judge_ratio_observe(&ratio, &counts);
    judge_ratio_result(&ratio, &result);
}

static const struct judge_counts sequence[] = {{1, 120, 40, 11880, true},
                                               {3, 600, 38, 11400, true},
                                               {9, 1200, 30, 10800, true},
                                               {20, 3000, 28, 9000, true}};

static void observe_one(const struct judge_counts *counts)
{
    judge_ratio_observe(&ratio, counts);
    judge_ratio_result(&ratio, &result);
}

static void test_known_values(void)
{
    static const struct {
        double counts[4], log_e;
    } rows[] = {
        {{3, 600, 20, 11400}, 0.364330670163},
        {{12, 600, 20, 11400}, 14.593228042600},
        {{0, 600, 0, 11400}, 0},
        {{5, 100, 0, 900}, 7.975707240218},
        {{0, 1000, 50, 9000}, -3.329981239796},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const double *counts = rows[i].counts;
        start(plain(1));
        observe(counts[0], counts[1], counts[2], counts[3]);
        CHECK(near(result.log_e, rows[i].log_e));
        CHECK(near(result.log_e_max, fmax(0, rows[i].log_e)));
    }
}

static void test_known_sequence(void)
{
    static const double log_e[] = {-0.208443566959, -0.686531729624, 1.573280061295,
                                   4.399506698977};
    start(plain(1));
    for (size_t i = 0; i < 4; i++) {
        observe_one(&sequence[i]);
        CHECK(near(result.log_e, log_e[i]));
    }
    CHECK(ratio.periods == 4);
    start(plain(1.25));
    for (size_t i = 0; i < 4; i++)
        observe_one(&sequence[i]);
    CHECK(near(result.log_e, 1.507324958543));
}

/* With a single multiple the evidence is one line of arithmetic. */
static void test_safe_side(void)
{
    struct judge_ratio_params params = plain(1.25);
    params.grid_low = 2;
    params.grid_high = 2;
    params.grid_count = 1;
    params.min_abs = 1; /* no harm here */
    start(params);
    observe(2, 1000, 90, 9000);
    double share = 2000.0 / 11000;    /* were the ratio safe_tol = 2 */
    double expected = 1000.0 / 10000; /* were it half of that */
    double log_e = 2 * log(expected / share) + 90 * log((1 - expected) / (1 - share));
    CHECK(near(result.safe_log_e_max, log_e));
    CHECK(near(result.safe_threshold, log(20)));
    CHECK(result.verdict == VERDICT_SAFE && judge_ratio_verdict(&ratio) == VERDICT_SAFE);
    observe(60, 1000, 90, 9000);
    CHECK(near(result.safe_log_e_max, log_e));
    CHECK(result.verdict == VERDICT_SAFE);
    judge_ratio_restart(&ratio); /* the next step does not inherit a "safe" that has been outrun */
    CHECK(judge_ratio_verdict(&ratio) == VERDICT_UNDECIDED);
    judge_ratio_result(&ratio, &result);
    CHECK(result.safe_log_e_max < 0);
    CHECK(result.canary_trials == 0 && result.canary_rate == 0);
}

static void test_safe_is_kept_while_it_stands(void)
{
    start(reference_params);
    observe(10, 1000, 90, 9000);
    observe(100, 10000, 900, 90000);
    CHECK(result.verdict == VERDICT_SAFE);
    judge_ratio_restart(&ratio);
    CHECK(judge_ratio_verdict(&ratio) == VERDICT_SAFE);
}

/* Harm means more than psi0, safe means less than safe_tol: between them both are true. */
static void test_harm_goes_before_safe(void)
{
    struct judge_ratio_params params = plain(1.25);
    params.min_abs = 0.004;
    start(params);
    observe(1500, 100000, 9000, 900000);
    CHECK(result.log_e_max > result.threshold && result.safe_log_e_max > result.safe_threshold);
    CHECK(result.verdict == VERDICT_HARM && judge_ratio_verdict(&ratio) == VERDICT_HARM);
    CHECK(near(result.difference, 0.005) && result.floor_passed);
    params.min_abs = 0.006; /* and a difference too small to matter is no harm */
    start(params);
    observe(1500, 100000, 9000, 900000);
    CHECK(!result.floor_passed && result.verdict == VERDICT_SAFE);
}

static void test_harm_is_remembered(void)
{
    start(plain(1.25));
    observe(40, 1000, 90, 9000);
    CHECK(result.verdict == VERDICT_HARM);
    double log_e_max = result.log_e_max;
    observe(0, 1000, 90, 9000);
    CHECK(result.log_e < log_e_max && result.log_e_max == log_e_max);
    CHECK(result.verdict == VERDICT_HARM);
    judge_ratio_restart(&ratio); /* and a new step takes nothing back */
    CHECK(judge_ratio_verdict(&ratio) == VERDICT_HARM);
    observe(1, 100, 9, 900000);
    CHECK(result.log_e_max == log_e_max && result.verdict == VERDICT_HARM);
}

/* The counts shown and the floor are those of the metric that is to blame. */
static void test_leading_metric(void)
{
    struct judge_ratio_params params = plain(1.25);
    params.metric_count = 2;
    params.weights[0] = 0.75;
    params.weights[1] = 0.25;
    start(params);
    struct judge_counts counts[] = {{10, 1000, 90, 9000, true}, {2, 500, 20, 4500, true}};
    judge_ratio_observe(&ratio, counts);
    judge_ratio_result(&ratio, &result);
    CHECK(result.metric == 0 && result.canary_events == 10 && result.verdict == VERDICT_UNDECIDED);
    counts[1].canary_events = 60;
    judge_ratio_observe(&ratio, counts);
    judge_ratio_result(&ratio, &result);
    CHECK(result.metric == 1 && result.canary_events == 62 && result.canary_trials == 1000);
    CHECK(result.baseline_events == 40 && result.baseline_trials == 9000);
    CHECK(near(result.canary_rate, 0.062) && near(result.baseline_rate, 40.0 / 9000));
    CHECK(result.verdict == VERDICT_HARM && judge_ratio_verdict(&ratio) == VERDICT_HARM);
}

/* A restart carries the evidence over, several without an event between them are one, and beyond
 * the plan none starts. */
static void test_restarts(void)
{
    struct judge_ratio_params params = reference_params;
    params.restarts = 2;
    start(params);
    judge_ratio_restart(&ratio);
    observe(0, 100, 0, 900);
    judge_ratio_restart(&ratio);
    CHECK(ratio.restart_count == 0 && ratio.periods == 1);
    observe(5, 100, 5, 900);
    double log_e = result.log_e;
    CHECK(ratio.restart_count == 1);
    judge_ratio_restart(&ratio);
    judge_ratio_restart(&ratio);
    observe(0, 100, 0, 900);
    CHECK(ratio.restart_count == 1 && result.log_e == log_e && result.canary_trials == 100);
    observe(5, 100, 5, 900);
    CHECK(ratio.restart_count == 2);
    judge_ratio_restart(&ratio);
    observe(5, 100, 5, 900);
    CHECK(ratio.restart_count == 2);
}

/* A fault that begins late is found by the copy that begins with it: one test over the whole
 * rollout would first have to win back what it lost while all was well. */
static void test_restart_finds_a_late_fault(void)
{
    for (size_t restarts = 0; restarts <= 1; restarts++) {
        struct judge_ratio_params params = reference_params;
        params.restarts = restarts;
        start(params);
        observe(1000, 100000, 9000, 900000);
        judge_ratio_restart(&ratio);
        observe(40, 1000, 90, 9000);
        CHECK(result.verdict == (restarts == 0 ? VERDICT_HARM : VERDICT_SAFE));
    }
}

static struct random_stream stream;

static unsigned below(uint64_t bound)
{
    return (unsigned)random_below(&stream, bound);
}

static void random_params(struct judge_ratio_params *params)
{
    *params = reference_params;
    params->psi0 = 0.5 + below(4) / 4.0;
    params->grid_count = 1 + below(30);
    params->grid_low = 1.05 + below(3) / 10.0;
    params->grid_high = 2 + below(30);
    params->dispersion = 1 + below(3);
    params->restarts = below(5);
    params->metric_count = 1 + below(3);
    for (size_t i = 0; i < params->metric_count; i++)
        params->weights[i] = 1 / (double)params->metric_count;
    if (params->metric_count == 2) {
        params->weights[0] = 0.9;
        params->weights[1] = 0.1;
    }
}

/* Mostly quiet, at times wild, to either side. */
static struct judge_counts random_counts(void)
{
    double scale = below(20) ? 1 : 300;
    double excess = below(3) ? 1 : 4;
    double trials = 50 + below(1000);
    return (struct judge_counts){
        .canary_events = below(3) * scale * excess,
        .canary_trials = below(15) ? trials : 0,
        .baseline_events = below(12) * scale + 0.25 * (below(4)),
        .baseline_trials = 5000 + below(5000),
        .present = below(10) != 0,
    };
}

static void test_reference(void)
{
    static struct reference reference;
    random_open(&stream, 1, RANDOM_EVENTS, 0);
    for (int i = 0; i < 300; i++) {
        struct judge_ratio_params params;
        random_params(&params);
        start(params);
        reference_init(&reference, &params);
        for (int period = 0; period < 60; period++) {
            struct judge_counts counts[JUDGE_METRICS_MAX];
            for (size_t k = 0; k < params.metric_count; k++)
                counts[k] = random_counts();
            if (below(9) == 0) {
                judge_ratio_restart(&ratio);
                reference_restart(&reference);
            }
            observe_one(counts);
            reference_observe(&reference, counts);
            if (!CHECK(near(result.log_e, reference.log_e)) ||
                !CHECK(near(result.log_e_max, reference.log_e_max)) ||
                !CHECK(near(result.safe_log_e_max, reference.safe_log_e_max)))
                return;
        }
    }
}

/* Whether its numbers are read is nothing to the verdict: only the maximum of safe may be less. */
static void test_unread(void)
{
    static struct judge_ratio unread;
    struct judge_ratio_result of_unread;
    size_t spared = 0;
    random_open(&stream, 2, RANDOM_EVENTS, 0);
    for (int i = 0; i < 300; i++) {
        struct judge_ratio_params params;
        random_params(&params);
        start(params);
        CHECK(judge_ratio_init(&unread, &params, &err));
        for (int period = 0; period < 60; period++) {
            struct judge_counts counts[JUDGE_METRICS_MAX];
            for (size_t k = 0; k < params.metric_count; k++)
                counts[k] = random_counts();
            if (period == 0 || below(9) == 0) {
                judge_ratio_restart(&ratio);
                judge_ratio_restart(&unread);
                judge_ratio_unread(&unread, below(4) > 0);
            }
            observe_one(counts);
            judge_ratio_observe(&unread, counts);
            judge_ratio_result(&unread, &of_unread);
            spared += of_unread.safe_log_e_max < result.safe_log_e_max;
            if (!CHECK(judge_ratio_verdict(&unread) == result.verdict) ||
                !CHECK(near(of_unread.log_e_max, result.log_e_max)) ||
                !CHECK(unread.unread || near(of_unread.safe_log_e_max, result.safe_log_e_max)))
                return;
        }
    }
    CHECK(spared > 0);
}

/* What is the same traffic gives the same evidence: in other units, cut in two, in another order,
 * between minutes without errors or without data. */
static void test_same_traffic(void)
{
    start(plain(1.25));
    observe(3, 600, 20, 11400);
    observe(9, 1200, 30, 10800);
    double log_e = result.log_e;
    start(plain(1.25));
    observe(9, 0.0012, 30, 0.0108);
    observe(3, 0.6, 20, 11.4);
    CHECK(near(result.log_e, log_e));
    start(plain(1.25));
    observe(1, 200, 5, 3800);
    observe(2, 400, 15, 7600);
    observe(0, 5000, 0, 9000);
    observe(9, 1200, 30, 10800);
    CHECK(near(result.log_e, log_e));
}

static void test_no_evidence(void)
{
    static const struct judge_counts rows[] = {
        {5, 100, 1, 900, false},  {5, 0, 1, 900, true},          {5, 100, 1, 0, true},
        {NAN, 100, 1, 900, true}, {5, NAN, 1, 900, true},        {5, 100, NAN, 900, true},
        {5, 100, 1, NAN, true},   {-1, 100, 1, 900, true},       {5, 100, -1, 900, true},
        {5, -100, 1, 900, true},  {INFINITY, 100, 1, 900, true}, {5, INFINITY, 1, INFINITY, true},
        {5, 100, 1, 2e15, true},  {2e15, 100, 1, 900, true},     {5, 1e-300, 1, 900, true},
    };
    start(plain(1.25));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        observe_one(&rows[i]);
        CHECK(ratio.periods == 0 && result.log_e == 0 && result.canary_trials == 0);
        CHECK(result.log_e_max == 0 && result.safe_log_e_max == 0);
        CHECK(result.verdict == VERDICT_UNDECIDED);
    }
}

static bool all_finite(void)
{
    return isfinite(result.log_e) && isfinite(result.log_e_max) &&
           isfinite(result.safe_log_e_max) && isfinite(result.canary_events) &&
           isfinite(result.canary_trials) && isfinite(result.baseline_events) &&
           isfinite(result.baseline_trials) && isfinite(result.canary_rate) &&
           isfinite(result.baseline_rate) && isfinite(result.difference);
}

static void test_extremes(void)
{
    static const double events[] = {0, 0.5, 1, 1e9, 1e15};
    static const double trials[] = {1e-9, 1, 1e9, 1e15};
    struct judge_ratio_params params = reference_params;
    params.psi0 = 1e-300;
    params.grid_high = 1000;
    params.metric_count = 2;
    params.weights[0] = 1e-9;
    params.weights[1] = 1 - 1e-9;
    for (int large = 0; large < 2; large++) {
        start(params);
        for (int i = 0; i < 400; i++) {
            struct judge_counts one = {events[i % 5], trials[i / 5 % 4], events[i / 20 % 5],
                                       trials[i / 100 % 4], true};
            struct judge_counts counts[] = {one, {1, 1, 1, 1, i % 7 == 0}};
            if (i % 11 == 0)
                judge_ratio_restart(&ratio);
            observe_one(counts);
            if (!CHECK(all_finite()))
                return;
        }
        params.psi0 = 500;
        params.safe_tol = 1000;
        params.restarts = 3;
    }
}

/* A long healthy past does not blind the test: its wealth has no floor to fall through. */
static void test_long_run(void)
{
    start(reference_params);
    struct judge_counts healthy = {1e6, 1e9, 9e6, 9e9, true};
    for (int i = 0; i < 100000; i++)
        judge_ratio_observe(&ratio, &healthy);
    judge_ratio_restart(&ratio);
    observe(3e6, 1e9, 9e6, 9e9);
    CHECK(all_finite() && result.log_e > 1e5 && result.verdict == VERDICT_HARM);
    CHECK(ratio.periods == 100001);
}

static const char *refusal(const char *field, double value)
{
    struct judge_ratio_params params = reference_params;
    if (strcmp(field, "alpha") == 0)
        params.alpha = value;
    else if (strcmp(field, "psi0") == 0)
        params.psi0 = value;
    else if (strcmp(field, "grid_low") == 0)
        params.grid_low = value;
    else if (strcmp(field, "grid_high") == 0)
        params.grid_high = value;
    else if (strcmp(field, "grid") == 0)
        params.grid_count = (size_t)value;
    else if (strcmp(field, "min_abs") == 0)
        params.min_abs = value;
    else if (strcmp(field, "dispersion") == 0)
        params.dispersion = value;
    else if (strcmp(field, "safe_tol") == 0)
        params.safe_tol = value;
    else if (strcmp(field, "safe_alpha") == 0)
        params.safe_alpha = value;
    else if (strcmp(field, "metrics") == 0)
        params.metric_count = (size_t)value;
    else if (strcmp(field, "weight") == 0)
        params.weights[0] = value;
    return judge_ratio_init(&ratio, &params, &err) ? "accepted" : err.message;
}

static void test_ratio_refuses(void)
{
    static const struct {
        const char *field;
        double value;
        const char *message;
    } rows[] = {
        {"alpha", 0, "\"alpha\" must be above 0 and below 1, not 0"},
        {"alpha", 1, "\"alpha\" must be above 0 and below 1, not 1"},
        {"alpha", NAN, "\"alpha\" must be above 0 and below 1, not nan"},
        {"alpha", 1e-300, "accepted"},
        {"psi0", 0, "\"psi0\" must be above 0 and at most 1000, not 0"},
        {"psi0", 2, "\"safe_tol\" must be above \"psi0\" (2), not 2"},
        {"grid_low", 1, "\"grid_low\" must be above 1 and at most 1000, not 1"},
        {"grid_low", 21, "\"grid\" must rise, but its highest is 20 and its lowest 21"},
        {"grid_high", INFINITY, "\"grid_high\" must be above 1 and at most 1000, not inf"},
        {"grid", 0, "\"grid\" must have 1 to 64 points, not 0"},
        {"grid", 65, "\"grid\" must have 1 to 64 points, not 65"},
        {"grid", 64, "accepted"},
        {"min_abs", -0.1, "\"min_abs\" must be at least 0 and at most 1, not -0.1"},
        {"dispersion", 0.5, "\"dispersion\" must be at least 1 and at most 1e+06, not 0.5"},
        {"safe_tol", 1.25, "\"safe_tol\" must be above \"psi0\" (1.25), not 1.25"},
        {"safe_tol", 2000, "\"safe_tol\" must be above 0 and at most 1000, not 2000"},
        {"safe_alpha", 2, "\"safe_alpha\" must be above 0 and below 1, not 2"},
        {"metrics", 0, "there must be 1 to 8 metrics, not 0"},
        {"metrics", 9, "there must be 1 to 8 metrics, not 9"},
        {"metrics", 2, "the weight of a metric must be from 1e-09 to 1, not 0"},
        {"weight", 0.5, "the weights of the metrics must be 1 together, not 0.5"},
        {"weight", NAN, "the weight of a metric must be from 1e-09 to 1, not nan"},
        {"none", 0, "accepted"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(refusal(rows[i].field, rows[i].value), rows[i].message);
}

CHECK_MAIN({"known_values", test_known_values}, {"known_sequence", test_known_sequence},
           {"safe_side", test_safe_side},
           {"safe_is_kept_while_it_stands", test_safe_is_kept_while_it_stands},
           {"harm_goes_before_safe", test_harm_goes_before_safe},
           {"harm_is_remembered", test_harm_is_remembered}, {"leading_metric", test_leading_metric},
           {"restarts", test_restarts},
           {"restart_finds_a_late_fault", test_restart_finds_a_late_fault},
           {"reference", test_reference}, {"unread", test_unread},
           {"same_traffic", test_same_traffic}, {"no_evidence", test_no_evidence},
           {"extremes", test_extremes}, {"long_run", test_long_run},
           {"ratio_refuses", test_ratio_refuses})
