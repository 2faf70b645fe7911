/* judge.before: a canary that is alone, held against what the old version did before. */
#include "base/random.h"
#include "judge_check.h"

static void observe(const struct judge_seat *seat, double errors, double requests, double others)
{
    struct reading canary[] = {reading(errors), reading(requests)};
    struct reading baseline[] = {reading(others / 1000), reading(others)};
    if (others <= 0)
        baseline[0].status = baseline[1].status = READING_NO_DATA;
    seat->ops->observe(seat->self, canary, baseline);
}

#define BEFORE(past)                                                                               \
    "{\"judge\":\"before\",\"name\":\"errors before\",\"events\":\"errors\",\"trials\":"           \
    "\"requests\",\"alpha\":0.01,\"tolerance\":2,\"min_abs\":0.001,\"dispersion\":1" past "}"

static void test_finds(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, BEFORE(",\"past\":{\"events\":60,\"trials\":60000}")));
    CHECK_TEXT(seat_harm_at(&seat),
               "more errors per requests than 2 times what the old version had "
               "before");
    observe(&seat, 1, 1000, 0);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_UNDECIDED);
    CHECK_TEXT(seat_says(&seat), "before 0.100 % (60 of 60000),\ncanary 0.100 % (1 of 1000), "
                                 "evidence 0.00 of 4.61");
    for (int i = 0; i < 3; i++)
        observe(&seat, 19, 1000, 0);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK(seat_number(&seat, "limit").number > 0.002 && seat_number(&seat, "limit").number < 0.003);
    observe(&seat, 0, 1e6, 0);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
}

/* What comes and goes for the whole service did so before, too: evidence counts as much less as its
 * periods differed then, and a judge that is told of more believes that. */
static void test_uneven_past(void)
{
    static const struct {
        const char *judge;
        double log_e;
    } rows[] = {
        {BEFORE(",\"past\":{\"events\":60,\"trials\":60000}"), 1},
        {BEFORE(",\"past\":{\"dispersion\":8.0,\"events\":60,\"trials\":60000}"), 8},
        {BEFORE(",\"past\":{\"dispersion\":1.0,\"events\":60,\"trials\":60000}"), 1},
    };
    double first = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct judge_seat seat;
        CHECK(seat_init(&seat, rows[i].judge));
        observe(&seat, 60, 10000, 0);
        CHECK((seat.ops->verdict(seat.self) == VERDICT_HARM) == (rows[i].log_e == 1));
        double sees = seat.ops->sees(seat.self);
        first = i == 0 ? sees : first;
        CHECK(rows[i].log_e == 1 ? sees == first : sees > first);
    }
    struct judge_seat seat;
    CHECK(!seat_init(&seat, BEFORE(",\"past\":{\"dispersion\":0.5}")));
}

/* While there is a baseline it is learned from, and the canary is not looked at. */
static void test_learns(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, BEFORE("")));
    CHECK_TEXT(seat_says(&seat),
               "no comparison: nothing is known of the old version before,\ncanary nothing");
    CHECK(seat.ops->sees(seat.self) >= 1e9);
    observe(&seat, 900, 1000, 0); /* against nothing nothing can be found */
    CHECK(seat.ops->verdict(seat.self) == VERDICT_UNDECIDED);
    for (int i = 0; i < 10; i++)
        observe(&seat, 900, 1000, 9000);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_UNDECIDED);
    CHECK(seat_number(&seat, "past_trials").number == 90000);
    CHECK(seat_number(&seat, "past_events").number == 90);
    seat.ops->restart(seat.self);
    observe(&seat, 50, 1000, 20);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
}

/* A version that is like the one before, or up to twice as bad. */
static void test_false_alarms(void)
{
    enum { RUNS = 4000, MINUTES = 30 };
    int wrong = 0;
    for (int run = 0; run < RUNS; run++) {
        struct judge_seat seat;
        struct random_stream stream;
        random_open(&stream, 3, RANDOM_TRAFFIC, (uint64_t)run);
        CHECK(seat_init(&seat, BEFORE(",\"past\":{\"events\":30,\"trials\":30000}")));
        for (int minute = 0; minute < MINUTES; minute++)
            observe(&seat, (double)random_binomial(&stream, 500, run % 2 ? 0.002 : 0.001), 500, 0);
        wrong += seat.ops->verdict(seat.self) == VERDICT_HARM;
        pool_reset(&judge_pool);
    }
    CHECK(wrong <= RUNS / 100);
}

static void test_refuses(void)
{
    CHECK_TEXT(seat_refusal("{\"judge\":\"before\",\"trials\":\"requests\"}"),
               "\"events\" must name a metric");
    CHECK_TEXT(seat_refusal("{\"judge\":\"before\",\"tolerance\":0.5}"),
               "\"tolerance\" must be from 1 to 1000, not 0.5");
}

CHECK_MAIN({"finds", test_finds}, {"uneven_past", test_uneven_past}, {"learns", test_learns},
           {"false_alarms", test_false_alarms}, {"refuses", test_refuses})
