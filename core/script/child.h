/* A policy alone in a process of its own: no credentials ever in its memory, no files, no network,
 * nothing but one pipe. The process executes this same program anew, with an empty environment, and
 * is to be made before any credential is read; it locks itself in (jail.h) before it reads a byte
 * of what somebody else wrote.
 *
 * Behind the counted budgets stands a limit of time for each step. Whatever becomes of the process
 * (killed, ended, silent, talking nonsense) is a step of state SANDBOX_DIED that says so, and so is
 * every step after it. Who uses this ignores SIGPIPE. */
#pragma once

#include "script/script.h"

#include <sys/types.h>

/* What the program is called with to be the child: main hands over to child_serve at once. */
#define CHILD_ARGUMENT "--policy-child"

struct child;

struct child_params {
    int64_t step_ms;         /* the longest that one step may take; 0: CHILD_STEP_MS */
    const char *argument;    /* NULL: CHILD_ARGUMENT */
    sandbox_print_fn *print; /* what the policy prints; may be NULL */
    void *context;
};

enum { CHILD_STEP_MS = 10000 };

/* Starts the process. */
bool child_new(struct child **out, const struct child_params *params, struct error *err);
/* Ends it, if it still lives. */
void child_free(struct child *child);

struct child_policy {
    struct sandbox_limits limits;
    const char *name;            /* of the policy among the sources */
    const struct value *sources; /* {chunk: text} */
    bool plain;                  /* as sandbox_eval: a value is wanted, not a policy */
    uint64_t seed;               /* of math.random */
};

/* Sends the sources and loads them, once: as sandbox_load, after which the state is as sandbox_mark
 * would leave it, and seeded. False: no process could be locked in here, or the sources could not
 * be sent; the message is about this machine. */
bool child_load(struct child *child, const struct child_policy *policy, struct sandbox_step *step,
                struct pool *pool, struct error *err);
/* The same in two, for who has something else to do while the policy is loaded. */
bool child_open(struct child *child, const struct child_policy *policy, struct error *err);
bool child_opened(struct child *child, struct sandbox_step *step, struct pool *pool,
                  struct error *err);

/* To carry the policy on. */
struct script *child_script(struct child *child);

/* While the process is waited for, this is asked now and then: true, and it is killed, since the
 * run has something else to do. */
void child_wait_unless(struct child *child, bool (*ends)(void *context), void *context);

/* Readable when the process is gone, or speaks without being asked; child_is_gone then says what
 * became of it. Not while a step is taken. */
int child_descriptor(const struct child *child);
bool child_is_gone(struct child *child, struct error *why);

/* Its number, for reports. */
pid_t child_process(const struct child *child);

/* --- the other end --------------------------------------------------------------------------- */

/* Where modules come from. `open` is told the sources (borrowed until it returns) and which of them
 * is the policy; `find` looks among them from then on. */
struct child_library {
    bool (*open)(void *context, const struct value *sources, struct slice policy,
                 struct error *err);
    sandbox_find_fn *find;
    void *context;
};

/* The life of the child, from the first line of main to its exit status. */
int child_serve(const struct child_library *library);
