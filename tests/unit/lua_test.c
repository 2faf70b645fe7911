/* Plain values into Lua and out of it: what each of the limits does. The two states that use them
 * have the rest (script_test, host_test). */
#include "check.h"
#include "lua/convert.h"
#include "lua/slots.h"

#include <lauxlib.h>
#include <lualib.h>

#include <stdlib.h>

enum { SLACK = 4 }; /* a comma after the last item, six bytes for an escaped one */

static lua_State *L;
static struct pool pool;
static struct error err;
static int64_t charged;

static void set_up(void)
{
    L = luaL_newstate();
    luaL_openlibs(L);
    pool_init(&pool, 64 << 20);
    convert_open(L);
    CHECK(slots_probe(&err));
    charged = 0;
}

static void tear_down(void)
{
    lua_close(L);
    pool_clear(&pool);
}

static void count_charge(lua_State *state, int64_t units)
{
    CHECK(state == L);
    charged += units;
}

/* What taking the value of an expression gives: its canonical text, or the message. */
static const char *take(const char *expression, const struct convert_limits *limits)
{
    static char text[4096];
    struct value value;
    struct buffer buffer;
    lua_settop(L, 0);
    lua_pushfstring(L, "return %s", expression);
    CHECK(luaL_dostring(L, lua_tostring(L, 1)) == LUA_OK);
    if (!convert_take(L, -1, limits, &value, &pool, &err))
        return err.message;
    buffer_init(&buffer, sizeof text);
    CHECK(value_write(&value, &buffer, &err));
    snprintf(text, sizeof text, "%.*s", (int)buffer.size, buffer.data);
    buffer_clear(&buffer);
    return text;
}

/* A limit one byte below a value's own text always refuses it; a little above, never. */
static void test_sizes(void)
{
    static const char *const texts[] = {
        "{}",     "{{}}",          "true",      "0",         "-9223372036854775808",
        "'a\\n'", "'\"\\\\x'",     "{1,2,3}",   "{{},{1}}",  "9223372036854775807",
        "{a=1}",  "{a={b={'c'}}}", "{a=false}", "{a=1,b=2}", "-10",
    };
    set_up();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct convert_limits limits = {"it", ERROR_POLICY, 0, NULL};
        size_t size = strlen(take(texts[i], &limits));
        limits.size_max = size + SLACK;
        CHECK(!strstr(take(texts[i], &limits), "too large"));
        limits.size_max = size - 1;
        if (limits.size_max > 0)
            CHECK(strstr(take(texts[i], &limits), "it is too large"));
    }
    tear_down();
}

static void test_messages_and_codes(void)
{
    static const struct convert_limits policy = {"the effect", ERROR_POLICY, 0, NULL};
    static const struct convert_limits trusted = {"a value", ERROR_INTERNAL, 0, NULL};
    set_up();
    CHECK_TEXT(take("{steps = {1, {name = print}}}", &policy),
               "the effect: .steps[2].name is a function");
    CHECK(err.code == ERROR_POLICY);
    CHECK_TEXT(take("print", &trusted), "a value is a function");
    CHECK(err.code == ERROR_INTERNAL);
    CHECK_TEXT(take("{[{}] = 1}", &trusted), "a value has a key that is a table");
    CHECK_TEXT(take("{[2^53] = 1}", &trusted), "a value is a list with holes");
    CHECK_TEXT(take("{[-1] = 1, [1] = 1}", &trusted),
               "a value has a key that is neither a name nor a place in a list");
    tear_down();
}

/* What is taken is paid for: each item, each text by its length, the slots of a table emptied. */
static void test_charges(void)
{
    static const struct convert_limits paid = {"it", ERROR_POLICY, 0, count_charge};
    set_up();
    CHECK_TEXT(take("{}", &paid), "{}");
    int64_t empty = charged;
    CHECK(empty > 0 && empty < 10);
    charged = 0;
    take("(function() local t = {} for i = 1, 100 do t[i] = i end return t end)()", &paid);
    CHECK(charged >= 300 && charged < 400);
    charged = 0;
    take("('x'):rep(4000)", &paid);
    CHECK(charged >= 1000 && charged < 1100);
    charged = 0;
    take("(function() local t = {} for i = 1, 5000 do t['k' .. i] = 1 end "
         "for i = 1, 5000 do t['k' .. i] = nil end return t end)()",
         &paid);
    CHECK(charged >= 8192 / 8);
    tear_down();
}

static int f_push(lua_State *state)
{
    convert_push(state, lua_touserdata(state, 1), (int)lua_tointeger(state, 2));
    return 1;
}

/* Pushes [1,null,{"a":null,"b":2}] and shows it; `null` as convert_push has it. */
static const char *push_nulls(int null, const char *show)
{
    struct value value;
    CHECK(value_parse(&value, slice_of("[1,null,{\"a\":null,\"b\":2}]"), true, &pool, &err));
    lua_settop(L, 0);
    lua_pushliteral(L, "nothing");
    CHECK(luaL_dostring(L, show) == LUA_OK);
    lua_pushcfunction(L, f_push);
    lua_pushlightuserdata(L, &value);
    lua_pushinteger(L, null > 0 ? 3 : null);
    lua_pushvalue(L, 1); /* the function's third argument */
    if (lua_pcall(L, 3, 1, 0) == LUA_OK)
        lua_call(L, 1, 1);
    return lua_tostring(L, -1);
}

static void test_nulls(void)
{
    static const char show[] =
        "return function(t) return ('%s %s %s %s'):format(t[1], t[2], t[3].a, t[3].b) end";
    set_up();
    CHECK_TEXT(push_nulls(CONVERT_NIL, show), "1 nil nil 2");
    CHECK_TEXT(push_nulls(1, show), "1 nothing nothing 2");
    CHECK_TEXT(push_nulls(CONVERT_REFUSED, show), "item 2 of a list is null");
    tear_down();
}

/* An empty array that came from outside goes back as one, whatever the limits. */
static void test_mark(void)
{
    static const struct convert_limits limits = {"it", ERROR_POLICY, 0, NULL};
    struct value in;
    struct value out;
    set_up();
    CHECK(value_parse(&in, slice_of("[]"), true, &pool, &err));
    convert_push(L, &in, CONVERT_NIL);
    CHECK(convert_is_array(L, -1));
    CHECK(convert_take(L, -1, &limits, &out, &pool, &err) && out.kind == VALUE_ARRAY);
    lua_newtable(L);
    CHECK(!convert_is_array(L, -1));
    CHECK(convert_take(L, -1, &limits, &out, &pool, &err) && out.kind == VALUE_OBJECT);
    convert_mark_array(L, -1);
    CHECK(convert_is_array(L, -1));
    tear_down();
}

CHECK_MAIN({"sizes", test_sizes}, {"messages and codes", test_messages_and_codes},
           {"charges", test_charges}, {"nulls", test_nulls}, {"mark", test_mark})
