/* The experiment that finds where the interpreter keeps the links of its chains, and the counting
 * along them. */
#include "script/collisions.h"

#include "lua/slots.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    TABLE_LOOK = 64,
    NODE_MIN = 16,
    NODE_MAX = 64,
    HEADER_MAX = 40,
    CHAIN_MAX = 1 << 20,
    TRIED_NODES = 4, /* of a table in which the whole numbers 3 and 6 share the first place */
    TRIED_STRINGS = 300,
    LONG = 50, /* bytes: not a short string */
};

/* Offsets within the interpreter's own objects. */
static struct layout {
    bool known;
    size_t nodes;  /* in a table: pointer to its nodes */
    size_t node;   /* bytes of a node; the value comes first */
    size_t next;   /* in a node: how many nodes on the next one is, 0 at the end */
    size_t header; /* bytes of a string before its text */
    size_t link;   /* in a string: the next of its chain, or the size of a long one */
    size_t hashed; /* in a long string: whether its hash is there */
} layout;

static const char *pointer_at(const void *object, size_t offset)
{
    const char *pointer;
    memcpy(&pointer, (const char *)object + offset, sizeof pointer);
    return pointer;
}

static int32_t number_at(const void *object, size_t offset)
{
    int32_t number;
    memcpy(&number, (const char *)object + offset, sizeof number);
    return number;
}

/* --- the experiment -------------------------------------------------------------------------- */

struct scratch {
    struct layout found;
    char *block; /* the last one handed out */
    size_t size;
};

static void *allocate(void *context, void *block, size_t old_size, size_t size)
{
    struct scratch *scratch = context;
    (void)old_size;
    if (!size) {
        free(block);
        return NULL;
    }
    scratch->block = block ? realloc(block, size) : calloc(1, size); /* all of it is looked at */
    scratch->size = size;
    return scratch->block;
}

static bool find_nodes(struct layout *found, const void *table, const char *block, size_t size)
{
    found->node = size / TRIED_NODES;
    for (found->nodes = 0; found->nodes < TABLE_LOOK; found->nodes += sizeof(char *)) {
        if (pointer_at(table, found->nodes) == block)
            return found->node >= NODE_MIN && found->node <= NODE_MAX;
    }
    return false;
}

/* The second key that wants the first place goes to the last one, with a link to it in the first.
 */
static bool find_next(lua_State *L, struct layout *found, const char *block)
{
    char before[NODE_MAX];
    lua_pushboolean(L, 1);
    lua_rawseti(L, -2, 3);
    memcpy(before, block, found->node);
    lua_pushboolean(L, 1);
    lua_rawseti(L, -2, 6);
    for (found->next = 0; found->next < found->node; found->next += sizeof(int32_t)) {
        if (number_at(before, found->next) == 0 && number_at(block, found->next) == TRIED_NODES - 1)
            return true;
    }
    return false;
}

static bool find_in_table(lua_State *L, struct scratch *scratch)
{
    lua_createtable(L, 0, TRIED_NODES);
    const char *block = scratch->block;
    return find_nodes(&scratch->found, lua_topointer(L, -1), block, scratch->size) &&
           find_next(L, &scratch->found, block);
}

/* The byte that turns from 0 to 1 when a long string is first used as a key. `candidates`: bit by
 * offset. */
static uint64_t hashed_candidates(lua_State *L, const struct layout *found, char first)
{
    char text[LONG];
    char before[HEADER_MAX];
    uint64_t candidates = 0;
    memset(text, first, sizeof text);
    lua_pushlstring(L, text, sizeof text);
    const char *string = lua_topointer(L, -1);
    memcpy(before, string, found->link);
    lua_rawget(L, -2);
    lua_pop(L, 1);
    for (size_t i = 0; i < found->link; i++)
        candidates |= (uint64_t)(before[i] == 0 && string[i] == 1) << i;
    return candidates;
}

/* With the table on top. A chain of short strings is expected in a good part of them. */
static bool links_look_right(lua_State *L, const struct layout *found)
{
    int linked = 0;
    for (int i = 1; i <= TRIED_STRINGS; i++) {
        lua_pushfstring(L, "chain %d", i);
        linked += pointer_at(lua_topointer(L, -1), found->link) != NULL;
        lua_rawseti(L, -2, i);
    }
    return linked > TRIED_STRINGS / 10 && linked < TRIED_STRINGS;
}

static bool find_in_string(lua_State *L, struct layout *found)
{
    char text[LONG] = "";
    const char *copy = lua_pushlstring(L, text, sizeof text);
    const char *string = lua_topointer(L, -1);
    if (!string || copy < string + 2 * sizeof string || copy > string + HEADER_MAX)
        return false;
    found->header = (size_t)(copy - string);
    found->link = found->header - sizeof string;
    bool size_is_there = (uintptr_t)pointer_at(string, found->link) == sizeof text;
    lua_pop(L, 1);
    uint64_t candidates = ~UINT64_C(0);
    for (char c = 'a'; c <= 'h'; c++)
        candidates &= hashed_candidates(L, found, c);
    if (!size_is_there || candidates == 0 || (candidates & (candidates - 1)) != 0)
        return false;
    found->hashed = (size_t)__builtin_ctzll(candidates);
    return links_look_right(L, found);
}

static int probe(lua_State *L)
{
    struct scratch *scratch = lua_touserdata(L, 1);
    scratch->found.known = find_in_table(L, scratch) && find_in_string(L, &scratch->found);
    return 0;
}

void collisions_probe(void)
{
    if (layout.known)
        return;
    struct scratch scratch = {.found = {.known = false}};
    lua_State *L = lua_newstate(allocate, &scratch);
    if (!L)
        return;
    lua_pushcfunction(L, probe);
    lua_pushlightuserdata(L, &scratch);
    lua_pcall(L, 1, 0, 0);
    lua_close(L);
    layout = scratch.found;
}

/* --- the answers ----------------------------------------------------------------------------- */

static size_t links_from(const char *node, size_t most)
{
    size_t links = 0;
    for (int32_t step; links < most && (step = number_at(node, layout.next)) != 0; links++)
        node += (ptrdiff_t)step * (ptrdiff_t)layout.node;
    return links;
}

size_t collisions_behind(const void *table, const void *slot)
{
    if (!layout.known)
        return 0;
    const char *nodes = pointer_at(table, layout.nodes);
    size_t offset = (size_t)((uintptr_t)slot - (uintptr_t)nodes);
    if (offset >= slots_of_names(table) * layout.node)
        return 0;
    return links_from(slot, CHAIN_MAX);
}

/* Once one is found to be long, all nodes with a link may be in it. */
size_t collisions_longest(const void *table)
{
    if (!layout.known)
        return 0;
    const char *nodes = pointer_at(table, layout.nodes);
    size_t count = slots_of_names(table);
    size_t longest = 0;
    size_t linked = 0;
    for (size_t i = 0; i < count; i++) {
        const char *node = nodes + i * layout.node;
        size_t links = longest > COLLISIONS_FEW ? number_at(node, layout.next) != 0
                                                : links_from(node, COLLISIONS_FEW + 1);
        longest = links > longest ? links : longest;
        linked += links > 0;
    }
    return longest > COLLISIONS_FEW ? linked : longest;
}

size_t collisions_of_string(const void *string)
{
    size_t links = 0;
    if (!layout.known)
        return 0;
    while (links < CHAIN_MAX && (string = pointer_at(string, layout.link)) != NULL)
        links++;
    return links;
}

size_t collisions_unhashed(const void *string)
{
    if (!layout.known || ((const char *)string)[layout.hashed] != 0)
        return 0;
    return (size_t)(uintptr_t)pointer_at(string, layout.link);
}
