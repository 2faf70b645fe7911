/* A run rehearsed on AWS as it is, before it changes anything: what plan and doctor have in common.
 */
#pragma once

#include "cli/live_policy.h"
#include "cli/supervisor.h"
#include "world/rehearsed.h"

struct planning {
    const char *policy;
    struct live_policy live_policy;
    struct supervisor supervisor;
    struct rehearsed *rehearsed;
    int64_t made;
};

/* Nothing in it yet; to be closed in any case. */
void planning_init(struct planning *planning, const char *policy);
/* Reads the policy and starts its process; then the configuration is to be read. */
bool planning_start(struct planning *planning, const struct options *options, struct error *err);
/* Connects, once the policy is loaded; then it is to be asked who we are. */
bool planning_connect(struct planning *planning, const struct options *options, struct error *err);
/* The world in which it is rehearsed. */
bool planning_open(struct planning *planning, struct error *err);
/* Carries the policy out, and tells `observe` of its records. */
bool planning_rehearse(struct planning *planning, engine_observe_fn *observe, void *context,
                       struct engine_result *result, struct error *err);
void planning_close(struct planning *planning);
