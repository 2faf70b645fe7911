/* version, capabilities: what this program is, and what policies may use on it. */
#include "cli/sources.h"
#include "cli/verb.h"
#include "engine/effects.h"
#include "host/host.h"
#include "script/jail.h"
#include "script/sandbox.h"

#include <lua.h>
#include <openssl/crypto.h>

#include <stdio.h>
#include <string.h>

static int run_version(const struct options *options)
{
    (void)options;
    printf("tidelock %s\n%s, %s\n", TIDELOCK_VERSION, LUA_RELEASE,
           OpenSSL_version(OPENSSL_VERSION));
    return EXIT_DONE;
}

/* Runs in the sandbox, which alone knows what it offers. */
static const char look_around[] =
    "local out = {functions = {basic = {}}, modules = {}}\n"
    "local function names_of(from)\n"
    "    local names = {}\n"
    "    for name in pairs(from) do names[#names + 1] = name end\n"
    "    table.sort(names)\n"
    "    return names\n"
    "end\n"
    "for name, value in pairs(_G) do\n"
    "    if type(value) ~= 'table' then\n"
    "        table.insert(out.functions.basic, name)\n"
    "    elseif name ~= '_G' then\n"
    "        out.functions[name] = names_of(value)\n"
    "    end\n"
    "end\n"
    "for _, name in ipairs {'aws', 'duration', 'judge', 'metrics', 'rollout'} do\n"
    "    out.modules[name] = names_of(require(name))\n"
    "end\n"
    "return out\n";

static bool see_functions(struct value *out, struct pool *pool, struct error *err)
{
    static struct sources none;
    struct sandbox *sandbox;
    struct sandbox_step step;
    struct sandbox_hooks hooks = {.find = sources_find, .context = &none};
    if (!sandbox_new(&sandbox, &sandbox_limits_default, &hooks, err))
        return false;
    sandbox_eval(sandbox, "capabilities", slice_of(look_around), &step, pool);
    sandbox_free(sandbox);
    *out = step.value;
    if (step.state != SANDBOX_RETURNED)
        return error_set(err, ERROR_INTERNAL, "%s", step.error.message);
    return true;
}

/* What `name` gives for 0, 1, ... up to a NULL. */
static bool list_names(struct value *out, const char *(*name)(size_t), struct pool *pool,
                       struct error *err)
{
    size_t count = 0;
    while (name(count))
        count++;
    if (!value_array(out, count, pool, err))
        return false;
    for (size_t i = 0; i < count; i++)
        out->array.items[i] = value_text(name(i));
    return true;
}

static bool describe(enum format format, struct value *out, struct pool *pool, struct error *err)
{
    struct value seen;
    struct value absent;
    struct value effects;
    struct jail_walls walls;
    const struct sandbox_limits *limits = &sandbox_limits_default;
    jail_probe(&walls);
    if (!see_functions(&seen, pool, err) || !list_names(&absent, sandbox_absent, pool, err) ||
        !list_names(&effects, effects_kind, pool, err))
        return false;
    struct member members[] = {
        {slice_of("absent"), absent},
        {slice_of("effects"), effects},
        {slice_of("format"), value_text(format == FORMAT_TEXT ? "text" : "json")},
        {slice_of("functions"), *value_get(&seen, "functions")},
        {slice_of("landlock"), value_boolean(walls.landlock)},
        {slice_of("memory"), value_integer((int64_t)limits->memory)},
        {slice_of("modules"), *value_get(&seen, "modules")},
        {slice_of("print_size"), value_integer((int64_t)limits->print_size)},
        {slice_of("seccomp"), value_boolean(walls.seccomp)},
        {slice_of("value_size"), value_integer((int64_t)limits->value_size)},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
        {slice_of("work"), value_integer(limits->work)},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool refuse_lines(enum format format, struct error *err)
{
    return format != FORMAT_JSONL ||
           error_set(err, ERROR_INVALID, "--format is text or json, not \"jsonl\"");
}

static int run_capabilities(const struct options *options)
{
    enum { POOL_MAX = 64 << 20 };
    struct pool pool;
    struct host *host = NULL;
    struct value given;
    struct value text;
    struct error err;
    enum format format;
    pool_init(&pool, POOL_MAX);
    bool ok = verb_format(options, &format, &err) && refuse_lines(format, &err) &&
              describe(format, &given, &pool, &err) && host_new(&host, &err) &&
              host_call(host, "report.capabilities", "render", &given, 1, &text, &pool, &err);
    if (ok)
        printf("%.*s", (int)text.string.size, text.string.data);
    host_free(host);
    pool_clear(&pool);
    return ok ? EXIT_DONE : verb_fail("capabilities", &err);
}

static const struct option_spec capabilities_specs[] = {
    {"format", 0, OPTION_TEXT, false, "text|json", "how it is told"},
};

const struct verb verb_version = {
    .name = "version",
    .operands = "",
    .run = run_version,
    .line = "Prints the version, and those of the libraries it runs on.",
    .example = "tidelock version",
};

const struct verb verb_capabilities = {
    .name = "capabilities",
    .operands = "",
    .specs = capabilities_specs,
    .spec_count = 1,
    .run = run_capabilities,
    .line = "Lists what policies may use: functions, modules, effects, AWS operations, budgets.",
    .example = "tidelock capabilities --format json",
};
