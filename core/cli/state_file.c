/* A run's journal, opened, and what it says of how the run is doing. */
#include "cli/state_file.h"

#include "base/file.h"
#include "engine/engine.h"
#include "journal/lock.h"
#include "journal/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *const status_names[] = {
#define X(name, text) [STATE_##name] = text,
    STATE_STATUSES(X)
#undef X
};

const char *state_status_name(enum state_status status)
{
    return status_names[status];
}

static void copy_text(char *out, size_t size, struct slice text)
{
    size_t length = text.size < size ? text.size : size - 1;
    snprintf(out, size, "%.*s", (int)length, text.data);
}

/* --- opening --------------------------------------------------------------------------------- */

bool state_is_run(const char *run)
{
    static const char shape[] = "dddddddd-dddddd-xxxxxx";
    size_t i = 0;
    for (; run[i] && shape[i]; i++) {
        bool fits = shape[i] == '-'   ? run[i] == '-'
                    : shape[i] == 'd' ? run[i] >= '0' && run[i] <= '9'
                                      : strchr("0123456789abcdef", run[i]) != NULL;
        if (!fits)
            return false;
    }
    return !run[i] && !shape[i];
}

/* A file that is not there, or not ours to believe, is one that cannot be read: it hides no other
 * run. Who holds it is asked first: a run that ends in between has its end in the journal. */
bool state_file_open(const struct state *state, const char *run, struct state_file *file,
                     struct error *err)
{
    *file = (struct state_file){.fd = -1};
    if (!state_is_run(run))
        return error_set(err, ERROR_INVALID, "\"%.40s\" is not the name of a run", run);
    snprintf(file->run, sizeof file->run, "%s", run);
    if (!state_journal(state, run, file->path, err))
        return false;
    file->fd = file_open_own(file->path, O_RDONLY, &file->why);
    if (file->fd >= 0)
        return lock_file_is_held(file->fd, file->path, &file->held, err);
    if (errno == ENOENT)
        error_set(&file->why, ERROR_INVALID, "its journal is gone");
    return file->why.code == ERROR_INVALID ||
           error_set(err, file->why.code, "%s", file->why.message);
}

void state_file_close(struct state_file *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

/* --- what all of it says --------------------------------------------------------------------- */

/* What has been seen so far of a journal. */
struct seen {
    bool more, rollback, end; /* anything behind the record that names the run */
};

/* A pause lasts until somebody ends it, or everything. */
static void take_request(struct state_run *run, const struct journal_record *record)
{
    enum request request;
    const struct value *body = &record->body;
    if (!request_parse(&request, value_get_slice(body, "request", "")) ||
        !value_get_boolean(body, "applied", false))
        return;
    bool paused = request == REQUEST_PAUSE;
    run->paused_at = paused ? record->at : 0;
    copy_text(run->paused_by, sizeof run->paused_by,
              paused ? value_get_slice(body, "by", "") : slice_of(""));
}

static void take_home(struct state_run *run, const struct value *home)
{
    copy_text(run->account, sizeof run->account, value_get_slice(home, "account", ""));
    copy_text(run->region, sizeof run->region, value_get_slice(home, "region", ""));
}

static void take_end(struct state_run *run, const struct value *body)
{
    copy_text(run->outcome, sizeof run->outcome, value_get_slice(body, "outcome", ""));
    run->exit = value_get_integer(body, "exit", -1);
}

/* --- what waits for a person ------------------------------------------------------------------ */

static void copy_names(char *out, size_t size, const struct value *names)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; names && names->kind == VALUE_ARRAY && i < names->array.count; i++) {
        struct slice name = names->array.items[i].kind == VALUE_STRING
                                ? names->array.items[i].string
                                : slice_of("?");
        int added = snprintf(out + at, size - at, "%s%.*s", i ? ", " : "", (int)name.size,
                             name.data);
        if (added < 0 || (size_t)added >= size - at)
            return;
        at += (size_t)added;
    }
}

static void take_effect(struct state_run *run, const struct journal_record *record)
{
    const struct value *effect = value_get(&record->body, "request");
    if (!effect || !value_is_text(value_get(effect, "kind"), "approval") ||
        run->approval_count == STATE_APPROVALS_MAX)
        return;
    struct state_approval *approval = &run->approvals[run->approval_count++];
    *approval = (struct state_approval){.id = value_get_integer(&record->body, "id", 0),
                                        .since = record->at};
    int64_t within = value_get_integer(effect, "within", 0);
    bool lasts = within > 0 && within < JOURNAL_TIME_MAX - record->at;
    approval->until = record->at + (lasts ? within : 0);
    copy_text(approval->message, sizeof approval->message, value_get_slice(effect, "message", ""));
    copy_names(approval->from, sizeof approval->from, value_get(effect, "from"));
}

static void take_result(struct state_run *run, const struct journal_record *record)
{
    int64_t id = value_get_integer(&record->body, "id", 0);
    size_t kept = 0;
    for (size_t i = 0; i < run->approval_count; i++) {
        if (run->approvals[i].id != id)
            run->approvals[kept++] = run->approvals[i];
    }
    run->approval_count = kept;
}

static void take_record(struct state_run *run, const struct journal_record *record,
                        struct seen *seen)
{
    seen->more = seen->more || record->kind != JOURNAL_RUN;
    switch (record->kind) {
    case JOURNAL_RUN:
        copy_text(run->policy, sizeof run->policy, value_get_slice(&record->body, "policy", ""));
        break;
    case JOURNAL_COMMIT:
        run->committed = true;
        break;
    case JOURNAL_ROLLBACK: /* a recovery says so again: the first reason is the run's */
        if (!seen->rollback)
            copy_text(run->reason, sizeof run->reason,
                      value_get_slice(&record->body, "reason", ""));
        seen->rollback = true;
        seen->end = false; /* a person takes back a run that had ended */
        run->outcome[0] = run->paused_by[0] = '\0';
        run->paused_at = 0;
        run->approval_count = 0;
        run->exit = -1;
        break;
    case JOURNAL_END:
        seen->end = true;
        take_end(run, &record->body);
        break;
    case JOURNAL_REQUEST:
        take_request(run, record);
        break;
    case JOURNAL_BEGIN:
        take_home(run, value_get(&record->body, "home"));
        break;
    case JOURNAL_EFFECT:
        take_effect(run, record);
        break;
    case JOURNAL_RESULT:
        take_result(run, record);
        break;
    case JOURNAL_TICK:
    case JOURNAL_PROBE:
    case JOURNAL_UNDO:
    case JOURNAL_UNDONE:
    case JOURNAL_VERIFIED:
        break;
    }
}

static enum state_status status_of(const struct state_run *run, const struct seen *seen, bool held)
{
    if (seen->end)
        return STATE_ENDED;
    if (!seen->more)
        return held ? STATE_STARTING : STATE_NEVER_BEGUN;
    if (!held)
        return STATE_CUT_SHORT;
    if (seen->rollback)
        return STATE_ROLLING_BACK;
    if (run->paused_by[0])
        return STATE_PAUSED;
    return run->approval_count > 0 ? STATE_WAITING : STATE_RUNNING;
}

static void take_scan(struct state_run *run, const struct journal_scan *scan, bool held)
{
    struct seen seen = {false, false, false};
    run->records = scan->count;
    for (size_t i = 0; i < scan->count; i++)
        take_record(run, &scan->records[i], &seen);
    if (scan->count > 0) {
        run->began = scan->records[0].at;
        run->last = scan->records[scan->count - 1].at;
    }
    run->status = status_of(run, &seen, held);
}

static void be_unreadable(struct state_run *out, const struct error *why)
{
    out->status = STATE_UNREADABLE;
    copy_text(out->reason, sizeof out->reason, slice_of(why->message));
}

static void look_inside(const struct state_file *file, struct state_run *out)
{
    struct recovery recovery;
    struct error why;
    if (!recover_look_at(&recovery, file->fd, file->path, &why)) {
        be_unreadable(out, &why);
        return;
    }
    take_scan(out, &recovery.scan, file->held);
    if (recovery.scan.tail == JOURNAL_DAMAGED)
        be_unreadable(out, &recovery.scan.damage);
    recover_close(&recovery);
}

/* --- what its ends say ----------------------------------------------------------------------- */

enum { FIRST_SIZE = 8 << 10, LAST_SIZE = 4 << 10, PART_SIZE = 64 << 10, PART_POOL_MAX = 4 << 20 };

/* The first line, read in no more than it takes; a part that holds no whole one gives none. */
static bool read_first(int fd, char part[PART_SIZE], struct slice *line)
{
    const char *end = NULL;
    for (size_t size = FIRST_SIZE; !end && size <= PART_SIZE; size *= PART_SIZE / FIRST_SIZE) {
        ssize_t got = pread(fd, part, size, 0);
        end = got > 0 ? memchr(part, '\n', (size_t)got) : NULL;
    }
    *line = (struct slice){part, end ? (size_t)(end - part) : 0};
    return end != NULL;
}

/* The last line, if it is whole. */
static bool read_last(int fd, off_t whole, char part[PART_SIZE], struct slice *line)
{
    const char *before = NULL;
    for (size_t size = LAST_SIZE; !before && size <= PART_SIZE; size *= PART_SIZE / LAST_SIZE) {
        ssize_t got = pread(fd, part, size, whole - (off_t)size);
        if (got != (ssize_t)size || part[size - 1] != '\n')
            return false;
        before = memrchr(part, '\n', size - 1);
        *line = before ? (struct slice){before + 1, (size_t)(part + size - 2 - before)} : *line;
    }
    return before != NULL;
}

static bool read_ends(int fd, off_t size, struct journal_record *first, struct journal_record *last,
                      struct pool *pool)
{
    static char parts[2][PART_SIZE];
    struct slice lines[2];
    struct error ignored;
    return read_first(fd, parts[0], &lines[0]) && read_last(fd, size, parts[1], &lines[1]) &&
           journal_read_line(first, lines[0], pool, &ignored) &&
           journal_read_line(last, lines[1], pool, &ignored) && first->kind == JOURNAL_RUN;
}

/* A short one is as soon read whole. */
static bool glance_at(int fd, struct state_run *out)
{
    struct pool pool;
    struct journal_record first;
    struct journal_record last;
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 2 * PART_SIZE)
        return false;
    pool_init(&pool, PART_POOL_MAX);
    bool ok = read_ends(fd, size, &first, &last, &pool);
    if (ok) {
        struct seen seen = {.more = true, .end = last.kind == JOURNAL_END};
        copy_text(out->policy, sizeof out->policy, value_get_slice(&first.body, "policy", ""));
        if (seen.end)
            take_end(out, &last.body);
        out->began = first.at;
        out->last = last.at;
        out->records = (size_t)last.seq + 1;
        out->status = status_of(out, &seen, false);
    }
    pool_clear(&pool);
    return ok;
}

void state_file_read(const struct state_file *file, bool glance, struct state_run *out)
{
    *out = (struct state_run){.exit = -1};
    memcpy(out->run, file->run, sizeof out->run);
    if (file->fd < 0)
        be_unreadable(out, &file->why);
    else if (file->held || !glance || !glance_at(file->fd, out))
        look_inside(file, out);
}
