/* The author's line: found on the stack, put in front of messages, read back from them. */
#include "script/inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { LOOK = 400 }; /* frames: each is found by counting from the top, and none is paid for */

bool location_is_stdlib(const char *chunk)
{
    static const char *const folders[] = {"stdlib/", "lua/targets/"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        if (strncmp(chunk, folders[i], strlen(folders[i])) == 0)
            return true;
    }
    return false;
}

/* "@name" came from require() or from the host, "=name" from load(): a policy cannot name its text
 * "stdlib/". */
static bool is_author(const lua_Debug *ar)
{
    return ar->currentline > 0 && !(ar->source[0] == '@' && location_is_stdlib(ar->source + 1));
}

void location_find(lua_State *L, int level, struct location *location)
{
    location->chunk[0] = '\0';
    location->line = 0;
    lua_Debug ar;
    for (int last = level + LOOK; level < last && lua_getstack(L, level, &ar); level++) {
        lua_getinfo(L, "Sl", &ar);
        if (!is_author(&ar))
            continue;
        const char *name = ar.source[0] == '@' ? ar.source + 1 : ar.short_src;
        snprintf(location->chunk, sizeof location->chunk, "%s", name);
        location->line = ar.currentline;
        return;
    }
}

/* "chunk:line: ..." at the head of a message; false if there is none. */
static bool parse_place(struct slice message, struct location *location)
{
    size_t colon = 0;
    while (colon < message.size && message.data[colon] != ':' && message.data[colon] != '\n')
        colon++;
    size_t at = colon + 1;
    int line = 0;
    for (; at < message.size && isdigit((unsigned char)message.data[at]) && line < 1 << 24; at++)
        line = line * 10 + (message.data[at] - '0');
    if (at >= message.size || message.data[at] != ':' || line == 0)
        return false;
    snprintf(location->chunk, sizeof location->chunk, "%.*s", (int)colon, message.data);
    location->line = line;
    return true;
}

static struct slice error_text(lua_State *L, char *room, size_t size)
{
    int type = lua_type(L, -1);
    if (type == LUA_TTABLE) {
        lua_pushstring(L, "message");
        if (lua_rawget(L, -2) != LUA_TSTRING)
            lua_pop(L, 1);
        type = lua_type(L, -1);
    }
    if (type == LUA_TSTRING || type == LUA_TNUMBER) {
        struct slice text;
        text.data = lua_tolstring(L, -1, &text.size);
        return text;
    }
    snprintf(room, size, "error object is a %s", lua_typename(L, type));
    return slice_of(room);
}

/* Control characters and what is not UTF-8 become '?'. */
static void make_readable(char *text)
{
    struct slice rest = slice_of(text);
    for (char *bad; (bad = text + value_utf8_end(slice_of(text))), *bad;)
        *bad = '?';
    for (size_t i = 0; i < rest.size; i++) {
        if (iscntrl((unsigned char)text[i]) && text[i] != '\n' && text[i] != '\t')
            text[i] = '?';
    }
}

void location_report(lua_State *L, struct error *err, char chunk[128], int *line)
{
    char room[64];
    char shown[ERROR_MESSAGE_MAX];
    struct location location;
    struct location told = {.line = 0};
    location_find(L, 0, &location);
    struct slice text = error_text(L, room, sizeof room);
    snprintf(shown, sizeof shown, "%.*s",
             text.size < sizeof shown ? (int)text.size : (int)sizeof shown, text.data);
    make_readable(shown);
    bool has_place = parse_place(slice_of(shown), &told) && !location_is_stdlib(told.chunk);
    if (location.line == 0 && has_place)
        location = told;
    if (location.line > 0 && !has_place)
        error_set(err, ERROR_POLICY, "%s:%d: %s", location.chunk, location.line, shown);
    else
        error_set(err, ERROR_POLICY, "%s", shown);
    memcpy(chunk, location.chunk, sizeof location.chunk);
    *line = location.line;
}
