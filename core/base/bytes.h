/* Bytes: views, growable buffers with a stated maximum, and pools that free everything at once. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* A view of bytes owned by somebody else; passed by value; not NUL-terminated. */
struct slice {
    const char *data;
    size_t size;
};

struct slice slice_of(const char *text); /* of a C string; the NUL is not counted */
bool slice_equal(struct slice a, struct slice b);
bool slice_is(struct slice a, const char *text);
int slice_compare(struct slice a, struct slice b); /* by byte, shorter first: <0, 0, >0 */

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
