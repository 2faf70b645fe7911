/* Refuses what the operator does not allow, before the catalogue is asked about it. */
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
    return !plan->mutation || config_allows_resource(gate->config, plan->identity) ||
           error_set(err, ERROR_INVALID,
                     "%.*s is not among the resources that %s allows (allow.resources)",
                     (int)plan->identity.size, plan->identity.data, gate->config->path);
}

static bool plan(struct catalogue *catalogue, const struct value *request, const struct value *home,
                 struct plan *out, struct pool *pool, struct error *err)
{
    struct gate *gate = self_of(catalogue);
    return check_operation(gate, value_get_slice(request, "operation", ""), err) &&
           catalogue_front_plan(catalogue, request, home, out, pool, err) &&
           check_resource(gate, out, err);
}

void gate_init(struct gate *gate, struct catalogue *inner, const struct config *config)
{
    static const struct catalogue_ops ops = {
        .plan = plan,
        .prepare = catalogue_front_prepare,
        .state = catalogue_front_state,
        .guard = catalogue_front_guard,
        .steady = catalogue_front_steady,
    };
    *gate = (struct gate){{{&ops}, inner}, config};
}
