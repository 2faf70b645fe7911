/* Replays of journals that no run wrote, with hashes that hold: told at the first record that does
 * not follow from those before, and nothing worse. */
#include "replay_check.h"

#include <stdio.h>

/* Writes the records again, with a chain that holds, in the order and shape that `pick` gives. */
struct forged {
    size_t from, to; /* the record that stands at `from` is put before `to`; SIZE_MAX: left out */
    const char *find, *replace;
    size_t in;   /* ... in this record's body */
    bool copied; /* the record stays at `from` as well */
};

static void append_forged(struct journal *journal, const struct journal_record *record,
                          const struct forged *forged, bool changed)
{
    static struct buffer body = {.max = 8 << 20};
    buffer_empty(&body);
    CHECK(value_write(&record->body, &body, &err));
    char *at = changed ? strstr(body.data, forged->find) : NULL;
    if (at) {
        static struct buffer other = {.max = 8 << 20};
        buffer_empty(&other);
        CHECK(buffer_append(&other, (struct slice){body.data, (size_t)(at - body.data)}, &err) &&
              buffer_append_text(&other, forged->replace, &err) &&
              buffer_append_text(&other, at + strlen(forged->find), &err));
        CHECK(journal_append(journal, record->kind, record->at, buffer_slice(&other), &err));
    } else {
        CHECK(journal_append(journal, record->kind, record->at, buffer_slice(&body), &err));
    }
}

static void forge(struct journal_memory *out, const struct buffer *bytes,
                  const struct forged *forged)
{
    static struct pool own = {.max = 64 << 20};
    struct journal_scan scan;
    struct journal journal;
    pool_reset(&own);
    CHECK(journal_read(&scan, buffer_slice(bytes), &own, &err));
    journal_memory_clear(out);
    journal_memory_init(out, 64 << 20);
    journal_init(&journal, &out->store);
    for (size_t i = 0; i < scan.count; i++) {
        if (i == forged->to)
            append_forged(&journal, &scan.records[forged->from], forged, false);
        if (i != forged->from || forged->copied)
            append_forged(&journal, &scan.records[i], forged, forged->find && i == forged->in);
    }
    journal_clear(&journal);
}

/* What was answered in one instant may have been answered in another order. */
static bool within_an_instant(const struct journal_scan *scan, size_t from, size_t to)
{
    size_t last = to > from ? to - 1 : to;
    return to < scan->count && scan->records[from].at == scan->records[last].at;
}

static void replay_moved(const struct buffer *kept, size_t from, size_t to)
{
    static struct journal_memory out;
    struct journal_scan scan;
    CHECK(read_journal(&scan, kept));
    bool shorter = to == scan.count && from == scan.count - 1;
    bool may_be_equal = within_an_instant(&scan, from, to);
    struct forged forged = {.from = from, .to = to < scan.count ? to : SIZE_MAX};
    forge(&out, kept, &forged);
    CHECK(read_journal(&scan, &out.bytes));
    replay_scan(&scan);
    if (!CHECK(report.end == (shorter ? REPLAY_CUT : REPLAY_DIFFERENT) ||
               (may_be_equal && report.end == REPLAY_EQUAL)))
        fprintf(stderr, "record %zu put before %zu\n", from, to);
    journal_memory_clear(&out);
}

/* A record that was moved or left out, and all hashes computed anew: told, and nothing worse. */
static void test_forged_order(void)
{
    static struct buffer kept = {.max = 1 << 20};
    struct journal_scan scan;
    struct engine_result result;
    load(branches);
    fake_init(&fake);
    fake.harm_after = 900000;
    CHECK(buffer_append(&kept, buffer_slice(&run_fake(&result)->bytes), &err));
    CHECK(read_journal(&scan, &kept));
    size_t count = scan.count;
    for (size_t from = 1; from < count; from++) {
        for (size_t to = 1; to <= count; to++) {
            if (to != from && to != from + 1)
                replay_moved(&kept, from, to);
        }
    }
    buffer_clear(&kept);
}

/* A record that stands there twice, among them the signal that stopped the run. */
static void test_copied(void)
{
    static struct journal_memory out;
    static struct buffer kept = {.max = 1 << 20};
    struct journal_scan scan;
    struct engine_result result;
    load(rollout);
    fake_init(&fake);
    fake.interrupt_at = 800000;
    fake_ask(&fake, REQUEST_PAUSE, 650000);
    fake_ask(&fake, REQUEST_RESUME, 700000);
    CHECK(buffer_append(&kept, buffer_slice(&run_fake(&result)->bytes), &err));
    CHECK(read_journal(&scan, &kept));
    size_t count = scan.count;
    for (size_t from = 1; from < count; from++) {
        for (size_t to = 1; to < count; to++) {
            struct forged forged = {.from = from, .to = to, .copied = true};
            forge(&out, &kept, &forged);
            CHECK(read_journal(&scan, &out.bytes));
            replay_scan(&scan);
            CHECK(report.end == REPLAY_DIFFERENT);
        }
    }
    journal_memory_clear(&out);
    buffer_clear(&kept);
}

static const struct {
    const char *find, *replace;
} changes[] = {
    {"\"verdict\":\"undecided\"", "\"verdict\":\"harm\""},
    {"\"canary\":1.0", "\"canary\":2.0"},
    {"\"canary\":1.0", "\"canary\":\"no data\""},
    {"\"canary\":1.0", "\"canary\":null"},
    {"\"periods\":[", "\"period\":["},
    {"\"id\":", "\"id\":1"},
    {"\"observed\":{\"is\":100}", "\"observed\":{\"is\":101}"},
    {"\"before\":100", "\"before\":102"},
    {"\"outcome\":\"ok\"", "\"outcome\":\"unknown\""},
    {"\"outcome\":\"ok\"", "\"outcome\":\"rejected\""},
    {"\"outcome\":\"ok\"", "\"outcome\":1"},
    {"\"cause\":\"harm\"", "\"cause\":\"signal INT\""},
    {"\"cause\":\"harm\"", "\"cause\":\"tool\""},
    {"\"cause\":\"harm\"", "\"cause\":\"crash\""},
    {"\"found\":\"ours\"", "\"found\":\"before\""},
    {"\"restored\":true", "\"restored\":false"},
    {"\"applied\":true", "\"applied\":false"},
    {"\"request\":\"pause\"", "\"request\":\"abort\""},
    {"\"request\":\"pause\"", "\"request\":\"explode\""},
    {"\"request\":\"pause\"", "\"request\":7"},
    {"\"request\":\"resume\"", "\"request\":\"promote\""},
    {"\"by\":", "\"bz\":"},
    {"\"exit\":10", "\"exit\":0"},
    {"\"identity\":", "\"identitz\":"},
};

/* Makes one change in each record where it can be made; returns in how many. */
static size_t replay_changed(const struct buffer *kept, size_t row, size_t count)
{
    static struct journal_memory out;
    struct journal_scan scan;
    size_t made = 0;
    for (size_t in = 1; in < count; in++) {
        struct forged forged = {SIZE_MAX, SIZE_MAX, changes[row].find, changes[row].replace,
                                in,       false};
        forge(&out, kept, &forged);
        if (slice_equal(buffer_slice(&out.bytes), buffer_slice(kept)))
            continue;
        made++;
        if (!read_journal(&scan, &out.bytes))
            continue; /* names out of order: not even a record */
        replay_scan(&scan);
        if (!CHECK(report.end == REPLAY_DIFFERENT))
            fprintf(stderr, "%s in record %zu\n", changes[row].replace, in);
    }
    journal_memory_clear(&out);
    return made;
}

/* What follows from the answers is computed again, not copied. */
static void test_forged_content(void)
{
    static struct buffer kept = {.max = 1 << 20};
    struct journal_scan scan;
    struct engine_result result;
    load(rollout);
    fake_init(&fake);
    fake.harm_after = 780000;
    fake_ask(&fake, REQUEST_PAUSE, 650000);
    fake_ask(&fake, REQUEST_RESUME, 700000);
    CHECK(buffer_append(&kept, buffer_slice(&run_fake(&result)->bytes), &err));
    CHECK(read_journal(&scan, &kept));
    size_t count = scan.count;
    for (size_t row = 0; row < sizeof changes / sizeof *changes; row++) {
        if (!CHECK(replay_changed(&kept, row, count) > 0))
            fprintf(stderr, "%s could be put nowhere\n", changes[row].replace);
    }
    buffer_clear(&kept);
}

static void test_not_a_run(void)
{
    static struct journal_memory out;
    struct journal_scan scan;
    struct journal journal;
    struct replayed *none = NULL;
    journal_memory_init(&out, 1 << 16);
    CHECK(read_journal(&scan, &out.bytes) && !replayed_new(&none, &scan, &err));
    journal_init(&journal, &out.store);
    CHECK(journal_append(&journal, JOURNAL_END, 0, slice_of("{}"), &err));
    CHECK(read_journal(&scan, &out.bytes) && !replayed_new(&none, &scan, &err));
    CHECK_TEXT(err.message, "line 1: a journal begins with a record of kind run");
    journal_clear(&journal);
    journal_memory_clear(&out);
}

CHECK_MAIN({"set_up", set_up}, {"forged_order", test_forged_order}, {"copied", test_copied},
           {"forged_content", test_forged_content}, {"not_a_run", test_not_a_run},
           {"tear_down", tear_down})
