/* The lower half of the engine: what every effect needs of the run that it belongs to. */
#include "engine/engine_state.h"

#include "base/array.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int64_t engine_now(struct engine *engine)
{
    return engine->params.world->ops->now(engine->params.world);
}

struct operation *engine_next(struct engine *engine, const struct operation *operation)
{
    int64_t id = operation ? operation->id : 0;
    struct operation *next = NULL;
    for (size_t i = 0; i < engine->operation_count; i++) {
        struct operation *other = &engine->operations[i];
        if (other->active && other->id > id && (!next || other->id < next->id))
            next = other;
    }
    return next;
}

bool engine_stop(struct engine *engine, enum run_cause cause, const char *format, ...)
{
    char reason[ERROR_MESSAGE_MAX];
    va_list arguments;
    if (engine->stop != CAUSE_NONE)
        return true;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    memcpy(engine->result->reason, reason, sizeof reason);
    engine->stop = cause;
    engine->result->cause = cause;
    return true;
}

/* Of all records of a rollback, and for each resource: looks and undos hold about what its EFFECT
 * record does, and those of an outage are many and short. */
enum { WAY_BACK_BYTES = 64 << 10, RESOURCE_BYTES = 32 << 10, EFFECT_TIMES = 32 };

static size_t way_back_of(const struct engine *engine, enum journal_kind kind,
                          const struct value *body, size_t size)
{
    struct slice identity = value_get_slice(body, "identity", "");
    bool first = kind == JOURNAL_EFFECT && identity.size > 0 &&
                 !ledger_first(&engine->ledger, identity);
    return first ? RESOURCE_BYTES + EFFECT_TIMES * size : 0;
}

static bool is_of_change(const struct engine *engine, const struct value *body)
{
    int64_t id = value_get_integer(body, "id", -1);
    for (size_t i = engine->ledger.count; i-- > 0;) {
        if (engine->ledger.changes[i].id == id)
            return true;
    }
    return false;
}

/* A step forward is written down only where there will be space for the way back. What came of a
 * change is part of the way back: it is never kept from the journal. */
static bool is_step(const struct engine *engine, enum journal_kind kind, const struct value *body)
{
    if (engine->stop != CAUSE_NONE || engine->ledger.rolling_back)
        return false;
    return kind == JOURNAL_RUN || kind == JOURNAL_BEGIN || kind == JOURNAL_EFFECT ||
           kind == JOURNAL_TICK || (kind == JOURNAL_RESULT && !is_of_change(engine, body));
}

static bool reserve(struct engine *engine, enum journal_kind kind, const struct value *body,
                    struct error *err)
{
    enum { LINE = 512 }; /* what a line has around its body */
    size_t size = buffer_slice(&engine->text).size + LINE;
    size_t way_back = engine->way_back + way_back_of(engine, kind, body, size);
    if (!is_step(engine, kind, body))
        return true;
    if (!journal_reserve(engine->params.journal, size + WAY_BACK_BYTES + way_back, err))
        return false;
    engine->way_back = way_back;
    return true;
}

/* What is deeper than a line may be would be written, and never be read again. */
static bool append(struct engine *engine, enum journal_kind kind, int64_t at,
                   const struct value *body, struct error *err)
{
    buffer_empty(&engine->text);
    if (value_depth(body) >= VALUE_DEPTH_MAX)
        return error_set(err, ERROR_LIMIT, "a journal record of more than %d levels of nesting",
                         VALUE_DEPTH_MAX);
    return value_write(body, &engine->text, err) && reserve(engine, kind, body, err) &&
           journal_append(engine->params.journal, kind, at, buffer_slice(&engine->text), err);
}

/* The RUN record waits for BEGIN: a policy that is refused leaves nothing behind. */
static bool append_header(struct engine *engine, int64_t at, struct error *err)
{
    const struct engine_params *params = &engine->params;
    if (!append(engine, JOURNAL_RUN, at, params->header, err))
        return false;
    if (params->observe)
        params->observe(params->context, JOURNAL_RUN, at, params->header,
                        journal_last_line(params->journal));
    return true;
}

bool engine_record(struct engine *engine, enum journal_kind kind, const struct member *members,
                   size_t count, struct error *err)
{
    const struct engine_params *params = &engine->params;
    struct value body;
    struct slice line = {0};
    int64_t at = engine_now(engine);
    bool passing = kind == JOURNAL_TICK || kind == JOURNAL_PROBE; /* the ledger keeps none of it */
    struct pool *pool = passing ? &engine->scratch : &engine->pool;
    if (!record_object(&body, members, count, pool, err))
        return false;
    if (params->journal) {
        if (kind == JOURNAL_BEGIN && !append_header(engine, at, err))
            return false;
        if (!append(engine, kind, at, &body, err))
            return false;
        line = journal_last_line(params->journal);
    }
    if (!ledger_apply(&engine->ledger, kind, at, &body, err))
        return false;
    if (params->observe)
        params->observe(params->context, kind, at, &body, line);
    return true;
}

bool engine_record_effect(struct engine *engine, const struct operation *operation,
                          struct error *err)
{
    if (!engine->params.journal) {
        ledger_note_id(&engine->ledger, operation->id);
        return true;
    }
    struct member members[] = {
        {slice_of("branch"), value_integer(operation->branch)},
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("request"), *operation->effect},
        {slice_of("names"), operation->learned}, /* only where some were learned */
    };
    bool none = operation->learned.kind == VALUE_NULL;
    return engine_record(engine, JOURNAL_EFFECT, members, RECORD_COUNT(members) - none, err);
}

enum { REFUSED_SIZE_MAX = 4096, REFUSED_NAME_MAX = 100 };

/* Bytes that the text of a value has at most: a byte of a string is six where it is escaped. */
static size_t most_bytes(const struct value *value)
{
    enum { SCALAR = 32, BRACKETS = 2, AROUND = 4, ESCAPED = 6 };
    size_t sum = BRACKETS;
    if (value->kind == VALUE_STRING)
        return ESCAPED * value->string.size + BRACKETS;
    if (value->kind == VALUE_ARRAY) {
        for (size_t i = 0; i < value->array.count; i++)
            sum += AROUND + most_bytes(&value->array.items[i]);
        return sum;
    }
    if (value->kind != VALUE_OBJECT)
        return SCALAR;
    for (size_t i = 0; i < value->object.count; i++) {
        const struct member *member = &value->object.members[i];
        sum += AROUND + ESCAPED * member->name.size + most_bytes(&member->value);
    }
    return sum;
}

/* Leaves its text behind, if it is large. */
bool engine_is_large(struct engine *engine, const struct value *effect, bool *large,
                     struct error *err)
{
    *large = false;
    if (most_bytes(effect) <= REFUSED_SIZE_MAX)
        return true;
    buffer_empty(&engine->text);
    if (!value_write(effect, &engine->text, err))
        return false;
    *large = engine->text.size > REFUSED_SIZE_MAX;
    return true;
}

static void keep_name(struct member *members, size_t *count, const struct value *effect,
                      const char *name)
{
    struct slice text = value_get_slice(effect, name, "");
    if (text.size > 0 && text.size <= REFUSED_NAME_MAX)
        members[(*count)++] = (struct member){slice_of(name), value_string(text)};
}

/* {"kind","operation","omitted":{"bytes","sha256"}} */
static bool omit(struct engine *engine, const struct value *effect, struct value *out,
                 struct error *err)
{
    struct slice text = buffer_slice(&engine->text);
    char hash[DIGEST_HEX_SIZE + 1];
    struct slice kept;
    struct value omitted;
    struct member members[3];
    size_t count = 0;
    digest_hex(hash, &text, 1);
    if (!pool_copy(&engine->pool, slice_of(hash), &kept, err))
        return false;
    struct member what[] = {{slice_of("bytes"), value_integer((int64_t)text.size)},
                            {slice_of("sha256"), value_string(kept)}};
    keep_name(members, &count, effect, "kind");
    keep_name(members, &count, effect, "operation");
    if (!record_object(&omitted, what, RECORD_COUNT(what), &engine->pool, err))
        return false;
    members[count++] = (struct member){slice_of("omitted"), omitted};
    return record_object(out, members, count, &engine->pool, err);
}

bool engine_bound_refused(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *effect = operation->effect;
    bool large = false;
    if (engine->params.journal && !engine_is_large(engine, effect, &large, err))
        return false;
    if (!large)
        return true;
    struct value *bounded = pool_alloc(&engine->pool, sizeof *bounded, err);
    operation->effect = bounded;
    return bounded && omit(engine, effect, bounded, err);
}

bool engine_call(struct engine *engine, int64_t event, const struct value *request,
                 struct error *err)
{
    struct world *world = engine->params.world;
    return world->ops->call(world, event, request, err);
}

/* A failure of ours that is not of the storage (a value too large, an effect too many) still lets
 * the journal take records: then the way back is open, and taken. */
bool engine_can_record(const struct engine *engine, const struct error *err)
{
    bool broken = engine->params.journal && engine->params.journal->failed;
    return err->code != ERROR_KILLED && !broken;
}

bool engine_make_ready(struct engine *engine, int branch, const struct value *result,
                       struct error *err)
{
    if (engine->ready_first == engine->ready_count)
        engine->ready_first = engine->ready_count = 0;
    if (!array_reserve(&engine->ready, &engine->ready_capacity, engine->ready_count,
                       sizeof *engine->ready, "the run", err))
        return false;
    engine->ready[engine->ready_count++] = (struct ready){branch, result};
    return true;
}

bool engine_resume(struct engine *engine, struct operation *operation, const char *name,
                   const struct value *value, struct error *err)
{
    struct member member = {slice_of(name), *value};
    struct value *result = pool_alloc(&engine->pool, sizeof *result, err);
    operation->active = false;
    return result && record_object(result, &member, 1, &engine->pool, err) &&
           engine_make_ready(engine, operation->branch, result, err);
}

static bool record_result(struct engine *engine, const struct operation *operation,
                          enum outcome outcome, const char *name, const struct value *value,
                          struct error *err)
{
    bool kept = engine->params.journal || operation->plan.mutation;
    struct member members[] = {
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("outcome"), value_text(outcome_name(outcome))},
        {slice_of(name), *value},
    };
    return !kept || engine_record(engine, JOURNAL_RESULT, members, RECORD_COUNT(members), err);
}

bool engine_answer(struct engine *engine, struct operation *operation, enum outcome outcome,
                   const struct value *value, struct error *err)
{
    const char *name = outcome == OUTCOME_OK ? "value" : "error";
    return record_result(engine, operation, outcome, name, value, err) &&
           engine_resume(engine, operation, name, value, err);
}

bool engine_tell(struct engine *engine, struct operation *operation, const struct value *value,
                 const struct value *told, struct error *err)
{
    return record_result(engine, operation, OUTCOME_OK, "value", value, err) &&
           engine_resume(engine, operation, "value", told, err);
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
        return engine_resume(engine, operation, "error", &value, err);
    return engine_answer(engine, operation, OUTCOME_REJECTED, &value, err);
}

bool engine_refuse(struct engine *engine, struct operation *operation, const char *code,
                   const char *message, struct error *err)
{
    return (!engine->ledger.begun || (engine_bound_refused(engine, operation, err) &&
                                      engine_record_effect(engine, operation, err))) &&
           engine_reject(engine, operation, code, message, err);
}

static bool ignore(struct engine *engine, struct operation *operation, const struct event *event,
                   struct error *err)
{
    (void)engine;
    (void)operation;
    (void)event;
    (void)err;
    return true;
}

void engine_abandon(struct engine *engine, struct operation *operation)
{
    engine->abandoned = true;
    operation->next = ignore;
    operation->end = NULL;
}
