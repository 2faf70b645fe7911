/* judge.percentile: the sign test against values worked out by hand, and as a panel sees it. */
#include "base/random.h"
#include "judge_check.h"

#include <math.h>

#define P50 "\"metric\":\"latency_p50\",\"trials\":\"requests\""

static struct reading some(double value)
{
    return reading(value);
}

static void observe(const struct judge_seat *seat, double canary, double of, double baseline,
                    double among)
{
    struct reading arms[2][2] = {{some(canary), some(of)}, {some(baseline), some(among)}};
    seat->ops->observe(seat->self, arms[0], arms[1]);
}

/* The mean over the six bets of (1 + bet) or (1 - bet), period by period. */
static double expected(const int *signs, size_t count)
{
    static const double bets[] = {0.1, 0.2, 0.35, 0.5, 0.7, 0.9};
    double sum = 0;
    for (size_t i = 0; i < 6; i++) {
        double wealth = 1;
        for (size_t k = 0; k < count; k++)
            wealth *= 1 + bets[i] * signs[k];
        sum += wealth;
    }
    return log(sum / 6);
}

static void test_against_the_formula(void)
{
    static const int signs[] = {1, 1, -1, 0, 1, 1, 1, -1, 1};
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"percentile\"," P50 ",\"restarts\":1}"));
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        double canary = signs[i] > 0 ? 221 : signs[i] < 0 ? 219 : 2 * 110.00000000000001;
        observe(&seat, canary, 100, 200, 900);
        CHECK(fabs(seat_number(&seat, "log_e").number - expected(signs, i + 1)) < 1e-12);
    }
}

static void test_says(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"percentile\"," P50 "}"));
    CHECK(seat.metrics.traffic == 1);
    CHECK_TEXT(seat_harm_at(&seat),
               "latency_p50 above 1.1 times the baseline's, period by period (a sign test)");
    for (int i = 0; i < 20; i++)
        observe(&seat, 300, 100, 200, 900);
    CHECK_TEXT(seat_says(&seat), "20 of 20 periods above 1.1 times the baseline's,\n"
                                 "the last 300 to 200, evidence 10.46 of 4.61");
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
}

/* Too few requests, or a canary with most of them: such a period says nothing. */
static void test_says_nothing(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"percentile\"," P50 ",\"at_least\":50}"));
    observe(&seat, 300, 49, 200, 900);
    observe(&seat, 300, 49, 200, 49);
    observe(&seat, 300, 501, 200, 499);
    observe(&seat, NAN, 100, 200, 900);
    CHECK(seat_number(&seat, "periods").integer == 0);
    CHECK(seat_init(&seat, "{\"judge\":\"percentile\"," P50 ",\"half\":false}"));
    observe(&seat, 300, 501, 200, 499);
    CHECK(seat_number(&seat, "periods").integer == 1);
}

/* Two like arms, one above the other as often as not: hardly ever harm, and a lasting rise is. */
static void test_chance(void)
{
    int harm = 0;
    for (uint64_t run = 0; run < 2000; run++) {
        struct judge_seat seat;
        struct random_stream stream;
        pool_reset(&judge_pool);
        random_open(&stream, 1, RANDOM_RUNS, run);
        CHECK(seat_init(&seat, "{\"judge\":\"percentile\"," P50 ",\"tolerance\":0,"
                               "\"restarts\":1}"));
        for (int i = 0; i < 60; i++)
            observe(&seat, random_unit(&stream), 100, random_unit(&stream), 900);
        harm += seat.ops->verdict(seat.self) == VERDICT_HARM;
    }
    CHECK(harm <= 35); /* of 2000 at alpha 0.01: one seed in 1000 has more */
}

static void test_refuses(void)
{
    CHECK_TEXT(seat_refusal("{\"judge\":\"percentile\",\"metric\":\"x\"}"),
               "\"trials\" must name a metric");
    CHECK_TEXT(seat_refusal("{\"judge\":\"percentile\"," P50 ",\"at_least\":0}"),
               "\"at_least\" must be from 1 to 1e15, not 0");
    CHECK_TEXT(seat_refusal("{\"judge\":\"percentile\"," P50 ",\"tolerance\":-1}"),
               "\"tolerance\" must be from 0 to 100, not -1");
    CHECK_TEXT(seat_refusal("{\"judge\":\"percentile\"," P50 ",\"alpha\":0}"),
               "\"alpha\" must be above 0 and below 1, not 0");
}

CHECK_MAIN({"against_the_formula", test_against_the_formula}, {"says", test_says},
           {"says_nothing", test_says_nothing}, {"chance", test_chance}, {"refuses", test_refuses})
