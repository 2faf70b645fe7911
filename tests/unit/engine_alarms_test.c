/* Watches that heed alarms: when one is harm, when it is nothing, and when a run does not begin.
 * All of it is replayed to the same bytes. */
#include "replay_check.h"

#include <stdio.h>

enum { MINUTE = 60000, START = 10 * MINUTE, WIDE = 600 };

#define ALARM "{judge='alarm', name='alarm', alarms=effect.array{'a','quiet'}}"
#define WATCH(judges)                                                                              \
    "ask{kind='watch', ['for']=300000, every=60000, target=target, share=10,\n"                    \
    "judges=effect.array{" judges "}}"
#define ALONE WATCH(ALARM)
#define BESIDE WATCH(ALARM ",judges[1]")

static struct engine_result result;

static void run(const char *steps)
{
    char text[WIDE];
    snprintf(text, sizeof text, "return function() begin() put(0, 1) %s end", steps);
    load(text);
    expect(&run_fake(&result)->bytes, REPLAY_EQUAL, 1);
}

static void check(enum run_outcome outcome, int64_t minutes, const char *reason)
{
    CHECK(result.outcome == outcome);
    CHECK_TEXT(result.reason, reason);
    if (!CHECK((result.ended - result.started) / MINUTE == minutes))
        fprintf(stderr, "%d minutes, not %d\n", (int)((result.ended - result.started) / MINUTE),
                (int)minutes);
}

#define HARM "alarm: a is in ALARM since 1970-01-01T00:12:30Z (30s): 3 of 3"

/* At the first look that finds it so, though no period of the metrics has settled by then. */
static void test_harm(void)
{
    static const char *const watches[] = {ALONE, BESIDE};
    for (size_t i = 0; i < 2; i++) {
        fake_init(&fake);
        fake.alarms.from = START + 150000;
        fake.settle = 20 * MINUTE;
        run(watches[i]);
        check(RUN_ROLLED_BACK, 3, HARM);
        CHECK(result.cause == CAUSE_HARM);
    }
    fake_init(&fake);
    fake.alarms.from = START + 150000;
    fake.still = MINUTE; /* at that look a period is gone through for the last time */
    run(BESIDE);
    check(RUN_ROLLED_BACK, 3, HARM);
}

/* What began and ended between two looks was nobody's business. */
static void test_back_to_ok(void)
{
    fake_init(&fake);
    fake.alarms.from = START + 125000;
    fake.alarms.until = START + 175000;
    run(ALONE);
    check(RUN_PROMOTED, 5, "");
}

/* A period that comes again, and is another, takes back no harm that an alarm was; a policy that
 * decides is told of it while it lasts, and not after. */
static void test_not_gone_back_over(void)
{
    fake_init(&fake);
    fake.alarms.from = START + 2 * MINUTE;
    fake.alarms.until = START + 4 * MINUTE;
    fake.still = 3 * MINUTE;
    fake.harm_after = 0;
    fake.late_until = START + 30 * MINUTE;
    run("local r = ask{kind='watch', ['for']=300000, every=60000, target=target, share=10,\n"
        "decide=true, judges=effect.array{" ALARM ",judges[1]}}\n"
        "assert(r.verdict == 'harm' and r.judges[1].in_alarm == 1) " ALONE);
    CHECK(result.outcome == RUN_ROLLED_BACK);
    fake.now = START;
    fake.alarms.until = START + 150000;
    run("local r = ask{kind='watch', ['for']=300000, every=60000, target=target, share=10,\n"
        "decide=true, judges=effect.array{" ALARM "}}\n"
        "assert(r.verdict == 'harm') ask{kind='sleep', ['for']=60000} " ALONE);
    check(RUN_PROMOTED, 8, "");
}

#define BLIND(name)                                                                                \
    "the alarm " name " has no data at the end of the watch: INSUFFICIENT_DATA is no evidence "    \
    "(its TreatMissingData says what absent data is)"

static void test_no_evidence(void)
{
    fake_init(&fake);
    fake.alarms.blind = true;
    run(ALONE);
    check(RUN_NO_DECISION, 8, BLIND("a"));
    CHECK(result.cause == CAUSE_NO_DATA);
    fake_init(&fake);
    fake.alarms.blind = true;
    run(BESIDE);
    check(RUN_PROMOTED, 5, "");
}

/* What was OK once says nothing of what came after. */
static void test_blind_at_the_end(void)
{
    fake_init(&fake);
    fake.alarms.blind_from = START + 90000;
    run(ALONE);
    check(RUN_NO_DECISION, 8, BLIND("a"));
    fake_init(&fake);
    fake.alarms.blind_from = START + 270000;
    run(ALONE);
    check(RUN_NO_DECISION, 8, BLIND("a"));
    fake.now = START;
    fake.alarms.blind_until = START + 7 * MINUTE;
    run(ALONE);
    check(RUN_PROMOTED, 7, "");
    fake.now = START;
    fake.alarms.blind_from = START;
    fake.alarms.blind_until = START + 5 * MINUTE;
    run(ALONE);
    check(RUN_PROMOTED, 5, "");
}

/* Nor does another alarm for this one. */
static void test_one_is_blind(void)
{
    fake_init(&fake);
    fake.alarms.quiet_blind = true;
    run(ALONE);
    check(RUN_NO_DECISION, 8, BLIND("quiet"));
}

/* After the last watch as in it, until the run commits. */
static void test_blind_rest(void)
{
    fake_init(&fake);
    fake.alarms.settle = 2 * MINUTE;
    fake.alarms.blind_from = START + 330000;
    run(ALONE " put(0, 2)");
    check(RUN_NO_DECISION, 9, BLIND("a"));
    fake.now = START;
    fake.alarms.blind_until = START + 8 * MINUTE;
    run(ALONE " put(0, 2)");
    check(RUN_PROMOTED, 8, "");
}

/* What is in ALARM as the watch begins is harm then. */
static void test_as_it_begins(void)
{
    fake_init(&fake);
    fake.alarms.from = START - MINUTE;
    run(ALONE);
    check(RUN_ROLLED_BACK, 0, "alarm: a is in ALARM since 1970-01-01T00:09:00Z (1m): 3 of 3");
    fake_init(&fake);
    fake.alarms.from = START - MINUTE;
    fake.alarms.until = START + 30000;
    run(BESIDE);
    check(RUN_ROLLED_BACK, 0, "alarm: a is in ALARM since 1970-01-01T00:09:00Z (1m): 3 of 3");
}

static void test_not_answered(void)
{
    static const char *const watches[] = {ALONE, BESIDE};
    for (size_t i = 0; i < 2; i++) {
        fake_init(&fake);
        fake.alarms.mute_from = START + 90000;
        run(watches[i]);
        check(RUN_NO_DECISION, 5, "the alarms were not answered at 4 looks in a row");
        CHECK(result.cause == CAUSE_PROVIDER_ERROR);
    }
    fake_init(&fake);
    fake.alarms.mute_from = START + 299000;
    run(ALONE);
    CHECK(result.outcome == RUN_NO_DECISION && result.cause == CAUSE_PROVIDER_ERROR);
}

/* What the alarms watch comes late: they are heard once more before the run commits, wherever the
 * metrics come from, and however long these take. */
static void test_rest(void)
{
    static const char *const watches[] = {ALONE " put(0, 2)", BESIDE " put(0, 2)"};
    for (size_t i = 0; i < 2; i++) {
        fake_init(&fake);
        fake.alarms.settle = 7 * MINUTE;
        run(watches[i]);
        check(RUN_PROMOTED, 12, "");
        fake.now = START;
        fake.alarms.from = START + 690000;
        run(watches[i]);
        check(RUN_ROLLED_BACK, 12, "alarm: a is in ALARM since 1970-01-01T00:21:30Z (30s): 3 of 3");
        fake.now = START;
        fake.alarms.from = START + 730000;
        run(watches[i]);
        check(RUN_PROMOTED, 12, "");
    }
}

#define LASTING(ms, more)                                                                          \
    WATCH("{judge='alarm', name='alarm', alarms=effect.array{'a'}, lasting=" ms "}" more)

/* One that is in ALARM and has not been for long enough is a doubt: no watch ends in it, however
 * long that is. */
static void test_lasting(void)
{
    static const char *const hours[] = {LASTING("7200000", ""), LASTING("7200000", ",judges[1]")};
    fake_init(&fake);
    fake.alarms.from = START + 150000;
    fake.alarms.until = START + 290000;
    run(LASTING("180000", ""));
    check(RUN_PROMOTED, 5, "");
    fake_init(&fake);
    fake.alarms.from = START + 230000;
    run(LASTING("180000", ""));
    check(RUN_ROLLED_BACK, 7, "alarm: a is in ALARM since 1970-01-01T00:13:50Z (3m10s): 3 of 3");
    for (size_t i = 0; i < 2; i++) {
        fake_init(&fake);
        fake.alarms.from = START + 230000;
        run(hours[i]);
        check(RUN_ROLLED_BACK, 124,
              "alarm: a is in ALARM since 1970-01-01T00:13:50Z (2h10s): 3 of 3");
        fake.now = START;
        fake.alarms.until = START + 90 * MINUTE;
        run(hours[i]);
        check(RUN_PROMOTED, 90, "");
    }
}

static void begin(const char *alarms)
{
    char text[WIDE];
    snprintf(text, sizeof text,
             "return function() ask{kind='begin', policy={name='t'}, params={},\n"
             "targets=effect.array{target}, alarms=effect.array{%s}} put(0, 1) end",
             alarms);
    load(text);
    struct journal_memory *memory = run_fake(&result);
    CHECK((fake.puts > 0) == (result.outcome == RUN_PROMOTED));
    if (result.outcome == RUN_PROMOTED)
        expect(&memory->bytes, REPLAY_EQUAL, 1);
    fake.puts = 0;
}

static void check_refused(const char *why)
{
    CHECK(result.outcome == RUN_REFUSED);
    if (!CHECK(strstr(result.reason, why) != NULL))
        fprintf(stderr, "%s\n", result.reason);
}

/* Nothing was changed then. */
static void test_begin(void)
{
    fake_init(&fake);
    begin("'a', 'quiet'");
    CHECK(result.outcome == RUN_PROMOTED);
    fake_init(&fake);
    fake.alarms.from = START - MINUTE;
    begin("'quiet'");
    CHECK(result.outcome == RUN_PROMOTED);
    begin("'quiet', 'a'");
    check_refused("the alarm a is in ALARM already since 1970-01-01T00:09:00Z, before anything was "
                  "changed: 3 of 3");
    fake_init(&fake);
    begin("'a', 'missing'");
    check_refused("there is no alarm \"missing\"");
    begin("5");
    check_refused("begin: \"alarms\" must be texts");
    fake.alarms.blind = true;
    begin("'a'");
    CHECK(result.outcome == RUN_PROMOTED);
}

/* A watch of alarms that are not there is refused as it begins, and the run is rolled back. */
static void test_missing(void)
{
    fake_init(&fake);
    run(WATCH("{judge='alarm', name='alarm', alarms=effect.array{'missing'}}"));
    CHECK(result.outcome == RUN_POLICY_FAILED);
    CHECK(strstr(result.reason, "there is no alarm \"missing\"") != NULL);
}

CHECK_MAIN({"set_up", set_up}, {"harm", test_harm}, {"back_to_ok", test_back_to_ok},
           {"not_gone_back_over", test_not_gone_back_over}, {"no_evidence", test_no_evidence},
           {"blind_at_the_end", test_blind_at_the_end}, {"one_is_blind", test_one_is_blind},
           {"blind_rest", test_blind_rest}, {"as_it_begins", test_as_it_begins},
           {"not_answered", test_not_answered}, {"rest", test_rest}, {"lasting", test_lasting},
           {"begin", test_begin}, {"missing", test_missing}, {"tear_down", tear_down})
