/* Which resources a run must have to itself, and how they are called. */
#include "cli/supervisor_locks.h"

#include "cli/state_left.h"

enum { TARGETS_MAX = 256, POOL_MAX = 64 << 20 };

/* --- names ----------------------------------------------------------------------------------- */

/* Resources of two emulators have the same identities, and nothing else in common. */
static bool add_elsewhere(const struct supervisor *supervisor, struct lock_name *name,
                          struct pool *pool, struct error *err)
{
    struct value reached;
    struct value identity = value_string(name->key);
    if (!host_call(supervisor->host, "aws.catalogue", "reached", &identity, 1, &reached, pool, err))
        return false;
    struct signer_service service = {.id = value_get_slice(&reached, "id", ""),
                                     .prefix = value_get_slice(&reached, "prefix", "")};
    name->elsewhere = signer_elsewhere(supervisor->signer, &service);
    return true;
}

static bool name_targets(const struct supervisor *supervisor, const struct value *targets,
                         const struct value *home, struct lock_name *names, struct pool *pool,
                         struct error *err)
{
    if (targets->array.count > TARGETS_MAX)
        return error_set(err, ERROR_LIMIT, "a run has at most %d targets", TARGETS_MAX);
    for (size_t i = 0; i < targets->array.count; i++) {
        struct gate_target target;
        if (!gate_check_target(&supervisor->gate, supervisor->host, &targets->array.items[i], home,
                               &target, pool, err))
            return false;
        names[i] = (struct lock_name){.key = target.identity, .label = target.label};
    }
    return true;
}

bool supervisor_check_targets(const struct supervisor *supervisor, const struct value *targets,
                              const struct value *home, struct error *err)
{
    struct lock_name names[TARGETS_MAX];
    struct pool pool;
    pool_init(&pool, POOL_MAX);
    bool ok = name_targets(supervisor, targets, home, names, &pool, err);
    pool_clear(&pool);
    return ok;
}

static bool name_resource(const struct supervisor *supervisor, struct slice identity,
                          struct lock_name *name, struct pool *pool, struct error *err)
{
    *name = (struct lock_name){.key = identity, .label = identity};
    return add_elsewhere(supervisor, name, pool, err);
}

/* --- taking them ----------------------------------------------------------------------------- */

/* To begin on what a dead run left would be to take its half of the traffic for what was there
 * before. */
static bool left_in_order(void *context, const struct holder *before, struct error *err)
{
    const struct supervisor *supervisor = context;
    return state_check_left(&supervisor->state, before, err);
}

static void make_claim(struct supervisor *supervisor, struct lock_claim *claim)
{
    *claim = (struct lock_claim){.left = left_in_order, .context = supervisor};
    holder_init(&claim->holder, supervisor->run, net_now(supervisor->net));
}

/* Who holds it in this folder is told with what can be done about it. */
static bool refuse(const struct supervisor *supervisor, const struct lock_claim *claim,
                   struct error *err)
{
    return *claim->other.run ? state_hint(&supervisor->state, claim->other.run, err) : false;
}

static bool take(struct supervisor *supervisor, struct lock_name *names, size_t count,
                 struct error *err)
{
    char folder[PATH_MAX];
    struct lock_claim claim;
    make_claim(supervisor, &claim);
    return state_locks(&supervisor->state, folder, err) &&
           (lock_targets(&supervisor->locks, folder, names, count, &claim, err) ||
            refuse(supervisor, &claim, err));
}

bool supervisor_lock(struct supervisor *supervisor, const struct value *targets, struct error *err)
{
    struct lock_name names[TARGETS_MAX];
    struct pool pool;
    pool_init(&pool, POOL_MAX);
    bool ok = name_targets(supervisor, targets, &supervisor->identity.home, names, &pool, err);
    for (size_t i = 0; ok && i < targets->array.count; i++)
        ok = add_elsewhere(supervisor, &names[i], &pool, err);
    ok = ok && take(supervisor, names, targets->array.count, err);
    pool_clear(&pool);
    return ok;
}

bool supervisor_lock_more(struct supervisor *supervisor, struct slice identity, struct error *err)
{
    char folder[PATH_MAX];
    struct pool pool;
    struct lock_name name;
    struct lock_claim claim;
    pool_init(&pool, POOL_MAX);
    make_claim(supervisor, &claim);
    bool ok = name_resource(supervisor, identity, &name, &pool, err) &&
              state_locks(&supervisor->state, folder, err) &&
              (lock_more(supervisor->locks, folder, &name, &claim, err) ||
               refuse(supervisor, &claim, err));
    pool_clear(&pool);
    return ok;
}

static bool lock_record(struct supervisor *supervisor, const struct journal_record *record,
                        struct error *err)
{
    const struct value *targets = value_get(&record->body, "targets");
    struct slice identity = value_get_slice(&record->body, "identity", "");
    if (record->kind == JOURNAL_BEGIN && !supervisor->locks)
        return supervisor_lock(supervisor, targets, err);
    if (record->kind == JOURNAL_EFFECT && supervisor->locks && identity.size > 0)
        return supervisor_lock_more(supervisor, identity, err);
    return true;
}

bool supervisor_lock_run(struct supervisor *supervisor, const struct journal_scan *scan,
                         struct error *err)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (!lock_record(supervisor, &scan->records[i], err))
            return false;
    }
    return true;
}
