/* What holds for every judge there is, and what they share. A new one is tried by its row in
 * `examples` alone. */
#include "judge_check.h"

#include <float.h>

static const struct {
    const char *name, *json;
} examples[] = {
    {"alarm", "{\"judge\":\"alarm\",\"alarms\":[\"checkout-5xx\"]}"},
    {"before", "{\"judge\":\"before\",\"events\":\"errors\",\"trials\":\"requests\"}"},
    {"latency", "{\"judge\":\"latency\",\"thresholds\":[100,200]}"},
    {"percentile", "{\"judge\":\"percentile\",\"metric\":\"latency_p50\","
                   "\"trials\":\"requests\"}"},
    {"ratio", "{\"judge\":\"ratio\",\"metrics\":[{\"events\":\"errors\",\"trials\":\"requests\"},"
              "{\"events\":\"slow\",\"trials\":\"requests\"}]}"},
    {"threshold", "{\"judge\":\"threshold\",\"metric\":\"errors\",\"per\":\"requests\","
                  "\"above\":0.02}"},
};

enum { EXAMPLES = sizeof examples / sizeof *examples };

static void test_every_judge_has_an_example(void)
{
    size_t count = 0;
    for (; judge_at(count); count++) {
        const struct judge_ops *ops = judge_at(count);
        CHECK(count < EXAMPLES && strcmp(examples[count].name, ops->name) == 0);
        CHECK(judge_find(slice_of(ops->name), &err) == ops);
    }
    CHECK(count == EXAMPLES);
}

static void test_unknown(void)
{
    CHECK(!judge_find(slice_of("kayenta"), &err));
    CHECK(err.code == ERROR_INVALID);
    CHECK_TEXT(
        err.message,
        "there is no judge \"kayenta\" (there are alarm, before, latency, percentile, ratio, "
        "threshold)");
}

static bool is_text(const struct judge_words *words)
{
    for (size_t i = 0; i < words->count; i++) {
        struct slice line = slice_of(words->lines[i]);
        if (line.size == 0 || value_utf8_end(line) != line.size)
            return false;
    }
    return words->count > 0 && words->count <= JUDGE_LINES_MAX;
}

/* Every number has a name of its own and can be journaled, and there are words. */
static void check_told(const struct judge_seat *seat)
{
    struct member numbers[JUDGE_NUMBERS_MAX + 1];
    struct judge_words says = {.count = 0};
    struct judge_words harm_at = {.count = 0};
    size_t count = seat->ops->numbers(seat->self, numbers);
    CHECK(count > 0 && count <= JUDGE_NUMBERS_MAX);
    for (size_t i = 0; i < count; i++) {
        const struct value *value = &numbers[i].value;
        CHECK(value->kind != VALUE_FLOAT ||
              (value->number >= -DBL_MAX && value->number <= DBL_MAX));
        for (size_t k = 0; k < i; k++)
            CHECK(!slice_equal(numbers[i].name, numbers[k].name));
        CHECK(!slice_is(numbers[i].name, "judge") && !slice_is(numbers[i].name, "name"));
        CHECK(!slice_is(numbers[i].name, "says") && !slice_is(numbers[i].name, "verdict"));
    }
    seat->ops->says(seat->self, "no requests", &says);
    seat->ops->harm_at(seat->self, &harm_at);
    CHECK(is_text(&says) && is_text(&harm_at));
}

/* Any state, of any time. */
static void heed_oddities(const struct judge_seat *seat, size_t i)
{
    struct alarm alarms[JUDGE_ALARMS_MAX];
    for (size_t k = 0; k < seat->metrics.alarm_count; k++)
        alarms[k] = (struct alarm){(enum alarm_state)((i + k) % 4), (int64_t)(i % 5) - 1,
                                   slice_of(i % 2 ? "" : "because")};
    seat->ops->heed(seat->self, alarms, (int64_t)(i % 11));
}

/* What nobody should be able to count, and what nobody answered. */
static void observe_oddities(const struct judge_seat *seat)
{
    static const double values[] = {0, 1, -1, 0.5, 1e300, -1e300, 1e-300, 1e15};
    enum { VALUES = sizeof values / sizeof *values };
    struct reading canary[JUDGE_READINGS_MAX] = {{0}};
    struct reading baseline[JUDGE_READINGS_MAX] = {{0}};
    for (size_t i = 0; i < 3 * VALUES * VALUES; i++) {
        for (size_t k = 0; k < seat->metrics.count; k++) {
            canary[k] = (struct reading){(enum reading_status)(i % 3), values[(i + k) % VALUES]};
            baseline[k] = (struct reading){READING_VALUE, values[(i / VALUES + k) % VALUES]};
        }
        if (seat->ops->observe)
            seat->ops->observe(seat->self, canary, baseline);
        if (seat->ops->heed)
            heed_oddities(seat, i);
        if (i % 7 == 0 && seat->ops->restart)
            seat->ops->restart(seat->self);
        enum verdict verdict = seat->ops->verdict(seat->self);
        CHECK(verdict == VERDICT_UNDECIDED || verdict == VERDICT_SAFE || verdict == VERDICT_HARM);
        CHECK(verdict != VERDICT_SAFE || seat->ops->compares);
        check_told(seat);
    }
}

static void test_every_judge_reports(void)
{
    for (size_t i = 0; i < EXAMPLES; i++) {
        struct judge_seat seat;
        if (!CHECK(seat_init(&seat, examples[i].json)))
            continue;
        CHECK((seat.metrics.count > 0) == (seat.ops->observe != NULL));
        CHECK((seat.metrics.alarm_count > 0) == (seat.ops->heed != NULL));
        CHECK(seat.metrics.count == 0 || seat.metrics.traffic < seat.metrics.count);
        check_told(&seat);
        observe_oddities(&seat);
    }
}

static void test_every_judge_needs_something(void)
{
    for (size_t i = 0; judge_at(i); i++) {
        char json[64];
        snprintf(json, sizeof json, "{\"judge\":\"%s\"}", judge_at(i)->name);
        CHECK(strlen(seat_refusal(json)) > 0 && err.code == ERROR_INVALID);
    }
}

static void test_metrics(void)
{
    static struct judge_metrics metrics;
    struct value value;
    size_t index;
    CHECK(value_parse(&value, slice_of("{\"a\":\"x\",\"b\":\"y\",\"c\":\"x\",\"d\":1,\"e\":\"\"}"),
                      false, &judge_pool, &err));
    CHECK(judge_metrics_add(&metrics, &value, "a", &index, &err) && index == 0);
    CHECK(judge_metrics_add(&metrics, &value, "b", &index, &err) && index == 1);
    CHECK(judge_metrics_add(&metrics, &value, "c", &index, &err) && index == 0);
    CHECK(metrics.count == 2 && metrics.traffic == 0);
    judge_metrics_traffic(&metrics, 1);
    judge_metrics_traffic(&metrics, 0);
    CHECK(metrics.traffic == 1);
    for (const char *field = "def"; *field; field++) {
        char name[] = {*field, '\0'};
        CHECK(!judge_metrics_add(&metrics, &value, name, &index, &err));
    }
    CHECK_TEXT(err.message, "\"f\" must name a metric");
    metrics = (struct judge_metrics){.count = JUDGE_READINGS_MAX};
    for (size_t i = 0; i < JUDGE_READINGS_MAX; i++)
        metrics.names[i] = slice_of("full");
    CHECK(!judge_metrics_add(&metrics, &value, "a", &index, &err));
    CHECK_TEXT(err.message, "a watch looks at no more than 32 metrics");
}

/* Cut after a whole character. */
static void test_words(void)
{
    static struct judge_words words;
    static char wide[4 * JUDGE_LINE_SIZE];
    for (size_t i = 0; i + 3 < sizeof wide; i += 3)
        memcpy(wide + i, "\xe2\x82\xac", 3); /* a euro sign */
    for (size_t i = 0; i < 3; i++)
        judge_say(&words, "%s%s", &"xx"[i], wide);
    CHECK(is_text(&words));
    for (size_t i = 0; i < 3; i++) {
        size_t size = strlen(words.lines[i]);
        CHECK(size >= JUDGE_LINE_SIZE - 4 && size < JUDGE_LINE_SIZE);
        CHECK_TEXT(words.lines[i] + size - 3, "...");
    }
    judge_say(&words, "%d", 4);
    judge_say(&words, "%d", 5);
    CHECK(words.count == JUDGE_LINES_MAX);
    CHECK_TEXT(words.lines[3], "4");
}

static void test_verdict_names(void)
{
    CHECK_TEXT(verdict_name(VERDICT_HARM), "harm");
    CHECK_TEXT(verdict_name(VERDICT_PROVIDER_ERROR), "provider error");
}

CHECK_MAIN({"every_judge_has_an_example", test_every_judge_has_an_example},
           {"unknown", test_unknown}, {"every_judge_reports", test_every_judge_reports},
           {"every_judge_needs_something", test_every_judge_needs_something},
           {"metrics", test_metrics}, {"words", test_words}, {"verdict_names", test_verdict_names})
