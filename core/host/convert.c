/* Plain values to Lua and back. */
#include "host/convert.h"

#include "host/host.h"

#include <lauxlib.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STACK_PER_LEVEL = 8, NAME_MAX_SHOWN = 40, PATH_MAX_SHOWN = 160 };

static char mark; /* its address is the mark's name in the registry */

void convert_open(lua_State *L)
{
    lua_newtable(L);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_rawsetp(L, LUA_REGISTRYINDEX, &mark);
}

void convert_mark_array(lua_State *L, int index)
{
    index = lua_absindex(L, index);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mark);
    lua_setmetatable(L, index);
}

static bool is_marked(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &mark);
    bool same = lua_rawequal(L, -1, -2);
    lua_pop(L, 2);
    return same;
}

/* What is pushed for null: the value at a place of the stack. Without one (0) a list may hold no
 * null, and an object goes without its members that are. */
static void push_any(lua_State *L, const struct value *value, int null);

static void push_array(lua_State *L, const struct value *value, int null)
{
    lua_createtable(L, (int)value->array.count, 0);
    convert_mark_array(L, -1);
    for (size_t i = 0; i < value->array.count; i++) {
        if (value->array.items[i].kind == VALUE_NULL && !null)
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
        if (member->value.kind == VALUE_NULL && !null)
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
        if (null)
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

void host_push(lua_State *L, const struct value *value)
{
    push_any(L, value, 0);
}

void convert_push(lua_State *L, const struct value *value, int null)
{
    push_any(L, value, lua_absindex(L, null));
}

/* One step of the way from the whole value to the part being taken. */
struct path {
    const struct path *up;
    struct slice name; /* of a member, or */
    lua_Integer index; /* of an item, if name.data is NULL */
    int depth;
};

struct taker {
    lua_State *L;
    struct pool *pool;
    struct error *err;
};

static size_t write_path(const struct path *path, char *text, size_t room)
{
    if (!path->up)
        return (size_t)snprintf(text, room, "value");
    size_t used = write_path(path->up, text, room);
    if (used >= room)
        return used;
    int shown = path->name.size < NAME_MAX_SHOWN ? (int)path->name.size : NAME_MAX_SHOWN;
    int wrote = path->name.data
                    ? snprintf(text + used, room - used, ".%.*s", shown, path->name.data)
                    : snprintf(text + used, room - used, "[%lld]", (long long)path->index);
    return used + (size_t)wrote;
}

/* "value.steps[3].name is a function" */
static bool refuse(const struct taker *taker, const struct path *path, const char *reason)
{
    char text[PATH_MAX_SHOWN];
    write_path(path, text, sizeof text);
    return error_set(taker->err, ERROR_INTERNAL, "from Lua: %s %s", text, reason);
}

static bool take_any(const struct taker *taker, int index, const struct path *path,
                     struct value *out);

static bool take_text(const struct taker *taker, int index, const struct path *path,
                      struct slice *out)
{
    struct slice text;
    text.data = lua_tolstring(taker->L, index, &text.size);
    if (value_utf8_end(text) != text.size)
        return refuse(taker, path, "is not UTF-8 text");
    return pool_copy(taker->pool, text, out, taker->err);
}

static bool take_number(const struct taker *taker, int index, const struct path *path,
                        struct value *out)
{
    if (lua_isinteger(taker->L, index)) {
        *out = value_integer(lua_tointeger(taker->L, index));
        return true;
    }
    *out = value_float(lua_tonumber(taker->L, index));
    return isfinite(out->number) ? true : refuse(taker, path, "is not a finite number");
}

static bool take_array(const struct taker *taker, int index, const struct path *path, size_t count,
                       struct value *out)
{
    if (!value_array(out, count, taker->pool, taker->err))
        return false;
    for (size_t i = 0; i < count; i++) {
        struct path step = {.up = path, .index = (lua_Integer)i + 1, .depth = path->depth + 1};
        if (lua_rawgeti(taker->L, index, step.index) == LUA_TNIL)
            return refuse(taker, path, "is a list with holes");
        bool ok = take_any(taker, lua_gettop(taker->L), &step, &out->array.items[i]);
        lua_pop(taker->L, 1);
        if (!ok)
            return false;
    }
    return true;
}

static bool take_object(const struct taker *taker, int index, const struct path *path, size_t count,
                        struct value *out)
{
    lua_State *L = taker->L;
    if (!value_object(out, count, taker->pool, taker->err))
        return false;
    lua_pushnil(L);
    for (struct member *member = out->object.members; lua_next(L, index); member++) {
        struct path step = {.up = path, .depth = path->depth + 1};
        step.name.data = lua_tolstring(L, -2, &step.name.size);
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

/* How many keys of each kind a table has. */
struct keys {
    size_t names, indexes, others;
};

static struct keys count_keys(lua_State *L, int index)
{
    struct keys keys = {0};
    lua_pushnil(L);
    while (lua_next(L, index)) {
        lua_pop(L, 1);
        if (lua_type(L, -1) == LUA_TSTRING)
            keys.names++;
        else if (lua_isinteger(L, -1))
            keys.indexes++;
        else
            keys.others++;
    }
    return keys;
}

static bool take_table(const struct taker *taker, int index, const struct path *path,
                       struct value *out)
{
    lua_State *L = taker->L;
    if (path->depth >= VALUE_DEPTH_MAX)
        return refuse(taker, path, "is nested too deeply, or contains itself");
    luaL_checkstack(L, STACK_PER_LEVEL, "value");
    struct keys keys = count_keys(L, index);
    if (keys.others)
        return refuse(taker, path, "has a key that is neither a name nor a place in a list");
    if (keys.indexes == 0 && !is_marked(L, index))
        return take_object(taker, index, path, keys.names, out);
    if (keys.names)
        return refuse(taker, path, "has both names and list items");
    return take_array(taker, index, path, keys.indexes, out);
}

static bool take_any(const struct taker *taker, int index, const struct path *path,
                     struct value *out)
{
    lua_State *L = taker->L;
    switch (lua_type(L, index)) {
    case LUA_TNIL:
        *out = value_null();
        return true;
    case LUA_TBOOLEAN:
        *out = value_boolean(lua_toboolean(L, index));
        return true;
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

bool host_take(lua_State *L, int index, struct value *out, struct pool *pool, struct error *err)
{
    struct taker taker = {L, pool, err};
    struct path root = {.up = NULL};
    return take_any(&taker, lua_absindex(L, index), &root, out);
}
