/* The runs in the state folder: which there are, and how each is doing. */
#include "cli/state_runs.h"

#include "base/file.h"
#include "cli/state_witness.h"
#include "engine/run_outcome.h"
#include "journal/holder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- one run --------------------------------------------------------------------------------- */

bool state_left_open(const struct state_run *run)
{
    const char *not_restored = run_outcome_name(RUN_NOT_RESTORED);
    return run->status == STATE_CUT_SHORT || run->status == STATE_UNREADABLE ||
           (run->status == STATE_ENDED && strcmp(run->outcome, not_restored) == 0);
}

/* No process holds it, and its journal has no end that could be believed. */
static bool may_have_lost(const struct state_run *run)
{
    return run->status == STATE_NEVER_BEGUN || run->status == STATE_CUT_SHORT ||
           run->status == STATE_UNREADABLE;
}

static void add_lost(struct state_run *run, const struct holder *holder)
{
    size_t size = strlen(run->lost);
    if (holder->changed >= (int64_t)run->records &&
        size + strlen(holder->label) + 2 <= sizeof run->lost)
        snprintf(run->lost + size, sizeof run->lost - size, "%s\n", holder->label);
    if (run->status != STATE_NEVER_BEGUN || holder->changed < 0)
        return;
    run->status = STATE_CUT_SHORT;
    snprintf(run->reason, sizeof run->reason, "its journal has lost what it changed");
}

struct beside {
    struct state_run *runs; /* by name */
    size_t count;
};

static int compare_run(const void *name, const void *run)
{
    return strcmp(name, ((const struct state_run *)run)->run);
}

static bool take_holder(void *context, const struct holder *holder, struct error *err)
{
    const struct beside *beside = context;
    struct state_run *run = bsearch(holder->run, beside->runs, beside->count, sizeof *run,
                                    compare_run);
    (void)err;
    if (run && may_have_lost(run))
        add_lost(run, holder);
    return true;
}

static bool look_for_word(const struct state *state, struct state_run *run, struct error *err)
{
    char path[PATH_MAX];
    if (!state_left_open(run))
        return true;
    if (!state_left_path(state, run->run, path, err))
        return false;
    run->status = access(path, F_OK) == 0 ? STATE_LEFT : run->status;
    return true;
}

bool state_look_beside(const struct state *state, struct state_run *runs, size_t count,
                       struct error *err)
{
    char locks[PATH_MAX];
    struct beside beside = {runs, count};
    bool asks = false;
    for (size_t i = 0; i < count; i++)
        asks = asks || may_have_lost(&runs[i]);
    bool ok = !asks || (state_locks(state, locks, err) &&
                        holder_each(locks, NULL, take_holder, &beside, err));
    for (size_t i = 0; ok && i < count; i++)
        ok = look_for_word(state, &runs[i], err);
    return ok;
}

static bool look(const struct state *state, const char *run, bool glance, struct state_run *out,
                 struct error *err)
{
    struct state_file file;
    bool ok = state_file_open(state, run, &file, err);
    if (ok)
        state_file_read(&file, glance, out);
    state_file_close(&file);
    return ok && state_look_beside(state, out, 1, err);
}

bool state_look(const struct state *state, const char *run, struct state_run *out,
                struct error *err)
{
    return look(state, run, false, out, err);
}

bool state_glance(const struct state *state, const char *run, struct state_run *out,
                  struct error *err)
{
    return look(state, run, true, out, err);
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
    return state_is_run(run);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(a, b);
}

static bool add_name(state_name **names, size_t *count, const state_name name, struct error *err)
{
    state_name *grown = realloc(*names, (*count + 1) * sizeof *grown);
    if (!grown)
        return error_set(err, ERROR_LIMIT, "out of memory for the list of runs");
    *names = grown;
    memcpy(grown[(*count)++], name, STATE_RUN_SIZE);
    return true;
}

struct naming {
    const struct state *state;
    state_name **names;
    size_t *count;
};

/* A run that somebody has to see to is one though its journal is gone: its locks name it. */
static bool add_missed(void *context, const struct holder *holder, struct error *err)
{
    const struct naming *naming = context;
    bool missed = false;
    if (!state_is_run(holder->run) || !state_is_missed(naming->state, holder, &missed, err))
        return !state_is_run(holder->run);
    for (size_t i = 0; missed && i < *naming->count; i++)
        missed = strcmp((*naming->names)[i], holder->run) != 0;
    return !missed || add_name(naming->names, naming->count, holder->run, err);
}

static bool add_journals(const struct state *state, state_name **names, size_t *count,
                         struct error *err)
{
    char path[PATH_MAX + 8];
    struct error why;
    state_name run = "";
    bool ok = true;
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
    return ok;
}

bool state_names(const struct state *state, state_name **names, size_t *count, struct error *err)
{
    char locks[PATH_MAX];
    struct naming naming = {state, names, count};
    *names = NULL;
    *count = 0;
    bool ok = add_journals(state, names, count, err) && state_locks(state, locks, err) &&
              holder_each(locks, NULL, add_missed, &naming, err);
    if (*count > 0)
        qsort(*names, *count, sizeof **names, compare_names);
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

static bool choose(const struct state *state, const state_name *names, size_t count,
                   const char *text, state_name run, struct error *err)
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
    state_name *names;
    size_t count;
    bool ok = state_names(state, &names, &count, err) &&
              choose(state, names, count, text, run, err);
    free(names);
    return ok;
}

static bool choose_open(const struct state *state, const state_name *names, size_t count,
                        state_name run, bool *found, struct error *err)
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
    state_name *names;
    size_t count;
    bool found = false;
    if (strcmp(text, "last") != 0)
        return state_find(state, text, run, err);
    bool ok = state_names(state, &names, &count, err) &&
              choose_open(state, names, count, run, &found, err);
    free(names);
    return ok && (found || state_find(state, text, run, err));
}
