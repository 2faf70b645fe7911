/* status, recover, rollback: what became of runs, and what a later process makes of them. */
#include "base/time.h"
#include "cli/caller_identity.h"
#include "cli/progress.h"
#include "cli/run_page.h"
#include "cli/supervisor_locks.h"
#include "cli/terminal.h"
#include "engine/recompute.h"
#include "journal/recover.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct option_spec live_specs[] = {
    {"format", 0, OPTION_TEXT, false, "FORMAT", "text or jsonl (the new records)"},
    SUPERVISOR_OPTIONS,
};

static const struct option_spec state_specs[] = {
    STATE_OPTIONS,
    {"format", 0, OPTION_TEXT, false, "FORMAT", "text, json or jsonl"},
};

enum { SPEC_COUNT = sizeof live_specs / sizeof *live_specs, STATE_SPEC_COUNT = 3 };

/* --- recover, rollback ----------------------------------------------------------------------- */

typedef void take_fn(struct engine *engine, const struct engine_params *params,
                     const struct journal_scan *scan, struct engine_result *result);

typedef bool find_fn(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                     struct error *err);

struct taking {
    const char *verb;
    find_fn *find; /* which run is meant */
    take_fn *take;
    const char *idle; /* why there was nothing to do */
};

/* The telling of what is done, and how that ended. The run's own end may have been another. */
struct told {
    struct progress progress;
    int64_t exit; /* of the END record; -1: there was none */
    bool any;     /* a record */
};

static void tell(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                 struct slice line)
{
    struct told *told = context;
    told->any = true;
    if (kind == JOURNAL_END)
        told->exit = value_get_integer(body, "exit", -1);
    progress_tell(&told->progress, kind, at, body, line);
}

static int conclude(const struct taking *taking, const struct supervisor *supervisor,
                    const struct engine_result *result, const struct told *told)
{
    bool failed_now = told->exit < 0 && result->outcome != RUN_REFUSED;
    if (failed_now && result->cause == CAUSE_TOOL) {
        fprintf(stderr, "tidelock %s: %s\n", taking->verb, result->reason);
        return run_outcome_exit(result->outcome);
    }
    if (!told->any)
        printf("nothing to do: %s\n", taking->idle);
    int failed = run_outcome_exit(RUN_NOT_RESTORED);
    if (told->exit == failed)
        supervisor_tell_unrestored(supervisor, taking->verb);
    return told->exit == failed ? failed : EXIT_DONE; /* as asked */
}

static int take_up(const struct taking *taking, struct supervisor *supervisor,
                   struct recovery *recovery, enum format format)
{
    struct told told = {.exit = -1};
    struct journal journal;
    struct engine_result result = {.outcome = RUN_TOOL_FAILED};
    struct engine_params params = supervisor_params(supervisor);
    struct error err;
    char person[STATE_PERSON_SIZE];
    char reason[STATE_PERSON_SIZE + 32];
    if (!progress_open(&told.progress, format, false, supervisor->host, &err) ||
        !progress_recall(&told.progress, &recovery->scan, &err))
        return verb_fail(taking->verb, &err);
    state_person(person);
    snprintf(reason, sizeof reason, "%s asked for it", person);
    journal_init(&journal, &recovery->file.store);
    journal_continue(&journal, &recovery->scan);
    params.undo_reason = reason;
    params.journal = &journal;
    params.observe = tell;
    params.context = &told;
    taking->take(supervisor->engine, &params, &recovery->scan, &result);
    supervisor_end(supervisor);
    progress_clear(&told.progress);
    journal_clear(&journal);
    return conclude(taking, supervisor, &result, &told);
}

static const struct value *begin_of(const struct journal_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->records[i].kind == JOURNAL_BEGIN)
            return &scan->records[i].body;
    }
    return NULL;
}

/* A file in the state folder may be a stranger's: before anything at all is sent, each change in it
 * must be one that the operator allows, and what else it says of them what follows from it. */
static bool check_changes(struct supervisor *supervisor, struct recovery *recovery,
                          struct error *err)
{
    const struct recompute recompute = {&supervisor->gate.front.catalogue, "live",
                                        TIDELOCK_VERSION};
    const struct value *begin = begin_of(&recovery->scan);
    if (recompute_changes(&recompute, &recovery->scan, &recovery->pool, err) &&
        (!begin || supervisor_check_targets(supervisor, value_get(begin, "targets"),
                                            value_get(begin, "home"), err)))
        return true;
    struct error why = *err;
    bool ours = why.code == ERROR_LIMIT || why.code == ERROR_IO;
    return error_set(err, ours ? why.code : ERROR_INVALID, "run %s: %s; nothing was sent",
                     supervisor->run, why.message);
}

/* The account must be the run's; and another run may have begun on the same resources since
 * this one's process died. */
static bool check_begun(struct supervisor *supervisor, const struct journal_scan *scan,
                        struct error *err)
{
    const struct value *begin = begin_of(scan);
    return !begin || (caller_identity_check(supervisor, value_get(begin, "home"), err) &&
                      supervisor_lock_run(supervisor, scan, err));
}

/* Nobody takes up a run that a process is carrying out. */
static bool open_journal(const struct state *state, const char *run, struct recovery *recovery,
                         struct error *err)
{
    char path[PATH_MAX];
    if (!state_journal(state, run, path, err))
        return false;
    if (recover_open(recovery, path, err))
        return true;
    if (err->code != ERROR_CONFLICT)
        return false;
    error_set(err, ERROR_CONFLICT, "run %s has a process that is still carrying it out", run);
    return state_hint(state, run, err);
}

static bool open_recovery(struct supervisor *supervisor, const struct options *options,
                          find_fn *find, struct recovery *recovery, struct error *err)
{
    char run[STATE_RUN_SIZE];
    if (!supervisor_read(supervisor, options, NULL, STATE_MUST_BE, err))
        return false;
    config_team_leave(&supervisor->config);
    return find(&supervisor->state, options->operands[0], run, err) &&
           open_journal(&supervisor->state, run, recovery, err) &&
           supervisor_prepare(supervisor, err) && supervisor_open(supervisor, options, err) &&
           supervisor_hear(supervisor, run, err) && check_changes(supervisor, recovery, err) &&
           check_begun(supervisor, &recovery->scan, err);
}

static int recover_as(const struct taking *taking, const struct options *options)
{
    static struct supervisor supervisor;
    static struct recovery recovery;
    enum format format;
    struct error err;
    supervisor_init(&supervisor);
    bool ok = verb_format(options, &format, &err) &&
              open_recovery(&supervisor, options, taking->find, &recovery, &err);
    int status = ok ? take_up(taking, &supervisor, &recovery, format)
                    : verb_fail(taking->verb, &err);
    if (!ok && err.code == ERROR_CONFLICT)
        status = EXIT_LOCKED;
    recover_close(&recovery);
    supervisor_close(&supervisor);
    return status;
}

static int run_recover(const struct options *options)
{
    static const struct taking recover = {"recover", state_find_open, engine_recover,
                                          "the run had come to its end, or had not begun"};
    return recover_as(&recover, options);
}

static int run_rollback(const struct options *options)
{
    static const struct taking rollback = {"rollback", state_find, engine_undo,
                                           "the run was rolled back already, or had not begun"};
    return recover_as(&rollback, options);
}

/* --- status ---------------------------------------------------------------------------------- */

/* One line a run; `status RUN` tells more. */
static void print_list(const struct state_run *runs, size_t count)
{
    if (count == 0)
        printf("no runs\n");
    else
        printf("%-24s %-20s %-20s %s\n", "RUN", "POLICY", "BEGUN", "STATUS");
    for (size_t i = 0; i < count; i++) {
        const struct state_run *run = &runs[i];
        const char *word = run->status == STATE_ENDED ? run->outcome
                                                      : state_status_name(run->status);
        char began[32] = "";
        if (run->began)
            time_format_instant(began, run->began - run->began % 1000);
        printf("%-24s %-20.20s %-20s %s\n", run->run, run->policy, began, word);
    }
}

struct status {
    const struct options *options;
    enum format format;
    struct state state;
    struct state_run *runs;
    size_t count;
    struct host *host;
    struct pool pool;
};

static bool print_pages(struct status *status, struct error *err)
{
    struct value list;
    if (!host_new(&status->host, err) || !value_array(&list, status->count, &status->pool, err))
        return false;
    for (size_t i = 0; i < status->count; i++) {
        struct slice page;
        struct value *item = &list.array.items[i];
        if (!run_page_read(status->host, &status->state, &status->runs[i], item, &page,
                           &status->pool, err))
            return error_wrap(err, "run %s", status->runs[i].run);
        if (status->format == FORMAT_TEXT)
            terminal_report(page);
        else if (status->format == FORMAT_JSONL && !verb_print(item, err))
            return false;
    }
    return status->format != FORMAT_JSON || verb_print(&list, err);
}

/* Without a name: all of them. */
static bool find_runs(struct status *status, struct error *err)
{
    char name[STATE_RUN_SIZE];
    const struct options *options = status->options;
    if (options->operand_count == 0)
        return state_list(&status->state, &status->runs, &status->count, &status->pool, err);
    status->runs = pool_alloc(&status->pool, sizeof *status->runs, err);
    status->count = 1;
    return status->runs && state_find(&status->state, options->operands[0], name, err) &&
           state_look(&status->state, name, status->runs, err);
}

static bool tell_status(struct status *status, struct error *err)
{
    if (!verb_format(status->options, &status->format, err) ||
        !state_open_chosen(&status->state, status->options, err) || !find_runs(status, err))
        return false;
    if (status->format != FORMAT_TEXT || status->options->operand_count > 0)
        return print_pages(status, err);
    print_list(status->runs, status->count);
    return true;
}

static int run_status(const struct options *options)
{
    enum { POOL_MAX = 64 << 20 };
    struct status status = {.options = options};
    struct error err;
    pool_init(&status.pool, POOL_MAX);
    bool ok = tell_status(&status, &err);
    host_free(status.host);
    pool_clear(&status.pool);
    return ok ? EXIT_DONE : verb_fail("status", &err);
}

const struct verb verb_recover = {
    .name = "recover",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = live_specs,
    .spec_count = SPEC_COUNT,
    .run = run_recover,
    .line = "Rolls back a run whose process is gone, from its journal.",
    .example = "tidelock recover last",
};

const struct verb verb_rollback = {
    .name = "rollback",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = live_specs,
    .spec_count = SPEC_COUNT,
    .run = run_rollback,
    .line = "Puts back what a run changed, also one that was promoted.",
    .example = "tidelock rollback 20261124-075100-1a2b3c",
};

const struct verb verb_status = {
    .name = "status",
    .operands = "[RUN]",
    .operands_max = 1,
    .specs = state_specs,
    .spec_count = STATE_SPEC_COUNT,
    .run = run_status,
    .line = "Tells how runs are doing, or one of them.",
    .example = "tidelock status last",
};
