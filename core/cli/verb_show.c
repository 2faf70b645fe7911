/* show: what a run did, from its journal. */
#include "cli/jailed.h"
#include "cli/progress.h"
#include "cli/run_journal.h"
#include "cli/state.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "engine/engine.h"
#include "engine/record.h"
#include "host/host.h"

#include <stdio.h>

static const struct option_spec specs[] = {
    {"format", 0, OPTION_TEXT, false, "text|json|jsonl",
     "a timeline, one document, or the records"},
    {"ticks", 0, OPTION_FLAG, false, NULL,
     "text: tell every look of the judges, not only the last"},
    STATE_OPTIONS,
};

struct show {
    struct run_journal journal;
    enum format format;
    bool ticks;
    struct host *host;
    struct pool pool; /* for one record */
};

/* Calls add() of a report with each record: prints what it says. */
static bool tell_records(struct show *show, const char *module, struct error *err)
{
    const struct journal_scan *scan = &show->journal.scan;
    for (size_t i = 0; i < scan->count; i++) {
        struct value text;
        if (!run_journal_tell(show->host, module, "add", &scan->records[i], &text, &show->pool,
                              err))
            return error_wrap(err, "%s: line %zu", show->journal.path, i + 1);
        if (text.kind == VALUE_STRING)
            terminal_report(text.string);
        pool_reset(&show->pool);
    }
    return true;
}

static bool tell_timeline(struct show *show, struct error *err)
{
    struct member members[] = {{slice_of("colour"), value_boolean(progress_colour(1))},
                               {slice_of("ticks"), value_boolean(show->ticks)}};
    struct value options = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    struct value text;
    const struct journal_scan *scan = &show->journal.scan;
    if (!host_call(show->host, "report.timeline", "begin", &options, 1, &text, &show->pool, err) ||
        !tell_records(show, "report.timeline", err))
        return false;
    if (scan->tail == JOURNAL_DAMAGED)
        printf("the journal is damaged from here on\n");
    else if (scan->records[scan->count - 1].kind != JOURNAL_END)
        printf("the journal ends here, before the run did\n");
    return true;
}

/* The first process, and each that took the run up. */
static int64_t count_lives(const struct journal_scan *scan)
{
    int64_t lives = 0;
    for (size_t i = 0; i < scan->count; i++) {
        const struct journal_record *record = &scan->records[i];
        lives += record->kind == JOURNAL_RUN ||
                 (record->kind == JOURNAL_ROLLBACK && engine_is_taken_up(&record->body));
    }
    return lives;
}

static bool sum_up(struct show *show, struct value *summary, struct error *err)
{
    struct value text;
    struct value lives = value_integer(count_lives(&show->journal.scan));
    return host_call(show->host, "report.summary", "begin", &lives, 1, &text, &show->pool, err) &&
           tell_records(show, "report.summary", err) &&
           host_call(show->host, "report.summary", "finish", NULL, 0, summary, &show->pool, err);
}

static bool print_document(struct show *show, struct error *err)
{
    struct pool *pool = &show->journal.pool;
    const struct journal_scan *scan = &show->journal.scan;
    struct value summary;
    struct value records;
    if (!sum_up(show, &summary, err) || !value_array(&records, scan->count, pool, err))
        return false;
    for (size_t i = 0; i < scan->count; i++) {
        struct member *members = pool_alloc(pool, 4 * sizeof *members, err);
        if (!members)
            return false;
        records.array.items[i] = run_journal_value(&scan->records[i], members);
    }
    bool damaged = scan->tail == JOURNAL_DAMAGED;
    struct member members[] = {
        {slice_of("damaged"), value_text(scan->damage.message)}, /* where it is */
        {slice_of("header"), scan->records[0].body},
        {slice_of("last_hash"), value_text(scan->last_hash)},
        {slice_of("records"), records},
        {slice_of("summary"), summary},
        {slice_of("torn"), value_boolean(scan->tail == JOURNAL_TORN)},
    };
    struct value document = {.kind = VALUE_OBJECT,
                             .object = {members + !damaged, RECORD_COUNT(members) - !damaged}};
    return verb_print(&document, err);
}

static void print_lines(const struct show *show)
{
    const struct journal_scan *scan = &show->journal.scan;
    terminal_data((struct slice){show->journal.bytes.data, scan->good}, "");
}

static bool show_as(struct show *show, struct error *err)
{
    if (show->format == FORMAT_JSONL) {
        print_lines(show);
        return true;
    }
    return host_new(&show->host, err) &&
           (show->format == FORMAT_JSON ? print_document(show, err) : tell_timeline(show, err));
}

/* What is damaged is told as far as it is intact, and then said to be. */
static bool show_all(struct show *show, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    if (!run_journal_scan_intact(&show->journal, "show", err))
        return false;
    pool_init(&show->pool, POOL_MAX);
    if (!show_as(show, err))
        return false;
    *err = show->journal.scan.damage;
    return show->journal.scan.tail != JOURNAL_DAMAGED;
}

/* A journal may be a stranger's: nothing of it is looked at before the walls stand. */
static int in_jail(void *context)
{
    struct show *show = context;
    struct jail_limits limits = jail_limits_default;
    struct jail_walls walls;
    struct error err;
    limits.memory *= 3; /* of the longest journal there is */
    bool ok = jail_lock(&limits, NULL, 0, &walls, &err) && show_all(show, &err);
    int status = ok ? EXIT_DONE : verb_fail("show", &err);
    host_free(show->host);
    pool_clear(&show->pool);
    return verb_flush(status);
}

static int run(const struct options *options)
{
    static struct show show;
    struct error err;
    int status = EXIT_TOOL;
    show.ticks = options_given(options, "ticks");
    bool ok = verb_format(options, &show.format, &err) &&
              run_journal_read(&show.journal, options, &err) && host_open_files(&err) &&
              jailed_run(in_jail, &show, &status, &err);
    if (!ok)
        status = verb_fail("show", &err);
    run_journal_clear(&show.journal);
    return status;
}

const struct verb verb_show = {
    .name = "show",
    .operands = "RUN|JOURNAL",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Tells what a run did, from its journal: timeline, one JSON document, or records.",
    .more = "A file of that name goes before a run; RUN is as in `tidelock status`, or `last`.",
    .example = "tidelock show last",
};
