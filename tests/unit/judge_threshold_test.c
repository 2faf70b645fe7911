/* judge.threshold: m of the last n periods that are evidence. */
#include "judge_check.h"

#include <math.h>

static void observe(const struct judge_seat *seat, struct reading errors, struct reading requests)
{
    struct reading canary[] = {errors, requests};
    struct reading baseline[] = {reading(0), reading(1e6)};
    seat->ops->observe(seat->self, canary, baseline);
}

/* One period of a judge with the limit 5 per request, as one letter: x beyond, . not, - absent, s
 * too few requests, e exactly at the limit, n not a number. */
static void observe_letter(const struct judge_seat *seat, char letter, bool above)
{
    double requests = letter == 's' ? 99 : 100;
    double beyond = above ? 6 : 4;
    double rate = letter == '.' ? 10 - beyond : letter == 'e' ? 5 : letter == 'n' ? NAN : beyond;
    struct reading errors = reading(rate * requests);
    if (letter == '-')
        errors.status = READING_NO_DATA;
    observe(seat, errors, reading(requests));
}

/* Verdicts: H harm, which stays, u undecided. */
static void test_window(void)
{
    static const struct {
        int m, n;
        const char *periods, *verdicts;
    } rows[] = {
        {2, 3, "x.x..x", "uuHHHH"},   {2, 3, "xx...x", "uHHHHH"}, {2, 3, "x--x-.", "uuuHHH"},
        {2, 3, "xssx.s.", "uuHHHHH"}, {1, 1, ".x.-x", "uHHHH"},   {3, 3, "xx.xxx", "uuuuuH"},
        {2, 3, "xeex", "uuuu"},       {2, 3, "xnnx", "uuuH"},     {2, 2, "xx", "uH"},
        {2, 3, "------", "uuuuuu"},   {2, 3, "ssss", "uuuH"},     {2, 3, "s.ss.", "uuuuu"},
    };
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        bool above = i % 2 == 0;
        char json[160];
        char verdicts[16] = "";
        struct judge_seat seat;
        snprintf(json, sizeof json,
                 "{\"judge\":\"threshold\",\"metric\":\"errors\",\"per\":\"requests\",\"%s\":5,"
                 "\"m\":%d,\"n\":%d}",
                 above ? "above" : "below", rows[i / 2].m, rows[i / 2].n);
        CHECK(seat_init(&seat, json));
        for (size_t k = 0; rows[i / 2].periods[k]; k++) {
            observe_letter(&seat, rows[i / 2].periods[k], above);
            verdicts[k] = seat.ops->verdict(seat.self) == VERDICT_HARM ? 'H' : 'u';
        }
        CHECK_TEXT(verdicts, rows[i / 2].verdicts);
    }
}

static void test_numbers(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"threshold\",\"metric\":\"errors\",\"per\":\"requests\","
                           "\"above\":0.02}"));
    CHECK(seat.metrics.count == 2 && seat.metrics.traffic == 1);
    CHECK_TEXT(seat_says(&seat), "0 of 0 periods above 0.02, the last 0");
    CHECK_TEXT(seat_harm_at(&seat), "errors per requests above 0.02 (canary, 2 of 3 periods)");
    observe(&seat, reading(3), reading(100));
    observe(&seat, reading(-INFINITY), reading(1000));
    observe(&seat, reading(10), reading(0));
    observe(&seat, reading(10), reading(NAN));
    observe(&seat, reading(40), reading(1000));
    CHECK(seat_number(&seat, "of").integer == 2 && seat_number(&seat, "beyond").integer == 2);
    CHECK(seat_number(&seat, "last").number == 0.04 && seat_number(&seat, "limit").number == 0.02);
    CHECK(seat_number(&seat, "m").integer == 2);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK_TEXT(seat_says(&seat), "2 of 2 periods above 0.02, the last 0.04");
}

/* Without "per" the metric is held against the limit itself, and tells nothing of traffic. */
static void test_value_itself(void)
{
    struct judge_seat seat;
    struct reading canary = reading(100);
    struct reading baseline = reading(400);
    CHECK(seat_init(&seat, "{\"judge\":\"threshold\",\"metric\":\"p99\",\"arm\":\"baseline\","
                           "\"above\":300,\"m\":1,\"n\":1}"));
    CHECK(seat.metrics.count == 1 && !seat.metrics.has_traffic);
    seat.ops->observe(seat.self, &canary, &baseline);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK_TEXT(seat_harm_at(&seat), "p99 above 300 (baseline, 1 of 1 periods)");
}

static void test_refuses(void)
{
    static const struct {
        const char *members, *message;
    } rows[] = {
        {"", "exactly one of \"above\" and \"below\" is needed"},
        {"\"above\":1,\"below\":0,", "exactly one of \"above\" and \"below\" is needed"},
        {"\"above\":\"2\",", "\"above\" must be a finite number"},
        {"\"below\":true,", "\"below\" must be a finite number"},
        {"\"above\":1,\"n\":0,", "\"n\" must be from 1 to 64, not 0"},
        {"\"above\":1,\"n\":65,", "\"n\" must be from 1 to 64, not 65"},
        {"\"above\":1,\"m\":-1,", "\"m\" must be from 1 to \"n\" (3), not -1"},
        {"\"above\":1,\"m\":4,", "\"m\" must be from 1 to \"n\" (3), not 4"},
        {"\"above\":1,\"min_requests\":-1,", "\"min_requests\" must be from 0 to 1e+15, not -1"},
        {"\"above\":1,\"per\":5,", "\"per\" must name a metric"},
        {"\"above\":1,", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[160];
        snprintf(json, sizeof json, "{%s\"judge\":\"threshold\",\"metric\":\"errors\"}",
                 rows[i].members);
        CHECK_TEXT(seat_refusal(json), rows[i].message);
    }
    CHECK_TEXT(seat_refusal("{\"judge\":\"threshold\",\"above\":1}"),
               "\"metric\" must name a metric");
}

CHECK_MAIN({"window", test_window}, {"numbers", test_numbers}, {"value_itself", test_value_itself},
           {"refuses", test_refuses})
