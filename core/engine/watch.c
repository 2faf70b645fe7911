/* Watching is one effect: tick by tick the engine samples, the judges look, a record is kept, and
 * the policy is resumed once, with the verdict. */
#include "engine/watch.h"

#include "base/time.h"

#include <inttypes.h>
#include <string.h>

/* A sample that yields several periods in one tick (after an outage) is still bounded. */
enum { PERIODS_PER_TICK_MAX = 1000 };

/* Seventeen days of minutes: a run that looks more often than that has gone astray. */
enum { TICKS_MAX = 25000 };

static bool find_panel(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *target = value_get(operation->effect, "target");
    const struct value *judges = value_get(operation->effect, "judges");
    if (!target || target->kind != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, "watch: \"target\" must be a target");
    for (struct panel *panel = engine->panels; panel; panel = panel->next) {
        if (value_equal(panel->target, target) && judges && value_equal(panel->judges, judges)) {
            operation->panel = panel;
            return true;
        }
    }
    struct panel *panel = pool_alloc(&engine->pool, sizeof *panel, err);
    if (!panel)
        return false;
    if (!panel_init(panel, target, judges, &engine->pool, err))
        return error_wrap(err, "watch");
    panel->after = engine_now(engine);
    panel->next = engine->panels;
    engine->panels = panel;
    operation->panel = panel;
    return true;
}

static bool read_times(struct engine *engine, struct operation *operation, struct error *err)
{
    int64_t duration = value_get_integer(operation->effect, "for", -1);
    operation->every = value_get_integer(operation->effect, "every", -1);
    operation->share = value_get_number(operation->effect, "share", -1);
    operation->decide = value_get_boolean(operation->effect, "decide", false);
    if (duration <= 0 || duration > EFFECT_DURATION_MAX || operation->every <= 0 ||
        operation->every > EFFECT_DURATION_MAX)
        return error_set(
            err, ERROR_INVALID,
            "watch: \"for\" and \"every\" must be durations above 0, at most 366 days");
    if (!(operation->share >= 0 && operation->share <= 100))
        return error_set(err, ERROR_INVALID, "watch: \"share\" must be a percentage, 0 to 100");
    operation->until = engine_now(engine) + duration;
    if (operation->until > JOURNAL_TIME_MAX)
        return error_set(err, ERROR_INVALID, "watch: it would end after the year 9999");
    return true;
}

static bool set_tick_timer(struct engine *engine, struct operation *operation, struct error *err)
{
    int64_t now = engine_now(engine);
    int64_t at = now + operation->every;
    struct world *world = engine->params.world;
    if (now < operation->until && operation->until < at)
        at = operation->until;
    return world->ops->timer(world, event_id(operation->id, PHASE_TIMER), at, err);
}

static bool reading_value(struct value *out, const struct reading *reading)
{
    static const char *const names[] = {[READING_VALUE] = "",
                                        [READING_NO_DATA] = "no data",
                                        [READING_PROVIDER_ERROR] = "provider error"};
    *out = reading->status == READING_VALUE ? value_float(reading->value)
                                            : value_text(names[reading->status]);
    return true;
}

/* {"at":ms,"metrics":{"errors":{"baseline":12.0,"canary":1.0},...}} */
static bool sample_value(const struct panel *panel, const struct sample *sample, struct value *out,
                         struct pool *pool, struct error *err)
{
    struct value metrics;
    if (!value_object(&metrics, panel->metrics.count, pool, err))
        return false;
    for (size_t i = 0; i < panel->metrics.count; i++) {
        struct member arms[] = {{.name = slice_of("baseline")}, {.name = slice_of("canary")}};
        reading_value(&arms[0].value, &sample->baseline[i]);
        reading_value(&arms[1].value, &sample->canary[i]);
        metrics.object.members[i].name = panel->metrics.names[i];
        if (!record_object(&metrics.object.members[i].value, arms, 2, pool, err))
            return false;
    }
    struct member members[] = {{slice_of("at"), value_integer(sample->at)},
                               {slice_of("metrics"), metrics}};
    return value_object_sort(&metrics, err) && record_object(out, members, 2, pool, err);
}

/* The periods of one tick, for its record. */
struct tick {
    struct value *periods;
    size_t count, capacity;
    bool ended;    /* the source said that nothing will come any more */
    bool dropped;  /* the run is to end: this look counts for nothing */
    int64_t until; /* then: where it ends */
};

static bool grow_tick(struct tick *tick, struct pool *pool, struct error *err)
{
    size_t capacity = tick->capacity ? tick->capacity * 2 : 4;
    struct value *periods = pool_alloc(pool, capacity * sizeof *periods, err);
    if (!periods)
        return false;
    if (tick->count)
        memcpy(periods, tick->periods, tick->count * sizeof *periods);
    tick->periods = periods;
    tick->capacity = capacity;
    return true;
}

static bool keep_sample(struct engine *engine, struct tick *tick, const struct panel *panel,
                        const struct sample *sample, struct error *err)
{
    if (engine->params.journal) {
        if (tick->count == tick->capacity && !grow_tick(tick, &engine->scratch, err))
            return false;
        if (!sample_value(panel, sample, &tick->periods[tick->count], &engine->scratch, err))
            return false;
    }
    tick->count++;
    return true;
}

/* As far as it will be read: most samples have a few metrics of the many there is room for. */
static void clear_sample(struct sample *sample, size_t metric_count)
{
    static const struct reading nothing = {READING_NO_DATA, 0};
    sample->ready = false;
    sample->ended = false;
    sample->dropped = false;
    sample->last = false;
    sample->at = 0;
    for (size_t i = 0; i < metric_count; i++) {
        sample->canary[i] = nothing;
        sample->baseline[i] = nothing;
    }
}

static bool take_samples(struct engine *engine, struct operation *operation, struct tick *tick,
                         struct error *err)
{
    struct world *world = engine->params.world;
    struct panel *panel = operation->panel;
    struct sample sample; /* its readings are there once it is ready */
    bool last = false;
    while (!last && tick->count < PERIODS_PER_TICK_MAX) {
        struct sample_request request = {panel->target, panel->metrics.names, panel->metrics.count,
                                         panel->after};
        clear_sample(&sample, panel->metrics.count);
        if (!world->ops->sample(world, &request, &sample, err))
            return false;
        panel->heard.ends += sample.ended;
        tick->ended = sample.ended;
        tick->dropped = sample.dropped;
        tick->until = sample.at;
        if (!sample.ready || sample.ended)
            return true;
        panel_observe(panel, &sample);
        panel->after = sample.at + 1;
        last = sample.last;
        if (!keep_sample(engine, tick, panel, &sample, err))
            return false;
    }
    return true;
}

static bool record_tick(struct engine *engine, const struct operation *operation,
                        const struct tick *tick, enum verdict verdict, struct error *err)
{
    struct value judges;
    struct value periods = {.kind = VALUE_ARRAY};
    periods.array.items = tick->periods;
    periods.array.count = tick->count;
    if (!panel_report(operation->panel, &judges, &engine->scratch, err))
        return false;
    struct member members[] = {
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("judges"), judges},
        {slice_of("periods"), periods},
        {slice_of("share"), value_float(operation->share)},
        {slice_of("tick"), value_integer(operation->tick)},
        {slice_of("verdict"), value_text(verdict_name(verdict))},
        {slice_of("ended"), value_integer(tick->until)}, /* only where it is so */
    };
    return engine_record(engine, JOURNAL_TICK, members, RECORD_COUNT(members) - !tick->ended, err);
}

/* Verdicts that end the run unless the policy asked to decide for itself. */
static enum run_cause cause_of(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_HARM:
        return CAUSE_HARM;
    case VERDICT_NO_DATA:
        return CAUSE_NO_DATA;
    case VERDICT_PROVIDER_ERROR:
        return CAUSE_PROVIDER_ERROR;
    case VERDICT_UNDECIDED:
    case VERDICT_SAFE:
        return CAUSE_NONE;
    }
    return CAUSE_TOOL;
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
    if (cause_of(verdict) != CAUSE_NONE)
        hearing_forget(&operation->panel->heard);
    hearing_end(&operation->panel->heard, engine_now(engine));
    if (numbers && !panel_report(operation->panel, &members[1].value, &engine->pool, err))
        return false;
    return record_object(&result, members, numbers ? 2 : 1, &engine->pool, err) &&
           engine_answer(engine, operation, OUTCOME_OK, &result, err);
}

static bool stop_at_end(struct engine *engine, int64_t end)
{
    enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
    int64_t in = end - engine->result->started;
    char date[32];
    in = in > 0 ? in : 0;
    time_format_instant(date, end);
    return engine_stop(engine, CAUSE_NO_DATA,
                       "the recording ends at %02" PRId64 ":%02d:%02d of the rollout (%s), before "
                       "the watch does",
                       in / HOUR, (int)(in % HOUR / MINUTE), (int)(in % MINUTE / SECOND), date);
}

static bool stop_without_data(struct engine *engine, const struct operation *operation,
                              const struct tick *tick)
{
    const struct panel *panel = operation->panel;
    char waited[32];
    char why[ERROR_MESSAGE_MAX];
    if (tick->ended)
        return stop_at_end(engine, tick->until);
    if (hearing_explain(&panel->heard, &panel->metrics, why, sizeof why))
        return engine_stop(engine, CAUSE_NO_DATA, "%s", why);
    time_format_duration(waited, engine_now(engine) - panel->heard.began);
    return engine_stop(engine, CAUSE_NO_DATA,
                       "no metrics of the watch's own time were there after %s", waited);
}

static bool stop_for_verdict(struct engine *engine, struct operation *operation,
                             const struct tick *tick, enum run_cause cause)
{
    struct panel *panel = operation->panel;
    char reason[ERROR_MESSAGE_MAX];
    operation->active = false;
    if (cause == CAUSE_HARM)
        return panel_explain_harm(panel, reason, sizeof reason) &&
               engine_stop(engine, cause, "%s", reason);
    if (cause == CAUSE_NO_DATA)
        return stop_without_data(engine, operation, tick);
    return engine_stop(engine, cause, "the metric provider did not answer for %" PRId64 " periods",
                       panel->heard.unanswered);
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
    if (cause_of(verdict) != CAUSE_NONE || heard->seen || !over)
        return verdict;
    operation->overtime++;
    if (heard->unanswered)
        return operation->overtime > heard->limits.provider_error ? VERDICT_PROVIDER_ERROR
                                                                  : verdict;
    return operation->overtime > heard->limits.no_data ? VERDICT_NO_DATA : verdict;
}

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
    if (!take_samples(engine, operation, &tick, err))
        return false;
    if (tick.dropped) {
        engine_abandon(engine, operation);
        return true;
    }
    enum verdict verdict = verdict_of(engine, operation);
    if (engine->params.journal && !record_tick(engine, operation, &tick, verdict, err))
        return false;
    enum run_cause cause = cause_of(verdict);
    if (cause != CAUSE_NONE && !operation->decide)
        return stop_for_verdict(engine, operation, &tick, cause);
    bool over = is_over(engine, operation) && operation->panel->heard.seen && !engine->paused;
    if (cause != CAUSE_NONE || over)
        return finish_watch(engine, operation, verdict, err);
    return set_tick_timer(engine, operation, err);
}

/* With what it has seen so far. */
static bool end_watch(struct engine *engine, struct operation *operation, const struct event *event,
                      struct error *err)
{
    (void)event;
    return finish_watch(engine, operation, panel_verdict(operation->panel, false), err);
}

/* A rehearsal shows the course in which nothing goes wrong: there is nothing to look at. */
static bool on_rehearsed(struct engine *engine, struct operation *operation,
                         const struct event *event, struct error *err)
{
    (void)event;
    return finish_watch(engine, operation, VERDICT_SAFE, err);
}

/* Metrics that the source does not have are better refused now than after the first minute. */
static bool check_metrics(struct engine *engine, const struct panel *panel, bool *dropped,
                          struct error *err)
{
    struct world *world = engine->params.world;
    struct sample sample;
    struct sample_request request = {panel->target, panel->metrics.names, panel->metrics.count,
                                     panel->after};
    clear_sample(&sample, panel->metrics.count);
    bool ok = world->ops->sample(world, &request, &sample, err);
    *dropped = ok && sample.dropped;
    return ok;
}

static bool prepare_watch(struct engine *engine, struct operation *operation, bool *dropped,
                          struct error *err)
{
    return read_times(engine, operation, err) && find_panel(engine, operation, err) &&
           hearing_set_limits(&operation->panel->heard, value_get(operation->effect, "limits"),
                              err) &&
           check_metrics(engine, operation->panel, dropped, err);
}

/* The effect, and what its judges take for harm: plans and reports tell it. */
static bool record_watch(struct engine *engine, const struct operation *operation,
                         struct error *err)
{
    struct value harm_at;
    if (!engine->params.journal)
        return engine_record_effect(engine, operation, err);
    pool_reset(&engine->scratch);
    if (!panel_harm_at(operation->panel, &harm_at, &engine->scratch, err))
        return false;
    struct member members[] = {
        {slice_of("branch"), value_integer(operation->branch)},
        {slice_of("harm_at"), harm_at},
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("request"), *operation->effect},
    };
    return engine_record(engine, JOURNAL_EFFECT, members, RECORD_COUNT(members), err);
}

bool watch_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    bool dropped = false;
    if (!prepare_watch(engine, operation, &dropped, err)) {
        if (err->code != ERROR_INVALID)
            return false;
        return engine_refuse(engine, operation, "invalid", err->message, err);
    }
    panel_restart(operation->panel, engine_now(engine), operation->share);
    panel_unread(operation->panel, !engine->params.journal && !operation->decide);
    operation->next = on_tick;
    operation->end = end_watch;
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
    return engine->skips_waits ? end_watch(engine, operation, NULL, err)
                               : set_tick_timer(engine, operation, err);
}
