/* What is known of a policy before it is run: what it declares, what its text says, and what it
 * does in a rehearsal on made-up metrics. The rules that are held against that stand in lua/check/.
 */
#pragma once

#include "cli/simulation.h"

struct check_input {
    struct simulation_input simulation; /* its recording is made up */
    const char *path;                   /* as it was given */
    struct buffer recording;            /* that of the user; empty: none */
    const char *recording_name;
    const struct value *live; /* what was asked live (check_live.h); NULL: nothing */
};

/* { file, findings [...], ... } as lua/check/examination.lua makes it, in the pool. False only
 * where nothing can be said of the policy: what is wrong with it are findings. To be called in the
 * jail. */
bool check_facts_examine(struct check_input *input, struct value *out, struct pool *pool,
                         struct error *err);
