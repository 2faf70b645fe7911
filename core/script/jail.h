/* The process that policy code runs in. The parent only waits; the child locks itself in before
 * the first line of policy is read: no new files, sockets or processes, no signals to others, no
 * new privileges, bounded memory, processor time and file size. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <sys/types.h>

struct jail_limits {
    size_t memory;        /* bytes of address space beyond what is mapped at the lock */
    unsigned cpu_seconds; /* a backstop behind the counted budgets */
    size_t file_size;     /* bytes that may be written to one file */
};

extern const struct jail_limits jail_limits_default;

/* Which walls stand; a name list for reports ("seccomp,no_new_privs,rlimits,landlock"). */
struct jail_walls {
    bool no_new_privs, seccomp, landlock, rlimits;
};

/* Locks the calling process in, for good. Its environment is overwritten, but for what reports and
 * streams go by: no secret of the operator's is in its memory. Keep only the descriptors in `keep`
 * (0, 1, 2 are always kept). No seccomp is an error; no Landlock is not. */
bool jail_lock(const struct jail_limits *limits, const int *keep, size_t keep_count,
               struct jail_walls *walls, struct error *err);

/* What this kernel could give, without locking anything. */
void jail_probe(struct jail_walls *walls);

/* Runs `body` in a child process and waits. True and *status (its return value, 0..255) if it ended
 * by itself; false with what killed it otherwise ("the policy's process was killed by SIGSEGV..."),
 * after which *status is meaningless. SIGINT and SIGTERM to the parent are passed on; the child
 * dies with the parent. */
typedef int jail_body_fn(void *context);
bool jail_run(jail_body_fn *body, void *context, int *status, struct error *err);

/* One of several children that are there at once. */
struct jail_child {
    void *context; /* for its body */
    pid_t pid;
    int state; /* how it ended, as waitpid says it */
};

/* The same with as many children as there are in `children`, while `meanwhile` goes on in this
 * process. False if they could not all be started: then none is left, and nothing was done
 * meanwhile. */
typedef void jail_meanwhile_fn(void *context);
bool jail_run_all(jail_body_fn *body, struct jail_child *children, size_t count,
                  jail_meanwhile_fn *meanwhile, void *context, struct error *err);

/* As jail_run() says it of the one child: *status, or what killed it. */
bool jail_ended(const struct jail_child *child, int *status, struct error *err);

/* Says by which signal a policy's process was killed, and what that means. False, as error_set. */
bool jail_tell_death(int number, struct error *err);
