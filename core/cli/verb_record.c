/* record: the metrics that a run asked for, into a recording. */
#include "base/time.h"
#include "cli/files.h"
#include "cli/recording_file.h"
#include "cli/supervisor.h"
#include "cli/verb.h"
#include "journal/lock.h"
#include "journal/recover.h"
#include "world/backfill.h"

#include <stdio.h>

static const struct option_spec specs[] = {
    {"output", 'o', OPTION_TEXT, false, "FILE",
     "where the recording goes; it must not be there yet"},
    {"from", 0, OPTION_TEXT, false, "TIME", "an instant, or -2h: so long ago; the run's begin"},
    {"to", 0, OPTION_TEXT, false, "TIME", "the same; the run's end, or now while it lasts"},
    {"service", 0, OPTION_FLAG, false, "",
     "take the baseline for the whole service: of a time in which nothing was shifted"},
    SUPERVISOR_OPTIONS,
};

struct record {
    const struct options *options;
    struct supervisor supervisor;
    struct recovery journal;
    struct backfill backfill;
    char run[STATE_RUN_SIZE];
    int64_t from, to;
    struct pool pool;
};

static bool check_out(const struct record *record, struct error *err)
{
    const char *out = options_text(record->options, "output", NULL);
    if (!out)
        return error_set(err, ERROR_INVALID, "--output FILE is missing");
    return files_check_new(out, err);
}

static bool read_run(struct record *record, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    char path[PATH_MAX];
    struct state *state = &record->supervisor.state;
    bool held = false;
    pool_init(&record->pool, POOL_MAX);
    if (!state_find(state, record->options->operands[0], record->run, err) ||
        !state_journal(state, record->run, path, err) || !lock_is_held(path, &held, err) ||
        !recover_look(&record->journal, path, err))
        return false;
    const struct journal_scan *scan = &record->journal.scan;
    if (!backfill_read(&record->backfill, scan, &record->pool, err))
        return error_wrap(err, "run %s", record->run);
    if (record->backfill.to < 0 && !held)
        record->backfill.to = scan->records[scan->count - 1].at;
    return true;
}

/* "2026-11-24T07:51:00Z", or "-2h": so long before now. */
static bool read_time(const struct record *record, const char *name, int64_t now, int64_t *out,
                      struct error *err)
{
    const char *text = options_text(record->options, name, NULL);
    int64_t ago = 0;
    if (!text)
        return true;
    bool ok = *text == '-' ? time_parse_duration(&ago, slice_of(text + 1), err)
                           : time_parse_instant(out, slice_of(text), err);
    if (!ok)
        return error_wrap(err, "--%s", name);
    if (*text == '-')
        *out = now - ago;
    return true;
}

static bool read_times(struct record *record, struct error *err)
{
    int64_t now = net_now(record->supervisor.net);
    char from[32];
    char to[32];
    record->from = record->backfill.from;
    record->to = record->backfill.to < 0 ? now : record->backfill.to;
    if (!read_time(record, "from", now, &record->from, err) ||
        !read_time(record, "to", now, &record->to, err))
        return false;
    if (record->from >= 0 && record->from < record->to)
        return true;
    time_format_instant(from, record->from < 0 ? 0 : record->from);
    time_format_instant(to, record->to);
    return error_set(err, ERROR_INVALID, "from %s to %s: expected two rising times", from, to);
}

static bool write_out(struct record *record, struct error *err)
{
    char note[96];
    snprintf(note, sizeof note, "recorded by tidelock record from run %s", record->run);
    struct live_wanted wanted = {note, options_given(record->options, "service")};
    return recording_file_write(options_text(record->options, "output", NULL),
                                live_metrics(record->supervisor.live), &wanted, true, err);
}

/* A signal ends it at once: there is nothing to be put back. */
static bool ask_providers(struct record *record, struct error *err)
{
    struct supervisor *supervisor = &record->supervisor;
    if (backfill_ask(&record->backfill, live_metrics(supervisor->live), record->from, record->to,
                     net_now(supervisor->net), err))
        return true;
    return supervisor->signal
               ? error_set(err, ERROR_KILLED, "a signal asked for the end; nothing was written")
               : false;
}

static bool carry_out(struct record *record, struct error *err)
{
    return check_out(record, err) &&
           supervisor_read(&record->supervisor, record->options, NULL, STATE_MUST_BE, err) &&
           read_run(record, err) && supervisor_prepare(&record->supervisor, err) &&
           supervisor_open(&record->supervisor, record->options, err) && read_times(record, err) &&
           ask_providers(record, err) && write_out(record, err);
}

static int run(const struct options *options)
{
    static struct record record = {.journal = {.file.fd = -1, .held = -1}};
    struct error err;
    record.options = options;
    supervisor_init(&record.supervisor);
    int status = carry_out(&record, &err) ? EXIT_DONE : verb_fail("record", &err);
    supervisor_close(&record.supervisor);
    recover_close(&record.journal);
    pool_clear(&record.pool);
    return supervisor_status(&record.supervisor, status);
}

const struct verb verb_record = {
    .name = "record",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Records the metrics that a run asked for: of its own time, or of another.",
    .more = "The providers of tidelock.lua are asked; what the run itself read goes before what "
            "they answer now. RUN is as in `tidelock status`; `last` is the last one.",
    .example = "tidelock record last --output rollout.ndjson",
};
