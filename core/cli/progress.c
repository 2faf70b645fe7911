/* Tells the records of a run as they are written: a timeline, a line that is redrawn, or the
 * journal's own lines. */
#include "cli/progress.h"

#include "cli/github.h"
#include "cli/run_journal.h"
#include "cli/terminal.h"
#include "engine/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

bool progress_colour(int fd)
{
    const char *none = getenv("NO_COLOR");
    const char *force = getenv("CLICOLOR_FORCE");
    const char *wanted = getenv("CLICOLOR");
    const char *terminal = getenv("TERM");
    if (none && *none)
        return false;
    if (force && *force && strcmp(force, "0") != 0)
        return true;
    if ((wanted && strcmp(wanted, "0") == 0) || (terminal && strcmp(terminal, "dumb") == 0))
        return false;
    return isatty(fd);
}

/* Calls report.timeline's function of that name: its text, in the progress' pool. */
static bool timeline(struct progress *progress, const char *name, const struct value *argument,
                     struct slice *text, struct error *err)
{
    struct value result;
    if (!host_call(progress->host, "report.timeline", name, argument, argument != NULL, &result,
                   &progress->pool, err))
        return false;
    *text = result.kind == VALUE_STRING ? result.string : slice_of("");
    return true;
}

bool progress_open(struct progress *progress, enum format format, bool ticks, struct host *host,
                   struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    *progress = (struct progress){.format = format, .host = host};
    progress->live = format == FORMAT_TEXT && terminal_is_live();
    pool_init(&progress->pool, POOL_MAX);
    struct member members[] = {{slice_of("colour"), value_boolean(progress_colour(1))},
                               {slice_of("ticks"), value_boolean(ticks)}};
    struct value options = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    struct slice nothing;
    return format != FORMAT_TEXT || timeline(progress, "begin", &options, &nothing, err);
}

void progress_clear(struct progress *progress)
{
    terminal_end();
    pool_clear(&progress->pool);
}

enum { LONG_LINE = 4096 };

/* What is recalled is told in one line: of what was measured, most of a long journal, no more is
 * handed over than that it is there, and of a long answer that it came. */
static struct journal_record brief(const struct journal_record *record, struct member members[2])
{
    struct journal_record out = *record;
    const struct value *id = value_get(&record->body, "id");
    const struct value *outcome = value_get(&record->body, "outcome");
    if (record->kind == JOURNAL_TICK)
        out.body = (struct value){.kind = VALUE_OBJECT};
    if (record->kind != JOURNAL_RESULT || record->line.size < LONG_LINE || !id || !outcome)
        return out;
    members[0] = (struct member){slice_of("id"), *id};
    members[1] = (struct member){slice_of("outcome"), *outcome};
    out.body = (struct value){.kind = VALUE_OBJECT, .object = {members, 2}};
    return out;
}

bool progress_recall(struct progress *progress, const struct journal_scan *scan, struct error *err)
{
    struct slice text;
    if (progress->format != FORMAT_TEXT)
        return true;
    for (size_t i = 0; i < scan->count; i++) {
        struct value nothing;
        struct member members[2];
        struct journal_record record = brief(&scan->records[i], members);
        if (!run_journal_tell(progress->host, "report.timeline", "recall", &record, &nothing,
                              &progress->pool, err))
            return error_wrap(err, "line %zu of the journal", i + 1);
        pool_reset(&progress->pool);
    }
    if (!timeline(progress, "recalled", NULL, &text, err))
        return false;
    terminal_report(text);
    pool_reset(&progress->pool);
    return true;
}

/* Calls report.timeline's function of that name with a record: its text. */
static bool tell_record(struct progress *progress, const char *name,
                        const struct journal_record *record, struct slice *text, struct error *err)
{
    struct value told;
    bool ok = run_journal_tell(progress->host, "report.timeline", name, record, &told,
                               &progress->pool, err);
    *text = ok && told.kind == VALUE_STRING ? told.string : slice_of("");
    return ok;
}

static bool tell_text(struct progress *progress, const struct journal_record *record,
                      struct error *err)
{
    struct slice text;
    if (!tell_record(progress, "add", record, &text, err))
        return false;
    if (text.size) {
        github_keep(text);
        terminal_end();
        terminal_report(text);
    }
    bool looks = record->kind == JOURNAL_TICK;
    if (!progress->live || (!looks && record->kind != JOURNAL_EFFECT))
        return true;
    if (!tell_record(progress, "status", record, &text, err))
        return false;
    if (text.size)
        terminal_draw(text);
    else if (looks)
        terminal_end();
    return true;
}

/* For people who want to watch: lets rollout time pass in proportion. */
static void keep_pace(struct progress *progress, int64_t at)
{
    double seconds = progress->last ? (double)(at - progress->last) / 1000 / progress->pace : 0;
    progress->last = at;
    if (seconds <= 0)
        return;
    struct timespec wait = {.tv_sec = (time_t)seconds};
    wait.tv_nsec = (long)((seconds - (double)wait.tv_sec) * 1e9);
    nanosleep(&wait, NULL);
}

void progress_tell(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                   struct slice line)
{
    struct progress *progress = context;
    struct error err;
    if (progress->pace > 0)
        keep_pace(progress, at);
    if (progress->format == FORMAT_JSONL)
        terminal_data(line, "\n");
    if (progress->format != FORMAT_TEXT)
        return;
    struct journal_record record = {.at = at, .kind = kind, .body = *body};
    if (!tell_text(progress, &record, &err))
        terminal_say("this could not be told: %s", err.message);
    pool_reset(&progress->pool);
}
