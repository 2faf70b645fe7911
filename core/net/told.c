/* Picks out of a request what may be told of it. */
#include "net/told.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct slice header(const struct net_request *request, const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice given = request->headers[i].name;
        if (given.size == strlen(name) && strncasecmp(given.data, name, given.size) == 0)
            return request->headers[i].value;
    }
    return slice_of("");
}

static bool begins_with(struct slice text, const char *start)
{
    return text.size >= strlen(start) && memcmp(text.data, start, strlen(start)) == 0;
}

static size_t until(struct slice text, size_t from, const char *ends)
{
    while (from < text.size && !strchr(ends, text.data[from]))
        from++;
    return from;
}

/* Of "AWSShield.ListThings" and of "Action=ListThings&...". */
static struct slice operation_of(const struct net_request *request)
{
    static const char action[] = "Action=";
    struct slice target = header(request, "X-Amz-Target");
    size_t dot = until(target, 0, ".");
    if (dot < target.size)
        return (struct slice){target.data + dot + 1, target.size - dot - 1};
    if (!begins_with(request->body, action))
        return slice_of("");
    size_t from = strlen(action);
    return (struct slice){request->body.data + from, until(request->body, from, "&") - from};
}

void told_describe(char out[TOLD_MAX], const struct net_request *request)
{
    enum { URL_SHOWN = 200, NAME_SHOWN = 60 };
    struct slice url = request->url;
    struct slice operation = operation_of(request);
    size_t scheme = until(url, 0, ":");
    size_t host = scheme + 3 < url.size ? scheme + 3 : url.size; /* behind "://" */
    bool is_signed = begins_with(header(request, "Authorization"), "AWS4-HMAC-SHA256 ");
    size_t end = until(url, host, is_signed ? "?#" : "/?#");
    snprintf(out, TOLD_MAX, "%.*s %.*s%s%.*s", (int)request->method.size, request->method.data,
             (int)(end < URL_SHOWN ? end : URL_SHOWN), url.data, operation.size ? " " : "",
             (int)(operation.size < NAME_SHOWN ? operation.size : NAME_SHOWN), operation.data);
}
