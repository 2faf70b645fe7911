/* The answers: which of the things that are waited for led to the record at the cursor. */
#include "world/replayed_answers.h"

#include "base/array.h"
#include "engine/engine.h"
#include "engine/record.h"
#include "world/replayed_changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct replayed *self_of(struct world *world)
{
    return (struct replayed *)world;
}

bool replayed_stop_life(struct error *err)
{
    return error_set(err, ERROR_KILLED, "the journal ends here");
}

bool replayed_differ(struct replayed *replayed, struct error *err, const char *why)
{
    replayed->different = true;
    snprintf(replayed->why, sizeof replayed->why, "%s", why);
    return error_set(err, ERROR_KILLED, "%s", why);
}

bool replayed_is_death(const struct journal_record *record)
{
    return record->kind == JOURNAL_ROLLBACK && !engine_is_taken_up(&record->body) &&
           value_is_text(value_get(&record->body, "cause"), run_cause_name(CAUSE_CRASH));
}

static int64_t world_now(struct world *world)
{
    return self_of(world)->now;
}

/* The run was at home where its BEGIN record says. */
static bool world_begin(struct world *world, const struct value *targets, struct value *home,
                        struct error *err)
{
    const struct replayed *replayed = self_of(world);
    (void)targets;
    (void)err;
    for (size_t i = replayed->cursor; i < replayed->limit; i++) {
        const struct journal_record *record = &replayed->scan->records[i];
        const struct value *found = value_get(&record->body, "home");
        if (record->kind == JOURNAL_BEGIN && found)
            *home = *found;
    }
    return true;
}

static bool await(struct replayed *replayed, struct awaited awaited, struct error *err)
{
    if (!array_reserve(&replayed->awaited, &replayed->awaited_capacity, replayed->awaited_count,
                       sizeof *replayed->awaited, "what is waited for", err))
        return false;
    replayed->awaited[replayed->awaited_count++] = awaited;
    return true;
}

static bool world_call(struct world *world, int64_t id, const struct value *request,
                       struct error *err)
{
    return await(self_of(world), (struct awaited){.id = id, .request = request}, err);
}

static bool world_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    return await(self_of(world), (struct awaited){.id = id, .at = at}, err);
}

static struct awaited *find(struct replayed *replayed, const struct journal_record *record,
                            enum event_phase phase)
{
    int64_t id = value_get_integer(&record->body, "id", -1);
    for (size_t i = 0; i < replayed->awaited_count; i++) {
        const struct awaited *awaited = &replayed->awaited[i];
        if (awaited->id == event_id(id, phase))
            return &replayed->awaited[i];
    }
    return NULL;
}

static struct awaited take(struct replayed *replayed, struct awaited *awaited)
{
    struct awaited taken = *awaited;
    size_t after = (size_t)(replayed->awaited + replayed->awaited_count - awaited) - 1;
    memmove(awaited, awaited + 1, after * sizeof *awaited);
    replayed->awaited_count--;
    return taken;
}

static enum outcome outcome_of(const struct value *body)
{
    enum outcome outcome = OUTCOME_UNKNOWN;
    bool known = outcome_parse(&outcome, value_get_slice(body, "outcome", ""));
    return known ? outcome : OUTCOME_UNKNOWN;
}

static struct value member_or_null(const struct value *body, const char *name)
{
    const struct value *member = value_get(body, name);
    return member ? *member : value_null();
}

/* {"outcome", "value" or "error"} */
static void answer(struct event *event, const struct value *body)
{
    event->outcome = outcome_of(body);
    event->value = member_or_null(body, event->outcome == OUTCOME_OK ? "value" : "error");
}

/* Before a look, which takes its time after the pause; other things may have happened since. */
static bool next_timer(struct replayed *replayed, const struct journal_record *record,
                       struct event *event)
{
    struct awaited *awaited = find(replayed, record, PHASE_TIMER);
    bool look = record->kind == JOURNAL_PROBE || record->kind == JOURNAL_EFFECT;
    if (!awaited)
        return false;
    struct awaited taken = take(replayed, awaited);
    *event = (struct event){.kind = EVENT_TIMER, .id = taken.id};
    if (look && taken.at < record->at)
        replayed->now = taken.at > record[-1].at ? taken.at : record[-1].at;
    return true;
}

/* The first look of a mutation, or any later one of its resource. */
static struct awaited *find_look(struct replayed *replayed, const struct journal_record *record)
{
    struct awaited *awaited = find(replayed, record, PHASE_OBSERVE);
    return awaited ? awaited : find(replayed, record, PHASE_PROBE);
}

static bool next_observed(struct replayed *replayed, const struct journal_record *record,
                          struct event *event)
{
    struct awaited *awaited = find_look(replayed, record);
    const struct value *asked = value_get(&record->body, "observe");
    const struct value *observed = value_get(&record->body, "observed");
    if (!awaited)
        return next_timer(replayed, record, event);
    if (asked && !value_equal(asked, awaited->request))
        return false; /* another resource: the journal does not know what it looked like */
    event->id = take(replayed, awaited).id;
    event->outcome = observed ? OUTCOME_OK : OUTCOME_REJECTED;
    event->value = observed ? *observed : value_null();
    if (!observed && replayed->cursor + 1 < replayed->limit)
        event->value = member_or_null(&record[1].body, "error");
    return true;
}

/* An answer that was lost is told from one that came late by what the journal made of it: a probe
 * that found the mutation is the answer itself. */
static bool next_result(struct replayed *replayed, const struct journal_record *record,
                        struct event *event)
{
    struct awaited *awaited = find(replayed, record, PHASE_CALL);
    if (!awaited)
        awaited = find(replayed, record, PHASE_PROBE);
    if (awaited) {
        event->id = take(replayed, awaited).id;
        answer(event, &record->body);
        return true;
    }
    awaited = find(replayed, record, PHASE_TIMER);
    if (awaited)
        *event = (struct event){.kind = EVENT_TIMER, .id = take(replayed, awaited).id};
    return awaited != NULL;
}

static bool next_probe(struct replayed *replayed, const struct journal_record *record,
                       struct event *event)
{
    struct awaited *awaited = find_look(replayed, record);
    if (!awaited)
        return next_timer(replayed, record, event);
    event->id = take(replayed, awaited).id;
    event->outcome = outcome_of(&record->body);
    event->value = member_or_null(&record->body, "observed");
    return true;
}

static bool next_undone(struct replayed *replayed, const struct journal_record *record,
                        struct event *event)
{
    struct awaited *awaited = find(replayed, record, PHASE_CALL);
    if (!awaited)
        return false;
    event->id = take(replayed, awaited).id;
    answer(event, &record->body);
    return true;
}

/* A ROLLBACK record that came from outside. */
static bool interrupt_of(const struct journal_record *record, int64_t *interrupt)
{
    static const struct {
        enum run_cause cause;
        enum interrupt interrupt;
    } rows[] = {{CAUSE_SIGINT, INTERRUPT_INT},
                {CAUSE_SIGTERM, INTERRUPT_TERM},
                {CAUSE_PERSON, INTERRUPT_PERSON},
                {CAUSE_CRASH, INTERRUPT_DEATH}};
    struct slice cause = value_get_slice(&record->body, "cause", "");
    for (size_t i = 0; record->kind == JOURNAL_ROLLBACK && i < RECORD_COUNT(rows); i++) {
        *interrupt = rows[i].interrupt;
        if (slice_is(cause, run_cause_name(rows[i].cause)))
            return true;
    }
    return false;
}

static bool next_interrupt(struct replayed *replayed, const struct journal_record *record,
                           struct event *event)
{
    if (replayed->interrupted == replayed->cursor)
        return false; /* once is enough, and the run does not stop for it */
    replayed->interrupted = replayed->cursor;
    event->kind = EVENT_INTERRUPT;
    event->value = member_or_null(&record->body, "reason");
    return interrupt_of(record, &event->id);
}

static bool next_request(const struct journal_record *record, struct event *event)
{
    enum request request;
    if (!request_parse(&request, value_get_slice(&record->body, "request", "")))
        return false;
    *event = (struct event){.kind = EVENT_REQUEST, .id = request, .value = record->body};
    return true;
}

/* The event that the record at the cursor came from; false if nothing that is waited for leads to
 * it. */
static bool next_event(struct replayed *replayed, const struct journal_record *record,
                       struct event *event)
{
    switch (record->kind) {
    case JOURNAL_EFFECT:
        return next_observed(replayed, record, event);
    case JOURNAL_RESULT:
        return next_result(replayed, record, event);
    case JOURNAL_TICK:
    case JOURNAL_VERIFIED:
        return next_timer(replayed, record, event);
    case JOURNAL_PROBE:
        return next_probe(replayed, record, event);
    case JOURNAL_UNDONE:
        return next_undone(replayed, record, event);
    case JOURNAL_ROLLBACK:
        return next_interrupt(replayed, record, event);
    case JOURNAL_REQUEST:
        return next_request(record, event);
    case JOURNAL_RUN:
    case JOURNAL_BEGIN:
    case JOURNAL_COMMIT:
    case JOURNAL_UNDO:
    case JOURNAL_END:
        return false;
    }
    return false;
}

/* The outside failed in a way that no record but the ROLLBACK tells: it fails in the same words. */
static bool recorded_failure(const struct journal_record *record, struct error *err)
{
    struct slice cause = value_get_slice(&record->body, "cause", "");
    struct slice reason = value_get_slice(&record->body, "reason", "");
    bool tool = slice_is(cause, run_cause_name(CAUSE_TOOL));
    bool limit = slice_is(cause, run_cause_name(CAUSE_BUDGET));
    if (record->kind != JOURNAL_ROLLBACK || !(tool || limit))
        return false;
    error_set(err, tool ? ERROR_INTERNAL : ERROR_LIMIT, "%.*s", (int)reason.size, reason.data);
    return true;
}

/* A mutation that the journal does not have is on its way to its EFFECT record, and a run that
 * comes to its end to the PROBE records in front of the commit, which will say what it is: they get
 * there by a look that fails. */
static bool refuse_look(struct replayed *replayed, struct event *event)
{
    for (size_t i = 0; i < replayed->awaited_count; i++) {
        int64_t phase = replayed->awaited[i].id % EVENT_PHASES;
        if (phase != PHASE_OBSERVE && phase != PHASE_PROBE)
            continue;
        event->id = take(replayed, &replayed->awaited[i]).id;
        event->outcome = OUTCOME_REJECTED;
        return true;
    }
    return false;
}

static bool reach(struct replayed *replayed, const struct journal_record *record, struct error *err)
{
    if (record->at < replayed->now)
        return replayed_differ(replayed, err, "time goes backwards in the journal");
    replayed->period = 0;
    replayed->now = record->at;
    return true;
}

static bool world_next(struct world *world, struct event *event, struct pool *pool,
                       struct error *err)
{
    struct replayed *replayed = self_of(world);
    const struct journal_record *record = replayed_current(replayed);
    (void)pool; /* what is answered lives as long as the scan */
    if (!record)
        return replayed_stop_life(err);
    if (!reach(replayed, record, err))
        return false;
    *event = (struct event){.kind = EVENT_ANSWER, .value = value_null()};
    if (next_event(replayed, record, event))
        return true;
    if (recorded_failure(record, err))
        return false;
    *event = (struct event){.kind = EVENT_ANSWER, .value = value_null()};
    if (refuse_look(replayed, event))
        return true;
    return replayed_differ(replayed, err,
                           replayed->awaited_count
                               ? "the run waits for something that the journal does not have"
                               : "nothing is waited for that could lead to it");
}

/* Where nothing that is waited for led to the record at the cursor, the policy's next step writes
 * it, at its time. */
static bool world_poll(struct world *world, struct event *event, bool *any, struct pool *pool,
                       struct error *err)
{
    struct replayed *replayed = self_of(world);
    const struct journal_record *record = replayed_current(replayed);
    (void)pool;
    *any = false;
    if (!record)
        return true;
    if (!reach(replayed, record, err))
        return false;
    *event = (struct event){.kind = EVENT_ANSWER, .value = value_null()};
    *any = next_event(replayed, record, event);
    bool fault = value_is_text(value_get(&record->body, "cause"), run_cause_name(CAUSE_TOOL));
    return *any || !fault || !recorded_failure(record, err);
}

static bool take_reading(struct reading *reading, const struct value *from, struct error *err)
{
    *reading = (struct reading){.status = READING_VALUE};
    if (from && from->kind == VALUE_FLOAT)
        reading->value = from->number;
    else if (value_is_text(from, "no data"))
        reading->status = READING_NO_DATA;
    else if (value_is_text(from, "provider error"))
        reading->status = READING_PROVIDER_ERROR;
    else
        return error_set(err, ERROR_DAMAGED, "a tick of the journal lacks a metric");
    return true;
}

static bool take_period(struct sample *out, const struct value *period,
                        const struct sample_request *request, struct error *err)
{
    const struct value *metrics = value_get(period, "metrics");
    out->ready = true;
    out->at = value_get_integer(period, "at", -1);
    if (out->at < 0 || out->at > JOURNAL_TIME_MAX)
        return error_set(err, ERROR_DAMAGED, "a tick of the journal has a period at no time");
    for (size_t i = 0; i < request->metric_count; i++) {
        const struct value *arms = NULL;
        for (size_t k = 0; metrics && metrics->kind == VALUE_OBJECT && k < metrics->object.count;
             k++) {
            if (slice_equal(metrics->object.members[k].name, request->metrics[i]))
                arms = &metrics->object.members[k].value;
        }
        if (!take_reading(&out->canary[i], value_get(arms, "canary"), err) ||
            !take_reading(&out->baseline[i], value_get(arms, "baseline"), err))
            return false;
    }
    return true;
}

/* Where the source ended, in ticks that came after it. */
static bool take_end(struct sample *out, const struct value *ended, struct error *err)
{
    out->ended = ended != NULL;
    out->at = ended && ended->kind == VALUE_INTEGER ? ended->integer : 0;
    if (ended && (ended->kind != VALUE_INTEGER || out->at < 0 || out->at > JOURNAL_TIME_MAX))
        return error_set(err, ERROR_DAMAGED, "a tick of the journal ends at no time");
    return true;
}

/* A watch that is about to begin asks whether there are such metrics; if there are none, it was
 * refused for that. */
static bool check_metrics(const struct replayed *replayed, const struct journal_record *record,
                          struct error *err)
{
    if (recorded_failure(record, err))
        return false;
    if (record->kind != JOURNAL_EFFECT || replayed->cursor + 1 >= replayed->limit ||
        record[1].kind != JOURNAL_RESULT ||
        !value_is_text(value_get(&record[1].body, "outcome"), outcome_name(OUTCOME_REJECTED)))
        return true;
    struct slice message = value_get_slice(value_get(&record[1].body, "error"), "message", "");
    return error_set(err, ERROR_INVALID, "%.*s", (int)message.size, message.data);
}

/* What a question about metrics is followed by that was still unanswered when the run was asked to
 * end. */
static bool asks_for_the_end(const struct journal_record *record)
{
    int64_t ignored;
    return interrupt_of(record, &ignored) ||
           (record->kind == JOURNAL_REQUEST &&
            value_is_text(value_get(&record->body, "request"), request_name(REQUEST_ABORT)));
}

static bool world_sample(struct world *world, const struct sample_request *request,
                         struct sample *out, struct error *err)
{
    struct replayed *replayed = self_of(world);
    const struct journal_record *record = replayed_current(replayed);
    if (!record)
        return true;
    if (record->kind != JOURNAL_TICK) {
        out->dropped = replayed->cursor + 1 < replayed->limit && asks_for_the_end(&record[1]);
        return check_metrics(replayed, record, err);
    }
    const struct value *periods = value_get(&record->body, "periods");
    if (!periods || periods->kind != VALUE_ARRAY)
        return error_set(err, ERROR_DAMAGED, "a tick of the journal lacks its periods");
    out->period = value_get_integer(&record->body, "period", 0);
    out->still = value_get_integer(&record->body, "still", 0);
    out->settle = value_get_integer(&record->body, "settle", 0);
    if (request->alarms &&
        !alarm_look_read(request->alarms, value_get(&record->body, "alarms"), err)) {
        err->code = ERROR_DAMAGED;
        return error_wrap(err, "a tick of the journal");
    }
    if (replayed->period < periods->array.count)
        return take_period(out, &periods->array.items[replayed->period++], request, err);
    return take_end(out, value_get(&record->body, "ended"), err);
}

/* A metric that was asked for and not told: why, which may have ended the run. */
static bool recorded_refusal(const struct journal_record *record, struct error *err)
{
    const struct value *error = value_get(&record->body, "error");
    bool ended = record->kind == JOURNAL_ROLLBACK;
    struct slice message = ended ? value_get_slice(&record->body, "reason", "")
                                 : value_get_slice(error, "message",
                                                   "the journal has no answer to this");
    bool unanswered = ended ? value_is_text(value_get(&record->body, "cause"),
                                            run_cause_name(CAUSE_PROVIDER_ERROR))
                            : value_is_text(value_get(error, "code"), "unanswered");
    return error_set(err, unanswered ? ERROR_UNANSWERED : ERROR_INVALID, "%.*s", (int)message.size,
                     message.data);
}

static bool world_query(struct world *world, const struct value *effect, struct value *out,
                        struct pool *pool, struct error *err)
{
    const struct journal_record *record = replayed_current(self_of(world));
    (void)effect;
    (void)pool;
    if (!record)
        return replayed_stop_life(err);
    if (recorded_failure(record, err))
        return false;
    if (asks_for_the_end(record)) {
        *out = value_null();
        return true;
    }
    const struct value *value = value_get(&record->body, "value");
    if (record->kind != JOURNAL_RESULT || !value)
        return recorded_refusal(record, err);
    *out = *value;
    return true;
}

const struct world_ops replayed_ops = {
    .name = "replayed",
    .now = world_now,
    .begin = world_begin,
    .preflight = replayed_preflight,
    .learn = replayed_learn,
    .claim = replayed_claim,
    .call = world_call,
    .timer = world_timer,
    .sample = world_sample,
    .next = world_next,
    .query = world_query,
    .poll = world_poll,
};
