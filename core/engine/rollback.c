/* Putting everything back. This works from the ledger alone: no policy code, no memory of the run.
 * Resources that do not depend on each other go back side by side; what one branch of the policy
 * changed goes back in reverse. What waits for AWS keeps nobody else waiting (engine/restore.h). */
#include "engine/rollback.h"

#include "engine/requests.h"
#include "engine/restore.h"

#include <string.h>

/* How many are looked at or undone at the same time. */
enum { AT_A_TIME = 64 };

struct ring {
    struct restore
        *restores; /* the last touched first; their ids count up from that of the first */
    size_t count;
};

static bool make_ring(struct engine *engine, struct ring *ring, struct error *err)
{
    struct ledger *ledger = &engine->ledger;
    struct pool *pool = &engine->pool;
    const struct ledger_change **pending = pool_alloc(pool, (ledger->count + 1) * sizeof *pending,
                                                      err);
    if (!pending)
        return false;
    ring->count = ledger_pending(ledger, pending);
    ring->restores = pool_alloc(pool, (ring->count + 1) * sizeof *ring->restores, err);
    if (!ring->restores)
        return false;
    for (size_t i = 0; i < ring->count; i++)
        restore_init(&ring->restores[i], engine, pending[i], ledger->next_id++);
    return true;
}

/* A part of a resource has the resource's identity, and its own name behind a "#". */
static bool is_part_of(struct slice part, struct slice whole)
{
    return part.size > whole.size && part.data[whole.size] == '#' &&
           memcmp(part.data, whole.data, whole.size) == 0;
}

/* Whether the second is put back after the first: when that has passed, or is over. The whole may
 * take its parts with it, and so waits until they are over. */
static bool is_behind(const struct restore *second, const struct restore *first, bool over)
{
    return ledger_precedes(second->first, first->first) &&
           is_part_of(first->first->identity, second->first->identity) == over;
}

static void count_those_in_front(struct ring *ring)
{
    for (size_t i = 0; i < ring->count; i++) {
        for (size_t k = 0; k < i; k++)
            ring->restores[i].behind += ledger_precedes(ring->restores[i].first,
                                                        ring->restores[k].first);
    }
}

/* Something of ours failed for one resource. It is said to be not as it was, and the others are
 * still put back. */
static bool survive(struct engine *engine, struct restore *restore, bool ok, struct error *err)
{
    struct error why = *err;
    return ok || (engine_can_record(engine, &why) && restore_leave(engine, restore, &why, err)) ||
           engine_can_record(engine, err);
}

static void start_next(struct ring *ring)
{
    size_t busy = 0;
    for (size_t i = 0; i < ring->count; i++)
        busy += ring->restores[i].phase == RESTORE_LOOKS ||
                ring->restores[i].phase == RESTORE_UNDOES;
    for (size_t i = 0; i < ring->count && busy < AT_A_TIME; i++) {
        struct restore *restore = &ring->restores[i];
        if (restore->phase != RESTORE_BLOCKED || restore->behind > 0)
            continue;
        restore_start(restore);
        busy++;
    }
}

static void let_behind(struct ring *ring, const struct restore *first, bool over)
{
    for (size_t i = 0; i < ring->count; i++)
        ring->restores[i].behind -= is_behind(&ring->restores[i], first, over);
}

/* Those behind whoever has passed, or is over, are let on; false where nobody new has. */
static bool let_on(struct ring *ring)
{
    bool any = false;
    for (size_t i = 0; i < ring->count; i++) {
        struct restore *restore = &ring->restores[i];
        bool passes = restore->passed && !restore->passed_told;
        bool ends = restore->phase == RESTORE_OVER && !restore->over_told;
        if (passes)
            let_behind(ring, restore, false);
        if (ends)
            let_behind(ring, restore, true);
        restore->passed_told |= passes;
        restore->over_told |= ends;
        any = any || passes || ends;
    }
    return any;
}

static struct restore *waiting_for(struct ring *ring, const struct event *event)
{
    int64_t place = event->id / EVENT_PHASES - ring->restores[0].id;
    struct restore *restore = place >= 0 && place < (int64_t)ring->count ? &ring->restores[place]
                                                                         : NULL;
    return restore && restore_waits_for(restore, event) ? restore : NULL;
}

/* Requests are recorded; late answers, old timers and signals change nothing about a rollback. */
static bool take(struct engine *engine, struct ring *ring, const struct event *event,
                 struct error *err)
{
    if (event->kind == EVENT_REQUEST)
        return requests_take(engine, event, err);
    struct restore *restore = waiting_for(ring, event);
    return !restore || survive(engine, restore, restore_take(engine, restore, event, err), err);
}

static bool take_next(struct engine *engine, struct ring *ring, struct error *err)
{
    struct event event;
    struct world *world = engine->params.world;
    pool_reset(&engine->scratch);
    return world->ops->next(world, &event, &engine->scratch, err) &&
           take(engine, ring, &event, err);
}

/* Takes an event only if one is there already. */
static bool take_any(struct engine *engine, struct ring *ring, bool *any, struct error *err)
{
    struct event event;
    struct world *world = engine->params.world;
    *any = false;
    if (!world->ops->poll)
        return true;
    pool_reset(&engine->scratch);
    return world->ops->poll(world, &event, any, &engine->scratch, err) &&
           (!*any || take(engine, ring, &event, err));
}

/* What came of all that has happened by now becomes durable at once, and what follows leaves. */
static bool send_all(struct engine *engine, struct ring *ring, struct error *err)
{
    if (engine->params.journal && !journal_sync(engine->params.journal, err))
        return false;
    for (size_t i = 0; i < ring->count; i++) {
        struct restore *restore = &ring->restores[i];
        if (restore->request.kind != VALUE_NULL &&
            !survive(engine, restore, restore_send(engine, restore, err), err))
            return false;
    }
    return true;
}

static bool is_over(const struct ring *ring)
{
    size_t over = 0;
    for (size_t i = 0; i < ring->count; i++)
        over += ring->restores[i].phase == RESTORE_OVER;
    return over == ring->count;
}

static bool run_ring(struct engine *engine, struct ring *ring, struct error *err)
{
    bool any = false;
    for (;;) {
        do {
            start_next(ring);
        } while (let_on(ring));
        if (is_over(ring))
            return true;
        if (!take_any(engine, ring, &any, err))
            return false;
        if (!any && !(send_all(engine, ring, err) && take_next(engine, ring, err)))
            return false;
    }
}

bool rollback_run(struct engine *engine, struct error *err)
{
    struct error ignored;
    struct ring ring = {.count = 0};
    struct journal *journal = engine->params.journal;
    if (!make_ring(engine, &ring, err))
        return false;
    count_those_in_front(&ring);
    bool ok = !journal || journal_group(journal, true, err);
    ok = ok && run_ring(engine, &ring, err);
    return !journal ? ok : journal_group(journal, false, ok ? err : &ignored) && ok;
}
