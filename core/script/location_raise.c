/* Errors at the author's line, which are paid for; location.c, which ends what was not, is not. */
#include "script/inside.h"

#include <stdarg.h>

enum { RAISE_WORK = 100 }; /* units for looking through the frames, and for the message */

int location_raise(lua_State *L, const char *format, ...)
{
    struct location location;
    charge(L, RAISE_WORK);
    location_find(L, 1, &location);
    if (location.line > 0)
        lua_pushfstring(L, "%s:%d: ", location.chunk, location.line);
    else
        lua_pushlstring(L, "", 0);
    va_list arguments;
    va_start(arguments, format);
    lua_pushvfstring(L, format, arguments);
    va_end(arguments);
    lua_concat(L, 2);
    return lua_error(L);
}
