/* new: a folder with all that a rollout begins with. Nothing that is there is written over. */
#include "cli/files.h"
#include "cli/sources.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option_spec specs[] = {
    {"strategy", 0, OPTION_TEXT, false, "NAME",
     "a shipped policy to begin from; step_canary unless another is given"},
};

struct new_verb {
    const char *name;
    struct sources strategy;
    struct host *host;
    struct value params;
    char library[PATH_MAX];
    struct pool pool;
};

/* Where an installation has the standard library's annotations, from the program's own place on. */
static void find_library(char library[PATH_MAX])
{
    static const char below[] = "/share/tidelock/stdlib";
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    program[size > 0 ? size : 0] = '\0';
    for (int up = 0; up < 2 && strrchr(program, '/'); up++)
        *strrchr(program, '/') = '\0';
    size_t room = PATH_MAX - sizeof below;
    snprintf(library, PATH_MAX, "%.*s%s", (int)(strlen(program) < room ? strlen(program) : 0),
             program, below);
}

static bool read_params(struct new_verb *new, const struct options *options, struct error *err)
{
    const char *strategy = options_text(options, "strategy", "step_canary");
    new->name = options->operands[0];
    if (!sources_read_shipped(&new->strategy, strategy, err))
        return error_wrap(err, "--strategy");
    find_library(new->library);
    struct member members[] = {
        {slice_of("library"), value_text(new->library)},
        {slice_of("name"), value_text(new->name)},
        {slice_of("policy"), value_string(buffer_slice(&new->strategy.items[0].text))},
        {slice_of("strategy"), value_text(strategy)},
    };
    return record_object(&new->params, members, RECORD_COUNT(members), &new->pool, err);
}

static bool check_name(struct new_verb *new, struct error *err)
{
    struct value wrong, name = value_text(new->name);
    if (!host_call(new->host, "scaffold", "wrong_name", &name, 1, &wrong, &new->pool, err))
        return false;
    if (wrong.kind == VALUE_STRING)
        return error_set(err, ERROR_INVALID, "%s: %.*s", new->name, (int)wrong.string.size,
                         wrong.string.data);
    return !sources_is_shipped(new->name) ||
           error_set(err, ERROR_INVALID, "%s: a shipped policy is called so; take another name",
                     new->name);
}

static bool write_file(const struct new_verb *new, const struct value *file, struct error *err)
{
    char path[PATH_MAX];
    struct slice name = value_get_slice(file, "path", "");
    snprintf(path, sizeof path, "%s/%.*s", new->name, (int)name.size, name.data);
    return files_write_new(path, value_get_slice(file, "text", ""), err);
}

static bool write_all(struct new_verb *new, struct error *err)
{
    struct value files;
    if (!host_call(new->host, "scaffold", "files", &new->params, 1, &files, &new->pool, err))
        return false;
    if (mkdir(new->name, 0777) != 0)
        return errno == EEXIST ? files_refuse(new->name, err)
                               : error_set(err, error_of_path(errno), "creating %s: %s", new->name,
                                           strerror(errno));
    for (size_t i = 0; i < files.array.count; i++) {
        if (!write_file(new, &files.array.items[i], err))
            return false;
    }
    return true;
}

static bool tell(struct new_verb *new, struct error *err)
{
    struct value told;
    if (!host_call(new->host, "scaffold", "told", &new->params, 1, &told, &new->pool, err))
        return false;
    terminal_report(told.string);
    if (access(new->library, R_OK) != 0)
        terminal_say("completion needs the standard library in %s, which an installation has",
                     new->library);
    return true;
}

static int run(const struct options *options)
{
    enum { POOL_MAX = 64 << 20 };
    static struct new_verb new;
    struct error err;
    pool_init(&new.pool, POOL_MAX);
    bool ok = host_new(&new.host, &err) && read_params(&new, options, &err) &&
              check_name(&new, &err) && write_all(&new, &err) && tell(&new, &err);
    int status = ok ? EXIT_DONE : verb_fail("new", &err);
    host_free(new.host);
    sources_clear(&new.strategy);
    pool_clear(&new.pool);
    return verb_flush(status);
}

const struct verb verb_new = {
    .name = "new",
    .operands = "NAME",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Makes a folder with all that a rollout begins with: policy, rollout file, test, "
            "recording.",
    .more = "The policy is a copy of a shipped one, to be changed; the recording is made up, to "
            "play with until there is one of the service. What is there already is left alone.",
    .example = "tidelock new checkout --strategy step_canary",
};
