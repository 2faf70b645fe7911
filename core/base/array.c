/* Growing by doubling, so that adding an item costs the same however many there are. */
#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 16 };

bool array_reserve(void *items, size_t *capacity, size_t count, size_t size, const char *what,
                   struct error *err)
{
    void *block;
    if (count < *capacity)
        return true;
    size_t wanted = *capacity ? *capacity * 2 : FIRST_CAPACITY;
    memcpy(&block, items, sizeof block); /* whatever its items are, it is a pointer */
    void *grown = wanted <= SIZE_MAX / size ? realloc(block, wanted * size) : NULL;
    if (!grown)
        return error_set(err, ERROR_LIMIT, "out of memory for %s", what);
    memcpy(items, &grown, sizeof grown);
    *capacity = wanted;
    return true;
}
