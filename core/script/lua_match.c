/* string.find, match, gmatch and gsub, on the machine of lua_pattern.h. */
#include "lua_pattern.h"
#include "lua_string.h"

#include <string.h>

enum {
    PLAIN_WINDOW = 4096,          /* bytes searched for a first byte between two payments */
    CALL_TICKS = 5 * METER_TICKS, /* a call from C, or an index that may be one */
};

static bool has_specials(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\0' && strchr("^$*+?.([%-", text[i]))
            return true;
    return false;
}

/* Does the needle stand at `s`? Pays for what it compares. */
static bool stands_at(struct meter *meter, const char *s, const char *needle, size_t size)
{
    size_t i = 0;
    while (i < size && s[i] == needle[i]) {
        meter_add(meter, 1);
        i++;
    }
    return i == size;
}

static const char *find_plain(struct meter *meter, const char *s, const char *end,
                              const char *needle, size_t size)
{
    if (size == 0)
        return s;
    while ((size_t)(end - s) >= size) {
        size_t starts = (size_t)(end - s) - size + 1;
        size_t window = starts < PLAIN_WINDOW ? starts : PLAIN_WINDOW;
        const char *hit = memchr(s, needle[0], window);
        meter_add(meter, 4 + (hit ? (uint64_t)(hit - s) : window) / 8);
        if (hit && stands_at(meter, hit, needle, size))
            return hit;
        s = hit ? hit + 1 : s + window;
    }
    return NULL;
}

static int push_plain(struct meter *meter, const char *s, size_t size, size_t from,
                      const char *needle, size_t needle_size)
{
    lua_State *L = meter->L;
    const char *hit = find_plain(meter, s + from, s + size, needle, needle_size);
    meter_end(meter);
    if (!hit) {
        luaL_pushfail(L);
        return 1;
    }
    lua_pushinteger(L, hit - s + 1);
    lua_pushinteger(L, hit - s + (lua_Integer)needle_size);
    return 2;
}

/* The first match at or after `s`; *start is where it begins. */
static const char *search(struct pattern *m, const char *s, bool anchored, const char **start)
{
    do {
        const char *end = pattern_match(m, s);
        if (end) {
            *start = s;
            return end;
        }
    } while (s++ < m->subject_end && !anchored);
    return NULL;
}

static int find_or_match(lua_State *L, bool find)
{
    size_t size, text_size;
    const char *s = string_check(L, 1, &size);
    const char *text = string_check(L, 2, &text_size);
    size_t from = string_start(luaL_optinteger(L, 3, 1), size) - 1;
    if (from > size) {
        luaL_pushfail(L);
        return 1;
    }
    struct meter meter = {.L = L, .ticks = 0};
    meter_add(&meter, text_size);
    if (find && (lua_toboolean(L, 4) || !has_specials(text, text_size)))
        return push_plain(&meter, s, size, from, text, text_size);
    bool anchored = text_size > 0 && *text == '^';
    struct pattern m;
    pattern_init(&m, L, s, size, text + anchored, text_size - anchored);
    const char *start;
    const char *end = search(&m, s + from, anchored, &start);
    int count = 1;
    if (!end) {
        luaL_pushfail(L);
    } else if (find) {
        lua_pushinteger(L, start - s + 1);
        lua_pushinteger(L, end - s);
        count = 2 + pattern_push_captures(&m, start, end, false);
    } else {
        count = pattern_push_captures(&m, start, end, true);
    }
    meter_end(&m.meter);
    return count;
}

/* string.find(s, pattern [, init [, plain]]) -> first, last, captures... | fail */
int string_find(lua_State *L)
{
    return find_or_match(L, true);
}

/* string.match(s, pattern [, init]) -> captures... | fail */
int string_match(lua_State *L)
{
    return find_or_match(L, false);
}

/* What an iterator of gmatch keeps: upvalues 1 and 2 hold the texts, 3 is this. */
struct walk {
    struct pattern pattern;
    const char *next;
    const char *last; /* the end of the last match: an empty one may not stand there too */
};

static int walk_next(lua_State *L)
{
    struct walk *walk = lua_touserdata(L, lua_upvalueindex(3));
    struct pattern *m = &walk->pattern;
    m->meter = (struct meter){.L = L, .ticks = 0};
    for (const char *s = walk->next; s <= m->subject_end; s++) {
        const char *end = pattern_match(m, s);
        if (!end || end == walk->last)
            continue;
        int count = pattern_push_captures(m, s, end, true);
        walk->next = walk->last = end;
        meter_end(&m->meter);
        return count;
    }
    walk->next = m->subject_end + 1;
    meter_end(&m->meter);
    return 0;
}

/* string.gmatch(s, pattern [, init]) -> iterator */
int string_gmatch(lua_State *L)
{
    size_t size, text_size;
    const char *s = string_check(L, 1, &size);
    const char *text = string_check(L, 2, &text_size);
    size_t from = string_start(luaL_optinteger(L, 3, 1), size) - 1;
    lua_settop(L, 2);
    struct walk *walk = lua_newuserdatauv(L, sizeof *walk, 0);
    pattern_init(&walk->pattern, L, s, size, text, text_size);
    walk->next = s + (from > size ? size + 1 : from);
    walk->last = NULL;
    lua_pushcclosure(L, walk_next, 3);
    return 1;
}

/* One match to be replaced: `value` is what gsub was given, a string, a table or a function. */
struct replacement {
    struct pattern *pattern;
    luaL_Buffer *buffer;
    int type;
    const char *text;
    size_t text_size;
};

static void add_capture(struct replacement *r, int index, const char *start, const char *end)
{
    struct pattern *m = r->pattern;
    if (index < 0 || (index == 0 && m->captures == 0)) {
        meter_bytes(&m->meter, (size_t)(end - start));
        luaL_addlstring(r->buffer, start, (size_t)(end - start));
        return;
    }
    pattern_push_capture(m, index, start, end);
    luaL_addvalue(r->buffer);
}

static void add_text(struct replacement *r, const char *start, const char *end)
{
    const char *p = r->text;
    const char *text_end = r->text + r->text_size;
    meter_bytes(&r->pattern->meter, r->text_size);
    while (p < text_end) {
        const char *escape = memchr(p, '%', (size_t)(text_end - p));
        const char *stop = escape ? escape : text_end;
        luaL_addlstring(r->buffer, p, (size_t)(stop - p));
        if (!escape)
            return;
        char c = escape + 1 < text_end ? escape[1] : '\0';
        if (c == '%')
            luaL_addchar(r->buffer, '%');
        else if (c >= '0' && c <= '9')
            add_capture(r, c - '1', start, end);
        else
            luaL_error(r->pattern->meter.L, "invalid use of '%%' in replacement string");
        meter_add(&r->pattern->meter, METER_TICKS);
        p = escape + 2;
    }
}

/* Pushes what the table or the function (argument 3) makes of the match, and adds it. */
static void add_value(struct replacement *r, const char *start, const char *end)
{
    struct pattern *m = r->pattern;
    lua_State *L = m->meter.L;
    meter_add(&m->meter, CALL_TICKS);
    if (r->type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        lua_call(L, pattern_push_captures(m, start, end, true), 1);
    } else {
        pattern_push_capture(m, 0, start, end);
        lua_gettable(L, 3);
    }
    if (!lua_toboolean(L, -1)) { /* nil and false keep the match as it is */
        lua_pop(L, 1);
        meter_bytes(&m->meter, (size_t)(end - start));
        luaL_addlstring(r->buffer, start, (size_t)(end - start));
        return;
    }
    if (!lua_isstring(L, -1))
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    size_t size;
    string_check(L, lua_gettop(L), &size);
    meter_bytes(&m->meter, size);
    luaL_addvalue(r->buffer);
}

static void add_span(struct replacement *r, const char *start, const char *end)
{
    if (start == end)
        return;
    meter_bytes(&r->pattern->meter, (size_t)(end - start));
    luaL_addlstring(r->buffer, start, (size_t)(end - start));
}

/* Replaces up to `most` matches; returns how many. */
static lua_Integer replace_all(struct replacement *r, lua_Integer most, bool anchored)
{
    struct pattern *m = r->pattern;
    const char *s = m->subject;
    const char *copied = s; /* the subject before it is in the buffer */
    const char *last = NULL;
    lua_Integer count = 0;
    while (count < most) {
        const char *end = pattern_match(m, s);
        if (end && end != last) {
            count++;
            add_span(r, copied, s);
            if (r->type == LUA_TTABLE || r->type == LUA_TFUNCTION)
                add_value(r, s, end);
            else
                add_text(r, s, end);
            s = copied = last = end;
        } else if (s++ >= m->subject_end) {
            break;
        }
        if (anchored)
            break;
    }
    add_span(r, copied, m->subject_end);
    return count;
}

/* string.gsub(s, pattern, replacement [, n]) -> text, count */
int string_gsub(lua_State *L)
{
    size_t size, text_size;
    const char *s = string_check(L, 1, &size);
    const char *text = string_check(L, 2, &text_size);
    struct replacement r = {.type = lua_type(L, 3)};
    luaL_argexpected(L,
                     r.type == LUA_TNUMBER || r.type == LUA_TSTRING || r.type == LUA_TTABLE ||
                         r.type == LUA_TFUNCTION,
                     3, "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)size + 1);
    if (r.type == LUA_TNUMBER || r.type == LUA_TSTRING)
        r.text = string_check(L, 3, &r.text_size);
    bool anchored = text_size > 0 && *text == '^';
    struct pattern m;
    luaL_Buffer buffer;
    luaL_buffinit(L, &buffer);
    pattern_init(&m, L, s, size, text + anchored, text_size - anchored);
    r.pattern = &m;
    r.buffer = &buffer;
    lua_Integer count = replace_all(&r, most, anchored);
    meter_end(&m.meter);
    luaL_pushresult(&buffer);
    lua_pushinteger(L, count);
    return 2;
}
