#include "script/border.h"

#include "script/inside.h"
#include "script/slots.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    PATH_MAX_SHOWN = 80,
    NAME_MAX_SHOWN = 40,
    FLOAT_TEXT_MAX = 24,
    ITEM_WORK = 3, /* units to visit one item */
    SLOT_WORK = 8, /* slots of a table passed over to the unit */
    STACK_PER_LEVEL = 4,
};

/* One step of the way from the whole value to the part being read. */
struct path {
    const struct path *up;
    struct slice name; /* of a member, or */
    lua_Integer index; /* of an item, if name.data is NULL */
    int depth;
};

struct reader {
    lua_State *L;
    const char *what;
    size_t size_left;
    size_t size_max;
    struct pool *pool;
    struct error *err;
};

static void path_text(const struct path *path, char *text, size_t room)
{
    const struct path *steps[VALUE_DEPTH_MAX + 1];
    int count = 0;
    for (; path && path->up && count <= VALUE_DEPTH_MAX; path = path->up)
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
static bool refuse(struct reader *reader, const struct path *path, const char *reason)
{
    char text[PATH_MAX_SHOWN + NAME_MAX_SHOWN + 40];
    path_text(path, text, sizeof text);
    if (text[0])
        return error_set(reader->err, ERROR_POLICY, "%s: %s %s", reader->what, text, reason);
    return error_set(reader->err, ERROR_POLICY, "%s %s", reader->what, reason);
}

static bool spend_size(struct reader *reader, size_t size)
{
    if (size > reader->size_left)
        return error_set(reader->err, ERROR_POLICY, "%s is too large (more than %zu bytes)",
                         reader->what, reader->size_max);
    reader->size_left -= size;
    return true;
}

static size_t integer_size(int64_t integer)
{
    char text[24];
    return (size_t)snprintf(text, sizeof text, "%" PRId64, integer);
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
static bool read_text(struct reader *reader, int index, const struct path *path, struct slice *copy)
{
    struct slice text = slice_at(reader->L, index);
    charge(reader->L, (int64_t)(1 + text.size / 4));
    if (value_utf8_end(text) != text.size)
        return refuse(reader, path, "is not UTF-8 text");
    return spend_size(reader, string_size(text)) &&
           pool_copy(reader->pool, text, copy, reader->err);
}

static bool read_number(struct reader *reader, int index, const struct path *path,
                        struct value *out)
{
    if (lua_isinteger(reader->L, index)) {
        *out = value_integer(lua_tointeger(reader->L, index));
        return spend_size(reader, integer_size(out->integer));
    }
    double number = lua_tonumber(reader->L, index);
    if (!isfinite(number))
        return refuse(reader, path, isnan(number) ? "is not a number (NaN)" : "is infinite");
    *out = value_float(number);
    return spend_size(reader, FLOAT_TEXT_MAX);
}

static bool read_any(struct reader *reader, int index, const struct path *path, struct value *out);

static bool read_array(struct reader *reader, int index, const struct path *path, size_t count,
                       struct value *out)
{
    lua_State *L = reader->L;
    if (!spend_size(reader, 2 + count) || !value_array(out, count, reader->pool, reader->err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct path step = {.up = path, .index = (lua_Integer)i + 1, .depth = path->depth + 1};
        lua_rawgeti(L, index, step.index);
        bool ok = read_any(reader, lua_gettop(L), &step, &out->array.items[i]);
        lua_pop(L, 1);
        if (!ok)
            return false;
    }
    return true;
}

static bool read_object(struct reader *reader, int index, const struct path *path, size_t count,
                        struct value *out)
{
    lua_State *L = reader->L;
    if (!spend_size(reader, 2 + 2 * count) || !value_object(out, count, reader->pool, reader->err))
        return false;
    struct member *member = out->object.members;
    lua_pushnil(L);
    for (; lua_next(L, index); member++) {
        struct path step = {.up = path, .name = slice_at(L, -2), .depth = path->depth + 1};
        bool ok = read_text(reader, -2, &step, &member->name) &&
                  read_any(reader, lua_gettop(L), &step, &member->value);
        lua_pop(L, 1);
        if (!ok) {
            lua_pop(L, 1);
            return false;
        }
    }
    return value_object_sort(out, reader->err);
}

/* What the keys of a table are. */
struct keys {
    size_t names;
    size_t indexes;
    lua_Integer highest;
    int other; /* type of a key that is neither, LUA_TNONE if there is none */
};

static void count_keys(lua_State *L, int index, struct keys *keys)
{
    *keys = (struct keys){.other = LUA_TNONE};
    charge(L, (int64_t)(1 + slots_of(L, index) / SLOT_WORK));
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        charge(L, ITEM_WORK);
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

static bool read_table(struct reader *reader, int index, const struct path *path, struct value *out)
{
    lua_State *L = reader->L;
    if (path->depth >= VALUE_DEPTH_MAX)
        return refuse(reader, path, "is nested too deeply, or contains itself");
    luaL_checkstack(L, STACK_PER_LEVEL, "value");
    struct keys keys;
    count_keys(L, index, &keys);
    bool array = keys.indexes > 0 || border_is_array(L, index);
    if (keys.other == LUA_TNUMBER)
        return refuse(reader, path, "has a key that is neither a name nor a place in a list");
    if (keys.other != LUA_TNONE) {
        char reason[64];
        snprintf(reason, sizeof reason, "has a key that is a %s", lua_typename(L, keys.other));
        return refuse(reader, path, reason);
    }
    if (array && keys.names > 0)
        return refuse(reader, path, "has both names and list items");
    if (keys.highest != (lua_Integer)keys.indexes)
        return refuse(reader, path, "is a list with holes");
    return array ? read_array(reader, index, path, keys.indexes, out)
                 : read_object(reader, index, path, keys.names, out);
}

static bool read_any(struct reader *reader, int index, const struct path *path, struct value *out)
{
    lua_State *L = reader->L;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        *out = value_null();
        return spend_size(reader, 4);
    case LUA_TBOOLEAN:
        *out = value_boolean(lua_toboolean(L, index));
        return spend_size(reader, 5);
    case LUA_TNUMBER:
        return read_number(reader, index, path, out);
    case LUA_TSTRING:
        *out = value_text("");
        return read_text(reader, index, path, &out->string);
    case LUA_TTABLE:
        return read_table(reader, index, path, out);
    }
    char reason[64];
    snprintf(reason, sizeof reason, "is a %s", luaL_typename(L, index));
    return refuse(reader, path, reason);
}

bool border_read(lua_State *L, int index, const char *what, size_t size_max, struct value *out,
                 struct pool *pool, struct error *err)
{
    struct reader reader = {L, what, size_max, size_max, pool, err};
    struct path root = {.up = NULL};
    return read_any(&reader, lua_absindex(L, index), &root, out);
}

void border_mark_array(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_ARRAY);
    lua_setmetatable(L, index);
}

bool border_is_array(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_ARRAY);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

static void push_array(lua_State *L, const struct value *value)
{
    lua_createtable(L, (int)value->array.count, 0);
    border_mark_array(L, -1);
    for (size_t i = 0; i < value->array.count; i++) {
        border_push(L, &value->array.items[i]);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static void push_object(lua_State *L, const struct value *value)
{
    lua_createtable(L, 0, (int)value->object.count);
    for (size_t i = 0; i < value->object.count; i++) {
        const struct member *member = &value->object.members[i];
        lua_pushlstring(L, member->name.data, member->name.size);
        border_push(L, &member->value);
        lua_rawset(L, -3);
    }
}

void border_push(lua_State *L, const struct value *value)
{
    luaL_checkstack(L, STACK_PER_LEVEL, "value");
    switch (value->kind) {
    case VALUE_NULL:
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
        push_array(L, value);
        return;
    case VALUE_OBJECT:
        push_object(L, value);
        return;
    }
}
