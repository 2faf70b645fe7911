/* Objects of the trusted state, held by a place in its registry. */
#include "host/object.h"

#include <lauxlib.h>

#include <stdlib.h>

struct host_object {
    struct host *host;
    int place; /* in the registry */
};

struct host *host_object_host(const struct host_object *object)
{
    return object->host;
}

/* What is called, and with what. */
struct calling {
    struct host_object *object;
    const char *module, *name;
    const struct value *arguments;
    size_t count;
    struct value *result;
    struct pool *pool;
};

static void push_arguments(lua_State *L, const struct calling *calling)
{
    luaL_checkstack(L, (int)calling->count, "arguments");
    for (size_t i = 0; i < calling->count; i++)
        host_push(L, &calling->arguments[i]);
}

static bool make(lua_State *L, void *context, struct error *err)
{
    struct calling *calling = context;
    (void)err;
    int function = host_keep(L, calling->module, calling->name);
    lua_rawgeti(L, LUA_REGISTRYINDEX, function);
    luaL_unref(L, LUA_REGISTRYINDEX, function);
    push_arguments(L, calling);
    lua_call(L, (int)calling->count, 1);
    luaL_checktype(L, -1, LUA_TTABLE);
    calling->object->place = luaL_ref(L, LUA_REGISTRYINDEX);
    return true;
}

bool host_object_new(struct host_object **out, struct host *host, const char *module,
                     const char *name, const struct value *arguments, size_t count,
                     struct error *err)
{
    struct host_object *object = calloc(1, sizeof *object);
    if (!object)
        return error_set(err, ERROR_LIMIT, "out of memory for an object of trusted Lua");
    *object = (struct host_object){host, LUA_NOREF};
    struct calling calling = {object, module, name, arguments, count, NULL, NULL};
    if (!host_protect(host, make, &calling, err)) {
        free(object);
        return false;
    }
    *out = object;
    return true;
}

static bool let_go(lua_State *L, void *context, struct error *err)
{
    const struct host_object *object = context;
    (void)err;
    luaL_unref(L, LUA_REGISTRYINDEX, object->place);
    return true;
}

void host_object_free(struct host_object *object)
{
    struct error ignored;
    if (!object)
        return;
    host_protect(object->host, let_go, object, &ignored);
    free(object);
}

void host_object_push(lua_State *L, const struct host_object *object, const char *method)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, object->place);
    if (lua_getfield(L, -1, method) != LUA_TFUNCTION)
        luaL_error(L, "an object of trusted Lua has no method %s", method);
    lua_insert(L, -2);
}

static bool call_method(lua_State *L, void *context, struct error *err)
{
    const struct calling *calling = context;
    host_object_push(L, calling->object, calling->name);
    push_arguments(L, calling);
    lua_call(L, (int)calling->count + 1, 1);
    return host_take(L, -1, calling->result, calling->pool, err) ||
           error_wrap(err, "%s", calling->name);
}

bool host_object_call(struct host_object *object, const char *method, const struct value *arguments,
                      size_t count, struct value *result, struct pool *pool, struct error *err)
{
    struct calling calling = {object, NULL, method, arguments, count, result, pool};
    return host_protect(object->host, call_method, &calling, err);
}
