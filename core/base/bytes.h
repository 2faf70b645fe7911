/* Bytes: views, growable buffers with a stated maximum, and pools that free everything at once. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A view of bytes owned by somebody else; passed by value; not NUL-terminated. */
struct slice {
    const char *data;
    size_t size;
};

/* These are inline since names are compared all the time, and nearly all that differ do so in their
 * size or in their first byte: a call of memcmp would cost more than the answer. */

/* Of a C string; the NUL is not counted. */
static inline struct slice slice_of(const char *text)
{
    return (struct slice){text, strlen(text)};
}

static inline bool slice_equal(struct slice a, struct slice b)
{
    return a.size == b.size && (a.size == 0 || a.data == b.data ||
                                (a.data[0] == b.data[0] && memcmp(a.data, b.data, a.size) == 0));
}

static inline bool slice_is(struct slice a, const char *text)
{
    return slice_equal(a, slice_of(text));
}

/* By byte, shorter first: <0, 0, >0. */
static inline int slice_compare(struct slice a, struct slice b)
{
    size_t shared = a.size < b.size ? a.size : b.size;
    if (shared && a.data[0] != b.data[0])
        return (unsigned char)a.data[0] < (unsigned char)b.data[0] ? -1 : 1;
    int order = shared ? memcmp(a.data, b.data, shared) : 0;
    return order ? order : (a.size > b.size) - (a.size < b.size);
}

/* Owns its bytes. Appends past `max` fail with ERROR_LIMIT and leave it as it was.
 * `data` is always NUL-terminated once something was appended (the NUL is not in `size`). */
struct buffer {
    char *data;
    size_t size;
    size_t capacity;
    size_t max;
};

void buffer_init(struct buffer *buffer, size_t max);
void buffer_clear(struct buffer *buffer); /* frees; may be used again */
void buffer_empty(struct buffer *buffer); /* size 0, keeps the memory */
bool buffer_append(struct buffer *buffer, struct slice bytes, struct error *err);
bool buffer_append_text(struct buffer *buffer, const char *text, struct error *err);
bool buffer_append_format(struct buffer *buffer, struct error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Room for `size` more bytes; NULL and *err if that would pass the maximum. Then add to `size`. */
char *buffer_reserve(struct buffer *buffer, size_t size, struct error *err);
struct slice buffer_slice(const struct buffer *buffer);

/* Memory that is given back all at once. Blocks are aligned for any type. */
struct pool {
    struct pool_block *block;
    size_t used; /* bytes handed out since the last reset */
    size_t max;
};

void pool_init(struct pool *pool, size_t max);
void pool_reset(struct pool *pool); /* keeps one block for reuse */
void pool_clear(struct pool *pool);
void *pool_alloc(struct pool *pool, size_t size, struct error *err); /* NULL and *err past max */
bool pool_copy(struct pool *pool, struct slice bytes, struct slice *copy, struct error *err);
