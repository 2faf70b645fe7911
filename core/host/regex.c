/* A compiled pattern is a userdata around regex_t, freed by the collector. */
#include "host/regex.h"

#include <lauxlib.h>

#include <regex.h>
#include <stdbool.h>
#include <string.h>

static const char type[] = "tidelock.regex";

struct pattern {
    bool compiled;
    regex_t regex;
};

static int f_gc(lua_State *L)
{
    struct pattern *pattern = luaL_checkudata(L, 1, type);
    if (pattern->compiled)
        regfree(&pattern->regex);
    pattern->compiled = false;
    return 0;
}

static const char *checked_text(lua_State *L, int arg, bool *whole)
{
    size_t size;
    const char *text = luaL_checklstring(L, arg, &size);
    *whole = strlen(text) == size;
    return text;
}

/* regex.compile(pattern: string): object */
static int f_compile(lua_State *L)
{
    char problem[128] = "it holds a zero byte";
    bool whole;
    const char *text = checked_text(L, 1, &whole);
    struct pattern *pattern = lua_newuserdatauv(L, sizeof *pattern, 0);
    pattern->compiled = false;
    luaL_setmetatable(L, type);
    int code = whole ? regcomp(&pattern->regex, text, REG_EXTENDED | REG_NOSUB) : REG_BADPAT;
    pattern->compiled = code == 0;
    if (whole && code != 0)
        regerror(code, &pattern->regex, problem, sizeof problem);
    if (code != 0)
        return luaL_error(L, "%s", problem);
    return 1;
}

/* object:matches(text: string): boolean */
static int f_matches(lua_State *L)
{
    bool whole;
    struct pattern *pattern = luaL_checkudata(L, 1, type);
    const char *text = checked_text(L, 2, &whole);
    lua_pushboolean(L, whole && regexec(&pattern->regex, text, 0, NULL, 0) == 0);
    return 1;
}

int luaopen_regex(lua_State *L)
{
    static const luaL_Reg functions[] = {{"compile", f_compile}, {NULL, NULL}};
    static const luaL_Reg methods[] = {{"matches", f_matches}, {NULL, NULL}};
    if (luaL_newmetatable(L, type)) {
        lua_pushcfunction(L, f_gc);
        lua_setfield(L, -2, "__gc");
        luaL_newlib(L, methods);
        lua_setfield(L, -2, "__index");
    }
    luaL_newlib(L, functions);
    return 1;
}
