/* A journal that somebody damaged: the input says where, how much is lost, and what stands there
 * instead. Reading may refuse, or stop in front of a torn last line; it never takes a changed
 * record for one that was written. */
#include "fuzz.h"
#include "journal/journal.h"

#include <string.h>

static struct pool pool = {.max = 64 << 20};

static struct slice written(void)
{
    static struct journal_memory memory;
    static const char *const bodies[] = {
        "{\"format\":1,\"seed\":7}", "{\"policy\":{\"name\":\"p\"}}",
        "{\"id\":1,\"request\":{\"for\":60000,\"kind\":\"sleep\"}}", "{}"};
    static const enum journal_kind kinds[] = {JOURNAL_RUN, JOURNAL_BEGIN, JOURNAL_EFFECT,
                                              JOURNAL_COMMIT};
    if (memory.bytes.size == 0) {
        struct journal journal;
        struct error err;
        journal_memory_init(&memory, 1 << 20);
        journal_init(&journal, &memory.store);
        for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
            PROMISE(journal_append(&journal, kinds[i], 1000, slice_of(bodies[i]), &err));
        journal_clear(&journal);
    }
    return buffer_slice(&memory.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buffer damaged = {.max = 1 << 20};
    struct slice whole = written();
    struct journal_scan scan;
    struct error err;
    if (size < 4)
        return 0;
    size_t at = (size_t)(data[0] | data[1] << 8) % (whole.size + 1);
    size_t lost = (size_t)(data[2] | data[3] << 8) % (whole.size - at + 1);
    buffer_empty(&damaged);
    pool_reset(&pool);
    PROMISE(buffer_append(&damaged, (struct slice){whole.data, at}, &err));
    PROMISE(buffer_append(&damaged, (struct slice){(const char *)data + 4, size - 4}, &err));
    PROMISE(buffer_append(&damaged, (struct slice){whole.data + at + lost, whole.size - at - lost},
                          &err));
    if (!journal_read(&scan, buffer_slice(&damaged), &pool, &err))
        return 0;
    PROMISE(scan.good <= whole.size && memcmp(damaged.data, whole.data, scan.good) == 0);
    PROMISE(scan.tail == JOURNAL_TORN || scan.good == damaged.size);
    return 0;
}
