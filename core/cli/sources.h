/* The sources of a policy: its file, and the modules beside it that it requires. They are read
 * before the process locks itself in. Which modules those are is found by looking for `require
 * "name"` with a literal name; the text is not interpreted in any other way here. */
#pragma once

#include "base/value.h"

enum { SOURCES_MAX = 65, SOURCE_SIZE_MAX = 1 << 20, SOURCE_NAME_SIZE = 128 };

struct source {
    char name[SOURCE_NAME_SIZE]; /* shown in messages: "canary.lua", "helpers.lua",
                                    "team/limits.lua" */
    struct buffer text;
};

struct sources {
    struct source items[SOURCES_MAX]; /* the policy first */
    size_t count;
};

/* `path` is the name of a shipped policy ("step_canary"), which no file of that name replaces, or a
 * file ("./step_canary"). */
bool sources_read(struct sources *sources, const char *path, struct error *err);
/* A shipped policy by its name. */
bool sources_read_shipped(struct sources *sources, const char *name, struct error *err);
/* Whether it names one. */
bool sources_is_shipped(const char *path);
/* From the "sources" of a journal's RUN record: {name: text}, `first` being the policy's. */
bool sources_from_journal(struct sources *sources, const struct value *recorded, struct slice first,
                          struct error *err);
void sources_clear(struct sources *sources);

/* Begins a message with the name of the policy, where it does not begin with the name of one of its
 * files: Lua forgets the line of `return rollout.policy { ... }`, which is a tail call. False. */
bool sources_place(const struct sources *sources, struct error *err);

/* {name: text} */
bool sources_value(const struct sources *sources, struct value *out, struct pool *pool,
                   struct error *err);

/* A sandbox_find_fn: stdlib, the shipped "policies.NAME" and what policies read of the targets
 * first, which no file of a team can replace; then the modules beside the policy. */
bool sources_find(void *context, const char *module, struct slice *text, const char **chunk);
