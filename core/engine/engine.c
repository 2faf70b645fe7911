/* A run from its first step to its END record, and a run that is taken up from its journal. */
#include "engine/engine.h"

#include "engine/confirm.h"
#include "engine/requests.h"
#include "engine/rollback.h"
#include "engine/steps.h"
#include "engine/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A run that used up its memory still has some to put everything back with. */
enum { RUN_POOL_MAX = 512 << 20, ROLLBACK_POOL_MAX = 128 << 20 };

bool engine_new(struct engine **out, struct error *err)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (!engine)
        return error_set(err, ERROR_LIMIT, "out of memory for the engine");
    pool_init(&engine->pool, RUN_POOL_MAX);
    pool_init(&engine->scratch, RUN_POOL_MAX);
    pool_init(&engine->hopeful.pool, RUN_POOL_MAX);
    buffer_init(&engine->text, JOURNAL_RECORD_SIZE_MAX);
    ledger_init(&engine->ledger);
    *out = engine;
    return true;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    pool_clear(&engine->pool);
    pool_clear(&engine->scratch);
    pool_clear(&engine->hopeful.pool);
    buffer_clear(&engine->text);
    ledger_clear(&engine->ledger);
    free(engine->operations);
    free(engine->branches);
    free(engine->ready);
    free(engine);
}

bool engine_is_rolling_back(const struct engine *engine)
{
    return engine->stop != CAUSE_NONE;
}

static bool stop_for(struct engine *engine, const struct event *interrupt)
{
    struct slice text = interrupt->value.kind == VALUE_STRING ? interrupt->value.string
                                                              : slice_of("its policy is gone");
    if (interrupt->id == INTERRUPT_DEATH)
        return engine_stop(engine, CAUSE_CRASH, "%.*s", (int)text.size, text.data);
    if (interrupt->id == INTERRUPT_PERSON)
        return engine_stop(engine, CAUSE_PERSON, "a person asked for it");
    return engine_stop(engine, interrupt->id == INTERRUPT_INT ? CAUSE_SIGINT : CAUSE_SIGTERM,
                       "a signal asked for it");
}

/* Once the run is to be rolled back, only what was sent is still of interest: to follow any other
 * answer could send something new. */
static bool is_wanted(const struct engine *engine, const struct operation *operation)
{
    return operation->active && (engine->stop == CAUSE_NONE || operation->sent);
}

static bool follow(struct engine *engine, const struct event *event, struct error *err)
{
    if (event->kind == EVENT_INTERRUPT)
        return stop_for(engine, event);
    if (event->kind == EVENT_REQUEST)
        return requests_take(engine, event, err);
    for (size_t i = 0; i < engine->operation_count; i++) {
        struct operation *operation = &engine->operations[i];
        if (is_wanted(engine, operation) && operation->id == event->id / EVENT_PHASES)
            return operation->next(engine, operation, event, err);
    }
    return confirm_take(engine, event, err);
}

static bool take_event(struct engine *engine, struct error *err)
{
    struct event event;
    struct world *world = engine->params.world;
    return world->ops->next(world, &event, &engine->pool, err) && follow(engine, &event, err);
}

/* Takes an event only if one is there already. */
static bool poll_event(struct engine *engine, bool *any, struct error *err)
{
    struct event event;
    struct world *world = engine->params.world;
    *any = false;
    if (!world->ops->poll)
        return true;
    return world->ops->poll(world, &event, any, &engine->pool, err) &&
           (!*any || follow(engine, &event, err));
}

/* The policy has returned. What is asked of the run until its COMMIT is done as at any other time:
 * a run that is paused waits. What it made must be there right before, so that it is looked at once
 * more after a pause. */
static bool confirm(struct engine *engine, struct error *err)
{
    bool any = false;
    while (engine->stop == CAUSE_NONE) {
        if (engine->paused)
            confirm_drop(engine);
        if (!poll_event(engine, &any, err))
            return false;
        if (any)
            continue;
        if (confirm_is_done(engine))
            return true;
        bool begins = confirm_is_idle(engine) && !engine->paused;
        if (!(begins ? confirm_begin(engine, err) : take_event(engine, err)))
            return false;
    }
    return true;
}

/* What the last watches could not see yet is judged before the COMMIT. */
static bool wait_for_rests(struct engine *engine, struct error *err)
{
    while (engine->stop == CAUSE_NONE && watch_any_rest(engine)) {
        if (!take_event(engine, err))
            return false;
    }
    return true;
}

static bool can_step(const struct engine *engine)
{
    return engine->stop == CAUSE_NONE && !engine->paused && !engine->abandoned && steps_any(engine);
}

/* The policy's effects and what else happens take turns, one of each: a branch whose effects finish
 * at once keeps neither a signal waiting nor the watch of another branch. An event is taken only
 * where the step would write a record, so that a replay sees by the journal which came first. */
static bool advance(struct engine *engine, struct error *err)
{
    bool any = false;
    if (!can_step(engine))
        return take_event(engine, err);
    if (!engine->stepped)
        steps_resume(engine);
    if (!steps_silent(engine) && !poll_event(engine, &any, err))
        return false;
    return !can_step(engine) || steps_take(engine, err);
}

/* Mutations on their way are waited for before anything is put back: an answer that is known is
 * worth more than a doubt, and every call has a time limit of its own. */
static bool any_sent(const struct engine *engine)
{
    for (size_t i = 0; i < engine->operation_count; i++) {
        if (engine->operations[i].active && engine->operations[i].sent)
            return true;
    }
    return false;
}

static bool drain(struct engine *engine, struct error *err)
{
    while (any_sent(engine)) {
        if (!take_event(engine, err))
            return false;
    }
    return true;
}

static void reset(struct engine *engine, const struct engine_params *params,
                  struct engine_result *result)
{
    engine->params = *params;
    engine->result = result;
    *result = (struct engine_result){.outcome = RUN_TOOL_FAILED};
    pool_reset(&engine->pool);
    engine->pool.max = RUN_POOL_MAX;
    ledger_reset(&engine->ledger);
    engine->operation_count = 0;
    engine->branch_count = 0;
    engine->ready_first = engine->ready_count = 0;
    engine->came = value_null();
    engine->targets = NULL;
    engine->panels = NULL;
    engine->past = NULL;
    engine->confirm = NULL;
    engine->next_id = 1;
    engine->ticks = engine->answered = engine->shifted = 0;
    engine->way_back = 0;
    engine->stop = CAUSE_NONE;
    engine->finished = engine->paused = engine->skips_waits = engine->unreached = false;
    engine->abandoned = engine->stepped = false;
    result->started = engine_now(engine);
}

static bool run_policy(struct engine *engine, struct error *err)
{
    if (!steps_add_branch(engine, -1, 0, err))
        return false;
    steps_start(engine);
    if (!steps_take(engine, err))
        return false;
    while (!engine->finished && engine->stop == CAUSE_NONE) {
        if (!advance(engine, err))
            return false;
    }
    return !engine->finished || !engine->ledger.begun ||
           (wait_for_rests(engine, err) && confirm(engine, err));
}

static bool record_end(struct engine *engine, enum run_outcome outcome, struct error *err)
{
    struct member members[] = {
        {slice_of("exit"), value_integer(run_outcome_exit(outcome))},
        {slice_of("outcome"), value_text(run_outcome_name(outcome))},
    };
    engine->result->outcome = outcome;
    return engine_record(engine, JOURNAL_END, members, RECORD_COUNT(members), err);
}

static bool commit(struct engine *engine, struct error *err)
{
    if (!engine->ledger.begun) {
        engine->result->outcome = RUN_REFUSED;
        return engine_stop(engine, CAUSE_ERROR, "the policy returned without beginning a run");
    }
    return engine_record(engine, JOURNAL_COMMIT, NULL, 0, err) &&
           record_end(engine, RUN_PROMOTED, err);
}

static const char cut_short[] = "the run was cut short; it was taken up from its journal";
static const char unrestored[] = "not everything was as before; it is tried again";

/* The policy failed before it had touched anything: an ordinary refusal, unless it failed because
 * AWS was not to be asked, or for another run. */
static enum run_outcome outcome_of(const struct engine *engine)
{
    if (engine->stop == CAUSE_CRASH && strcmp(engine->result->reason, cut_short) == 0)
        return RUN_CUT_SHORT;
    if (engine->ledger.count == 0 && engine->stop == CAUSE_LOCKED)
        return RUN_LOCKED;
    bool policys_fault = engine->stop == CAUSE_ERROR || engine->stop == CAUSE_BUDGET;
    if (engine->ledger.count > 0 || !policys_fault)
        return run_cause_outcome(engine->stop);
    return engine->unreached ? RUN_TOOL_FAILED : RUN_REFUSED;
}

static bool record_rollback(struct engine *engine, enum run_cause cause, const char *reason,
                            struct error *err)
{
    bool first = !engine->ledger.rolling_back;
    struct member members[] = {
        {slice_of("cause"), value_text(run_cause_name(cause))},
        {slice_of("chunk"), value_text(first ? engine->result->chunk : "")},
        {slice_of("line"), value_integer(first ? engine->result->line : 0)},
        {slice_of("reason"), value_text(reason)},
    };
    struct member unusual[] = {
        {slice_of("lateness"), value_integer(engine->params.lateness)},
        {slice_of("patience"), value_integer(engine->params.patience)},
    };
    struct member all[RECORD_COUNT(members) + RECORD_COUNT(unusual)];
    size_t count = RECORD_COUNT(members);
    memcpy(all, members, sizeof members);
    for (size_t i = 0; i < RECORD_COUNT(unusual); i++) {
        if (unusual[i].value.integer > 0)
            all[count++] = unusual[i];
    }
    engine->rolled_back_at = engine_now(engine);
    return engine_record(engine, JOURNAL_ROLLBACK, all, count, err);
}

static bool record_unknown(struct engine *engine, struct slice identity, const char *why,
                           struct error *err)
{
    struct member members[] = {
        {slice_of("id"), value_integer(engine->ledger.next_id++)},
        {slice_of("identity"), value_string(identity)},
        {slice_of("restored"), value_boolean(false)},
        {slice_of("state"), value_null()},
        {slice_of("why"), value_text(why)},
    };
    engine->result->conflicts++;
    return engine_record(engine, JOURNAL_VERIFIED, members, RECORD_COUNT(members), err);
}

/* What was changed, and nobody can say how it was before: a person has to see to it. */
static bool tell_unknown(struct engine *engine, struct error *err)
{
    const struct engine_params *params = &engine->params;
    char why[96];
    for (size_t i = 0; i < engine->ledger.unclear_count; i++) {
        const struct ledger_unclear *unclear = &engine->ledger.unclear[i];
        snprintf(why, sizeof why, "line %zu of the journal does not say how it was", unclear->line);
        if (!record_unknown(engine, unclear->identity, why, err))
            return false;
    }
    for (size_t i = 0; i < params->lost_count; i++) {
        if (!record_unknown(engine, params->lost[i],
                            "what the journal said of its state before is lost", err))
            return false;
    }
    return true;
}

static bool put_back(struct engine *engine, struct error *err)
{
    enum run_outcome outcome = outcome_of(engine);
    struct world *world = engine->params.world;
    if (world->ops->halt)
        world->ops->halt(world);
    if (!drain(engine, err) && !engine_can_record(engine, err))
        return false;
    if (!rollback_run(engine, err) || !tell_unknown(engine, err))
        return false;
    return record_end(engine, engine->result->conflicts ? RUN_NOT_RESTORED : outcome, err);
}

/* Without a record: there was nothing to tell of yet. A policy that fails then is refused. */
static enum run_outcome unbegun_outcome(const struct engine *engine)
{
    enum run_outcome outcome = run_cause_outcome(engine->stop);
    return outcome == RUN_POLICY_FAILED ? RUN_REFUSED : outcome;
}

/* The decision is durable before anything else happens, so that no later process can take the run
 * for one that was going on. */
static bool roll_back(struct engine *engine, struct error *err)
{
    if (!engine->ledger.begun) {
        engine->result->outcome = unbegun_outcome(engine);
        return true;
    }
    engine->pool.max += ROLLBACK_POOL_MAX;
    return record_rollback(engine, engine->stop, engine->result->reason, err) &&
           put_back(engine, err);
}

/* Storage failed, or something of ours did. Nothing may be sent without being written down, so the
 * run stops here; the next process takes it up. */
static void give_up(struct engine *engine, const struct error *err)
{
    engine->result->outcome = engine->ledger.count > 0 ? RUN_NOT_RESTORED : RUN_TOOL_FAILED;
    engine->result->cause = CAUSE_TOOL;
    engine->result->killed = err->code == ERROR_KILLED;
    memcpy(engine->result->reason, err->message, sizeof err->message);
}

void engine_run(struct engine *engine, const struct engine_params *params,
                struct engine_result *result)
{
    struct error err = {0};
    reset(engine, params, result);
    bool ok = run_policy(engine, &err);
    if (!ok && engine_can_record(engine, &err))
        ok = engine_stop(engine, err.code == ERROR_LIMIT ? CAUSE_BUDGET : CAUSE_TOOL, "%s",
                         err.message);
    if (ok)
        ok = engine->stop == CAUSE_NONE ? commit(engine, &err) : roll_back(engine, &err);
    if (!ok)
        give_up(engine, &err);
    result->ended = engine_now(engine);
}

/* Why the rollback began that is under way, if one is. */
static void recall_cause(struct engine *engine, const struct value *body)
{
    enum run_cause cause = CAUSE_CRASH;
    struct engine_result *result = engine->result;
    struct slice reason = value_get_slice(body, "reason", "");
    struct slice chunk = value_get_slice(body, "chunk", "");
    if (engine->stop != CAUSE_NONE)
        return;
    if (!run_cause_parse(&cause, value_get_slice(body, "cause", "")) || cause == CAUSE_NONE)
        cause = CAUSE_CRASH;
    snprintf(result->chunk, sizeof result->chunk, "%.*s", (int)chunk.size, chunk.data);
    result->line = (int)value_get_integer(body, "line", 0);
    engine_stop(engine, cause, "%.*s", (int)reason.size, reason.data);
}

static bool read_ledger(struct engine *engine, const struct journal_scan *scan, struct error *err)
{
    for (size_t i = 0; i < scan->count; i++) {
        const struct journal_record *record = &scan->records[i];
        if (!ledger_apply(&engine->ledger, record->kind, record->at, &record->body, err))
            return false;
        if (record->kind == JOURNAL_ROLLBACK)
            recall_cause(engine, &record->body);
    }
    return true;
}

static bool take_back(struct engine *engine, enum run_cause cause, const char *reason,
                      struct error *err)
{
    engine_stop(engine, cause, "%s", reason);
    return record_rollback(engine, cause, reason, err) && put_back(engine, err);
}

bool engine_is_taken_up(const struct value *rollback)
{
    const struct value *reason = value_get(rollback, "reason");
    return value_is_text(value_get(rollback, "cause"), run_cause_name(CAUSE_CRASH)) &&
           (value_is_text(reason, cut_short) || value_is_text(reason, unrestored));
}

static bool take_up(struct engine *engine, struct error *err)
{
    if (engine->ledger.unrestored)
        return take_back(engine, CAUSE_CRASH, unrestored, err);
    if (engine->ledger.ended || !engine->ledger.begun)
        return true;
    if (engine->ledger.committed)
        return record_end(engine, RUN_PROMOTED, err);
    return take_back(engine, CAUSE_CRASH, cut_short, err);
}

static bool undo(struct engine *engine, struct error *err)
{
    const struct ledger *ledger = &engine->ledger;
    bool back = ledger->ended && !ledger->committed && !ledger->unrestored;
    if (!ledger->begun || back)
        return true; /* nothing was done, or it was put back already */
    const char *reason = engine->params.undo_reason;
    return take_back(engine, CAUSE_PERSON, reason ? reason : "a person asked for it", err);
}

static void after_the_fact(struct engine *engine, const struct engine_params *params,
                           const struct journal_scan *scan, struct engine_result *result,
                           bool (*what)(struct engine *engine, struct error *err))
{
    struct error err = {0};
    reset(engine, params, result);
    result->outcome = RUN_REFUSED;
    if (!read_ledger(engine, scan, &err) || !what(engine, &err))
        give_up(engine, &err);
    result->ended = engine_now(engine);
}

void engine_recover(struct engine *engine, const struct engine_params *params,
                    const struct journal_scan *scan, struct engine_result *result)
{
    after_the_fact(engine, params, scan, result, take_up);
}

void engine_undo(struct engine *engine, const struct engine_params *params,
                 const struct journal_scan *scan, struct engine_result *result)
{
    after_the_fact(engine, params, scan, result, undo);
}
