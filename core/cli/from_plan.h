/* A run from a plan: what the plan says in the place of the command line, and whether all that it
 * rests on is still so. Whatever is not is told by the one function that looks at it, before the
 * run begins: nothing is touched, and nothing is written. */
#pragma once

#include "cli/binding.h"
#include "cli/loaded.h"
#include "cli/planned.h"

struct supervisor;

struct from_plan {
    bool given;       /* false: it is a policy that is to be run, and nothing else here is of use */
    const char *path; /* of the plan */
    struct planned planned;
    struct value plan; /* {"seal","bound"} */
    struct binding binding;
    struct buffer bytes;
    struct pool pool;
};

/* Looks what kind of file `path` is, and reads a plan. ERROR_INVALID and ERROR_DAMAGED say what is
 * wrong with it. Clear it in any case. */
bool from_plan_read(struct from_plan *from, const char *path, struct error *err);
void from_plan_clear(struct from_plan *from);

/* Takes arguments and seed from the plan, and compares the sources. */
bool from_plan_take(const struct from_plan *from, struct loaded *loaded, struct error *err);
/* Compares account, region and the state of every resource. */
bool from_plan_check(struct from_plan *from, struct supervisor *supervisor, struct error *err);
/* The catalogue of the run, bound to the plan. */
struct catalogue *from_plan_bind(struct from_plan *from, struct supervisor *supervisor,
                                 struct error *err);
