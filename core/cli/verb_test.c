/* test: files of tests of policies, in virtual time. */
#include "cli/batch_workers.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "cli/test_paths.h"
#include "cli/test_watch.h"
#include "cli/test_workers.h"
#include "cli/verb.h"
#include "host/host.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    {"format", 0, OPTION_TEXT, false, "text|tap|junit|json", "how results are told; text"},
    {"only", 0, OPTION_TEXT, false, "TEXT", "the tests whose name has this text"},
    {"coverage", 0, OPTION_FLAG, false, "", "tell which lines of the policies were executed"},
    {"jobs", 0, OPTION_INTEGER, false, "N",
     "how many processes share the files; one for each processor"},
    {"watch", 'w', OPTION_FLAG, false, "", "run them again whenever a file of theirs changes"},
};

enum { PAGE_POOL_MAX = 256 << 20 };

struct test {
    struct test_paths paths;
    struct test_options options;
    struct test_watch watch;
    const char *format;
    size_t jobs;
    bool watches;
    struct host *host;
    struct pool pool;
    int64_t failed, wrong;
};

static bool read_format(const struct options *options, const char **format, struct error *err)
{
    static const char *const names[] = {"text", "tap", "junit", "json"};
    *format = options_text(options, "format", "text");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(*format, names[i]) == 0)
            return true;
    }
    return error_set(err, ERROR_INVALID, "--format is text, tap, junit or json, not \"%s\"",
                     *format);
}

static bool read_options(const struct options *options, struct test *test, struct error *err)
{
    enum { MANY = 1 << 20 };
    size_t processors = batch_workers_count(MANY);
    int64_t jobs = options_integer(options, "jobs", (int64_t)processors);
    if (jobs < 1 || jobs > TEST_JOBS_MAX)
        return error_set(err, ERROR_INVALID, "--jobs must be 1 to %d", TEST_JOBS_MAX);
    test->jobs = (size_t)jobs;
    test->watches = options_given(options, "watch");
    test->options.only = options_text(options, "only", NULL);
    test->options.simulation.coverage = options_given(options, "coverage");
    return read_format(options, &test->format, err);
}

/* Files go first to processes of their own; what is left, to the runs of one test. */
static void share_jobs(struct test *test)
{
    size_t files = test->paths.count < test->jobs ? test->paths.count : test->jobs;
    test->options.simulation.jobs = test->jobs / files;
}

/* --- telling --------------------------------------------------------------------------------- */

static bool page(struct test *test, const char *name, const struct value *argument,
                 struct value *result, struct error *err)
{
    return host_call(test->host, "test.page", name, argument, argument != NULL, result, &test->pool,
                     err);
}

static bool begin_page(struct test *test, struct error *err)
{
    struct member members[] = {
        {slice_of("colour"), value_boolean(progress_colour(1))},
        {slice_of("coverage"), value_boolean(test->options.simulation.coverage)},
        {slice_of("format"), value_text(test->format)},
    };
    struct value ignored;
    return page(test, "begin", &(struct value){.kind = VALUE_OBJECT, .object = {members, 3}},
                &ignored, err);
}

static bool print_text(const struct value *text)
{
    bool any = text && text->kind == VALUE_STRING && text->string.size > 0;
    return !any || terminal_report(text->string);
}

/* A test_tell_fn. */
static bool tell(void *context, const struct value *event, struct error *err)
{
    struct test *test = context;
    struct value text;
    struct slice file = value_get_slice(event, "file", "");
    struct slice wrong = value_get_slice(event, "error", "");
    if (value_get(event, "read"))
        return test_watch_add(&test->watch, value_get_slice(event, "read", ""), err);
    if (wrong.size > 0)
        fprintf(stderr, "tidelock test: %.*s: %.*s\n", (int)file.size, file.data, (int)wrong.size,
                wrong.data);
    bool ok = page(test, "add", event, &text, err) && print_text(&text);
    pool_reset(&test->pool);
    return ok;
}

static bool finish_page(struct test *test, struct error *err)
{
    struct value end;
    if (!page(test, "finish", NULL, &end, err))
        return false;
    test->failed = value_get_integer(&end, "failed", 0);
    test->wrong = value_get_integer(&end, "wrong", 0);
    int64_t passed = value_get_integer(&end, "passed", 0);
    if (passed + test->failed + test->wrong == 0)
        return error_set(err, ERROR_INVALID, "--only %s: there is no such test",
                         test->options.only);
    print_text(value_get(&end, "text"));
    return true;
}

/* --- running --------------------------------------------------------------------------------- */

static bool run_all(struct test *test, struct error *err)
{
    share_jobs(test);
    return begin_page(test, err) &&
           test_workers_run(test->paths.files, test->paths.count, test->jobs, &test->options, tell,
                            test, err) &&
           finish_page(test, err);
}

static int status_of(const struct test *test)
{
    return test->wrong > 0 ? EXIT_USAGE : test->failed > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

/* What changes while they run is not missed: the folders are watched from before on. */
static bool watch_files(struct test *test, struct error *err)
{
    for (size_t i = 0; i < test->paths.count; i++) {
        if (!test_watch_add(&test->watch, slice_of(test->paths.files[i]), err))
            return false;
    }
    return true;
}

/* Until somebody ends it. A file that is wrong now may be right after the next change. */
static bool watch_all(struct test *test, const struct options *options, struct error *err)
{
    struct error why;
    for (;;) {
        if (!watch_files(test, err))
            return false;
        if (!run_all(test, &why))
            terminal_say("%s", why.message);
        fflush(stdout);
        terminal_say("waiting for a change");
        if (!test_watch_wait(&test->watch, err))
            return false;
        test_paths_clear(&test->paths);
        if (!test_paths_find(&test->paths, (char *const *)options->operands, options->operand_count,
                             err))
            return false;
    }
}

static bool open_all(const struct options *options, struct test *test, struct error *err)
{
    pool_init(&test->pool, PAGE_POOL_MAX);
    return read_options(options, test, err) &&
           test_paths_find(&test->paths, (char *const *)options->operands, options->operand_count,
                           err) &&
           (!test->watches || test_watch_open(&test->watch, err)) && host_open_files(err) &&
           host_new(&test->host, err);
}

static int run(const struct options *options)
{
    static struct test test;
    struct error err;
    test.watch.fd = -1;
    bool ok = open_all(options, &test, &err) &&
              (test.watches ? watch_all(&test, options, &err) : run_all(&test, &err));
    int status = ok ? status_of(&test) : verb_fail("test", &err);
    host_free(test.host);
    test_watch_close(&test.watch);
    test_paths_clear(&test.paths);
    pool_clear(&test.pool);
    return status;
}

const struct verb verb_test = {
    .name = "test",
    .operands = "PATH...",
    .operands_min = 1,
    .operands_max = 1000,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Runs tests of policies: files *_test.lua, in virtual time, many at once.",
    .more = "A path is a file, or a folder with all such files in it and below. Exit status 0 "
            "where all passed, 3 where one failed, 2 where a file is wrong.",
    .example = "tidelock test --coverage tests/",
};
