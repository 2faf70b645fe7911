/* Keeps which lines were executed: a bit for each, chunk by chunk. */
#include "script/coverage.h"

#include "script/inside.h"

#include <stdio.h>
#include <string.h>

enum { BITS = 64 };

static struct coverage_chunk *find(struct coverage *coverage, const char *name)
{
    for (size_t i = 0; i < coverage->count; i++) {
        if (strcmp(coverage->chunks[i].name, name) == 0)
            return &coverage->chunks[i];
    }
    if (coverage->count == COVERAGE_CHUNKS)
        return NULL;
    struct coverage_chunk *chunk = &coverage->chunks[coverage->count++];
    snprintf(chunk->name, sizeof chunk->name, "%s", name);
    return chunk;
}

void coverage_line(struct coverage *coverage, lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "S", ar);
    const char *name = ar->source + 1;
    if (ar->source[0] != '@' || location_is_stdlib(name) || strlen(name) >= COVERAGE_NAME)
        return;
    struct coverage_chunk *chunk = find(coverage, name);
    if (chunk && ar->currentline > 0 && ar->currentline < COVERAGE_LINES)
        chunk->lines[ar->currentline / BITS] |= UINT64_C(1) << (ar->currentline % BITS);
}

static bool has(const struct coverage_chunk *chunk, int line)
{
    return chunk->lines[line / BITS] >> (line % BITS) & 1;
}

static bool lines_value(const struct coverage_chunk *chunk, struct value *out, struct pool *pool,
                        struct error *err)
{
    size_t count = 0;
    for (int line = 0; line < COVERAGE_LINES; line++)
        count += has(chunk, line);
    if (!value_array(out, count, pool, err))
        return false;
    for (int line = COVERAGE_LINES - 1; line >= 0; line--) {
        if (has(chunk, line))
            out->array.items[--count] = value_integer(line);
    }
    return true;
}

bool coverage_value(const struct coverage *coverage, struct value *out, struct pool *pool,
                    struct error *err)
{
    if (!value_object(out, coverage->count, pool, err))
        return false;
    for (size_t i = 0; i < coverage->count; i++) {
        struct member *member = &out->object.members[i];
        member->name = slice_of(coverage->chunks[i].name);
        if (!lines_value(&coverage->chunks[i], &member->value, pool, err))
            return false;
    }
    return value_object_sort(out, err);
}
