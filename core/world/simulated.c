/* The simulated world: the account's states in virtual time, what is on its way to it, and the
 * traffic that a recording says it had. */
#include "world/simulated.h"

#include "base/array.h"
#include "world/names.h"
#include "world/simulated_inside.h"
#include "world/window.h"

#include <stdlib.h>

enum { TRIED_MAX = 4 << 20 };

static struct simulated *self_of(struct world *world)
{
    return (struct simulated *)world;
}

static bool add_epoch(struct simulated *simulated, const struct account_state *state,
                      struct error *err)
{
    if (!array_reserve(&simulated->epochs, &simulated->epoch_capacity, simulated->epoch_count,
                       sizeof *simulated->epochs, "the account's history", err))
        return false;
    simulated->epochs[simulated->epoch_count++] = (struct epoch){simulated->now, state};
    return true;
}

static const struct account_state *current(const struct simulated *simulated)
{
    return simulated->epoch_count ? simulated->epochs[simulated->epoch_count - 1].state : NULL;
}

static int64_t world_now(struct world *world)
{
    return self_of(world)->now;
}

/* `item` lacks the request; it is carried out its latency after `at`. */
static bool queue_call(struct simulated *simulated, struct queued item, const struct value *request,
                       struct error *err)
{
    const struct account_request *asked = NULL;
    int64_t latency = 0;
    if (!current(simulated))
        return error_set(err, ERROR_INTERNAL, "a call before the run has begun");
    if (!account_request(simulated->account, request, &asked, &latency, err))
        return false;
    item.request = asked;
    item.at += latency;
    return queue_add(&simulated->queue, item, err);
}

/* Signs of life: calls that nobody waits for, again and again. */
static bool queue_heartbeats(struct simulated *simulated, const struct value *list,
                             struct error *err)
{
    bool ok = true;
    for (size_t i = 0; ok && i < list->array.count; i++) {
        const struct value *beat = &list->array.items[i];
        struct queued item = {
            .at = simulated->now, .silent = true, .every = value_get_integer(beat, "every", 0)};
        ok = queue_call(simulated, item, beat, err);
    }
    return ok;
}

static bool world_begin(struct world *world, const struct value *targets, struct value *home,
                        struct error *err)
{
    struct simulated *simulated = self_of(world);
    const struct account_beginning *beginning;
    simulated->epoch_count = 0;
    simulated->targets = targets;
    if (!account_begin(simulated->account, targets, &beginning, err))
        return false;
    *home = beginning->home;
    return add_epoch(simulated, beginning->state, err) &&
           traffic_check_targets(&simulated->traffic, targets, err) &&
           queue_heartbeats(simulated, &beginning->heartbeats, err);
}

/* A read of the account as it is now, which takes no time. */
static bool ask_account(void *context, const struct value *request, struct reads_answer *answer,
                        struct pool *pool, struct error *err)
{
    struct simulated *simulated = context;
    const struct account_request *asked = NULL;
    const struct account_answer *found = NULL;
    int64_t ignored;
    (void)pool;
    if (!account_request(simulated->account, request, &asked, &ignored, err) ||
        !account_perform(simulated->account, current(simulated), asked, simulated->now, &found,
                         err))
        return false;
    *answer = (struct reads_answer){.outcome = found->outcome, .value = found->value};
    return true;
}

static bool world_learn(struct world *world, const struct value *effect, const struct value *keys,
                        struct value *learned, struct pool *pool, struct error *err)
{
    struct simulated *simulated = self_of(world);
    struct names_source source = {account_host(simulated->account), ask_account, simulated};
    (void)effect;
    return names_learn(&source, keys, learned, pool, err);
}

bool simulated_call_late(struct simulated *simulated, int64_t id, const struct value *request,
                         int64_t after, struct error *err)
{
    struct queued item = {.id = id, .at = simulated->now + after};
    return queue_call(simulated, item, request, err);
}

static bool world_call(struct world *world, int64_t id, const struct value *request,
                       struct error *err)
{
    return simulated_call_late(self_of(world), id, request, 0, err);
}

bool simulated_call_unheard(struct simulated *simulated, const struct value *request, int64_t after,
                            struct error *err)
{
    struct queued item = {.at = simulated->now + after, .silent = true};
    return queue_call(simulated, item, request, err);
}

static bool world_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct simulated *simulated = self_of(world);
    struct queued item = {.id = id, .at = at > simulated->now ? at : simulated->now};
    return queue_add(&simulated->queue, item, err);
}

bool simulated_act(struct simulated *simulated, const struct value *request, int64_t ago,
                   struct error *err)
{
    const struct account_request *asked = NULL;
    const struct account_answer *found = NULL;
    const struct account_state *before = current(simulated);
    int64_t ignored;
    if (!account_request(simulated->account, request, &asked, &ignored, err) ||
        !account_perform(simulated->account, before, asked, simulated->now - ago, &found, err))
        return false;
    struct slice why = value_get_slice(&found->value, "message", "no reason was given");
    if (found->outcome != OUTCOME_OK)
        return error_set(err, ERROR_INVALID, "%.*s", (int)why.size, why.data);
    if (ago > 0)
        simulated->epochs[simulated->epoch_count - 1].state = found->next;
    return ago > 0 || found->next == before || add_epoch(simulated, found->next, err);
}

static bool land(struct simulated *simulated, const struct queued *item, struct event *event,
                 struct error *err)
{
    const struct account_answer *answer = NULL;
    const struct account_state *before = current(simulated);
    if (!account_perform(simulated->account, before, item->request, simulated->now, &answer, err))
        return false;
    if (answer->next != before && !add_epoch(simulated, answer->next, err))
        return false;
    *event = (struct event){EVENT_ANSWER, item->id, answer->outcome, answer->value};
    return true;
}

/* --- people ---------------------------------------------------------------------------------- */

static bool world_approval(struct world *world, int64_t id, const struct value *effect,
                           struct error *err)
{
    struct simulated *simulated = self_of(world);
    struct queued item = {
        .id = id, .at = simulated->now + simulated->person.after, .approval = effect};
    int64_t within = value_get_integer(effect, "within", 0);
    bool comes = simulated->person.does != PERSON_NEVER && simulated->person.after < within;
    return !comes || queue_add(&simulated->queue, item, err);
}

/* The next thing; *told is false if nobody waits for it. */
static bool step(struct simulated *simulated, struct event *event, bool *told, struct pool *pool,
                 struct error *err)
{
    struct queued item;
    if (!queue_take(&simulated->queue, &item))
        return error_set(err, ERROR_INTERNAL, "nothing was started, nothing can be waited for");
    simulated->now = item.at;
    *told = !item.silent;
    struct queued again = item;
    again.at += item.every;
    if (item.every > 0 && !queue_add(&simulated->queue, again, err))
        return false;
    *event = (struct event){.kind = EVENT_TIMER, .id = item.id, .value = value_null()};
    if (item.approval)
        return person_answer(&simulated->person, &item, event, pool, err);
    return !item.request || land(simulated, &item, event, err);
}

static bool world_next(struct world *world, struct event *event, struct pool *pool,
                       struct error *err)
{
    bool told = false; /* what calls are answered lives in the account, longer than the run */
    while (!told) {
        if (!step(self_of(world), event, &told, pool, err))
            return false;
    }
    return true;
}

static bool check_begun(const struct simulated *simulated, struct error *err)
{
    return current(simulated) ||
           error_set(err, ERROR_INTERNAL, "metrics were asked for before the run has begun");
}

static bool world_sample(struct world *world, const struct sample_request *request,
                         struct sample *out, struct error *err)
{
    struct simulated *simulated = self_of(world);
    return check_begun(simulated, err) &&
           traffic_sample(&simulated->traffic, request, simulated->now, out, err);
}

static bool world_query(struct world *world, const struct value *effect, struct value *out,
                        struct pool *pool, struct error *err)
{
    struct simulated *simulated = self_of(world);
    if (value_is_text(value_get(effect, "kind"), "window"))
        return window_answer(simulated->zones, effect, simulated->now, out, pool, err);
    if (value_is_text(value_get(effect, "kind"), "distribution"))
        return check_begun(simulated, err) &&
               traffic_distribution(&simulated->traffic, effect, out, pool, err);
    return check_begun(simulated, err) &&
           traffic_query(&simulated->traffic, effect, simulated->now, out, pool, err);
}

static bool world_preflight(struct world *world, const struct value *targets,
                            const struct value *asks, struct value *out, struct pool *pool,
                            struct error *err)
{
    struct simulated *simulated = self_of(world);
    struct tried *tried = &simulated->tried;
    (void)pool;
    if (tried->known && value_equal(&tried->targets, targets) && value_equal(&tried->asks, asks)) {
        *out = tried->came;
        return true;
    }
    pool_reset(&tried->pool);
    tried->known = false;
    if (!traffic_preflight(&simulated->traffic, targets, asks, out, &tried->pool, err) ||
        !value_copy(&tried->targets, targets, &tried->pool, err) ||
        !value_copy(&tried->asks, asks, &tried->pool, err))
        return false;
    tried->came = *out;
    tried->known = true;
    return true;
}

static bool known_of(void *context, const struct value *target, const struct value **out,
                     struct error *err)
{
    struct simulated *simulated = context;
    *out = NULL;
    return !target || account_traffic(simulated->account, target, out, err);
}

static const struct world_ops ops = {
    .name = "simulated",
    .now = world_now,
    .begin = world_begin,
    .preflight = world_preflight,
    .learn = world_learn,
    .call = world_call,
    .timer = world_timer,
    .sample = world_sample,
    .next = world_next,
    .query = world_query,
    .approval = world_approval,
};

static bool open_traffic(struct simulated *simulated, const struct simulated_params *params,
                         struct error *err)
{
    struct traffic_options options = params->traffic;
    options.seed = params->seed;
    options.start = params->start;
    options.share = simulated_mean_share;
    options.known = known_of;
    options.context = simulated;
    return traffic_init(&simulated->traffic, &options, err);
}

bool simulated_new(struct simulated **out, const struct simulated_params *params, struct error *err)
{
    struct simulated *simulated = calloc(1, sizeof *simulated);
    if (!simulated)
        return error_set(err, ERROR_LIMIT, "out of memory for the simulated world");
    simulated->world.ops = &ops;
    simulated->start = simulated->now = params->start;
    simulated->person = params->person;
    simulated->zones = params->zones;
    queue_init(&simulated->queue);
    pool_init(&simulated->tried.pool, TRIED_MAX);
    if (!open_traffic(simulated, params, err) ||
        !account_new(&simulated->account, params->host, err)) {
        simulated_free(simulated);
        return false;
    }
    *out = simulated;
    return true;
}

void simulated_free(struct simulated *simulated)
{
    if (!simulated)
        return;
    account_free(simulated->account);
    queue_clear(&simulated->queue);
    pool_clear(&simulated->tried.pool);
    free(simulated->epochs);
    free(simulated);
}

struct world *simulated_world(struct simulated *simulated)
{
    return &simulated->world;
}

bool simulated_reset(struct simulated *simulated, uint64_t seed, struct error *err)
{
    struct traffic_options options = simulated->traffic.options;
    options.seed = seed;
    simulated->now = simulated->start;
    simulated->epoch_count = 0;
    simulated->targets = NULL;
    simulated->last_target = NULL;
    simulated->steady.target = NULL;
    queue_empty(&simulated->queue);
    account_trim(simulated->account);
    return traffic_init(&simulated->traffic, &options, err);
}

void simulated_drop_inflight(struct simulated *simulated, bool land_later)
{
    queue_silence(&simulated->queue, land_later);
    simulated->last_target = NULL; /* the engine's memory may be used anew */
    traffic_forget(&simulated->traffic);
}

bool simulated_pass(struct simulated *simulated, int64_t ms, struct error *err)
{
    int64_t until = simulated->now + ms;
    while (simulated->queue.count && simulated->queue.items[0].at <= until) {
        struct event event;
        bool told = false;
        if (!step(simulated, &event, &told, NULL, err))
            return false;
    }
    simulated->now = until;
    return true;
}

const struct account_state *simulated_snapshot(const struct simulated *simulated)
{
    return current(simulated);
}

const struct account_state *simulated_origin(const struct simulated *simulated)
{
    return simulated->epoch_count ? simulated->epochs[0].state : NULL;
}

bool simulated_restore(struct simulated *simulated, const struct account_state *state,
                       struct error *err)
{
    return state == current(simulated) || add_epoch(simulated, state, err);
}

bool simulated_equal(struct simulated *simulated, const struct account_state *a,
                     const struct account_state *b, bool *equal, struct slice *difference,
                     struct pool *pool, struct error *err)
{
    return account_equal(simulated->account, a, b, equal, difference, pool, err);
}

struct slice simulated_unheeded(const struct simulated *simulated)
{
    const struct inject *inject = traffic_unheeded(&simulated->traffic);
    return inject ? inject->metric : (struct slice){0};
}
