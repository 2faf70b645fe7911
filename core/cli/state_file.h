/* A run's journal in the state folder, opened, and what it says of how the run is doing. The bytes
 * may be a stranger's: who opens need not be who reads (cli/state_jailed.h). */
#pragma once

#include "base/value.h"
#include "cli/state.h"

#define STATE_STATUSES(X)                                                                          \
    X(STARTING, "starting") /* a process holds it, nothing is recorded yet */                      \
    X(RUNNING, "running")                                                                          \
    X(PAUSED, "paused")                                                                            \
    X(WAITING, "waiting for approval")                                                             \
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

/* What waits for a person. */
struct state_approval {
    int64_t id; /* of the effect */
    int64_t since, until;
    char message[128]; /* what is to be approved; or empty */
    char from[256];    /* who may, as "ann, bob"; empty: everybody */
};

enum { STATE_APPROVALS_MAX = 4 };

struct state_run {
    char run[STATE_RUN_SIZE];
    enum state_status status;
    char outcome[32]; /* of the end: "promoted"; empty before */
    int64_t exit;     /* the exit status that belongs to it; -1 before */
    bool committed;
    char policy[128]; /* its file's name */
    char reason[256]; /* why it is rolled back, or why it cannot be read; or empty */
    char paused_by[STATE_PERSON_SIZE];                    /* empty if it is not paused */
    int64_t paused_at;                                    /* ms; 0 if it is not paused */
    struct state_approval approvals[STATE_APPROVALS_MAX]; /* the oldest ones that wait */
    size_t approval_count;
    int64_t began, last; /* ms, of its first and last record; 0 if there is none */
    size_t records;
    char account[32], region[32]; /* where it takes place; or empty */
    char lost[512]; /* what was changed behind the end of its journal, as people call it, each with
                     * a newline; or empty */
};

/* Whether it is called as runs are. */
bool state_is_run(const char *run);

struct state_file {
    char run[STATE_RUN_SIZE];
    char path[PATH_MAX];
    int fd;    /* -1: it cannot be read, and `why` */
    bool held; /* a process carries the run out */
    struct error why;
};

bool state_file_open(const struct state *state, const char *run, struct state_file *file,
                     struct error *err);
void state_file_close(struct state_file *file);
/* A journal that cannot be read is a status, not an error. At a glance it goes by the first and the
 * last record, where those say it: what is wrong in between is not seen, and there is no reason. */
void state_file_read(const struct state_file *file, bool glance, struct state_run *out);
