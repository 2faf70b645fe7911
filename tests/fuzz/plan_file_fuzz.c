/* A plan that somebody made: any bytes are refused or are a plan, and a plan reads the same again
 * from what it was written as. With the first byte even the input is sealed as if we had made it,
 * so that what is behind the seal is reached. */
#include "cli/plan_file.h"
#include "fuzz.h"

static struct pool pool = {.max = 64 << 20};
static struct error err;

static void check_plan(const struct plan_file *planned)
{
    static struct buffer again = {.max = 1 << 20};
    struct plan_file other;
    struct value bound;
    buffer_empty(&again);
    PROMISE(value_write(&planned->document, &again, &err));
    PROMISE(plan_file_read(&other, buffer_slice(&again), &pool, &err));
    PROMISE(value_equal(&other.document, &planned->document));
    if (plan_file_bound(planned, &bound, &pool, &err))
        PROMISE(value_get(&bound, "bound")->object.count == planned->observed->array.count);
}

/* The bytes as an object, sealed; false if they are none. */
static bool seal(struct slice bytes, struct buffer *out)
{
    struct value members, document;
    buffer_empty(out);
    return value_parse(&members, bytes, false, &pool, &err) && members.kind == VALUE_OBJECT &&
           !value_get(&members, "seal") && plan_file_seal(&document, &members, &pool, &err) &&
           value_write(&document, out, &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buffer sealed = {.max = 1 << 20};
    struct plan_file planned;
    if (size == 0)
        return 0;
    struct slice bytes = {(const char *)data + 1, size - 1};
    pool_reset(&pool);
    if (data[0] % 2 == 0 && seal(bytes, &sealed))
        bytes = buffer_slice(&sealed);
    if (plan_file_read(&planned, bytes, &pool, &err))
        check_plan(&planned);
    return 0;
}
