/* The live world: what the engine starts goes to AWS and to the loop, and comes back as events. */
#include "world/live.h"

#include "world/heartbeats.h"
#include "world/names.h"
#include "world/window.h"

#include <stdlib.h>

struct live {
    struct world world;
    struct live_params params;
    int64_t now; /* moves in `next` only: what happens in one step happens at one time */
    struct inbox *inbox;
    struct live_metrics *metrics;
    struct zones *zones;
    struct heartbeats *heartbeats; /* NULL: no target has any, or the run has not begun */
    struct pool pool;              /* of `started` */
    bool waits;                    /* a timer was set that is not due for long */
};

enum { LONG_WAIT = 5000 }; /* ms */

/* A call or a timer of the engine's; lives as long as the world. */
struct started {
    struct live *live;
    int64_t id;
};

static struct live *self_of(struct world *world)
{
    return (struct live *)world;
}

static struct started *remember(struct live *live, int64_t id, struct error *err)
{
    struct started *started = pool_alloc(&live->pool, sizeof *started, err);
    if (started)
        *started = (struct started){live, id};
    return started;
}

/* Out of memory for an answer is the one thing that cannot be told as an event; the run then waits
 * for an answer that never comes, and ends by its time limits. */
static void answered(void *context, enum outcome outcome, const struct value *value)
{
    struct error ignored;
    struct started *started = context;
    struct event event = {EVENT_ANSWER, started->id, outcome, *value};
    inbox_add(started->live->inbox, &event, &ignored);
}

static void due(void *context)
{
    struct error ignored;
    struct started *started = context;
    struct event event = {.kind = EVENT_TIMER, .id = started->id};
    inbox_add(started->live->inbox, &event, &ignored);
}

static int64_t world_now(struct world *world)
{
    return self_of(world)->now;
}

/* A read that the run waits for before it goes on. */
struct asking {
    struct reads_answer *answer;
    struct pool *pool;
    bool done, kept;
    struct error err;
};

static void take_answer(void *context, enum outcome outcome, const struct value *value)
{
    struct asking *asking = context;
    asking->answer->outcome = outcome;
    asking->kept = value_copy(&asking->answer->value, value, asking->pool, &asking->err);
    asking->done = true;
}

static bool ask_aws(void *context, const struct value *request, struct reads_answer *answer,
                    struct pool *pool, struct error *err)
{
    struct live *live = context;
    struct asking asking = {.answer = answer, .pool = pool};
    struct caller_request asked = caller_request_of(request);
    if (!caller_start(live->params.caller, &asked, take_answer, &asking, err))
        return false;
    if (!inbox_wait_until(live->inbox, &asking.done, err)) {
        caller_forget(live->params.caller, &asking);
        return inbox_is_ending(live->inbox)
                   ? error_set(err, ERROR_ENDED, "the run was asked to end before that was known")
                   : false;
    }
    if (!asking.kept)
        *err = asking.err;
    return asking.kept;
}

static bool begin_heartbeats(struct live *live, const struct value *targets,
                             const struct value *home, struct error *err)
{
    struct heartbeats_params params = {live->params.net, live->params.host, live->params.caller};
    return live->heartbeats || heartbeats_new(&live->heartbeats, &params, targets, home, err);
}

static bool world_begin(struct world *world, const struct value *targets, struct value *home,
                        struct error *err)
{
    struct live *live = self_of(world);
    struct names_source source = {live->params.host, ask_aws, live};
    const struct live_hooks *hooks = &live->params.hooks;
    *home = live->params.home ? *live->params.home : value_null();
    if (!names_of_targets(&source, targets, home, &live->pool, err) ||
        (hooks->begin && !hooks->begin(hooks->context, targets, home, err)) ||
        !begin_heartbeats(live, targets, home, err))
        return false;
    if (live_metrics_begin(live->metrics, targets, home, err))
        return true;
    return inbox_is_ending(live->inbox)
               ? error_set(err, ERROR_ENDED, "the run was asked to end before it began")
               : false;
}

static bool world_preflight(struct world *world, const struct value *targets,
                            const struct value *asks, struct value *out, struct pool *pool,
                            struct error *err)
{
    struct live *live = self_of(world);
    if (live_metrics_preflight(live->metrics, targets, asks, live->now, out, pool, err)) {
        live->now = net_now(live->params.net);
        return true;
    }
    return inbox_is_ending(live->inbox)
               ? error_set(err, ERROR_ENDED, "the run was asked to end before it began")
               : false;
}

static bool world_learn(struct world *world, const struct value *effect, const struct value *keys,
                        struct value *learned, struct pool *pool, struct error *err)
{
    struct live *live = self_of(world);
    struct names_source source = {live->params.host, ask_aws, live};
    (void)effect;
    return names_learn(&source, keys, learned, pool, err);
}

static bool world_claim(struct world *world, const struct value *effect, struct slice identity,
                        struct error *err)
{
    const struct live_hooks *hooks = &self_of(world)->params.hooks;
    (void)effect;
    return !hooks->claim || hooks->claim(hooks->context, identity, err);
}

/* A call that could not be sent was rejected, by us: that is an answer like others. */
static bool refuse(struct live *live, int64_t id, const struct error *why, struct error *err)
{
    struct member members[2];
    struct event event = {EVENT_ANSWER, id, OUTCOME_REJECTED,
                          world_problem(members, WORLD_NOT_SENT, why->message)};
    return inbox_add(live->inbox, &event, err);
}

static bool world_call(struct world *world, int64_t id, const struct value *request,
                       struct error *err)
{
    struct live *live = self_of(world);
    struct error why;
    struct caller_request asked = caller_request_of(request);
    struct started *started = remember(live, id, err);
    if (!started)
        return false;
    return caller_start(live->params.caller, &asked, answered, started, &why) ||
           refuse(live, id, &why, err);
}

static bool world_change(struct world *world, int64_t id, const struct value *request,
                         struct slice identity, int64_t record, struct error *err)
{
    struct live *live = self_of(world);
    const struct live_hooks *hooks = &live->params.hooks;
    struct error why;
    if (!hooks->change || hooks->change(hooks->context, identity, record, &why))
        return world_call(world, id, request, err);
    return refuse(live, id, &why, err);
}

static bool world_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct live *live = self_of(world);
    struct started *started = remember(live, id, err);
    live->waits = at - net_now(live->params.net) >= LONG_WAIT;
    return started && net_timer(live->params.net, at, due, started, err);
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
    return inbox_is_ending(live->inbox);
}

static bool world_query(struct world *world, const struct value *effect, struct value *out,
                        struct pool *pool, struct error *err)
{
    struct live *live = self_of(world);
    if (value_is_text(value_get(effect, "kind"), "window"))
        return window_answer(live->zones, effect, live->now, out, pool, err);
    if (live_metrics_query(live->metrics, effect, live->now, out, pool, err))
        return true;
    *out = value_null();
    return inbox_is_ending(live->inbox);
}

static bool world_next(struct world *world, struct event *event, struct pool *pool,
                       struct error *err)
{
    struct live *live = self_of(world);
    if (live->waits)
        host_rest(live->params.host);
    live->waits = false;
    if (!inbox_take(live->inbox, event, pool, err))
        return false;
    live->now = net_now(live->params.net);
    return true;
}

static bool world_poll(struct world *world, struct event *event, bool *any, struct pool *pool,
                       struct error *err)
{
    struct live *live = self_of(world);
    if (!inbox_poll(live->inbox, event, any, pool, err))
        return false;
    live->now = *any ? net_now(live->params.net) : live->now;
    return true;
}

static const struct world_ops ops = {
    .name = "live",
    .now = world_now,
    .begin = world_begin,
    .preflight = world_preflight,
    .learn = world_learn,
    .claim = world_claim,
    .call = world_call,
    .change = world_change,
    .timer = world_timer,
    .halt = world_halt,
    .sample = world_sample,
    .next = world_next,
    .query = world_query,
    .poll = world_poll,
};

static bool open_metrics(struct live *live, struct error *err)
{
    const struct live_params *params = &live->params;
    struct live_metrics_params metrics = {
        .host = params->host,
        .tasks = {.net = params->net,
                  .sender = params->sender,
                  .caller = params->caller,
                  .inbox = live->inbox},
        .config = params->config,
        .warn = params->hooks.warn,
        .warn_context = params->hooks.context,
    };
    return live_metrics_new(&live->metrics, &metrics, err);
}

bool live_new(struct live **out, const struct live_params *params, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct inbox_source source = {params->hooks.asked, params->hooks.stands, params->hooks.context};
    struct live *live = calloc(1, sizeof *live);
    if (!live)
        return error_set(err, ERROR_LIMIT, "out of memory for the live world");
    live->world.ops = &ops;
    live->params = *params;
    live->now = net_now(params->net);
    pool_init(&live->pool, POOL_MAX);
    if (!inbox_new(&live->inbox, params->net, &source, err) || !zones_new(&live->zones, err) ||
        !open_metrics(live, err)) {
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
    heartbeats_free(live->heartbeats);
    live_metrics_free(live->metrics);
    inbox_free(live->inbox);
    zones_free(live->zones);
    pool_clear(&live->pool);
    free(live);
}

struct world *live_world(struct live *live)
{
    return &live->world;
}

struct live_metrics *live_metrics(struct live *live)
{
    return live->metrics;
}

bool live_hear_end(struct live *live)
{
    return inbox_hear_end(live->inbox);
}
