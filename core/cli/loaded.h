/* A policy that is ready to be carried out on AWS: its sources and arguments read, itself loaded in
 * a process of its own, before this process has read anything secret. What `run` and `plan` have in
 * common. */
#pragma once

#include "cli/options.h"
#include "cli/sources.h"
#include "script/child.h"

struct loaded {
    struct sources sources;
    struct value source_texts; /* {name: text} */
    struct value arguments;    /* [[name, text]...] */
    int64_t seed;
    struct child *child;
    struct pool pool;
};

/* The options that say which run it is. */
#define LOADED_OPTIONS                                                                             \
    {"parameter", 'p', OPTION_TEXT, true, "NAME=VALUE", "a parameter of the policy; repeat"},      \
    {                                                                                              \
        "seed", 's', OPTION_INTEGER, false, "N",                                                   \
            "of math.random in the policy; drawn if not given"                                     \
    }

/* Reads the sources; `policy` is a file, or the name of a shipped one. Clear it in any case. */
bool loaded_read(struct loaded *loaded, const char *policy, struct error *err);
/* Arguments and seed from the options. */
bool loaded_take_options(struct loaded *loaded, const struct options *options, struct error *err);
/* Starts the policy's process, which loads the policy. It takes some milliseconds, in which others
 * can make themselves ready; nothing secret may be read before loaded_await. */
bool loaded_start(struct loaded *loaded, struct error *err);
/* Until it is loaded, or refused. */
bool loaded_await(struct loaded *loaded, struct error *err);
void loaded_clear(struct loaded *loaded);

/* The body of the journal's RUN record. `plan`: {"seal","bound"} of the plan that is carried out,
 * or NULL. */
bool loaded_header(struct loaded *loaded, const char *world, const struct value *plan,
                   struct value *header, struct error *err);
