/* tidelock-lua: a plain interpreter, not sandboxed, with what we lend to trusted Lua preloaded. For
 * development: the specs of lua/ run in it as they will run in the program.
 *
 *     tidelock-lua [-e CODE] [-l MODULE] [SCRIPT [ARGUMENT...]] */
#include "host/builtins.h"

#include <lauxlib.h>
#include <lualib.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct command {
    int count;
    char **words;
    int script; /* its place among the words; `count` if there is none */
};

static int on_error(lua_State *L)
{
    luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
    return 1;
}

/* Calls what lies below `arguments` arguments on the stack. */
static bool call(lua_State *L, int arguments)
{
    int handler = lua_gettop(L) - arguments;
    lua_pushcfunction(L, on_error);
    lua_insert(L, handler);
    bool ok = lua_pcall(L, arguments, 0, handler) == LUA_OK;
    if (!ok) {
        fprintf(stderr, "tidelock-lua: %s\n", lua_tostring(L, -1));
        lua_pop(L, 1);
    }
    lua_remove(L, handler);
    return ok;
}

static bool run_loaded(lua_State *L, int loaded, int arguments)
{
    if (loaded == LUA_OK) {
        lua_insert(L, -1 - arguments);
        return call(L, arguments);
    }
    fprintf(stderr, "tidelock-lua: %s\n", lua_tostring(L, -1));
    return false;
}

static bool run_text(lua_State *L, const char *text)
{
    return run_loaded(L, luaL_loadbuffer(L, text, strlen(text), "=(command line)"), 0);
}

static bool require(lua_State *L, const char *module)
{
    lua_getglobal(L, "require");
    lua_pushstring(L, module);
    return call(L, 1);
}

static bool run_options(lua_State *L, const struct command *command)
{
    for (int i = 1; i < command->script; i++) {
        const char *word = command->words[i];
        if (strcmp(word, "--") == 0)
            break;
        const char *operand = word[2] ? word + 2 : command->words[++i];
        if (!(word[1] == 'e' ? run_text(L, operand) : require(L, operand)))
            return false;
    }
    return true;
}

static void set_arg(lua_State *L, const struct command *command)
{
    lua_createtable(L, command->count, command->count);
    for (int i = 0; i < command->count; i++) {
        lua_pushstring(L, command->words[i]);
        lua_rawseti(L, -2, i - command->script);
    }
    lua_setglobal(L, "arg");
}

static bool run_script(lua_State *L, const struct command *command)
{
    int arguments = command->count - command->script - 1;
    if (arguments < 0)
        return true;
    const char *script = command->words[command->script];
    luaL_checkstack(L, arguments + 4, "too many arguments");
    for (int i = 1; i <= arguments; i++)
        lua_pushstring(L, command->words[command->script + i]);
    int loaded = luaL_loadfile(L, strcmp(script, "-") == 0 ? NULL : script);
    return run_loaded(L, loaded, arguments);
}

/* Where the script stands: after the options and their operands. */
static bool read_command(struct command *command)
{
    int at = 1;
    for (; at < command->count; at++) {
        const char *word = command->words[at];
        if (word[0] != '-' || word[1] == '\0')
            break;
        if (strcmp(word, "--") == 0) {
            at++;
            break;
        }
        if (word[1] != 'e' && word[1] != 'l')
            return false;
        if (word[2] == '\0' && ++at == command->count)
            return false;
    }
    command->script = at;
    return true;
}

static int run(lua_State *L)
{
    const struct command *command = lua_touserdata(L, 1);
    luaL_openlibs(L);
    builtins_open(L);
    set_arg(L, command);
    lua_pushboolean(L, run_options(L, command) && run_script(L, command));
    return 1;
}

int main(int argc, char **argv)
{
    struct command command = {argc, argv, argc};
    if (!read_command(&command)) {
        fprintf(stderr, "usage: tidelock-lua [-e CODE] [-l MODULE] [SCRIPT [ARGUMENT...]]\n");
        return 2;
    }
    lua_State *L = luaL_newstate();
    if (!L)
        return 1;
    lua_pushcfunction(L, run);
    lua_pushlightuserdata(L, &command);
    bool ok = lua_pcall(L, 1, 1, 0) == LUA_OK;
    if (!ok)
        fprintf(stderr, "tidelock-lua: %s\n", lua_tostring(L, -1));
    ok = ok && lua_toboolean(L, -1);
    lua_close(L);
    return ok ? 0 : 1;
}
