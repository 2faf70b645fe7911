/* run: a policy on AWS, or a plan of one. */
#include "cli/caller_identity.h"
#include "cli/files.h"
#include "cli/github.h"
#include "cli/live_policy.h"
#include "cli/plan_run.h"
#include "cli/progress.h"
#include "cli/recording_file.h"
#include "cli/supervisor_stands.h"
#include "cli/terminal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct option_spec specs[] = {
    LIVE_POLICY_OPTIONS,
    {"record", 0, OPTION_TEXT, false, "FILE", "keep the metrics it was judged by as a recording"},
    {"format", 0, OPTION_TEXT, false, "text|jsonl", "as text, or every record"},
    {"ticks", 0, OPTION_FLAG, false, "",
     "text: tell every look of the judges, as it does without a terminal"},
    SUPERVISOR_OPTIONS,
};

struct run {
    const struct options *options;
    struct plan_run plan_run; /* the plan, if one is carried out */
    struct live_policy live_policy;
    struct supervisor supervisor;
    struct progress progress;
    bool announced;
    bool ended; /* its END record is there */
};

static bool take_options(struct run *run, struct error *err)
{
    if (!run->plan_run.given)
        return live_policy_take_options(&run->live_policy, run->options, err);
    if (options_given(run->options, "parameter") || options_given(run->options, "seed"))
        return error_set(err, ERROR_INVALID,
                         "a plan has its parameters and its seed: -p and --seed are for a policy");
    return plan_run_take(&run->plan_run, &run->live_policy, err);
}

static bool open_policy(struct run *run, const char **policy, struct error *err)
{
    struct slice path;
    if (!plan_run_read(&run->plan_run, *policy, err))
        return false;
    if (run->plan_run.given) {
        if (!pool_copy(&run->plan_run.pool, run->plan_run.file.policy, &path, err))
            return false;
        *policy = path.data;
    }
    return live_policy_read(&run->live_policy, *policy, err);
}

static bool ask_identity(struct supervisor *supervisor, struct error *err)
{
    struct error why;
    if (caller_identity_ask(supervisor, &why))
        return true;
    *err = why;
    return why.code != ERROR_IO ? false
                                : error_set(err, ERROR_IO, "%s%s(nothing was touched)", why.message,
                                            strchr(why.message, '\n') ? "\n" : " ");
}

/* The policy's process has loaded it before anything secret is in this one. Meanwhile, this one
 * makes ready what is no secret. */
static bool open_run(struct run *run, const char *policy, struct error *err)
{
    const char *record = options_text(run->options, "record", NULL);
    return (!record || files_check_new(record, err)) && open_policy(run, &policy, err) &&
           take_options(run, err) && live_policy_start(&run->live_policy, err) &&
           supervisor_read(&run->supervisor, run->options, policy, STATE_IS_MADE, err) &&
           supervisor_prepare(&run->supervisor, err) && live_policy_await(&run->live_policy, err) &&
           supervisor_open(&run->supervisor, run->options, err) &&
           supervisor_watch(&run->supervisor, run->live_policy.child, err) &&
           ask_identity(&run->supervisor, err) &&
           (!run->plan_run.given || plan_run_check(&run->plan_run, &run->supervisor, err));
}

/* A run that was refused leaves no journal behind. */
static void drop_empty(const struct supervisor *supervisor, int fd)
{
    char path[PATH_MAX];
    struct error ignored;
    if (lseek(fd, 0, SEEK_END) != 0)
        return;
    if (!state_journal(&supervisor->state, supervisor->run, path, &ignored) ||
        !lock_file_stands(fd, path, &ignored))
        return;
    unlink(path);
    if (state_control_path(&supervisor->state, supervisor->run, path, &ignored))
        unlink(path);
}

static void tell_github(const struct run *run, const struct engine_result *result, int status)
{
    char what[PATH_MAX];
    snprintf(what, sizeof what, "tidelock run %s", run->options->operands[0]);
    const struct github_end end = {what, run_outcome_name(result->outcome), result->reason,
                                   run->announced ? run->supervisor.run : NULL, status};
    github_end(&end);
}

static int finish(struct run *run, const struct engine_result *result)
{
    struct error err;
    const char *path = options_text(run->options, "record", NULL);
    struct live_wanted wanted = {"recorded by tidelock run", false};
    if (result->outcome == RUN_TOOL_FAILED)
        fprintf(stderr, "tidelock run: %s%s(%s)\n", result->reason,
                strchr(result->reason, '\n') ? "\n" : " ",
                result->mutations > 0 ? "all that can be undone is as it was before"
                                      : "nothing was touched");
    else if (result->outcome == RUN_REFUSED || result->cause == CAUSE_TOOL)
        fprintf(stderr, "tidelock run: %s\n", result->reason);
    if (result->outcome == RUN_NOT_RESTORED)
        supervisor_tell_unrestored(&run->supervisor, "run");
    if (path &&
        !recording_file_write(path, live_metrics(run->supervisor.live), &wanted, false, &err))
        verb_fail("run", &err);
    int status = run->supervisor.locked_out ? EXIT_LOCKED : run_outcome_exit(result->outcome);
    tell_github(run, result, status);
    return status;
}

/* What was asked of a run that had not begun is in no record. */
static void tell_unbegun(const struct engine_result *result, bool begun)
{
    enum run_cause cause = result->cause;
    bool asked = cause == CAUSE_PERSON || cause == CAUSE_SIGINT || cause == CAUSE_SIGTERM;
    if (asked && !begun)
        fprintf(stderr, "tidelock run: %s before it had begun (nothing was touched)\n",
                result->reason);
}

static bool bind(struct run *run, struct engine_params *params, struct error *err)
{
    if (run->plan_run.given)
        params->catalogue = plan_run_bind(&run->plan_run, &run->supervisor, err);
    return params->catalogue != NULL;
}

/* Whose word it is that this run keeps to, where nobody named it on the command line. */
static void tell_files(const struct config *config)
{
    if (*config->team_path)
        terminal_say("configured by %s, and of the team by %s", config->path, config->team_path);
    else if (config->is_operators && !config->is_named)
        terminal_say("configured by %s", config->path);
}

/* A shell has what it starts in the background ignore SIGINT, so that a key on its terminal is not
 * for it: whoever counts on the signal is told what is heard instead. */
static void tell_ignored(const struct run *run)
{
    bool terminates = net_hears_signal(run->supervisor.net, SIGTERM);
    if (!net_hears_signal(run->supervisor.net, SIGINT) || !terminates)
        terminal_say("whoever started this has it ignore SIGINT%s: %s`tidelock abort %s` rolls it "
                     "back",
                     terminates ? "" : " and SIGTERM", terminates ? "SIGTERM or " : "",
                     run->supervisor.run);
}

/* With the first record there is a run that other verbs find; a refused one leaves no name. */
static void announce(struct run *run)
{
    char where[STATE_OPTION_SIZE];
    run->announced = true;
    if (run->progress.format == FORMAT_TEXT)
        github_group("run");
    terminal_say("run %s%s", run->supervisor.run, state_option(&run->supervisor.state, where));
    tell_files(&run->supervisor.config);
    tell_ignored(run);
}

/* An engine_observe_fn. */
static void tell(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                 struct slice line)
{
    struct run *run = context;
    if (!run->announced)
        announce(run);
    run->ended = kind == JOURNAL_END;
    progress_tell(&run->progress, kind, at, body, line);
}

static int carry_out(struct run *run, int fd)
{
    struct journal_file file;
    struct journal journal;
    struct value header;
    struct error err;
    enum format format;
    struct member named = {slice_of("arguments"), run->live_policy.arguments};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&named, 1}};
    struct engine_result result = {.outcome = RUN_TOOL_FAILED};
    struct engine_params params = supervisor_params(&run->supervisor);
    /* A job whose log stands still for long is killed, or taken for hung. */
    bool ticks = options_given(run->options, "ticks") || options_given(run->options, "verbose") ||
                 !isatty(STDOUT_FILENO);
    bool ok = verb_format(run->options, &format, &err) &&
              progress_open(&run->progress, format, ticks, run->supervisor.host, &err) &&
              live_policy_header(&run->live_policy, "live", run->supervisor.identity.arn,
                                 run->plan_run.given ? &run->plan_run.plan : NULL, &header, &err) &&
              bind(run, &params, &err);
    if (!ok)
        return verb_fail("run", &err);
    journal_file_init(&file, fd, true);
    journal_init(&journal, &file.store);
    params.script = child_script(run->live_policy.child);
    params.header = &header;
    params.arguments = &arguments;
    params.journal = &journal;
    params.observe = tell;
    params.context = run;
    if (!supervisor_stand(&run->supervisor, &file, &err))
        return verb_fail("run", &err);
    engine_run(run->supervisor.engine, &params, &result);
    journal_file_release(&file);
    supervisor_end(&run->supervisor);
    supervisor_stand_down(&run->supervisor);
    if (file.fd != fd)
        close(file.fd);
    if (run->ended)
        supervisor_note_end(&run->supervisor, result.outcome);
    progress_clear(&run->progress);
    tell_unbegun(&result, journal.next_seq > 0);
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
    plan_run_clear(&run.plan_run);
    live_policy_clear(&run.live_policy);
    supervisor_close(&run.supervisor);
    return supervisor_status(&run.supervisor, status);
}

const struct verb verb_run = {
    .name = "run",
    .operands = "POLICY|PLAN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .acts = true,
    .line = "Carries out a policy on AWS; whatever goes wrong is rolled back.",
    .more = "POLICY is a file, or the name of a shipped policy; where its target is missing, it is "
            "told how each kind of target is written. PLAN is what `tidelock plan --output` wrote: "
            "it is refused where what it rests on is not so any more.",
    .example = "tidelock run rollout.lua -p target.canary=43",
};
