/* run: a policy on AWS. */
#include "base/entropy.h"
#include "cli/progress.h"
#include "cli/sources.h"
#include "cli/supervisor.h"
#include "engine/record.h"
#include "script/child.h"

#include <lua.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec specs[] = {
    {"parameter", 'p', OPTION_TEXT, true, "NAME=VALUE", "a parameter of the policy; repeat"},
    {"seed", 's', OPTION_INTEGER, false, "N", "of math.random in the policy; drawn if not given"},
    {"record", 0, OPTION_TEXT, false, "FILE", "keep the metrics it was judged by as a recording"},
    {"format", 0, OPTION_TEXT, false, "FORMAT", "text or jsonl (every record)"},
    {"ticks", 0, OPTION_FLAG, false, "",
     "text: tell every look of the judges, as it does without a terminal"},
    SUPERVISOR_OPTIONS,
};

struct run {
    const struct options *options;
    struct sources sources;
    struct child *child;
    struct supervisor supervisor;
    struct value source_texts, arguments;
    int64_t seed;
    struct pool pool;
};

static void print(void *context, struct slice text)
{
    (void)context;
    fwrite(text.data, 1, text.size, stderr);
}

static bool read_seed(struct run *run, struct error *err)
{
    enum { SPARE_BITS = 64 - 53 };
    uint64_t bits;
    run->seed = options_integer(run->options, "seed", -1);
    if (options_given(run->options, "seed"))
        return run->seed >= 0 || error_set(err, ERROR_INVALID, "--seed must be 0 or more");
    if (!entropy_fill(&bits, sizeof bits, err))
        return false;
    run->seed = (int64_t)(bits >> SPARE_BITS);
    return true;
}

static bool send_policy(struct run *run, struct error *err)
{
    struct child_policy policy = {
        .limits = sandbox_limits_default,
        .name = run->sources.items[0].name,
        .sources = &run->source_texts,
        .seed = (uint64_t)run->seed,
    };
    return sources_value(&run->sources, &run->source_texts, &run->pool, err) &&
           child_open(run->child, &policy, err);
}

static bool await_policy(struct run *run, struct error *err)
{
    struct sandbox_step step;
    if (!child_opened(run->child, &step, &run->pool, err))
        return false;
    if (step.state == SANDBOX_RETURNED)
        return true;
    *err = step.error;
    if (step.state == SANDBOX_DIED)
        err->code = ERROR_POLICY;
    return false;
}

/* The policy's process has loaded the policy before anything secret is in this one. Meanwhile, this
 * one makes ready what is no secret. */
static bool open_run(struct run *run, const char *policy, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct child_params params = {.print = print};
    pool_init(&run->pool, POOL_MAX);
    return child_new(&run->child, &params, err) && sources_read(&run->sources, policy, err) &&
           read_seed(run, err) && send_policy(run, err) && host_open_files(err) &&
           supervisor_read(&run->supervisor, run->options, policy, err) &&
           verb_arguments(run->options, &run->arguments, &run->pool, err) &&
           supervisor_prepare(&run->supervisor, err) && await_policy(run, err) &&
           supervisor_open(&run->supervisor, run->options, err) &&
           supervisor_watch(&run->supervisor, run->child, err);
}

static bool make_header(struct run *run, struct value *header, struct error *err)
{
    struct member members[] = {
        {slice_of("arguments"), run->arguments},
        {slice_of("format"), value_integer(1)},
        {slice_of("lua"), value_text(LUA_RELEASE)},
        {slice_of("policy"), value_text(run->sources.items[0].name)},
        {slice_of("seed"), value_integer(run->seed)},
        {slice_of("sources"), run->source_texts},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
        {slice_of("world"), value_text("live")},
    };
    return record_object(header, members, RECORD_COUNT(members), &run->pool, err);
}

/* A run that was refused leaves no journal behind. */
static void drop_empty(const struct supervisor *supervisor, int fd)
{
    char path[PATH_MAX];
    struct error ignored;
    if (lseek(fd, 0, SEEK_END) != 0)
        return;
    if (state_journal(&supervisor->state, supervisor->run, path, &ignored))
        unlink(path);
    if (state_control_path(&supervisor->state, supervisor->run, path, &ignored))
        unlink(path);
}

static bool write_recording(struct run *run, const char *path, struct error *err)
{
    struct slice text;
    struct buffer copy;
    if (!live_recording(run->supervisor.live, &text, &run->pool, err))
        return error_wrap(err, "the recording");
    buffer_init(&copy, text.size + 1);
    bool ok = buffer_append(&copy, text, err);
    FILE *file = ok ? fopen(path, "wxe") : NULL;
    if (ok && !file)
        ok = error_set(err, ERROR_IO, "%s could not be made", path);
    if (file) {
        ok = fwrite(copy.data, 1, copy.size, file) == copy.size;
        ok = fclose(file) == 0 && ok;
        if (!ok)
            error_set(err, ERROR_IO, "writing %s failed", path);
    }
    buffer_clear(&copy);
    return ok;
}

static int finish(struct run *run, const struct engine_result *result)
{
    struct error err;
    const char *path = options_text(run->options, "record", NULL);
    if (result->outcome == RUN_REFUSED || result->cause == CAUSE_TOOL)
        fprintf(stderr, "tidelock run: %s\n", result->reason);
    if (result->outcome == RUN_NOT_RESTORED)
        fprintf(stderr,
                "tidelock run: NOT everything is as it was before: see `tidelock show %s`, and "
                "`tidelock recover %s` to try again\n",
                run->supervisor.run, run->supervisor.run);
    if (path && !write_recording(run, path, &err))
        verb_fail("run", &err);
    return run->supervisor.locked_out ? EXIT_LOCKED : run_outcome_exit(result->outcome);
}

static int carry_out(struct run *run, int fd)
{
    struct journal_file file;
    struct journal journal;
    struct progress progress;
    struct value header;
    struct error err;
    enum format format;
    struct member named = {slice_of("arguments"), run->arguments};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&named, 1}};
    struct engine_result result = {.outcome = RUN_TOOL_FAILED};
    struct engine_params params = supervisor_params(&run->supervisor);
    /* A job whose log stands still for long is killed, or taken for hung. */
    bool ticks = options_given(run->options, "ticks") || !isatty(STDOUT_FILENO);
    bool ok = verb_format(run->options, &format, &err) &&
              progress_open(&progress, format, ticks, run->supervisor.host, &err) &&
              make_header(run, &header, &err);
    if (!ok)
        return verb_fail("run", &err);
    journal_file_init(&file, fd, true);
    journal_init(&journal, &file.store);
    params.script = child_script(run->child);
    params.header = &header;
    params.arguments = &arguments;
    params.journal = &journal;
    params.observe = progress_tell;
    params.context = &progress;
    engine_run(run->supervisor.engine, &params, &result);
    progress_clear(&progress);
    journal_clear(&journal);
    return finish(run, &result);
}

static int start(struct run *run)
{
    char name[STATE_RUN_SIZE];
    struct error err;
    int fd = -1;
    if (!state_begin(&run->supervisor.state, name, &fd, &err) ||
        !supervisor_hear(&run->supervisor, name, &err))
        return verb_fail("run", &err);
    fprintf(stderr, "tidelock: run %s\n", name);
    int status = carry_out(run, fd);
    drop_empty(&run->supervisor, fd);
    close(fd);
    return status;
}

static int run(const struct options *options)
{
    static struct run run;
    struct error err;
    run.options = options;
    supervisor_init(&run.supervisor);
    int status = open_run(&run, options->operands[0], &err) ? start(&run) : verb_fail("run", &err);
    child_free(run.child);
    supervisor_close(&run.supervisor);
    sources_clear(&run.sources);
    pool_clear(&run.pool);
    return status;
}

const struct verb verb_run = {
    .name = "run",
    .operands = "POLICY",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Carries out a policy on AWS; whatever goes wrong is rolled back.",
    .more = "POLICY is a file, or the name of a shipped policy.",
    .example = "tidelock run step_canary -p target=lambda-alias:pay:live,canary=42",
};
