/* The looks in front of a commit: rounds of one look at each resource that the run changed. */
#include "engine/confirm.h"

#include "base/time.h"
#include "engine/look.h"

enum { REFUSALS_MAX = 5 };

struct confirmed {
    const struct ledger_change *last;
    int64_t odd_at; /* since when it has shown an earlier state of the run; 0: it does not */
    int failures;   /* to read it, in a row */
    int refusals;   /* of these, those that waiting does not mend */
};

struct confirm {
    struct confirmed *items;
    size_t count, answered; /* in this round */
    int64_t base;           /* the id of the first item */
    int64_t pause;          /* until the next round, ms; 0: none is needed so far */
    int64_t failed;         /* since when something could not be read; 0: all could */
};

bool confirm_is_idle(const struct engine *engine)
{
    return engine->confirm == NULL;
}

bool confirm_is_done(const struct engine *engine)
{
    const struct confirm *confirm = engine->confirm;
    return confirm && confirm->answered == confirm->count;
}

void confirm_drop(struct engine *engine)
{
    engine->confirm = NULL;
}

/* What stays, as it does nothing by itself, and what shows another state by its nature, are
 * nobody's to keep. */
bool confirm_begin(struct engine *engine, struct error *err)
{
    struct ledger *ledger = &engine->ledger;
    struct pool *pool = &engine->pool;
    struct confirm *confirm = pool_alloc(pool, sizeof *confirm, err);
    const struct ledger_change **pending = pool_alloc(pool, (ledger->count + 1) * sizeof *pending,
                                                      err);
    if (!confirm || !pending)
        return false;
    size_t count = ledger_pending(ledger, pending);
    *confirm = (struct confirm){
        .items = pool_alloc(pool, (count + 1) * sizeof *confirm->items, err)};
    if (!confirm->items)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!pending[i]->fleeting)
            confirm->items[confirm->count++] = (struct confirmed){.last = pending[i]};
    }
    engine->confirm = confirm;
    confirm->base = ledger->next_id;
    ledger->next_id += (int64_t)confirm->count;
    for (size_t i = 0; i < confirm->count; i++) {
        if (!look_begin(engine, confirm->base + (int64_t)i, confirm->items[i].last, err))
            return false;
    }
    return true;
}

static void need_pause(struct confirm *confirm, int64_t pause)
{
    confirm->pause = pause > confirm->pause ? pause : confirm->pause;
}

static bool stop_unread(struct engine *engine, const struct look *look)
{
    struct slice identity = look->change->identity;
    return engine_stop(engine, CAUSE_UNCONFIRMED,
                       "%.*s could not be read before the commit, so nobody knows whether it is "
                       "as the run made it: %s",
                       (int)identity.size, identity.data, look->why.message);
}

static bool take_unread(struct engine *engine, struct confirmed *item, const struct look *look)
{
    struct confirm *confirm = engine->confirm;
    int64_t now = engine_now(engine);
    bool passes = look_passes(engine, look->event);
    confirm->failed = confirm->failed ? confirm->failed : now;
    item->refusals += !passes;
    if (item->refusals == REFUSALS_MAX || now >= confirm->failed + ENGINE_PATIENCE)
        return stop_unread(engine, look);
    need_pause(confirm,
               passes ? look_pause(confirm->failed, look->id, item->failures) : LOOK_PAUSE);
    item->failures++;
    return true;
}

/* What was there before the last change may be a read that lags, until that cannot be any more. */
static bool take_odd(struct engine *engine, struct confirmed *item, const struct look *look)
{
    int64_t now = engine_now(engine);
    item->odd_at = item->odd_at ? item->odd_at : now;
    int64_t left = item->odd_at + item->last->settle - now;
    if (look->whose == OWNERSHIP_FOREIGN || left <= 0)
        return look_conflict(engine, look);
    need_pause(engine->confirm, left < LOOK_PAUSE ? left : LOOK_PAUSE);
    return true;
}

static bool is_ours(const struct engine *engine, const struct look *look)
{
    return look->seen && ownership_is_last(&engine->ledger, look->change->identity, &look->state);
}

static bool take_look(struct engine *engine, struct confirmed *item, const struct event *event,
                      struct error *err)
{
    struct look look = {.change = item->last, .id = event->id / EVENT_PHASES};
    look_end(engine, &look, event);
    bool ours = is_ours(engine, &look);
    if (!look_record(engine, &look, ours ? "ours" : look_found(&look), 0, err))
        return false;
    item->odd_at = ours ? 0 : item->odd_at;
    item->failures = look.seen ? 0 : item->failures;
    item->refusals = look.seen ? 0 : item->refusals;
    if (ours)
        return true;
    return look.seen ? take_odd(engine, item, &look) : take_unread(engine, item, &look);
}

/* After the pause everything is looked at again. */
static bool begin_pause(struct engine *engine, struct confirm *confirm, struct error *err)
{
    struct world *world = engine->params.world;
    int64_t until = engine_now(engine) + confirm->pause;
    confirm->answered = 0;
    confirm->pause = 0;
    for (size_t i = 0; i < confirm->count; i++) {
        int64_t id = event_id(confirm->base + (int64_t)i, PHASE_TIMER);
        if (!world->ops->timer(world, id, until, err))
            return false;
    }
    return true;
}

bool confirm_take(struct engine *engine, const struct event *event, struct error *err)
{
    struct confirm *confirm = engine->confirm;
    if (!confirm || engine->stop != CAUSE_NONE)
        return true;
    int64_t id = event->id / EVENT_PHASES;
    if (id < confirm->base || id >= confirm->base + (int64_t)confirm->count)
        return true;
    struct confirmed *item = &confirm->items[id - confirm->base];
    if (event->kind == EVENT_TIMER)
        return look_begin(engine, id, item->last, err);
    if (!take_look(engine, item, event, err))
        return false;
    if (++confirm->answered < confirm->count || confirm->pause == 0)
        return true;
    return engine->stop != CAUSE_NONE || begin_pause(engine, confirm, err);
}
