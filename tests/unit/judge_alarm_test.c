/* judge.alarm: harm while an alarm says ALARM, and alarms as plain values. */
#include "judge_check.h"

enum { MINUTE = 60000, MOST = 4 };

static const int64_t start = INT64_C(1772442000000); /* 2026-03-02T09:00:00Z */

static struct alarm alarm(enum alarm_state state, int64_t since, const char *reason)
{
    return (struct alarm){state, since, slice_of(reason)};
}

/* One look as letters, an alarm each: A in ALARM, o OK, i INSUFFICIENT_DATA, e not answered. */
static void heed(const struct judge_seat *seat, const char *letters, int64_t now)
{
    struct alarm alarms[MOST];
    for (size_t i = 0; letters[i]; i++)
        alarms[i] = alarm(letters[i] == 'A'   ? ALARM_IN_ALARM
                          : letters[i] == 'o' ? ALARM_OK
                          : letters[i] == 'i' ? ALARM_INSUFFICIENT
                                              : ALARM_UNANSWERED,
                          -1, "");
    seat->ops->heed(seat->self, alarms, now);
}

/* Verdicts: H harm, u undecided. A look each minute. */
static void test_verdicts(void)
{
    static const struct {
        const char *looks[6];
        int lasting;
        const char *verdicts;
    } rows[] = {
        {{"oo", "oA", "AA", "oo"}, 0, "uHHu"},
        {{"ii", "io", "ei", "ee"}, 0, "uuuu"},
        {{"Ao", "Ao", "Ao", "oo", "Ao", "Ao"}, 2, "uuHuuu"},
        {{"Ao", "eo", "Ao"}, 2, "uuH"}, /* nobody said that it was over */
        {{"Ao", "io", "Ao"}, 2, "uuu"},
        {{"Ao", "oA", "Ao"}, 2, "uuu"}, /* one after the other is neither for so long */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[160];
        char verdicts[8] = "";
        struct judge_seat seat;
        snprintf(json, sizeof json, "{\"judge\":\"alarm\",\"alarms\":[\"a\",\"b\"],\"lasting\":%d}",
                 rows[i].lasting * MINUTE);
        CHECK(seat_init(&seat, json));
        for (size_t k = 0; k < 6 && rows[i].looks[k]; k++) {
            heed(&seat, rows[i].looks[k], start + (int64_t)k * MINUTE);
            verdicts[k] = seat.ops->verdict(seat.self) == VERDICT_HARM ? 'H' : 'u';
        }
        CHECK_TEXT(verdicts, rows[i].verdicts);
    }
}

/* Since when is what AWS says, also where its clock goes ahead of ours. */
static void test_since(void)
{
    struct judge_seat seat;
    struct alarm said = alarm(ALARM_IN_ALARM, start - 3 * MINUTE, "");
    CHECK(seat_init(&seat, "{\"judge\":\"alarm\",\"alarms\":[\"a\"],\"lasting\":180000}"));
    seat.ops->heed(seat.self, &said, start - 1);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_UNDECIDED);
    seat.ops->heed(seat.self, &said, start);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK(seat_init(&seat, "{\"judge\":\"alarm\",\"alarms\":[\"a\"]}"));
    said.since = start + 5000;
    seat.ops->heed(seat.self, &said, start);
    CHECK(seat.ops->verdict(seat.self) == VERDICT_HARM);
    CHECK_TEXT(seat_says(&seat), "a is in ALARM since 2026-03-02T09:00:05Z (0s)");
}

static void test_says(void)
{
    struct judge_seat seat;
    struct alarm said[] = {alarm(ALARM_IN_ALARM, start, "7 of 7 datapoints"),
                           alarm(ALARM_IN_ALARM, start - MINUTE, "Threshold Crossed: x\xc3\xa9"),
                           alarm(ALARM_INSUFFICIENT, -1, ""), alarm(ALARM_UNANSWERED, -1, "no")};
    CHECK(seat_init(&seat, "{\"judge\":\"alarm\",\"alarms\":[\"a\",\"b\",\"c\",\"d\"]}"));
    CHECK_TEXT(seat_harm_at(&seat), "the alarm a\nor one of 3 others\nin ALARM");
    CHECK_TEXT(seat_says(&seat), "not asked yet");
    seat.ops->heed(seat.self, said, start + MINUTE);
    CHECK_TEXT(seat_says(&seat),
               "b is in ALARM since 2026-03-02T08:59:00Z (2m), and so is 1 more:\n"
               "Threshold Crossed: x\xc3\xa9\n1 without data, which is no evidence\n"
               "1 not answered");
    CHECK(seat_number(&seat, "in_alarm").integer == 2 && seat_number(&seat, "of").integer == 4);
    CHECK(seat_number(&seat, "ok").integer == 0);
    CHECK(seat_number(&seat, "insufficient_data").integer == 1);
    heed(&seat, "oooo", start + 2 * MINUTE);
    CHECK_TEXT(seat_says(&seat), "4 of 4 OK");
    CHECK(seat_init(&seat, "{\"judge\":\"alarm\",\"alarms\":[\"a\",\"b\"],\"lasting\":120000}"));
    CHECK_TEXT(seat_harm_at(&seat), "the alarm a\nor one of 1 others\nin ALARM for 2m");
}

/* Names and reasons come from outside, and are as long as they like. */
static void test_bounded(void)
{
    char json[700];
    char name[301];
    char reason[601];
    struct judge_seat seat;
    for (size_t i = 0; i + 1 < sizeof name; i += 2)
        memcpy(name + i, "\xc3\xa9", 2);
    for (size_t i = 0; i + 1 < sizeof reason; i += 2)
        memcpy(reason + i, "\xc3\xa9", 2);
    name[300] = reason[600] = '\0';
    snprintf(json, sizeof json, "{\"judge\":\"alarm\",\"alarms\":[\"x%s\"]}", name);
    CHECK(seat_init(&seat, json));
    struct alarm said = alarm(ALARM_IN_ALARM, start, reason);
    seat.ops->heed(seat.self, &said, start);
    struct slice text = slice_of(seat_says(&seat));
    CHECK(text.size < 2 * JUDGE_LINE_SIZE && value_utf8_end(text) == text.size);
}

static void test_refuses(void)
{
    static const char *const rows[][2] = {
        {"{\"judge\":\"alarm\"}", "\"alarms\" must be a list of 1 to 32"},
        {"{\"judge\":\"alarm\",\"alarms\":[]}", "\"alarms\" must be a list of 1 to 32"},
        {"{\"judge\":\"alarm\",\"alarms\":\"a\"}", "\"alarms\" must be a list of 1 to 32"},
        {"{\"judge\":\"alarm\",\"alarms\":[\"\"]}", "\"alarms\" must be names or ARNs of alarms"},
        {"{\"judge\":\"alarm\",\"alarms\":[5]}", "\"alarms\" must be names or ARNs of alarms"},
        {"{\"judge\":\"alarm\",\"alarms\":[\"a\"],\"lasting\":-1}",
         "\"lasting\" must be a duration, up to 366 days"},
        {"{\"judge\":\"alarm\",\"alarms\":[\"a\"]}", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK_TEXT(seat_refusal(rows[i][0]), rows[i][1]);
}

/* One name stands once, whoever asks for it, and there is an end to them. */
static void test_asked_once(void)
{
    struct judge_metrics metrics;
    char names[JUDGE_ALARMS_MAX + 1][8];
    size_t index = 9;
    judge_metrics_clear(&metrics);
    for (size_t i = 0; i < JUDGE_ALARMS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "a%zu", i);
        CHECK(judge_metrics_alarm(&metrics, slice_of(names[i]), &index, &err) && index == i);
    }
    CHECK(judge_metrics_alarm(&metrics, slice_of("a3"), &index, &err) && index == 3);
    CHECK(!judge_metrics_alarm(&metrics, slice_of("b"), &index, &err));
    CHECK_TEXT(err.message, "a watch heeds no more than 32 alarms");
}

static struct value parsed(const char *json)
{
    struct value value = value_null();
    CHECK(value_parse(&value, slice_of(json), false, &judge_pool, &err));
    return value;
}

static void test_values(void)
{
    static const char text[] = "{\"a\":{\"reason\":\"x\",\"since\":5,\"state\":\"ALARM\"},"
                               "\"b\":{\"state\":\"OK\"},\"c\":{\"state\":\"provider error\"}}";
    struct slice names[] = {slice_of("b"), slice_of("a"), slice_of("c"), slice_of("d")};
    struct alarm alarms[MOST];
    struct alarm_look look = {names, 3, alarms, &judge_pool};
    struct value value = parsed(text);
    struct value again;
    struct buffer out;
    buffer_init(&out, 4096);
    alarm_look_clear(&look);
    CHECK(alarm_look_read(&look, &value, &err));
    CHECK(alarms[0].state == ALARM_OK && alarms[1].state == ALARM_IN_ALARM);
    CHECK(alarms[1].since == 5 && alarms[0].since == -1);
    CHECK(alarm_look_value(&look, &again, &judge_pool, &err) && value_write(&again, &out, &err));
    CHECK_TEXT(out.data, text);
    look.count = 4;
    alarm_look_clear(&look);
    CHECK(alarm_look_read(&look, &value, &err) && alarms[3].state == ALARM_INSUFFICIENT);
    value = parsed("{\"a\":{\"state\":\"Alarm\"}}");
    CHECK(!alarm_look_read(&look, &value, &err) && err.code == ERROR_INVALID);
    value = parsed("{\"a\":{\"state\":\"OK\",\"since\":-2}}");
    CHECK(!alarm_look_read(&look, &value, &err));
    buffer_clear(&out);
}

static void test_names(void)
{
    static const char *const same[][2] = {
        {"a", "a"},
        {"a:b", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a:b"},
        {"arn:aws:cloudwatch:eu-west-1:1:alarm:a", "a"},
        {"arn:aws:cloudwatch:eu-west-1:1:alarm:a", "arn:aws:cloudwatch:eu-west-1:1:alarm:a"},
    };
    static const char *const other[][2] = {
        {"a", "b"},
        {"a", "x:alarm:a"},
        {"arn:aws:cloudwatch:eu-west-1:1:alarm:a", "arn:aws:cloudwatch:us-east-1:1:alarm:a"},
    };
    for (size_t i = 0; i < sizeof same / sizeof *same; i++)
        CHECK(alarm_is(slice_of(same[i][0]), slice_of(same[i][1])));
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        CHECK(!alarm_is(slice_of(other[i][0]), slice_of(other[i][1])));
}

CHECK_MAIN({"verdicts", test_verdicts}, {"since", test_since}, {"says", test_says},
           {"bounded", test_bounded}, {"refuses", test_refuses}, {"asked_once", test_asked_once},
           {"values", test_values}, {"names", test_names})
