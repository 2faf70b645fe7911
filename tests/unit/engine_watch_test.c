/* When a watch is over: its time has passed, and something of that time was seen. */
#include "engine_check.h"

enum { MINUTE = 60000, WIDE = 1200 };

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;

static bool rehearsal;

static void run(const char *policy)
{
    static const struct value none = {.kind = VALUE_OBJECT};
    struct engine_params params = {
        .rehearsal = rehearsal,
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &script.script,
        .arguments = &none,
    };
    char text[WIDE];
    snprintf(text, sizeof text, "return function() begin() put(0, 1) %s end", policy);
    load(text);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    engine_run(engine, &params, &result);
}

static void check_reason(enum run_outcome outcome, int64_t minutes, const char *reason)
{
    CHECK(result.outcome == outcome);
    CHECK_TEXT(result.reason, reason);
    if (!CHECK((result.ended - result.started) / MINUTE == minutes))
        fprintf(stderr, "%d minutes, not %d\n", (int)((result.ended - result.started) / MINUTE),
                (int)minutes);
}

/* A period is ready a minute after it began, at the earliest. */
static void test_waits_for_a_period(void)
{
    fake_init(&fake);
    run("watch(1000)");
    check_reason(RUN_PROMOTED, 2, "");
    fake_init(&fake);
    fake.settle = 3 * MINUTE;
    run("watch(120000) watch(120000)");
    check_reason(RUN_PROMOTED, 10, "");
    fake_init(&fake);
    run("watch(300000)");
    check_reason(RUN_PROMOTED, 5, "");
}

/* What began before the watch did is not of its time. */
static void test_not_its_own(void)
{
    fake_init(&fake);
    fake.settle = 10 * MINUTE;
    run("ask{kind='sleep', ['for']=600000} watch(60000)");
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_NO_DATA);
}

static void test_never(void)
{
    fake_init(&fake);
    fake.settle = 60 * MINUTE;
    run("watch(120000)");
    check_reason(RUN_NO_DECISION, 5, "no metrics of the watch's own time were there after 5m");
    fake_init(&fake);
    fake.mute = true;
    run("watch(120000)");
    check_reason(RUN_NO_DECISION, 5, "the metric provider did not answer for 4 periods");
}

/* What a watch could not see yet is judged before the run commits: harm in its last minutes,
 * whatever comes late, is found. */
static void test_judges_to_the_end(void)
{
    fake_init(&fake);
    fake.settle = 2 * MINUTE;
    fake.harm_after = 18 * MINUTE;
    run("watch(600000)");
    CHECK(result.outcome == RUN_ROLLED_BACK && result.cause == CAUSE_HARM);
    CHECK((result.ended - result.started) / MINUTE == 11);
    fake.harm_after = INT64_MAX;
    fake.now = 600000;
    run("watch(600000)");
    check_reason(RUN_PROMOTED, 12, "");
    fake_init(&fake);
    fake.settle = 2 * MINUTE;
    fake.still = 3 * MINUTE;
    run("watch(600000)");
    check_reason(RUN_PROMOTED, 15, "");
}

/* It is the business of one who decides by it, too. */
static void test_decides_at_the_end(void)
{
    fake_init(&fake);
    fake.settle = 2 * MINUTE;
    fake.harm_after = 19 * MINUTE;
    run("local r = ask{kind='watch', ['for']=600000, every=60000, target=target, share=10,\n"
        "judges=judges, decide=true} assert(r.verdict == 'harm')");
    check_reason(RUN_PROMOTED, 12, "");
}

/* Errors of which nothing was seen in time count as soon as they are. */
static void test_late_points(void)
{
    fake_init(&fake);
    fake.harm_after = 0;
    fake.late_until = 13 * MINUTE;
    run("watch(240000)");
    check_reason(RUN_ROLLED_BACK, 3, result.reason);
    fake_init(&fake);
    fake.harm_after = 0;
    fake.late_until = 15 * MINUTE;
    run("watch(240000)");
    check_reason(RUN_PROMOTED, 4, "");
    fake_init(&fake);
    fake.still = 3 * MINUTE;
    fake.harm_after = 0;
    fake.late_until = 15 * MINUTE;
    run("watch(240000)");
    check_reason(RUN_ROLLED_BACK, 5, result.reason);
    fake_init(&fake);
    fake.settle = MINUTE;
    fake.mute_after = 14 * MINUTE;
    run("watch(240000)");
    check_reason(RUN_NO_DECISION, 7, "the metric provider did not answer for 4 periods");
}

/* --- the newest periods ----------------------------------------------------------------------- */

static void begin_gone(int64_t from, int64_t until)
{
    fake_init(&fake);
    fake.gone_from = from * MINUTE;
    fake.gone_until = until * MINUTE;
}

static const char gone[] = "the canary was silent while the baseline was not for 3 periods: about "
                           "3000 requests were expected";

/* The run begins at ten minutes. Silence of any length that is there as the watch ends is waited
 * for, whoever has seen it: the watch itself, or what looks at its last periods afterwards. */
static void test_silent_at_the_end(void)
{
    for (int64_t from = 13; from <= 14; from++) {
        begin_gone(from, 99);
        run("watch(300000)");
        check_reason(RUN_NO_DECISION, from - 7, gone);
        begin_gone(from, 99);
        fake.settle = 2 * MINUTE;
        run("watch(300000)");
        check_reason(RUN_NO_DECISION, from - 5, gone);
        begin_gone(from, 99);
        fake.still = 2 * MINUTE;
        run("watch(300000)");
        check_reason(RUN_NO_DECISION, from - 7, gone);
    }
    begin_gone(14, 15);
    run("watch(300000)");
    check_reason(RUN_PROMOTED, 6, "");
    begin_gone(14, 15);
    fake.settle = 2 * MINUTE;
    run("watch(300000)");
    check_reason(RUN_PROMOTED, 8, "");
    begin_gone(15, 99);
    run("watch(300000)");
    check_reason(RUN_PROMOTED, 5, "");
}

/* While the policy goes on, others may watch the canary; where none did, it is looked at again. */
static void test_silent_before_more(void)
{
    static const char others[] =
        "watch(300000) put(0, 2) ask{kind='watch', ['for']=300000, every=60000, target=target,\n"
        "share=10, judges=effect.array{{judge='threshold', metric='errors', per='requests',\n"
        "above=0.5}}}";
    begin_gone(14, 16);
    fake.settle = 2 * MINUTE;
    run("watch(300000) ask{kind='sleep', ['for']=600000}");
    check_reason(RUN_PROMOTED, 16, "");
    begin_gone(14, 99);
    fake.settle = 2 * MINUTE;
    run("watch(300000) ask{kind='sleep', ['for']=600000}");
    check_reason(RUN_NO_DECISION, 16,
                 "the canary was silent while the baseline was not for 10 periods: about 10000 "
                 "requests were expected");
    begin_gone(14, 15);
    fake.settle = 2 * MINUTE;
    run(others);
    check_reason(RUN_PROMOTED, 12, "");
}

#define LIMIT                                                                                      \
    "ask{kind='watch', ['for']=300000, every=60000, target=target, share=10, decide=%s,\n"         \
    "judges=effect.array{{judge='threshold', name='limit', metric='errors', per='requests',\n"     \
    "above=0.1, m=3, n=3}}}"

static void run_limit(int64_t harm_after, const char *format)
{
    char policy[WIDE];
    snprintf(policy, sizeof policy, format, "false");
    fake_init(&fake);
    fake.harm_after = harm_after * MINUTE;
    run(policy);
}

/* Three periods beyond a limit are harm, wherever the first of them lies. */
static void test_beyond_at_the_end(void)
{
    for (int64_t from = 12; from <= 14; from++) {
        run_limit(from, LIMIT);
        check_reason(RUN_ROLLED_BACK, from - 7, "limit: 3 of 3 periods above 0.1, the last 0.4");
    }
    run_limit(15, LIMIT);
    check_reason(RUN_PROMOTED, 5, "");
}

/* One who decides is told no sooner, and of a doubt that stays it is told as of no data. */
static void test_decides_on_no_doubt(void)
{
    begin_gone(14, 99);
    run("local r = ask{kind='watch', ['for']=300000, every=60000, target=target, share=10,\n"
        "judges=judges, decide=true} error(r.verdict)");
    check_reason(RUN_POLICY_FAILED, 7, "policy.lua:20: no data");
}

/* A tenth of the requests that it should have: an hour of good periods cannot be outweighed soon.
 */
static void test_doubt_is_bounded(void)
{
    fake_init(&fake);
    fake.thin_from = 69 * MINUTE;
    run("watch(3600000)");
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_NO_DATA);
    CHECK(result.ended - result.started <= 122 * (int64_t)MINUTE);
    fake_init(&fake);
    fake.thin_from = 24 * MINUTE;
    run("watch(900000)");
    check_reason(RUN_NO_DECISION, 42,
                 "the canary got 15800 of 384800 requests (4.11 %) where it should have 10 % of "
                 "them");
}

#define WATCH(share, settle_in)                                                                    \
    "ask{kind='watch', ['for']=300000, every=60000, target=target, share=" share                   \
    ", judges=judges, settle_in=" settle_in "} "

/* One bad minute, counted from the run's beginning. */
static void run_with_harm_at(const char *policy, int minute)
{
    fake_init(&fake);
    fake.harm_after = fake.now / MINUTE * MINUTE + minute * MINUTE;
    fake.harm_until = fake.harm_after + MINUTE;
    run(policy);
}

/* In the period in which traffic is shifted both arms have a part of each share: it is not judged,
 * and the ones before and after it are. */
static void test_period_of_a_shift(void)
{
    static const char policy[] = WATCH(
        "10", "0") "ask{kind='sleep', ['for']=30000} put(0, 2) " WATCH("20", "0");
    run_with_harm_at(policy, 5);
    check_reason(RUN_PROMOTED, 10, "");
    for (int minute = 4; minute < 10; minute += 2) {
        run_with_harm_at(policy, minute);
        CHECK(result.outcome == RUN_ROLLED_BACK && result.cause == CAUSE_HARM);
    }
    /* However late it is there. */
    fake_init(&fake);
    fake.settle = 2 * MINUTE;
    fake.still = 3 * MINUTE;
    fake.harm_after = 15 * MINUTE;
    fake.harm_until = 16 * MINUTE;
    run(policy);
    CHECK(result.outcome == RUN_PROMOTED);
    /* Where nothing was shifted, nothing is left out. */
    run_with_harm_at(WATCH("10", "0") "put(0, 2) " WATCH("10", "0"), 5);
    CHECK(result.outcome == RUN_ROLLED_BACK);
}

/* So are the minutes in which a canary that got more traffic settles in, and those that it has a
 * part of: two minutes from when the change holds, which is a moment after the watch began. */
static void test_settles_in(void)
{
    static const char policy[] = WATCH("10", "120000") "put(0, 2) " WATCH("20", "120000");
    static const bool judged[] = {false, false, false, true, true, false, false, false, true};
    for (int minute = 0; minute < (int)(sizeof judged / sizeof *judged); minute++) {
        run_with_harm_at(policy, minute);
        if (!CHECK((result.outcome == RUN_ROLLED_BACK) == judged[minute]))
            fprintf(stderr, "minute %d\n", minute);
    }
    /* It is no pass: what leaves nothing to be watched is refused, and silence is told as ever. */
    run_with_harm_at(WATCH("10", "300000"), 0);
    CHECK(result.outcome == RUN_POLICY_FAILED);
    CHECK(strstr(result.reason, "\"settle_in\" must be a duration below that of the watch"));
    fake_init(&fake);
    fake.silent = true;
    run(WATCH("10", "240000"));
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_NO_DATA);
}

#define SEES(rise, patience)                                                                       \
    "ask{kind='watch', ['for']=120000, every=60000, target=target, share=10, judges=judges,\n"     \
    "sees=" rise ", patience=" patience "}"

/* What could not have been seen was not looked at long enough, or cannot be seen at all. */
static void test_sees(void)
{
    fake_init(&fake);
    run(SEES("1000", "3600000"));
    check_reason(RUN_PROMOTED, 2, "");
    fake_init(&fake);
    run(SEES("3", "3600000"));
    CHECK(result.outcome == RUN_PROMOTED && (result.ended - result.started) / MINUTE > 5);
    fake_init(&fake);
    run(SEES("3", "240000"));
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_UNDECIDED);
    CHECK(strstr(result.reason, "within 6m only a rise to ") &&
          strstr(result.reason, " times could have been seen, and one to 3 times was asked for"));
    fake_init(&fake);
    run(SEES("-1", "0"));
    CHECK(result.outcome == RUN_POLICY_FAILED);
}

/* A policy that decides is told, and is told no sooner. */
static void test_decides(void)
{
    fake_init(&fake);
    fake.settle = 60 * MINUTE;
    run("local r = ask{kind='watch', ['for']=120000, every=60000, target=target, share=10,\n"
        "judges=judges, decide=true} error(r.verdict)");
    check_reason(RUN_POLICY_FAILED, 5, "policy.lua:20: no data");
}

#define ASK_PAST                                                                                   \
    "local function past(metric)\n"                                                                \
    "  local told = ask{kind='metric', metric=metric, arm='baseline', target=target,\n"            \
    "    last=600000, past=true}\n"                                                                \
    "  assert(next(told) == 'answer' and next(told, 'answer') == nil)\n"                           \
    "  return told\n"                                                                              \
    "end\n"                                                                                        \
    "local function watch_with(past)\n"                                                            \
    "  return ask{kind='watch', ['for']=120000, every=60000, target=target, share=100,\n"          \
    "    decide=true, judges=effect.array{{judge='before', events='errors',\n"                     \
    "    trials='requests', past=past}}}.judges[1]\n"                                              \
    "end\n"

/* The policy is told of no points; the judge has the counts of the periods that have both. What it
 * saw of the baseline itself is 9 of 9000. */
static void test_past(void)
{
    fake_init(&fake);
    fake.points = "[{\"at\":0,\"value\":3.0},{\"at\":1,\"value\":0.0},{\"at\":2,\"value\":4.0}]";
    run(ASK_PAST "local saw = watch_with{events=past 'errors', trials=past 'requests'}\n"
                 "assert(saw.past_events == 7 + 9 and saw.past_trials == 7 + 9000)");
    check_reason(RUN_PROMOTED, 2, "");
    run(ASK_PAST "local saw = watch_with{events=12, trials=60000}\n"
                 "assert(saw.past_events == 12 + 9 and saw.past_trials == 60000 + 9000)");
    check_reason(RUN_PROMOTED, 2, "");
    run(ASK_PAST "watch_with{events=past 'errors', trials={answer=99}}");
    CHECK(result.outcome == RUN_POLICY_FAILED &&
          strstr(result.reason, "the run has no answer 99 for the \"past\" of a judge"));
}

static void test_recording_ends(void)
{
    fake_init(&fake);
    fake.ended_after = 15 * MINUTE;
    run("watch(3600000)");
    check_reason(RUN_NO_DECISION, 7,
                 "the recording ends at 00:05:00 of the rollout (1970-01-01T00:15:00Z), before "
                 "the watch does");
}

/* Nothing is looked at, however bad it is: the watch is over with its time. A policy that decides
 * gets judges that have seen nothing. */
static void test_rehearsed(void)
{
    rehearsal = true;
    fake_init(&fake);
    fake.harm_after = 0;
    run("assert(watch(90000).verdict == 'safe')");
    check_reason(RUN_PROMOTED, 1, "");
    CHECK(result.ended - result.started >= 90000);
    run("local r = ask{kind='watch', ['for']=90000, every=60000, target=target, share=10,\n"
        "judges=judges, decide=true} assert(r.verdict == 'safe' and #r.judges == 1)\n"
        "assert(r.judges[1].canary_trials == 0)");
    check_reason(RUN_PROMOTED, 1, "");
    run("watch(0)");
    CHECK(result.outcome == RUN_POLICY_FAILED);
    rehearsal = false;
}

static void set_up(void)
{
    CHECK(engine_new(&engine, &err));
}

static void tear_down(void)
{
    engine_free(engine);
    sandbox_free(sandbox);
    pool_clear(&load_pool);
    pool_clear(&fake_pool);
}

CHECK_MAIN({"set_up", set_up}, {"waits_for_a_period", test_waits_for_a_period},
           {"not_its_own", test_not_its_own}, {"never", test_never}, {"sees", test_sees},
           {"period_of_a_shift", test_period_of_a_shift}, {"settles_in", test_settles_in},
           {"decides", test_decides}, {"judges_to_the_end", test_judges_to_the_end},
           {"decides_at_the_end", test_decides_at_the_end}, {"late_points", test_late_points},
           {"past", test_past}, {"silent_at_the_end", test_silent_at_the_end},
           {"silent_before_more", test_silent_before_more},
           {"beyond_at_the_end", test_beyond_at_the_end},
           {"decides_on_no_doubt", test_decides_on_no_doubt},
           {"doubt_is_bounded", test_doubt_is_bounded}, {"recording_ends", test_recording_ends},
           {"rehearsed", test_rehearsed}, {"tear_down", tear_down})
