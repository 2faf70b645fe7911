/* The state folder: its paths, and the journal of a new run in it. */
#include "cli/state.h"

#include "base/clock.h"
#include "base/entropy.h"
#include "base/file.h"
#include "base/time.h"
#include "cli/config.h"
#include "cli/options.h"
#include "journal/journal.h"
#include "journal/lock.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTROPY = 3, TRIES = 8 };

/* --- the folder ------------------------------------------------------------------------------ */

static bool join(char path[PATH_MAX], const struct state *state, const char *name,
                 const char *ending, struct error *err)
{
    int size = snprintf(path, PATH_MAX, "%s/%s%s", state->folder, name, ending);
    return (size > 0 && size < PATH_MAX) ||
           error_set(err, ERROR_INVALID, "the path of the state folder is too long");
}

/* What is written into a folder that is not the user's alone would be somebody else's as well, and
 * what is read from it their word. One that is not there is nobody's. */
static bool check_ours(const char *path, bool *there, struct error *err)
{
    int fd = file_open_folder(path, err);
    *there = fd >= 0;
    if (*there)
        return close(fd) == 0;
    struct error why = *err;
    return errno == ENOENT ||
           error_set(err, why.code, "the state folder: %s (" STATE_HINT ")", why.message);
}

static bool make_folder(const char *path, struct error *err)
{
    if (mkdir(path, 0700) == 0 || errno == EEXIST)
        return true;
    return error_set(err, error_of_path(errno), "creating the state folder %s: %s", path,
                     strerror(errno));
}

/* Journals tell of accounts and people: they are not to be committed by accident. */
static bool hide_from_git(const struct state *state, struct error *err)
{
    char path[PATH_MAX];
    if (!join(path, state, ".gitignore", "", err))
        return false;
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool ok = fd >= 0 ? write(fd, "*\n", 2) == 2 : errno == EEXIST;
    if (!ok)
        error_set(err, error_of_path(errno), "creating %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

static bool make_folders(const struct state *state, struct error *err)
{
    char path[PATH_MAX];
    bool there;
    return make_folder(state->folder, err) && check_ours(state->folder, &there, err) &&
           join(path, state, "runs", "", err) && make_folder(path, err) &&
           join(path, state, "locks", "", err) && make_folder(path, err) &&
           hide_from_git(state, err);
}

static bool check_inner(const struct state *state, struct error *err)
{
    static const char *const inner[] = {"runs", "locks"};
    char path[PATH_MAX];
    bool there;
    for (size_t i = 0; i < sizeof inner / sizeof *inner; i++) {
        if (!join(path, state, inner[i], "", err) || !check_ours(path, &there, err))
            return false;
    }
    return true;
}

/* "folder/" would be what a link of that name leads to. */
static bool set_folder(struct state *state, const char *folder, struct error *err)
{
    size_t size = strlen(folder);
    while (size > 1 && folder[size - 1] == '/')
        size--;
    if (size >= sizeof state->folder)
        return error_set(err, ERROR_INVALID, "the path of the state folder is too long");
    memcpy(state->folder, folder, size);
    state->folder[size] = '\0';
    return true;
}

bool state_is_there(const struct state *state)
{
    struct stat about;
    return stat(state->folder, &about) == 0 && S_ISDIR(about.st_mode);
}

bool state_open(struct state *state, const char *folder, enum state_folder wanted,
                struct error *err)
{
    bool there;
    if (!set_folder(state, folder, err) || (wanted == STATE_IS_MADE && !make_folders(state, err)) ||
        !check_ours(state->folder, &there, err))
        return false;
    if (there)
        return check_inner(state, err);
    if (wanted == STATE_MAY_BE)
        return true;
    return error_set(err, ERROR_INVALID,
                     "there is no state folder %s: no run was begun here (" STATE_HINT ")", folder);
}

bool state_open_chosen(struct state *state, const struct options *options, struct error *err)
{
    static struct config config;
    bool ok = config_read(&config, options_text(options, "config", NULL), NULL, err) &&
              state_open(state, options_text(options, "state", config.state), STATE_MUST_BE, err);
    config_clear(&config);
    return ok;
}

const char *state_option(const struct state *state, char out[STATE_OPTION_SIZE])
{
    bool usual = strcmp(state->folder, CONFIG_STATE) == 0;
    snprintf(out, STATE_OPTION_SIZE, "%s%s", usual ? "" : " --state ", usual ? "" : state->folder);
    return out;
}

bool state_hint(const struct state *state, const char *run, struct error *err)
{
    struct error told = *err;
    char where[STATE_OPTION_SIZE];
    state_option(state, where);
    return error_set(err, told.code,
                     "%s: `tidelock status %s%s` tells how it is doing, `tidelock abort %s%s` has "
                     "it roll back",
                     told.message, run, where, run, where);
}

/* An empty folder is left behind by whoever copies the state of a run to another machine. */
bool state_locks(const struct state *state, char path[PATH_MAX], struct error *err)
{
    return join(path, state, "locks", "", err) && make_folder(path, err);
}

bool state_journal(const struct state *state, const char *run, char path[PATH_MAX],
                   struct error *err)
{
    char name[STATE_RUN_SIZE + sizeof "runs/"];
    snprintf(name, sizeof name, "runs/%s", run);
    return join(path, state, name, ".journal", err);
}

bool state_left_path(const struct state *state, const char *run, char path[PATH_MAX],
                     struct error *err)
{
    char name[STATE_RUN_SIZE + sizeof "runs/"];
    snprintf(name, sizeof name, "runs/%s", run);
    return join(path, state, name, ".left", err);
}

/* --- a new run ------------------------------------------------------------------------------- */

/* "2026-11-24T07:51:00Z" -> "20261124-075100-1a2b3c" */
static bool make_name(char run[STATE_RUN_SIZE], struct error *err)
{
    char instant[32];
    unsigned char random[ENTROPY];
    size_t size = 0;
    if (!entropy_fill(random, sizeof random, err))
        return false;
    time_format_instant(instant, clock_wall() / 1000 * 1000);
    for (const char *at = instant; *at; at++) {
        if (isdigit((unsigned char)*at))
            run[size++] = *at;
        else if (*at == 'T')
            run[size++] = '-';
    }
    snprintf(run + size, STATE_RUN_SIZE - size, "-%02x%02x%02x", random[0], random[1], random[2]);
    return true;
}

/* Another process may have made one of the same name in the same second: the next one is tried. */
static bool make_journal(const struct state *state, char run[STATE_RUN_SIZE], int *fd,
                         struct error *err)
{
    char path[PATH_MAX];
    for (int i = 0; i < TRIES; i++) {
        if (!make_name(run, err) || !state_journal(state, run, path, err))
            return false;
        *fd = journal_create(path, err);
        if (*fd >= 0 || err->code != ERROR_INVALID)
            return *fd >= 0;
    }
    return false;
}

bool state_begin(const struct state *state, char run[STATE_RUN_SIZE], int *fd, struct error *err)
{
    if (!make_journal(state, run, fd, err))
        return false;
    if (lock_file(*fd, run, err))
        return true;
    close(*fd);
    *fd = -1;
    return false;
}

/* --- a journal that lost its name ------------------------------------------------------------ */

static bool copy_all(int from, int to, const char *path, struct error *err)
{
    char chunk[16 << 10];
    ssize_t got;
    for (off_t at = 0; (got = pread(from, chunk, sizeof chunk, at)) > 0; at += got) {
        if (write(to, chunk, (size_t)got) != got)
            return error_set(err, ERROR_IO, "writing %s: %s", path, strerror(errno));
    }
    return (got == 0 && fdatasync(to) == 0) ||
           error_set(err, ERROR_IO, "writing %s: %s", path, strerror(errno));
}

int state_save_journal(const struct state *state, const char *run, int fd, struct error *err)
{
    char path[PATH_MAX];
    if (!make_folders(state, err) || !check_inner(state, err) ||
        !state_journal(state, run, path, err))
        return -1;
    int made = journal_create(path, err);
    if (made >= 0 && lock_file(made, path, err) && copy_all(fd, made, path, err))
        return made;
    if (made >= 0) {
        close(made);
        unlink(path);
    }
    return -1;
}
