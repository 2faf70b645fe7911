/* Decodes and encodes paths and queries into the spelling that is signed. */
#include "aws/uri.h"

#include <string.h>

enum { PARAMETERS_MAX = 500, ENCODED_SIZE = 3 };

static bool is_unreserved(unsigned char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '-' || byte == '.' || byte == '_' || byte == '~';
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Takes one byte off the front, decoded where it is an escape. */
static unsigned char take_byte(struct slice *rest, bool decode)
{
    size_t used = 1;
    unsigned char byte = (unsigned char)rest->data[0];
    if (decode && byte == '%' && rest->size >= 3) {
        int high = hex_digit(rest->data[1]);
        int low = hex_digit(rest->data[2]);
        if (high >= 0 && low >= 0) {
            byte = (unsigned char)(high * 16 + low);
            used = 3;
        }
    }
    rest->data += used;
    rest->size -= used;
    return byte;
}

/* Writes at `at`, which has room, and returns the end. */
static char *put_encoded(char *at, struct slice text, bool decode)
{
    static const char digits[] = "0123456789ABCDEF";
    while (text.size > 0) {
        unsigned char byte = take_byte(&text, decode);
        if (is_unreserved(byte)) {
            *at++ = (char)byte;
            continue;
        }
        *at++ = '%';
        *at++ = digits[byte >> 4];
        *at++ = digits[byte & 15];
    }
    return at;
}

static void end_at(struct buffer *out, char *end)
{
    out->size = (size_t)(end - out->data);
    *end = '\0';
}

bool uri_encode(struct slice bytes, struct buffer *out, struct error *err)
{
    char *room = buffer_reserve(out, bytes.size * ENCODED_SIZE, err);
    if (room)
        end_at(out, put_encoded(room, bytes, false));
    return room != NULL;
}

/* The part up to the separator; `rest` goes on behind it. */
static struct slice take_part(struct slice *rest, char separator)
{
    const char *end = memchr(rest->data, separator, rest->size);
    struct slice part = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    size_t used = part.size + (end ? 1 : 0);
    rest->data += used;
    rest->size -= used;
    return part;
}

/* Back to before the last segment; encoded segments hold no '/'. */
static char *drop_segment(char *start, char *end)
{
    while (end > start && *--end != '/')
        continue;
    return end;
}

static char *put_path(char *start, struct slice path, bool normalize, bool encode_once)
{
    char *end = start;
    bool slash_last = path.data[path.size - 1] == '/';
    struct slice rest = {path.data + 1, path.size - 1};
    bool more = true;
    while (more) {
        more = memchr(rest.data, '/', rest.size) != NULL;
        struct slice segment = take_part(&rest, '/');
        if (normalize && (segment.size == 0 || slice_is(segment, ".")))
            continue;
        if (normalize && slice_is(segment, "..")) {
            end = drop_segment(start, end);
            continue;
        }
        *end++ = '/';
        end = put_encoded(end, segment, encode_once);
    }
    if (end == start || (normalize && slash_last))
        *end++ = '/';
    return end;
}

bool uri_canonical_path(struct slice path, bool normalize, bool encode_once, struct buffer *out,
                        struct error *err)
{
    if (path.size == 0)
        return buffer_append_text(out, "/", err);
    if (path.data[0] != '/')
        return error_set(err, ERROR_INVALID, "a path to be signed starts with '/'");
    char *room = buffer_reserve(out, path.size * ENCODED_SIZE + 1, err);
    if (room)
        end_at(out, put_path(room, path, normalize, encode_once));
    return room != NULL;
}

struct parameter {
    struct slice name, value; /* as they are sent */
};

/* The order of two decoded bytes once they are encoded: '%' comes before whatever stays as it is,
 * and capital hex digits are in the order of their numbers. */
static int rank(unsigned char byte)
{
    return byte + (is_unreserved(byte) ? 256 : 0);
}

static int compare_encoded(struct slice a, struct slice b)
{
    while (a.size > 0 && b.size > 0) {
        int order = rank(take_byte(&a, true)) - rank(take_byte(&b, true));
        if (order != 0)
            return order;
    }
    return (a.size > 0) - (b.size > 0);
}

static int compare_parameters(const struct parameter *a, const struct parameter *b)
{
    int order = compare_encoded(a->name, b->name);
    return order ? order : compare_encoded(a->value, b->value);
}

static void insert(struct parameter *sorted, size_t count, struct parameter parameter)
{
    size_t at = count;
    for (; at > 0 && compare_parameters(&sorted[at - 1], &parameter) > 0; at--)
        sorted[at] = sorted[at - 1];
    sorted[at] = parameter;
}

static bool sort_parameters(struct slice query, struct parameter *sorted, size_t *count,
                            struct error *err)
{
    while (query.size > 0) {
        struct slice part = take_part(&query, '&');
        if (part.size == 0)
            continue;
        if (*count == PARAMETERS_MAX)
            return error_set(err, ERROR_LIMIT, "a query of more than %d parameters",
                             PARAMETERS_MAX);
        struct slice name = take_part(&part, '=');
        insert(sorted, (*count)++, (struct parameter){name, part});
    }
    return true;
}

bool uri_canonical_query(struct slice query, struct buffer *out, struct error *err)
{
    struct parameter sorted[PARAMETERS_MAX];
    size_t count = 0;
    if (query.size == 0)
        return true;
    if (!sort_parameters(query, sorted, &count, err))
        return false;
    char *end = buffer_reserve(out, query.size * ENCODED_SIZE + count, err);
    if (!end)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            *end++ = '&';
        end = put_encoded(end, sorted[i].name, true);
        *end++ = '=';
        end = put_encoded(end, sorted[i].value, true);
    }
    end_at(out, end);
    return true;
}
