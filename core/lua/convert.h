/* Plain values (base/value.h) into Lua and out of it, for the policy state and for the trusted one.
 *
 * Arrays in Lua carry a hidden mark, a metatable that does nothing, so that an empty one is told
 * from an empty object. Taking runs no code: raw access, no metamethods. */
#pragma once

#include "base/value.h"

struct lua_State;

/* Where the mark stands in the registry: not under an address, which would order the registry by
 * chance. */
enum { CONVERT_SLOT = 4 };

void convert_open(struct lua_State *L); /* makes the mark; before anything else of this file */
void convert_mark_array(struct lua_State *L, int index);
bool convert_is_array(struct lua_State *L, int index); /* has the mark */

/* What is pushed for null, where it is not the value at a place of the stack (1, 2, ...). Without
 * such a value an object goes without its members that are null. */
enum {
    CONVERT_NIL = 0,      /* an item of an array becomes nil */
    CONVERT_REFUSED = -1, /* an array may hold none: raises */
};

void convert_push(struct lua_State *L, const struct value *value, int null);

struct convert_limits {
    const char *what;     /* names the whole in messages: "the effect" */
    enum error_code code; /* of a value that cannot be taken */
    size_t size_max;      /* bytes of canonical text, every float counted as 24; 0: any size */
    void (*charge)(struct lua_State *L, int64_t units); /* pays for the work; NULL: it is free */
};

/* The value at `index` into `pool`; strings are copied. A message says which part of it is at fault
 * ("the effect: .steps[3].name is a function"). */
bool convert_take(struct lua_State *L, int index, const struct convert_limits *limits,
                  struct value *out, struct pool *pool, struct error *err);
