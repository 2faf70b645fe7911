/* What came back, as it is handed over. */
#include "net/call.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[] = {
#define X(name, text) [NET_##name] = text,
    NET_FAILURES(X)
#undef X
};

const char *net_failure_name(enum net_failure failure)
{
    return names[failure];
}

static struct slice take_line(struct slice *rest)
{
    const char *end = memchr(rest->data, '\n', rest->size);
    size_t size = end ? (size_t)(end - rest->data) + 1 : rest->size;
    struct slice line = {rest->data, size};
    rest->data += size;
    rest->size -= size;
    return line;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static struct slice trim(struct slice text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1]))
        text.size--;
    return text;
}

/* False for the empty line at the end, and for one that is no header. */
static bool split(struct slice line, struct net_header *header)
{
    const char *colon = memchr(line.data, ':', line.size);
    if (!colon || colon == line.data || is_blank(line.data[0]))
        return false;
    size_t size = (size_t)(colon - line.data);
    header->name = (struct slice){line.data, size};
    header->value = trim((struct slice){colon + 1, line.size - size - 1});
    return true;
}

static size_t count_lines(struct slice text)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    return lines;
}

static bool take_headers(struct call *call, struct net_answer *answer, struct net_header **headers)
{
    struct slice rest = buffer_slice(&call->head);
    *headers = calloc(count_lines(rest), sizeof **headers);
    if (!*headers)
        return false;
    while (rest.size > 0) {
        if (split(take_line(&rest), &(*headers)[answer->header_count]))
            answer->header_count++;
    }
    answer->headers = *headers;
    return true;
}

void call_answer(struct call *call, CURLcode code, struct net_answer *answer,
                 struct net_header **headers)
{
    long status = 0;
    *headers = NULL;
    *answer = (struct net_answer){.body = {"", 0}};
    if (code == CURLE_OK && !call->whole_head)
        code = CURLE_PARTIAL_FILE;
    if (code == CURLE_OK && !take_headers(call, answer, headers))
        code = CURLE_OUT_OF_MEMORY;
    if (code != CURLE_OK) {
        answer->failure = call->started ? NET_LOST : NET_NOT_SENT;
        call_complain(call, code, answer->message);
        return;
    }
    library.curl_easy_getinfo(call->easy, CURLINFO_RESPONSE_CODE, &status);
    answer->status = (int)status;
    if (call->body.size > 0)
        answer->body = buffer_slice(&call->body);
}
