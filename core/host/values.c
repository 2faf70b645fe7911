/* Plain values into the trusted Lua state and out of it, without a limit: its code is our own. */
#include "host/host.h"
#include "lua/convert.h"

#include <lua.h>

void host_push(lua_State *L, const struct value *value)
{
    convert_push(L, value, CONVERT_REFUSED);
}

bool host_take(lua_State *L, int index, struct value *out, struct pool *pool, struct error *err)
{
    static const struct convert_limits limits = {"a value from Lua", ERROR_INTERNAL, 0, NULL};
    return convert_take(L, index, &limits, out, pool, err);
}
