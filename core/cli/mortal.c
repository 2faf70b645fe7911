#include "cli/mortal.h"

#include <string.h>

static const char *const texts[] = {
#define X(name, text) [DEATH_##name] = text,
    DEATHS(X)
#undef X
};

const char *death_text(enum death death)
{
    return texts[death];
}

static bool die(struct mortal *mortal, struct error *err)
{
    mortal->dead = true;
    return error_set(err, ERROR_KILLED, "%s", death_text(mortal->death));
}

static struct mortal *of_store(struct journal_store *store)
{
    return (struct mortal *)(void *)((char *)store - offsetof(struct mortal, store));
}

static struct mortal *of_world(struct world *world)
{
    return (struct mortal *)(void *)((char *)world - offsetof(struct mortal, world));
}

static bool is_due(const struct mortal *mortal)
{
    return mortal->death != DEATH_NEVER && mortal->written == mortal->records;
}

/* What is in the file of a record whose writing did not come to its end. */
static bool tear(struct mortal *mortal, struct slice bytes, struct error *err)
{
    size_t kept = mortal->death == DEATH_TORN_FIRST  ? 1
                  : mortal->death == DEATH_TORN_HALF ? bytes.size / 2
                                                     : bytes.size - 1;
    bool zeros = mortal->death == DEATH_TORN_ZEROS;
    char *into = buffer_reserve(mortal->bytes, bytes.size, err);
    if (!into)
        return false;
    memcpy(into, bytes.data, kept);
    if (zeros)
        memset(into, 0, bytes.size);
    mortal->bytes->size += zeros ? bytes.size : kept;
    return true;
}

static bool append(struct journal_store *store, struct slice bytes, struct error *err)
{
    struct mortal *mortal = of_store(store);
    bool torn = mortal->death >= DEATH_TORN_FIRST;
    if (mortal->dead)
        return die(mortal, err);
    if (is_due(mortal) && torn)
        return tear(mortal, bytes, err) && die(mortal, err);
    if (is_due(mortal)) /* nothing was waited for: another point covers this one */
        return die(mortal, err);
    mortal->written++;
    return buffer_append(mortal->bytes, bytes, err);
}

static bool sync(struct journal_store *store, struct error *err)
{
    struct mortal *mortal = of_store(store);
    bool due = is_due(mortal) && mortal->death == DEATH_BEFORE_SENDING;
    return !due || die(mortal, err);
}

static int64_t now(struct world *world)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->now(inner);
}

static bool begin(struct world *world, const struct value *targets, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->begin(inner, targets, err);
}

static bool call(struct world *world, int64_t id, struct slice operation, const struct value *input,
                 struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->call(inner, id, operation, input, err);
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
    struct mortal *mortal = of_world(world);
    bool waiting = mortal->death >= DEATH_LOST && mortal->death <= DEATH_LANDED;
    if (is_due(mortal) && waiting)
        return die(mortal, err);
    return mortal->inner->ops->next(mortal->inner, event, pool, err);
}

static bool query(struct world *world, const struct value *effect, struct value *out,
                  struct pool *pool, struct error *err)
{
    struct world *inner = of_world(world)->inner;
    return inner->ops->query(inner, effect, out, pool, err);
}

static const struct world_ops ops = {
    .name = "mortal",
    .now = now,
    .begin = begin,
    .call = call,
    .timer = timer,
    .sample = sample,
    .next = next,
    .query = query,
};

void mortal_init(struct mortal *mortal, struct world *inner, struct buffer *bytes, enum death death,
                 size_t records)
{
    *mortal = (struct mortal){
        .store = {append, sync},
        .world = {&ops},
        .inner = inner,
        .bytes = bytes,
        .death = death,
        .records = records,
    };
}
