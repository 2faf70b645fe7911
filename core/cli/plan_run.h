/* A run from a plan: what the plan says in the place of the command line, and whether all that it
 * rests on is still so. Whatever is not is told by the one function that looks at it, before the
 * run begins: nothing is touched, and nothing is written. */
#pragma once

#include "cli/live_policy.h"
#include "cli/plan_binding.h"
#include "cli/plan_file.h"

struct supervisor;

struct plan_run {
    bool given;       /* false: it is a policy that is to be run, and nothing else here is of use */
    const char *path; /* of the plan */
    struct plan_file file;
    struct value plan; /* {"seal","bound"} */
    struct plan_binding binding;
    struct buffer bytes;
    struct pool pool;
};

/* Looks what kind of file `path` is, and reads a plan. ERROR_INVALID and ERROR_DAMAGED say what is
 * wrong with it. Clear it in any case. */
bool plan_run_read(struct plan_run *run, const char *path, struct error *err);
void plan_run_clear(struct plan_run *run);

/* Takes arguments and seed from the plan, and compares the sources. */
bool plan_run_take(const struct plan_run *run, struct live_policy *live_policy, struct error *err);
/* Compares account, region and the state of every resource. */
bool plan_run_check(struct plan_run *run, struct supervisor *supervisor, struct error *err);
/* The catalogue of the run, bound to the plan. */
struct catalogue *plan_run_bind(struct plan_run *run, struct supervisor *supervisor,
                                struct error *err);
