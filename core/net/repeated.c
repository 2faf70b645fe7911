/* Knows the latest answers by the ids in their headers. */
#include "net/repeated.h"

#include <string.h>

static const char *const names[] = {"x-amzn-requestid:", "x-amz-request-id:", "x-amzn-request-id:"};

static bool begins_with(struct slice line, const char *name)
{
    size_t size = strlen(name);
    return line.size >= size && strncasecmp(line.data, name, size) == 0;
}

static bool is_id(struct slice line)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (begins_with(line, names[i]))
            return true;
    }
    return false;
}

/* FNV-1a; 0 stands for no id. */
static uint64_t digest(struct slice line)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < line.size; i++)
        hash = (hash ^ (unsigned char)line.data[i]) * UINT64_C(1099511628211);
    return hash ? hash : 1;
}

/* The id of the first header that has one; 0 if none has. */
static uint64_t find_id(struct slice head)
{
    while (head.size > 0) {
        const char *end = memchr(head.data, '\n', head.size);
        struct slice line = {head.data, end ? (size_t)(end - head.data) + 1 : head.size};
        if (is_id(line))
            return digest(line);
        head.data += line.size;
        head.size -= line.size;
    }
    return 0;
}

bool repeated_take(struct repeated *repeated, struct slice head)
{
    uint64_t id = find_id(head);
    for (size_t i = 0; id && i < REPEATED_KEPT; i++) {
        if (repeated->ids[i] == id)
            return true;
    }
    if (id)
        repeated->ids[repeated->next++ % REPEATED_KEPT] = id;
    return false;
}
