/* The runs of a state folder: which one is meant, which there are, and how each is doing. */
#pragma once

#include "base/value.h"
#include "cli/state.h"

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
    X(LEFT, "left as it is") /* was one of the others; a person said that nothing is to be done */ \
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
    char account[32], region[32]; /* where it takes place; or empty */
};

/* Whether it is to be recovered: cut short, unreadable, or ended with something that was not
 * restored. */
bool state_left_open(const struct state_run *run);

/* A journal that cannot be read is a status, not an error. */
bool state_look(const struct state *state, const char *run, struct state_run *out,
                struct error *err);

/* The same from the first and the last record, where those say it: what is wrong in between is not
 * seen, and there is no reason. */
bool state_glance(const struct state *state, const char *run, struct state_run *out,
                  struct error *err);

/* All of them at a glance, the oldest first; in the pool. */
bool state_list(const struct state *state, struct state_run **runs, size_t *count,
                struct pool *pool, struct error *err);
