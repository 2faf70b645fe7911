/* iam: the least-privilege document for a policy and its parameters. The policy is rehearsed in the
 * simulated account on quiet traffic, and what it asks for is what it needs. */
#include "cli/files.h"
#include "cli/jailed.h"
#include "cli/quiet_traffic.h"
#include "cli/simulation.h"
#include "cli/verb.h"
#include "engine/panel.h"
#include "engine/record.h"
#include "host/host.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    {"parameter", 'p', OPTION_TEXT, true, "NAME=VALUE", PARAMETER_HELP},
    {"recording", 'r', OPTION_TEXT, false, "FILE",
     "metrics to rehearse on; else quiet traffic is made up"},
    {"metrics", 0, OPTION_TEXT, false, "cloudwatch|none",
     "where metrics are read: cloudwatch (default), or nowhere"},
};

enum { RECORDING_MAX = 1 << 30, USES_MAX = 20000, POOL_MAX = 256 << 20, WEEK = 7 * 24 * 60 };

struct iam {
    struct simulation_input input;
    bool cloudwatch;
    bool alarms; /* some watch heeds alarms */
    struct pool pool;
    struct value uses[USES_MAX]; /* {"operation","input"} */
    size_t use_count;
    struct value targets;
    struct error err;
};

static bool read_input(const struct options *options, struct iam *iam, struct error *err)
{
    const char *path = options_text(options, "recording", NULL);
    iam->input.recording_name = path ? path : "quiet traffic";
    iam->input.rehearsal = !path;
    iam->cloudwatch = strcmp(options_text(options, "metrics", "cloudwatch"), "none") != 0;
    pool_init(&iam->input.pool, POOL_MAX);
    return verb_arguments(options, &iam->input.arguments, &iam->input.pool, err) &&
           sources_read(&iam->input.sources, options->operands[0], err) &&
           simulation_input_zones(&iam->input, err) &&
           (path ? files_read(path, RECORDING_MAX, &iam->input.recording, err)
                 : quiet_traffic_make(&iam->input.recording, WEEK, err)) &&
           host_open_files(err);
}

static void keep_use(struct iam *iam, const struct value *request)
{
    struct error *err = &iam->err;
    if (!value_is_text(value_get(request, "kind"), "aws") || err->code != ERROR_NONE)
        return;
    if (iam->use_count == USES_MAX) {
        error_set(err, ERROR_LIMIT, "more than %d calls of AWS", USES_MAX);
        return;
    }
    struct member members[] = {{slice_of("input"), *value_get(request, "input")},
                               {slice_of("operation"), *value_get(request, "operation")}};
    struct value use = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    if (value_copy(&iam->uses[iam->use_count], &use, &iam->pool, err))
        iam->use_count++;
}

/* The judges of a watch say whether it asks for alarms. */
static void look_for_alarms(struct iam *iam, const struct value *request)
{
    struct panel panel;
    struct error ignored;
    if (value_is_text(value_get(request, "kind"), "watch") && !iam->alarms &&
        panel_init(&panel, value_get(request, "target"), value_get(request, "judges"), &iam->pool,
                   &ignored))
        iam->alarms = panel.metrics.alarm_count > 0;
}

static void observe(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                    struct slice line)
{
    struct iam *iam = context;
    (void)at;
    (void)line;
    if (kind == JOURNAL_EFFECT) {
        keep_use(iam, value_get(body, "request"));
        look_for_alarms(iam, value_get(body, "request"));
    }
    if (kind == JOURNAL_BEGIN && iam->err.code == ERROR_NONE)
        value_copy(&iam->targets, value_get(body, "targets"), &iam->pool, &iam->err);
}

static bool add_use(struct iam *iam, const char *operation, struct error *err)
{
    struct member members[] = {{slice_of("operation"), value_text(operation)}};
    struct value use = {.kind = VALUE_OBJECT, .object = {members, 1}};
    return iam->use_count == USES_MAX ||
           value_copy(&iam->uses[iam->use_count++], &use, &iam->pool, err);
}

/* What the run itself reads. */
static bool add_metrics(struct iam *iam, struct error *err)
{
    return (!iam->cloudwatch || add_use(iam, "cloudwatch.get_metric_data", err)) &&
           (!iam->alarms || add_use(iam, "cloudwatch.describe_alarms", err));
}

static bool print_document(struct iam *iam, struct host *host, struct error *err)
{
    struct value made;
    struct member members[] = {
        {slice_of("targets"), iam->targets},
        {slice_of("uses"), {.kind = VALUE_ARRAY, .array = {iam->uses, iam->use_count}}},
    };
    struct value params = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    if (!host_call(host, "aws.iam", "document", &params, 1, &made, &iam->pool, err))
        return false;
    const struct value *comments = value_get(&made, "comments");
    for (size_t i = 0; comments && comments->kind == VALUE_ARRAY && i < comments->array.count;
         i++) {
        const struct value *comment = &comments->array.items[i];
        const struct value *actions = value_get(comment, "actions");
        struct slice reason = value_get_slice(comment, "reason", "");
        for (size_t k = 0; actions && k < actions->array.count; k++)
            fprintf(stderr, "%.*s: %.*s\n", (int)actions->array.items[k].string.size,
                    actions->array.items[k].string.data, (int)reason.size, reason.data);
    }
    return verb_print(value_get(&made, "document"), err);
}

static bool rehearse(struct iam *iam, struct simulation *simulation, struct error *err)
{
    struct journal_memory memory;
    struct journal journal;
    struct engine_result result;
    journal_memory_init(&memory, RECORDING_MAX);
    journal_init(&journal, &memory.store);
    struct simulation_run run = {.journal = &journal, .observe = observe, .context = iam};
    bool ok = simulation_start(simulation, 1, &run, &result, err);
    if (ok && result.outcome != RUN_PROMOTED)
        ok = error_set(err, ERROR_INVALID, "the rehearsal was not promoted, but %s: %s",
                       run_outcome_name(result.outcome), result.reason);
    if (ok && iam->err.code != ERROR_NONE) {
        *err = iam->err;
        ok = false;
    }
    journal_clear(&journal);
    journal_memory_clear(&memory);
    return ok && add_metrics(iam, err) && print_document(iam, simulation->host, err);
}

static int in_jail(void *context)
{
    struct iam *iam = context;
    struct simulation simulation;
    struct jail_walls walls;
    struct error err;
    pool_init(&iam->pool, POOL_MAX);
    if (!jail_lock(&jail_limits_default, NULL, 0, &walls, &err))
        return verb_fail("iam", &err);
    bool ok = simulation_open(&simulation, &iam->input, false, &err) &&
              rehearse(iam, &simulation, &err);
    int status = ok ? EXIT_DONE : verb_fail("iam", &err);
    simulation_clear(&simulation);
    pool_clear(&iam->pool);
    return fflush(stdout) == 0 ? status : EXIT_TOOL;
}

static int run(const struct options *options)
{
    static struct iam iam;
    struct error err;
    int status = EXIT_TOOL;
    if (!read_input(options, &iam, &err))
        return verb_fail("iam", &err);
    if (!jailed_run(in_jail, &iam, &status, &err)) {
        verb_fail("iam", &err);
        status = EXIT_USAGE;
    }
    simulation_input_clear(&iam.input);
    return status;
}

const struct verb verb_iam = {
    .name = "iam",
    .operands = "POLICY",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Prints the least that a policy must be allowed, as an IAM document.",
    .more = "What cannot be narrower is said on standard error.",
    .example = "tidelock iam rollout.lua",
};
