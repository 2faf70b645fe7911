/* What a person asks of a run: abort, pause, resume, promote. Each is a record before it is done,
 * so that a replay meets it at the same place. */
#include "engine/requests.h"

#include "engine/aws.h"

/* --- whether it comes to anything ------------------------------------------------------------ */

static bool is_wait(const struct operation *operation)
{
    return operation->active && operation->end;
}

static bool any_wait(const struct engine *engine)
{
    for (size_t i = 0; i < engine->operation_count; i++) {
        if (is_wait(&engine->operations[i]))
            return true;
    }
    return false;
}

static bool applies(const struct engine *engine, enum request request)
{
    if (engine->stop != CAUSE_NONE)
        return false;
    switch (request) {
    case REQUEST_ABORT:
        return true;
    case REQUEST_PAUSE:
        return !engine->paused;
    case REQUEST_RESUME:
        return engine->paused;
    case REQUEST_PROMOTE:
        return engine->paused || any_wait(engine);
    case REQUEST_PROMOTE_FULL:
        return engine->paused || !engine->skips_waits || any_wait(engine);
    }
    return false;
}

/* --- what is done ---------------------------------------------------------------------------- */

/* The oldest operation that began after this one (0: of all); NULL if none did. Where operations
 * stand in memory is chance: what is done to several of them is done in the order of their ids. */
static struct operation *after(struct engine *engine, int64_t id)
{
    struct operation *next = NULL;
    for (size_t i = 0; i < engine->operation_count; i++) {
        struct operation *operation = &engine->operations[i];
        if (operation->active && operation->id > id && (!next || operation->id < next->id))
            next = operation;
    }
    return next;
}

static bool resume(struct engine *engine, struct error *err)
{
    struct operation *operation = NULL;
    engine->paused = false;
    while ((operation = after(engine, operation ? operation->id : 0))) {
        if (operation->stale && !aws_observe(engine, operation, err))
            return false;
    }
    return true;
}

static bool promote(struct engine *engine, struct error *err)
{
    struct operation *operation = NULL;
    if (!resume(engine, err))
        return false;
    while ((operation = after(engine, operation ? operation->id : 0))) {
        if (is_wait(operation) && !operation->end(engine, operation, NULL, err))
            return false;
    }
    return true;
}

static bool carry_out(struct engine *engine, enum request request, struct slice by,
                      struct error *err)
{
    switch (request) {
    case REQUEST_ABORT:
        return engine_stop(engine, CAUSE_PERSON, "%.*s asked for it", (int)by.size, by.data);
    case REQUEST_PAUSE:
        engine->paused = true;
        return true;
    case REQUEST_RESUME:
        return resume(engine, err);
    case REQUEST_PROMOTE_FULL:
        engine->skips_waits = true;
        return promote(engine, err);
    case REQUEST_PROMOTE:
        return promote(engine, err);
    }
    return false;
}

bool requests_take(struct engine *engine, const struct event *event, struct error *err)
{
    enum request request = (enum request)event->id;
    struct slice by = value_get_slice(&event->value, "by", "somebody");
    bool applied = applies(engine, request);
    struct member members[] = {
        {slice_of("applied"), value_boolean(applied)},
        {slice_of("at"), value_integer(value_get_integer(&event->value, "at", 0))},
        {slice_of("by"), value_string(by)},
        {slice_of("request"), value_text(request_name(request))},
    };
    return (!engine->ledger.begun ||
            engine_record(engine, JOURNAL_REQUEST, members, RECORD_COUNT(members), err)) &&
           (!applied || carry_out(engine, request, by, err));
}
