/* A sealed plan: one canonical JSON document that says what a run would do, and what that rests on
 * (docs/live.md, "Plans"). The seal is the SHA-256 of the document without it: it shows accidents
 * and edits; whoever may write the file can also compute a new one. */
#pragma once

#include "base/value.h"

#define PLAN_FILE_FORMAT "tidelock-plan/2"

enum { PLAN_FILE_SIZE_MAX = 16 << 20 };

struct plan_file {
    struct value document; /* all of it, the seal included */
    struct slice seal, version, made;
    struct slice policy; /* as it was given: a path from the folder of then, or a shipped name */
    struct slice account, region;
    int64_t seed;
    const struct value *arguments; /* [[name, text]...] */
    const struct value *sources;   /* {name: sha256} */
    const struct value *observed;  /* [{identity, operation, input, observe, before, now}...] */
    const struct value *steps;
};

/* The document with its seal, from all other members. */
bool plan_file_seal(struct value *out, const struct value *members, struct pool *pool,
                    struct error *err);

/* Whether bytes are meant to be a plan, and not a policy: no Lua begins like that. */
bool plan_file_is(struct slice bytes);
/* Reads a plan. ERROR_DAMAGED: it is cut short, or was changed; ERROR_INVALID: it is another
 * format, or lacks something. The bytes must outlive it. */
bool plan_file_read(struct plan_file *plan, struct slice bytes, struct pool *pool,
                    struct error *err);

/* {"seal", "bound": {identity: before}}: what a run from this plan keeps in its journal. */
bool plan_file_bound(const struct plan_file *plan, struct value *out, struct pool *pool,
                     struct error *err);
