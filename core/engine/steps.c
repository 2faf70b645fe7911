/* The policy's side of a run: its branches, what each of them does next, and what it is answered.
 */
#include "engine/effects.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { OPERATIONS_MAX = 4096, EFFECTS_MAX = 10000 };

/* Grows an array of the engine; items are found by index, never by a pointer that is kept. */
static bool reserve(void **items, size_t *capacity, size_t count, size_t size, struct error *err)
{
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : 16;
    void *grown = realloc(*items, wanted * size);
    if (!grown)
        return error_set(err, ERROR_LIMIT, "out of memory for the run");
    *items = grown;
    *capacity = wanted;
    return true;
}

static bool make_ready(struct engine *engine, int branch, const struct value *result,
                       struct error *err)
{
    if (engine->ready_first == engine->ready_count)
        engine->ready_first = engine->ready_count = 0;
    if (!reserve((void **)&engine->ready, &engine->ready_capacity, engine->ready_count,
                 sizeof *engine->ready, err))
        return false;
    engine->ready[engine->ready_count++] = (struct ready){branch, result};
    return true;
}

bool effects_resume(struct engine *engine, struct operation *operation, const char *name,
                    const struct value *value, struct error *err)
{
    struct member member = {slice_of(name), *value};
    struct value *result = pool_alloc(&engine->pool, sizeof *result, err);
    operation->active = false;
    return result && record_object(result, &member, 1, &engine->pool, err) &&
           make_ready(engine, operation->branch, result, err);
}

bool engine_answer(struct engine *engine, struct operation *operation, enum outcome outcome,
                   const struct value *value, struct error *err)
{
    const char *name = outcome == OUTCOME_OK ? "value" : "error";
    bool kept = engine->params.journal || operation->plan.mutation;
    struct member members[] = {
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("outcome"), value_text(outcome_name(outcome))},
        {slice_of(name), *value},
    };
    if (kept && !engine_record(engine, JOURNAL_RESULT, members, RECORD_COUNT(members), err))
        return false;
    return effects_resume(engine, operation, name, value, err);
}

bool engine_reject(struct engine *engine, struct operation *operation, const char *code,
                   const char *message, struct error *err)
{
    struct slice text;
    struct value value;
    if (!pool_copy(&engine->pool, slice_of(message), &text, err))
        return false;
    struct member members[] = {{slice_of("code"), value_text(code)},
                               {slice_of("message"), value_string(text)}};
    if (!record_object(&value, members, RECORD_COUNT(members), &engine->pool, err))
        return false;
    if (!engine->ledger.begun)
        return effects_resume(engine, operation, "error", &value, err);
    return engine_answer(engine, operation, OUTCOME_REJECTED, &value, err);
}

bool engine_refuse(struct engine *engine, struct operation *operation, const char *code,
                   const char *message, struct error *err)
{
    return (!engine->ledger.begun || engine_record_effect(engine, operation, err)) &&
           engine_reject(engine, operation, code, message, err);
}

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
    if (!reserve((void **)&engine->operations, &engine->operation_capacity, engine->operation_count,
                 sizeof *engine->operations, err))
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
    if (!reserve((void **)&engine->branches, &engine->branch_capacity, engine->branch_count,
                 sizeof *engine->branches, err))
        return false;
    engine->branches[engine->branch_count++] = (struct branch){.parent = parent, .slot = slot};
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
            !make_ready(engine, step->first + i, NULL, err))
            return false;
    }
    return step->count > 0 || make_ready(engine, step->branch, returned, err);
}

static bool take_return(struct engine *engine, const struct sandbox_step *step, struct error *err)
{
    const struct branch *branch = &engine->branches[step->branch];
    if (branch->parent < 0) {
        engine->finished = true;
        return true;
    }
    struct branch *parent = &engine->branches[branch->parent];
    parent->returned->array.items[branch->slot] = step->value;
    if (--parent->waiting_for > 0)
        return true;
    return make_ready(engine, branch->parent, parent->returned, err);
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

bool steps_take(struct engine *engine, const struct sandbox_step *step, struct error *err)
{
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

bool steps_resume(struct engine *engine, struct error *err)
{
    struct sandbox_step step;
    struct ready ready = engine->ready[engine->ready_first++];
    struct script *script = engine->params.script;
    script->ops->resume(script, ready.branch, ready.result, &step, &engine->pool);
    return steps_take(engine, &step, err);
}
