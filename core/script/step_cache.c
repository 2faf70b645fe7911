/* A tree of the steps that were seen: a run walks it as long as its results are known. */
#include "script/step_cache.h"

#include <assert.h>
#include <stdlib.h>

enum {
    REMEMBERED_MAX = 64 << 20,
    SCRATCH_MAX = 256 << 20,
    WAYS_MAX = 32, /* where results scatter more than this, to remember them would not pay */
    BACK_MAX = 32, /* effects that a new one is compared with */
};

/* What the policy did when it was given `result` at the place its parent stands for. */
struct place {
    struct place *parent, *child, *sibling;
    int branch, ways;           /* `ways`: how many children */
    const struct value *result; /* NULL: a branch was started */
    struct sandbox_step step;
};

struct step_cache {
    struct script script;
    struct sandbox *sandbox;
    bool remember;
    uint64_t seed;
    struct value arguments;
    bool any;           /* `arguments` and `root` are there */
    struct place *root; /* what the policy did first */
    struct place *at;   /* where the run stands; NULL: nowhere that is remembered */
    struct place *live; /* where the sandbox stands; NULL: elsewhere */
    bool direct;      /* this run has left what can be remembered: the sandbox is where it stands */
    struct pool pool; /* of everything remembered */
    struct pool scratch; /* of steps that are done again */
};

static void rewind_sandbox(struct step_cache *cache)
{
    sandbox_rewind(cache->sandbox);
    sandbox_seed(cache->sandbox, cache->seed);
    cache->live = NULL;
}

void step_cache_begin(struct step_cache *cache, uint64_t seed)
{
    cache->seed = seed;
    cache->at = NULL;
    cache->live = NULL;
    cache->direct = !cache->remember;
    if (cache->direct)
        rewind_sandbox(cache);
}

/* Does again what led to `place`, the first step first. */
static void walk_to(struct step_cache *cache, const struct place *place)
{
    struct sandbox_step step;
    if (place->parent) {
        walk_to(cache, place->parent);
        sandbox_resume(cache->sandbox, place->branch, place->result, &step, &cache->scratch);
    } else {
        sandbox_start(cache->sandbox, &cache->arguments, &step, &cache->scratch);
    }
}

/* Brings the sandbox to where the run stands. */
static void catch_up(struct step_cache *cache)
{
    if (cache->at && cache->live == cache->at)
        return;
    rewind_sandbox(cache);
    if (cache->at)
        walk_to(cache, cache->at);
    pool_reset(&cache->scratch);
    cache->live = cache->at;
}

/* Takes the members that an effect before has as well from there: what shares its memory is known
 * to be equal without a look (value_equal), and a watch that follows another has the same judges.
 */
static void share_members(struct value *value, const struct place *before)
{
    if (value->kind != VALUE_OBJECT)
        return;
    for (size_t i = 0; i < value->object.count; i++) {
        struct member *member = &value->object.members[i];
        bool shared = false;
        const struct place *place = before;
        for (int back = 0; place && !shared && back < BACK_MAX; back++, place = place->parent) {
            const struct value *known = value_find(&place->step.value, member->name);
            shared = known && value_equal(known, &member->value);
            if (shared)
                member->value = *known;
        }
    }
}

static bool copy_step(struct step_cache *cache, struct place *place,
                      const struct sandbox_step *step)
{
    struct error full;
    place->step = *step;
    bool has_value = step->state == SANDBOX_EFFECT || step->state == SANDBOX_RETURNED;
    if (!has_value)
        return true;
    if (!value_copy(&place->step.value, &step->value, &cache->pool, &full))
        return false;
    share_members(&place->step.value, place->parent);
    value_keep(&place->step.value);
    return true;
}

/* Remembers a step that was just done; false if there is no room for it. */
static bool add_place(struct step_cache *cache, int branch, const struct value *result,
                      const struct sandbox_step *step)
{
    struct error full;
    if (cache->at && cache->at->ways == WAYS_MAX)
        return false;
    struct place *place = pool_alloc(&cache->pool, sizeof *place, &full);
    struct value *kept = result ? pool_alloc(&cache->pool, sizeof *kept, &full) : NULL;
    if (!place || (result && (!kept || !value_copy(kept, result, &cache->pool, &full))))
        return false;
    *place = (struct place){.parent = cache->at, .branch = branch, .result = kept};
    if (!copy_step(cache, place, step))
        return false;
    if (cache->at) {
        place->sibling = cache->at->child;
        cache->at->child = place;
        cache->at->ways++;
    } else {
        cache->root = place;
        cache->any = true;
    }
    cache->at = cache->live = place;
    return true;
}

static void forget(struct step_cache *cache)
{
    cache->any = false;
    cache->root = cache->at = cache->live = NULL;
    pool_reset(&cache->pool);
}

/* After a step of the sandbox itself: kept, or the end of remembering for this run or for good. The
 * run that was first is told what is kept, as all after it are. */
static void note(struct step_cache *cache, int branch, const struct value *result,
                 struct sandbox_step *step)
{
    if (cache->direct)
        return;
    if (sandbox_drew(cache->sandbox))
        cache->remember = false;
    cache->direct = !cache->remember || !add_place(cache, branch, result, step);
    if (!cache->direct)
        *step = cache->at->step;
}

static void start(struct script *script, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool)
{
    struct step_cache *cache = (struct step_cache *)script;
    struct error full;
    if (!cache->direct && cache->any && value_equal(&cache->arguments, arguments)) {
        cache->at = cache->root;
        *step = cache->root->step;
        return;
    }
    if (!cache->direct) {
        forget(cache);
        catch_up(cache);
        cache->direct = !value_copy(&cache->arguments, arguments, &cache->pool, &full);
    }
    sandbox_start(cache->sandbox, arguments, step, pool);
    note(cache, 0, NULL, step);
}

static struct place *find_place(const struct step_cache *cache, int branch,
                                const struct value *result)
{
    for (struct place *place = cache->at->child; place; place = place->sibling) {
        bool same = place->branch == branch && !place->result == !result;
        if (same && (!result || value_equal(place->result, result)))
            return place;
    }
    return NULL;
}

static void resume(struct script *script, int branch, const struct value *result,
                   struct sandbox_step *step, struct pool *pool)
{
    struct step_cache *cache = (struct step_cache *)script;
    assert(cache->direct || cache->at);
    struct place *known = cache->direct ? NULL : find_place(cache, branch, result);
    if (known) {
        cache->at = known;
        *step = known->step;
        return;
    }
    if (!cache->direct)
        catch_up(cache);
    sandbox_resume(cache->sandbox, branch, result, step, pool);
    note(cache, branch, result, step);
}

static const struct script_ops ops = {start, resume};

bool step_cache_new(struct step_cache **out, struct sandbox *sandbox, bool remember,
                    struct error *err)
{
    struct step_cache *cache = calloc(1, sizeof *cache);
    if (!cache)
        return error_set(err, ERROR_LIMIT, "out of memory for the policy's steps");
    cache->script.ops = &ops;
    cache->sandbox = sandbox;
    cache->remember = remember;
    pool_init(&cache->pool, REMEMBERED_MAX);
    pool_init(&cache->scratch, SCRATCH_MAX);
    *out = cache;
    return true;
}

void step_cache_free(struct step_cache *cache)
{
    if (!cache)
        return;
    pool_clear(&cache->pool);
    pool_clear(&cache->scratch);
    free(cache);
}

struct script *step_cache_script(struct step_cache *cache)
{
    return &cache->script;
}
