/* The trusted Lua state: how it begins, finds its modules, and is entered and left. */
#include "host/builtins.h"
#include "host/host.h"

#include <lauxlib.h>
#include <lualib.h>

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct host {
    lua_State *L; /* NULL until it is needed */
};

enum { MODULE_PATH_MAX = 256, TRACE_LEVELS = 4 };

bool host_new(struct host **out, struct error *err)
{
    struct host *host = calloc(1, sizeof *host);
    if (!host)
        return error_set(err, ERROR_LIMIT, "out of memory for the trusted Lua state");
    *out = host;
    return true;
}

void host_free(struct host *host)
{
    if (!host)
        return;
    if (host->L)
        lua_close(host->L);
    free(host);
}

void host_rest(struct host *host)
{
    if (host->L)
        lua_gc(host->L, LUA_GCCOLLECT);
    malloc_trim(0);
}

/* "aws.catalogue" -> "lua/aws/catalogue.lua", or the init.lua of a folder of that name. */
static bool find_module(const char *module, char path[MODULE_PATH_MAX], struct slice *text)
{
    static const char *const endings[] = {".lua", "/init.lua"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        int size = snprintf(path, MODULE_PATH_MAX, "lua/%s", module);
        if (size < 0 || (size_t)size + strlen(endings[i]) >= MODULE_PATH_MAX)
            return false;
        for (char *c = path; *c; c++)
            *c = *c == '.' ? '/' : *c;
        memcpy(path + size, endings[i], strlen(endings[i]) + 1);
        if (host_file(path, text))
            return true;
    }
    return false;
}

/* A searcher for require(): loader and path, or why not. */
static int search(lua_State *L)
{
    char path[MODULE_PATH_MAX];
    char chunk[MODULE_PATH_MAX + 1];
    struct slice text;
    const char *module = luaL_checkstring(L, 1);
    if (!find_module(module, path, &text)) {
        lua_pushfstring(L, "no file lua/%s.lua in the program", module);
        return 1;
    }
    snprintf(chunk, sizeof chunk, "@%s", path);
    /* The interpreter does not check what is compiled: that is taken from the program only. Text in
     * there is what policies read, too. */
    const char *mode = host_files_are_text() ? "t" : "bt";
    if (luaL_loadbufferx(L, text.data, text.size, chunk, mode) != LUA_OK)
        return lua_error(L);
    lua_pushstring(L, path);
    return 2;
}

/* Only what is preloaded and what is embedded: nothing on the machine can take a module's place. */
static void close_package(lua_State *L)
{
    lua_getglobal(L, "package");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "path");
    lua_pushliteral(L, "");
    lua_setfield(L, -2, "cpath");
    lua_getfield(L, -1, "searchers");
    lua_createtable(L, 2, 0);
    lua_rawgeti(L, -2, 1);
    lua_rawseti(L, -2, 1);
    lua_pushcfunction(L, search);
    lua_rawseti(L, -2, 2);
    lua_setfield(L, -3, "searchers");
    lua_pop(L, 2);
}

static void set_collector(lua_State *L)
{
#ifdef TIDELOCK_GC_STRESS
    enum { PAUSE = 4, STEP_MULTIPLIER = 1000, STEP_SIZE = 4 };
    lua_gc(L, LUA_GCINC, PAUSE, STEP_MULTIPLIER, STEP_SIZE);
#else
    (void)L;
#endif
}

static int open_state(lua_State *L)
{
    luaL_openlibs(L);
    builtins_open(L);
    close_package(L);
    set_collector(L);
    return 0;
}

static bool start(struct host *host, struct error *err)
{
    if (host->L)
        return true;
    lua_State *L = luaL_newstate();
    if (!L)
        return error_set(err, ERROR_LIMIT, "out of memory for the trusted Lua state");
    lua_pushcfunction(L, open_state);
    if (lua_pcall(L, 0, 0, 0) != LUA_OK) {
        error_set(err, ERROR_INTERNAL, "the trusted Lua state: %s", lua_tostring(L, -1));
        lua_close(L);
        return false;
    }
    host->L = L;
    return true;
}

/* {invalid = text}, {failed = text} or {unanswered = text}? Pushes the text if so. */
static bool push_told(lua_State *L, int index, enum error_code *code)
{
    static const struct {
        const char *name;
        enum error_code code;
    } kinds[] = {
        {"invalid", ERROR_INVALID}, {"failed", ERROR_IO}, {"unanswered", ERROR_UNANSWERED}};
    index = lua_absindex(L, index);
    for (size_t i = 0; lua_istable(L, index) && i < sizeof kinds / sizeof *kinds; i++) {
        *code = kinds[i].code;
        lua_pushstring(L, kinds[i].name);
        if (lua_rawget(L, index) == LUA_TSTRING)
            return true;
        lua_pop(L, 1);
    }
    return false;
}

static int on_error(lua_State *L)
{
    enum error_code code;
    if (push_told(L, 1, &code)) {
        lua_pop(L, 1);
        return 1;
    }
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* The message, and the innermost frames on one line: "...: nil index (lua/a.lua:3, lua/b.lua:9)" is
 * what a report of a mistake of ours needs. */
static bool set_internal(struct error *err, const char *trace)
{
    size_t size = strcspn(trace, "\n");
    int levels = 0;
    error_set(err, ERROR_INTERNAL, "%.*s", (int)(size > 600 ? 600 : size), trace);
    for (const char *line = strchr(trace, '\n'); line && levels < TRACE_LEVELS;
         line = strchr(line + 1, '\n')) {
        if (line[1] != '\t')
            continue;
        size_t used = strlen(err->message);
        snprintf(err->message + used, sizeof err->message - used, "%s %.*s", levels++ ? ";" : " |",
                 (int)(strcspn(line + 2, "\n") > 80 ? 80 : strcspn(line + 2, "\n")), line + 2);
    }
    return false;
}

struct protected
{
    host_body_fn *body;
    void *context;
    struct error *err;
    bool ok;
};

static int run_body(lua_State *L)
{
    struct protected *call = lua_touserdata(L, 1);
    lua_settop(L, 0);
    call->ok = call->body(L, call->context, call->err);
    return 0;
}

bool host_protect(struct host *host, host_body_fn *body, void *context, struct error *err)
{
    struct protected call = {body, context, err, false};
    if (!start(host, err))
        return false;
    lua_State *L = host->L;
    int top = lua_gettop(L);
    lua_pushcfunction(L, on_error);
    lua_pushcfunction(L, run_body);
    lua_pushlightuserdata(L, &call);
    if (lua_pcall(L, 1, 0, -3) != LUA_OK) {
        call.ok = false;
        enum error_code code;
        if (push_told(L, -1, &code))
            error_set(err, code, "%s", lua_tostring(L, -1));
        else
            set_internal(err, lua_isstring(L, -1) ? lua_tostring(L, -1) : "an error without words");
    }
    lua_settop(L, top);
    return call.ok;
}

static void push_function(lua_State *L, const char *module, const char *name)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    lua_call(L, 1, 1);
    if (!name)
        return;
    if (lua_getfield(L, -1, name) != LUA_TFUNCTION)
        luaL_error(L, "module %s has no function %s", module, name);
    lua_remove(L, -2);
}

int host_keep(lua_State *L, const char *module, const char *name)
{
    push_function(L, module, name);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static bool load_only(lua_State *L, void *context, struct error *err)
{
    (void)err;
    push_function(L, context, NULL);
    return true;
}

bool host_load(struct host *host, const char *module, struct error *err)
{
    return host_protect(host, load_only, (void *)module, err);
}

struct call {
    const char *module, *name;
    const struct value *arguments;
    size_t count;
    struct value *result;
    struct pool *pool;
};

static bool run_call(lua_State *L, void *context, struct error *err)
{
    const struct call *call = context;
    push_function(L, call->module, call->name);
    luaL_checkstack(L, (int)call->count, "arguments");
    for (size_t i = 0; i < call->count; i++)
        host_push(L, &call->arguments[i]);
    lua_call(L, (int)call->count, 1);
    return host_take(L, -1, call->result, call->pool, err) ||
           error_wrap(err, "%s.%s", call->module, call->name);
}

bool host_call(struct host *host, const char *module, const char *name,
               const struct value *arguments, size_t count, struct value *result, struct pool *pool,
               struct error *err)
{
    struct call call = {module, name, arguments, count, result, pool};
    return host_protect(host, run_call, &call, err);
}
