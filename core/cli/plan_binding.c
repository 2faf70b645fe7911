/* Compares each resource with the plan at the moment when its first change is written down. */
#include "cli/plan_binding.h"

#include <stdlib.h>

static struct plan_binding *self_of(struct catalogue *catalogue)
{
    return (struct plan_binding *)catalogue;
}

bool plan_binding_difference(struct host *host, const struct value *planned,
                             const struct value *found, struct slice *text, struct pool *pool,
                             struct error *err)
{
    struct value arguments[] = {*planned, *found};
    struct value told;
    if (!host_call(host, "report.plan", "difference", arguments, 2, &told, pool, err))
        return false;
    *text = told.kind == VALUE_STRING ? told.string : slice_of("");
    return true;
}

static bool find(const struct plan_binding *binding, struct slice identity, size_t *index)
{
    for (*index = 0; *index < binding->bound->object.count; ++*index) {
        if (slice_equal(binding->bound->object.members[*index].name, identity))
            return true;
    }
    return false;
}

static bool refuse_stale(struct plan_binding *binding, struct slice identity,
                         const struct value *planned, const struct value *found, struct pool *pool,
                         struct error *err)
{
    struct slice text;
    if (!plan_binding_difference(binding->host, planned, found, &text, pool, err))
        return false;
    return error_set(err, ERROR_INVALID,
                     "the plan is stale: %.*s is not as it was planned: %.*s (plan again)",
                     (int)identity.size, identity.data, (int)text.size, text.data);
}

/* What comes to be during the run, and is nothing to put back, nobody can name beforehand: it goes
 * with what the plan changes of the same resource, "RESOURCE#PART". */
static bool goes_along(const struct plan_binding *binding, const struct plan *plan,
                       const struct value *undo)
{
    const char *mark = memchr(plan->identity.data, '#', plan->identity.size);
    if (!plan->fleeting || undo->kind != VALUE_NULL || !mark)
        return false;
    size_t size = (size_t)(mark - plan->identity.data) + 1;
    for (size_t i = 0; i < binding->bound->object.count; i++) {
        struct slice name = binding->bound->object.members[i].name;
        if (name.size > size && memcmp(name.data, plan->identity.data, size) == 0)
            return true;
    }
    return false;
}

static bool check(struct plan_binding *binding, struct slice identity, const struct value *before,
                  struct pool *pool, struct error *err)
{
    size_t index;
    if (!find(binding, identity, &index))
        return error_set(err, ERROR_INVALID, "%.*s is not among what the plan changes (plan again)",
                         (int)identity.size, identity.data);
    const struct value *planned = &binding->bound->object.members[index].value;
    if (!binding->met[index] && !value_equal(planned, before))
        return refuse_stale(binding, identity, planned, before, pool, err);
    binding->met[index] = true;
    return true;
}

static bool prepare(struct catalogue *catalogue, const struct value *request,
                    const struct plan *plan, const struct value *observed, struct value *before,
                    struct value *after, struct value *undo, struct pool *pool, struct error *err)
{
    return catalogue_front_prepare(catalogue, request, plan, observed, before, after, undo, pool,
                                   err) &&
           (goes_along(self_of(catalogue), plan, undo) ||
            check(self_of(catalogue), plan->identity, before, pool, err));
}

bool plan_binding_init(struct plan_binding *binding, struct catalogue *inner, struct host *host,
                       const struct value *plan_of_run, struct error *err)
{
    static const struct catalogue_ops ops = {
        .plan = catalogue_front_plan,
        .prepare = prepare,
        .state = catalogue_front_state,
        .guard = catalogue_front_guard,
        .steady = catalogue_front_steady,
        .passes = catalogue_front_passes,
        .steps = catalogue_front_steps,
        .join = catalogue_front_join,
    };
    const struct value *bound = value_get(plan_of_run, "bound");
    *binding = (struct plan_binding){{{&ops}, inner}, host, bound, NULL};
    if (!bound || bound->kind != VALUE_OBJECT)
        return error_set(err, ERROR_DAMAGED, "the plan of a run says to what it is bound");
    binding->met = calloc(bound->object.count + 1, sizeof *binding->met);
    return binding->met || error_set(err, ERROR_LIMIT, "out of memory for the plan");
}

void plan_binding_clear(struct plan_binding *binding)
{
    free(binding->met);
    binding->met = NULL;
}
