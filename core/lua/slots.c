/* The experiment that finds where a table keeps its sizes, and what is read there. */
#include "lua/slots.h"

#include <stdlib.h>
#include <string.h>

enum { LOOK = 40, POWERS = 12, UNKNOWN = -1 };

/* Where in a table's memory: a byte with log2 of the slots for names, and a word with those
 * for 1..n. */
static int log2_at = UNKNOWN;
static int array_at = UNKNOWN;

static unsigned byte_at(const void *table, int offset)
{
    return ((const unsigned char *)table)[offset];
}

static unsigned word_at(const void *table, int offset)
{
    unsigned word;
    memcpy(&word, (const char *)table + offset, sizeof word);
    return word;
}

typedef unsigned read_fn(const void *table, int offset);

struct experiment {
    read_fn *read;
    int step;   /* of the offsets tried */
    bool array; /* the size goes to lua_createtable's first number */
    int sizes[POWERS];
    unsigned expected[POWERS];
};

static const struct experiment experiments[] = {
    {byte_at,
     1,
     false,
     {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048},
     {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}},
    {word_at,
     4,
     true,
     {1, 3, 7, 11, 64, 100, 255, 256, 1000, 2047, 5000, 60000},
     {1, 3, 7, 11, 64, 100, 255, 256, 1000, 2047, 5000, 60000}},
};

static bool holds(lua_State *L, const struct experiment *experiment, int offset)
{
    bool all = true;
    for (int i = 0; i < POWERS && all; i++) {
        int size = experiment->sizes[i];
        lua_createtable(L, experiment->array ? size : 0, experiment->array ? 0 : size);
        all = experiment->read(lua_topointer(L, -1), offset) == experiment->expected[i];
        lua_pop(L, 1);
    }
    return all;
}

static int find(lua_State *L, const struct experiment *experiment)
{
    for (int offset = 0; offset < LOOK; offset += experiment->step) {
        if (holds(L, experiment, offset))
            return offset;
    }
    return UNKNOWN;
}

static int probe(lua_State *L)
{
    log2_at = find(L, &experiments[0]);
    array_at = find(L, &experiments[1]);
    return 0;
}

static void *allocate(void *context, void *block, size_t old_size, size_t size)
{
    (void)context;
    (void)old_size;
    if (size)
        return realloc(block, size);
    free(block);
    return NULL;
}

bool slots_probe(struct error *err)
{
    if (log2_at != UNKNOWN && array_at != UNKNOWN)
        return true;
    lua_State *L = lua_newstate(allocate, NULL);
    if (!L)
        return error_set(err, ERROR_IO, "no memory for a Lua state");
    lua_pushcfunction(L, probe);
    lua_pcall(L, 0, 0, 0);
    lua_close(L);
    if (log2_at == UNKNOWN || array_at == UNKNOWN)
        return error_set(err, ERROR_INTERNAL,
                         "%s keeps the sizes of a table where they cannot be found", LUA_RELEASE);
    return true;
}

/* The word may be lowered to a hint for the length, though not below half of what is there. */
size_t slots_of_array(const void *table)
{
    return 2 * (size_t)word_at(table, array_at);
}

size_t slots_of_names(const void *table)
{
    return (size_t)1 << byte_at(table, log2_at);
}

size_t slots_of(lua_State *L, int index)
{
    const void *table = lua_topointer(L, index);
    return slots_of_array(table) + slots_of_names(table);
}
