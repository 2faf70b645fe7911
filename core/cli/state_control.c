/* What people ask of a run from another terminal: lines at the end of a file. */
#include "cli/state_control.h"

#include "base/clock.h"
#include "base/file.h"
#include "journal/holder.h"
#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LINE_SIZE_MAX = 4096 };

bool state_control_path(const struct state *state, const char *run, char path[PATH_MAX],
                        struct error *err)
{
    int size = snprintf(path, PATH_MAX, "%s/runs/%s.control", state->folder, run);
    return (size > 0 && size < PATH_MAX) ||
           error_set(err, ERROR_INVALID, "the path of the state folder is too long");
}

/* --- asking ---------------------------------------------------------------------------------- */

/* In ASCII, as what is cut or badly encoded cannot be written down. */
void state_person(char out[STATE_PERSON_SIZE])
{
    const char *user = getenv("USER");
    char host[64] = "?";
    gethostname(host, sizeof host - 1);
    if (user && *user)
        snprintf(out, STATE_PERSON_SIZE, "%.60s on %.60s", user, host);
    else
        snprintf(out, STATE_PERSON_SIZE, "user %ld on %.60s", (long)geteuid(), host);
    for (char *c = out; *c; c++)
        *c = *c < ' ' || *c > '~' ? '?' : *c;
}

static bool check_heard(const struct state_run *about, enum request request, struct error *err)
{
    switch (about->status) {
    case STATE_STARTING:
    case STATE_RUNNING:
    case STATE_PAUSED:
    case STATE_WAITING:
        return true;
    case STATE_ROLLING_BACK:
        return request == REQUEST_ABORT ||
               error_set(err, ERROR_CONFLICT, "run %s is rolling back", about->run);
    case STATE_ENDED:
        return error_set(err, ERROR_CONFLICT, "run %s has ended: %s", about->run, about->outcome);
    case STATE_CUT_SHORT:
    case STATE_LEFT:
    case STATE_NEVER_BEGUN:
    case STATE_UNREADABLE:
        break;
    }
    return error_set(err, ERROR_CONFLICT,
                     "the process of run %s is gone (`tidelock recover %s` takes it up)",
                     about->run, about->run);
}

/* One write of less than a page at the end of the file: lines of two people do not mix. It begins
 * with a newline, since what stands before it may be half a line, of somebody who was killed. */
static bool append_line(const char *path, struct state_asked *asked, struct error *err)
{
    enum { MOST = 5 };
    struct buffer line;
    struct member members[MOST];
    size_t count = 0;
    state_person(asked->by);
    asked->at = clock_wall();
    if (asked->approval > 0)
        members[count++] = (struct member){slice_of("approval"), value_integer(asked->approval)};
    members[count++] = (struct member){slice_of("at"), value_integer(asked->at)};
    members[count++] = (struct member){slice_of("by"), value_text(asked->by)};
    members[count++] = (struct member){slice_of("request"),
                                       value_text(request_name(asked->request))};
    if (asked->why[0])
        members[count++] = (struct member){slice_of("why"), value_text(asked->why)};
    struct value object = {.kind = VALUE_OBJECT, .object = {members, count}};
    buffer_init(&line, LINE_SIZE_MAX);
    bool ok = buffer_append_text(&line, "\n", err) && value_write(&object, &line, err) &&
              buffer_append_text(&line, "\n", err);
    int fd = ok ? file_open_own(path, O_WRONLY | O_APPEND, err) : -1;
    ok = fd >= 0;
    ssize_t wrote = ok ? write(fd, line.data, line.size) : -1;
    if (ok && wrote != (ssize_t)line.size)
        ok = error_set(err, ERROR_IO, "writing %s: %s", path,
                       wrote < 0 ? strerror(errno) : "only a part of it could be written");
    if (fd >= 0)
        close(fd);
    buffer_clear(&line);
    return ok;
}

struct process {
    int64_t number; /* 0: nobody says */
    char host[64];
};

static bool take_process(void *context, const struct holder *holder, struct error *err)
{
    struct process *process = context;
    (void)err;
    process->number = holder->process;
    snprintf(process->host, sizeof process->host, "%s", holder->host);
    return true;
}

/* What is left to type where the file is not the one that the run hears. */
static bool refuse_deaf(const struct state *state, const char *run, const char *path,
                        const char *why, struct error *err)
{
    char locks[PATH_MAX];
    char kill[128] = "a SIGTERM to its process";
    struct process process = {.number = 0};
    struct error ignored;
    if (state_locks(state, locks, &ignored))
        holder_each(locks, run, take_process, &process, &ignored);
    if (process.number > 0)
        snprintf(kill, sizeof kill, "`kill -TERM %lld` on %s", (long long)process.number,
                 process.host);
    return error_set(err, ERROR_CONFLICT,
                     "run %s does not hear what is asked of it: %s%s%s; it sees that within a "
                     "second, and rolls back; so does %s",
                     run, path,
                     *why ? " is not the file it listens to: "
                          : " is not the file it "
                            "listens to",
                     why, kill);
}

static bool check_listens(const struct state *state, const char *run, const char *path,
                          struct error *err)
{
    bool held = false;
    struct error why;
    if (!lock_is_held(path, &held, &why))
        return refuse_deaf(state, run, path, why.message, err);
    return held || refuse_deaf(state, run, path, "", err);
}

bool state_ask(const struct state *state, const char *run, struct state_asked *asked,
               struct state_run *about, struct error *err)
{
    char path[PATH_MAX];
    return state_control_path(state, run, path, err) && state_look(state, run, about, err) &&
           check_heard(about, asked->request, err) && check_listens(state, run, path, err) &&
           append_line(path, asked, err);
}

/* --- hearing --------------------------------------------------------------------------------- */

bool state_control_open(const struct state *state, const char *run, struct state_control *control,
                        struct error *err)
{
    char path[PATH_MAX];
    *control = (struct state_control){.fd = -1};
    if (!state_control_path(state, run, path, err))
        return false;
    control->fd = file_open_own(path, O_RDONLY | O_CREAT, err);
    if (control->fd < 0 || !lock_file(control->fd, path, err))
        return false;
    control->heard = clock_wall();
    control->since = INT64_MIN;
    control->at = lseek(control->fd, 0, SEEK_END);
    return control->at >= 0 || error_set(err, ERROR_IO, "opening %s: %s", path, strerror(errno));
}

void state_control_close(struct state_control *control)
{
    if (control->fd >= 0)
        close(control->fd);
    control->fd = -1;
}

/* Cut at a whole character; nothing in it moves a terminal's cursor. */
static void take_words(struct slice words, char *out, size_t room)
{
    size_t size = words.size < room ? words.size : room - 1;
    while (size < words.size && size > 0 && ((unsigned char)words.data[size] & 0xc0) == 0x80)
        size--;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)words.data[i];
        out[i] = c < ' ' || c == 0x7f ? '?' : (char)c;
    }
    out[size] = '\0';
}

static bool read_line(struct slice line, struct state_asked *asked)
{
    struct pool pool = {.max = 64 << 10};
    struct value value;
    struct error ignored;
    bool known = false;
    if (value_parse(&value, line, true, &pool, &ignored)) {
        take_words(value_get_slice(&value, "by", "?"), asked->by, sizeof asked->by);
        take_words(value_get_slice(&value, "why", ""), asked->why, sizeof asked->why);
        asked->at = value_get_integer(&value, "at", 0);
        asked->approval = value_get_integer(&value, "approval", 0);
        known = request_parse(&asked->request, value_get_slice(&value, "request", ""));
    }
    pool_clear(&pool);
    return known;
}

/* --- a file that was damaged ------------------------------------------------------------------ */

enum { BACKLOG_MAX = 64 << 10 };

static bool size_of(const struct state_control *control, int64_t *size, struct error *err)
{
    struct stat about;
    if (fstat(control->fd, &about) != 0)
        return error_set(err, ERROR_IO, "reading what is asked of the run: %s", strerror(errno));
    *size = (int64_t)about.st_size;
    return true;
}

/* Nobody asks for so much in a second: what it grew by beyond that was put there by something else,
 * and only its end may be a person's. One that was cut short is heard from its beginning. */
static bool keep_up(struct state_control *control, struct error *err)
{
    int64_t size = 0;
    if (!size_of(control, &size, err))
        return false;
    if (size < control->at) {
        control->at = 0;
        control->since = control->heard;
    }
    if (size - control->at <= BACKLOG_MAX)
        return true;
    int64_t passed = size - control->at - BACKLOG_MAX;
    control->at = size - BACKLOG_MAX;
    return error_set(err, ERROR_INVALID,
                     "the file of what is asked of the run grew by more than anybody asks: %lld "
                     "bytes of it are passed over",
                     (long long)passed);
}

/* --- its lines -------------------------------------------------------------------------------- */

static bool is_empty(char c)
{
    return c == '\n' || c == '\0'; /* zeros are what a power cut leaves */
}

/* Reads what was not heard yet, from the first byte that is part of a line on. */
static bool read_on(struct state_control *control, char text[LINE_SIZE_MAX], ssize_t *got,
                    struct error *err)
{
    ssize_t empty;
    do {
        *got = pread(control->fd, text, LINE_SIZE_MAX, (off_t)control->at);
        if (*got < 0)
            return error_set(err, ERROR_IO, "reading what is asked of the run: %s",
                             strerror(errno));
        for (empty = 0; empty < *got && is_empty(text[empty]); empty++)
            continue;
        control->at += empty;
    } while (empty > 0);
    return true;
}

enum line { LINE_NONE, LINE_ODD, LINE_ASKS };

/* A line that is not whole yet is left for later; one that will never be is passed over. */
static bool take_line(struct state_control *control, struct state_asked *asked, enum line *line,
                      struct error *err)
{
    char text[LINE_SIZE_MAX];
    ssize_t got;
    *line = LINE_NONE;
    if (!read_on(control, text, &got, err))
        return false;
    const char *newline = got > 0 ? memchr(text, '\n', (size_t)got) : NULL;
    if (!newline && got < LINE_SIZE_MAX)
        return true;
    size_t size = newline ? (size_t)(newline - text) : (size_t)got;
    control->at += (int64_t)size + (newline != NULL);
    bool asks = newline && read_line((struct slice){text, size}, asked);
    *line = asks ? LINE_ASKS : LINE_ODD;
    return true;
}

bool state_control_next(struct state_control *control, struct state_asked *asked, bool *any,
                        struct error *err)
{
    enum line line = LINE_NONE;
    bool kept_up = keep_up(control, err);
    bool odd = false;
    *any = false;
    do {
        struct error why;
        if (!take_line(control, asked, &line, kept_up ? err : &why))
            return false;
        odd = odd || line == LINE_ODD;
        *any = line == LINE_ASKS && asked->at > control->since;
    } while (line != LINE_NONE && !*any);
    if (*any && asked->at > control->heard)
        control->heard = asked->at;
    if (!kept_up)
        return false;
    return !odd || error_set(err, ERROR_INVALID,
                             "what was asked of the run is none of abort, "
                             "pause, resume, promote, approve, reject");
}
