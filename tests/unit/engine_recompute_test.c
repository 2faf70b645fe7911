/* What a journal says of changes is computed again from what was asked for and observed: whatever
 * else stands there is refused, and nothing recorded is left to be sent. */
#include "engine/recompute.h"
#include "engine/record.h"
#include "engine_check.h"

static struct fake_world fake;
static struct journal_memory memory;
static struct engine *engine;
static struct pool pool = {.max = 64 << 20};
static struct journal_scan scan;

static struct value text_of(const char *json)
{
    struct value value;
    CHECK(value_parse(&value, slice_of(json), false, &pool, &err));
    return value;
}

/* A run that wrote a register twice and was promoted. */
static void read_run(void)
{
    struct journal journal;
    struct engine_result result;
    struct value header = text_of("{\"version\":\"1\",\"world\":\"fake\"}");
    struct value none = {.kind = VALUE_OBJECT};
    fake_init(&fake);
    load("return function() begin() put(0, 5) put(0, 10) end");
    journal_memory_clear(&memory);
    journal_memory_init(&memory, 64 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = {.world = &fake.world,
                                   .catalogue = &fake.catalogue,
                                   .script = &script.script,
                                   .journal = &journal,
                                   .header = &header,
                                   .arguments = &none};
    engine_run(engine, &params, &result);
    CHECK(result.outcome == RUN_PROMOTED);
    journal_clear(&journal);
    CHECK(journal_read(&scan, buffer_slice(&memory.bytes), &pool, &err) && scan.count > 5);
}

/* Record 2 is the first change, 4 the second. */
static void set(size_t record, const char *name, const char *json)
{
    struct value *body = &scan.records[record].body;
    struct member members[16];
    size_t count = 0;
    for (size_t i = 0; i < body->object.count; i++) {
        if (!slice_is(body->object.members[i].name, name))
            members[count++] = body->object.members[i];
    }
    if (json)
        members[count++] = (struct member){slice_of(name), text_of(json)};
    CHECK(record_object(body, members, count, &pool, &err));
}

static const char home[] =
    "{\"account\":\"123456789012\",\"partition\":\"aws\",\"region\":\"here\"}";

static bool recompute(const char *version)
{
    const struct recompute how = {&fake.catalogue, "fake", version};
    return recompute_changes(&how, &scan, &pool, &err);
}

static void test_a_true_journal(void)
{
    read_run();
    set(1, "home", home);
    struct value before = scan.records[4].body;
    CHECK(recompute("1"));
    CHECK(value_equal(&before, &scan.records[4].body));
    set(1, "home", "{\"account\":\"1\",\"partition\":\"aws\",\"region\":\"\"}");
    CHECK(recompute("1"));
}

static void test_what_does_not_follow(void)
{
    static const struct {
        size_t record;
        const char *name, *json, *said;
    } rows[] = {
        {0, "world", "\"live\"", "line 1: the run was in a world called \"live\", not \"fake\""},
        {0, "world", NULL, "line 1: the run was in a world called \"\", not \"fake\""},
        {1, "home", NULL, "line 2: it does not say in which account the run was"},
        {1, "home", "{\"account\":\"1\",\"partition\":\"a.b\",\"region\":\"\"}",
         "line 2: it does not say in which account the run was"},
        {1, "targets", "{}", "line 2: it has no list of targets"},
        {2, "identity", "\"r1\"", "line 3: its \"identity\" is not that of its \"request\""},
        {2, "observe", "{\"input\":{\"key\":1,\"to\":1},\"operation\":\"kv.put\"}",
         "line 3: its \"observe\" is not that of its \"request\""},
        {2, "observe", NULL, "line 3: its \"observe\" is not that of its \"request\""},
        {4, "before", "100", "line 5: its \"before\" is not that of its \"request\""},
        {4, "after", "100", "line 5: its \"after\" is not that of its \"request\""},
        {4, "settle", "0", "line 5: its \"settle\" is not that of its \"request\""},
        {4, "undo", "null", "line 5: its \"undo\" is not that of its \"request\""},
        {4, "observed", NULL, "line 5: no change of AWS with what was observed before it"},
        {4, "request", "{\"kind\":\"aws\",\"operation\":\"kv.get\",\"input\":{\"key\":0}}",
         "line 5: what it asks for changes nothing"},
        {4, "request", "{\"kind\":\"aws\",\"operation\":\"kv.cut\",\"input\":{\"key\":0}}",
         "line 5: there is no operation kv.cut"},
        {4, "request", "{\"kind\":\"sleep\",\"operation\":\"kv.put\",\"input\":{\"key\":0}}",
         "line 5: no change of AWS with what was observed before it"},
        {4, "request", "{\"kind\":\"aws\",\"operation\":\"kv.put\",\"input\":[]}",
         "line 5: no change of AWS with what was observed before it"},
        {4, "request", NULL, "line 5: no change of AWS with what was observed before it"},
    };
    for (size_t i = 0; i < RECORD_COUNT(rows); i++) {
        read_run();
        set(1, "home", home);
        set(rows[i].record, rows[i].name, rows[i].json);
        CHECK(!recompute("1") && err.code == ERROR_INVALID);
        CHECK_TEXT(err.message, rows[i].said);
    }
}

/* What it made of a change is not asked for; of which resource it was, is. */
static void test_another_version(void)
{
    read_run();
    set(1, "home", home);
    struct value true_one = scan.records[4].body;
    set(4, "undo", "{\"input\":{\"key\":7,\"to\":1},\"operation\":\"kv.put\"}");
    set(4, "observe", "{\"input\":{\"key\":7,\"to\":1},\"operation\":\"kv.put\"}");
    set(4, "before", "1");
    set(4, "after", "[]");
    set(4, "settle", "-1");
    CHECK(recompute("2"));
    CHECK(value_equal(&true_one, &scan.records[4].body));
    set(4, "identity", "\"r1\"");
    CHECK(!recompute("2"));
    CHECK_TEXT(err.message, "line 5: its \"identity\" is not that of its \"request\" (another "
                            "version of tidelock wrote it)");
}

static void swap(size_t a, size_t b)
{
    struct journal_record kept = scan.records[a];
    scan.records[a] = scan.records[b];
    scan.records[b] = kept;
}

static void test_order(void)
{
    read_run();
    set(1, "home", home);
    swap(1, 2);
    CHECK(!recompute("1"));
    CHECK_TEXT(err.message, "line 2: a change before the run had begun");
    swap(1, 2);
    scan.records[3] = scan.records[1];
    CHECK(!recompute("1"));
    CHECK_TEXT(err.message, "line 4: a run begins once");
    scan.records[3] = scan.records[0];
    CHECK(!recompute("1"));
    CHECK_TEXT(err.message, "line 4: a journal has one record of kind run, the first");
    swap(0, 1);
    CHECK(!recompute("1"));
    CHECK_TEXT(err.message, "line 1: a journal has one record of kind run, the first");
    scan.count = 0;
    CHECK(recompute("1"));
}

static void set_up(void)
{
    CHECK(engine_new(&engine, &err));
}

static void clear(void)
{
    engine_free(engine);
    sandbox_free(sandbox);
    journal_memory_clear(&memory);
    pool_clear(&pool);
    pool_clear(&load_pool);
    pool_clear(&fake_pool);
}

CHECK_MAIN({"set_up", set_up}, {"a_true_journal", test_a_true_journal},
           {"what_does_not_follow", test_what_does_not_follow},
           {"another_version", test_another_version}, {"order", test_order}, {"clear", clear})
