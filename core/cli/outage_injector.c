/* A world that hands on what it is asked, but for the calls that meet the outage: they are answered
 * as by an AWS that is away, and take effect or not, as its kind says. */
#include "cli/outage_injector.h"

enum {
    POOL_MAX = 64 << 20,
    ANSWERED_AFTER = 100,     /* ms */
    WAITED_FOR = 30 * 1000,   /* as long as the live world waits for an answer */
    LATER = WAITED_FOR + 500, /* a slow call's effect, which the settling window still sees */
};

static const char *const texts[] = {
#define X(name, text) [OUTAGE_##name] = text,
    OUTAGE_KINDS(X)
#undef X
};

const char *outage_kind_text(enum outage_kind kind)
{
    return texts[kind];
}

/* What becomes of a call, as the client of AWS tells the engine (lua/aws/client/outcome.lua). A
 * change whose answer says nothing for certain may have been made; a read never was. */
static const struct {
    const char *code;
    bool certain;         /* refused, also if it is a change */
    int64_t answer_after; /* ms */
    int64_t effect_after; /* ms; -1: it has none */
} fates[] = {
    [OUTAGE_UNREACHED] = {WORLD_NOT_SENT, true, ANSWERED_AFTER, -1},
    [OUTAGE_FAULT] = {"InternalFailure", false, ANSWERED_AFTER, -1},
    [OUTAGE_THROTTLED] = {"ThrottlingException", true, ANSWERED_AFTER, -1},
    [OUTAGE_EXPIRED] = {"ExpiredTokenException", true, ANSWERED_AFTER, -1},
    [OUTAGE_LOST] = {WORLD_LOST, false, ANSWERED_AFTER, 0},
    [OUTAGE_SLOW] = {WORLD_LOST, false, WAITED_FOR, LATER},
};

static struct outage_injector *self_of(struct world *world)
{
    return (struct outage_injector *)world;
}

static struct world *inner_of(struct world *world)
{
    return simulated_world(self_of(world)->simulated);
}

static int64_t now(struct world *world)
{
    struct world *inner = inner_of(world);
    return inner->ops->now(inner);
}

static bool begin(struct world *world, const struct value *targets, struct value *home,
                  struct error *err)
{
    struct world *inner = inner_of(world);
    bool ok = inner->ops->begin(inner, targets, home, err);
    self_of(world)->home = ok ? *home : value_null();
    return ok;
}

static bool is_away(struct outage_injector *injector)
{
    int64_t at = now(&injector->world);
    injector->calls++;
    if (injector->calls == injector->outage.from)
        injector->until = at + injector->outage.length;
    return at < injector->until;
}

/* What the catalogue does not know is refused by the account, too. */
static bool changes_anything(struct outage_injector *injector, const struct value *request)
{
    struct plan plan;
    struct error ignored;
    pool_reset(&injector->pool);
    return injector->catalogue->ops->plan(injector->catalogue, request, &injector->home, &plan,
                                          &injector->pool, &ignored) &&
           plan.mutation;
}

/* Timers with such ids are answers to reads and to changes that met the outage. */
#define READ_MARK (INT64_C(1) << 60)
#define CHANGE_MARK (INT64_C(1) << 61)

static bool call(struct world *world, int64_t id, const struct value *request, struct error *err)
{
    struct outage_injector *injector = self_of(world);
    struct world *inner = inner_of(world);
    enum outage_kind kind = injector->outage.kind;
    if (!is_away(injector))
        return inner->ops->call(inner, id, request, err);
    bool change = changes_anything(injector, request);
    int64_t mark = change ? CHANGE_MARK : READ_MARK;
    if (change && fates[kind].effect_after >= 0 &&
        !simulated_call_unheard(injector->simulated, request, fates[kind].effect_after, err))
        return false;
    return inner->ops->timer(inner, id | mark, now(world) + fates[kind].answer_after, err);
}

static bool timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->timer(inner, id, at, err);
}

static bool sample(struct world *world, const struct sample_request *request, struct sample *out,
                   struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->sample(inner, request, out, err);
}

static bool preflight(struct world *world, const struct value *targets, const struct value *asks,
                      struct value *out, struct pool *pool, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->preflight(inner, targets, asks, out, pool, err);
}

static bool query(struct world *world, const struct value *effect, struct value *out,
                  struct pool *pool, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->query(inner, effect, out, pool, err);
}

static bool answer(struct outage_injector *injector, struct event *event, struct pool *pool,
                   struct error *err)
{
    enum outage_kind kind = injector->outage.kind;
    bool change = (event->id & CHANGE_MARK) != 0;
    struct member *members = pool_alloc(pool, 2 * sizeof *members, err);
    if (!members)
        return false;
    *event = (struct event){
        .kind = EVENT_ANSWER,
        .id = event->id & ~(READ_MARK | CHANGE_MARK),
        .outcome = change && !fates[kind].certain ? OUTCOME_UNKNOWN : OUTCOME_REJECTED,
        .value = world_problem(members, fates[kind].code, texts[kind]),
    };
    return true;
}

static bool next(struct world *world, struct event *event, struct pool *pool, struct error *err)
{
    struct world *inner = inner_of(world);
    if (!inner->ops->next(inner, event, pool, err))
        return false;
    bool met = event->kind == EVENT_TIMER && event->id >= READ_MARK;
    return !met || answer(self_of(world), event, pool, err);
}

static bool approval(struct world *world, int64_t id, const struct value *effect, struct error *err)
{
    struct world *inner = inner_of(world);
    return inner->ops->approval(inner, id, effect, err);
}

static const struct world_ops ops = {
    .name = "outage injector",
    .now = now,
    .begin = begin,
    .preflight = preflight,
    .call = call,
    .timer = timer,
    .sample = sample,
    .next = next,
    .query = query,
    .approval = approval,
};

void outage_injector_init(struct outage_injector *injector, struct simulated *simulated,
                          struct catalogue *catalogue)
{
    *injector = (struct outage_injector){
        .world = {&ops}, .simulated = simulated, .catalogue = catalogue};
    pool_init(&injector->pool, POOL_MAX);
}

void outage_injector_clear(struct outage_injector *injector)
{
    pool_clear(&injector->pool);
}

void outage_injector_set(struct outage_injector *injector, struct outage outage)
{
    injector->outage = outage;
    injector->calls = 0;
    injector->until = 0;
}
