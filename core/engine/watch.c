/* Watching is one effect: tick by tick the engine samples, the judges look, a record is kept, and
 * the policy is resumed once, with the verdict. */
#include "engine/watch.h"

#include "engine/foresight.h"
#include "engine/past.h"
#include "engine/watch_asked.h"
#include "engine/watch_end.h"
#include "engine/watch_stop.h"

#include <string.h>

/* Seventeen days of minutes: a run that looks more often than that has gone astray. */
enum { TICKS_MAX = 25000 };

static bool set_tick_timer(struct engine *engine, struct operation *operation, struct error *err)
{
    int64_t now = engine_now(engine);
    int64_t at = now + operation->every;
    struct world *world = engine->params.world;
    if (now < operation->until && operation->until < at)
        at = operation->until;
    return world->ops->timer(world, event_id(operation->id, PHASE_TIMER), at, err);
}

/* The numbers are for policies that decide. Others get the verdict alone, so that in thousands of
 * like runs their course is nearly always the same (script/step_cache.h). */
static bool finish_watch(struct engine *engine, struct operation *operation, enum verdict verdict,
                         struct error *err)
{
    struct value result;
    struct member members[] = {{slice_of("verdict"), value_text(verdict_name(verdict))},
                               {.name = slice_of("judges")}};
    bool numbers = operation->decide;
    if (watch_cause(verdict) != CAUSE_NONE)
        panel_forget(operation->panel);
    panel_end(operation->panel, engine_now(engine));
    if (numbers && !panel_report(operation->panel, &members[1].value, &engine->pool, err))
        return false;
    return record_object(&result, members, numbers ? 2 : 1, &engine->pool, err) &&
           engine_answer(engine, operation, OUTCOME_OK, &result, err);
}

static bool is_over(struct engine *engine, const struct operation *operation)
{
    return engine_now(engine) >= operation->until;
}

/* A watch that saw nothing of its own time has nothing to pass on. It is given as many more ticks
 * as silence is borne: metrics come late, and their first whole period may end after a short watch
 * does. */
static enum verdict verdict_of(struct engine *engine, struct operation *operation)
{
    const struct hearing *heard = &operation->panel->heard;
    bool over = is_over(engine, operation);
    enum verdict verdict = panel_verdict(operation->panel, over);
    if (watch_cause(verdict) != CAUSE_NONE || panel_has_seen(operation->panel) || !over)
        return verdict;
    operation->overtime++;
    if (panel_unanswered(operation->panel))
        return operation->overtime > heard->limits.provider_error ? VERDICT_PROVIDER_ERROR
                                                                  : verdict;
    return operation->overtime > heard->limits.no_data ? VERDICT_NO_DATA : verdict;
}

/* --- the rest of a watch -----------------------------------------------------------------------
 */

/* Its time is over, and there was something to see in it. Who decides by what it saw is told of all
 * of it. */
static bool is_finished(struct engine *engine, const struct operation *operation)
{
    return is_over(engine, operation) && panel_has_seen(operation->panel) && !engine->paused &&
           (!operation->decide || watch_is_judged(operation));
}

/* What is undecided says something only where it could have been otherwise. */
static bool could_see(const struct operation *operation, enum verdict verdict)
{
    return verdict == VERDICT_SAFE || operation->sees <= 0 ||
           panel_sees(operation->panel) <= operation->sees;
}

static bool is_out_of_patience(struct engine *engine, const struct operation *operation)
{
    return engine_now(engine) >= operation->until + operation->patience;
}

static enum verdict verdict_of_rest(struct operation *operation)
{
    const struct hearing *heard = &operation->panel->heard;
    enum verdict verdict = panel_verdict(operation->panel, true);
    size_t ignored;
    operation->overtime += panel_unanswered(operation->panel) > 0;
    if (verdict != VERDICT_UNDECIDED)
        return verdict;
    if (operation->overtime > heard->limits.provider_error)
        return VERDICT_PROVIDER_ERROR;
    return panel_blind(operation->panel, &ignored) > heard->limits.no_data ? VERDICT_NO_DATA
                                                                           : verdict;
}

static bool on_judged(struct engine *engine, struct operation *operation, const struct event *event,
                      struct error *err)
{
    (void)event;
    return engine_answer(engine, operation, OUTCOME_OK, &(struct value){.kind = VALUE_OBJECT}, err);
}

/* Whether the policy has nothing left but its last step, and waits for what is not judged yet. */
static bool is_awaited(const struct engine *engine)
{
    for (size_t i = 0; i < engine->operation_count; i++) {
        if (engine->operations[i].active && engine->operations[i].next == on_judged)
            return true;
    }
    return false;
}

/* A rest is over: whoever waits for the last of them goes on. */
static bool tell_judged(struct engine *engine, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && !watch_any_rest(engine) && i < engine->operation_count; i++) {
        struct operation *operation = &engine->operations[i];
        if (operation->active && operation->next == on_judged)
            ok = on_judged(engine, operation, NULL, err);
    }
    return ok;
}

bool watch_judged_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    operation->next = on_judged;
    operation->end = NULL;
    return engine_record_effect(engine, operation, err) &&
           (watch_any_rest(engine) || on_judged(engine, operation, NULL, err));
}

/* Whether the target was watched by others since: they look at the same canary. */
static bool is_succeeded(const struct engine *engine, const struct operation *operation)
{
    const struct panel *own = operation->panel;
    for (const struct panel *panel = engine->panels; panel; panel = panel->next) {
        if (panel != own && panel->heard.began >= own->heard.ended &&
            value_equal(panel->target, own->target))
            return true;
    }
    return false;
}

/* All of its own time was judged. While the policy has not returned, and does not wait for this,
 * another watch may follow; then it looks on, period by period. */
static bool settle_rest(struct engine *engine, struct operation *operation, const struct tick *tick,
                        struct error *err)
{
    operation->active = tick->doubt[0] && !is_succeeded(engine, operation);
    if (!operation->active)
        return tell_judged(engine, err);
    if (!engine->finished && !is_awaited(engine)) {
        operation->planned = engine_now(engine);
        return set_tick_timer(engine, operation, err);
    }
    if (!watch_is_settling(engine, operation))
        return watch_stop_in_doubt(engine, operation, tick->doubt);
    if (operation->planned > operation->until)
        operation->until = operation->planned;
    else
        operation->until += operation->panel->period;
    return set_tick_timer(engine, operation, err);
}

/* The policy has gone on, and what its watch could not see yet is judged all the same. The next
 * watch of the same panel takes it over; a run does not commit before. */
static bool on_rest(struct engine *engine, struct operation *operation, const struct event *event,
                    struct error *err)
{
    struct tick tick = {0};
    (void)event;
    operation->tick++;
    pool_reset(&engine->scratch);
    if (!tick_take(engine, operation->panel, operation->until, &tick, err))
        return false;
    if (tick.dropped) {
        engine_abandon(engine, operation);
        return true;
    }
    enum verdict verdict = verdict_of_rest(operation);
    enum run_cause cause = watch_cause(verdict);
    bool judged = watch_is_judged(operation);
    if ((cause == CAUSE_NONE && judged && !tick_doubt(engine, operation->panel, &tick, err)) ||
        (engine->params.journal && !tick_record(engine, operation, &tick, verdict, err)))
        return false;
    if (cause != CAUSE_NONE)
        return watch_stop(engine, operation, &tick, cause);
    if (judged)
        return settle_rest(engine, operation, &tick, err);
    return watch_is_patient(engine, operation, tick.count > 0)
               ? set_tick_timer(engine, operation, err)
               : watch_stop_unfinished(engine, operation);
}

/* A person says that the wait is over. */
static bool end_rest(struct engine *engine, struct operation *operation, const struct event *event,
                     struct error *err)
{
    (void)event;
    operation->active = false;
    return tell_judged(engine, err);
}

/* False if nothing of its time is left to be judged. */
static bool leave_rest(struct engine *engine, struct operation *operation)
{
    if (operation->decide || watch_is_judged(operation))
        return false;
    operation->active = true;
    operation->next = on_rest;
    operation->end = end_rest;
    operation->progress = engine_now(engine);
    operation->overtime = 0;
    return true;
}

static bool follow_up(struct engine *engine, struct operation *operation, struct error *err)
{
    return !leave_rest(engine, operation) || set_tick_timer(engine, operation, err);
}

bool watch_any_rest(const struct engine *engine)
{
    for (size_t i = 0; i < engine->operation_count; i++) {
        if (engine->operations[i].active && engine->operations[i].next == on_rest)
            return true;
    }
    return false;
}

static void take_over(struct engine *engine, const struct panel *panel)
{
    for (size_t i = 0; i < engine->operation_count; i++) {
        struct operation *operation = &engine->operations[i];
        if (operation->active && operation->next == on_rest && operation->panel == panel)
            operation->active = false;
    }
}

/* A watch that could not have seen what it is asked to goes on for as long as it may. */
static bool conclude(struct engine *engine, struct operation *operation, enum verdict verdict,
                     struct error *err)
{
    bool sees = could_see(operation, verdict);
    if (!sees && !is_out_of_patience(engine, operation)) {
        operation->extended = true;
        return set_tick_timer(engine, operation, err);
    }
    if (!sees && !operation->decide)
        return watch_stop_undecided(engine, operation);
    if (!sees && operation->spared)
        verdict = VERDICT_NO_DATA;
    if (operation->extended)
        operation->until = engine_now(engine);
    return finish_watch(engine, operation, verdict, err) && follow_up(engine, operation, err);
}

/* A watch does not end with a period of which it is not known yet how it is to be taken. */
static bool look_on(struct engine *engine, struct operation *operation, const struct tick *tick,
                    struct error *err)
{
    operation->extended = true;
    bool comes = watch_is_patient(engine, operation, tick->count > 0);
    if (comes && watch_is_settling(engine, operation))
        return set_tick_timer(engine, operation, err);
    if (operation->decide)
        return finish_watch(engine, operation, VERDICT_NO_DATA, err);
    return comes ? watch_stop_in_doubt(engine, operation, tick->doubt)
                 : watch_stop_unfinished(engine, operation);
}

/* --- the watch -------------------------------------------------------------------------------- */

static bool on_tick(struct engine *engine, struct operation *operation, const struct event *event,
                    struct error *err)
{
    struct tick tick = {0};
    (void)event;
    if (!engine->paused && ++engine->ticks > TICKS_MAX)
        return error_set(err, ERROR_LIMIT, "the policy's watches looked more than %d times",
                         TICKS_MAX);
    operation->tick++;
    pool_reset(&engine->scratch);
    if (!tick_take(engine, operation->panel, INT64_MAX, &tick, err))
        return false;
    if (tick.dropped) {
        engine_abandon(engine, operation);
        return true;
    }
    enum verdict verdict = verdict_of(engine, operation);
    enum run_cause cause = watch_cause(verdict);
    if ((cause == CAUSE_NONE && is_finished(engine, operation) &&
         !tick_doubt(engine, operation->panel, &tick, err)) ||
        (engine->params.journal && !tick_record(engine, operation, &tick, verdict, err)))
        return false;
    if (cause != CAUSE_NONE && !operation->decide)
        return watch_stop(engine, operation, &tick, cause);
    if (cause != CAUSE_NONE)
        return finish_watch(engine, operation, verdict, err);
    if (!is_finished(engine, operation))
        return set_tick_timer(engine, operation, err);
    return tick.doubt[0] ? look_on(engine, operation, &tick, err)
                         : conclude(engine, operation, verdict, err);
}

/* With what it has seen so far. */
static bool end_watch(struct engine *engine, struct operation *operation, const struct event *event,
                      struct error *err)
{
    (void)event;
    return finish_watch(engine, operation, panel_verdict(operation->panel, false), err);
}

/* What it was to watch beside is over. What it could not see yet is judged at its next look, of
 * which the timer is under way. Where its judges have seen nothing so far, it ends with the first
 * period that they see. */
static bool end_beside(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct panel *panel = operation->panel;
    operation->until = operation->planned = engine_now(engine);
    if (engine->params.rehearsal)
        return finish_watch(engine, operation, VERDICT_SAFE, err);
    if (panel->metrics.count > 0 && panel->period == 0)
        return true;
    if (!finish_watch(engine, operation, panel_verdict(operation->panel, false), err))
        return false;
    leave_rest(engine, operation);
    return true;
}

bool watch_end_beside(struct engine *engine, int group, struct error *err)
{
    struct operation *operation = NULL;
    while ((operation = engine_next(engine, operation))) {
        bool over = operation->beside && operation->end != end_rest &&
                    engine->branches[operation->branch].group == group;
        if (over && !end_beside(engine, operation, err))
            return false;
    }
    return true;
}

/* A rehearsal shows the course in which nothing goes wrong: there is nothing to look at. */
static bool on_rehearsed(struct engine *engine, struct operation *operation,
                         const struct event *event, struct error *err)
{
    (void)event;
    return finish_watch(engine, operation, VERDICT_SAFE, err);
}

/* Metrics that the source does not have are better refused now than after the first minute. */
static bool prepare_watch(struct engine *engine, struct operation *operation, bool *dropped,
                          struct error *err)
{
    return watch_read_times(engine, operation, err) && past_resolve(engine, operation, err) &&
           watch_find_panel(engine, operation, err) &&
           hearing_set_limits(&operation->panel->heard, value_get(operation->effect, "limits"),
                              err) &&
           tick_ask(engine, operation->panel, dropped, err);
}

/* The effect, and what its judges take for harm: plans and reports tell it. */
static bool record_watch(struct engine *engine, const struct operation *operation,
                         struct error *err)
{
    struct value harm_at;
    struct value foreseen = value_null();
    if (!engine->params.journal)
        return engine_record_effect(engine, operation, err);
    if (engine->params.rehearsal && !foresight_value(engine, operation->effect, &foreseen, err))
        return false;
    pool_reset(&engine->scratch);
    if (!panel_harm_at(operation->panel, &harm_at, &engine->scratch, err))
        return false;
    struct member members[] = {
        {slice_of("branch"), value_integer(operation->branch)},
        {slice_of("harm_at"), harm_at},
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("request"), *operation->effect},
        {slice_of("foreseen"), foreseen},
    };
    size_t count = RECORD_COUNT(members) - (foreseen.kind == VALUE_NULL);
    return engine_record(engine, JOURNAL_EFFECT, members, count, err);
}

/* A watch at another share than the one before it: traffic was shifted, and its canary may have to
 * settle in. Of one that the run did not shift it is not known when it was. */
static void leave_out(struct engine *engine, const struct operation *operation)
{
    struct panel *panel = operation->panel;
    int64_t now = engine_now(engine);
    bool shifted = panel->shift_began >= 0 || engine->shifted > 0;
    int64_t holds = shifted ? engine->shifted : now;
    struct hearing_gap gap = {panel->shift_began, shifted ? engine->answered : now, holds,
                              holds + operation->settle_in};
    bool more = operation->share != panel->heard.share;
    if (more)
        hearing_leave_out(&panel->heard, &gap);
    panel->shift_began = -1;
}

/* What alarms say counts from the beginning: the first look is at once, where there are some. */
static bool set_first_timer(struct engine *engine, struct operation *operation, struct error *err)
{
    struct world *world = engine->params.world;
    if (engine->params.rehearsal || operation->panel->metrics.alarm_count == 0)
        return set_tick_timer(engine, operation, err);
    return world->ops->timer(world, event_id(operation->id, PHASE_TIMER), engine_now(engine), err);
}

bool watch_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    bool dropped = false;
    if (!prepare_watch(engine, operation, &dropped, err)) {
        if (err->code != ERROR_INVALID)
            return false;
        return engine_refuse(engine, operation, "invalid", err->message, err);
    }
    take_over(engine, operation->panel);
    leave_out(engine, operation);
    panel_restart(operation->panel, engine_now(engine), operation->share);
    panel_unread(operation->panel, !engine->params.journal && !operation->decide);
    operation->next = on_tick;
    operation->end = operation->beside ? NULL : end_watch; /* nobody cuts what it is beside short */
    if (engine->params.rehearsal) {
        operation->next = on_rehearsed;
        operation->every = operation->until - engine_now(engine);
    }
    if (!record_watch(engine, operation, err))
        return false;
    if (dropped) {
        engine_abandon(engine, operation);
        return true;
    }
    if (watch_stop_if_hopeless(engine, operation))
        return true;
    if (engine->skips_waits && !operation->beside)
        return end_watch(engine, operation, NULL, err);
    bool over = operation->beside &&
                engine->branches[engine->branches[operation->branch].group].over;
    return set_first_timer(engine, operation, err) && (!over || end_beside(engine, operation, err));
}
