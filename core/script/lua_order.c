/* pairs and next in a fixed order: false, true, numbers ascending, strings by byte. What a loop
 * does then depends on what a table holds and on nothing else. Other keys have no order that could
 * be the same in two processes: a table that has one can be used, but not walked.
 *
 * A traversal looks at all keys once, when it begins: a key added on the way is not visited, one
 * removed is skipped. */
#include "lua/slots.h"
#include "script/inside.h"

#include <math.h>
#include <string.h>

enum { KEY_WORK = 2, SLOT_WORK = 8, LONG_KEY = 64, STEP_WORK = 2 };

enum rank { RANK_FALSE, RANK_TRUE, RANK_INTEGER, RANK_FLOAT, RANK_STRING };

struct key {
    enum rank rank;
    int place; /* in the table of keys, from 1 */
    union {
        lua_Integer integer;
        lua_Number number;
        struct slice string;
    };
};

/* Lives in userdata, beside a table that holds the keys themselves. */
struct traversal {
    size_t count;
    size_t next;
    bool sequence;     /* the keys are 1..count: there is no list of them */
    struct key keys[]; /* sorted; none for a sequence */
};

static int rank_class(enum rank rank)
{
    return rank == RANK_FLOAT ? RANK_INTEGER : (int)rank;
}

/* Exact, where a conversion of either side would round. A float key is never a whole number in the
 * range of integers: Lua makes that an integer key. */
static int compare_mixed(lua_Integer integer, lua_Number number)
{
    if (number >= 0x1p63)
        return -1;
    if (number < -0x1p63)
        return 1;
    return integer <= (lua_Integer)floor(number) ? -1 : 1;
}

static int compare_numbers(const struct key *a, const struct key *b)
{
    if (a->rank == RANK_INTEGER && b->rank == RANK_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (a->rank == RANK_FLOAT && b->rank == RANK_FLOAT)
        return (a->number > b->number) - (a->number < b->number);
    return a->rank == RANK_INTEGER ? compare_mixed(a->integer, b->number)
                                   : -compare_mixed(b->integer, a->number);
}

static int compare(lua_State *L, const struct key *a, const struct key *b)
{
    int difference = rank_class(a->rank) - rank_class(b->rank);
    if (difference != 0)
        return difference;
    if (a->rank < RANK_INTEGER)
        return 0;
    if (a->rank != RANK_STRING)
        return compare_numbers(a, b);
    size_t shorter = a->string.size < b->string.size ? a->string.size : b->string.size;
    if (shorter > LONG_KEY)
        charge_bytes(L, shorter);
    return slice_compare(a->string, b->string);
}

static void merge(lua_State *L, const struct key *from, size_t left, size_t middle, size_t right,
                  struct key *to)
{
    size_t a = left;
    size_t b = middle;
    for (size_t at = left; at < right; at++) {
        bool take_a = b >= right || (a < middle && compare(L, &from[a], &from[b]) <= 0);
        to[at] = take_a ? from[a++] : from[b++];
    }
}

/* By merging; the other half of the room is given up to the collector afterwards. */
static void sort(lua_State *L, struct traversal *traversal)
{
    size_t count = traversal->count;
    struct key *from = traversal->keys;
    struct key *to = lua_newuserdatauv(L, count * sizeof *to, 0);
    for (size_t width = 1; width < count; width *= 2) {
        charge(L, 2 * (int64_t)count); /* keys lie all over the memory */
        for (size_t left = 0; left < count; left += 2 * width) {
            size_t middle = left + width < count ? left + width : count;
            size_t right = left + 2 * width < count ? left + 2 * width : count;
            merge(L, from, left, middle, right, to);
        }
        struct key *filled = to;
        to = from;
        from = filled;
    }
    if (from != traversal->keys)
        memcpy(traversal->keys, from, count * sizeof *from);
    lua_pop(L, 1);
}

static struct key read_key(lua_State *L, int index)
{
    struct key key = {.rank = RANK_FALSE};
    switch (lua_type(L, index)) {
    case LUA_TBOOLEAN:
        key.rank = lua_toboolean(L, index) ? RANK_TRUE : RANK_FALSE;
        return key;
    case LUA_TNUMBER:
        key.rank = lua_isinteger(L, index) ? RANK_INTEGER : RANK_FLOAT;
        if (key.rank == RANK_INTEGER)
            key.integer = lua_tointeger(L, index);
        else
            key.number = lua_tonumber(L, index);
        return key;
    case LUA_TSTRING:
        key.rank = RANK_STRING;
        key.string.data = lua_tolstring(L, index, &key.string.size);
        return key;
    }
    luaL_error(L, "cannot traverse a table with keys of type %s", luaL_typename(L, index));
    return key;
}

/* How many keys; *sequence if they are 1..count in that order. Refuses what has no order. */
static size_t count_keys(lua_State *L, int table, bool *sequence)
{
    size_t count = 0;
    charge(L, (int64_t)(1 + slots_of(L, table) / SLOT_WORK));
    *sequence = true;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        charge(L, KEY_WORK);
        struct key key = read_key(L, -1);
        count++;
        *sequence = *sequence && key.rank == RANK_INTEGER && key.integer == (lua_Integer)count;
    }
    return count;
}

static struct traversal *push_room(lua_State *L, size_t count, bool sequence)
{
    size_t size = sizeof(struct traversal) + (sequence ? 0 : count * sizeof(struct key));
    struct traversal *traversal = lua_newuserdatauv(L, size, 0);
    *traversal = (struct traversal){.count = count, .sequence = sequence};
    return traversal;
}

/* Pushes the table of keys (false for a sequence) and the traversal. */
static struct traversal *push_traversal(lua_State *L, int table)
{
    bool sequence;
    size_t count = count_keys(L, table, &sequence);
    if (sequence) {
        lua_pushboolean(L, 0);
        return push_room(L, count, true);
    }
    lua_createtable(L, (int)count, 0);
    int keys = lua_gettop(L);
    struct traversal *traversal = push_room(L, count, false);
    charge(L, (int64_t)(count * KEY_WORK));
    lua_pushnil(L);
    for (int place = 1; lua_next(L, table); place++) {
        lua_pop(L, 1);
        struct key key = read_key(L, -1);
        key.place = place;
        traversal->keys[place - 1] = key;
        lua_pushvalue(L, -1);
        lua_rawseti(L, keys, place);
    }
    sort(L, traversal);
    return traversal;
}

/* Pushes the next key that still has a value, and the value; 0 at the end. */
static int advance(lua_State *L, int table, int keys, struct traversal *traversal)
{
    charge(L, STEP_WORK);
    while (traversal->next < traversal->count) {
        size_t at = traversal->next++;
        if (traversal->sequence)
            lua_pushinteger(L, (lua_Integer)at + 1);
        else
            lua_rawgeti(L, keys, traversal->keys[at].place);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, table) != LUA_TNIL)
            return 2;
        charge(L, 1);
        lua_pop(L, 2);
    }
    return 0;
}

/* The iterator of pairs. Upvalues: keys, traversal. */
static int next_pair(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    struct traversal *traversal = lua_touserdata(L, lua_upvalueindex(2));
    int pushed = advance(L, 1, lua_upvalueindex(1), traversal);
    if (pushed == 0)
        lua_pushnil(L);
    return pushed == 0 ? 1 : pushed;
}

static int finish_pairs(lua_State *L, int status, lua_KContext context)
{
    (void)L;
    (void)status;
    (void)context;
    return 3;
}

/* pairs(t): function, any, any */
static int f_pairs(lua_State *L)
{
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_callk(L, 1, 3, 0, finish_pairs);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_traversal(L, 1);
    lua_pushcclosure(L, next_pair, 2);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* next() knows nothing but the last key, so the traversal under way is kept in the registry, in a
 * list of three: the table, its keys, the traversal. Another table, or another key than the last,
 * begins anew. */
enum { KEPT_TABLE = 1, KEPT_KEYS, KEPT_TRAVERSAL };

static bool is_last_key(lua_State *L, int key, int keys, const struct traversal *traversal)
{
    if (traversal->next == 0)
        return false;
    if (traversal->sequence)
        lua_pushinteger(L, (lua_Integer)traversal->next);
    else
        lua_rawgeti(L, keys, traversal->keys[traversal->next - 1].place);
    bool same = lua_rawequal(L, -1, key);
    lua_pop(L, 1);
    return same;
}

/* How many of 1..count come before or at the key. */
static size_t sequence_place(const struct key *key, size_t count)
{
    if (rank_class(key->rank) != RANK_INTEGER)
        return key->rank == RANK_STRING ? count : 0;
    double place = key->rank == RANK_INTEGER ? (double)key->integer : key->number;
    if (place < 1)
        return 0;
    return place >= (double)count ? count : (size_t)place;
}

static void go_behind(lua_State *L, int index, struct traversal *traversal)
{
    struct key key = read_key(L, index);
    size_t low = 0;
    size_t high = traversal->count;
    if (traversal->sequence)
        low = high = sequence_place(&key, traversal->count);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        charge(L, KEY_WORK);
        if (compare(L, &traversal->keys[middle], &key) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    traversal->next = low;
}

/* With t and the key on the stack, pushes kept, keys and the traversal. */
static struct traversal *resume_traversal(lua_State *L)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_TRAVERSAL);
    lua_rawgeti(L, 3, KEPT_TABLE);
    bool same = lua_rawequal(L, -1, 1);
    lua_pop(L, 1);
    if (same && !lua_isnil(L, 2)) {
        lua_rawgeti(L, 3, KEPT_KEYS);
        lua_rawgeti(L, 3, KEPT_TRAVERSAL);
        struct traversal *kept = lua_touserdata(L, -1);
        if (is_last_key(L, 2, 4, kept))
            return kept;
        lua_pop(L, 2);
    }
    struct traversal *traversal = push_traversal(L, 1);
    if (!lua_isnil(L, 2))
        go_behind(L, 2, traversal);
    return traversal;
}

static void keep(lua_State *L, bool more)
{
    for (int i = KEPT_TABLE; i <= KEPT_TRAVERSAL; i++) {
        if (more)
            lua_pushvalue(L, i == KEPT_TABLE ? 1 : 2 + i);
        else
            lua_pushboolean(L, 0);
        lua_rawseti(L, 3, i);
    }
}

/* next(t: table, key?): any, any */
static int f_next(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (lua_type(L, 2) == LUA_TNUMBER && !lua_rawequal(L, 2, 2)) /* NaN has no place */
        return luaL_error(L, "invalid key to 'next'");
    struct traversal *traversal = resume_traversal(L);
    int pushed = advance(L, 1, 4, traversal);
    keep(L, pushed > 0);
    if (pushed > 0)
        return pushed;
    lua_pushnil(L);
    return 1;
}

void order_add(lua_State *L)
{
    static const luaL_Reg functions[] = {{"next", f_next}, {"pairs", f_pairs}, {NULL, NULL}};
    charge_set_functions(L, functions);
}
