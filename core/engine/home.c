/* Names that were learned, put with those that were known. */
#include "engine/home.h"

#include "engine/record.h"

#include <string.h>

const struct value *home_known(const struct value *names, struct slice key)
{
    for (size_t i = 0; names && names->kind == VALUE_OBJECT && i < names->object.count; i++) {
        if (slice_equal(names->object.members[i].name, key))
            return &names->object.members[i].value;
    }
    return NULL;
}

/* Members of both; of the same name, the first's. */
static bool join(struct value *out, const struct value *first, const struct value *second,
                 struct pool *pool, struct error *err)
{
    size_t count = first->object.count;
    struct member *members = pool_alloc(pool, (count + second->object.count) * sizeof *members + 1,
                                        err);
    if (!members)
        return false;
    if (count > 0)
        memcpy(members, first->object.members, count * sizeof *members);
    for (size_t i = 0; i < second->object.count; i++) {
        if (!home_known(first, second->object.members[i].name))
            members[count++] = second->object.members[i];
    }
    return record_object(out, members, count, pool, err);
}

bool home_learn(struct value *home, const struct value *learned, struct pool *pool,
                struct error *err)
{
    static const struct value nothing = {.kind = VALUE_OBJECT};
    const struct value *known = value_get(home, "names");
    struct member names = {.name = slice_of("names")};
    if (!learned || learned->kind != VALUE_OBJECT || home->kind != VALUE_OBJECT)
        return true;
    bool usable = known && known->kind == VALUE_OBJECT;
    if (!join(&names.value, usable ? known : &nothing, learned, pool, err))
        return false;
    struct value with = {.kind = VALUE_OBJECT, .object = {&names, 1}};
    struct value before = *home;
    return join(home, &with, &before, pool, err);
}
