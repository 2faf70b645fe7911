/* One walk for each way: putting a value into Lua, and taking one out with its depth, its size and
 * its kinds checked and, in a state with a budget, paid for. */
#include "lua/convert.h"

#include "lua/slots.h"

#include <lauxlib.h>

#include <math.h>
#include <stdio.h>

enum {
    PATH_MAX_SHOWN = 80,
    NAME_MAX_SHOWN = 40,
    FLOAT_TEXT_MAX = 24,
    ITEM_WORK = 3, /* units to visit one item */
    SLOT_WORK = 8, /* slots of a table passed over to the unit */
    TEXT_WORK = 4, /* bytes of a text to the unit */
    STACK_PER_LEVEL = 4,
};

_Static_assert(CONVERT_SLOT > LUA_RIDX_LAST + 1, "luaL_ref keeps its own list before it");

void convert_open(lua_State *L)
{
    lua_newtable(L);
    lua_rawseti(L, LUA_REGISTRYINDEX, CONVERT_SLOT);
}

void convert_mark_array(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgeti(L, LUA_REGISTRYINDEX, CONVERT_SLOT);
    lua_setmetatable(L, index);
}

bool convert_is_array(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, CONVERT_SLOT);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* --- in -------------------------------------------------------------------------------------- */

static void push_any(lua_State *L, const struct value *value, int null);

static void push_array(lua_State *L, const struct value *value, int null)
{
    lua_createtable(L, (int)value->array.count, 0);
    convert_mark_array(L, -1);
    for (size_t i = 0; i < value->array.count; i++) {
        if (value->array.items[i].kind == VALUE_NULL && null == CONVERT_REFUSED)
            luaL_error(L, "item %d of a list is null", (int)i + 1);
        push_any(L, &value->array.items[i], null);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_object(lua_State *L, const struct value *value, int null)
{
    lua_createtable(L, 0, (int)value->object.count);
    for (size_t i = 0; i < value->object.count; i++) {
        const struct member *member = &value->object.members[i];
        if (member->value.kind == VALUE_NULL && null <= 0)
            continue;
        lua_pushlstring(L, member->name.data, member->name.size);
        push_any(L, &member->value, null);
        lua_rawset(L, -3);
    }
}

static void push_any(lua_State *L, const struct value *value, int null)
{
    luaL_checkstack(L, STACK_PER_LEVEL, "value");
    switch (value->kind) {
    case VALUE_NULL:
        if (null > 0)
            lua_pushvalue(L, null);
        else
            lua_pushnil(L);
        return;
    case VALUE_BOOLEAN:
        lua_pushboolean(L, value->boolean);
        return;
    case VALUE_INTEGER:
        lua_pushinteger(L, value->integer);
        return;
    case VALUE_FLOAT:
        lua_pushnumber(L, value->number);
        return;
    case VALUE_STRING:
        lua_pushlstring(L, value->string.data, value->string.size);
        return;
    case VALUE_ARRAY:
        push_array(L, value, null);
        return;
    case VALUE_OBJECT:
        push_object(L, value, null);
        return;
    }
}

void convert_push(lua_State *L, const struct value *value, int null)
{
    push_any(L, value, null);
}

/* --- out ------------------------------------------------------------------------------------- */

/* One step of the way from the whole value to the part being taken. */
struct path {
    const struct path *up;
    struct slice name; /* of a member, or */
    lua_Integer index; /* of an item, if name.data is NULL */
    int depth;
};

struct taker {
    lua_State *L;
    const struct convert_limits *limits;
    size_t size; /* so far */
    struct pool *pool;
    struct error *err;
};

static void path_text(const struct path *path, char *text, size_t room)
{
    const struct path *steps[VALUE_DEPTH_GIVEN + 1];
    int count = 0;
    for (; path && path->up && count <= VALUE_DEPTH_GIVEN; path = path->up)
        steps[count++] = path;
    size_t used = 0;
    text[0] = '\0';
    for (count--; count >= 0 && used < PATH_MAX_SHOWN; count--) {
        const struct path *step = steps[count];
        int shown = step->name.size < NAME_MAX_SHOWN ? (int)step->name.size : NAME_MAX_SHOWN;
        int wrote = step->name.data
                        ? snprintf(text + used, room - used, ".%.*s", shown, step->name.data)
                        : snprintf(text + used, room - used, "[%lld]", (long long)step->index);
        used += (size_t)wrote;
    }
    if (count >= 0)
        snprintf(text + used, room - used, "...");
}

/* "the effect: .steps[3].name is a function" */
static bool refuse(struct taker *taker, const struct path *path, const char *reason)
{
    char text[PATH_MAX_SHOWN + NAME_MAX_SHOWN + 40];
    path_text(path, text, sizeof text);
    return error_set(taker->err, taker->limits->code, "%s%s%s %s", taker->limits->what,
                     text[0] ? ": " : "", text, reason);
}

static bool spend_size(struct taker *taker, size_t size)
{
    size_t most = taker->limits->size_max;
    taker->size += size;
    if (most && taker->size > most)
        return error_set(taker->err, taker->limits->code, "%s is too large (more than %zu bytes)",
                         taker->limits->what, most);
    return true;
}

static void charge(const struct taker *taker, size_t units)
{
    if (taker->limits->charge)
        taker->limits->charge(taker->L, (int64_t)units);
}

static size_t integer_size(int64_t integer)
{
    size_t size = integer < 0 ? 2 : 1;
    while (integer /= 10)
        size++;
    return size;
}

static size_t string_size(struct slice string)
{
    size_t size = 2;
    for (size_t i = 0; i < string.size; i++) {
        unsigned char c = (unsigned char)string.data[i];
        size += c < 0x20 ? 6 : c == '"' || c == '\\' ? 2 : 1;
    }
    return size;
}

static struct slice slice_at(lua_State *L, int index)
{
    struct slice slice;
    slice.data = lua_tolstring(L, index, &slice.size);
    return slice;
}

/* The string at `index`, checked, paid for and copied. */
static bool take_text(struct taker *taker, int index, const struct path *path, struct slice *copy)
{
    struct slice text = slice_at(taker->L, index);
    charge(taker, 1 + text.size / TEXT_WORK);
    if (value_utf8_end(text) != text.size)
        return refuse(taker, path, "is not UTF-8 text");
    return spend_size(taker, taker->limits->size_max ? string_size(text) : 0) &&
           pool_copy(taker->pool, text, copy, taker->err);
}

static bool take_number(struct taker *taker, int index, const struct path *path, struct value *out)
{
    if (lua_isinteger(taker->L, index)) {
        *out = value_integer(lua_tointeger(taker->L, index));
        return spend_size(taker, integer_size(out->integer));
    }
    double number = lua_tonumber(taker->L, index);
    if (!isfinite(number))
        return refuse(taker, path, isnan(number) ? "is not a number (NaN)" : "is infinite");
    *out = value_float(number);
    return spend_size(taker, FLOAT_TEXT_MAX);
}

static bool take_any(struct taker *taker, int index, const struct path *path, struct value *out);

static bool take_array(struct taker *taker, int index, const struct path *path, size_t count,
                       struct value *out)
{
    lua_State *L = taker->L;
    if (!spend_size(taker, 2 + count) || !value_array(out, count, taker->pool, taker->err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct path step = {.up = path, .index = (lua_Integer)i + 1, .depth = path->depth + 1};
        lua_rawgeti(L, index, step.index);
        bool ok = take_any(taker, lua_gettop(L), &step, &out->array.items[i]);
        lua_pop(L, 1);
        if (!ok)
            return false;
    }
    return true;
}

static bool take_object(struct taker *taker, int index, const struct path *path, size_t count,
                        struct value *out)
{
    lua_State *L = taker->L;
    if (!spend_size(taker, 2 + 2 * count) || !value_object(out, count, taker->pool, taker->err))
        return false;
    struct member *member = out->object.members;
    lua_pushnil(L);
    for (; lua_next(L, index); member++) {
        struct path step = {.up = path, .name = slice_at(L, -2), .depth = path->depth + 1};
        bool ok = take_text(taker, -2, &step, &member->name) &&
                  take_any(taker, lua_gettop(L), &step, &member->value);
        lua_pop(L, 1);
        if (!ok) {
            lua_pop(L, 1);
            return false;
        }
    }
    return value_object_sort(out, taker->err);
}

/* What the keys of a table are. */
struct keys {
    size_t names;
    size_t indexes;
    lua_Integer highest;
    int other; /* type of a key that is neither, LUA_TNONE if there is none */
};

static void count_keys(const struct taker *taker, int index, struct keys *keys)
{
    lua_State *L = taker->L;
    *keys = (struct keys){.other = LUA_TNONE};
    if (taker->limits->charge)
        charge(taker, 1 + slots_of(L, index) / SLOT_WORK);
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        charge(taker, ITEM_WORK);
        lua_Integer integer = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : 0;
        if (lua_type(L, -1) == LUA_TSTRING)
            keys->names++;
        else if (integer >= 1)
            keys->indexes++;
        else
            keys->other = lua_type(L, -1);
        keys->highest = integer > keys->highest ? integer : keys->highest;
    }
}

static bool take_table(struct taker *taker, int index, const struct path *path, struct value *out)
{
    lua_State *L = taker->L;
    if (path->depth >= VALUE_DEPTH_GIVEN)
        return refuse(taker, path, "is nested too deeply, or contains itself");
    luaL_checkstack(L, STACK_PER_LEVEL, "value");
    struct keys keys;
    count_keys(taker, index, &keys);
    bool array = keys.indexes > 0 || convert_is_array(L, index);
    if (keys.other == LUA_TNUMBER)
        return refuse(taker, path, "has a key that is neither a name nor a place in a list");
    if (keys.other != LUA_TNONE) {
        char reason[64];
        snprintf(reason, sizeof reason, "has a key that is a %s", lua_typename(L, keys.other));
        return refuse(taker, path, reason);
    }
    if (array && keys.names > 0)
        return refuse(taker, path, "has both names and list items");
    if (keys.highest != (lua_Integer)keys.indexes)
        return refuse(taker, path, "is a list with holes");
    return array ? take_array(taker, index, path, keys.indexes, out)
                 : take_object(taker, index, path, keys.names, out);
}

static bool take_any(struct taker *taker, int index, const struct path *path, struct value *out)
{
    lua_State *L = taker->L;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        *out = value_null();
        return spend_size(taker, 4);
    case LUA_TBOOLEAN:
        *out = value_boolean(lua_toboolean(L, index));
        return spend_size(taker, 5);
    case LUA_TNUMBER:
        return take_number(taker, index, path, out);
    case LUA_TSTRING:
        *out = value_text("");
        return take_text(taker, index, path, &out->string);
    case LUA_TTABLE:
        return take_table(taker, index, path, out);
    }
    char reason[64];
    snprintf(reason, sizeof reason, "is a %s", luaL_typename(L, index));
    return refuse(taker, path, reason);
}

bool convert_take(lua_State *L, int index, const struct convert_limits *limits, struct value *out,
                  struct pool *pool, struct error *err)
{
    struct taker taker = {.L = L, .limits = limits, .pool = pool, .err = err};
    struct path whole = {.up = NULL};
    return take_any(&taker, lua_absindex(L, index), &whole, out);
}
