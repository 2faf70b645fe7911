/* Refuses what the operator does not allow, before the catalogue is asked about it. */
#include "cli/gate.h"

static struct gate *self_of(struct catalogue *catalogue)
{
    return (struct gate *)catalogue;
}

/* Which files the operator and the team are to look into. */
static const char *joining(const struct config *config)
{
    return *config->team_path ? " and " : "";
}

static bool check_operation(const struct gate *gate, struct slice operation, struct error *err)
{
    return config_allows_operation(gate->config, operation) ||
           error_set(err, ERROR_INVALID,
                     "%.*s is not among the operations that %s%s%s allow%s (allow.operations)",
                     (int)operation.size, operation.data, gate->config->path, joining(gate->config),
                     gate->config->team_path, *gate->config->team_path ? "" : "s");
}

static bool check_resource(const struct gate *gate, struct slice identity, struct error *err)
{
    return config_allows_resource(gate->config, identity) ||
           error_set(err, ERROR_INVALID,
                     "%.*s is not among the resources that %s%s%s allow%s (allow.resources)",
                     (int)identity.size, identity.data, gate->config->path, joining(gate->config),
                     gate->config->team_path, *gate->config->team_path ? "" : "s");
}

/* The engine asks again once AWS has told which resource it is. */
static bool is_unknown(const struct plan *plan)
{
    return plan->unknown.kind == VALUE_ARRAY && plan->unknown.array.count > 0;
}

static bool plan(struct catalogue *catalogue, const struct value *request, const struct value *home,
                 struct plan *out, struct pool *pool, struct error *err)
{
    struct gate *gate = self_of(catalogue);
    return check_operation(gate, value_get_slice(request, "operation", ""), err) &&
           catalogue_front_plan(catalogue, request, home, out, pool, err) &&
           (!out->mutation || is_unknown(out) || check_resource(gate, out->identity, err));
}

/* A run that may not shift a target has no use for its lock, and keeps it from those that may. */
bool gate_check_target(const struct gate *gate, struct host *host, const struct value *target,
                       const struct value *home, struct gate_target *out, struct pool *pool,
                       struct error *err)
{
    struct value checked;
    struct value arguments[] = {*target, *home};
    if (!host_call(host, "targets", "checked", arguments, 2, &checked, pool, err))
        return false;
    const struct value *operations = value_get(&checked, "operations");
    out->identity = value_get_slice(&checked, "identity", "");
    out->label = value_get_slice(&checked, "full", "");
    for (size_t i = 0; i < operations->array.count; i++) {
        if (!check_operation(gate, operations->array.items[i].string, err))
            return false;
    }
    return check_resource(gate, value_get_slice(&checked, "changes", ""), err);
}

static const struct value none = {.kind = VALUE_OBJECT};

/* A pattern that can fit nothing was mistyped: what it was to allow would be refused. The team's
 * must leave something of what the operator allows. */
static bool check_patterns(const char *path, const struct value *allow,
                           const struct value *operators, struct host *host, struct error *err)
{
    struct pool pool = {.max = 1 << 20};
    struct value arguments[] = {*allow, *operators};
    struct value wrong;
    bool ok = host_call(host, "aws.allow", "wrong", arguments, 2, &wrong, &pool, err);
    if (ok && wrong.kind == VALUE_STRING)
        ok = error_set(err, ERROR_INVALID, "%s: %.*s", path, (int)wrong.string.size,
                       wrong.string.data);
    pool_clear(&pool);
    return ok;
}

bool gate_init(struct gate *gate, struct catalogue *inner, struct host *host,
               const struct config *config, struct error *err)
{
    static const struct catalogue_ops ops = {
        .plan = plan,
        .prepare = catalogue_front_prepare,
        .state = catalogue_front_state,
        .guard = catalogue_front_guard,
        .steady = catalogue_front_steady,
        .passes = catalogue_front_passes,
        .steps = catalogue_front_steps,
        .join = catalogue_front_join,
    };
    *gate = (struct gate){{{&ops}, inner}, config};
    const struct value *allow = value_get(config->value, "allow");
    allow = allow ? allow : &none;
    return ((!config->operations && !config->resources) ||
            check_patterns(config->path, allow, &none, host, err)) &&
           (!config->team_allow ||
            check_patterns(config->team_path, config->team_allow, allow, host, err));
}
