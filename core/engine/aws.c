/* AWS reads and mutations. A mutation takes four steps: observe, record the intent, send, record
 * what became of it; a lost answer adds a fifth, the landed-probe. */
#include "engine/aws.h"

#include "engine/governed.h"
#include "engine/home.h"
#include "engine/look.h"

#include <stdio.h>

/* AWS that is not there, throttles or has a fault says nothing of what was asked for. */
static void note_unreached(struct engine *engine, const struct event *event)
{
    engine->unreached = look_passes(engine, event);
}

static bool finish_read(struct engine *engine, struct operation *operation,
                        const struct event *event, struct error *err)
{
    note_unreached(engine, event);
    return engine_answer(engine, operation, event->outcome, &event->value, err);
}

static bool begin_read(struct engine *engine, struct operation *operation, struct error *err)
{
    operation->next = finish_read;
    return engine_record_effect(engine, operation, err) &&
           engine_call(engine, event_id(operation->id, PHASE_CALL), &operation->request, err);
}

static bool shows(struct engine *engine, const struct operation *operation,
                  const struct event *event, struct error *err)
{
    struct value state;
    const struct ledger_change *change = NULL;
    struct catalogue *catalogue = engine->params.catalogue;
    for (size_t i = 0; i < engine->ledger.count; i++) {
        if (engine->ledger.changes[i].id == operation->id)
            change = &engine->ledger.changes[i];
    }
    return change && event->outcome == OUTCOME_OK &&
           catalogue->ops->state(catalogue, change->operation, change->input, &event->value, &state,
                                 &engine->pool, err) &&
           governed_landed(change, &state);
}

/* The change holds everywhere some time after it is known what became of it, which does not matter:
 * the period in which it was sent is a doubtful one. */
static void note_shifted(struct engine *engine, const struct operation *operation)
{
    int64_t holds = engine_now(engine) + operation->plan.settle;
    engine->answered = engine_now(engine);
    engine->shifted = holds > engine->shifted ? holds : engine->shifted;
}

/* The answer was lost: what the resource looks like now decides. */
static bool finish_probe(struct engine *engine, struct operation *operation,
                         const struct event *event, struct error *err)
{
    operation->sent = false;
    note_shifted(engine, operation);
    if (shows(engine, operation, event, err))
        return engine_answer(engine, operation, OUTCOME_OK, &event->value, err);
    struct slice name = value_get_slice(operation->effect, "operation", "");
    if (!engine_answer(engine, operation, OUTCOME_UNKNOWN, &operation->lost, err))
        return false;
    return engine_stop(engine, CAUSE_ERROR,
                       "the answer to %.*s was lost, and it does not show that it took effect",
                       (int)name.size, name.data);
}

static bool finish_mutation(struct engine *engine, struct operation *operation,
                            const struct event *event, struct error *err)
{
    if (event->outcome != OUTCOME_UNKNOWN) {
        operation->sent = false;
        note_shifted(engine, operation);
        return engine_answer(engine, operation, event->outcome, &event->value, err);
    }
    operation->lost = event->value;
    operation->next = finish_probe;
    return engine_call(engine, event_id(operation->id, PHASE_PROBE), &operation->plan.observe, err);
}

/* Which branch it is of which group, from the outermost on: what is put back side by side. */
static bool places_of(struct engine *engine, int branch, struct value *out, struct error *err)
{
    size_t depth = 0;
    for (int up = branch; up > 0; up = engine->branches[up].parent)
        depth++;
    if (!value_array(out, depth, &engine->pool, err))
        return false;
    for (; depth > 0; branch = engine->branches[branch].parent) {
        struct value *place = &out->array.items[--depth];
        if (!value_array(place, 2, &engine->pool, err))
            return false;
        place->array.items[0] = value_integer(engine->branches[branch].group);
        place->array.items[1] = value_integer(branch);
    }
    return true;
}

static bool record_intent(struct engine *engine, const struct operation *operation,
                          const struct value *observed, const struct value *before,
                          const struct value *after, const struct value *undo, struct error *err)
{
    struct member members[] = {
        {slice_of("after"), *after},
        {slice_of("before"), *before},
        {slice_of("branch"), value_integer(operation->branch)},
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("identity"), value_string(operation->plan.identity)},
        {slice_of("observe"), operation->plan.observe},
        {slice_of("observed"), *observed},
        {slice_of("request"), *operation->effect},
        {slice_of("settle"), value_integer(operation->plan.settle)},
        {slice_of("undo"), *undo},
        {slice_of("fleeting"), value_boolean(true)}, /* only these three where they are so */
        {slice_of("within"), value_null()},
        {slice_of("names"), value_null()},
    };
    size_t count = RECORD_COUNT(members) - 3 + operation->plan.fleeting;
    if (operation->learned.kind != VALUE_NULL)
        members[count++] = (struct member){slice_of("names"), operation->learned};
    if (operation->branch > 0) {
        members[count].name = slice_of("within");
        if (!places_of(engine, operation->branch, &members[count++].value, err))
            return false;
    }
    return engine_record(engine, JOURNAL_EFFECT, members, count, err);
}

/* An intent that is refused for what was observed: the observation is kept, as the refusal rests on
 * it. */
static bool record_refused(struct engine *engine, struct operation *operation,
                           const struct value *observed, struct error *err)
{
    if (!engine_bound_refused(engine, operation, err))
        return false;
    struct member members[] = {
        {slice_of("branch"), value_integer(operation->branch)},
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("observed"), *observed},
        {slice_of("request"), *operation->effect},
        {slice_of("names"), operation->learned},
    };
    bool none = operation->learned.kind == VALUE_NULL;
    if (!engine->params.journal)
        return engine_record_effect(engine, operation, err);
    return engine_record(engine, JOURNAL_EFFECT, members, RECORD_COUNT(members) - none, err);
}

static bool refuse_conflict(struct engine *engine, struct operation *operation,
                            const struct look *look, struct error *err)
{
    look_conflict(engine, look);
    return record_refused(engine, operation, &look->event->value, err) &&
           engine_reject(engine, operation, "conflict", engine->result->reason, err);
}

static bool after_observe(struct engine *engine, struct operation *operation,
                          const struct event *event, struct error *err);

static bool look_again(struct engine *engine, struct operation *operation,
                       const struct event *event, struct error *err)
{
    (void)event;
    operation->next = after_observe;
    return engine_call(engine, event_id(operation->id, PHASE_PROBE), &operation->plan.observe, err);
}

/* The resource was ours before and now shows a state that is not what we last made: to write over
 * it would be to lose what somebody else did, and to put it back later too. What was there before
 * may be a read that lags behind our write: then it shows something else a moment later. */
static bool take_odd(struct engine *engine, struct operation *operation, const struct look *look,
                     struct error *err)
{
    struct world *world = engine->params.world;
    int64_t now = engine_now(engine);
    operation->odd_at = operation->odd_at ? operation->odd_at : now;
    int64_t left = operation->odd_at + look->change->settle - now;
    int64_t pause = left < LOOK_PAUSE ? left : LOOK_PAUSE;
    if (look->whose == OWNERSHIP_FOREIGN || left <= 0)
        return refuse_conflict(engine, operation, look, err);
    operation->next = look_again;
    return look_record(engine, look, look_found(look), pause, err) &&
           world->ops->timer(world, event_id(operation->id, PHASE_TIMER), now + pause, err);
}

/* Whether its resource shows what the run's last change of it made; it may be the first. */
static bool is_odd(struct engine *engine, const struct operation *operation,
                   const struct event *event, struct look *look, bool *odd, struct error *err)
{
    const struct ledger *ledger = &engine->ledger;
    struct slice identity = operation->plan.identity;
    *look = (struct look){
        .change = ledger_last(ledger, identity), .id = operation->id, .event = event, .seen = true};
    *odd = look->change && !operation->plan.fleeting;
    if (!*odd)
        return true;
    if (!look_state(engine, look->change, &event->value, &look->state, &engine->pool, err))
        return false;
    look->whose = ownership_of(ledger, identity, &look->state);
    *odd = !ownership_is_last(ledger, identity, &look->state);
    return true;
}

static bool refuse_observed(struct engine *engine, struct operation *operation,
                            const struct event *event, const struct error *why, struct error *err)
{
    return record_refused(engine, operation, &event->value, err) &&
           engine_reject(engine, operation, "invalid", why->message, err);
}

static bool send_change(struct engine *engine, const struct operation *operation, struct error *err)
{
    struct world *world = engine->params.world;
    int64_t id = event_id(operation->id, PHASE_CALL);
    if (!world->ops->change || !engine->params.journal)
        return engine_call(engine, id, &operation->request, err);
    return world->ops->change(world, id, &operation->request, operation->plan.identity,
                              engine->params.journal->next_seq - 1, err);
}

/* From now on the traffic of a target that is not being watched may be shifted. What is changed
 * while it is watched is another branch's. */
static void note_shifting(struct engine *engine)
{
    int64_t now = engine_now(engine);
    for (struct panel *panel = engine->panels; panel; panel = panel->next) {
        if (panel->shift_began < 0 && panel->heard.ended >= panel->heard.began)
            panel->shift_began = now;
    }
}

/* Nothing forward is sent while the run is paused, and what was observed does not stay true. */
static bool after_observe(struct engine *engine, struct operation *operation,
                          const struct event *event, struct error *err)
{
    struct catalogue *catalogue = engine->params.catalogue;
    struct look look;
    struct value before, after, undo;
    if (engine->paused) {
        operation->stale = true;
        return true;
    }
    note_unreached(engine, event);
    if (event->outcome != OUTCOME_OK)
        return engine_record_effect(engine, operation, err) &&
               engine_answer(engine, operation, OUTCOME_REJECTED, &event->value, err);
    if (!catalogue->ops->prepare(catalogue, &operation->request, &operation->plan, &event->value,
                                 &before, &after, &undo, &engine->pool, err)) {
        struct error why = *err;
        return err->code == ERROR_INVALID && refuse_observed(engine, operation, event, &why, err);
    }
    bool odd;
    if (!is_odd(engine, operation, event, &look, &odd, err))
        return false;
    if (odd)
        return take_odd(engine, operation, &look, err);
    if (!record_intent(engine, operation, &event->value, &before, &after, &undo, err))
        return false;
    operation->next = finish_mutation;
    engine->result->mutations++;
    note_shifting(engine);
    operation->sent = send_change(engine, operation, err);
    return operation->sent;
}

bool aws_observe(struct engine *engine, struct operation *operation, struct error *err)
{
    operation->next = after_observe;
    operation->stale = false;
    return engine_call(engine, event_id(operation->id, PHASE_OBSERVE), &operation->plan.observe,
                       err);
}

/* What is sent: the effect's operation and input, to where the resource is. */
static bool make_request(struct engine *engine, struct operation *operation, struct error *err)
{
    struct slice region = operation->plan.region;
    struct member members[] = {
        {slice_of("input"), *value_get(operation->effect, "input")},
        {slice_of("operation"), *value_get(operation->effect, "operation")},
        {slice_of("region"), value_string(region)},
    };
    return record_object(&operation->request, members, RECORD_COUNT(members) - (region.size == 0),
                         &engine->pool, err);
}

/* It was nobody else's before the look that the change will rest on. */
static bool claim(struct engine *engine, const struct operation *operation, struct error *err)
{
    struct world *world = engine->params.world;
    struct slice identity = operation->plan.identity;
    return !world->ops->claim || ledger_first(&engine->ledger, identity) ||
           world->ops->claim(world, operation->effect, identity, err);
}

static bool refuse_locked(struct engine *engine, struct operation *operation, struct error *err)
{
    struct error why = *err;
    return engine_refuse(engine, operation, WORLD_LOCKED, why.message, err) &&
           engine_stop(engine, CAUSE_LOCKED, "%s", why.message);
}

/* Once again where AWS had to be asked which resource it is. */
static bool make_plan(struct engine *engine, struct operation *operation, struct error *err)
{
    struct world *world = engine->params.world;
    struct catalogue *catalogue = engine->params.catalogue;
    struct plan *plan = &operation->plan;
    if (!catalogue->ops->plan(catalogue, operation->effect, &engine->home, plan, &engine->pool,
                              err))
        return false;
    bool known = plan->unknown.kind != VALUE_ARRAY || plan->unknown.array.count == 0;
    if (!plan->mutation || known || !world->ops->learn)
        return true;
    return world->ops->learn(world, operation->effect, &plan->unknown, &operation->learned,
                             &engine->pool, err) &&
           home_learn(&engine->home, &operation->learned, &engine->pool, err) &&
           catalogue->ops->plan(catalogue, operation->effect, &engine->home, plan, &engine->pool,
                                err);
}

static bool plan_failed(struct engine *engine, struct operation *operation, struct error *err)
{
    struct error why = *err;
    if (why.code == ERROR_ENDED) {
        engine_abandon(engine, operation);
        return true;
    }
    engine->unreached = why.code == ERROR_IO;
    return (engine->unreached || why.code == ERROR_INVALID) &&
           engine_refuse(engine, operation, "invalid", why.message, err);
}

bool aws_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *input = value_get(operation->effect, "input");
    struct slice name = value_get_slice(operation->effect, "operation", "");
    if (!input || input->kind != VALUE_OBJECT || name.size == 0)
        return engine_refuse(engine, operation, "invalid",
                             "an aws effect needs \"operation\" and an object \"input\"", err);
    if (!make_plan(engine, operation, err))
        return plan_failed(engine, operation, err);
    if (!make_request(engine, operation, err))
        return false;
    if (!operation->plan.mutation)
        return begin_read(engine, operation, err);
    if (claim(engine, operation, err))
        return aws_observe(engine, operation, err);
    return err->code == ERROR_CONFLICT && refuse_locked(engine, operation, err);
}
