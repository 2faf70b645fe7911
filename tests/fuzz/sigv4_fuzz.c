/* What is signed of paths and queries: in one spelling, of which the canonical form is itself; and
 * the signer takes or refuses whatever comes. Lines: path, query, header value, then the body. */
#include "aws/sigv4.h"
#include "aws/uri.h"
#include "fuzz.h"

#include <string.h>

enum { OUT_MAX = 1 << 20 };

static struct slice take_line(struct slice *rest)
{
    const char *end = rest->size > 0 ? memchr(rest->data, '\n', rest->size) : NULL;
    struct slice line = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    size_t used = line.size + (end ? 1 : 0);
    rest->data += used;
    rest->size -= used;
    return line;
}

/* Nothing but unreserved characters, whole escapes in capitals, and `others`. */
static void promise_spelling(struct slice text, const char *others)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '%') {
            PROMISE(i + 2 < text.size && memchr("0123456789ABCDEF", text.data[i + 1], 16) &&
                    memchr("0123456789ABCDEF", text.data[i + 2], 16));
            continue;
        }
        PROMISE(memchr(plain, text.data[i], sizeof plain - 1) ||
                memchr(others, text.data[i], strlen(others)));
    }
}

static void promise_normal(struct slice path)
{
    PROMISE(path.size > 0 && path.data[0] == '/');
    PROMISE(!memmem(path.data, path.size, "//", 2) && !memmem(path.data, path.size, "/./", 3) &&
            !memmem(path.data, path.size, "/../", 4));
}

static void check_path(struct slice path)
{
    static struct buffer first = {.max = OUT_MAX};
    static struct buffer second = {.max = OUT_MAX};
    struct error err;
    buffer_empty(&first);
    buffer_empty(&second);
    if (!uri_canonical_path(path, true, false, &first, &err))
        return;
    promise_spelling(buffer_slice(&first), "/");
    promise_normal(buffer_slice(&first));
    buffer_empty(&first);
    PROMISE(uri_canonical_path(path, false, true, &first, &err));
    promise_spelling(buffer_slice(&first), "/");
    PROMISE(uri_canonical_path(buffer_slice(&first), false, true, &second, &err));
    PROMISE(slice_equal(buffer_slice(&first), buffer_slice(&second)));
}

static void check_query(struct slice query)
{
    static struct buffer first = {.max = OUT_MAX};
    static struct buffer second = {.max = OUT_MAX};
    struct error err;
    buffer_empty(&first);
    buffer_empty(&second);
    if (!uri_canonical_query(query, &first, &err))
        return;
    promise_spelling(buffer_slice(&first), "=&");
    PROMISE(uri_canonical_query(buffer_slice(&first), &second, &err));
    PROMISE(slice_equal(buffer_slice(&first), buffer_slice(&second)));
}

/* A header value cannot add lines to what is signed: method, path, query, two or three headers, a
 * gap, names, digest. */
static void promise_lines(struct slice canonical, size_t headers)
{
    size_t lines = 0;
    for (size_t i = 0; i < canonical.size; i++)
        lines += canonical.data[i] == '\n';
    PROMISE(lines == 5 + headers);
}

static void check_signing(struct slice path, struct slice query, struct slice value,
                          struct slice body)
{
    static struct sigv4 *signer;
    struct error err;
    struct sigv4_signature out;
    const struct sigv4_header headers[] = {{{"Host", 4}, {"h", 1}}, {{"X-A", 3}, value}};
    struct sigv4_request request = {{"GET", 3}, path, query, headers, 2, body};
    struct sigv4_config config = {
        .access_key = {"id", 2},
        .secret_key = {"secret", 6},
        .region = {"r", 1},
        .service = {"s", 1},
        .expires = 1,
    };
    signer = signer ? signer : sigv4_new();
    if (sigv4_sign(signer, &request, &config, &out, &err))
        promise_lines(out.canonical_request, 3);
    if (sigv4_presign(signer, &request, &config, &out, &err))
        promise_lines(out.canonical_request, 2);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct slice rest = {(const char *)data, size};
    struct slice path = take_line(&rest);
    struct slice query = take_line(&rest);
    struct slice value = take_line(&rest);
    check_path(path);
    check_query(query);
    check_signing(path, query, value, rest);
    return 0;
}
