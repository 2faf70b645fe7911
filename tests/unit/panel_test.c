/* A panel drives judges through their ops alone: here one that is made up, of which nobody else has
 * heard, beside one that only limits. And what silence means, which no judge looks at. */
#include "check.h"
#include "engine/panel.h"

#include <stdio.h>

enum { MINUTE = 60000 };

static struct pool pool = {.max = 4 << 20};
static struct error err;
static struct panel panel;
static const struct value target = {.kind = VALUE_OBJECT};

/* A judge that finds what it is told to, and remembers how it was driven. */
struct made_up {
    enum verdict finds;
    int64_t restarts, periods;
    size_t moods, users;
    double mood, users_seen;
};

static bool made_up_init(void *self, const struct value *from, struct judge_metrics *metrics,
                         struct error *error)
{
    struct made_up *judge = self;
    *judge = (struct made_up){.finds = (enum verdict)value_get_integer(from, "finds", 0)};
    if (!judge_metrics_add(metrics, from, "mood", &judge->moods, error) ||
        !judge_metrics_add(metrics, from, "users", &judge->users, error))
        return false;
    judge_metrics_traffic(metrics, judge->users);
    return true;
}

static void made_up_restart(void *self)
{
    ((struct made_up *)self)->restarts++;
}

static void made_up_observe(void *self, const struct reading *canary,
                            const struct reading *baseline)
{
    struct made_up *judge = self;
    judge->periods++;
    judge->mood = canary[judge->moods].value - baseline[judge->moods].value;
    judge->users_seen = canary[judge->users].value;
}

static enum verdict made_up_verdict(const void *self)
{
    return ((const struct made_up *)self)->finds;
}

static size_t made_up_numbers(const void *self, struct member *numbers)
{
    numbers[0] = (struct member){slice_of("zeal"), value_integer(7)};
    numbers[1] = (struct member){slice_of("mood"),
                                 value_float(((const struct made_up *)self)->mood)};
    return 2;
}

static void made_up_harm_at(const void *self, struct judge_words *words)
{
    (void)self;
    judge_say(words, "a bad");
    judge_say(words, "mood");
}

static void made_up_says(const void *self, const char *nothing, struct judge_words *words)
{
    judge_say(words, "mood %g,", ((const struct made_up *)self)->mood);
    judge_say(words, "else %s", nothing);
}

static const struct judge_ops made_up_ops = {
    .name = "made_up",
    .size = sizeof(struct made_up),
    .compares = true,
    .init = made_up_init,
    .restart = made_up_restart,
    .observe = made_up_observe,
    .verdict = made_up_verdict,
    .numbers = made_up_numbers,
    .harm_at = made_up_harm_at,
    .says = made_up_says,
};

static struct judge_ops
    limiting_ops; /* the same, but it compares nothing and starts nothing anew */

static const struct value *parsed(const char *json)
{
    struct value *value = pool_alloc(&pool, sizeof *value, &err);
    CHECK(value && value_parse(value, slice_of(json), false, &pool, &err));
    return value;
}

static struct made_up *add(const struct judge_ops *ops, const char *json)
{
    if (!CHECK(panel_add(&panel, ops, parsed(json), &pool, &err)))
        fprintf(stderr, "%s\n", err.message);
    return panel.judge[panel.judge_count - 1].self;
}

#define MADE_UP "{\"name\":\"team\",\"mood\":\"mood\",\"users\":\"visits\"}"

static void start(void)
{
    panel_clear(&panel, &target, NULL);
    limiting_ops = made_up_ops;
    limiting_ops.name = "limiting";
    limiting_ops.compares = false;
    limiting_ops.restart = NULL;
}

static void observe(double canary, double baseline)
{
    struct sample sample = {.ready = true, .at = panel.began};
    for (size_t i = 0; i < panel.metrics.count; i++) {
        sample.canary[i] = (struct reading){READING_VALUE, canary + (double)i};
        sample.baseline[i] = (struct reading){READING_VALUE, baseline};
    }
    panel_observe(&panel, &sample);
}

static void test_drives_a_judge_it_does_not_know(void)
{
    start();
    add(&limiting_ops, "{\"mood\":\"noise\",\"users\":\"mood\"}");
    struct made_up *judge = add(&made_up_ops, MADE_UP);
    CHECK(panel.metrics.count == 3 && slice_is(panel.metrics.names[2], "visits"));
    CHECK(panel.metrics.traffic == 1); /* the first that divides says what traffic is */
    panel_restart(&panel, 0, 10);
    panel_restart(&panel, 5 * MINUTE, 20);
    observe(10, 4);
    CHECK(judge->restarts == 2 && judge->periods == 1);
    CHECK(judge->mood == 7 && judge->users_seen == 12);
    CHECK(panel.seen == 1);
}

static void test_refusal_names_the_judge(void)
{
    start();
    CHECK(!panel_add(&panel, &made_up_ops, parsed("{\"mood\":\"x\"}"), &pool, &err));
    CHECK_TEXT(err.message, "judge.made_up: \"users\" must name a metric");
    CHECK(panel.judge_count == 0);
    CHECK(!panel_init(&panel, &target, parsed("[{\"judge\":\"made_up\"}]"), &pool, &err));
    CHECK_TEXT(err.message,
               "there is no judge \"made_up\" (there are latency, percentile, ratio, threshold)");
    CHECK(!panel_init(&panel, &target, parsed("[]"), &pool, &err));
    CHECK_TEXT(err.message, "\"judges\" must be a list of 1 to 8");
}

/* One that compares must be satisfied before a panel is; one that limits has no say in it. */
static void test_verdicts(void)
{
    static const struct {
        enum verdict compares, limits, panel;
    } rows[] = {
        {VERDICT_UNDECIDED, VERDICT_UNDECIDED, VERDICT_UNDECIDED},
        {VERDICT_SAFE, VERDICT_UNDECIDED, VERDICT_SAFE},
        {VERDICT_SAFE, VERDICT_HARM, VERDICT_HARM},
        {VERDICT_UNDECIDED, VERDICT_HARM, VERDICT_HARM},
        {VERDICT_HARM, VERDICT_UNDECIDED, VERDICT_HARM},
    };
    start();
    struct made_up *compares = add(&made_up_ops, MADE_UP);
    struct made_up *limits = add(&limiting_ops, MADE_UP);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        compares->finds = rows[i].compares;
        limits->finds = rows[i].limits;
        CHECK(panel_verdict(&panel) == rows[i].panel);
    }
    struct made_up *doubts = add(&made_up_ops, MADE_UP);
    compares->finds = VERDICT_SAFE;
    limits->finds = VERDICT_UNDECIDED;
    CHECK(doubts->finds == VERDICT_UNDECIDED && panel_verdict(&panel) == VERDICT_UNDECIDED);
}

static const char *report(void)
{
    static struct buffer text = {.max = 4096};
    struct value value;
    buffer_empty(&text);
    CHECK(panel_report(&panel, &value, &pool, &err) && value_write(&value, &text, &err));
    return text.data;
}

static void test_report(void)
{
    struct value value;
    char sentence[80];
    start();
    struct made_up *judge = add(&made_up_ops, MADE_UP);
    CHECK_TEXT(report(),
               "[{\"judge\":\"made_up\",\"mood\":0.0,\"name\":\"team\",\"says\":[\"mood 0,\","
               "\"else nothing yet\"],\"verdict\":\"undecided\",\"zeal\":7}]");
    CHECK(!panel_explain_harm(&panel, sentence, sizeof sentence));
    judge->finds = VERDICT_HARM;
    observe(9, 4);
    CHECK(panel_explain_harm(&panel, sentence, sizeof sentence));
    CHECK_TEXT(sentence, "team: mood 5, else no requests");
    struct sample unanswered = {.ready = true};
    unanswered.canary[0].status = READING_PROVIDER_ERROR;
    panel_observe(&panel, &unanswered);
    CHECK(judge->periods == 1);
    CHECK(panel_explain_harm(&panel, sentence, sizeof sentence));
    CHECK_TEXT(sentence, "team: mood 5, else not answered");
    CHECK(panel_harm_at(&panel, &value, &pool, &err));
    CHECK(value.array.count == 1 && slice_is(value.array.items[0].string, "a bad mood"));
}

/* The baseline has requests, the canary none. */
static void observe_silence(int64_t minute)
{
    struct sample sample = {.ready = true, .at = minute * MINUTE};
    for (size_t i = 0; i < panel.metrics.count; i++) {
        sample.baseline[i] = (struct reading){READING_VALUE, 1000};
        sample.canary[i] = (struct reading){READING_NO_DATA, 0};
    }
    panel_observe(&panel, &sample);
}

/* Of a period that began before the watch did less may have been expected, or nothing. */
static void test_silence_of_another_time(void)
{
    const char *judges = "[{\"judge\":\"ratio\",\"metrics\":[{\"events\":\"errors\","
                         "\"trials\":\"requests\"}]}]";
    CHECK(panel_init(&panel, &target, parsed(judges), &pool, &err));
    panel_restart(&panel, 0, 0);
    panel_end(&panel, 5 * MINUTE);
    panel_restart(&panel, 7 * MINUTE, 50);
    for (int minute = 1; minute < 7; minute++)
        observe_silence(minute);
    CHECK(panel.silent == 0 && panel_verdict(&panel) == VERDICT_UNDECIDED);
    for (int minute = 7; minute < 10; minute++)
        observe_silence(minute);
    CHECK(panel.silent == 3 && panel_verdict(&panel) == VERDICT_NO_DATA);
    /* The next one hears of the last minutes of this one, at this one's share. */
    panel_end(&panel, 10 * MINUTE);
    panel_restart(&panel, 10 * MINUTE, 99);
    observe_silence(9);
    CHECK(panel.silent == 1 && panel.expected > 999 && panel.expected < 1001);
    observe_silence(10);
    CHECK(panel.silent == 2 && panel.expected > 99000);
}

CHECK_MAIN({"drives_a_judge_it_does_not_know", test_drives_a_judge_it_does_not_know},
           {"refusal_names_the_judge", test_refusal_names_the_judge}, {"verdicts", test_verdicts},
           {"report", test_report}, {"silence_of_another_time", test_silence_of_another_time})
