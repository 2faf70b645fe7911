/* A run waits for a person. Who may answer is in the effect; who did, when and why in the REQUEST
 * record. Nobody's answer within the time is no answer: the run is rolled back for that, unless the
 * policy says that it goes on. */
#include "engine/approval.h"

#include "base/time.h"

#include <string.h>

enum { PERSONS_MAX = 32 };

/* --- who may --------------------------------------------------------------------------------- */

static bool check_persons(const struct value *from, struct error *err)
{
    bool ok = !from || (from->kind == VALUE_ARRAY && from->array.count <= PERSONS_MAX);
    for (size_t i = 0; ok && from && i < from->array.count; i++)
        ok = from->array.items[i].kind == VALUE_STRING && from->array.items[i].string.size > 0;
    return ok ||
           error_set(err, ERROR_INVALID, "approval: \"from\" must be up to %d names", PERSONS_MAX);
}

/* People are told as "ann on ci-7". */
static bool is_person(struct slice by, struct slice name)
{
    static const char on[] = " on ";
    size_t size = sizeof on - 1;
    return by.size >= name.size + size && memcmp(by.data, name.data, name.size) == 0 &&
           memcmp(by.data + name.size, on, size) == 0;
}

static bool may_give(const struct operation *operation, struct slice by)
{
    const struct value *from = value_get(operation->effect, "from");
    for (size_t i = 0; from && i < from->array.count; i++) {
        if (is_person(by, from->array.items[i].string))
            return true;
    }
    return !from || from->array.count == 0;
}

/* --- the wait -------------------------------------------------------------------------------- */

static bool goes_on(const struct operation *operation)
{
    return value_is_text(value_get(operation->effect, "otherwise"), "go on");
}

static bool answer(struct engine *engine, struct operation *operation, bool approved,
                   struct error *err)
{
    struct member member = {slice_of("approved"), value_boolean(approved)};
    struct value value;
    return record_object(&value, &member, 1, &engine->pool, err) &&
           engine_answer(engine, operation, OUTCOME_OK, &value, err);
}

static bool on_expiry(struct engine *engine, struct operation *operation, const struct event *event,
                      struct error *err)
{
    char within[32];
    (void)event;
    time_format_duration(within, value_get_integer(operation->effect, "within", 0));
    return answer(engine, operation, false, err) &&
           (goes_on(operation) ||
            engine_stop(engine, CAUSE_UNAPPROVED, "nobody approved it within %s", within));
}

struct operation *approval_meant(struct engine *engine, const struct value *request)
{
    int64_t id = value_get_integer(request, "approval", -1);
    for (size_t i = 0; i < engine->operation_count; i++) {
        struct operation *operation = &engine->operations[i];
        if (operation->active && operation->id == id && operation->next == on_expiry)
            return may_give(operation, value_get_slice(request, "by", "")) ? operation : NULL;
    }
    return NULL;
}

bool approval_give(struct engine *engine, struct operation *operation, const struct value *request,
                   struct error *err)
{
    (void)request; /* its record says who, when and why: the policy need not know */
    return answer(engine, operation, true, err);
}

bool approval_refuse(struct engine *engine, struct operation *operation,
                     const struct value *request)
{
    struct slice by = value_get_slice(request, "by", "somebody");
    struct slice why = value_get_slice(request, "why", "");
    operation->active = false;
    return engine_stop(engine, CAUSE_PERSON, "%.*s rejected it%s%.*s", (int)by.size, by.data,
                       why.size ? ": " : "", (int)why.size, why.data);
}

static bool check(struct engine *engine, const struct operation *operation, struct error *err)
{
    const struct value *message = value_get(operation->effect, "message");
    int64_t within = value_get_integer(operation->effect, "within", -1);
    if (within <= 0 || within > EFFECT_DURATION_MAX)
        return error_set(err, ERROR_INVALID,
                         "approval: \"within\" must be a duration above 0, at most 366 days");
    if (engine_now(engine) + within > JOURNAL_TIME_MAX)
        return error_set(err, ERROR_INVALID, "approval: it would end after the year 9999");
    if (message && message->kind != VALUE_STRING)
        return error_set(err, ERROR_INVALID, "approval: \"message\" must be text");
    return check_persons(value_get(operation->effect, "from"), err);
}

static bool wait(struct engine *engine, struct operation *operation, struct error *err)
{
    struct world *world = engine->params.world;
    int64_t until = engine_now(engine) + value_get_integer(operation->effect, "within", 0);
    operation->next = on_expiry;
    operation->end = NULL; /* who cuts waits short has not approved of anything */
    return world->ops->timer(world, event_id(operation->id, PHASE_TIMER), until, err) &&
           (!world->ops->approval ||
            world->ops->approval(world, operation->id, operation->effect, err));
}

/* A rehearsal shows the course in which it is given. */
bool approval_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    if (!check(engine, operation, err)) {
        if (err->code != ERROR_INVALID)
            return false;
        return engine_refuse(engine, operation, "invalid", err->message, err);
    }
    if (!engine_record_effect(engine, operation, err))
        return false;
    return engine->params.rehearsal ? answer(engine, operation, true, err)
                                    : wait(engine, operation, err);
}
