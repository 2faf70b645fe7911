/* import: metrics of other tools into a recording. The reading of formats is lua/import. */
#include "base/time.h"
#include "cli/files.h"
#include "cli/jailed.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"
#include "world/recording_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { INPUT_SIZE_MAX = 1 << 30 };

static const struct option_spec specs[] = {
    {"output", 'o', OPTION_TEXT, false, "FILE", "where the recording goes (default: stdout)"},
    {"series", 's', OPTION_TEXT, true, "KEY=METRIC:ARM",
     "what a series is; ARM baseline, canary or service; repeat"},
    {"queries", 0, OPTION_TEXT, false, "FILE", "cloudwatch: the queries that were asked"},
    {"column", 0, OPTION_TEXT, true, "ROLE=NAME",
     "csv: time, series, value, arm, seen, tags, unit; repeat"},
    {"dates", 0, OPTION_TEXT, false, "day-first|month-first", "csv: dates as in 11/27/2026"},
    {"decimal", 0, OPTION_TEXT, false, "comma|point", "csv: what stands before a fraction"},
    {"counter", 0, OPTION_TEXT, true, "METRIC", "it only ever grows: take increases; repeat"},
    {"rate", 0, OPTION_TEXT, true, "METRIC", "it is per second: take the sum; repeat"},
    {"period", 0, OPTION_TEXT, false, "DURATION", "where the input does not say it"},
    {"align", 0, OPTION_FLAG, false, "", "take times down to whole periods"},
    {"statistic", 0, OPTION_TEXT, true, "METRIC=STAT", "sum, average, p99, ...; repeat"},
    {"unit", 0, OPTION_TEXT, true, "METRIC=UNIT",
     "its unit; times (s, ms, ...) become milliseconds; repeat"},
    {"scale", 0, OPTION_TEXT, true, "METRIC=FACTOR", "what to multiply it by; repeat"},
    {"companion", 0, OPTION_TEXT, true, "PART=WHOLE", "errors=requests is implied; repeat"},
    {"target", 0, OPTION_TEXT, false, "TARGET", "whose series these are (default: any target's)"},
    {"note", 0, OPTION_TEXT, false, "TEXT", "kept in the recording"},
};

/* Options that go to lua/import as they are, by the names there. */
static const struct {
    const char *option, *name;
} lists[] =
    {
        {"column", "columns"},       {"companion", "companions"}, {"counter", "counters"},
        {"rate", "rates"},           {"scale", "scales"},         {"series", "series"},
        {"statistic", "statistics"}, {"unit", "units"},
},
  texts[] = {
      {"dates", "dates"},
      {"decimal", "decimal"},
      {"note", "note"},
      {"target", "target"},
};

/* Where the recording goes: what is written is opened before the importer is locked in. */
struct output {
    int fd;                    /* -1: standard output */
    char path[PATH_MAX];       /* that `beside` takes the place of in the end */
    char beside[PATH_MAX + 8]; /* "": a device or a pipe, which is written to and never replaced */
    mode_t mode;
};

/* What is read and handed over; alive until the recording is written. */
struct job {
    const struct options *options;
    struct buffer *inputs;
    struct buffer queries;
    struct member members[24];
    size_t count;
    struct value arguments;
    struct output output;
    struct pool pool;
};

static void add(struct job *job, const char *name, struct value value)
{
    job->members[job->count++] = (struct member){slice_of(name), value};
}

static bool add_list(struct job *job, const char *option, const char *name, struct error *err)
{
    struct value list;
    size_t count = 0;
    while (options_use(job->options, option, count))
        count++;
    if (!value_array(&list, count, &job->pool, err))
        return false;
    for (size_t i = 0; i < count; i++)
        list.array.items[i] = value_text(options_use(job->options, option, i));
    add(job, name, list);
    return true;
}

static bool add_inputs(struct job *job, struct error *err)
{
    struct value list;
    size_t count = job->options->operand_count - 1;
    if (!value_array(&list, count, &job->pool, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *path = job->options->operands[i + 1];
        if (!files_read(path, INPUT_SIZE_MAX, &job->inputs[i], err))
            return false;
        struct member members[] = {
            {slice_of("name"), value_text(path)},
            {slice_of("text"), value_string(buffer_slice(&job->inputs[i]))},
        };
        if (!record_object(&list.array.items[i], members, 2, &job->pool, err))
            return false;
    }
    add(job, "inputs", list);
    return true;
}

static bool add_period(struct job *job, struct error *err)
{
    const char *period = options_text(job->options, "period", NULL);
    int64_t ms = 0;
    if (!period)
        return true;
    if (!time_parse_duration(&ms, slice_of(period), err))
        return error_wrap(err, "--period");
    add(job, "period", value_integer(ms));
    return true;
}

static bool add_queries(struct job *job, struct error *err)
{
    const char *path = options_text(job->options, "queries", NULL);
    if (!path)
        return true;
    if (!files_read(path, INPUT_SIZE_MAX, &job->queries, err))
        return false;
    add(job, "queries", value_string(buffer_slice(&job->queries)));
    return true;
}

static bool build_arguments(struct job *job, struct value *arguments, struct error *err)
{
    add(job, "kind", value_text(job->options->operands[0]));
    add(job, "align", value_boolean(options_given(job->options, "align")));
    for (size_t i = 0; i < RECORD_COUNT(texts); i++) {
        const char *text = options_text(job->options, texts[i].option, NULL);
        if (text)
            add(job, texts[i].name, value_text(text));
    }
    for (size_t i = 0; i < RECORD_COUNT(lists); i++) {
        if (!add_list(job, lists[i].option, lists[i].name, err))
            return false;
    }
    return add_inputs(job, err) && add_period(job, err) && add_queries(job, err) &&
           record_object(arguments, job->members, job->count, &job->pool, err);
}

/* Beside the final name first, so that a full disk leaves neither half a file nor a lost one. */
static bool open_beside(struct output *output, struct error *err)
{
    snprintf(output->beside, sizeof output->beside, "%s.XXXXXX", output->path);
    output->fd = mkstemp(output->beside);
    if (output->fd >= 0)
        return true;
    output->beside[0] = '\0';
    return error_set(err, error_of_path(errno), "creating %s: %s", output->path, strerror(errno));
}

static bool open_output(struct output *output, const char *path, struct error *err)
{
    struct stat about;
    *output = (struct output){.fd = -1, .mode = files_new_mode()};
    if (!path || strcmp(path, "-") == 0)
        return true;
    if (strlen(path) >= PATH_MAX)
        return error_set(err, ERROR_INVALID, "the path of the output is too long");
    memcpy(output->path, path, strlen(path) + 1);
    if (stat(path, &about) != 0)
        return open_beside(output, err);
    if (S_ISREG(about.st_mode) && realpath(path, output->path)) {
        output->mode = about.st_mode & 07777;
        return open_beside(output, err);
    }
    output->fd = open(path, O_WRONLY | O_CLOEXEC);
    return output->fd >= 0 ||
           error_set(err, error_of_path(errno), "opening %s: %s", path, strerror(errno));
}

static bool write_output(const struct output *output, struct slice text, struct error *err)
{
    bool ok = output->fd < 0 ? terminal_data(text, "") : files_write_all(output->fd, text);
    return ok || error_set(err, ERROR_IO, "writing %s: %s",
                           output->fd < 0 ? "the recording" : output->path, strerror(errno));
}

/* `whole`: all of it was written. */
static bool close_output(struct output *output, bool whole, struct error *err)
{
    bool ok = true;
    if (output->fd < 0)
        return true;
    if (whole && *output->beside)
        ok = fchmod(output->fd, output->mode) == 0 && fsync(output->fd) == 0;
    ok = close(output->fd) == 0 && ok;
    if (ok && whole && *output->beside)
        ok = rename(output->beside, output->path) == 0;
    int problem = errno;
    if ((!ok || !whole) && *output->beside)
        unlink(output->beside);
    return ok || error_set(err, ERROR_IO, "writing %s: %s", output->path, strerror(problem));
}

/* What nobody could read back is not written: importers check what they know, this checks the rest.
 */
static bool check_recording(struct slice text, struct error *err)
{
    struct recording *recording = NULL;
    if (!recording_open(&recording, text, err))
        return error_wrap(err, "what was imported makes no recording");
    recording_free(recording);
    return true;
}

static bool import(struct job *job, struct host *host, struct error *err)
{
    struct value result;
    if (!host_call(host, "import.init", "run", &job->arguments, 1, &result, &job->pool, err))
        return false;
    struct slice recording = value_get_slice(&result, "recording", "");
    if (!check_recording(recording, err) || !write_output(&job->output, recording, err))
        return false;
    verb_tell_report(value_get(&result, "report"));
    return true;
}

/* Exports are others' files: nothing of them is looked at before the walls stand. */
static int in_jail(void *context)
{
    struct job *job = context;
    struct host *host = NULL;
    struct jail_walls walls;
    struct error err;
    struct jail_limits limits = {(size_t)16 << 30, jail_limits_default.cpu_seconds,
                                 (size_t)4 << 30};
    bool ok = jail_lock(&limits, &job->output.fd, job->output.fd >= 0, &walls, &err) &&
              host_new(&host, &err) && import(job, host, &err);
    int status = ok ? EXIT_DONE : verb_fail("import", &err);
    host_free(host);
    return verb_flush(status);
}

static bool run_job(struct job *job, int *status, struct error *err)
{
    const char *path = options_text(job->options, "output", NULL);
    struct error ignored;
    if (!build_arguments(job, &job->arguments, err) || !host_open_files(err) ||
        !open_output(&job->output, path, err))
        return false;
    bool ok = jailed_run(in_jail, job, status, err);
    bool whole = ok && *status == EXIT_DONE;
    return close_output(&job->output, whole, whole ? err : &ignored) && ok;
}

static int run(const struct options *options)
{
    struct error err;
    int status = EXIT_TOOL;
    static struct job job;
    job.options = options;
    pool_init(&job.pool, (size_t)4 << 30);
    job.inputs = calloc(options->operand_count, sizeof *job.inputs);
    bool ok = job.inputs ? run_job(&job, &status, &err)
                         : error_set(&err, ERROR_LIMIT, "out of memory");
    for (size_t i = 0; job.inputs && i < options->operand_count; i++)
        buffer_clear(&job.inputs[i]);
    free(job.inputs);
    buffer_clear(&job.queries);
    pool_clear(&job.pool);
    return ok ? status : verb_fail("import", &err);
}

const struct verb verb_import = {
    .name = "import",
    .operands = "KIND FILE...",
    .operands_min = 2,
    .operands_max = 1000,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Turns exported metrics into a recording.",
    .more = "KIND is cloudwatch, cloudwatch-statistics, metric-stream, prometheus or csv.",
    .example = "tidelock import prometheus requests.json errors.json --counter requests \\\n"
               "      --counter errors -o checkout.ndjson",
};
