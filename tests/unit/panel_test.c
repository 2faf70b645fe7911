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
    struct sample sample = {.ready = true, .at = panel.heard.began};
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
    CHECK(panel.heard.seen == 1);
}

/* What compares is not given the period of a shift, nor those of settling in; a limit holds all the
 * while. None of them is anything to pass on. */
static void test_leaves_out(void)
{
    static const enum left_out why[] = {LEFT_OUT_SHIFT, LEFT_OUT_SETTLE_IN, LEFT_OUT_NOT};
    struct judge_ops always = made_up_ops;
    always.always = true;
    start();
    struct made_up *compares = add(&made_up_ops, MADE_UP);
    struct made_up *limits = add(&always, MADE_UP);
    struct hearing_gap gap = {5 * MINUTE + 1, 6 * MINUTE - 2, 6 * MINUTE - 1, 7 * MINUTE};
    hearing_leave_out(&panel.heard, &gap);
    panel_restart(&panel, 5 * MINUTE, 10);
    for (int i = 0; i < 3; i++) {
        struct sample sample = {.ready = true, .at = (5 + i) * MINUTE, .period = MINUTE};
        for (size_t k = 0; k < panel.metrics.count; k++) {
            sample.canary[k] = (struct reading){READING_VALUE, 10};
            sample.baseline[k] = (struct reading){READING_VALUE, 90};
        }
        CHECK(panel_left_out(&panel, &sample) == why[i]);
        panel_observe(&panel, &sample);
    }
    CHECK(compares->periods == 1 && limits->periods == 3 && panel.heard.seen == 1);
}

/* A change may take longer to hold than a period is long: then a share no longer moves within one.
 */
static void test_leaves_out_few_short_ones(void)
{
    enum { SECOND = 1000 };
    for (int i = 0; i < 2; i++) {
        struct hearing_gap gap = {9500, 10500, 20500, 20500 + i * SECOND};
        struct hearing heard = {0};
        hearing_leave_out(&heard, &gap);
        for (int at = 8; at < 23; at++) {
            enum left_out why = hearing_left_out(&heard, at * SECOND, SECOND);
            bool shift = at >= 9 && at <= 11;
            bool settles = i > 0 && at > 11 && at <= 21;
            CHECK(why == (shift ? LEFT_OUT_SHIFT : settles ? LEFT_OUT_SETTLE_IN : LEFT_OUT_NOT));
        }
    }
}

static void test_refusal_names_the_judge(void)
{
    start();
    CHECK(!panel_add(&panel, &made_up_ops, parsed("{\"mood\":\"x\"}"), &pool, &err));
    CHECK_TEXT(err.message, "judge.made_up: \"users\" must name a metric");
    CHECK(panel.judge_count == 0);
    CHECK(!panel_init(&panel, &target, parsed("[{\"judge\":\"made_up\"}]"), &pool, &err));
    CHECK_TEXT(
        err.message,
        "there is no judge \"made_up\" (there are alarm, before, latency, percentile, ratio, "
        "threshold)");
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
        CHECK(panel_verdict(&panel, false) == rows[i].panel);
    }
    struct made_up *doubts = add(&made_up_ops, MADE_UP);
    compares->finds = VERDICT_SAFE;
    limits->finds = VERDICT_UNDECIDED;
    CHECK(doubts->finds == VERDICT_UNDECIDED && panel_verdict(&panel, false) == VERDICT_UNDECIDED);
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

#define RATIO                                                                                      \
    "[{\"judge\":\"ratio\",\"metrics\":[{\"events\":\"errors\",\"trials\":\"requests\"}]}]"

static void begin(double share)
{
    CHECK(panel_init(&panel, &target, parsed(RATIO), &pool, &err));
    panel_restart(&panel, 0, share);
}

/* What one arm shows: below 0 nothing at all, and errors below 0 are not there. */
static void set_arm(struct reading *readings, double requests, double errors)
{
    readings[0] = errors < 0 ? (struct reading){READING_NO_DATA, 0}
                             : (struct reading){READING_VALUE, errors};
    readings[1] = requests < 0 ? (struct reading){READING_NO_DATA, 0}
                               : (struct reading){READING_VALUE, requests};
}

static void observe_arms(int64_t minute, double canary, double baseline, double errors)
{
    struct sample sample = {.ready = true, .at = minute * MINUTE};
    set_arm(sample.canary, canary, errors);
    set_arm(sample.baseline, baseline, 0);
    panel_observe(&panel, &sample);
}

/* The baseline has requests, the canary none. */
static void observe_silence(int64_t minute)
{
    observe_arms(minute, -1, 1000, -1);
}

static enum verdict verdict(void)
{
    return panel_verdict(&panel, false);
}

/* Of a period that began before the watch did less may have been expected, or nothing. */
static void test_silence_of_another_time(void)
{
    const struct silence *silent = &panel.heard.arms[ARM_CANARY];
    begin(0);
    hearing_end(&panel.heard, 5 * MINUTE);
    panel_restart(&panel, 7 * MINUTE, 50);
    for (int minute = 1; minute < 7; minute++)
        observe_silence(minute);
    CHECK(silent->periods == 0 && verdict() == VERDICT_UNDECIDED);
    for (int minute = 7; minute < 10; minute++)
        observe_silence(minute);
    CHECK(silent->periods == 3 && verdict() == VERDICT_NO_DATA);
    /* The next one hears of the last minutes of this one, at this one's share. */
    hearing_end(&panel.heard, 10 * MINUTE);
    panel_restart(&panel, 10 * MINUTE, 99);
    observe_silence(9);
    CHECK(silent->periods == 4 && silent->expected > 3999 && silent->expected < 4001);
    observe_silence(10);
    CHECK(silent->periods == 5 && silent->expected > 102000);
}

static const char *reason(void)
{
    static char text[ERROR_MESSAGE_MAX];
    CHECK(verdict() == VERDICT_NO_DATA);
    return hearing_explain(&panel.heard, &panel.metrics, text, sizeof text) ? text : "";
}

/* What a watch must not pass on, minute after minute the same, and from when on it does not. */
static void test_both_arms_must_be_heard(void)
{
    static const struct {
        double share, canary, baseline, errors;
        int periods;
        const char *reason;
    } rows[] = {
        {5, -1, 1000, -1, 3,
         "the canary was silent while the baseline was not for 3 periods: about 158 requests were "
         "expected"},
        {5, 100, -1, 80, 3,
         "the baseline was silent while the canary was not for 3 periods: about 5700 requests were "
         "expected"},
        {100, -1, 1000, -1, 3,
         "the canary was silent while the baseline was not for 3 periods: about 3000 requests were "
         "expected"},
        {5, -1, -1, -1, 3, "no requests were seen in either arm for 3 periods"},
        {5, 1, 950, 0, 3,
         "the canary got 3 of 2853 requests (0.105 %) where it should have 5 % of them"},
        {50, 950, 50, 0, 3,
         "the canary got 2850 of 3000 requests (95 %) where it should have 50 % of them"},
        {5, 50, 950, -1, 3,
         "there were no \"errors\" of the canary for 3 periods in which it had 150 requests"},
        {100, 1000, -1, -1, 3,
         "there were no \"errors\" of the canary for 3 periods in which it had 3000 requests"},
        {5, 50, 950, 0, 0, ""},
        {100, 1000, -1, 0, 0, ""},
        {5, -1, 30, -1, 7,
         "the canary was silent while the baseline was not for 7 periods: about 11 requests were "
         "expected"},
    };
    enum { LONG = 20 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int minute = 0;
        begin(rows[i].share);
        while (minute < LONG && verdict() == VERDICT_UNDECIDED)
            observe_arms(minute++, rows[i].canary, rows[i].baseline, rows[i].errors);
        CHECK(minute == (rows[i].periods ? rows[i].periods : LONG));
        CHECK((panel.heard.seen == 0) == (rows[i].periods == 3 && i != 4 && i != 5));
        if (rows[i].periods)
            CHECK_TEXT(reason(), rows[i].reason);
    }
}

/* Watches that are shorter than that together. */
static void test_silence_of_short_watches(void)
{
    begin(5);
    for (int minute = 0; minute < 3; minute++) {
        CHECK(verdict() == VERDICT_UNDECIDED);
        hearing_end(&panel.heard, minute * MINUTE);
        panel_restart(&panel, minute * MINUTE, 5 + 5.0 * minute);
        observe_arms(minute, 100, -1, 0);
        CHECK(panel.heard.seen == 0);
    }
    CHECK(verdict() == VERDICT_NO_DATA);
    begin(5);
    observe_arms(0, 1, 950, 0);
    CHECK(verdict() == VERDICT_UNDECIDED && panel_verdict(&panel, true) == VERDICT_NO_DATA);
}

/* A service of a request in two minutes is as quiet as it always is. */
static void test_quiet_services(void)
{
    begin(10);
    observe_arms(0, -1, 1, -1);
    for (int minute = 1; minute < 200; minute++)
        observe_arms(minute, minute % 20 == 0 ? 1 : -1, minute % 10 == 1 ? 5 : -1,
                     minute % 20 == 0 ? 0 : -1);
    CHECK(verdict() == VERDICT_UNDECIDED);
    for (int minute = 200; minute < 210; minute++)
        observe_arms(minute, -1, -1, -1);
    CHECK(verdict() == VERDICT_UNDECIDED);
    for (int minute = 210; minute < 240; minute++)
        observe_arms(minute, -1, -1, -1);
    CHECK(verdict() == VERDICT_NO_DATA);
}

CHECK_MAIN({"drives_a_judge_it_does_not_know", test_drives_a_judge_it_does_not_know},
           {"leaves_out", test_leaves_out},
           {"leaves_out_few_short_ones", test_leaves_out_few_short_ones},
           {"refusal_names_the_judge", test_refusal_names_the_judge}, {"verdicts", test_verdicts},
           {"report", test_report}, {"silence_of_another_time", test_silence_of_another_time},
           {"both_arms_must_be_heard", test_both_arms_must_be_heard},
           {"silence_of_short_watches", test_silence_of_short_watches},
           {"quiet_services", test_quiet_services})
