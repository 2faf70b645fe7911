/* The simulated world: the account's states in virtual time, what is on its way to it, and the
 * traffic that a recording says it had. */
#include "world/simulated.h"

#include "base/array.h"
#include "world/account.h"
#include "world/names.h"
#include "world/queue.h"
#include "world/window.h"

#include <math.h>
#include <stdlib.h>

/* The share that a target has had since `from` and has until `until`, unless the account changes:
 * asked for in every period, it is found a few times in a run. */
struct steady_share {
    const struct account_request *target; /* NULL: none is known */
    size_t epoch_count; /* of the account, with the one that it was found in as the last */
    int64_t from, until;
    double percent;
};

enum { TRIED_MAX = 4 << 20 };

/* Since when the account has been in a state. */
struct epoch {
    int64_t from;
    const struct account_state *state;
};

/* What the recording was looked through for last: a thousand runs ask for the same. */
struct tried {
    bool known;
    struct value targets, asks, came;
    struct pool pool;
};

struct simulated {
    struct world world;
    struct account *account;
    struct traffic traffic;
    struct queue queue;
    struct person person;
    struct zones *zones;
    int64_t start, now;
    struct epoch *epochs; /* the first is the run's begin */
    size_t epoch_count, epoch_capacity;
    const struct value *targets;     /* what the run began with, the engine's */
    const struct value *last_target; /* a pointer seen in this run, and what it stands for */
    const struct account_request *last_request;
    struct steady_share steady;
    struct tried tried;
};

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

static bool world_call(struct world *world, int64_t id, const struct value *request,
                       struct error *err)
{
    struct simulated *simulated = self_of(world);
    return queue_call(simulated, (struct queued){.id = id, .at = simulated->now}, request, err);
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

static bool share_at(struct simulated *simulated, const struct epoch *epoch,
                     const struct account_request *target, int64_t at, double *percent,
                     int64_t *until, struct error *err)
{
    bool before = at < simulated->start;
    if (!account_share(simulated->account, epoch->state, target, before ? simulated->start : at,
                       percent, until, err))
        return false;
    *until = before ? simulated->start : *until;
    return true;
}

static bool sum_shares(struct simulated *simulated, const struct account_request *target,
                       int64_t from, int64_t to, double *mean, struct error *err)
{
    double sum = 0;
    size_t i = simulated->epoch_count - 1;
    while (i > 0 && simulated->epochs[i].from > from)
        i--;
    for (int64_t at = from, until; at < to; at = until) {
        double percent = 0;
        while (i + 1 < simulated->epoch_count && simulated->epochs[i + 1].from <= at)
            i++;
        if (!share_at(simulated, &simulated->epochs[i], target, at, &percent, &until, err))
            return false;
        simulated->steady = (struct steady_share){target, i + 1, at, until, percent};
        if (i + 1 < simulated->epoch_count && until > simulated->epochs[i + 1].from)
            until = simulated->epochs[i + 1].from;
        until = until < to ? until : to;
        sum += percent * (double)(until - at);
        *mean = until - at == to - from ? percent : sum / (double)(to - from);
    }
    return true;
}

static bool is_steady(const struct simulated *simulated, const struct account_request *target,
                      int64_t from, int64_t to)
{
    const struct steady_share *steady = &simulated->steady;
    return steady->target == target && steady->epoch_count == simulated->epoch_count &&
           steady->from <= from && to <= steady->until;
}

/* The share of the traffic as the account had it, for the recording's sake. */
static bool mean_share(void *context, const struct value *target, int64_t from, int64_t to,
                       double *percent, struct error *err)
{
    struct simulated *simulated = context;
    if (target != simulated->last_target) {
        simulated->last_target = NULL;
        if (!account_target(simulated->account, target, &simulated->last_request, err))
            return false;
        simulated->last_target = target;
    }
    if (is_steady(simulated, simulated->last_request, from, to)) {
        *percent = simulated->steady.percent;
        return true;
    }
    return sum_shares(simulated, simulated->last_request, from, to, percent, err);
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
    options.share = mean_share;
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

/* What every state of the account comes to, once the traffic has followed. */
static bool peak_of(struct simulated *simulated, const struct account_request *target,
                    double *percent, struct error *err)
{
    enum { DAY = 86400000 };
    for (size_t i = 0; i < simulated->epoch_count; i++) {
        const struct epoch *epoch = &simulated->epochs[i];
        double share = 0;
        int64_t ignored;
        if (!account_share(simulated->account, epoch->state, target, epoch->from + DAY, &share,
                           &ignored, err))
            return false;
        *percent = share > *percent ? share : *percent;
    }
    return true;
}

bool simulated_peak(struct simulated *simulated, double *percent, struct error *err)
{
    enum { STEPS = 1000000 }; /* of one per cent: 0.07 * 100 is not 7 */
    *percent = 0;
    for (size_t i = 0; simulated->targets && i < simulated->targets->array.count; i++) {
        const struct account_request *target = NULL;
        if (!account_target(simulated->account, &simulated->targets->array.items[i], &target,
                            err) ||
            !peak_of(simulated, target, percent, err))
            return false;
    }
    *percent = floor(*percent * STEPS + 0.5) / STEPS;
    return true;
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
