/* A journal store and a world that hand on what they are asked until the chosen moment, and fail
 * from then on. */
#include "cli/crash_injector.h"

#include <string.h>

static const char *const texts[] = {
#define X(name, text) [CRASH_##name] = text,
    CRASH_KINDS(X)
#undef X
};

const char *crash_kind_text(enum crash_kind kind)
{
    return texts[kind];
}

static bool kill(struct crash_injector *injector, struct error *err)
{
    injector->crashed = true;
    return error_set(err, ERROR_KILLED, "%s", crash_kind_text(injector->kind));
}

static struct crash_injector *of_store(struct journal_store *store)
{
    return (struct crash_injector *)(void *)((char *)store -
                                             offsetof(struct crash_injector, store));
}

static struct crash_injector *of_world(struct world *world)
{
    return (struct crash_injector *)(void *)((char *)world -
                                             offsetof(struct crash_injector, world));
}

static bool is_due(const struct crash_injector *injector)
{
    return injector->kind != CRASH_NEVER && injector->written == injector->records;
}

/* What is in the file of a record whose writing did not come to its end. */
static bool tear(struct crash_injector *injector, struct slice bytes, struct error *err)
{
    size_t kept = injector->kind == CRASH_TORN_FIRST  ? 1
                  : injector->kind == CRASH_TORN_HALF ? bytes.size / 2
                                                      : bytes.size - 1;
    bool zeros = injector->kind == CRASH_TORN_ZEROS;
    char *into = buffer_reserve(injector->bytes, bytes.size, err);
    if (!into)
        return false;
    memcpy(into, bytes.data, kept);
    if (zeros)
        memset(into, 0, bytes.size);
    injector->bytes->size += zeros ? bytes.size : kept;
    return true;
}

static bool append(struct journal_store *store, struct slice bytes, struct error *err)
{
    struct crash_injector *injector = of_store(store);
    bool torn = injector->kind >= CRASH_TORN_FIRST;
    if (injector->crashed)
        return kill(injector, err);
    if (is_due(injector) && torn)
        return tear(injector, bytes, err) && kill(injector, err);
    if (is_due(injector)) /* nothing was waited for: another point covers this one */
        return kill(injector, err);
    injector->written++;
    return buffer_append(injector->bytes, bytes, err);
}

static bool sync(struct journal_store *store, struct error *err)
{
    struct crash_injector *injector = of_store(store);
    bool due = is_due(injector) && injector->kind == CRASH_BEFORE_SENDING;
    return !due || kill(injector, err);
}

static int64_t now(struct world *world)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->now(inner);
}

static bool begin(struct world *world, const struct value *targets, struct value *home,
                  struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->begin(inner, targets, home, err);
}

static bool call(struct world *world, int64_t id, const struct value *request, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->call(inner, id, request, err);
}

static bool timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->timer(inner, id, at, err);
}

static bool sample(struct world *world, const struct sample_request *request, struct sample *out,
                   struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->sample(inner, request, out, err);
}

static bool next(struct world *world, struct event *event, struct pool *pool, struct error *err)
{
    struct crash_injector *injector = of_world(world);
    bool waiting = injector->kind >= CRASH_LOST && injector->kind <= CRASH_LANDED;
    if (is_due(injector) && waiting)
        return kill(injector, err);
    return injector->inner->ops->next(injector->inner, event, pool, err);
}

static bool preflight(struct world *world, const struct value *targets, const struct value *asks,
                      struct value *out, struct pool *pool, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->preflight(inner, targets, asks, out, pool, err);
}

static bool query(struct world *world, const struct value *effect, struct value *out,
                  struct pool *pool, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->query(inner, effect, out, pool, err);
}

static bool approval(struct world *world, int64_t id, const struct value *effect, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->approval(inner, id, effect, err);
}

static const struct world_ops ops = {
    .name = "crash injector",
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

void crash_injector_init(struct crash_injector *injector, struct world *inner, struct buffer *bytes,
                         enum crash_kind kind, size_t records)
{
    *injector = (struct crash_injector){
        .store = {.append = append, .sync = sync},
        .world = {&ops},
        .inner = inner,
        .bytes = bytes,
        .kind = kind,
        .records = records,
    };
}
