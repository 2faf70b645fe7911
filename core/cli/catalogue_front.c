/* The operations of a catalogue that stands in front of another: each hands its question on. */
#include "cli/catalogue_front.h"

static struct catalogue *inner_of(struct catalogue *catalogue)
{
    return ((struct catalogue_front *)catalogue)->inner;
}

bool catalogue_front_plan(struct catalogue *catalogue, const struct value *request,
                          const struct value *home, struct plan *out, struct pool *pool,
                          struct error *err)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->plan(inner, request, home, out, pool, err);
}

bool catalogue_front_prepare(struct catalogue *catalogue, const struct value *request,
                             const struct plan *plan, const struct value *observed,
                             struct value *before, struct value *after, struct value *undo,
                             struct pool *pool, struct error *err)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->prepare(inner, request, plan, observed, before, after, undo, pool, err);
}

bool catalogue_front_state(struct catalogue *catalogue, struct slice operation,
                           const struct value *input, const struct value *observed,
                           struct value *out, struct pool *pool, struct error *err)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->state(inner, operation, input, observed, out, pool, err);
}

bool catalogue_front_guard(struct catalogue *catalogue, struct slice operation,
                           const struct value *undo, const struct value *observed, int64_t now,
                           struct value *guarded, struct pool *pool, struct error *err)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->guard(inner, operation, undo, observed, now, guarded, pool, err);
}

bool catalogue_front_passes(struct catalogue *catalogue, const struct value *problem)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->passes(inner, problem);
}

bool catalogue_front_steps(struct catalogue *catalogue, struct slice operation)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->steps(inner, operation);
}

bool catalogue_front_steady(struct catalogue *catalogue, struct slice operation,
                            const struct value *input, const struct value *observed, int64_t *wait,
                            struct pool *pool, struct error *err)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->steady(inner, operation, input, observed, wait, pool, err);
}

bool catalogue_front_join(struct catalogue *catalogue, struct slice operation,
                          const struct value *undo, const struct value *later, struct value *joined,
                          struct pool *pool, struct error *err)
{
    struct catalogue *inner = inner_of(catalogue);
    return inner->ops->join(inner, operation, undo, later, joined, pool, err);
}
