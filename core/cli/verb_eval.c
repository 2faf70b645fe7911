/* eval: one chunk in the sandbox, without effects. */
#include "cli/jailed.h"
#include "cli/sources.h"
#include "cli/verb.h"
#include "script/sandbox.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    {"max-work", 0, OPTION_INTEGER, false, "UNITS",
     "budget of work; one unit is one VM instruction"},
    {"max-memory", 0, OPTION_INTEGER, false, "BYTES", "budget of Lua memory"},
};

struct eval {
    struct sources sources;
    struct sandbox_limits limits;
};

static void print(void *context, struct slice text)
{
    (void)context;
    fwrite(text.data, 1, text.size, stderr);
}

static int print_value(const struct sandbox_step *step)
{
    struct error err;
    return verb_print(&step->value, &err) ? EXIT_DONE : verb_fail("eval", &err);
}

static int evaluate(struct eval *eval, struct sandbox *sandbox)
{
    struct sandbox_step step;
    struct pool pool;
    const struct source *source = &eval->sources.items[0];
    pool_init(&pool, 256 << 20);
    sandbox_eval(sandbox, source->name, buffer_slice(&source->text), &step, &pool);
    if (step.state == SANDBOX_EFFECT || step.state == SANDBOX_PARALLEL)
        error_set(&step.error, ERROR_POLICY, "eval has no effects: there is nothing to ask for");
    if (step.state != SANDBOX_RETURNED)
        sources_place(&eval->sources, &step.error);
    int status = step.state == SANDBOX_RETURNED ? print_value(&step)
                                                : verb_fail("eval", &step.error);
    pool_clear(&pool);
    return status;
}

static int in_jail(void *context)
{
    struct eval *eval = context;
    struct sandbox *sandbox = NULL;
    enum { CPU_SECONDS = 60 };
    struct jail_limits limits = jail_limits_default;
    struct jail_walls walls;
    struct error err;
    limits.cpu_seconds = CPU_SECONDS;
    struct sandbox_hooks hooks = {sources_find, print, &eval->sources};
    if (!sandbox_new(&sandbox, &eval->limits, &hooks, &err) ||
        !jail_lock(&limits, NULL, 0, &walls, &err))
        return verb_fail("eval", &err);
    return verb_flush(evaluate(eval, sandbox));
}

static bool read_limits(const struct options *options, struct sandbox_limits *limits,
                        struct error *err)
{
    *limits = sandbox_limits_default;
    limits->work = options_integer(options, "max-work", limits->work);
    int64_t memory = options_integer(options, "max-memory", (int64_t)limits->memory);
    if (limits->work < 1 || memory < 1 << 16 || memory > INT64_C(1) << 30)
        return error_set(err, ERROR_INVALID,
                         "--max-work must be at least 1, --max-memory 65536 to 1073741824");
    limits->memory = (size_t)memory;
    return true;
}

static int run(const struct options *options)
{
    static struct eval eval;
    struct error err;
    int status = EXIT_TOOL;
    if (!read_limits(options, &eval.limits, &err) ||
        !sources_read(&eval.sources, options->operands[0], &err))
        return verb_fail("eval", &err);
    if (!jailed_run(in_jail, &eval, &status, &err)) {
        verb_fail("eval", &err);
        status = EXIT_USAGE; /* whatever killed it, the chunk brought it about */
    }
    sources_clear(&eval.sources);
    return status;
}

const struct verb verb_eval = {
    .name = "eval",
    .operands = "FILE",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Runs one chunk in the sandbox and prints what it returns as canonical JSON.",
    .more = "Of several values the first is printed; a table shows them all.",
    .example = "echo 'return {answer = 6 * 7}' | tidelock eval -",
};
