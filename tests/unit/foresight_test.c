/* What a watch will be able to see, by the traffic of the hours before the run. */
#include "engine/foresight.h"
#include "engine_check.h"
#include "judge/judge_power.h"

#include <math.h>

enum { HOUR = 3600000 };

static struct fake_world fake;
static struct engine *engine;
static struct engine_result result;
static char reported[4096]; /* the EFFECT record of the first watch */

static void observe(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                    struct slice line)
{
    (void)context, (void)at;
    if (kind == JOURNAL_EFFECT && !*reported &&
        value_is_text(value_get(value_get(body, "request"), "kind"), "watch"))
        snprintf(reported, sizeof reported, "%.*s", (int)line.size, line.data);
}

/* Three hours of so many requests and errors. */
static const char *hours(double requests, double errors)
{
    static char text[512];
    snprintf(text, sizeof text,
             "[{\"arm\":\"baseline\",\"metric\":\"errors\",\"of\":0,\"period\":60000,"
             "\"span\":10800000,\"sum\":%.1f},{\"arm\":\"baseline\",\"metric\":\"requests\","
             "\"of\":0,\"period\":60000,\"span\":10800000,\"sum\":%.1f}]",
             errors, requests);
    return text;
}

static struct journal_memory memory;
static struct journal journal;

static void run(const char *came, const char *policy, bool rehearsal)
{
    static const struct value none = {.kind = VALUE_OBJECT};
    struct engine_params params = {
        .rehearsal = rehearsal,
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &script.script,
        .arguments = &none,
        .header = &none,
        .journal = &journal,
        .observe = observe,
    };
    char text[1600];
    snprintf(text, sizeof text,
             "local function look(kind, ms, sees, patience, share)\n"
             "  return ask{kind=kind, ['for']=ms, every=60000, target=target, share=share or 10,\n"
             "    judges=judges, sees=sees, patience=patience}\n"
             "end\n"
             "return function() ask{kind='begin', policy={name='t'}, params={},\n"
             "  targets=effect.array{target}, asks=effect.array{}} %s end",
             policy);
    *reported = '\0';
    fake_init(&fake);
    fake.came = came;
    load(text);
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    journal_clear(&journal);
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 1 << 20);
    journal_init(&journal, &memory.store);
    engine_run(engine, &params, &result);
}

static void check_end(enum run_outcome outcome, int puts, int64_t minutes, const char *reason)
{
    CHECK(result.outcome == outcome);
    CHECK_TEXT(result.reason, reason);
    CHECK(fake.puts == puts);
    CHECK((result.ended - result.started) / 60000 == minutes);
}

/* What the test of the one metric sees on so many requests, where nothing was known to err. */
static double formula(double canary, double baseline)
{
    struct power_trials trials = {canary, baseline, power_rate(0, baseline)};
    struct power_test test = {
        .tolerance = 1,
        .min_abs = 0.00002,
        .threshold = log(100) + log(2),
        .dispersion = 1,
        .lowest = 1.7,
        .highest = 4,
        .lost = power_lost(5),
    };
    return power_against_baseline(&trials, &test);
}

/* A watch that cannot come to see what it must does not wait for its patience to end; and asked
 * beforehand, nothing is shifted at all. */
static void test_hopeless(void)
{
    char reason[400];
    double requests = 0.05 * 3900;
    snprintf(reason, sizeof reason,
             "at 10 %% of 0.05 requests a second, as there were before the run, only a rise to "
             "%.3g times could be seen within 1h5m, and one to 10 times is asked for (sees), which "
             "would take 5h47m",
             formula(requests / 10, requests * 9 / 10));
    run(hours(540, 5.4), "put(0, 1) look('watch', 300000, 10.0, 3600000)", false);
    check_end(RUN_NO_DECISION, 2, 0, reason);
    CHECK(result.cause == CAUSE_UNDECIDED);
    run(hours(540, 5.4), "look('foresee', 300000, 10.0, 3600000) put(0, 1)", false);
    check_end(RUN_NO_DECISION, 0, 0, reason);
}

/* Nothing is refused that twice the traffic would let be seen, that is asked to see nothing, or of
 * which nothing is known. */
static void test_hopeful(void)
{
    run(hours(5400000, 5400), "look('foresee', 300000, 10.0, 3600000) put(0, 1)", false);
    check_end(RUN_PROMOTED, 1, 0, "");
    run(hours(540, 5.4), "look('foresee', 300000, nil, 3600000) put(0, 1)", false);
    check_end(RUN_PROMOTED, 1, 0, "");
    run("[]", "look('foresee', 300000, 10.0, 3600000) put(0, 1)", false);
    check_end(RUN_PROMOTED, 1, 0, "");
    run(hours(0, 0), "look('foresee', 300000, 10.0, 3600000) put(0, 1)", false);
    check_end(RUN_PROMOTED, 1, 0, "");
    /* Who decides for himself is told what was seen. */
    run(hours(540, 5.4),
        "put(0, 1) ask{kind='watch', ['for']=300000, every=60000, target=target, share=10,\n"
        "judges=judges, sees=10.0, patience=0, decide=true}",
        false);
    check_end(RUN_PROMOTED, 1, 5, "");
}

/* What a strange policy asks for is not reckoned with. */
static void test_strange(void)
{
    run(hours(540, 5.4), "look('foresee', math.maxinteger, 10.0, math.maxinteger) put(0, 1)",
        false);
    check_end(RUN_PROMOTED, 1, 0, "");
    run(hours(540, 5.4), "look('foresee', 300000, 10.0, 0, -1e300) put(0, 1)", false);
    CHECK(result.outcome == RUN_PROMOTED || result.outcome == RUN_NO_DECISION);
    run(hours(540, 5.4), "ask{kind='foresee', sees=10.0} put(0, 1)", false);
    check_end(RUN_PROMOTED, 1, 0, "");
}

/* A plan has it with each watch. */
static void test_planned(void)
{
    run(hours(2160000, 2160), "put(0, 1) look('watch', 300000)", true);
    CHECK(strstr(reported, "\"foreseen\":{\"judged\":240000,\"requests\":4800.0,\"sees\":4.05"));
    CHECK(strstr(reported, "\"takes\":[{\"rise\":2.0,\"watch\":1620000},{\"rise\":3.0,"
                           "\"watch\":540000},{\"rise\":5.0,\"watch\":240000}]}"));
    run(hours(540, 0), "put(0, 1) look('watch', 60000)", true);
    CHECK(strstr(reported, "\"foreseen\":{\"judged\":0,\"requests\":0.0,\"takes\":[{"));
    run(hours(2160000, 2160), "put(0, 1) look('watch', 300000)", false);
    CHECK(!strstr(reported, "foreseen"));
}

static void set_up(void)
{
    CHECK(engine_new(&engine, &err));
    journal_memory_init(&memory, 1 << 20);
    journal_init(&journal, &memory.store);
}

static void tear_down(void)
{
    engine_free(engine);
    journal_clear(&journal);
    journal_memory_clear(&memory);
    sandbox_free(sandbox);
    pool_clear(&load_pool);
}

CHECK_MAIN({"set_up", set_up}, {"hopeless", test_hopeless}, {"hopeful", test_hopeful},
           {"strange", test_strange}, {"planned", test_planned}, {"tear_down", tear_down})
