/* Views of bytes, buffers that grow up to a maximum, and pools. */
#include "base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, size_t max)
{
    *buffer = (struct buffer){.max = max};
}

void buffer_clear(struct buffer *buffer)
{
    free(buffer->data);
    buffer_init(buffer, buffer->max);
}

void buffer_empty(struct buffer *buffer)
{
    buffer->size = 0;
}

static bool grow(struct buffer *buffer, size_t needed, struct error *err)
{
    size_t capacity = buffer->capacity ? buffer->capacity : 256;
    while (capacity < needed)
        capacity *= 2;
    char *data = realloc(buffer->data, capacity);
    if (!data)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu bytes", capacity);
    buffer->data = data;
    buffer->capacity = capacity;
    return true;
}

char *buffer_reserve(struct buffer *buffer, size_t size, struct error *err)
{
    if (size > buffer->max - buffer->size) {
        error_set(err, ERROR_LIMIT, "more than %zu bytes", buffer->max);
        return NULL;
    }
    size_t needed = buffer->size + size + 1;
    if (needed > buffer->capacity && !grow(buffer, needed, err))
        return NULL;
    return buffer->data + buffer->size;
}

bool buffer_append(struct buffer *buffer, struct slice bytes, struct error *err)
{
    char *room = buffer_reserve(buffer, bytes.size, err);
    if (!room)
        return false;
    if (bytes.size)
        memcpy(room, bytes.data, bytes.size);
    buffer->size += bytes.size;
    buffer->data[buffer->size] = '\0';
    return true;
}

bool buffer_append_text(struct buffer *buffer, const char *text, struct error *err)
{
    return buffer_append(buffer, slice_of(text), err);
}

bool buffer_append_format(struct buffer *buffer, struct error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *room = buffer_reserve(buffer, (size_t)length, err);
    if (!room)
        return false;
    va_start(arguments, format);
    vsnprintf(room, (size_t)length + 1, format, arguments);
    va_end(arguments);
    buffer->size += (size_t)length;
    return true;
}

struct slice buffer_slice(const struct buffer *buffer)
{
    return (struct slice){buffer->data, buffer->size};
}

/* Blocks form a list, newest first; `bytes` follow the header. */
struct pool_block {
    struct pool_block *before;
    size_t size, used;
    max_align_t bytes[];
};

/* A run that waits for hours has a dozen pools, most of them with little in them. */
enum { POOL_FIRST_BLOCK = 4 << 10, POOL_BLOCK_MAX = 64 << 10 };

void pool_init(struct pool *pool, size_t max)
{
    *pool = (struct pool){.max = max};
}

static void free_blocks(struct pool_block *block)
{
    while (block) {
        struct pool_block *before = block->before;
        free(block);
        block = before;
    }
}

void pool_reset(struct pool *pool)
{
    if (pool->block) {
        free_blocks(pool->block->before);
        pool->block->before = NULL;
        pool->block->used = 0;
    }
    pool->used = 0;
}

void pool_clear(struct pool *pool)
{
    free_blocks(pool->block);
    pool_init(pool, pool->max);
}

static bool add_block(struct pool *pool, size_t size, struct error *err)
{
    size_t next = pool->block ? 2 * pool->block->size : POOL_FIRST_BLOCK;
    size_t usual = next < POOL_BLOCK_MAX ? next : POOL_BLOCK_MAX;
    size_t room = size > usual ? size : usual;
    struct pool_block *block = malloc(sizeof *block + room);
    if (!block)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu bytes", room);
    *block = (struct pool_block){.before = pool->block, .size = room};
    pool->block = block;
    return true;
}

void *pool_alloc(struct pool *pool, size_t size, struct error *err)
{
    size_t align = _Alignof(max_align_t);
    if (size > pool->max - pool->used) {
        error_set(err, ERROR_LIMIT, "values of more than %zu bytes", pool->max);
        return NULL;
    }
    size_t rounded = (size + align - 1) / align * align;
    if (!pool->block || pool->block->size - pool->block->used < rounded) {
        if (!add_block(pool, rounded, err))
            return NULL;
    }
    char *memory = (char *)pool->block->bytes + pool->block->used;
    pool->block->used += rounded;
    pool->used += size;
    return memory;
}

bool pool_copy(struct pool *pool, struct slice bytes, struct slice *copy, struct error *err)
{
    char *memory = pool_alloc(pool, bytes.size + 1, err);
    if (!memory)
        return false;
    if (bytes.size)
        memcpy(memory, bytes.data, bytes.size);
    memory[bytes.size] = '\0';
    *copy = (struct slice){memory, bytes.size};
    return true;
}
