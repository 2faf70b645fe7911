/* The state folder: what runs leave behind, who holds which target, and what people ask of a run
 * from another terminal.
 *
 *     runs/RUN.journal   the run; its lock is held as long as its process lives
 *     runs/RUN.control   what was asked of it, one canonical line each, appended to
 *     runs/RUN.left      a person said that it is over as things are
 *     locks/KEY.lock     one per resource (journal/lock.h)
 *
 * Everything about a run is computed from its journal; what the locks say of it counts where that
 * has lost something. */
#pragma once

#include "base/bytes.h"

#include <limits.h>

enum {
    STATE_RUN_SIZE = 32,     /* a run's name and its NUL: "20261124-075100-1a2b3c" */
    STATE_PERSON_SIZE = 128, /* who asked for something: "ann on ci-7" */
};

struct state {
    char folder[PATH_MAX];
};

/* What is done about a folder that is not there: it is an error; the folder and those in it are
 * made; nothing, since nobody will look into it. */
enum state_folder { STATE_MUST_BE, STATE_IS_MADE, STATE_MAY_BE };
bool state_open(struct state *state, const char *folder, enum state_folder wanted,
                struct error *err);
/* Whether there is such a folder. */
bool state_is_there(const struct state *state);

/* The options of every verb that looks for runs. */
#define CONFIG_OPTION                                                                              \
    {                                                                                              \
        "config", 0, OPTION_TEXT, false, "FILE",                                                   \
            "the operator's file; else TIDELOCK_CONFIG names it, or it is the user's own"          \
    }
#define STATE_OPTIONS                                                                              \
    CONFIG_OPTION,                                                                                 \
    {                                                                                              \
        "state", 0, OPTION_TEXT, false, "FOLDER", "where runs are kept; .tidelock"                 \
    }

/* For messages that found no run where they looked. */
#define STATE_HINT "--state names another folder, --config another operator's file"

/* The one that --state, or the operator's file (--config), says; it must be there. */
struct options;
bool state_open_chosen(struct state *state, const struct options *options, struct error *err);

/* " --state FOLDER", to be typed behind a run's name; "" where every verb looks anyway. */
enum { STATE_OPTION_SIZE = PATH_MAX + 16 };
const char *state_option(const struct state *state, char out[STATE_OPTION_SIZE]);

/* Adds to the message what to do about a run that a process is carrying out; false. */
bool state_hint(const struct state *state, const char *run, struct error *err);

/* The paths of things in it. */
bool state_journal(const struct state *state, const char *run, char path[PATH_MAX],
                   struct error *err);
/* What is there where a person said that the run is over (cli/state_left.h). */
bool state_left_path(const struct state *state, const char *run, char path[PATH_MAX],
                     struct error *err);
bool state_locks(const struct state *state, char path[PATH_MAX], struct error *err);

/* A new run: its name sorts by when it began, its journal is made, durable and locked. *fd is the
 * journal's; the lock lasts as long as it is open. */
bool state_begin(const struct state *state, char run[STATE_RUN_SIZE], int *fd, struct error *err);

/* The folder was removed while a run goes on that has its journal open: makes it again, and the
 * journal from what was written. Its descriptor, locked; -1 and *err where that cannot be. */
int state_save_journal(const struct state *state, const char *run, int fd, struct error *err);
