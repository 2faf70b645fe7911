/* Text of others: whatever comes, in whatever pieces, nothing is sent that a terminal would obey,
 * and what is sent is sent unchanged a second time. */
#include "base/value.h"
#include "cli/plain.h"
#include "fuzz.h"

enum { SIZE_MAX_OF_ALL = 1 << 20 };

static void send(struct slice text, size_t cut, struct buffer *out)
{
    struct plain plain = {.message = false};
    struct error err;
    if (text.size == 0)
        text.data = ""; /* no bytes may come without a place */
    buffer_empty(out);
    PROMISE(plain_add(&plain, (struct slice){text.data, cut}, out, &err));
    PROMISE(plain_add(&plain, (struct slice){text.data + cut, text.size - cut}, out, &err));
    PROMISE(plain_end(&plain, out, &err));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buffer first = {.max = SIZE_MAX_OF_ALL};
    static struct buffer second = {.max = SIZE_MAX_OF_ALL};
    struct slice text = {(const char *)data, size};
    send(text, 0, &first);
    send(text, size / 2, &second);
    PROMISE(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    PROMISE(value_utf8_end(buffer_slice(&first)) == first.size);
    for (size_t i = 0; i < first.size; i++) {
        unsigned char c = (unsigned char)first.data[i];
        PROMISE((c >= ' ' && c != 0x7F) || c == '\n' || c == '\t');
    }
    send(buffer_slice(&first), 0, &second);
    PROMISE(slice_equal(buffer_slice(&first), buffer_slice(&second)));
    return 0;
}
