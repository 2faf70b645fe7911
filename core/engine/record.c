/* The bodies of records, with their members in canonical order. */
#include "engine/record.h"

#include <string.h>

bool record_object(struct value *out, const struct member *members, size_t count, struct pool *pool,
                   struct error *err)
{
    if (!value_object(out, count, pool, err))
        return false;
    if (count > 0)
        memcpy(out->object.members, members, count * sizeof *members);
    return value_object_sort(out, err);
}
