/* A policy that can be carried on step by step, wherever it is executed: in this process (local),
 * in one that remembers what like runs did (step_cache.h), or in a process of its own. */
#pragma once

#include "script/sandbox.h"

struct script;

struct script_ops {
    /* As sandbox_start and sandbox_resume. What a step holds lives in the pool, or longer. */
    void (*start)(struct script *script, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool);
    void (*resume)(struct script *script, int branch, const struct value *result,
                   struct sandbox_step *step, struct pool *pool);
};

/* What executes a policy begins with its operations: struct step_cache { struct script script; ...
 * }.
 */
struct script {
    const struct script_ops *ops;
};

/* A sandbox in this process: loaded, seeded, and rewound if it ran before. */
struct script_local {
    struct script script;
    struct sandbox *sandbox;
};

void script_local_init(struct script_local *local, struct sandbox *sandbox);
