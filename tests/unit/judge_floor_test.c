/* The floor of judge.ratio: a difference too small to matter is no harm, however certain. */
#include "check.h"
#include "judge/judge_ratio.h"
#include "judge_reference.h"

#include <math.h>

static struct error err;
static struct judge_ratio ratio;
static struct judge_ratio_result result;

static void start(struct judge_ratio_params params)
{
    CHECK(judge_ratio_init(&ratio, &params, &err));
}

static void observe(double canary_events, double canary_trials, double baseline_events,
                    double baseline_trials)
{
    struct judge_counts counts = {canary_events, canary_trials, baseline_events, baseline_trials,
                                  true};
    judge_ratio_observe(&ratio, &counts);
    judge_ratio_result(&ratio, &result);
}

static bool near(double got, double want)
{
    return fabs(got - want) <= 1e-9 * fmax(1, fabs(want));
}

/* A rise of half the floor, as sure as can be: neither the chance of a single watch's first counts
 * nor what is left of the baseline at the end makes it pass. */
static void test_is_about_all_that_was_seen(void)
{
    start(reference_params);
    observe(1500, 1000000, 9000, 9000000);
    CHECK(result.log_e_max > result.threshold && near(result.difference, 0.0005));
    CHECK(result.verdict != VERDICT_HARM);
    judge_ratio_restart(&ratio);
    observe(5, 1000, 9, 9000);
    CHECK(result.canary_rate - result.baseline_rate > 0.001 && result.verdict != VERDICT_HARM);
    judge_ratio_restart(&ratio);
    observe(1500, 1000000, 0, 10);
    CHECK(result.verdict != VERDICT_HARM);
}

/* What was well before the fault began does not hide it. */
static void test_begins_with_the_fault(void)
{
    start(reference_params);
    for (int watch = 0; watch < 30; watch++) {
        judge_ratio_restart(&ratio);
        observe(1000, 1000000, 9000, 9000000);
    }
    judge_ratio_restart(&ratio);
    observe(300, 100000, 900, 900000);
    CHECK(near(result.difference, 0.002) && result.verdict == VERDICT_HARM);
    CHECK(ratio.start_count == JUDGE_STARTS_MAX);
}

/* With the defaults a service that hardly ever errs is judged as any other: five times as many. */
static void test_does_not_blind(void)
{
    start(judge_ratio_default);
    observe(50, 100000, 90, 900000);
    CHECK(result.verdict == VERDICT_HARM);
}

CHECK_MAIN({"is_about_all_that_was_seen", test_is_about_all_that_was_seen},
           {"begins_with_the_fault", test_begins_with_the_fault},
           {"does_not_blind", test_does_not_blind})
