/* Recordings: what can be read is written in one spelling, which reads back as the same. */
#include "fuzz.h"
#include "world/recording_read.h"

static void write_text(const struct recording *recording, struct buffer *into)
{
    struct error err;
    buffer_empty(into);
    PROMISE(recording_write(recording, into, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buffer first = {.max = 64 << 20};
    static struct buffer second = {.max = 64 << 20};
    struct recording *recording = NULL;
    struct error err;
    if (!recording_open(&recording, (struct slice){(const char *)data, size}, &err))
        return 0;
    write_text(recording, &first);
    recording_free(recording);
    PROMISE(recording_open(&recording, buffer_slice(&first), &err));
    write_text(recording, &second);
    recording_free(recording);
    PROMISE(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    return 0;
}
