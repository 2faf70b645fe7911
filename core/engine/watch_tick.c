/* Samples of the world, taken into a panel and written down. */
#include "engine/watch_tick.h"

#include <string.h>

/* A sample that yields several periods in one tick (after an outage) is still bounded. */
enum { PERIODS_PER_TICK_MAX = 1000 };

static bool reading_value(struct value *out, const struct reading *reading)
{
    static const char *const names[] = {[READING_VALUE] = "",
                                        [READING_NO_DATA] = "no data",
                                        [READING_PROVIDER_ERROR] = "provider error"};
    *out = reading->status == READING_VALUE ? value_float(reading->value)
                                            : value_text(names[reading->status]);
    return true;
}

/* {"at":ms,"metrics":{"errors":{"baseline":12.0,"canary":1.0},...}}, and "left_out", why, where no
 * judge was given it. */
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
    enum left_out why = panel_left_out(panel, sample);
    struct member members[] = {
        {slice_of("at"), value_integer(sample->at)},
        {slice_of("metrics"), metrics},
        {slice_of("left_out"), value_text(why == LEFT_OUT_SHIFT ? "shift" : "settle_in")},
    };
    size_t count = RECORD_COUNT(members) - (why == LEFT_OUT_NOT);
    return value_object_sort(&metrics, err) && record_object(out, members, count, pool, err);
}

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
    sample->at = sample->period = sample->still = sample->settle = 0;
    for (size_t i = 0; i < metric_count; i++) {
        sample->canary[i] = nothing;
        sample->baseline[i] = nothing;
    }
}

static struct sample_request ask(const struct panel *panel, int64_t after,
                                 const struct alarm_look *alarms)
{
    return (struct sample_request){panel->target, panel->metrics.names, panel->metrics.count,
                                   after,         panel->heard.share,   alarms};
}

bool tick_ask(struct engine *engine, const struct panel *panel, bool *dropped, struct error *err)
{
    struct world *world = engine->params.world;
    struct sample sample;
    struct alarm said[JUDGE_ALARMS_MAX];
    struct alarm_look look = {panel->metrics.alarms, panel->metrics.alarm_count, said,
                              &engine->scratch};
    alarm_look_clear(&look);
    struct sample_request request = ask(panel, panel->after, look.count ? &look : NULL);
    clear_sample(&sample, panel->metrics.count);
    bool ok = world->ops->sample(world, &request, &sample, err);
    *dropped = ok && sample.dropped;
    return ok;
}

static bool take_sample(struct engine *engine, struct panel *panel, struct sample *sample,
                        struct tick *tick, struct error *err)
{
    bool changed = false;
    return panel_take(panel, sample, engine_now(engine), &changed, &engine->pool, err) &&
           (!changed || keep_sample(engine, tick, panel, sample, err));
}

static void take_end(struct panel *panel, const struct sample *sample, struct tick *tick)
{
    panel->ends += sample->ended;
    tick->ended = sample->ended;
    tick->dropped = sample->dropped;
    tick->until = sample->at;
}

/* Those that are open are read again, before those that are new. Alarms are asked for once, with
 * the first of them. */
static bool take_all(struct engine *engine, struct panel *panel, int64_t end, struct tick *tick,
                     struct error *err)
{
    struct world *world = engine->params.world;
    struct sample sample; /* its readings are there once it is ready */
    struct alarm_look look;
    int64_t after = panel_open(panel);
    bool last = false;
    bool any = panel_alarm_look(panel, &look, &engine->scratch);
    const struct alarm_look *alarms = any ? &look : NULL;
    while (!last && tick->count < PERIODS_PER_TICK_MAX) {
        struct sample_request request = ask(panel, after, alarms);
        clear_sample(&sample, panel->metrics.count);
        if (!world->ops->sample(world, &request, &sample, err))
            return false;
        panel->alarms.settle = alarms ? sample.settle : panel->alarms.settle;
        alarms = NULL;
        take_end(panel, &sample, tick);
        if (!sample.ready || sample.ended || sample.at + sample.period > end)
            return true;
        after = sample.at + 1;
        last = sample.last;
        if (!take_sample(engine, panel, &sample, tick, err))
            return false;
    }
    return true;
}

bool tick_take(struct engine *engine, struct panel *panel, int64_t end, struct tick *tick,
               struct error *err)
{
    if (!take_all(engine, panel, end, tick, err))
        return false;
    if (panel->metrics.alarm_count > 0 && !tick->dropped)
        panel_heed(panel, engine_now(engine));
    panel_settle(panel, engine_now(engine));
    return true;
}

bool tick_doubt(struct engine *engine, const struct panel *panel, struct tick *tick,
                struct error *err)
{
    return panel_doubt(panel, tick->doubt, sizeof tick->doubt, &engine->scratch, err);
}

/* What alarms said, where some are heeded. */
static bool add_alarms(struct engine *engine, struct panel *panel, struct member *members,
                       size_t *count, struct error *err)
{
    struct alarm_look look = {panel->metrics.alarms, panel->metrics.alarm_count, panel->alarms.said,
                              &engine->scratch};
    if (look.count == 0)
        return true;
    if (panel->alarms.settle > 0)
        members[(*count)++] = (struct member){slice_of("settle"),
                                              value_integer(panel->alarms.settle)};
    members[*count].name = slice_of("alarms");
    return alarm_look_value(&look, &members[(*count)++].value, &engine->scratch, err);
}

bool tick_record(struct engine *engine, const struct operation *operation, const struct tick *tick,
                 enum verdict verdict, struct error *err)
{
    struct panel *panel = operation->panel;
    struct value judges;
    struct value periods = {.kind = VALUE_ARRAY};
    periods.array.items = tick->periods;
    periods.array.count = tick->count;
    if (!panel_report(panel, &judges, &engine->scratch, err))
        return false;
    struct member members[12] = {
        {slice_of("id"), value_integer(operation->id)},
        {slice_of("judges"), judges},
        {slice_of("periods"), periods},
        {slice_of("share"), value_float(operation->share)},
        {slice_of("tick"), value_integer(operation->tick)},
        {slice_of("verdict"), value_text(verdict_name(verdict))},
    };
    size_t count = 6;
    if (tick->doubt[0])
        members[count++] = (struct member){slice_of("doubt"), value_text(tick->doubt)};
    if (tick->ended)
        members[count++] = (struct member){slice_of("ended"), value_integer(tick->until)};
    if (tick->count > 0)
        members[count++] = (struct member){slice_of("period"), value_integer(panel->period)};
    if (tick->count > 0 && panel->still > 0)
        members[count++] = (struct member){slice_of("still"), value_integer(panel->still)};
    return add_alarms(engine, panel, members, &count, err) &&
           engine_record(engine, JOURNAL_TICK, members, count, err);
}
