/* The policy's side of a run: its branches, what each of them does next, and what it is answered.
 */
#include "engine/steps.h"

#include "base/array.h"
#include "engine/effects.h"
#include "engine/watch.h"

#include <assert.h>
#include <string.h>

enum { OPERATIONS_MAX = 4096, EFFECTS_MAX = 10000 };

static struct operation *new_operation(struct engine *engine, struct error *err)
{
    for (size_t i = 0; i < engine->operation_count; i++) {
        if (!engine->operations[i].active)
            return &engine->operations[i];
    }
    if (engine->operation_count == OPERATIONS_MAX) {
        error_set(err, ERROR_LIMIT, "more than %d effects at a time", OPERATIONS_MAX);
        return NULL;
    }
    if (!array_reserve(&engine->operations, &engine->operation_capacity, engine->operation_count,
                       sizeof *engine->operations, "the run", err))
        return NULL;
    return &engine->operations[engine->operation_count++];
}

static bool take_effect(struct engine *engine, const struct sandbox_step *step, struct error *err)
{
    if (engine->next_id > EFFECTS_MAX)
        return error_set(err, ERROR_LIMIT, "the policy asked for more than %d effects",
                         EFFECTS_MAX);
    struct value *effect = pool_alloc(&engine->pool, sizeof *effect, err);
    struct operation *operation = effect ? new_operation(engine, err) : NULL;
    if (!operation)
        return false;
    *effect = step->value;
    *operation = (struct operation){
        .active = true, .id = engine->next_id++, .branch = step->branch, .effect = effect};
    return effects_begin(engine, operation, err);
}

bool steps_add_branch(struct engine *engine, int parent, int slot, struct error *err)
{
    if (!array_reserve(&engine->branches, &engine->branch_capacity, engine->branch_count,
                       sizeof *engine->branches, "the run", err))
        return false;
    engine->branches[engine->branch_count] = (struct branch){
        .parent = parent, .slot = slot, .group = (int)engine->branch_count - slot};
    engine->branch_count++;
    return true;
}

static bool take_parallel(struct engine *engine, const struct sandbox_step *step, struct error *err)
{
    struct value *returned = pool_alloc(&engine->pool, sizeof *returned, err);
    if (!returned || !value_array(returned, (size_t)step->count, &engine->pool, err))
        return false;
    engine->branches[step->branch].returned = returned;
    engine->branches[step->branch].waiting_for = step->count;
    for (int i = 0; i < step->count; i++) {
        assert((size_t)(step->first + i) == engine->branch_count);
        if (!steps_add_branch(engine, step->branch, i, err) ||
            !engine_make_ready(engine, step->first + i, NULL, err))
            return false;
    }
    return step->count > 0 || engine_make_ready(engine, step->branch, returned, err);
}

static bool take_return(struct engine *engine, const struct sandbox_step *step, struct error *err)
{
    struct branch *branch = &engine->branches[step->branch];
    branch->over = true;
    if (branch->parent < 0) {
        engine->finished = true;
        return true;
    }
    if (branch->slot == 0 && !watch_end_beside(engine, branch->group, err))
        return false;
    struct branch *parent = &engine->branches[branch->parent];
    parent->returned->array.items[branch->slot] = step->value;
    if (--parent->waiting_for > 0)
        return true;
    return engine_make_ready(engine, branch->parent, parent->returned, err);
}

static bool take_failure(struct engine *engine, const struct sandbox_step *step)
{
    enum run_cause cause = step->state == SANDBOX_SPENT  ? CAUSE_BUDGET
                           : step->state == SANDBOX_DIED ? CAUSE_CRASH
                                                         : CAUSE_ERROR;
    if (engine->stop == CAUSE_NONE) {
        memcpy(engine->result->chunk, step->chunk, sizeof step->chunk);
        engine->result->line = step->line;
    }
    return engine_stop(engine, cause, "%s", step->error.message);
}

bool steps_any(const struct engine *engine)
{
    return engine->stepped || engine->ready_first < engine->ready_count;
}

void steps_start(struct engine *engine)
{
    struct script *script = engine->params.script;
    script->ops->start(script, engine->params.arguments, &engine->step, &engine->pool);
    engine->stepped = true;
}

void steps_resume(struct engine *engine)
{
    struct ready ready = engine->ready[engine->ready_first++];
    struct script *script = engine->params.script;
    script->ops->resume(script, ready.branch, ready.result, &engine->step, &engine->pool);
    engine->stepped = true;
}

bool steps_silent(const struct engine *engine)
{
    return engine->step.state == SANDBOX_PARALLEL || engine->step.state == SANDBOX_RETURNED;
}

bool steps_take(struct engine *engine, struct error *err)
{
    const struct sandbox_step *step = &engine->step;
    engine->stepped = false;
    switch (step->state) {
    case SANDBOX_EFFECT:
        return take_effect(engine, step, err);
    case SANDBOX_PARALLEL:
        return take_parallel(engine, step, err);
    case SANDBOX_RETURNED:
        return take_return(engine, step, err);
    case SANDBOX_RAISED:
    case SANDBOX_SPENT:
    case SANDBOX_DIED:
        return take_failure(engine, step);
    }
    return false;
}
