/* What the engine must know about an AWS operation, without knowing any. Implemented by the host
 * over lua/aws (docs/architecture.md, "The catalogue"); pure: no call here touches the outside. */
#pragma once

#include "base/value.h"

struct catalogue;

/* A request is {"operation","input"} and, where it is known, the "region" that it goes to. `home`:
 * engine/home.h; NULL where that is not known. */
struct plan {
    bool mutation;
    bool fleeting; /* what it made is not there for long, or others add to it, and that is right */
    struct slice identity; /* of the resource, as an ARN; mutations of one are undone together */
    struct slice region;   /* where it is; empty: not known */
    struct value observe;  /* a request */
    int64_t settle;        /* ms */
    struct value unknown;  /* keys that AWS must be asked about before `identity` is the one name
                              (lua/aws/names.lua); null or empty: none */
};

struct catalogue_ops {
    /* ERROR_INVALID if there is no such operation or its input does not fit. */
    bool (*plan)(struct catalogue *catalogue, const struct value *request, const struct value *home,
                 struct plan *plan, struct pool *pool, struct error *err);
    /* From what the plan's `observe` returned: the state before, the state after, the request that
     * undoes it; of the states only the members that the request changes. */
    bool (*prepare)(struct catalogue *catalogue, const struct value *request,
                    const struct plan *plan, const struct value *observed, struct value *before,
                    struct value *after, struct value *undo, struct pool *pool, struct error *err);
    /* All members of the state, from a fresh observation. */
    bool (*state)(struct catalogue *catalogue, struct slice operation, const struct value *input,
                  const struct value *observed, struct value *state, struct pool *pool,
                  struct error *err);
    /* The undo request with compare-and-set tokens from a fresh observation, made at `now` (ms). */
    bool (*guard)(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                  const struct value *observed, int64_t now, struct value *guarded,
                  struct pool *pool, struct error *err);
    /* Whether AWS has carried out what a fresh observation shows as put back: *wait is 0 if it has,
     * else after how long (ms) to look again. ERROR_INVALID if it never will. */
    bool (*steady)(struct catalogue *catalogue, struct slice operation, const struct value *input,
                   const struct value *observed, int64_t *wait, struct pool *pool,
                   struct error *err);
    /* Whether a call that was refused with {"code","message"} may well succeed later as it is:
     * throttled, an error on AWS's side, credentials that are over. */
    bool (*passes)(struct catalogue *catalogue, const struct value *problem);
    /* Whether what this operation changes goes back in steps, so that earlier states show on the
     * way. */
    bool (*steps)(struct catalogue *catalogue, struct slice operation);
    /* The undo of a resource's first change with what that of a later one puts back beside it. */
    bool (*join)(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                 const struct value *later, struct value *joined, struct pool *pool,
                 struct error *err);
};

struct catalogue {
    const struct catalogue_ops *ops;
};
