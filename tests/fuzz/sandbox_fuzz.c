/* Any chunk ends, in the same way, with the same text and after the same work, however often it is
 * run from the same state. */
#include "fuzz.h"
#include "script/sandbox.h"

#include <string.h>

static struct sandbox *sandbox;
static struct pool pool = {.max = 64 << 20};

static bool find(void *context, const char *module, struct slice *text, const char **chunk)
{
    (void)context, (void)module, (void)text, (void)chunk;
    return false;
}

static void print(void *context, struct slice text)
{
    (void)context, (void)text;
}

static void close_sandbox(void)
{
    sandbox_free(sandbox);
}

static void open_sandbox(void)
{
    static const struct sandbox_hooks hooks = {find, print, NULL};
    static const struct sandbox_limits limits = {
        .work = 200000, .memory = 4 << 20, .value_size = 1 << 16, .print_size = 1 << 12};
    struct error err;
    PROMISE(sandbox_new(&sandbox, &limits, &hooks, &err));
    PROMISE(sandbox_mark(sandbox, &err));
    atexit(close_sandbox); /* the arena is no place where the leak checker looks */
}

static void run(struct slice text, struct sandbox_step *step)
{
    sandbox_rewind(sandbox);
    sandbox_seed(sandbox, 1);
    sandbox_eval(sandbox, "chunk.lua", text, step, &pool);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sandbox_step first;
    struct sandbox_step second;
    struct slice text = {(const char *)data, size};
    if (!sandbox)
        open_sandbox();
    pool_reset(&pool);
    run(text, &first);
    int64_t work = sandbox_work_used(sandbox);
    run(text, &second);
    PROMISE(first.state == second.state && work == sandbox_work_used(sandbox));
    PROMISE(first.state != SANDBOX_RETURNED || value_equal(&first.value, &second.value));
    if (first.state == SANDBOX_RAISED || first.state == SANDBOX_SPENT)
        PROMISE(strcmp(first.error.message, second.error.message) == 0);
    return 0;
}
