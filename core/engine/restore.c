/* One resource on its way back: looks, undos, and what lies between them. */
#include "engine/restore.h"

#include "base/time.h"
#include "engine/governed.h"

/* How often in a row a resource is looked at in vain, and how often it is undone. Looks are counted
 * anew whenever it is seen. */
enum { LOOKS_MAX = 5, UNDOS_MAX = 5, WORK_MAX_MS = 60 * 60 * 1000 };

/* Between two looks at what is back and may still be changed by a request that is on its way. */
enum { DOUBT_PAUSE_MIN = 1000, DOUBT_PAUSE_MAX = 60 * 1000 };

/* --- what it waits for ----------------------------------------------------------------------- */

static bool begin_look(struct restore *restore)
{
    restore->phase = RESTORE_LOOKS;
    restore->request = *restore->first->observe;
    return true;
}

/* With `passed` the others do not wait for it: what is the matter with it is not theirs. */
static bool pause_for(struct engine *engine, struct restore *restore, int64_t ms, bool passed,
                      struct error *err)
{
    struct world *world = engine->params.world;
    restore->phase = RESTORE_WAITS;
    restore->passed = restore->passed || passed;
    return world->ops->timer(world, event_id(restore->id, PHASE_TIMER), engine_now(engine) + ms,
                             err);
}

/* `state` is what the last look saw, null if it saw nothing. Why it was given up is told a person
 * who has to see to it. */
static bool finish(struct engine *engine, struct restore *restore, bool restored,
                   const struct value *state, struct error *err)
{
    struct member members[] = {
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(restore->first->identity)},
        {slice_of("restored"), value_boolean(restored)},
        {slice_of("state"), *state},
        {slice_of("why"), value_text(restore->why.message)},
    };
    bool reasoned = !restored && restore->why.code != ERROR_NONE;
    restore->phase = RESTORE_OVER;
    restore->passed = true;
    engine->result->conflicts += !restored;
    return engine_record(engine, JOURNAL_VERIFIED, members, RECORD_COUNT(members) - !reasoned, err);
}

bool restore_leave(struct engine *engine, struct restore *restore, const struct error *why,
                   struct error *err)
{
    struct value unknown = value_null();
    restore->why = *why;
    return finish(engine, restore, false, &unknown, err);
}

/* --- an outage, a refusal, work of AWS's ----------------------------------------------------- */

static int64_t patience_left(struct engine *engine)
{
    return engine->rolled_back_at + look_patience(engine) - engine_now(engine);
}

/* The last look is at the end of the patience. */
static int64_t outage_pause(struct engine *engine, struct restore *restore)
{
    int64_t left = patience_left(engine);
    int64_t pause = look_pause(engine->rolled_back_at, restore->id, restore->failures++);
    return pause < left ? pause : left;
}

static bool give_up_outage(struct engine *engine, struct restore *restore, const struct look *look,
                           struct error *err)
{
    char waited[32];
    time_format_duration(waited, look_patience(engine));
    error_set(&restore->why, ERROR_LIMIT, "nobody could say how it is for %s (%s)", waited,
              look->why.message);
    return look_record(engine, look, "error", 0, err) &&
           finish(engine, restore, false, &look->state, err);
}

/* It could not be read: an outage is waited for, a refusal is tried again a few times. */
static bool take_nothing(struct engine *engine, struct restore *restore, const struct look *look,
                         struct error *err)
{
    bool passes = look_passes(engine, look->event);
    if (passes && patience_left(engine) <= 0)
        return give_up_outage(engine, restore, look, err);
    if (passes) {
        int64_t pause = outage_pause(engine, restore);
        return look_record(engine, look, "error", pause, err) &&
               pause_for(engine, restore, pause, true, err);
    }
    restore->failures = 0;
    error_set(&restore->why, ERROR_IO, "it could not be read: %s", look->why.message);
    if (!look_record(engine, look, "error", 0, err))
        return false;
    if (--restore->looks == 0)
        return finish(engine, restore, false, &look->state, err);
    if (restore->looks == LOOKS_MAX - 1)
        return begin_look(restore);
    return pause_for(engine, restore, LOOK_PAUSE, true, err);
}

static bool wait_for_work(struct engine *engine, struct restore *restore, const struct look *look,
                          int64_t ms, struct error *err)
{
    int64_t now = engine_now(engine);
    if (restore->until == 0)
        restore->until = now + WORK_MAX_MS;
    if (now >= restore->until)
        return finish(engine, restore, false, &look->state, err);
    return pause_for(engine, restore, ms, true, err);
}

/* --- it shows what the run made -------------------------------------------------------------- */

/* The request lives as long as the run; all else of the look does not. */
static bool send_undo(struct engine *engine, struct restore *restore, const struct value *request,
                      struct error *err)
{
    struct member intent[] = {
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(restore->first->identity)},
        {slice_of("request"), *request},
    };
    restore->undos--;
    restore->phase = RESTORE_UNDOES;
    restore->request = *request;
    return engine_record(engine, JOURNAL_UNDO, intent, RECORD_COUNT(intent), err);
}

static bool give_up_undoing(struct engine *engine, struct restore *restore, const struct look *look,
                            struct error *err)
{
    if (!restore->refused)
        error_set(&restore->why, ERROR_LIMIT,
                  "it was undone %d times, and still shows what the run made", UNDOS_MAX);
    return finish(engine, restore, false, &look->state, err);
}

/* An undo that cannot be computed is this resource's failure and not that of the others. */
static bool undo(struct engine *engine, struct restore *restore, const struct look *look,
                 struct error *err)
{
    struct catalogue *catalogue = engine->params.catalogue;
    struct value back, request;
    const struct ledger_change *first = restore->first;
    if (!governed_undo(catalogue, &engine->ledger, first, &back, &engine->pool, &restore->why) ||
        !catalogue->ops->guard(catalogue, first->operation, &back, &look->event->value,
                               engine_now(engine), &request, &engine->pool, &restore->why))
        return finish(engine, restore, false, &look->state, err);
    int64_t ms = value_get_integer(&request, "wait", 0);
    if (ms > 0)
        return wait_for_work(engine, restore, look, ms, err);
    if (restore->undos == 0)
        return give_up_undoing(engine, restore, look, err);
    return send_undo(engine, restore, &request, err);
}

/* AWS took an undo a moment ago, and the read may lag behind it. Where a late request may have
 * landed since then, or the undo has led a step back, the next is sent the sooner. */
static bool may_lag(struct engine *engine, const struct restore *restore, const struct value *state)
{
    int64_t window = LOOK_PAUSE;
    if (restore->doubt == 0 && restore->last->settle > window &&
        governed_shows(&engine->ledger, restore->last, GOVERNED_AFTER, state))
        window = restore->last->settle;
    return restore->undone_at > 0 && engine_now(engine) < restore->undone_at + window;
}

/* The one change of which nobody knew whether it happened is seen to have: it does not come later.
 */
static bool has_landed(const struct engine *engine, const struct restore *restore,
                       const struct value *state)
{
    const struct ledger *ledger = &engine->ledger;
    const struct ledger_change *change = restore->last;
    bool landed = change->outcome == OUTCOME_UNKNOWN &&
                  governed_shows(ledger, change, GOVERNED_AFTER, state);
    while (landed && (change = ledger_previous(ledger, change)))
        landed = change->outcome == OUTCOME_OK &&
                 !governed_shows(ledger, change, GOVERNED_AFTER, state);
    return landed && !governed_shows(ledger, restore->first, GOVERNED_BEFORE, state);
}

static bool take_ours(struct engine *engine, struct restore *restore, const struct look *look,
                      struct error *err)
{
    restore->back_at = restore->odd_at = 0;
    if (has_landed(engine, restore, &look->state))
        restore->doubt = 0;
    if (!look_record(engine, look, "ours", 0, err))
        return false;
    return may_lag(engine, restore, &look->state)
               ? pause_for(engine, restore, LOOK_PAUSE, true, err)
               : undo(engine, restore, look, err);
}

/* What came of the undo. It is read back at once, and after a refusal a moment later. */
static bool take_answer(struct engine *engine, struct restore *restore, const struct event *event,
                        struct error *err)
{
    bool taken = event->outcome == OUTCOME_OK;
    struct member outcome[] = {
        {slice_of("id"), value_integer(restore->id)},
        {slice_of("identity"), value_string(restore->first->identity)},
        {slice_of("outcome"), value_text(outcome_name(event->outcome))},
        {slice_of(taken ? "value" : "error"), event->value},
    };
    if (!engine_record(engine, JOURNAL_UNDONE, outcome, RECORD_COUNT(outcome), err))
        return false;
    engine->result->undone += taken;
    restore->undone_at = taken ? engine_now(engine) : 0;
    restore->refused = taken ? 0 : restore->refused + 1;
    if (taken)
        return begin_look(restore);
    if (look_passes(engine, event) && patience_left(engine) > 0) {
        restore->undos++;
        return pause_for(engine, restore, outage_pause(engine, restore), true, err);
    }
    struct error why;
    look_refusal(event, &why);
    error_set(&restore->why, ERROR_IO, "the undo was refused: %s", why.message);
    return restore->refused == 1 ? begin_look(restore)
                                 : pause_for(engine, restore, LOOK_PAUSE, true, err);
}

/* --- it shows what was before ---------------------------------------------------------------- */

/* AWS took the run's change and no undo of it. Somebody put it back, or the read lags behind the
 * write, or an undo whose answer was lost has landed. */
static bool is_surprising(const struct engine *engine, const struct restore *restore)
{
    return restore->last->outcome == OUTCOME_OK && !restore->first->taken_back &&
           !governed_is_round(&engine->ledger, restore->last);
}

/* Until when "back" must hold. A call whose answer was lost can land late, and a read can lag. */
static int64_t settled_at(const struct engine *engine, const struct restore *restore)
{
    int64_t settled = restore->back_at + restore->last->settle;
    if (restore->doubt > 0)
        return restore->doubt > settled ? restore->doubt : settled;
    return is_surprising(engine, restore) ? settled : restore->back_at;
}

/* The first look is due after the settling window, which all wait for that come after it; those
 * that follow are less and less often. */
static bool wait_for_settling(struct engine *engine, struct restore *restore, int64_t settled,
                              struct error *err)
{
    int64_t held = engine_now(engine) - restore->back_at;
    int64_t left = settled - engine_now(engine);
    int64_t pause = restore->last->settle - held;
    bool passed = pause <= 0;
    if (passed)
        pause = held < DOUBT_PAUSE_MIN   ? DOUBT_PAUSE_MIN
                : held < DOUBT_PAUSE_MAX ? held
                                         : DOUBT_PAUSE_MAX;
    return pause_for(engine, restore, pause < left ? pause : left, passed, err);
}

static bool take_before(struct engine *engine, struct restore *restore, const struct look *look,
                        struct error *err)
{
    struct catalogue *catalogue = engine->params.catalogue;
    const struct ledger_change *first = restore->first;
    int64_t work = 0;
    bool steady = catalogue->ops->steady(catalogue, first->operation, first->input,
                                         &look->event->value, &work, &engine->scratch,
                                         &restore->why);
    restore->odd_at = 0;
    restore->failures = 0;
    if (!look_record(engine, look, steady && work == 0 ? "before" : "unsteady", 0, err))
        return false;
    if (!steady)
        return finish(engine, restore, false, &look->state, err);
    if (work > 0)
        return wait_for_work(engine, restore, look, work, err);
    if (restore->back_at == 0)
        restore->back_at = engine_now(engine);
    int64_t settled = settled_at(engine, restore);
    return engine_now(engine) >= settled ? finish(engine, restore, true, &look->state, err)
                                         : wait_for_settling(engine, restore, settled, err);
}

/* --- it shows something else ----------------------------------------------------------------- */

static bool take_foreign(struct engine *engine, struct restore *restore, const struct look *look,
                         struct error *err)
{
    error_set(&restore->why, ERROR_CONFLICT, "somebody else changed it");
    return look_record(engine, look, "foreign", 0, err) &&
           finish(engine, restore, false, &look->state, err);
}

/* What AWS undoes in steps shows earlier states on its way back. */
static bool is_step(const struct engine *engine, const struct restore *restore)
{
    struct catalogue *catalogue = engine->params.catalogue;
    const struct ledger_change *first = restore->first;
    return first->undo_sent && catalogue->ops->steps(catalogue, first->operation);
}

/* Any other such state is somebody's who put it back, once the read cannot lag any more. */
static bool take_earlier(struct engine *engine, struct restore *restore, const struct look *look,
                         struct error *err)
{
    int64_t now = engine_now(engine);
    restore->back_at = 0;
    restore->failures = 0;
    restore->odd_at = restore->odd_at ? restore->odd_at : now;
    int64_t left = restore->odd_at + restore->last->settle - now;
    if (left <= 0)
        return take_foreign(engine, restore, look, err);
    return look_record(engine, look, "earlier", 0, err) &&
           pause_for(engine, restore, left < LOOK_PAUSE ? left : LOOK_PAUSE, false, err);
}

/* --- the whole ------------------------------------------------------------------------------- */

static bool take_look(struct engine *engine, struct restore *restore, const struct event *event,
                      struct error *err)
{
    static bool (*const takes[])(struct engine *, struct restore *, const struct look *,
                                 struct error *) = {[OWNERSHIP_BEFORE] = take_before,
                                                    [OWNERSHIP_OURS] = take_ours,
                                                    [OWNERSHIP_EARLIER] = take_earlier,
                                                    [OWNERSHIP_FOREIGN] = take_foreign};
    struct look look = {.change = restore->first, .id = restore->id};
    look_end(engine, &look, event);
    if (!look.seen)
        return take_nothing(engine, restore, &look, err);
    restore->looks = LOOKS_MAX;
    if (look.whose == OWNERSHIP_EARLIER && is_step(engine, restore))
        look.whose = OWNERSHIP_OURS;
    return takes[look.whose](engine, restore, &look, err);
}

static bool end_wait(struct engine *engine, struct restore *restore, const struct event *event,
                     struct error *err)
{
    (void)engine, (void)event, (void)err;
    return begin_look(restore);
}

static const struct {
    enum event_phase waits_for;
    bool (*take)(struct engine *, struct restore *, const struct event *, struct error *);
} phases[] = {
    [RESTORE_BLOCKED] = {EVENT_PHASES, NULL},     [RESTORE_LOOKS] = {PHASE_PROBE, take_look},
    [RESTORE_UNDOES] = {PHASE_CALL, take_answer}, [RESTORE_WAITS] = {PHASE_TIMER, end_wait},
    [RESTORE_OVER] = {EVENT_PHASES, NULL},
};

bool restore_waits_for(const struct restore *restore, const struct event *event)
{
    bool answer = event->kind == EVENT_ANSWER || event->kind == EVENT_TIMER;
    return answer && phases[restore->phase].take &&
           event->id == event_id(restore->id, phases[restore->phase].waits_for);
}

bool restore_take(struct engine *engine, struct restore *restore, const struct event *event,
                  struct error *err)
{
    return phases[restore->phase].take(engine, restore, event, err);
}

void restore_start(struct restore *restore)
{
    begin_look(restore);
}

bool restore_send(struct engine *engine, struct restore *restore, struct error *err)
{
    int64_t event = event_id(restore->id, phases[restore->phase].waits_for);
    struct value *request = pool_alloc(&engine->pool, sizeof *request, err);
    if (!request)
        return false;
    *request = restore->request;
    restore->request = value_null();
    return engine_call(engine, event, request, err);
}

void restore_init(struct restore *restore, const struct engine *engine,
                  const struct ledger_change *last, int64_t id)
{
    const struct ledger *ledger = &engine->ledger;
    *restore = (struct restore){.last = last, .looks = LOOKS_MAX, .undos = UNDOS_MAX, .id = id};
    restore->first = ledger_first(ledger, last->identity);
    for (; last; last = ledger_previous(ledger, last)) {
        int64_t lands = last->at + look_lateness(engine);
        if (last->outcome == OUTCOME_UNKNOWN && lands > restore->doubt)
            restore->doubt = lands;
    }
}
