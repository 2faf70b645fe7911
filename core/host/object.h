/* An object of the trusted state that C keeps: what a constructor in lua/ returned. What a run must
 * remember lives in such objects, made when it begins, and not in the modules. */
#pragma once

#include "host/host.h"

struct host_object;

/* Keeps what require(module)[name](arguments...) returned. `host` outlives it. */
bool host_object_new(struct host_object **out, struct host *host, const char *module,
                     const char *name, const struct value *arguments, size_t count,
                     struct error *err);
void host_object_free(struct host_object *object);

/* Calls object:method(arguments...), which does not wait, and takes its one result. */
bool host_object_call(struct host_object *object, const char *method, const struct value *arguments,
                      size_t count, struct value *result, struct pool *pool, struct error *err);

struct host *host_object_host(const struct host_object *object);
/* Inside host_protect: pushes the method and the object, to be called with them. */
void host_object_push(struct lua_State *L, const struct host_object *object, const char *method);
