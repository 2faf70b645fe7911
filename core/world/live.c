#include "world/live.h"

#include "world/live_state.h"
#include "world/past.h"

#include <stdlib.h>

enum { LOOK_EVERY = 1000 /* ms between two looks whether somebody asks for the end */ };

static struct live *self_of(struct world *world)
{
    return (struct live *)world;
}

/* Its value is copied. */
static struct happened *copy_event(struct event event, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    struct happened *happened = calloc(1, sizeof *happened);
    if (!happened) {
        error_set(err, ERROR_LIMIT, "out of memory for an event");
        return NULL;
    }
    pool_init(&happened->pool, POOL_MAX);
    happened->event = event;
    if (!value_copy(&happened->event.value, &event.value, &happened->pool, err)) {
        pool_clear(&happened->pool);
        free(happened);
        return NULL;
    }
    return happened;
}

static void add(struct happened ***last, struct happened *happened)
{
    **last = happened;
    *last = &happened->next;
}

/* An event that can be taken from now on. */
static bool happen(struct live *live, struct event event, struct error *err)
{
    struct happened *happened = copy_event(event, err);
    if (happened)
        add(&live->last, happened);
    return happened != NULL;
}

static struct happened *take_first(struct happened **first, struct happened ***last)
{
    struct happened *taken = *first;
    *first = taken->next;
    if (!*first)
        *last = first;
    return taken;
}

static void drop(struct happened *happened)
{
    pool_clear(&happened->pool);
    free(happened);
}

static struct waiting *wait_for(struct live *live, int64_t id, struct error *err)
{
    struct waiting *waiting = pool_alloc(&live->pool, sizeof *waiting, err);
    if (waiting)
        *waiting = (struct waiting){live, id};
    return waiting;
}

/* Out of memory for an answer is the one thing that cannot be told as an event; the run then waits
 * for an answer that never comes, and ends by its time limits. */
static void answered(void *context, enum outcome outcome, const struct value *value)
{
    struct waiting *waiting = context;
    struct error ignored;
    happen(waiting->live, (struct event){EVENT_ANSWER, waiting->id, outcome, *value}, &ignored);
}

static void due(void *context)
{
    struct waiting *waiting = context;
    struct error ignored;
    happen(waiting->live, (struct event){.kind = EVENT_TIMER, .id = waiting->id}, &ignored);
}

static int64_t world_now(struct world *world)
{
    return self_of(world)->now;
}

static bool world_begin(struct world *world, const struct value *targets, struct error *err)
{
    struct live *live = self_of(world);
    const struct live_hooks *hooks = &live->params.hooks;
    if (hooks->begin && !hooks->begin(hooks->context, targets, err))
        return false;
    if (live_metrics_begin(live->metrics, targets, err))
        return true;
    return live->ending ? error_set(err, ERROR_ENDED, "the run was asked to end before it began")
                        : false;
}

/* A call that could not be sent was rejected, by us: that is an answer like others. */
static bool refuse(struct live *live, int64_t id, const struct error *why, struct error *err)
{
    struct member members[2];
    struct value problem = world_problem(members, WORLD_NOT_SENT, why->message);
    return happen(live, (struct event){EVENT_ANSWER, id, OUTCOME_REJECTED, problem}, err);
}

static bool world_call(struct world *world, int64_t id, struct slice operation,
                       const struct value *input, struct error *err)
{
    struct live *live = self_of(world);
    struct error why;
    struct waiting *waiting = wait_for(live, id, err);
    if (!waiting)
        return false;
    struct caller_request request = {.operation = operation, .input = input};
    return caller_start(live->params.caller, &request, answered, waiting, &why) ||
           refuse(live, id, &why, err);
}

static bool world_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct live *live = self_of(world);
    struct waiting *waiting = wait_for(live, id, err);
    return waiting && net_timer(live->params.net, at, due, waiting, err);
}

static void world_halt(struct world *world)
{
    caller_halt(self_of(world)->params.caller);
}

static bool world_sample(struct world *world, const struct sample_request *request,
                         struct sample *out, struct error *err)
{
    struct live *live = self_of(world);
    if (live_metrics_sample(live->metrics, request, live->now, out, err))
        return true;
    *out = (struct sample){.dropped = true};
    return live->ending;
}

static bool world_query(struct world *world, const struct value *effect, struct value *out,
                        struct pool *pool, struct error *err)
{
    struct live *live = self_of(world);
    if (live_metrics_query(live->metrics, effect, live->now, out, pool, err))
        return true;
    *out = value_null();
    return live->ending;
}

/* --- what is asked of the run ---------------------------------------------------------------- */

/* The end goes before what was asked earlier and not done yet: that could be a promote, after which
 * the run has nothing more to wait for. */
static void end(struct live *live, struct happened *happened)
{
    live->ending = true;
    happened->next = live->asked;
    live->asked = happened;
    if (!happened->next)
        live->last_asked = &happened->next;
}

static bool listen(struct live *live, struct error *err)
{
    struct event event;
    bool ends = false;
    const struct live_hooks *hooks = &live->params.hooks;
    while (hooks->asked && hooks->asked(hooks->context, &event, &ends)) {
        struct happened *happened = copy_event(event, err);
        if (!happened)
            return false;
        if (ends && !live->ending)
            end(live, happened);
        else
            add(&live->last_asked, happened);
    }
    return true;
}

/* Wakes whoever waits, to listen. */
static void look(void *context)
{
    struct live *live = context;
    struct error ignored;
    net_timer(live->params.net, net_now(live->params.net) + LOOK_EVERY, look, live, &ignored);
}

static bool wait_for_event(struct live *live, struct error *err)
{
    while (listen(live, err)) {
        if (live->asked || live->first)
            return true;
        if (!net_wait(live->params.net, err))
            return false;
    }
    return false;
}

static bool hand_over(struct happened *happened, struct event *event, struct pool *pool,
                      struct error *err)
{
    *event = happened->event;
    bool ok = value_copy(&event->value, &happened->event.value, pool, err);
    drop(happened);
    return ok;
}

static bool world_next(struct world *world, struct event *event, struct pool *pool,
                       struct error *err)
{
    struct live *live = self_of(world);
    if (!wait_for_event(live, err))
        return false;
    live->now = net_now(live->params.net);
    struct happened *first = live->asked ? take_first(&live->asked, &live->last_asked)
                                         : take_first(&live->first, &live->last);
    return hand_over(first, event, pool, err);
}

static bool world_asked(struct world *world, struct event *event, bool *any, struct pool *pool,
                        struct error *err)
{
    struct live *live = self_of(world);
    if (!listen(live, err))
        return false;
    *any = live->asked != NULL;
    return !*any || hand_over(take_first(&live->asked, &live->last_asked), event, pool, err);
}

static const struct world_ops ops = {
    .name = "live",
    .now = world_now,
    .begin = world_begin,
    .call = world_call,
    .timer = world_timer,
    .halt = world_halt,
    .sample = world_sample,
    .next = world_next,
    .query = world_query,
    .asked = world_asked,
};

bool live_new(struct live **out, const struct live_params *params, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct live *live = calloc(1, sizeof *live);
    if (!live)
        return error_set(err, ERROR_LIMIT, "out of memory for the live world");
    live->world.ops = &ops;
    live->params = *params;
    live->params.live = live;
    live->now = net_now(params->net);
    live->last = &live->first;
    live->last_asked = &live->asked;
    pool_init(&live->pool, POOL_MAX);
    if (!live_metrics_new(&live->metrics, &live->params, err) ||
        !net_timer(params->net, live->now + LOOK_EVERY, look, live, err)) {
        live_free(live);
        return false;
    }
    *out = live;
    return true;
}

void live_free(struct live *live)
{
    if (!live)
        return;
    net_forget(live->params.net, live);
    while (live->first)
        drop(take_first(&live->first, &live->last));
    while (live->asked)
        drop(take_first(&live->asked, &live->last_asked));
    live_metrics_free(live->metrics);
    pool_clear(&live->pool);
    free(live);
}

bool live_wait_until(struct live *live, struct net *net, const bool *done, struct error *err)
{
    if (!live)
        return net_wait_until(net, done, err);
    while (!*done) {
        if (!listen(live, err))
            return false;
        if (live->ending)
            return error_set(err, ERROR_IO, "the run was asked to end");
        if (!*done && !net_wait(net, err))
            return false;
    }
    return true;
}

struct world *live_world(struct live *live)
{
    return &live->world;
}

bool live_past(struct live *live, const struct past *past, int64_t from, int64_t to,
               struct error *err)
{
    return past_ask(past, live, from, to, err);
}

bool live_recording(struct live *live, const struct live_wanted *wanted, struct value *out,
                    struct pool *pool, struct error *err)
{
    return live_metrics_recording(live->metrics, wanted, out, pool, err);
}
