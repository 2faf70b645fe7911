#include "cli/gate.h"

static struct gate *self_of(struct catalogue *catalogue)
{
    return (struct gate *)catalogue;
}

static bool check_operation(const struct gate *gate, struct slice operation, struct error *err)
{
    return config_allows_operation(gate->config, operation) ||
           error_set(err, ERROR_INVALID,
                     "%.*s is not among the operations that %s allows (allow.operations)",
                     (int)operation.size, operation.data, gate->config->path);
}

static bool check_resource(const struct gate *gate, const struct plan *plan, struct error *err)
{
    return !plan->mutation || config_allows_resource(gate->config, plan->key) ||
           error_set(err, ERROR_INVALID,
                     "%.*s is not among the resources that %s allows (allow.resources)",
                     (int)plan->key.size, plan->key.data, gate->config->path);
}

static bool plan(struct catalogue *catalogue, struct slice operation, const struct value *input,
                 struct plan *out, struct pool *pool, struct error *err)
{
    struct gate *gate = self_of(catalogue);
    return check_operation(gate, operation, err) &&
           gate->inner->ops->plan(gate->inner, operation, input, out, pool, err) &&
           check_resource(gate, out, err);
}

static bool prepare(struct catalogue *catalogue, struct slice operation, const struct value *input,
                    const struct value *observed, struct value *before, struct value *after,
                    struct value *undo, struct pool *pool, struct error *err)
{
    struct catalogue *inner = self_of(catalogue)->inner;
    return inner->ops->prepare(inner, operation, input, observed, before, after, undo, pool, err);
}

static bool state(struct catalogue *catalogue, struct slice operation, const struct value *input,
                  const struct value *observed, struct value *out, struct pool *pool,
                  struct error *err)
{
    struct catalogue *inner = self_of(catalogue)->inner;
    return inner->ops->state(inner, operation, input, observed, out, pool, err);
}

static bool guard(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                  const struct value *observed, int64_t now, struct value *guarded,
                  struct pool *pool, struct error *err)
{
    struct catalogue *inner = self_of(catalogue)->inner;
    return inner->ops->guard(inner, operation, undo, observed, now, guarded, pool, err);
}

static bool steady(struct catalogue *catalogue, struct slice operation, const struct value *input,
                   const struct value *observed, int64_t *wait, struct pool *pool,
                   struct error *err)
{
    struct catalogue *inner = self_of(catalogue)->inner;
    return inner->ops->steady(inner, operation, input, observed, wait, pool, err);
}

void gate_init(struct gate *gate, struct catalogue *inner, const struct config *config)
{
    static const struct catalogue_ops ops = {plan, prepare, state, guard, steady};
    *gate = (struct gate){{&ops}, inner, config};
}
