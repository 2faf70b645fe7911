/* The sandboxed Lua state: an allow list of functions, exact budgets, determinism (facts in
 * docs/sandbox.md). It executes a policy step by step; each step ends with an effect the policy
 * asks for, a group of branches it wants to run side by side, its return value, an error, or a
 * spent budget.
 *
 * There is one sandbox per process: its memory is an arena at a fixed address, so that nothing in
 * it depends on where the system put it. The memory can be marked once (after loading) and put back
 * to that mark, byte for byte, which is how thousands of runs start from the same state for the
 * price of a copy.
 *
 * A spent budget is final: control leaves the interpreter at once, past every pcall, and the state
 * is never entered again (sandbox_rewind makes a fresh one). */
#pragma once

#include "base/value.h"

struct sandbox;

struct sandbox_limits {
    int64_t work;      /* units: one per VM instruction, and C-side work in the same coin */
    size_t memory;     /* bytes of Lua memory */
    size_t value_size; /* bytes of canonical text of one value crossing the border */
    size_t print_size; /* bytes that print() may write in all */
};

/* work 50 million, memory 64 MiB, value 1 MiB, print 64 KiB */
extern const struct sandbox_limits sandbox_limits_default;

/* Finds a module's source for require(): true and *text (borrowed for ever), with the name to show
 * in messages ("stdlib/rollout.lua", "helpers.lua"); false if there is none. */
typedef bool sandbox_find_fn(void *context, const char *module, struct slice *text,
                             const char **chunk);

/* What print() writes. */
typedef void sandbox_print_fn(void *context, struct slice text);

struct sandbox_hooks {
    sandbox_find_fn *find;
    sandbox_print_fn *print;
    void *context;
};

bool sandbox_new(struct sandbox **out, const struct sandbox_limits *limits,
                 const struct sandbox_hooks *hooks, struct error *err);
void sandbox_free(struct sandbox *sandbox);

/* Seeds math.random; call before the first step of a run, after sandbox_rewind. */
void sandbox_seed(struct sandbox *sandbox, uint64_t seed);
/* From now on, until it is rewound, steps tell where the policy asked for its effects: for who
 * shows a policy to its author. The policy knows no difference. */
void sandbox_locate(struct sandbox *sandbox);
/* Whether math.random was used since. */
bool sandbox_drew(const struct sandbox *sandbox);

/* From here on `coverage` is told of every line that is executed (coverage.h). Before sandbox_load.
 * Counting is a little less exact then. */
struct coverage;
void sandbox_cover(struct sandbox *sandbox, struct coverage *coverage);

enum sandbox_state {
    SANDBOX_EFFECT,   /* `value` is the effect */
    SANDBOX_PARALLEL, /* branches first..first+count-1 wait for their first resume (with NULL) */
    SANDBOX_RETURNED, /* `value` is what the function returned (null if nothing) */
    SANDBOX_RAISED,   /* `error`: the message with chunk:line: */
    SANDBOX_SPENT,    /* `error`: which budget, and at which chunk:line: */
    SANDBOX_DIED,     /* `error`: what became of the process it was in (child.h) */
};

struct sandbox_step {
    enum sandbox_state state;
    int branch;         /* which branch this step is of */
    int first, count;   /* SANDBOX_PARALLEL */
    struct value value; /* in the pool given to the call */
    struct error error; /* code ERROR_POLICY or ERROR_BUDGET */
    /* where: the innermost frame outside stdlib/, "" if unknown; of effects and branches only once
     * sandbox_locate was called */
    char chunk[128];
    int line;
};

/* Compiles and runs a chunk as branch 0 ("@name" is shown in messages as name:line). Text only. The
 * chunk's value is kept inside as "the policy" (sandbox_start uses it) and also returned as a step,
 * with value null if it is not a plain value. Effects asked for while loading are errors. A syntax
 * error is SANDBOX_RAISED. */
void sandbox_load(struct sandbox *sandbox, const char *name, struct slice text,
                  struct sandbox_step *step, struct pool *pool);

/* Like sandbox_load, but the value must be plain: a function, or a table holding one, is
 * SANDBOX_RAISED with a message that says which part. */
void sandbox_eval(struct sandbox *sandbox, const char *name, struct slice text,
                  struct sandbox_step *step, struct pool *pool);

/* Calls require("policy_entry").start(policy, arguments) as branch 0, up to its first step. */
void sandbox_start(struct sandbox *sandbox, const struct value *arguments,
                   struct sandbox_step *step, struct pool *pool);

/* Resumes a branch with the result of its effect ({"value":...} or {"error":...}). NULL starts a
 * new branch. When every branch of a group has returned, resume the branch that asked for the
 * group, with an array of their values. */
void sandbox_resume(struct sandbox *sandbox, int branch, const struct value *result,
                    struct sandbox_step *step, struct pool *pool);

/* Marks the memory as it is now / puts it back to the mark, with full budgets. Outside a step only.
 */
bool sandbox_mark(struct sandbox *sandbox, struct error *err);
void sandbox_rewind(struct sandbox *sandbox);

/* "string.pack": what Lua has in a library and the sandbox has not; NULL after the last. */
const char *sandbox_absent(size_t index);

int64_t sandbox_work_used(const struct sandbox *sandbox);
size_t sandbox_memory_used(const struct sandbox *sandbox);
