/* A policy that is ready to be carried out on AWS: its sources and arguments read, itself loaded in
 * a process of its own, before this process has read anything secret. What `run` and `plan` have in
 * common. */
#pragma once

#include "cli/options.h"
#include "cli/sources.h"
#include "script/child.h"

struct live_policy {
    struct sources sources;
    struct value source_texts; /* {name: text} */
    struct value arguments;    /* [[name, text]...] */
    int64_t seed;
    struct child *child;
    struct pool pool;
};

/* The options that say which run it is. */
#define LIVE_POLICY_OPTIONS                                                                        \
    {"parameter", 'p', OPTION_TEXT, true, "NAME=VALUE", PARAMETER_HELP},                           \
    {                                                                                              \
        "seed", 's', OPTION_INTEGER, false, "N",                                                   \
            "of math.random in the policy; drawn if not given"                                     \
    }

/* Reads the sources; `policy` is a file, or the name of a shipped one. Clear it in any case. */
bool live_policy_read(struct live_policy *live_policy, const char *policy, struct error *err);
/* Arguments and seed from the options. */
bool live_policy_take_options(struct live_policy *live_policy, const struct options *options,
                              struct error *err);
/* Starts the policy's process, which loads the policy. It takes some milliseconds, in which others
 * can make themselves ready; nothing secret may be read before live_policy_await. */
bool live_policy_start(struct live_policy *live_policy, struct error *err);
/* Until it is live_policy, or refused. */
bool live_policy_await(struct live_policy *live_policy, struct error *err);
void live_policy_clear(struct live_policy *live_policy);

/* The body of the journal's RUN record. `caller`: as whom it works, an ARN, where that is asked;
 * `plan`: {"seal","bound"} of the plan that is carried out, or NULL. */
bool live_policy_header(struct live_policy *live_policy, const char *world, struct slice caller,
                        const struct value *plan, struct value *header, struct error *err);
