/* The trusted Lua state. It executes lua/ (embedded in the program; the folder named by
 * TIDELOCK_LUA_DIR overrides, said on stderr) with the full standard library and these of ours:
 * `canonical` (encode, decode, array), `cjson`, `lxp`, `digest` (sha256), `instant` (parse, format,
 * duration), `modules` (list). Policy code never comes near it. */
#pragma once

#include "base/value.h"

struct host;

/* Cheap: the interpreter is made at the first use. */
bool host_new(struct host **out, struct error *err);
void host_free(struct host *host);

/* Loads a module before it is needed. */
bool host_load(struct host *host, const char *module, struct error *err);
/* Calls require(module)[name](arguments...) and takes its one result. A raised error becomes
 * ERROR_INVALID if it was raised as a table {invalid = message}, ERROR_IO if as {failed = message},
 * ERROR_INTERNAL otherwise. */
bool host_call(struct host *host, const char *module, const char *name,
               const struct value *arguments, size_t count, struct value *result, struct pool *pool,
               struct error *err);

/* Before a long wait: what is not needed any more goes back to the system. */
void host_rest(struct host *host);

/* The source of an embedded file ("stdlib/rollout.lua"); false if there is none. `text` lives as
 * long as the program. Names of a folder's files: host_file_name(prefix, i), NULL at the end. */
bool host_file(const char *path, struct slice *text);
const char *host_file_name(const char *prefix, size_t index);
/* Whether they are those of the folder: then lua/ is text, where it is embedded compiled. */
bool host_files_are_text(void);
/* Reads the folder that overrides the embedded files, if one is named, now rather than at the first
 * use: for a process that is about to lose the right to open files. */
bool host_open_files(struct error *err);

/* For worlds and the catalogue, which keep Lua functions and objects at hand. `body` may raise, and
 * errors come out as from host_call; what it returns is what host_protect returns. */
struct lua_State;
typedef bool host_body_fn(struct lua_State *L, void *context, struct error *err);
bool host_protect(struct host *host, host_body_fn *body, void *context, struct error *err);
/* Inside such a body. Pushing: null inside an object is left out, in an array it raises. */
void host_push(struct lua_State *L, const struct value *value);
bool host_take(struct lua_State *L, int index, struct value *out, struct pool *pool,
               struct error *err);
/* require(module)[name], or the module itself where name is NULL; kept in the registry (luaL_ref).
 */
int host_keep(struct lua_State *L, const char *module, const char *name);

/* A catalogue over lua/aws/catalogue.lua. What its pure functions answered is remembered, so most
 * calls of a thousand like runs do not reach Lua. */
struct catalogue;
bool host_catalogue(struct host *host, struct catalogue **out, struct error *err);
void host_catalogue_free(struct catalogue *catalogue);
