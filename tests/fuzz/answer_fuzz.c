/* Answers of servers: whatever they hold, they are an output, an error of the service, or an answer
 * that cannot be read. Anything raised is a fault of ours. The first byte chooses the protocol and
 * whether the status is one of success; the rest is the body, and in a header as well. */
#include "fuzz.h"
#include "host/host.h"

#include <lauxlib.h>

static struct host *host;

/* A small service with shapes of every kind, and a function that reads an answer. */
static const char service[] =
    "local protocols = require 'aws.protocols'\n"
    "local function ref(name, location) return { shape = name, location = location } end\n"
    "local shapes = { T = { type = 'string' }, I = { type = 'long' }, F = { type = 'double' },\n"
    "    B = { type = 'boolean' }, X = { type = 'blob' }, A = { type = 'timestamp' },\n"
    "    L = { type = 'list', member = ref 'O' }, H = { type = 'list', member = ref 'A' },\n"
    "    P = { type = 'list', member = ref 'I', flattened = true },\n"
    "    M = { type = 'map', key = ref 'T', value = ref 'O' },\n"
    "    D = { type = 'structure', members = {}, document = true },\n"
    "    O = { type = 'structure', members = { T = ref 'T', I = ref 'I', F = ref 'F',\n"
    "        B = ref 'B', X = ref 'X', A = ref 'A', L = ref 'L', M = ref 'M', P = ref 'P',\n"
    "        D = ref 'D', h = ref('H', 'header'), m = ref('M', 'headers') } },\n"
    "    E = { type = 'structure', exception = true, members = { T = ref 'T', L = ref 'L' } } }\n"
    "local models = {}\n"
    "for i, protocol in ipairs { 'json', 'query', 'rest-json', 'rest-xml' } do\n"
    "    models[i] = protocols.load { metadata = { protocol = protocol }, shapes = shapes,\n"
    "        operations = { Op = { output = { shape = 'O' } } } }\n"
    "end\n"
    "function answer(which, status, body)\n"
    "    local output, problem = protocols.parse(models[which], 'Op', { status_code = status,\n"
    "        headers = { h = body, ['x-amzn-errortype'] = body }, body = body })\n"
    "    assert((output == nil) ~= (problem == nil))\n"
    "    assert(output or #problem.code >= 0 and utf8.len(problem.message))\n"
    "end\n";

struct input {
    const uint8_t *data;
    size_t size;
};

static bool load(lua_State *L, void *context, struct error *err)
{
    (void)context;
    (void)err;
    if (luaL_dostring(L, service))
        lua_error(L);
    return true;
}

static bool read_answer(lua_State *L, void *context, struct error *err)
{
    const struct input *input = context;
    (void)err;
    lua_getglobal(L, "answer");
    lua_pushinteger(L, input->data[0] % 4 + 1);
    lua_pushinteger(L, input->data[0] & 4 ? 200 : 400);
    lua_pushlstring(L, (const char *)input->data + 1, input->size - 1);
    lua_call(L, 3, 0);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    struct input input = {data, size};
    if (size == 0)
        return 0;
    if (!host)
        PROMISE(host_new(&host, &err) && host_protect(host, load, NULL, &err));
    bool ok = host_protect(host, read_answer, &input, &err);
    if (!ok)
        fprintf(stderr, "%s\n", err.message);
    PROMISE(ok);
    return 0;
}
