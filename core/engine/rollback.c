/* Putting everything back. This works from the ledger alone: no policy code, no memory of the run.
 * Each resource is observed; if it shows what the run found, nothing is sent; if it shows what the
 * run made, the undo is sent; if it shows anything else, somebody changed it and it is left alone.
 * Then it is read back until it shows what it should, and AWS has carried it out. What AWS is at
 * work on, and an AWS that cannot be reached, is waited for while everything else has its turn. Cut
 * short anywhere and taken up
 * again, this does the same, as every step starts from what is really there. */
#include "engine/rollback.h"

#include "base/random.h"
#include "base/time.h"
#include "engine/requests.h"

/* How often in a row a resource is looked at in vain, and how often it is undone, with a pause
 * between any two. Looks are counted anew after each undo: what was sent is read back. An undo that
 * AWS is at work on may take longer. */
enum { LOOKS_MAX = 5, UNDOS_MAX = 5, PAUSE_MS = 2000, WORK_MAX_MS = 60 * 60 * 1000 };

/* Between two looks at what cannot be reached: twice as long each time, up to a minute. */
enum { OUTAGE_DOUBLINGS = 5, OUTAGE_PAUSE_MAX = 60 * 1000 };

struct restore {
    const struct ledger_change *last, *first;
    int64_t id;
    int looks, undos; /* that are left */
    int again;        /* how often it had to be looked at again */
    bool doubtful;    /* a call whose answer was lost may still land */
    bool assured;     /* it was seen as it was before */
    bool over;
    int failures;     /* in a row, of an AWS that cannot be reached */
    int64_t wait;     /* LOOK_LATER, LOOK_OUTAGE: ms until then */
    int64_t due;      /* when that is; 0: at once */
    int64_t until;    /* how long AWS may be at work on it; 0: it was not yet */
    struct error why; /* of a LOOK_GIVE_UP; no code: it shows somebody else's state */
};

static bool is_answer(const struct event *event)
{
    return event->kind == EVENT_ANSWER || event->kind == EVENT_TIMER;
}

/* Waits for one event. Requests are recorded meanwhile; late answers, old timers and signals change
 * nothing about a rollback. */
static bool wait_for(struct engine *engine, int64_t id, struct event *event, struct error *err)
{
    struct world *world = engine->params.world;
    do {
        if (!world->ops->next(world, event, &engine->pool, err) ||
            (event->kind == EVENT_REQUEST && !requests_take(engine, event, err)))
            return false;
    } while (!is_answer(event) || event->id != id);
    return true;
}

static bool pause_for(struct engine *engine, const struct restore *restore, int64_t ms,
                      struct error *err)
{
    struct event event;
    struct world *world = engine->params.world;
    int64_t id = event_id(restore->id, PHASE_TIMER);
    return world->ops->timer(world, id, engine_now(engine) + ms, err) &&
           wait_for(engine, id, &event, err);
}

/* What the resource shows now. *seen is false when it could not be read. */
static bool observe(struct engine *engine, const struct restore *restore, bool *seen,
                    struct event *event, struct value *state, struct error *err)
{
    struct catalogue *catalogue = engine->params.catalogue;
    const struct ledger_change *first = restore->first;
    *state = value_null();
    int64_t id = event_id(restore->id, PHASE_PROBE);
    if (!engine_call(engine, id, first->observe, err) || !wait_for(engine, id, event, err))
        return false;
    *seen = event->outcome == OUTCOME_OK &&
            catalogue->ops->state(catalogue, first->operation, first->input, &event->value, state,
                                  &engine->pool, err);
    return true;
}

static bool record_probe(struct engine *engine, const struct restore *restore, const char *found,
                         bool outage, const struct event *event, const struct value *state,
                         struct error *err)
{
    struct member members[] = {
        {slice_of("found"), value_text(found)},
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(restore->first->identity)},
        {slice_of("observed"), event->value},
        {slice_of("outcome"), value_text(outcome_name(event->outcome))},
        {slice_of("state"), *state},
        {slice_of("again"), value_integer(restore->wait)}, /* only in an outage */
    };
    return engine_record(engine, JOURNAL_PROBE, members, RECORD_COUNT(members) - !outage, err);
}

/* *answer is what came of it. */
static bool send_undo(struct engine *engine, const struct restore *restore,
                      const struct value *request, struct event *answer, struct error *err)
{
    const struct ledger_change *first = restore->first;
    struct member intent[] = {
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(first->identity)},
        {slice_of("request"), *request},
    };
    if (!engine_record(engine, JOURNAL_UNDO, intent, RECORD_COUNT(intent), err) ||
        !engine_call(engine, event_id(restore->id, PHASE_CALL), request, err) ||
        !wait_for(engine, event_id(restore->id, PHASE_CALL), answer, err))
        return false;
    struct member outcome[] = {
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(first->identity)},
        {slice_of("outcome"), value_text(outcome_name(answer->outcome))},
        {slice_of(answer->outcome == OUTCOME_OK ? "value" : "error"), answer->value},
    };
    engine->result->undone += answer->outcome == OUTCOME_OK;
    return engine_record(engine, JOURNAL_UNDONE, outcome, RECORD_COUNT(outcome), err);
}

/* LOOK_LATER: AWS is at work on it, and there is nothing to send. LOOK_OUTAGE: nobody says how it
 * is, for now. */
enum look { LOOK_AGAIN, LOOK_BACK, LOOK_GIVE_UP, LOOK_LATER, LOOK_OUTAGE };

static int64_t patience(const struct engine *engine)
{
    return engine->params.patience ? engine->params.patience : ENGINE_PATIENCE;
}

static bool is_patient(struct engine *engine)
{
    return engine_now(engine) < engine->rolled_back_at + patience(engine);
}

/* Whether a call that failed like this may well succeed later, as it is: an answer that was lost
 * or never given, and what the catalogue knows to pass. All else is a refusal. */
static bool passes(struct engine *engine, const struct event *event)
{
    struct catalogue *catalogue = engine->params.catalogue;
    bool failed = event->outcome != OUTCOME_OK;
    return failed && (event->outcome == OUTCOME_UNKNOWN || world_unreached(&event->value) ||
                      catalogue->ops->passes(catalogue, &event->value));
}

/* Runs that were rolled back for one outage do not all come again at once: a quarter more or less,
 * drawn from what a replay knows, too. The last look is at the end of the patience. */
static int64_t outage_pause(struct engine *engine, struct restore *restore)
{
    struct random_stream stream;
    int doublings = restore->failures < OUTAGE_DOUBLINGS ? restore->failures : OUTAGE_DOUBLINGS;
    int64_t pause = (int64_t)PAUSE_MS << doublings;
    int64_t left = engine->rolled_back_at + patience(engine) - engine_now(engine);
    uint64_t index = (uint64_t)restore->id << 32 | (uint64_t)restore->failures++;
    random_open(&stream, (uint64_t)engine->rolled_back_at, RANDOM_RETRIES, index);
    pause = pause < OUTAGE_PAUSE_MAX ? pause : OUTAGE_PAUSE_MAX;
    pause += (int64_t)random_below(&stream, (uint64_t)pause / 2) - pause / 4;
    return pause < left ? pause : left;
}

static enum look wait_for_outage(struct engine *engine, struct restore *restore)
{
    char waited[32];
    if (is_patient(engine)) {
        restore->wait = outage_pause(engine, restore);
        return LOOK_OUTAGE;
    }
    time_format_duration(waited, patience(engine));
    error_set(&restore->why, ERROR_LIMIT, "nobody could say how it is for %s", waited);
    return LOOK_GIVE_UP;
}

static const char *const found_names[] = {
    [LEDGER_BEFORE] = "before", [LEDGER_OURS] = "ours", [LEDGER_FOREIGN] = "foreign"};

/* The resource shows what the run made. An undo that cannot be computed is this resource's failure
 * and not that of the others. */
static bool undo(struct engine *engine, struct restore *restore, const struct value *observed,
                 enum look *result, struct error *err)
{
    struct catalogue *catalogue = engine->params.catalogue;
    struct value request;
    struct event answer;
    const struct ledger_change *first = restore->first;
    bool possible = catalogue->ops->guard(catalogue, first->operation, first->undo, observed,
                                          engine_now(engine), &request, &engine->pool,
                                          &restore->why);
    restore->wait = possible ? value_get_integer(&request, "wait", 0) : 0;
    *result = !possible ? LOOK_GIVE_UP : restore->wait > 0 ? LOOK_LATER : LOOK_AGAIN;
    if (*result != LOOK_AGAIN)
        return true;
    if (restore->undos-- == 0) {
        *result = LOOK_GIVE_UP;
        error_set(&restore->why, ERROR_LIMIT,
                  "it was undone %d times, and still shows what the run made", UNDOS_MAX);
        return true;
    }
    restore->looks = LOOKS_MAX + 1; /* this one was not in vain */
    if (!send_undo(engine, restore, &request, &answer, err))
        return false;
    if (passes(engine, &answer) && is_patient(engine)) {
        restore->undos++;
        *result = wait_for_outage(engine, restore);
    }
    return true;
}

/* The resource shows what the run found: whether that is all, or AWS still has to carry it out. */
static enum look at_rest(struct engine *engine, struct restore *restore,
                         const struct value *observed)
{
    struct catalogue *catalogue = engine->params.catalogue;
    const struct ledger_change *first = restore->first;
    if (!catalogue->ops->steady(catalogue, first->operation, first->input, observed, &restore->wait,
                                &engine->pool, &restore->why))
        return LOOK_GIVE_UP;
    return restore->wait > 0 ? LOOK_LATER : LOOK_BACK;
}

/* One look at the resource, and the undo if it shows what the run made. */
static bool look(struct engine *engine, struct restore *restore, enum look *result,
                 struct value *state, struct error *err)
{
    struct event event;
    bool seen = false;
    if (!observe(engine, restore, &seen, &event, state, err))
        return false;
    enum ledger_found found = seen ? ledger_classify(&engine->ledger, restore->first->identity,
                                                     state)
                                   : LEDGER_FOREIGN;
    const char *name = seen ? found_names[found] : "error";
    *result = seen                     ? LOOK_GIVE_UP
              : passes(engine, &event) ? wait_for_outage(engine, restore)
                                       : LOOK_AGAIN;
    if (found == LEDGER_BEFORE)
        *result = at_rest(engine, restore, &event.value);
    if (found == LEDGER_BEFORE && *result != LOOK_BACK)
        name = "unsteady";
    if (!record_probe(engine, restore, name, *result == LOOK_OUTAGE, &event, state, err))
        return false;
    restore->failures = seen && found != LEDGER_OURS ? 0 : restore->failures;
    return found != LEDGER_OURS || undo(engine, restore, &event.value, result, err);
}

/* `state` is what the last look saw, null if it saw nothing. Why it was given up is told a person
 * who has to see to it. */
static bool record_verified(struct engine *engine, const struct restore *restore, bool restored,
                            const struct value *state, struct error *err)
{
    struct member members[] = {
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(restore->first->identity)},
        {slice_of("restored"), value_boolean(restored)},
        {slice_of("state"), *state},
        {slice_of("why"), value_text(restore->why.message)},
    };
    bool reasoned = restore->why.code != ERROR_NONE;
    engine->result->conflicts += !restored;
    return engine_record(engine, JOURNAL_VERIFIED, members, RECORD_COUNT(members) - !reasoned, err);
}

/* Whether the resource is looked at later: AWS cannot be reached, or is still at work on it and has
 * not been for too long. */
static bool comes_later(struct engine *engine, struct restore *restore, enum look result)
{
    int64_t now = engine_now(engine);
    if (result != LOOK_LATER && result != LOOK_OUTAGE)
        return false;
    if (result == LOOK_LATER && restore->until == 0)
        restore->until = now + WORK_MAX_MS;
    restore->due = now + restore->wait;
    return result == LOOK_OUTAGE || now < restore->until;
}

/* It shows what the run found, though AWS took the run's change and no undo of it. Somebody put it
 * back, or the read lags behind the write, or an undo whose answer was lost has landed. */
static bool is_surprising(const struct restore *restore)
{
    return !restore->assured && restore->last->outcome == OUTCOME_OK &&
           !restore->first->taken_back &&
           !value_equal(restore->last->after, restore->first->before);
}

/* Looks until the resource is back, somebody else's, or the looks are used up; returns with `over`
 * not set when it is looked at later: AWS is at work on it, cannot be reached, or refused twice. A
 * call whose answer was lost can land late, and a read can lag behind: then "back" must hold over
 * the settling window. Neither that look nor one at what AWS is doing is counted: they are owed. */
static bool restore_one(struct engine *engine, struct restore *restore, struct error *err)
{
    enum look result = LOOK_AGAIN;
    struct value state = value_null();
    int64_t pause = restore->due - engine_now(engine);
    while (restore->looks > 0) {
        if ((pause > 0 && !pause_for(engine, restore, pause, err)) ||
            !look(engine, restore, &result, &state, err))
            return false;
        if (comes_later(engine, restore, result))
            return true;
        bool uncertain = restore->doubtful || is_surprising(restore);
        if (result == LOOK_GIVE_UP || result == LOOK_LATER || (result == LOOK_BACK && !uncertain))
            break;
        restore->assured = result == LOOK_BACK;
        restore->doubtful = restore->doubtful && result != LOOK_BACK;
        restore->looks -= result == LOOK_AGAIN;
        restore->again += result == LOOK_AGAIN;
        pause = result == LOOK_BACK ? restore->last->settle : 0;
        if (result == LOOK_AGAIN && restore->again > 1 && restore->looks > 0) {
            restore->due = engine_now(engine) + PAUSE_MS;
            return true;
        }
    }
    restore->over = true;
    return record_verified(engine, restore, result == LOOK_BACK, &state, err);
}

/* Something of ours failed for one resource. It is said to be not as it was, and the others are
 * still put back. */
static bool leave(struct engine *engine, struct restore *restore, struct error *err)
{
    struct value unknown = value_null();
    restore->over = true;
    restore->why = *err;
    if (!engine_can_record(engine, err))
        return false;
    if (!record_verified(engine, restore, false, &unknown, err))
        return engine_can_record(engine, err);
    return true;
}

/* Of those that are not over, the one whose turn it is: that which is due first. */
static struct restore *next_of(struct restore *restores, size_t count)
{
    struct restore *next = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!restores[i].over && (!next || restores[i].due < next->due))
            next = &restores[i];
    }
    return next;
}

bool rollback_run(struct engine *engine, struct error *err)
{
    size_t size = engine->ledger.count * sizeof(struct ledger_change *);
    const struct ledger_change **pending = pool_alloc(&engine->pool, size + 1, err);
    if (!pending)
        return false;
    size_t count = ledger_pending(&engine->ledger, pending);
    struct restore *restores = pool_alloc(&engine->pool, count * sizeof *restores + 1, err);
    if (!restores)
        return false;
    for (size_t i = 0; i < count; i++) {
        restores[i] = (struct restore){.last = pending[i], .looks = LOOKS_MAX, .undos = UNDOS_MAX};
        restores[i].first = ledger_first(&engine->ledger, pending[i]->identity);
        restores[i].doubtful = ledger_any_unknown(&engine->ledger, pending[i]->identity);
        restores[i].id = engine->ledger.next_id++;
    }
    struct restore *next;
    while ((next = next_of(restores, count))) {
        if (!restore_one(engine, next, err) && !leave(engine, next, err))
            return false;
    }
    return true;
}
