/* Module `effect`: how a policy asks for something of the outside. Lua signatures stand above each.
 */
#include "script/inside.h"

#include <string.h>

enum {
    EFFECT_WORK = 200,
    BRANCH_WORK = 300,
    LEVEL_WALK = 3, /* frames for a unit: deep down in the stack each may be a miss of the cache */
};

/* "table.sort" for the C function at `ar`, if a library has it under the name it was called by. */
static bool push_library_name(lua_State *L, lua_Debug *ar)
{
    lua_getinfo(L, "nf", ar);
    int function = lua_gettop(L);
    bool found = false;
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_LIBRARIES);
    lua_pushnil(L);
    while (ar->name && !found && lua_next(L, -2)) {
        lua_pushfstring(L, "%s", ar->name); /* not by address, see lua_load.c */
        lua_rawget(L, -2);
        found = lua_tocfunction(L, -1) == lua_tocfunction(L, function);
        lua_pop(L, 2);
    }
    if (found)
        lua_pushfstring(L, "%s.%s", lua_tostring(L, -1), ar->name);
    else
        lua_pushfstring(L, "%s", ar->name ? ar->name : "a metamethod");
    return found;
}

/* The C function between the asking one and its branch that cannot be left and entered again: the
 * nearest that is not a pcall. */
static int raise_boundary(lua_State *L)
{
    lua_Debug ar;
    for (int level = 1; lua_getstack(L, level, &ar); level++) {
        charge(L, 1 + level / LEVEL_WALK);
        lua_getinfo(L, "Sn", &ar);
        bool passable = ar.name &&
                        (strcmp(ar.name, "pcall") == 0 || strcmp(ar.name, "xpcall") == 0);
        if (ar.what[0] != 'C' || passable)
            continue;
        push_library_name(L, &ar);
        return location_raise(L, "an effect cannot be asked for from inside %s",
                              lua_tostring(L, -1));
    }
    return location_raise(L, "an effect cannot be asked for from inside a metamethod");
}

static void check_allowed(lua_State *L)
{
    if (charge_sandbox(L)->loading)
        location_raise(L, "an effect cannot be asked for while the policy is being loaded");
    if (!lua_isyieldable(L))
        raise_boundary(L);
}

/* Where the author asks for what the step ends with, for who wants to know. */
static void note_place(lua_State *L, struct sandbox *sandbox)
{
    struct location location;
    if (!sandbox->locates)
        return;
    location_find(L, 1, &location);
    memcpy(sandbox->step->chunk, location.chunk, sizeof location.chunk);
    sandbox->step->line = location.line;
}

/* effect.perform(request: table): table -- {value = ...} or {error = {code, message}} */
static int f_perform(lua_State *L)
{
    struct sandbox *sandbox = charge_sandbox(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    check_allowed(L);
    charge(L, EFFECT_WORK);
    struct error err;
    if (!sandbox_take(L, 1, "the effect", &err))
        return location_raise(L, "%s", err.message);
    if (sandbox->step->value.kind != VALUE_OBJECT)
        return location_raise(L, "the effect is a list, not a table with names");
    note_place(L, sandbox);
    sandbox->asked = SANDBOX_EFFECT;
    return lua_yield(L, 0);
}

static void make_branch(lua_State *L, int branches, int number)
{
    lua_State *branch = lua_newthread(L);
    lua_rawseti(L, branches, number + 1);
    lua_xmove(L, branch, 1);
}

/* effect.parallel(functions: list): list -- what each returned */
static int f_parallel(lua_State *L)
{
    struct sandbox *sandbox = charge_sandbox(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    check_allowed(L);
    int count = (int)lua_rawlen(L, 1); /* a block holds fewer than 2^31 */
    for (int i = 1; i <= count; i++) {
        charge(L, 1);
        if (lua_rawgeti(L, 1, i) != LUA_TFUNCTION)
            return location_raise(L, "effect.parallel: item %d is a %s, not a function", i,
                                  luaL_typename(L, -1));
        lua_pop(L, 1);
    }
    if (count == 0) {
        lua_newtable(L);
        convert_mark_array(L, -1);
        return 1;
    }
    lua_rawgeti(L, LUA_REGISTRYINDEX, SLOT_BRANCHES);
    sandbox->step->first = sandbox->branches;
    for (int i = 1; i <= count; i++) {
        charge(L, BRANCH_WORK);
        lua_rawgeti(L, 1, i);
        make_branch(L, 2, sandbox->branches++);
    }
    sandbox->step->count = count;
    note_place(L, sandbox);
    sandbox->asked = SANDBOX_PARALLEL;
    return lua_yield(L, 0);
}

/* effect.fail(message: string) -- raises at the author's line */
static int f_fail(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TSTRING);
    return location_raise(L, "%s", lua_tostring(L, 1));
}

/* effect.where(): string -- the author's "chunk:line" */
static int f_where(lua_State *L)
{
    charge(L, 20);
    struct location location;
    location_find(L, 1, &location);
    lua_pushfstring(L, "%s:%d", location.line > 0 ? location.chunk : "?", location.line);
    return 1;
}

/* effect.array(list: table): table -- the same table, marked so that it stays [] when empty */
static int f_array(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    if (convert_is_array(L, 1)) {
        lua_settop(L, 1);
        return 1;
    }
    if (lua_getmetatable(L, 1))
        return location_raise(L, "effect.array: the table has a metatable");
    lua_settop(L, 1);
    convert_mark_array(L, 1);
    return 1;
}

int luaopen_sandbox_effect(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"array", f_array},     {"fail", f_fail},   {"parallel", f_parallel},
        {"perform", f_perform}, {"where", f_where}, {NULL, NULL},
    };
    lua_newtable(L);
    charge_set_functions(L, functions);
    return 1;
}
