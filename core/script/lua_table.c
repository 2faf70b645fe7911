/* The table library: every item moved, read or compared is paid for before it is touched. */
#include "lua_sort.h"
#include "lua_string.h"

/* What an access may cost: a plain table is indexed at once; __index and its kin may be C
 * functions, whose time the VM does not see. */
enum { PLAIN_UNITS = 1, METHOD_UNITS = 8 };
/* The same where only one of reading and writing is done. */
enum { PLAIN_TICKS = PLAIN_UNITS * METER_TICKS / 2, METHOD_TICKS = METHOD_UNITS * METER_TICKS / 2 };

enum { NEEDS_READ = 1, NEEDS_WRITE = 2, NEEDS_LENGTH = 4 };

/* A table argument. `plain`: without metamethods for what the functions do, so raw access means the
 * same. */
struct list {
    lua_State *L;
    int arg;
    bool plain;
};

static bool has_field(lua_State *L, const char *name)
{
    lua_pushstring(L, name);
    bool found = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 1);
    return found;
}

/* The metamethods of the value at `arg`, as needs. */
static int find_methods(lua_State *L, int arg)
{
    if (!lua_getmetatable(L, arg))
        return 0;
    int methods = (has_field(L, "__index") ? NEEDS_READ : 0) |
                  (has_field(L, "__newindex") ? NEEDS_WRITE : 0) |
                  (has_field(L, "__len") ? NEEDS_LENGTH : 0);
    lua_pop(L, 1);
    return methods;
}

/* What is no table must have the metamethods that are needed. */
static struct list check_list(lua_State *L, int arg, int needs)
{
    int methods = find_methods(L, arg);
    if ((methods & needs) != needs)
        luaL_checktype(L, arg, LUA_TTABLE);
    return (struct list){.L = L, .arg = arg, .plain = methods == 0 && lua_istable(L, arg)};
}

static inline lua_Integer list_size(const struct list *list)
{
    return list->plain ? (lua_Integer)lua_rawlen(list->L, list->arg) : luaL_len(list->L, list->arg);
}

static inline void list_get(const struct list *list, lua_Integer i)
{
    if (list->plain)
        lua_rawgeti(list->L, list->arg, i);
    else
        lua_geti(list->L, list->arg, i);
}

static inline void list_set(const struct list *list, lua_Integer i)
{
    if (list->plain)
        lua_rawseti(list->L, list->arg, i);
    else
        lua_seti(list->L, list->arg, i);
}

static void list_charge(const struct list *list, uint64_t count)
{
    charge(list->L, meter_units(count, list->plain ? PLAIN_UNITS : METHOD_UNITS));
}

/* table.concat(list [, separator [, i [, j]]]) -> text */
static int table_concat(lua_State *L)
{
    struct list list = check_list(L, 1, NEEDS_READ | NEEDS_LENGTH);
    size_t between_size;
    lua_Integer size = list_size(&list);
    const char *between = "";
    between_size = 0;
    if (!lua_isnoneornil(L, 2))
        between = string_check(L, 2, &between_size);
    lua_Integer i = luaL_optinteger(L, 3, 1);
    lua_Integer last = luaL_optinteger(L, 4, size);
    uint64_t access = list.plain ? PLAIN_TICKS : METHOD_TICKS;
    struct meter meter = {.L = L, .ticks = 0};
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    for (bool more = i <= last; more; i++) {
        list_get(&list, i);
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid value (%s) at index %I in table for 'concat'",
                              luaL_typename(L, -1), (LUAI_UACINT)i);
        size_t text_size;
        string_check(L, lua_gettop(L), &text_size);
        meter_bytes(&meter, text_size + between_size);
        meter_add(&meter, access);
        luaL_addvalue(&buffer);
        more = i != last;
        if (more)
            luaL_addlstring(&buffer, between, between_size);
    }
    meter_end(&meter);
    luaL_pushresult(&buffer);
    return 1;
}

/* table.insert(list, [position,] value) */
static int table_insert(lua_State *L)
{
    struct list list = check_list(L, 1, NEEDS_READ | NEEDS_WRITE | NEEDS_LENGTH);
    lua_Integer end = (lua_Integer)((lua_Unsigned)list_size(&list) + 1);
    switch (lua_gettop(L)) {
    case 2:
        list_set(&list, end);
        return 0;
    case 3:
        break;
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_Integer position = luaL_checkinteger(L, 2);
    luaL_argcheck(L, (lua_Unsigned)position - 1 < (lua_Unsigned)end, 2, "position out of bounds");
    list_charge(&list, (lua_Unsigned)end - (lua_Unsigned)position);
    for (lua_Integer i = end; i > position; i--) {
        list_get(&list, i - 1);
        list_set(&list, i);
    }
    list_set(&list, position);
    return 0;
}

/* Where a range of `count` values from `first` may be put without running into itself. */
static bool moves_upward(lua_State *L, lua_Integer first, lua_Integer last, lua_Integer to,
                         int target)
{
    return to > last || to <= first || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
}

/* table.move(list, first, last, to [, target]) -> target */
static int table_move(lua_State *L)
{
    lua_Integer first = luaL_checkinteger(L, 2);
    lua_Integer last = luaL_checkinteger(L, 3);
    lua_Integer to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    struct list source = check_list(L, 1, NEEDS_READ);
    struct list sink = check_list(L, target, NEEDS_WRITE);
    if (first <= last) {
        luaL_argcheck(L, first > 0 || last < LUA_MAXINTEGER + first, 3,
                      "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        list_charge(source.plain ? &sink : &source, (uint64_t)count);
        bool upward = moves_upward(L, first, last, to, target);
        for (lua_Integer k = 0; k < count; k++) {
            lua_Integer i = upward ? k : count - 1 - k;
            list_get(&source, first + i);
            list_set(&sink, to + i);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

/* table.pack(...) -> {..., n = count} */
static int table_pack(lua_State *L)
{
    int count = lua_gettop(L);
    charge(L, 1 + count / 4);
    lua_createtable(L, count, 1);
    lua_insert(L, 1);
    for (int i = count; i >= 1; i--)
        lua_rawseti(L, 1, i);
    lua_pushinteger(L, count);
    lua_setfield(L, 1, "n");
    return 1;
}

/* table.remove(list [, position]) -> value */
static int table_remove(lua_State *L)
{
    struct list list = check_list(L, 1, NEEDS_READ | NEEDS_WRITE | NEEDS_LENGTH);
    lua_Integer size = list_size(&list);
    lua_Integer position = luaL_optinteger(L, 2, size);
    if (position != size) /* size + 1 is allowed too */
        luaL_argcheck(L, (lua_Unsigned)position - 1 <= (lua_Unsigned)size, 2,
                      "position out of bounds");
    list_get(&list, position);
    if (position < size)
        list_charge(&list, (lua_Unsigned)size - (lua_Unsigned)position);
    for (; position < size; position++) {
        list_get(&list, position + 1);
        list_set(&list, position);
    }
    lua_pushnil(L);
    list_set(&list, position);
    return 1;
}

/* table.sort(list [, before]): stable; the list is written only when all is sorted, so an error in
 * `before` leaves it as it was. */
static int table_sort(lua_State *L)
{
    struct list list = check_list(L, 1, NEEDS_READ | NEEDS_WRITE | NEEDS_LENGTH);
    lua_Integer size = list_size(&list);
    if (size < 2)
        return 0;
    luaL_argcheck(L, size < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2))
        luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    list_charge(&list, (uint64_t)size);
    lua_createtable(L, (int)size, 0);
    for (lua_Integer i = 1; i <= size; i++) {
        list_get(&list, i);
        lua_rawseti(L, 3, i);
    }
    struct meter meter = {.L = L, .ticks = 0};
    const uint32_t *order = sort_order(&meter, 3, (uint32_t)size, lua_isnil(L, 2) ? 0 : 2);
    meter_end(&meter);
    list_charge(&list, (uint64_t)size);
    for (lua_Integer i = 1; i <= size; i++) {
        lua_rawgeti(L, 3, order[i - 1]);
        list_set(&list, i);
    }
    return 0;
}

/* table.unpack(list [, i [, j]]) -> value... */
static int table_unpack(lua_State *L)
{
    struct list list = {.L = L, .arg = 1};
    list.plain = lua_istable(L, 1) && find_methods(L, 1) == 0;
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = lua_isnoneornil(L, 3) ? list_size(&list) : luaL_checkinteger(L, 3);
    if (first > last)
        return 0;
    lua_Unsigned span = (lua_Unsigned)last - (lua_Unsigned)first;
    if (span >= INT_MAX)
        return luaL_error(L, "too many results to unpack");
    list_charge(&list, span + 1);
    if (!lua_checkstack(L, (int)span + 1))
        return luaL_error(L, "too many results to unpack");
    for (lua_Unsigned i = 0; i <= span; i++)
        list_get(&list, (lua_Integer)((lua_Unsigned)first + i));
    return (int)span + 1;
}

static const luaL_Reg functions[] = {
    {"concat", table_concat}, {"insert", table_insert},
    {"move", table_move},     {"pack", table_pack},
    {"remove", table_remove}, {"sort", table_sort},
    {"unpack", table_unpack}, {NULL, NULL},
};

int luaopen_sandbox_table(lua_State *L)
{
    lua_newtable(L);
    charge_set_functions(L, functions);
    return 1;
}
