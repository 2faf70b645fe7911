/* What the journal knows of a change before it is looked at: which resource it is, and whether that
 * was another run's. */
#include "world/replayed_changes.h"

#include "engine/home.h"
#include "engine/record.h"
#include "world/replayed_state.h"

/* What the whole journal tells of the names of this home. */
static const struct value *recorded_name(const struct replayed *replayed, struct slice key)
{
    for (size_t i = 0; i < replayed->scan->count; i++) {
        const struct journal_record *record = &replayed->scan->records[i];
        const struct value *names = record->kind == JOURNAL_EFFECT
                                        ? value_get(&record->body, "names")
                                        : NULL;
        const struct value *found = home_known(names, key);
        if (found)
            return found;
    }
    return NULL;
}

/* The effect at the cursor, and why it was refused; NULL: it is another, or was not. */
static const struct value *refusal_of(const struct replayed *replayed, const struct value *effect)
{
    const struct journal_record *record = replayed_current(replayed);
    if (!record || record->kind != JOURNAL_EFFECT || replayed->cursor + 1 >= replayed->limit)
        return NULL;
    const struct value *request = value_get(&record->body, "request");
    return request && value_equal(request, effect) ? value_get(&record[1].body, "error") : NULL;
}

static bool refuse(const struct value *problem, enum error_code code, struct error *err)
{
    struct slice message = value_get_slice(problem, "message", "");
    return error_set(err, code, "%.*s", (int)message.size, message.data);
}

/* A name that the journal does not have was not to be had, or an older version did not ask. */
bool replayed_learn(struct world *world, const struct value *effect, const struct value *keys,
                    struct value *learned, struct pool *pool, struct error *err)
{
    const struct replayed *replayed = (struct replayed *)world;
    size_t count = keys->array.count;
    struct member *members = pool_alloc(pool, count * sizeof *members + 1, err);
    size_t known = 0;
    if (!members)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct value so_far = {.kind = VALUE_OBJECT, .object = {members, known}};
        struct slice key = keys->array.items[i].string;
        const struct value *path = recorded_name(replayed, key);
        const struct value *problem = path ? NULL : refusal_of(replayed, effect);
        if (problem)
            return refuse(problem, ERROR_INVALID, err);
        if (path && !home_known(&so_far, key))
            members[known++] = (struct member){key, *path};
    }
    return record_object(learned, members, known, pool, err);
}

/* The journal tells of an effect at once that was refused for another run's lock. */
bool replayed_claim(struct world *world, const struct value *effect, struct slice identity,
                    struct error *err)
{
    const struct value *problem = refusal_of((struct replayed *)world, effect);
    (void)identity;
    return !value_is_text(value_get(problem, "code"), WORLD_LOCKED) ||
           refuse(problem, ERROR_CONFLICT, err);
}

/* What the journal says that came. */
bool replayed_preflight(struct world *world, const struct value *targets, const struct value *asks,
                        struct value *out, struct pool *pool, struct error *err)
{
    const struct replayed *replayed = (struct replayed *)world;
    (void)targets;
    (void)asks;
    (void)pool;
    (void)err;
    *out = value_null();
    for (size_t i = replayed->cursor; i < replayed->limit; i++) {
        const struct journal_record *record = &replayed->scan->records[i];
        const struct value *found = value_get(&record->body, "preflight");
        if (record->kind == JOURNAL_BEGIN && found)
            *out = *found;
    }
    return true;
}
