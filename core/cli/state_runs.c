/* The runs in the state folder: which there are, and how each is doing. */
#include "cli/state_runs.h"

#include "base/file.h"
#include "cli/state_witness.h"
#include "engine/engine.h"
#include "journal/lock.h"
#include "journal/recover.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
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

/* --- one run --------------------------------------------------------------------------------- */

static void copy_text(char *out, size_t size, struct slice text)
{
    size_t length = text.size < size ? text.size : size - 1;
    snprintf(out, size, "%.*s", (int)length, text.data);
}

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
    case JOURNAL_RESULT:
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
    return run->paused_by[0] ? STATE_PAUSED : STATE_RUNNING;
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

bool state_left_open(const struct state_run *run)
{
    const char *not_restored = run_outcome_name(RUN_NOT_RESTORED);
    return run->status == STATE_CUT_SHORT || run->status == STATE_UNREADABLE ||
           (run->status == STATE_ENDED && strcmp(run->outcome, not_restored) == 0);
}

/* "20261124-075100-1a2b3c". What else a lock names, or lies among the runs, is none. */
static bool is_name(const char *run)
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

/* A file that is not ours to believe is one that cannot be read, too: it hides no other run. */
static bool be_unreadable(struct state_run *out, const struct error *why)
{
    out->status = STATE_UNREADABLE;
    copy_text(out->reason, sizeof out->reason, slice_of(why->message));
    return true;
}

/* What stands beside the journal: the locks know of changes that it does not tell of, and a person
 * may have said that all is well. */
static bool look_beside(const struct state *state, struct state_run *run, struct error *err)
{
    struct pool pool;
    struct state_witness witness;
    char path[PATH_MAX];
    pool_init(&pool, 1 << 20);
    bool ok = true;
    if (run->status == STATE_NEVER_BEGUN)
        ok = state_witness(state, run->run, &witness, &pool, err);
    if (ok && run->status == STATE_NEVER_BEGUN && witness.last >= 0) {
        run->status = STATE_CUT_SHORT;
        copy_text(run->reason, sizeof run->reason,
                  slice_of("its journal has lost what it changed"));
    }
    pool_clear(&pool);
    if (ok && state_left_open(run)) {
        ok = state_left_path(state, run->run, path, err);
        run->status = ok && access(path, F_OK) == 0 ? STATE_LEFT : run->status;
    }
    return ok;
}

static void look_inside(const char *path, struct state_run *out, bool held)
{
    struct recovery recovery;
    struct error why;
    if (!recover_look(&recovery, path, &why)) {
        be_unreadable(out, &why);
        return;
    }
    take_scan(out, &recovery.scan, held);
    if (recovery.scan.tail == JOURNAL_DAMAGED) {
        out->status = STATE_UNREADABLE;
        copy_text(out->reason, sizeof out->reason, slice_of(recovery.scan.damage.message));
    }
    recover_close(&recovery);
}

static bool look_with(const struct state *state, const char *run, struct state_run *out,
                      bool (*glance)(const char *path, struct state_run *out), struct error *err)
{
    char path[PATH_MAX];
    struct error why;
    bool held;
    *out = (struct state_run){.exit = -1};
    if (!is_name(run))
        return error_set(err, ERROR_INVALID, "\"%.40s\" is not the name of a run", run);
    snprintf(out->run, sizeof out->run, "%s", run);
    if (!state_journal(state, run, path, err))
        return false;
    if (!lock_is_held(path, &held, &why))
        return why.code == ERROR_INVALID ? be_unreadable(out, &why)
                                         : error_set(err, why.code, "%s", why.message);
    if (held || !glance || !glance(path, out))
        look_inside(path, out, held);
    return look_beside(state, out, err);
}

/* Who holds it is asked first: a run that ends in between has its end in the journal. */
bool state_look(const struct state *state, const char *run, struct state_run *out,
                struct error *err)
{
    return look_with(state, run, out, NULL, err);
}

/* --- at a glance ----------------------------------------------------------------------------- */

enum { PART_SIZE = 64 << 10, PART_POOL_MAX = 4 << 20 };

struct parts {
    char first[PART_SIZE], last[PART_SIZE];
    ssize_t first_size, last_size;
    bool apart; /* they do not meet */
};

static bool read_parts(const char *path, struct parts *parts)
{
    struct error ignored;
    struct stat about;
    int fd = file_open_own(path, O_RDONLY, &ignored);
    if (fd < 0)
        return false;
    bool ok = fstat(fd, &about) == 0;
    off_t at = ok && about.st_size > PART_SIZE ? about.st_size - PART_SIZE : 0;
    parts->first_size = ok ? pread(fd, parts->first, PART_SIZE, 0) : -1;
    parts->last_size = ok ? pread(fd, parts->last, PART_SIZE, at) : -1;
    parts->apart = at >= PART_SIZE;
    close(fd);
    return parts->first_size > 0 && parts->last_size > 0;
}

/* The last line, if it is whole and all of it is in the part. */
static bool find_last(const struct parts *parts, struct slice *line)
{
    size_t size = (size_t)parts->last_size - 1;
    const char *before = memrchr(parts->last, '\n', size);
    if (parts->last[size] != '\n' || !before)
        return false;
    *line = (struct slice){before + 1, (size_t)(parts->last + size - before - 1)};
    return true;
}

static bool read_ends(const struct parts *parts, struct journal_record *first,
                      struct journal_record *last, struct pool *pool)
{
    struct error ignored;
    struct slice line;
    const char *end = memchr(parts->first, '\n', (size_t)parts->first_size);
    return end && find_last(parts, &line) &&
           journal_read_line(first, (struct slice){parts->first, (size_t)(end - parts->first)},
                             pool, &ignored) &&
           journal_read_line(last, line, pool, &ignored) && first->kind == JOURNAL_RUN;
}

/* A short one is as soon read whole. */
static bool glance_at(const char *path, struct state_run *out)
{
    static struct parts parts;
    struct pool pool;
    struct journal_record first;
    struct journal_record last;
    if (!read_parts(path, &parts) || !parts.apart)
        return false;
    pool_init(&pool, PART_POOL_MAX);
    bool ok = read_ends(&parts, &first, &last, &pool);
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

bool state_glance(const struct state *state, const char *run, struct state_run *out,
                  struct error *err)
{
    return look_with(state, run, out, glance_at, err);
}

/* --- all of them ----------------------------------------------------------------------------- */

static const char ending[] = ".journal";

/* The run whose journal a file of this name is; false for other files. */
static bool run_of(const char *file, char run[STATE_RUN_SIZE])
{
    size_t size = strlen(file);
    size_t tail = sizeof ending - 1;
    if (size <= tail || size - tail >= STATE_RUN_SIZE || strcmp(file + size - tail, ending) != 0)
        return false;
    memcpy(run, file, size - tail);
    run[size - tail] = '\0';
    return is_name(run);
}

typedef char run_name[STATE_RUN_SIZE];

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool add_name(run_name **names, size_t *count, const run_name name, struct error *err)
{
    run_name *grown = realloc(*names, (*count + 1) * sizeof *grown);
    if (!grown)
        return error_set(err, ERROR_LIMIT, "out of memory for the list of runs");
    *names = grown;
    memcpy(grown[(*count)++], name, STATE_RUN_SIZE);
    return true;
}

/* Sorted; to be freed in any case. */
static bool list_names(const struct state *state, run_name **names, size_t *count,
                       struct error *err)
{
    char path[PATH_MAX + 8];
    struct error why;
    run_name run = "";
    bool ok = true;
    *names = NULL;
    *count = 0;
    snprintf(path, sizeof path, "%s/runs", state->folder);
    int fd = file_open_folder(path, &why);
    if (fd < 0)
        return errno == ENOENT || error_set(err, why.code, "%s", why.message);
    DIR *folder = fdopendir(fd);
    if (!folder) {
        close(fd);
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    }
    for (struct dirent *item; ok && (item = readdir(folder)) != NULL;)
        ok = !run_of(item->d_name, run) || add_name(names, count, run, err);
    closedir(folder);
    if (*count > 0)
        qsort(*names, *count, sizeof **names, compare_names);
    return ok;
}

static bool look_at_all(const struct state *state, const run_name *names, size_t count,
                        struct state_run *runs, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!state_glance(state, names[i], &runs[i], err))
            return false;
    }
    return true;
}

bool state_list(const struct state *state, struct state_run **runs, size_t *count,
                struct pool *pool, struct error *err)
{
    run_name *names;
    bool ok = list_names(state, &names, count, err);
    *runs = ok ? pool_alloc(pool, (*count + 1) * sizeof **runs, err) : NULL;
    ok = *runs && look_at_all(state, names, *count, *runs, err);
    free(names);
    return ok;
}

/* --- which one is meant ---------------------------------------------------------------------- */

static bool is_meant(const char *name, const char *text)
{
    size_t size = strlen(text);
    size_t whole = strlen(name);
    return size > 0 && size <= whole &&
           (strncmp(name, text, size) == 0 || strcmp(name + whole - size, text) == 0);
}

static bool choose(const struct state *state, const run_name *names, size_t count, const char *text,
                   run_name run, struct error *err)
{
    const char *found = NULL;
    if (count == 0)
        return error_set(err, ERROR_INVALID, "there is no run in %s yet (" STATE_HINT ")",
                         state->folder);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, "last") != 0 && !is_meant(names[i], text))
            continue;
        if (found && strcmp(text, "last") != 0)
            return error_set(err, ERROR_INVALID, "%s may be run %s or run %s", text, found,
                             names[i]);
        found = names[i];
    }
    if (!found)
        return error_set(err, ERROR_INVALID, "there is no run %s in %s; the last one is %s", text,
                         state->folder, names[count - 1]);
    memcpy(run, found, STATE_RUN_SIZE);
    return true;
}

bool state_find(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                struct error *err)
{
    run_name *names;
    size_t count;
    bool ok = list_names(state, &names, &count, err) && choose(state, names, count, text, run, err);
    free(names);
    return ok;
}

static bool choose_open(const struct state *state, const run_name *names, size_t count,
                        run_name run, bool *found, struct error *err)
{
    struct state_run about;
    for (*found = false; count > 0 && !*found; count--) {
        if (!state_glance(state, names[count - 1], &about, err))
            return false;
        *found = state_left_open(&about);
        memcpy(run, names[count - 1], STATE_RUN_SIZE);
    }
    return true;
}

bool state_find_open(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                     struct error *err)
{
    run_name *names;
    size_t count;
    bool found = false;
    if (strcmp(text, "last") != 0)
        return state_find(state, text, run, err);
    bool ok = list_names(state, &names, &count, err) &&
              choose_open(state, names, count, run, &found, err);
    free(names);
    return ok && (found || state_find(state, text, run, err));
}
