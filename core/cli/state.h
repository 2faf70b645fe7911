/* The state folder: what runs leave behind, who holds which target, and what people ask of a run
 * from another terminal.
 *
 *     runs/RUN.journal   the run; its lock is held as long as its process lives
 *     runs/RUN.control   what was asked of it, one canonical line each, appended to
 *     locks/KEY.lock     one per target (journal/lock.h)
 *
 * Everything about a run is computed from its journal; there is nothing else to keep in step. */
#pragma once

#include "engine/world.h"
#include "journal/journal.h"

#include <limits.h>

enum {
    STATE_RUN_SIZE = 32,     /* a run's name and its NUL: "20261124-075100-1a2b3c" */
    STATE_PERSON_SIZE = 128, /* who asked for something: "ann on ci-7" */
};

struct state {
    char folder[PATH_MAX];
};

/* `create`: makes the folder and those in it where they are missing. */
bool state_open(struct state *state, const char *folder, bool create, struct error *err);

/* The options of every verb that looks for runs. */
#define CONFIG_OPTION                                                                              \
    {                                                                                              \
        "config", 0, OPTION_TEXT, false, "FILE",                                                   \
            "the operator's file; tidelock.lua beside a policy's file, or here"                    \
    }
#define STATE_OPTIONS                                                                              \
    CONFIG_OPTION,                                                                                 \
    {                                                                                              \
        "state", 0, OPTION_TEXT, false, "FOLDER", "where runs are kept; .tidelock"                 \
    }

/* For messages that found no run where they looked. */
#define STATE_HINT "--state names another folder, --config another tidelock.lua"

/* The one that --state, or the operator's file (--config), says; it must be there. */
struct options;
bool state_open_chosen(struct state *state, const struct options *options, struct error *err);

/* " --state FOLDER", to be typed behind a run's name; "" where every verb looks anyway. */
enum { STATE_WHERE_SIZE = PATH_MAX + 16 };
const char *state_where(const struct state *state, char out[STATE_WHERE_SIZE]);

/* Adds to the message what to do about a run that a process is carrying out; false. */
bool state_hint(const struct state *state, const char *run, struct error *err);

/* The paths of things in it. */
bool state_journal(const struct state *state, const char *run, char path[PATH_MAX],
                   struct error *err);
bool state_locks(const struct state *state, char path[PATH_MAX], struct error *err);

/* A new run: its name sorts by when it began, its journal is made, durable and locked. *fd is the
 * journal's; the lock lasts as long as it is open. */
bool state_begin(const struct state *state, char run[STATE_RUN_SIZE], int *fd, struct error *err);

/* Which run is meant: a whole name, the beginning or the end of only one, or "last". */
bool state_find(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                struct error *err);
/* The same to recover it: "last" is the last one that is to be recovered, if there is one. */
bool state_find_open(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                     struct error *err);

/* --- how a run is doing ---------------------------------------------------------------------- */

#define STATE_STATUSES(X)                                                                          \
    X(STARTING, "starting") /* a process holds it, nothing is recorded yet */                      \
    X(RUNNING, "running")                                                                          \
    X(PAUSED, "paused")                                                                            \
    X(ROLLING_BACK, "rolling back")                                                                \
    X(CUT_SHORT, "cut short") /* not at its end, and its process is gone: recover it */            \
    X(ENDED, "ended")         /* see its outcome */                                                \
    X(NEVER_BEGUN, "never begun")                                                                  \
    X(UNREADABLE, "unreadable")

enum state_status {
#define X(name, text) STATE_##name,
    STATE_STATUSES(X)
#undef X
};

const char *state_status_name(enum state_status status);

struct state_run {
    char run[STATE_RUN_SIZE];
    enum state_status status;
    char outcome[32]; /* of the end: "promoted"; empty before */
    int64_t exit;     /* the exit status that belongs to it; -1 before */
    bool committed;
    char policy[128]; /* its file's name */
    char reason[256]; /* why it is rolled back, or why it cannot be read; or empty */
    char paused_by[STATE_PERSON_SIZE]; /* empty if it is not paused */
    int64_t paused_at;                 /* ms; 0 if it is not paused */
    int64_t began, last;               /* ms, of its first and last record; 0 if there is none */
    size_t records;
};

/* Whether it is to be recovered: cut short, or ended with something that was not restored. */
bool state_left_open(const struct state_run *run);

/* A journal that cannot be read is a status, not an error. */
bool state_look(const struct state *state, const char *run, struct state_run *out,
                struct error *err);

/* All of them, the oldest first; in the pool. */
bool state_list(const struct state *state, struct state_run **runs, size_t *count,
                struct pool *pool, struct error *err);

/* --- what people ask of it ------------------------------------------------------------------- */

struct state_asked {
    enum request request;
    char by[STATE_PERSON_SIZE]; /* without control characters */
    int64_t at;                 /* ms */
};

/* Who this process acts for: "ann on ci-7". */
void state_person(char out[STATE_PERSON_SIZE]);

/* Asks it of a run, which `about` tells how it was doing. ERROR_CONFLICT if no process is there to
 * hear it, or if it is rolling back, which nothing but an abort agrees with. */
bool state_ask(const struct state *state, const char *run, enum request request,
               struct state_run *about, struct error *err);

/* The run's own ear. What was asked before it was opened is not heard: it was meant for another
 * life of the run. */
struct state_control {
    int fd;
    int64_t at; /* bytes heard */
};

bool state_control_path(const struct state *state, const char *run, char path[PATH_MAX],
                        struct error *err);
bool state_control_open(const struct state *state, const char *run, struct state_control *control,
                        struct error *err);
void state_control_close(struct state_control *control);

/* The next thing asked; *any is false if there is none. A line that asks for nothing known is an
 * error, once. */
bool state_control_next(struct state_control *control, struct state_asked *asked, bool *any,
                        struct error *err);
