/* judge.latency: the bucket-score test against known values, and the judge as a panel sees it. */
#include "judge/judge_latency.h"
#include "judge_check.h"

#include <math.h>

static bool is_near(double a, double b, double slack)
{
    return fabs(a - b) <= slack * fabs(b);
}

/* Worked out by a program apart from this one: four periods, each by itself. */
static void test_reference_values(void)
{
    static const double shares[] = {0.4, 0.3, 0.2, 0.1};
    static const double baseline[] = {400, 300, 200, 100};
    static const struct {
        double canary[4], k, log_e;
    } rows[] = {
        {{40, 30, 20, 10}, 1.5, -5.517415767887},
        {{20, 25, 30, 25}, 1.5, 12.476995005813},
        {{20, 25, 30, 25}, 2.5, 10.748834280341},
        {{5, 10, 30, 55}, 2.5, 61.636268944919},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double lifts[4];
        latency_stretch(lifts, shares, 4, rows[i].k);
        double log_e = latency_score(lifts, rows[i].canary, baseline, 4);
        CHECK(fabs(log_e - rows[i].log_e) < 1e-12 * 100);
    }
}

/* What makes the test valid: a bet does not grow where both arms are alike, whatever their share
 * (rho a + (1 - rho) g = 1), and pays more for a slower bucket. */
static void test_lifts_never_fall(void)
{
    static const double shares[] = {0.1, 0.55, 0.05, 0.25, 0.05};
    for (double k = 1.05; k < 5; k *= 1.3) {
        double lifts[5];
        double rho = 0.07;
        double expected = 0;
        latency_stretch(lifts, shares, 5, k);
        for (size_t i = 0; i < 5; i++) {
            double mean = rho * lifts[i] + 1 - rho;
            CHECK(lifts[i] > 0 && (i == 0 || lifts[i] >= lifts[i - 1]));
            CHECK(is_near(rho * lifts[i] / mean + (1 - rho) / mean, 1, 1e-14));
            expected += shares[i] * lifts[i];
        }
        CHECK(is_near(expected, 1, 1e-12) || expected > 1);
    }
}

#define CUTS "\"thresholds\":[100,200,400]"

/* Nested counts: within 100-110, 200-220, 400-440 ms, and all. The first one asked for is all. */
static void observe(const struct judge_seat *seat, const double *canary, const double *baseline)
{
    struct reading arms[2][4];
    for (size_t i = 0; i < 4; i++) {
        size_t at = i < 3 ? i + 1 : 0;
        arms[0][at] = reading(canary[i]);
        arms[1][at] = reading(baseline[i]);
    }
    seat->ops->observe(seat->self, arms[0], arms[1]);
}

static void test_asks_by_both_cuts(void)
{
    static const char *const names[] = {"latency_count", "latency_within_100-110ms",
                                        "latency_within_200-220ms", "latency_within_400-440ms"};
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"latency\"," CUTS "}"));
    CHECK(seat.metrics.count == 4 && seat.metrics.has_traffic && seat.metrics.traffic == 0);
    for (size_t i = 0; i < 4; i++)
        CHECK(slice_is(seat.metrics.names[i], names[i]));
    CHECK(seat_init(&seat, "{\"judge\":\"latency\",\"metric\":\"wait\",\"thresholds\":[0.5,2.5],"
                           "\"canary_thresholds\":[0.5,5]}"));
    CHECK(slice_is(seat.metrics.names[1], "wait_within_0.5ms"));
    CHECK(slice_is(seat.metrics.names[2], "wait_within_2.5-5ms"));
    CHECK_TEXT(seat_harm_at(&seat), "requests slower than 1 to 2 times the baseline's");
}

static void test_says(void)
{
    struct judge_seat seat;
    const double slow[] = {40, 60, 70, 100};
    const double fast[] = {500, 800, 950, 1000};
    CHECK(seat_init(&seat, "{\"judge\":\"latency\"," CUTS ",\"learned\":[2500,1500,750,250]}"));
    CHECK_TEXT(seat_says(&seat), "canary nothing,\nbaseline nothing, evidence 0.00 of 4.61");
    CHECK_TEXT(seat_harm_at(&seat), "requests slower than 1.1 times the baseline's");
    observe(&seat, slow, fast);
    CHECK_TEXT(seat_says(&seat), "canary 30.000 % (30 of 100) over 440 ms,\n"
                                 "baseline 5.000 % (50 of 1000) over 400 ms, evidence 17.39 of "
                                 "4.61");
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK(seat_number(&seat, "canary_slow").number == 30);
    CHECK(seat_number(&seat, "baseline_at_most").number == 400);
    seat.ops->restart(seat.self);
    CHECK(seat_number(&seat, "canary_requests").number == 0);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM); /* what is proven stays so */
}

/* What is no count, or not nested, is skipped as a whole. */
static void test_no_evidence(void)
{
    struct judge_seat seat;
    const double good[] = {500, 800, 950, 1000};
    static const double odd[][4] = {
        {40, 30, 70, 100}, {40, 60, 101, 100}, {-1, 60, 70, 100}, {0, 0, 0, 0}, {0, 0, 0, 1e16},
    };
    CHECK(seat_init(&seat, "{\"judge\":\"latency\"," CUTS "}"));
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        observe(&seat, odd[i], good);
        observe(&seat, good, odd[i]);
        CHECK(seat_number(&seat, "canary_requests").number == 0);
        CHECK(seat_number(&seat, "log_e").number == 0);
    }
    struct reading arms[2][4] = {{reading(1)}};
    arms[0][2].status = READING_NO_DATA;
    seat.ops->observe(seat.self, arms[0], arms[1]);
    CHECK(seat_number(&seat, "canary_requests").number == 0);
}

/* Dispersion divides the evidence; a planned number of watches shares it out. */
static void test_dispersion_and_restarts(void)
{
    struct judge_seat plain;
    struct judge_seat spread;
    struct judge_seat planned;
    const double slow[] = {40, 60, 70, 100};
    const double fast[] = {500, 800, 950, 1000};
    CHECK(seat_init(&plain, "{\"judge\":\"latency\"," CUTS ",\"restarts\":1}"));
    CHECK(seat_init(&spread, "{\"judge\":\"latency\"," CUTS ",\"restarts\":1,\"dispersion\":4}"));
    CHECK(seat_init(&planned, "{\"judge\":\"latency\"," CUTS ",\"restarts\":5}"));
    observe(&plain, slow, fast);
    observe(&spread, slow, fast);
    observe(&planned, slow, fast);
    double whole = seat_number(&plain, "log_e").number;
    CHECK(whole > 8 && seat_number(&spread, "log_e").number < whole / 2);
    double fifth = log((exp(whole) + 4) / 5);
    CHECK(is_near(seat_number(&planned, "log_e").number, fifth, 1e-12));
}

static void test_refuses(void)
{
    static const struct {
        const char *members, *message;
    } rows[] = {
        {"\"alpha\":2," CUTS, "\"alpha\" must be above 0 and below 1, not 2"},
        {"\"dispersion\":0.5," CUTS, "\"dispersion\" must be from 1 to 1e+06, not 0.5"},
        {"\"tolerance\":-1," CUTS, "\"tolerance\" must be from 0 to 100, not -1"},
        {"\"thresholds\":[]", "\"thresholds\" must be a list of 1 to 12"},
        {"\"thresholds\":[200,100]",
         "the thresholds of the baseline must be rising numbers of milliseconds, from 0.001 to "
         "1e9; number 2 is 100"},
        {"\"thresholds\":[1e-5]",
         "the thresholds of the baseline must be rising numbers of milliseconds, from 0.001 to "
         "1e9; number 1 is 1e-05"},
        {"\"thresholds\":[1e9]",
         "the thresholds of the canary must be rising numbers of milliseconds, from 0.001 to 1e9; "
         "number 1 is 1.1e+09"},
        {"\"thresholds\":[\"1\"]",
         "the thresholds of the baseline must be rising numbers of milliseconds, from 0.001 to "
         "1e9; number 1 is nan"},
        {"\"canary_thresholds\":[1]," CUTS, "\"canary_thresholds\" must be a list of 3 numbers"},
        {"\"learned\":[1,2,3]," CUTS, "\"learned\" must be a list of 4 numbers"},
        {"\"learned\":[1,2,3,-4]," CUTS, "\"learned\" must be counts, not -4"},
        {"\"metric\":\"a_name_of_more_than_24_bytes\"," CUTS,
         "\"metric\" must be a name of 1 to 24 characters"},
        {CUTS, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"judge\":\"latency\",%s}", rows[i].members);
        CHECK_TEXT(seat_refusal(json), rows[i].message);
    }
}

CHECK_MAIN({"reference_values", test_reference_values}, {"lifts_never_fall", test_lifts_never_fall},
           {"asks_by_both_cuts", test_asks_by_both_cuts}, {"says", test_says},
           {"no_evidence", test_no_evidence},
           {"dispersion_and_restarts", test_dispersion_and_restarts}, {"refuses", test_refuses})
