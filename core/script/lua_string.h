/* What the files of the string library share. Each string_ function is one of the library's,
 * called with its arguments on the stack. */
#pragma once

#include "meter.h"

#include <stdbool.h>

/* Longer results are refused before anything is paid or allocated. */
#define STRING_LIMIT ((size_t)INT_MAX)

/* luaL_checklstring, but a number that is NaN reads "nan" whatever its sign bit, which differs
 * between processors. */
const char *string_check(lua_State *L, int arg, size_t *size);

/* A position counted from 1, or from the end if negative, as one counted from 1: 1 if before the
 * beginning, perhaps beyond the end. */
size_t string_start(lua_Integer position, size_t size);

/* lua_match.c */
int string_find(lua_State *L);
int string_gmatch(lua_State *L);
int string_gsub(lua_State *L);
int string_match(lua_State *L);

/* lua_format.c */
int string_format(lua_State *L);
