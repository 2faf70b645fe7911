/* check: what is wrong with policies, before any of them is run. Each is examined in a process of
 * its own, which is locked in; what that found comes through a pipe, and is told here. */
#include "cli/check_facts.h"
#include "cli/check_live.h"
#include "cli/files.h"
#include "cli/jailed.h"
#include "cli/quiet_traffic.h"
#include "cli/terminal.h"
#include "cli/test_paths.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec specs[] = {
    CHECK_LIVE_OPTIONS,
    {"live", 0, OPTION_FLAG, false, NULL,
     "asks AWS and the metrics too, as doctor does; nothing is changed"},
    {"recording", 'r', OPTION_TEXT, false, "FILE",
     "metrics of the service: how much each watch could see of it"},
    {"format", 0, OPTION_TEXT, false, "text|json|sarif|github",
     "for people, for programs, or for GitHub's pages and logs"},
};

enum { RECORDING_MAX = 1 << 30, FOUND_MAX = 16 << 20, POOL_MAX = 512 << 20, DAY = 24 * 60 };

struct check_verb {
    const struct options *options;
    struct check_input input; /* of the file at hand */
    int reads, writes;        /* the ends of the pipe */
    struct buffer text;       /* what came through it */
    const char **files;       /* the operands that are no tests */
    size_t count;
    struct value *found;
    struct pool pool;
    struct host *host;
    struct error err;
};

/* --- in the jail ------------------------------------------------------------------------------ */

static bool send_found(const struct check_verb *check, const struct value *found, struct error *err)
{
    struct buffer text;
    buffer_init(&text, FOUND_MAX);
    bool ok = value_write(found, &text, err);
    if (ok && !files_write_all(check->writes, buffer_slice(&text)))
        ok = error_set(err, ERROR_IO, "telling what was found: %s", strerror(errno));
    buffer_clear(&text);
    return ok;
}

static int in_jail(void *context)
{
    struct check_verb *check = context;
    struct jail_walls walls;
    struct value found;
    struct error err;
    bool ok = jail_lock(&jail_limits_default, &check->writes, 1, &walls, &err) &&
              check_facts_examine(&check->input, &found, &check->pool, &err) &&
              send_found(check, &found, &err);
    return ok ? EXIT_DONE : verb_fail("check", &err);
}

/* --- with credentials --------------------------------------------------------------------------
 */

static int ask_live(void *context)
{
    struct check_verb *check = context;
    struct value live;
    struct error err;
    int cut;
    bool ok = check_live_ask(check->options, &live, &cut, &check->pool, &err) &&
              send_found(check, &live, &err);
    int status = ok ? EXIT_DONE : verb_fail("check", &err);
    return cut ? cut : status;
}

/* --- outside ---------------------------------------------------------------------------------- */

static bool read_pipe(int fd, struct buffer *text, struct error *err)
{
    enum { PIECE = 1 << 16 };
    for (;;) {
        char *room = buffer_reserve(text, PIECE, err);
        ssize_t got = room ? read(fd, room, PIECE) : 0;
        if (got < 0 && errno == EINTR)
            continue;
        if (!room || got <= 0)
            return room && (got == 0 || error_set(err, ERROR_IO, "reading what was found: %s",
                                                  strerror(errno)));
        text->size += (size_t)got;
    }
}

static void take_found(void *context)
{
    struct check_verb *check = context;
    close(check->writes);
    check->writes = -1;
    read_pipe(check->reads, &check->text, &check->err);
}

/* What a policy did to its own process is its own mistake. */
static bool tell_death(const struct check_verb *check, const struct error *why, struct value *out,
                       struct error *err)
{
    struct pool *pool = (struct pool *)&check->pool;
    struct value findings;
    struct slice message;
    struct member finding[] = {{slice_of("code"), value_text("load")},
                               {slice_of("file"), value_text(check->input.path)},
                               {slice_of("level"), value_text("error")},
                               {slice_of("message"), value_null()}};
    if (!pool_copy(pool, slice_of(why->message), &message, err))
        return false;
    finding[3].value = value_string(message);
    if (!value_array(&findings, 1, pool, err) ||
        !record_object(&findings.array.items[0], finding, RECORD_COUNT(finding), pool, err))
        return false;
    struct member members[] = {{slice_of("file"), value_text(check->input.path)},
                               {slice_of("findings"), findings}};
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

/* What a process of its own finds. *status: why that is nothing, which it has said; EXIT_DONE
 * otherwise. */
static bool examine(struct check_verb *check, jail_body_fn *body, struct value *out, int *status,
                    struct error *err)
{
    struct jail_child child = {.context = check};
    struct slice text;
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, "a pipe to the policy's process: %s", strerror(errno));
    check->reads = ends[0];
    check->writes = ends[1];
    buffer_empty(&check->text);
    jailed_tell();
    bool ok = jail_run_all(body, &child, 1, take_found, check, err);
    close(check->reads);
    if (check->writes >= 0)
        close(check->writes);
    if (!ok)
        return false;
    if (!jail_ended(&child, status, err)) {
        *status = EXIT_DONE;
        return tell_death(check, err, out, err);
    }
    return *status != EXIT_DONE ||
           (pool_copy(&check->pool, buffer_slice(&check->text), &text, err) &&
            value_parse(out, text, true, &check->pool, err));
}

static bool read_input(struct check_verb *check, const char *path, struct error *err)
{
    const struct options *options = check->options;
    struct simulation_input *input = &check->input.simulation;
    *input = (struct simulation_input){.recording_name = "quiet traffic", .rehearsal = true};
    check->input.path = path;
    pool_init(&input->pool, POOL_MAX);
    return verb_arguments(options, &input->arguments, &input->pool, err) &&
           sources_read(&input->sources, path, err) && simulation_input_zones(input, err) &&
           quiet_traffic_make(&input->recording, DAY, err);
}

static bool has_error(const struct value *found)
{
    const struct value *findings = value_get(found, "findings");
    for (size_t i = 0; findings && i < findings->array.count; i++) {
        if (value_is_text(value_get(&findings->array.items[i], "level"), "error"))
            return true;
    }
    return false;
}

/* What is right by itself is asked about, and examined again with what is known then: each in a
 * process of its own, so that no policy is ever where credentials were. */
static bool examine_live(struct check_verb *check, struct value *out, int *status,
                         struct error *err)
{
    struct value live;
    if (!options_given(check->options, "live") || *status != EXIT_DONE || has_error(out))
        return true;
    if (!examine(check, ask_live, &live, status, err))
        return false;
    check->input.live = &live;
    return *status != EXIT_DONE || examine(check, in_jail, out, status, err);
}

/* A file that cannot be read is wrong as one that cannot be loaded is; the others are checked. */
static bool check_file(struct check_verb *check, size_t index, int *status, struct error *err)
{
    struct value *out = &check->found[index];
    struct error why;
    *status = EXIT_DONE;
    bool ok = read_input(check, check->files[index], &why)
                  ? examine(check, in_jail, out, status, err) &&
                        examine_live(check, out, status, err)
                  : tell_death(check, &why, out, err);
    simulation_input_clear(&check->input.simulation);
    return ok;
}

static bool print_report(struct check_verb *check, const char *format, int *status,
                         struct error *err)
{
    struct value report;
    struct member members[] = {
        {slice_of("files"), {.kind = VALUE_ARRAY, .array = {check->found, check->count}}},
        {slice_of("format"), value_text(format)},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
    };
    struct value params = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    if (!host_call(check->host, "check.report", "write", &params, 1, &report, &check->pool, err))
        return false;
    struct slice text = value_get_slice(&report, "text", "");
    *status = (int)value_get_integer(&report, "status", EXIT_TOOL);
    if (strcmp(format, "text") == 0)
        terminal_report(text);
    else
        terminal_data(text, "");
    return true;
}

static bool read_format(struct check_verb *check, const char **format, struct error *err)
{
    struct value is_format;
    *format = options_text(check->options, "format", "text");
    struct value name = value_text(*format);
    if (!host_call(check->host, "check.report", "is_format", &name, 1, &is_format, &check->pool,
                   err))
        return false;
    return is_format.boolean ||
           error_set(err, ERROR_INVALID, "--format is text, json, sarif or github, not \"%s\"",
                     *format);
}

/* A shell's *.lua has the tests beside the policies, too. */
static bool choose_files(struct check_verb *check, struct error *err)
{
    const struct options *options = check->options;
    check->files = calloc(options->operand_count, sizeof *check->files);
    check->found = calloc(options->operand_count, sizeof *check->found);
    if (!check->files || !check->found)
        return error_set(err, ERROR_LIMIT, "out of memory for what is found");
    for (size_t i = 0; i < options->operand_count; i++) {
        if (!test_paths_is_test(options->operands[i]))
            check->files[check->count++] = options->operands[i];
    }
    return check->count > 0 ||
           error_set(err, ERROR_INVALID, "%s holds tests: `tidelock test` carries them out",
                     options->operands[0]);
}

static bool prepare(struct check_verb *check, const char **format, struct error *err)
{
    const struct options *options = check->options;
    const char *recording = options_text(options, "recording", NULL);
    check->input.recording_name = recording;
    if (!choose_files(check, err))
        return false;
    bool one = options_given(options, "parameter") || options_given(options, "live");
    if (check->count > 1 && one)
        return error_set(err, ERROR_INVALID, "%s goes with one FILE",
                         options_given(options, "live") ? "--live" : "-p");
    return host_new(&check->host, err) && host_open_files(err) && read_format(check, format, err) &&
           (!recording || files_read(recording, RECORDING_MAX, &check->input.recording, err));
}

static int check_all(struct check_verb *check, const char *format, struct error *err)
{
    int status = EXIT_DONE;
    for (size_t i = 0; i < check->count; i++) {
        int own;
        if (!check_file(check, i, &own, err))
            return verb_fail("check", err);
        if (own != EXIT_DONE)
            return own;
    }
    return print_report(check, format, &status, err) ? status : verb_fail("check", err);
}

static int run(const struct options *options)
{
    static struct check_verb check;
    const char *format = NULL;
    struct error err;
    check.options = options;
    pool_init(&check.pool, POOL_MAX);
    buffer_init(&check.text, FOUND_MAX);
    int status = prepare(&check, &format, &err) ? check_all(&check, format, &err)
                                                : verb_fail("check", &err);
    host_free(check.host);
    buffer_clear(&check.text);
    buffer_clear(&check.input.recording);
    pool_clear(&check.pool);
    free(check.files);
    free(check.found);
    return verb_flush(status);
}

const struct verb verb_check = {
    .name = "check",
    .operands = "FILE...",
    .operands_min = 1,
    .operands_max = 1000,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Finds what is wrong with policies and rollout files, and what hurts, before they run.",
    .more = "Every name is looked up, options and inputs of AWS's operations are held against what "
            "they may be, and the policy is rehearsed on made-up metrics; nothing is carried out. "
            "Exit 2 where something is wrong, 3 where a rule finds something: docs/check.md has "
            "the rules, and how a line is allowed what one finds.",
    .example = "tidelock check rollouts/*.lua",
};
