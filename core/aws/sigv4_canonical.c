/* The canonical request: what client and server must spell alike, byte for byte. */
#include "aws/sigv4.h"
#include "aws/uri.h"

#include <string.h>

struct header_list {
    const struct sigv4_header *sorted[SIGV4_HEADERS_MAX];
    size_t count;
};

/* What a proxy or the transport may add, drop or rewrite on the way. */
static const char *const never_signed[] = {
    "authorization",       "connection",       "expect",     "keep-alive",
    "proxy-authorization", "proxy-connection", "te",         "trailer",
    "transfer-encoding",   "upgrade",          "user-agent", "x-amzn-trace-id",
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int compare_names(struct slice a, struct slice b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < shared; i++) {
        int order = (unsigned char)lower(a.data[i]) - (unsigned char)lower(b.data[i]);
        if (order != 0)
            return order;
    }
    return (a.size > b.size) - (a.size < b.size);
}

static bool is_signed(struct slice name)
{
    for (size_t i = 0; i < sizeof never_signed / sizeof *never_signed; i++) {
        if (compare_names(name, slice_of(never_signed[i])) == 0)
            return false;
    }
    return true;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* A name must be a token: anything else could end the header, or the line of the canonical request.
 */
static bool is_name(struct slice name)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    for (size_t i = 0; i < name.size; i++) {
        char c = lower(name.data[i]);
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && !memchr(others, c, sizeof others - 1))
            return false;
    }
    return name.size > 0;
}

/* Equal names keep their order. */
static void insert(struct header_list *list, const struct sigv4_header *header)
{
    size_t at = list->count++;
    for (; at > 0 && compare_names(list->sorted[at - 1]->name, header->name) > 0; at--)
        list->sorted[at] = list->sorted[at - 1];
    list->sorted[at] = header;
}

static bool sort_headers(const struct sigv4_request *request, struct header_list *list,
                         struct error *err)
{
    bool host = false;
    list->count = 0;
    for (size_t i = 0; i < request->header_count; i++) {
        const struct sigv4_header *header = &request->headers[i];
        if (!is_name(header->name))
            return error_set(err, ERROR_INVALID, "a header to be signed has no proper name");
        if (!is_signed(header->name))
            continue;
        if (list->count == SIGV4_HEADERS_MAX)
            return error_set(err, ERROR_LIMIT, "more than %d headers", SIGV4_HEADERS_MAX);
        host = host || compare_names(header->name, slice_of("host")) == 0;
        insert(list, header);
    }
    return host || error_set(err, ERROR_INVALID, "a request to be signed has no Host header");
}

static bool is_repeated(const struct header_list *list, size_t i)
{
    return i > 0 && compare_names(list->sorted[i - 1]->name, list->sorted[i]->name) == 0;
}

static char *put_name(char *at, struct slice name)
{
    for (size_t i = 0; i < name.size; i++)
        *at++ = lower(name.data[i]);
    return at;
}

/* Trimmed, runs of white space as one blank; a folded line is thereby one line. */
static char *put_value(char *at, struct slice value)
{
    char *start = at;
    bool gap = false;
    for (size_t i = 0; i < value.size; i++) {
        if (is_blank(value.data[i])) {
            gap = true;
            continue;
        }
        if (gap && at > start)
            *at++ = ' ';
        gap = false;
        *at++ = value.data[i];
    }
    return at;
}

static void end_at(struct buffer *out, char *end)
{
    out->size = (size_t)(end - out->data);
    *end = '\0';
}

static size_t size_of(const struct header_list *list)
{
    size_t size = 0;
    for (size_t i = 0; i < list->count; i++)
        size += list->sorted[i]->name.size + list->sorted[i]->value.size + 2;
    return size;
}

static bool append_names(const struct header_list *list, struct buffer *out, struct error *err)
{
    char *at = buffer_reserve(out, size_of(list), err);
    if (!at)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        if (is_repeated(list, i))
            continue;
        if (i > 0)
            *at++ = ';';
        at = put_name(at, list->sorted[i]->name);
    }
    end_at(out, at);
    return true;
}

/* "name:value" lines; the values of a repeated name are joined in their order. */
static bool append_lines(const struct header_list *list, struct buffer *out, struct error *err)
{
    char *at = buffer_reserve(out, size_of(list), err);
    if (!at)
        return false;
    for (size_t i = 0; i < list->count; i++) {
        if (is_repeated(list, i)) {
            at[-1] = ','; /* in place of the newline */
        } else {
            at = put_name(at, list->sorted[i]->name);
            *at++ = ':';
        }
        at = put_value(at, list->sorted[i]->value);
        *at++ = '\n';
    }
    end_at(out, at);
    return true;
}

static bool append_line(struct slice text, struct buffer *out, struct error *err)
{
    return buffer_append(out, text, err) && buffer_append_text(out, "\n", err);
}

bool sigv4_signed_headers(const struct sigv4_request *request, struct buffer *out,
                          struct error *err)
{
    struct header_list list;
    return sort_headers(request, &list, err) && append_names(&list, out, err);
}

bool sigv4_canonical_request(const struct sigv4_request *request, const struct sigv4_config *config,
                             struct slice payload_hash, struct buffer *out, struct error *err)
{
    struct header_list list;
    return sort_headers(request, &list, err) && append_line(request->method, out, err) &&
           uri_canonical_path(request->path, !config->keep_path, config->encode_once, out, err) &&
           buffer_append_text(out, "\n", err) && uri_canonical_query(request->query, out, err) &&
           buffer_append_text(out, "\n", err) && append_lines(&list, out, err) &&
           buffer_append_text(out, "\n", err) && append_names(&list, out, err) &&
           buffer_append_text(out, "\n", err) && buffer_append(out, payload_hash, err);
}
