/* What people ask of a run from another terminal: lines at the end of a file. */
#include "cli/state_control.h"

#include "base/clock.h"
#include "base/file.h"
#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
static bool append_line(const char *path, enum request request, struct error *err)
{
    char by[STATE_PERSON_SIZE];
    struct buffer line;
    state_person(by);
    struct member members[] = {
        {slice_of("at"), value_integer(clock_wall())},
        {slice_of("by"), value_text(by)},
        {slice_of("request"), value_text(request_name(request))},
    };
    struct value object = {.kind = VALUE_OBJECT, .object = {members, 3}};
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

bool state_ask(const struct state *state, const char *run, enum request request,
               struct state_run *about, struct error *err)
{
    char path[PATH_MAX];
    return state_control_path(state, run, path, err) && state_look(state, run, about, err) &&
           check_heard(about, request, err) && append_line(path, request, err);
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
    if (control->fd < 0)
        return false;
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
static void take_person(struct slice by, char out[STATE_PERSON_SIZE])
{
    size_t size = by.size < STATE_PERSON_SIZE ? by.size : STATE_PERSON_SIZE - 1;
    while (size < by.size && size > 0 && ((unsigned char)by.data[size] & 0xc0) == 0x80)
        size--;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)by.data[i];
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
        take_person(value_get_slice(&value, "by", "?"), asked->by);
        asked->at = value_get_integer(&value, "at", 0);
        known = request_parse(&asked->request, value_get_slice(&value, "request", ""));
    }
    pool_clear(&pool);
    return known;
}

/* Reads what was not heard yet, from the first byte that is no newline on. */
static bool read_on(struct state_control *control, char text[LINE_SIZE_MAX], ssize_t *got,
                    struct error *err)
{
    ssize_t empty;
    do {
        *got = pread(control->fd, text, LINE_SIZE_MAX, (off_t)control->at);
        if (*got < 0)
            return error_set(err, ERROR_IO, "reading what is asked of the run: %s",
                             strerror(errno));
        for (empty = 0; empty < *got && text[empty] == '\n'; empty++)
            continue;
        control->at += empty;
    } while (empty > 0);
    return true;
}

/* A line that is not whole yet is left for later; one that will never be is passed over. */
bool state_control_next(struct state_control *control, struct state_asked *asked, bool *any,
                        struct error *err)
{
    char text[LINE_SIZE_MAX];
    ssize_t got;
    *any = false;
    if (!read_on(control, text, &got, err))
        return false;
    const char *newline = got > 0 ? memchr(text, '\n', (size_t)got) : NULL;
    if (!newline && got < LINE_SIZE_MAX)
        return true;
    size_t size = newline ? (size_t)(newline - text) : (size_t)got;
    control->at += (int64_t)size + (newline != NULL);
    *any = newline && read_line((struct slice){text, size}, asked);
    return *any || error_set(err, ERROR_INVALID,
                             "what was asked of the run is none of abort, pause, resume, promote");
}
