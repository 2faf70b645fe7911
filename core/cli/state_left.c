/* Whether a run may begin where another one was, and a person's word that it may. */
#include "cli/state_left.h"

#include "base/clock.h"
#include "cli/state_runs.h"
#include "cli/state_witness.h"
#include "engine/run_outcome.h"
#include "journal/journal.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- a person's word ------------------------------------------------------------------------- */

static bool write_word(int fd, const char *person, struct error *err)
{
    enum { LINE_SIZE_MAX = 4096 };
    struct journal_file file;
    struct buffer line;
    struct member members[] = {{slice_of("at"), value_integer(clock_wall())},
                               {slice_of("by"), value_text(person)}};
    struct value word = {.kind = VALUE_OBJECT, .object = {members, 2}};
    journal_file_init(&file, fd, true);
    buffer_init(&line, LINE_SIZE_MAX);
    bool ok = value_write(&word, &line, err) && buffer_append_text(&line, "\n", err) &&
              file.store.append(&file.store, buffer_slice(&line), err) &&
              file.store.sync(&file.store, err);
    buffer_clear(&line);
    return ok;
}

bool state_leave(const struct state *state, const char *run, const char *person, struct error *err)
{
    char path[PATH_MAX];
    if (!state_left_path(state, run, path, err))
        return false;
    if (access(path, F_OK) == 0)
        return true; /* it was said before */
    int fd = journal_create(path, err);
    if (fd < 0)
        return false;
    bool ok = write_word(fd, person, err);
    close(fd);
    return ok;
}

/* --- the next run ---------------------------------------------------------------------------- */

/* Why a run that is in the way is, by its status; NULL: it is not. */
static const char *trouble(const struct state_run *run, const struct holder *before)
{
    switch (run->status) {
    case STATE_CUT_SHORT:
        return "was cut short on the same target, and what it changed has not been put back";
    case STATE_UNREADABLE:
        return "was the last on the same target, and its journal cannot be read";
    case STATE_ENDED:
        return state_left_open(run) ? "did not leave the same target as it was before" : NULL;
    case STATE_NEVER_BEGUN:
    case STATE_STARTING:
    case STATE_RUNNING:
    case STATE_PAUSED:
    case STATE_WAITING:
    case STATE_ROLLING_BACK:
        return before->changed >= 0 ? "changed the same target, and its journal does not say so"
                                    : NULL;
    case STATE_LEFT:
        break;
    }
    return NULL;
}

static bool refuse(const struct state *state, const char *run, const char *why, struct error *err)
{
    char where[STATE_OPTION_SIZE];
    state_option(state, where);
    return error_set(err, ERROR_CONFLICT,
                     "run %s %s: `tidelock recover %s%s` first; if you have seen to it yourself, "
                     "`tidelock recover --leave %s%s`",
                     run, why, run, where, run, where);
}

bool state_check_left(const struct state *state, const struct holder *before, struct error *err)
{
    struct state_run about;
    bool gone = false;
    bool missed = false;
    if (!state_is_gone(state, before->run, &gone, err) ||
        !state_is_missed(state, before, &missed, err))
        return false;
    if (missed)
        return refuse(state, before->run, "changed the same target, and its journal is gone", err);
    if (gone)
        return true;
    if (!state_look(state, before->run, &about, err))
        return false;
    const char *why = trouble(&about, before);
    return !why || refuse(state, before->run, why, err);
}
