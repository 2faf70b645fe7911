/* judge.ratio as a panel sees it: what it takes from a plain value, its readings, its words. */
#include "judge_check.h"

#define METRIC "\"metrics\":[{\"events\":\"errors\",\"trials\":\"requests\"}]"

static void observe(const struct judge_seat *seat, double e1, double n1, double e0, double n0)
{
    struct reading canary[] = {reading(e1), reading(n1)};
    struct reading baseline[] = {reading(e0), reading(n0)};
    seat->ops->observe(seat->self, canary, baseline);
}

static void test_says(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"ratio\"," METRIC "}"));
    CHECK(seat.metrics.count == 2 && seat.metrics.has_traffic && seat.metrics.traffic == 1);
    CHECK_TEXT(seat_says(&seat), "canary nothing,\nbaseline nothing, evidence 0.00 of 4.61");
    CHECK_TEXT(seat_harm_at(&seat), "more errors per requests than the baseline has");
    observe(&seat, 40, 1000, 90, 9000);
    CHECK_TEXT(seat_says(&seat), "canary 4.000 % (40 of 1000),\n"
                                 "baseline 1.000 % (90 of 9000), evidence 19.54 of 4.61");
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK(seat_number(&seat, "canary_events").number == 40);
    CHECK(seat_number(&seat, "floor_passed").boolean);
    seat.ops->restart(seat.self);
    CHECK_TEXT(seat_says(&seat), "canary nothing,\nbaseline nothing, evidence 19.54 of 4.61");
}

/* A period in which one of the four numbers is no value is no evidence. */
static void test_needs_all_four(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"ratio\"," METRIC "}"));
    for (size_t i = 0; i < 4; i++) {
        struct reading arms[2][2] = {{reading(40), reading(1000)}, {reading(90), reading(9000)}};
        arms[i / 2][i % 2].status = i % 2 ? READING_NO_DATA : READING_PROVIDER_ERROR;
        seat.ops->observe(seat.self, arms[0], arms[1]);
        CHECK(seat_number(&seat, "canary_trials").number == 0);
        CHECK(seat_number(&seat, "log_e").number == 0);
    }
}

static void test_several_metrics(void)
{
    struct judge_seat seat;
    CHECK(seat_init(&seat, "{\"judge\":\"ratio\",\"psi0\":1.5,\"metrics\":["
                           "{\"events\":\"errors\",\"trials\":\"requests\",\"weight\":0.75},"
                           "{\"events\":\"slow\",\"trials\":\"timed\",\"weight\":0.25}]}"));
    CHECK(seat.metrics.count == 4 && seat.metrics.traffic == 1);
    CHECK_TEXT(seat_harm_at(&seat),
               "more errors per requests, slow per timed than 1.5 times the baseline's");
    struct reading canary[] = {reading(1), reading(1000), reading(60), reading(500)};
    struct reading baseline[] = {reading(9), reading(9000), reading(20), reading(4500)};
    seat.ops->observe(seat.self, canary, baseline);
    CHECK(seat_number(&seat, "metric").integer == 1);
    CHECK(seat_number(&seat, "canary_trials").number == 500);
}

static void test_refuses(void)
{
    static const struct {
        const char *members, *message;
    } rows[] = {
        {"\"alpha\":2," METRIC, "\"alpha\" must be above 0 and below 1, not 2"},
        {"\"grid\":5," METRIC, "\"grid\" must be [lowest, highest, how many]"},
        {"\"grid\":[1,2]," METRIC, "\"grid\" must be [lowest, highest, how many]"},
        {"\"grid\":[2,20,1.5]," METRIC, "\"grid\" must be [lowest, highest, how many]"},
        {"\"grid\":[2,20,0]," METRIC, "\"grid\" must be [lowest, highest, how many]"},
        {"\"grid\":[\"2\",20,24]," METRIC,
         "\"grid_low\" must be above 1 and at most 1000, not nan"},
        {"\"grid\":[2,20,65]," METRIC, "\"grid\" must have 1 to 64 points, not 65"},
        {"\"grid\":[2,20,24]," METRIC, ""},
        {"\"metrics\":[]", "\"metrics\" must be a list of 1 to 8"},
        {"\"metrics\":{}", "\"metrics\" must be a list of 1 to 8"},
        {"\"metrics\":[{\"events\":\"errors\"}]", "\"trials\" must name a metric"},
        {"\"metrics\":[{\"trials\":\"requests\"}]", "\"events\" must name a metric"},
        {"\"metrics\":[{\"events\":\"e\",\"trials\":\"n\",\"weight\":0.5}]",
         "the weights of the metrics must be 1 together, not 0.5"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"judge\":\"ratio\",%s}", rows[i].members);
        CHECK_TEXT(seat_refusal(json), rows[i].message);
    }
}

/* A name that fills the line leaves whole characters, and ends the sentence early. */
static void test_long_names(void)
{
    static char json[2000];
    static char name[1000];
    struct judge_seat seat;
    for (size_t i = 0; i + 2 < sizeof name; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    snprintf(json, sizeof json,
             "{\"judge\":\"ratio\",\"metrics\":[{\"events\":\"%s\",\"trials\":\"requests\"}]}",
             name);
    CHECK(seat_init(&seat, json));
    struct slice said = slice_of(seat_harm_at(&seat));
    CHECK(value_utf8_end(said) == said.size && said.size < JUDGE_LINE_SIZE);
    CHECK_TEXT(said.data + said.size - 3, "...");
}

CHECK_MAIN({"says", test_says}, {"needs_all_four", test_needs_all_four},
           {"several_metrics", test_several_metrics}, {"refuses", test_refuses},
           {"long_names", test_long_names})
