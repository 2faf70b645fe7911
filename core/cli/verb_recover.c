/* recover, rollback: what a later process makes of a run. */
#include "cli/caller_identity.h"
#include "cli/overtaken.h"
#include "cli/progress.h"
#include "cli/recorded_names.h"
#include "cli/state_left.h"
#include "cli/state_witness.h"
#include "cli/supervisor.h"
#include "cli/supervisor_locks.h"
#include "cli/terminal.h"
#include "engine/recompute.h"
#include "journal/recover.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    {"format", 0, OPTION_TEXT, false, "text|jsonl", "as text, or the new records"},
    SUPERVISOR_OPTIONS,
    {"leave", 0, OPTION_FLAG, false, NULL, "have the run be over as things are; nothing is sent"},
};

enum { RECOVER_SPEC_COUNT = sizeof specs / sizeof *specs, SPEC_COUNT = RECOVER_SPEC_COUNT - 1 };

typedef void take_fn(struct engine *engine, const struct engine_params *params,
                     const struct journal_scan *scan, struct engine_result *result);

typedef bool find_fn(const struct state *state, const char *text, char run[STATE_RUN_SIZE],
                     struct error *err);

struct taking {
    const char *verb;
    find_fn *find; /* which run is meant */
    take_fn *take;
    const char *idle; /* why there was nothing to do */
    bool stays;       /* a promoted run is at its end */
};

/* A run that is taken up, and what is known of it beside its journal. */
struct taken {
    const struct taking *taking;
    struct supervisor supervisor;
    struct recovery recovery;
    char run[STATE_RUN_SIZE];
    struct state_witness witness;
    struct state_change *lost;
    size_t lost_count;
    struct slice *lost_identities;
    struct pool pool;
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

static int take_up(struct taken *taken, enum format format)
{
    struct told told = {.exit = -1};
    struct journal journal;
    struct supervisor *supervisor = &taken->supervisor;
    const struct journal_scan *scan = &taken->recovery.scan;
    const char *verb = taken->taking->verb;
    struct engine_result result = {.outcome = RUN_TOOL_FAILED};
    struct engine_params params = supervisor_params(supervisor);
    struct error err;
    char person[STATE_PERSON_SIZE];
    char reason[STATE_PERSON_SIZE + 32];
    if (!progress_open(&told.progress, format, false, supervisor->host, &err) ||
        !progress_recall(&told.progress, scan, &err))
        return verb_fail(verb, &err);
    state_person(person);
    snprintf(reason, sizeof reason, "%s asked for it", person);
    journal_init(&journal, &taken->recovery.file.store);
    journal_continue(&journal, scan);
    params.undo_reason = reason;
    params.lost = taken->lost_identities;
    params.lost_count = taken->lost_count;
    params.journal = &journal;
    params.observe = tell;
    params.context = &told;
    taken->taking->take(supervisor->engine, &params, scan, &result);
    supervisor_end(supervisor);
    if (told.exit >= 0)
        supervisor_note_end(supervisor, result.outcome);
    progress_clear(&told.progress);
    journal_clear(&journal);
    return conclude(taken->taking, supervisor, &result, &told);
}

/* --- what it may touch ----------------------------------------------------------------------- */

/* What the locks say that the run changed is locked as well, whatever its journal says. */
static bool lock_witnessed(struct taken *taken, struct error *err)
{
    for (size_t i = 0; i < taken->witness.count; i++) {
        if (!supervisor_lock_more(&taken->supervisor, taken->witness.locks[i].identity, err))
            return false;
    }
    return true;
}

static const struct value *first_of(const struct journal_scan *scan, enum journal_kind kind)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->records[i].kind == kind)
            return &scan->records[i].body;
    }
    return NULL;
}

/* A file in the state folder may be a stranger's: before anything at all is sent, each change in it
 * must be one that the operator allows, and what else it says of them what follows from it. */
static bool check_changes(struct taken *taken, struct error *err)
{
    struct supervisor *supervisor = &taken->supervisor;
    struct recovery *recovery = &taken->recovery;
    const struct recompute recompute = {&supervisor->gate.front.catalogue, "live",
                                        TIDELOCK_VERSION};
    const struct value *begin = first_of(&recovery->scan, JOURNAL_BEGIN);
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
static bool check_begun(struct taken *taken, struct error *err)
{
    const struct value *begin = first_of(&taken->recovery.scan, JOURNAL_BEGIN);
    return !begin || (caller_identity_check(&taken->supervisor, value_get(begin, "home"), err) &&
                      recorded_names_check(&taken->supervisor, &taken->recovery.scan, err) &&
                      supervisor_lock_run(&taken->supervisor, &taken->recovery.scan, err) &&
                      lock_witnessed(taken, err));
}

/* Nobody takes up a run that a process is carrying out. */
static bool open_journal(struct taken *taken, struct error *err)
{
    char path[PATH_MAX];
    bool gone = false;
    const struct state *state = &taken->supervisor.state;
    if (!state_journal(state, taken->run, path, err) ||
        !state_is_gone(state, taken->run, &gone, err))
        return false;
    if (gone)
        return error_set(err, ERROR_DAMAGED, "the journal of run %s is gone", taken->run);
    if (recover_open(&taken->recovery, path, err))
        return true;
    if (err->code != ERROR_CONFLICT)
        return false;
    error_set(err, ERROR_CONFLICT, "run %s has a process that is still carrying it out",
              taken->run);
    return state_hint(state, taken->run, err);
}

/* A promoted run is at its end, and recovering it puts nothing back. */
static bool check_overtaken(const struct taken *taken, struct error *err)
{
    const struct journal_scan *scan = &taken->recovery.scan;
    bool stays = taken->taking->stays && first_of(scan, JOURNAL_COMMIT) &&
                 !first_of(scan, JOURNAL_ROLLBACK);
    return stays || overtaken_check(&taken->supervisor.state, taken->run, scan, err);
}

/* What is asked of a way back changes nothing, so that one which cannot be asked goes on. */
static bool hear(struct taken *taken, struct error *err)
{
    if (supervisor_hear(&taken->supervisor, taken->run, err))
        return true;
    if (err->code == ERROR_CONFLICT)
        return false;
    terminal_say("%s: what people ask of the run is not heard", err->message);
    return true;
}

/* Before a lock says that it is this run's again, and once nobody else can have one any more. */
static bool connect(struct taken *taken, const struct options *options, struct error *err)
{
    struct supervisor *supervisor = &taken->supervisor;
    return supervisor_prepare(supervisor, err) && supervisor_open(supervisor, options, err) &&
           hear(taken, err) && check_changes(taken, err) && check_overtaken(taken, err) &&
           check_begun(taken, err) && check_overtaken(taken, err);
}

/* --- what its journal has lost --------------------------------------------------------------- */

static bool take_lost(struct taken *taken, struct error *err)
{
    const struct recovery *recovery = &taken->recovery;
    struct slice behind = {"", 0};
    if (recovery->bytes.size > recovery->scan.good)
        behind = (struct slice){recovery->bytes.data + recovery->scan.good,
                                recovery->bytes.size - recovery->scan.good};
    if (!state_lost(&taken->witness, &recovery->scan, behind, &taken->lost, &taken->lost_count,
                    err))
        return false;
    taken->lost_identities = pool_alloc(
        &taken->pool, (taken->lost_count + 1) * sizeof *taken->lost_identities, err);
    for (size_t i = 0; taken->lost_identities && i < taken->lost_count; i++)
        taken->lost_identities[i] = taken->lost[i].identity;
    return taken->lost_identities != NULL;
}

/* The way back begins at what the journal says of a beginning. Without one, a person has to see to
 * what the locks say was changed. */
static int tell_lost(const struct taken *taken)
{
    char where[STATE_OPTION_SIZE];
    state_option(&taken->supervisor.state, where);
    for (size_t i = 0; i < taken->lost_count; i++) {
        struct slice label = taken->lost[i].label;
        if (label.size)
            terminal_say("run %s changed %.*s, and how it was before is lost: see to it by hand",
                         taken->run, (int)label.size, label.data);
        else
            terminal_say("what run %s changed, if anything, is not known", taken->run);
    }
    terminal_say("nothing was touched; `tidelock recover --leave %s%s` has the run be over, once "
                 "all is as it should be",
                 taken->run, where);
    return run_outcome_exit(RUN_NOT_RESTORED);
}

/* It is over, and every lock says so: it holds nobody up. */
static int settle(const struct taken *taken, const char *why)
{
    struct error err;
    if (!state_leave(&taken->supervisor.state, taken->run, "tidelock recover", &err))
        return verb_fail(taken->taking->verb, &err);
    printf("nothing to do: %s\n", why);
    return EXIT_DONE;
}

/* Whether the locks know that nothing was left to be put back. */
static bool was_put_back(const struct state_witness *witness)
{
    enum run_outcome outcome;
    return run_outcome_parse(&outcome, slice_of(witness->ended)) && outcome != RUN_PROMOTED &&
           outcome != RUN_NOT_RESTORED && outcome != RUN_TOOL_FAILED;
}

/* What is said of a journal that ends before its run did, and whether that is all that can be
 * done: then *status is how it ends. */
static bool is_all(struct taken *taken, const struct error *damage, int *status)
{
    const struct journal_scan *scan = &taken->recovery.scan;
    bool cut = state_is_cut(&taken->witness, scan) || damage;
    bool promoted = strcmp(taken->witness.ended, run_outcome_name(RUN_PROMOTED)) == 0;
    if (damage)
        terminal_say("%s: nothing tells how anything was before", damage->message);
    else if (scan->tail == JOURNAL_DAMAGED)
        terminal_say("the journal of run %s is damaged: %s; what stands before that is gone on "
                     "with, and all of it is kept beside it",
                     taken->run, scan->damage.message);
    else if (cut)
        terminal_say("the journal of run %s ends before what the run did last", taken->run);
    if (taken->taking->stays && promoted && !first_of(scan, JOURNAL_COMMIT))
        *status = settle(taken, "the run was promoted; its journal has lost that");
    else if (cut && was_put_back(&taken->witness) && !first_of(scan, JOURNAL_END))
        *status = settle(taken, "all was put back; its journal has lost that");
    else if (!first_of(scan, JOURNAL_BEGIN) && taken->lost_count > 0)
        *status = tell_lost(taken);
    else if (damage)
        *status = settle(taken, "the run had changed nothing");
    else
        return false;
    return true;
}

/* --- the verbs ------------------------------------------------------------------------------- */

/* What is known of the run, without a word to AWS. */
static bool look(struct taken *taken, const struct options *options, struct error *damage,
                 struct error *err)
{
    struct supervisor *supervisor = &taken->supervisor;
    *damage = (struct error){0};
    if (!supervisor_read(supervisor, options, NULL, STATE_MUST_BE, err))
        return false;
    config_team_leave(&supervisor->config);
    if (!taken->taking->find(&supervisor->state, options->operands[0], taken->run, err))
        return false;
    bool opened = open_journal(taken, err);
    if (!opened && err->code != ERROR_DAMAGED)
        return false;
    if (!opened) {
        *damage = *err;
        taken->recovery.scan = (struct journal_scan){.tail = JOURNAL_DAMAGED};
    }
    return state_witness(&supervisor->state, taken->run, &taken->witness, &taken->pool, err) &&
           take_lost(taken, err);
}

static int recover_as(const struct taking *taking, const struct options *options)
{
    static struct taken taken;
    enum { POOL_MAX = 16 << 20 };
    enum format format;
    struct error err;
    struct error damage;
    int status = EXIT_DONE;
    taken.taking = taking;
    pool_init(&taken.pool, POOL_MAX);
    supervisor_init(&taken.supervisor);
    bool ok = verb_format(options, &format, &err) && look(&taken, options, &damage, &err);
    bool all = ok && is_all(&taken, damage.code == ERROR_NONE ? NULL : &damage, &status);
    if (ok && !all) {
        ok = connect(&taken, options, &err);
        status = ok ? take_up(&taken, format) : status;
    }
    if (!ok)
        status = err.code == ERROR_CONFLICT ? (verb_fail(taking->verb, &err), EXIT_LOCKED)
                                            : verb_fail(taking->verb, &err);
    recover_close(&taken.recovery);
    supervisor_close(&taken.supervisor);
    pool_clear(&taken.pool);
    return status;
}

/* Only of a run that is in somebody's way, and that no process is carrying out. */
static bool leave(const struct options *options, struct error *err)
{
    struct state state;
    struct state_run about;
    char run[STATE_RUN_SIZE];
    char person[STATE_PERSON_SIZE];
    state_person(person);
    if (!state_open_chosen(&state, options, err) ||
        !state_find_open(&state, options->operands[0], run, err) ||
        !state_look(&state, run, &about, err))
        return false;
    if (about.status == STATE_RUNNING || about.status == STATE_PAUSED ||
        about.status == STATE_WAITING || about.status == STATE_ROLLING_BACK ||
        about.status == STATE_STARTING) {
        error_set(err, ERROR_CONFLICT, "run %s has a process that is still carrying it out", run);
        return state_hint(&state, run, err);
    }
    if (!state_left_open(&about)) {
        printf("nothing to do: run %s is in nobody's way\n", run);
        return true;
    }
    if (!state_leave(&state, run, person, err))
        return false;
    printf("run %s is over, as things are: nothing was touched, and others may begin on its "
           "targets\n",
           run);
    return true;
}

static int run_leave(const struct options *options)
{
    struct error err;
    if (leave(options, &err))
        return EXIT_DONE;
    int status = verb_fail("recover", &err);
    return err.code == ERROR_CONFLICT ? EXIT_LOCKED : status;
}

static int run_recover(const struct options *options)
{
    static const struct taking recover = {
        "recover", state_find_open, engine_recover,
        "the run had come to its end, or its journal tells of no beginning", true};
    return options_given(options, "leave") ? run_leave(options) : recover_as(&recover, options);
}

static int run_rollback(const struct options *options)
{
    static const struct taking rollback = {
        "rollback", state_find, engine_undo,
        "the run was rolled back already, or its journal tells of no beginning", false};
    return recover_as(&rollback, options);
}

const struct verb verb_recover = {
    .name = "recover",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = RECOVER_SPEC_COUNT,
    .run = run_recover,
    .acts = true,
    .line = "Rolls back a run whose process is gone, from its journal.",
    .more = "With --leave it rolls nothing back: you have seen to it, and other runs may begin on "
            "the run's targets.",
    .example = "tidelock recover last",
};

const struct verb verb_rollback = {
    .name = "rollback",
    .operands = "RUN",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = SPEC_COUNT,
    .run = run_rollback,
    .acts = true,
    .line = "Puts back what a run changed, also one that was promoted.",
    .example = "tidelock rollback 20261124-075100-1a2b3c",
};
