/* What a person asks of a run: abort, pause, resume, promote, approve, reject. Each is a record
 * before it is done, so that a replay meets it at the same place. */
#include "engine/requests.h"

#include "engine/approval.h"
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

static bool applies(struct engine *engine, enum request request, const struct value *asked)
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
    case REQUEST_APPROVE:
    case REQUEST_REJECT:
        return approval_meant(engine, asked) != NULL;
    }
    return false;
}

/* --- what is done ---------------------------------------------------------------------------- */

static bool resume(struct engine *engine, struct error *err)
{
    struct operation *operation = NULL;
    engine->paused = false;
    while ((operation = engine_next(engine, operation))) {
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
    while ((operation = engine_next(engine, operation))) {
        if (is_wait(operation) && !operation->end(engine, operation, NULL, err))
            return false;
    }
    return true;
}

static bool carry_out(struct engine *engine, enum request request, const struct value *asked,
                      struct error *err)
{
    struct slice by = value_get_slice(asked, "by", "somebody");
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
    case REQUEST_APPROVE:
        return approval_give(engine, approval_meant(engine, asked), asked, err);
    case REQUEST_REJECT:
        return approval_refuse(engine, approval_meant(engine, asked), asked);
    }
    return false;
}

/* What is said of an approval, beside what every request says. */
static size_t put_approval(struct member *members, const struct value *asked)
{
    static const char *const names[] = {"approval", "why"};
    size_t count = 0;
    for (size_t i = 0; i < RECORD_COUNT(names); i++) {
        const struct value *said = value_get(asked, names[i]);
        if (said)
            members[count++] = (struct member){slice_of(names[i]), *said};
    }
    return count;
}

bool requests_take(struct engine *engine, const struct event *event, struct error *err)
{
    enum request request = (enum request)event->id;
    struct slice by = value_get_slice(&event->value, "by", "somebody");
    bool applied = applies(engine, request, &event->value);
    enum { COMMON = 4 };
    struct member members[COMMON + 2] = {
        {slice_of("applied"), value_boolean(applied)},
        {slice_of("at"), value_integer(value_get_integer(&event->value, "at", 0))},
        {slice_of("by"), value_string(by)},
        {slice_of("request"), value_text(request_name(request))},
    };
    size_t count = COMMON + put_approval(members + COMMON, &event->value);
    return (!engine->ledger.begun || engine_record(engine, JOURNAL_REQUEST, members, count, err)) &&
           (!applied || carry_out(engine, request, &event->value, err));
}
