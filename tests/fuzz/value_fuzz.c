/* Canonical values: whatever can be read is written in one spelling, which reads back as the same.
 */
#include "base/value.h"
#include "fuzz.h"

enum { SIZE_MAX_OF_ALL = 1 << 20 };

static struct pool pool = {.max = 64 << 20};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buffer first = {.max = SIZE_MAX_OF_ALL};
    static struct buffer second = {.max = SIZE_MAX_OF_ALL};
    struct value value;
    struct value again;
    struct error err;
    pool_reset(&pool);
    buffer_empty(&first);
    buffer_empty(&second);
    if (!value_parse(&value, (struct slice){(const char *)data, size}, false, &pool, &err))
        return 0;
    PROMISE(value_write(&value, &first, &err));
    PROMISE(value_parse(&again, buffer_slice(&first), true, &pool, &err));
    PROMISE(value_equal(&value, &again));
    PROMISE(value_write(&again, &second, &err));
    PROMISE(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    return 0;
}
