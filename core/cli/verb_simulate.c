/* simulate: a policy on recorded metrics, in virtual time. */
#include "base/time.h"
#include "cli/batch.h"
#include "cli/batch_workers.h"
#include "cli/crash_test.h"
#include "cli/files.h"
#include "cli/github.h"
#include "cli/jailed.h"
#include "cli/outage_test.h"
#include "cli/progress.h"
#include "cli/simulation.h"
#include "engine/record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct option_spec specs[] = {
    {"recording", 'r', OPTION_TEXT, false, "FILE",
     "the recorded metrics (tidelock import makes one)"},
    {"parameter", 'p', OPTION_TEXT, true, "NAME=VALUE", PARAMETER_HELP},
    {"seed", 's', OPTION_INTEGER, false, "N", "of everything that is drawn; 1"},
    {"inject", 'i', OPTION_TEXT, true, "SPEC",
     "a regression: errors*2, errors+0.5%, latency*1.5, crash; then @10m (from when), ~5m (ramp)"},
    {"approve", 0, OPTION_TEXT, false, "WORD",
     "approvals: never, after=20m or reject-after=20m; never"},
    {"runs", 'n', OPTION_INTEGER, false, "N",
     "run so often with seeds derived from the first; count"},
    {"require", 0, OPTION_TEXT, true, "REQUIREMENT",
     "--runs: what they must come to, as in 'rolled back >= 99 %'; exit status 3 unless the 95 % "
     "interval shows it; repeat"},
    {"jobs", 0, OPTION_INTEGER, false, "N",
     "--runs: how many processes share them; one for each processor"},
    {"journal", 'j', OPTION_TEXT, false, "FILE", "keep the run's journal in this new file"},
    {"format", 0, OPTION_TEXT, false, "text|json|jsonl", "as text, one document, or every record"},
    {"ticks", 0, OPTION_FLAG, false, "", "text: tell every look of the judges, not only the last"},
    {"start", 0, OPTION_TEXT, false, "INSTANT", "where in the recording the rollout begins"},
    {"settle", 0, OPTION_TEXT, false, "DURATION", "how late metrics are seen; 0s"},
    {"pace", 0, OPTION_INTEGER, false, "N", "show N seconds of the rollout in one, for watching"},
    {"crash-everywhere", 0, OPTION_FLAG, false, "",
     "kill the run after every record, recover it, compare the account"},
    {"outage-everywhere", 0, OPTION_FLAG, false, "",
     "have AWS away from every call on, for 1s to 10m, compare the account"},
    {"one-in", 0, OPTION_INTEGER, false, "N",
     "either of them: try one point in N, always the same ones; 1"},
};

enum { RECORDING_SIZE_MAX = 1 << 30, RUNS_MAX = 100000000, POINTS_MAX = 1000000 };

/* What tries a run at all of its points, instead of carrying it out once. */
static const struct everywhere {
    const char *option;
    int (*run)(struct simulation *simulation, int64_t seed, int64_t one_in, enum format format);
} everywheres[] = {{"crash-everywhere", crash_test_run}, {"outage-everywhere", outage_test_run}};

struct simulate {
    struct simulation_input input;
    enum format format;
    int64_t seed, runs, jobs, pace, one_in;
    bool ticks;
    struct requirement requirements[REQUIREMENTS_MAX];
    size_t requirement_count;
    const struct everywhere *everywhere; /* NULL: the run as it goes */
    const char *journal_path;
    int journal; /* descriptor, -1 for none */
};

/* --- what is asked for ----------------------------------------------------------------------- */

static bool read_numbers(const struct options *options, struct simulate *simulate,
                         struct error *err)
{
    simulate->seed = options_integer(options, "seed", 1);
    simulate->runs = options_integer(options, "runs", 1);
    simulate->pace = options_integer(options, "pace", 0);
    simulate->one_in = options_integer(options, "one-in", 1);
    if (simulate->seed < 0)
        return error_set(err, ERROR_INVALID, "--seed must be 0 to %lld", (long long)INT64_MAX);
    if (simulate->runs < 1 || simulate->runs > RUNS_MAX)
        return error_set(err, ERROR_INVALID, "--runs must be 1 to %d", RUNS_MAX);
    simulate->jobs = options_integer(options, "jobs", (int64_t)batch_workers_count(simulate->runs));
    if (options_given(options, "jobs") && (simulate->jobs < 1 || simulate->jobs > BATCH_JOBS_MAX))
        return error_set(err, ERROR_INVALID, "--jobs must be 1 to %d", BATCH_JOBS_MAX);
    if (simulate->pace < 0)
        return error_set(err, ERROR_INVALID, "--pace must be 0 or more");
    if (simulate->one_in < 1 || simulate->one_in > POINTS_MAX)
        return error_set(err, ERROR_INVALID, "--one-in must be 1 to %d", POINTS_MAX);
    const char *settle = options_text(options, "settle", "0s");
    if (!time_parse_duration(&simulate->input.settle, slice_of(settle), err))
        return error_wrap(err, "--settle");
    return true;
}

/* Nobody is there to approve, unless it is said. */
static bool read_person(const struct options *options, struct person *person, struct error *err)
{
    const char *text = options_text(options, "approve", "never");
    return person_parse(person, slice_of(text), err) || error_wrap(err, "--approve");
}

static bool check_together(const struct options *options, const struct simulate *simulate,
                           struct error *err)
{
    if (options_given(options, "jobs") && !options_given(options, "runs"))
        return error_set(err, ERROR_INVALID, "--jobs share --runs: say how many runs");
    const struct everywhere *everywhere = simulate->everywhere;
    if (options_given(options, "one-in") && !everywhere)
        return error_set(err, ERROR_INVALID,
                         "--one-in is of --crash-everywhere and --outage-everywhere");
    if (simulate->runs > 1 && everywhere)
        return error_set(err, ERROR_INVALID, "--%s is of one run: leave out --runs",
                         everywhere->option);
    if (simulate->journal_path && simulate->runs > 1)
        return error_set(
            err, ERROR_INVALID,
            "--journal is of one run: leave out --runs, and give the --seed of the one "
            "that you want to keep");
    if (simulate->journal_path && everywhere)
        return error_set(err, ERROR_INVALID, "--%s keeps no journal", everywhere->option);
    return true;
}

static bool read_everywhere(const struct options *options, struct simulate *simulate,
                            struct error *err)
{
    for (size_t i = 0; i < sizeof everywheres / sizeof *everywheres; i++) {
        if (!options_given(options, everywheres[i].option))
            continue;
        if (simulate->everywhere)
            return error_set(err, ERROR_INVALID, "either --%s or --%s",
                             simulate->everywhere->option, everywheres[i].option);
        simulate->everywhere = &everywheres[i];
    }
    return true;
}

static bool read_injects(const struct options *options, struct simulation_input *input,
                         struct error *err)
{
    const char *text;
    for (; (text = options_use(options, "inject", input->inject_count)); input->inject_count++) {
        if (input->inject_count == INJECTS_MAX)
            return error_set(err, ERROR_INVALID, "no more than %d --inject", INJECTS_MAX);
        input->inject_texts[input->inject_count] = text;
        if (!inject_parse(&input->injects[input->inject_count], slice_of(text), err))
            return error_wrap(err, "--inject");
    }
    return true;
}

static bool read_requirements(const struct options *options, struct simulate *simulate,
                              struct error *err)
{
    const char *text;
    size_t *count = &simulate->requirement_count;
    for (; (text = options_use(options, "require", *count)); (*count)++) {
        if (*count == REQUIREMENTS_MAX)
            return error_set(err, ERROR_INVALID, "no more than %d --require", REQUIREMENTS_MAX);
        if (!requirement_parse(&simulate->requirements[*count], text, err))
            return false;
    }
    return *count == 0 || simulate->runs > 1 ||
           error_set(err, ERROR_INVALID, "--require is of many runs: say how many with --runs");
}

static const char *without_folders(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static bool read_files(const struct options *options, struct simulation_input *input,
                       struct error *err)
{
    const char *path = options_text(options, "recording", NULL);
    if (!path)
        return error_set(
            err, ERROR_INVALID,
            "--recording FILE is missing (`tidelock import --help` tells how to get one)");
    input->recording_name = strcmp(path, "-") == 0 ? "stdin" : without_folders(path);
    if (value_utf8_end(slice_of(input->recording_name)) != strlen(input->recording_name))
        return error_set(err, ERROR_INVALID, "the name of the recording must be UTF-8");
    return sources_read(&input->sources, options->operands[0], err) &&
           simulation_input_zones(input, err) &&
           files_read(path, RECORDING_SIZE_MAX, &input->recording, err) && host_open_files(err);
}

static bool read_all(const struct options *options, struct simulate *simulate, struct error *err)
{
    enum { POOL_MAX = 16 << 20 };
    pool_init(&simulate->input.pool, POOL_MAX);
    simulate->journal = -1;
    simulate->ticks = options_given(options, "ticks");
    simulate->journal_path = options_text(options, "journal", NULL);
    simulate->input.start = options_text(options, "start", NULL);
    return verb_format(options, &simulate->format, err) && read_numbers(options, simulate, err) &&
           read_person(options, &simulate->input.person, err) &&
           read_everywhere(options, simulate, err) && check_together(options, simulate, err) &&
           read_requirements(options, simulate, err) &&
           read_injects(options, &simulate->input, err) &&
           verb_arguments(options, &simulate->input.arguments, &simulate->input.pool, err) &&
           read_files(options, &simulate->input, err);
}

/* --- inside the locked-in process ------------------------------------------------------------ */

static bool print_summary(int64_t seed, const struct engine_result *result, struct error *err)
{
    struct member members[] = {
        {slice_of("cause"), value_text(run_cause_name(result->cause))},
        {slice_of("chunk"), value_text(result->chunk)},
        {slice_of("ended"), value_integer(result->ended)},
        {slice_of("exit"), value_integer(run_outcome_exit(result->outcome))},
        {slice_of("line"), value_integer(result->line)},
        {slice_of("mutations"), value_integer((int64_t)result->mutations)},
        {slice_of("not_restored"), value_integer((int64_t)result->conflicts)},
        {slice_of("outcome"), value_text(run_outcome_name(result->outcome))},
        {slice_of("peak_share"), value_float(result->peak_share)},
        {slice_of("reason"), value_text(result->reason)},
        {slice_of("seed"), value_integer(seed)},
        {slice_of("started"), value_integer(result->started)},
        {slice_of("undone"), value_integer((int64_t)result->undone)},
    };
    return verb_print(
        &(struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}}, err);
}

static void tell_github(const struct simulate *simulate, const struct engine_result *result,
                        int status)
{
    char what[SOURCE_NAME_SIZE + 32];
    snprintf(what, sizeof what, "tidelock simulate %s", simulate->input.sources.items[0].name);
    const struct github_end end = {what, run_outcome_name(result->outcome), result->reason, NULL,
                                   status};
    github_end(&end);
}

/* What the timeline does not tell: why nothing came of it. */
static int finish(const struct simulate *simulate, const struct engine_result *result)
{
    struct error err;
    if (result->outcome == RUN_REFUSED || result->cause == CAUSE_TOOL)
        fprintf(stderr, "tidelock simulate: %s\n", result->reason);
    if (result->cause == CAUSE_UNAPPROVED && simulate->input.person.does == PERSON_NEVER)
        fprintf(stderr, "tidelock simulate: nobody is there to approve, unless --approve says so "
                        "(--approve after=20m)\n");
    if (simulate->format == FORMAT_JSON && !print_summary(simulate->seed, result, &err))
        return verb_fail("simulate", &err);
    /* Our own failure leaves nothing unrestored here: the account was a pretend one. */
    int status = result->cause == CAUSE_TOOL ? EXIT_TOOL : run_outcome_exit(result->outcome);
    tell_github(simulate, result, status);
    return status;
}

/* A journal that nobody wants to keep is still written: the timeline is told from its lines. */
static bool drop_bytes(struct journal_store *store, struct slice bytes, struct error *err)
{
    (void)store;
    (void)bytes;
    (void)err;
    return true;
}

static bool drop_sync(struct journal_store *store, struct error *err)
{
    (void)store;
    (void)err;
    return true;
}

/* An alarm of another name than was meant would pass for one that does no harm. */
static void tell_unheeded(const struct simulation *simulation)
{
    struct slice name = simulated_unheeded(simulation->simulated);
    if (name.size > 0)
        fprintf(stderr, "tidelock simulate: --inject alarm:%.*s: no watch heeded this alarm\n",
                (int)name.size, name.data);
}

static int run_once(const struct simulate *simulate, struct simulation *simulation)
{
    struct journal_file file;
    struct journal_store nowhere = {.append = drop_bytes, .sync = drop_sync};
    struct journal journal;
    struct progress progress;
    struct engine_result result = {.outcome = RUN_TOOL_FAILED};
    struct error err;
    bool kept = simulate->journal >= 0;
    journal_file_init(&file, simulate->journal, false);
    journal_init(&journal, kept ? &file.store : &nowhere);
    bool ok = progress_open(&progress, simulate->format, simulate->ticks, simulation->host, &err);
    progress.pace = (double)simulate->pace;
    if (simulate->format == FORMAT_TEXT)
        github_group("simulate");
    struct simulation_run run = {
        .journal = &journal, .observe = progress_tell, .context = &progress};
    ok = ok && simulation_start(simulation, simulate->seed, &run, &result, &err);
    progress_clear(&progress);
    int status = ok ? finish(simulate, &result) : verb_fail("simulate", &err);
    if (ok && result.outcome != RUN_REFUSED)
        tell_unheeded(simulation);
    journal_clear(&journal);
    return status;
}

static int simulate_one(const struct simulate *simulate)
{
    struct simulation simulation;
    struct error err;
    int status;
    const struct everywhere *everywhere = simulate->everywhere;
    if (!simulation_open(&simulation, &simulate->input, everywhere != NULL, &err))
        status = verb_fail("simulate", &err);
    else if (everywhere)
        status = everywhere->run(&simulation, simulate->seed, simulate->one_in, simulate->format);
    else
        status = run_once(simulate, &simulation);
    simulation_clear(&simulation);
    return status;
}

static int in_jail(void *context)
{
    const struct simulate *simulate = context;
    struct jail_walls walls;
    struct error err;
    int kept[1 + GITHUB_DESCRIPTORS] = {simulate->journal};
    size_t count = simulate->journal >= 0 ? 1 : 0;
    count += github_descriptors(kept + count);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (!jail_lock(&jail_limits_default, kept, count, &walls, &err))
        return verb_fail("simulate", &err);
    return verb_flush(simulate_one(simulate));
}

/* --- outside --------------------------------------------------------------------------------- */

static bool open_journal(struct simulate *simulate, struct error *err)
{
    if (!simulate->journal_path)
        return true;
    simulate->journal = journal_create(simulate->journal_path, err);
    return simulate->journal >= 0;
}

/* A run that was refused has no journal. */
static void close_journal(const struct simulate *simulate)
{
    struct stat about;
    if (simulate->journal < 0)
        return;
    if (fstat(simulate->journal, &about) == 0 && about.st_size == 0)
        unlink(simulate->journal_path);
    close(simulate->journal);
}

static pid_t outside;

/* The process inside has ended by then. */
static void tell_signal(int number)
{
    static const char by_int[] = "tidelock simulate: ended by SIGINT; nothing real was touched\n";
    static const char by_term[] = "tidelock simulate: ended by SIGTERM; nothing real was touched\n";
    bool is_int = number == SIGINT;
    ssize_t ignored = getpid() != outside ? 0
                                          : write(2, is_int ? by_int : by_term,
                                                  is_int ? sizeof by_int - 1 : sizeof by_term - 1);
    (void)ignored;
    raise(number); /* the default by now, and held back until this returns */
}

static void watch_signal(int number)
{
    struct sigaction action = {.sa_handler = tell_signal, .sa_flags = (int)SA_RESETHAND};
    struct sigaction before;
    sigemptyset(&action.sa_mask);
    if (sigaction(number, NULL, &before) == 0 && before.sa_handler != SIG_IGN)
        sigaction(number, &action, NULL);
}

static int run_jailed(struct simulate *simulate)
{
    struct error err;
    int status;
    if (jailed_run(in_jail, simulate, &status, &err))
        return status;
    verb_fail("simulate", &err);
    return run_outcome_exit(RUN_POLICY_FAILED); /* whatever killed it, the policy ran in it */
}

static int run_batch(const struct simulate *simulate)
{
    jailed_tell();
    const struct batch batch = {
        &simulate->input,           simulate->seed,         simulate->runs,
        simulate->format,           (size_t)simulate->jobs, simulate->requirements,
        simulate->requirement_count};
    return batch_run(&batch);
}

static int run(const struct options *options)
{
    static struct simulate simulate;
    struct error err;
    if (!read_all(options, &simulate, &err) || !open_journal(&simulate, &err))
        return verb_fail("simulate", &err);
    outside = getpid();
    watch_signal(SIGINT);
    watch_signal(SIGTERM);
    int status = simulate.runs > 1 ? run_batch(&simulate) : run_jailed(&simulate);
    close_journal(&simulate);
    simulation_input_clear(&simulate.input);
    return status;
}

const struct verb verb_simulate = {
    .name = "simulate",
    .operands = "POLICY",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Carries out a policy on recorded metrics, in virtual time.",
    .more = "POLICY is a file, or the name of a shipped policy. Where its target is missing, it is "
            "told how each kind of target is written.",
    .example = "tidelock simulate rollout.lua --recording checkout.ndjson \\\n"
               "      --inject 'errors*2@12m'",
};
