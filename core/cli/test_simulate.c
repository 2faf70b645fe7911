/* Carries out what a test asked for: one run, in as many lives as it takes, or many. */
#include "cli/test_simulate.h"

#include "cli/batch_tally.h"
#include "cli/batch_workers.h"
#include "cli/run_journal.h"
#include "cli/trial.h"
#include "engine/record.h"
#include "host/host.h"
#include "script/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PIECE = 65536, TOLD_MAX = 16 << 20, TOLD_POOL_MAX = 256 << 20 };

/* --- inside: one run ------------------------------------------------------------------------- */

struct inside {
    const struct test_request *request;
    struct simulation simulation;
    struct trial trial;
    struct trial_end end;
    struct coverage *coverage;
    struct pool pool;
    /* kill everywhere: */
    int64_t tried, restored;
    char first[ERROR_MESSAGE_MAX];
};

static void begin_anew(struct inside *inside)
{
    injector_set(&inside->trial.injector, &inside->request->injection);
}

/* The run as it goes; what a promoted one made is as it is to be. */
static bool run_whole(struct inside *inside, struct error *err)
{
    struct trial *trial = &inside->trial;
    struct trial_end *end = &inside->end;
    begin_anew(inside);
    if (!trial_start(trial, (struct death){CRASH_NEVER, 0}, &end->result, err))
        return false;
    const struct account_state *now = simulated_snapshot(trial->simulation->simulated);
    bool kept = end->result.outcome == RUN_PROMOTED;
    return trial_compare(trial, kept ? now : NULL, &end->result, &end->equal, &end->difference,
                         err);
}

static bool run_killed(struct inside *inside, struct error *err)
{
    struct death death = inside->request->death;
    begin_anew(inside);
    if (!trial_die(&inside->trial, death, (struct death){CRASH_NEVER, 0}, &inside->end, err))
        return false;
    return inside->end.reached ||
           error_set(err, ERROR_INVALID,
                     "kill: the run has %zu records, and was over before it could be killed so "
                     "after %zu",
                     trial_count_records(&inside->trial), death.records);
}

static void count_point(struct inside *inside, struct death death, const struct trial_end *end)
{
    inside->tried++;
    inside->restored += end->equal;
    if (!end->equal && !*inside->first)
        snprintf(inside->first, sizeof inside->first,
                 "after %zu records, %s: it differs at %.*s (the recovery ended as %s)",
                 death.records, crash_kind_text(death.kind), (int)end->difference.size,
                 end->difference.data, run_outcome_name(end->result.outcome));
}

static bool kill_everywhere(struct inside *inside, size_t records, struct error *err)
{
    for (size_t i = 0; i < records * (CRASH_KIND_COUNT - 1); i++) {
        struct death death = {(enum crash_kind)(CRASH_NEVER + 1 + i % (CRASH_KIND_COUNT - 1)),
                              1 + i / (CRASH_KIND_COUNT - 1)};
        struct trial_end end;
        begin_anew(inside);
        if (!trial_die(&inside->trial, death, (struct death){CRASH_NEVER, 0}, &end, err))
            return false;
        if (end.reached)
            count_point(inside, death, &end);
    }
    return true;
}

static bool met_value(const struct fault_met *met, size_t count, struct value *out,
                      struct pool *pool, struct error *err)
{
    if (!value_array(out, count, pool, err))
        return false;
    for (size_t i = 0; i < count; i++)
        out->array.items[i] = value_integer((int64_t)met[i].met);
    return true;
}

/* How often each fault befell anything. */
static bool all_met(struct inside *inside, struct value *out, struct error *err)
{
    const struct injector *injector = &inside->trial.injector;
    const struct injection *injection = &inside->request->injection;
    struct value calls, metrics, deeds;
    if (!met_value(injector->calls, injection->call_count, &calls, &inside->pool, err) ||
        !met_value(injector->metrics, injection->metric_count, &metrics, &inside->pool, err) ||
        !met_value(injector->deeds, injection->deed_count, &deeds, &inside->pool, err))
        return false;
    const struct member members[] = {
        {slice_of("calls"), calls}, {slice_of("deeds"), deeds}, {slice_of("metrics"), metrics}};
    return record_object(out, members, RECORD_COUNT(members), &inside->pool, err);
}

/* What lua/test/run.lua makes of the journal. */
static bool tell_records(struct inside *inside, struct value *told, struct error *err)
{
    struct journal_scan scan;
    struct value records;
    if (!trial_read(&inside->trial, &scan, err) ||
        !value_array(&records, scan.count, &inside->pool, err))
        return false;
    for (size_t i = 0; i < scan.count; i++) {
        struct member *members = pool_alloc(&inside->pool, 4 * sizeof *members, err);
        if (!members)
            return false;
        records.array.items[i] = run_journal_value(&scan.records[i], members);
    }
    bool killed = inside->request->death.kind != CRASH_NEVER;
    struct member members[] = {{slice_of("killed"), value_boolean(killed)},
                               {slice_of("records"), records},
                               {slice_of("wanted"), value_boolean(inside->request->records)}};
    struct value run = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return host_call(inside->simulation.host, "test.run", "told", &run, 1, told, &inside->pool,
                     err);
}

enum { SUMMARY_MAX = 20 };

static size_t add_summary(const struct inside *inside, struct member members[SUMMARY_MAX])
{
    const struct engine_result *result = &inside->end.result;
    const struct member summary[] = {
        {slice_of("cause"), value_text(run_cause_name(result->cause))},
        {slice_of("chunk"), value_text(result->chunk)},
        {slice_of("duration"), value_integer(result->ended - result->started)},
        {slice_of("exit"), value_integer(run_outcome_exit(result->outcome))},
        {slice_of("line"), value_integer(result->line)},
        {slice_of("outcome"), value_text(run_outcome_name(result->outcome))},
        {slice_of("reason"), value_text(result->reason)},
        {slice_of("restored"), value_boolean(inside->end.equal)},
        {slice_of("runs"), value_integer(1)},
        {slice_of("seed"), value_integer(inside->request->seed)},
    };
    memcpy(members, summary, sizeof summary);
    return RECORD_COUNT(summary);
}

static bool add_points(struct inside *inside, struct member *member, struct error *err)
{
    const struct member members[] = {
        {slice_of("first"), value_text(inside->first)},
        {slice_of("restored"), value_integer(inside->restored)},
        {slice_of("tried"), value_integer(inside->tried)},
    };
    member->name = slice_of("points");
    return record_object(&member->value, members, RECORD_COUNT(members), &inside->pool, err);
}

/* What is told of the run as it went undisturbed, and of the points at which it was killed. */
static bool tell(struct inside *inside, struct value *out, struct error *err)
{
    const struct error *refused = &inside->trial.injector.refused;
    if (refused->code != ERROR_NONE)
        return error_set(err, ERROR_INVALID, "the account: %s", refused->message);
    struct member members[SUMMARY_MAX + 8];
    struct value told;
    size_t count = add_summary(inside, members);
    if (inside->request->death.kind == CRASH_NEVER) /* else the records say it */
        members[count++] = (struct member){slice_of("peak_share"),
                                           value_float(inside->end.result.peak_share)};
    if (inside->end.difference.size > 0)
        members[count++] = (struct member){slice_of("difference"),
                                           value_string(inside->end.difference)};
    struct slice unheeded = simulated_unheeded(inside->simulation.simulated);
    if (unheeded.size > 0)
        members[count++] = (struct member){slice_of("unheeded"), value_string(unheeded)};
    members[count].name = slice_of("met");
    if (!all_met(inside, &members[count++].value, err) || !tell_records(inside, &told, err))
        return false;
    for (size_t i = 0; i < told.object.count && count < SUMMARY_MAX + 7; i++)
        members[count++] = told.object.members[i];
    if (inside->tried > 0 && !add_points(inside, &members[count++], err))
        return false;
    return record_object(out, members, count, &inside->pool, err);
}

/* Killing goes last: it leaves other journals behind. */
static bool carry_out(struct inside *inside, struct value *out, struct error *err)
{
    const struct test_request *request = inside->request;
    bool killed = request->death.kind != CRASH_NEVER;
    if (!(killed ? run_killed : run_whole)(inside, err))
        return false;
    size_t records = trial_count_records(&inside->trial);
    struct slice *difference = &inside->end.difference; /* the trial's, until it reads again */
    struct value ignored;
    if (!pool_copy(&inside->pool, *difference, difference, err))
        return false;
    if (!request->everywhere)
        return tell(inside, out, err);
    if (!tell(inside, &ignored, err) || !kill_everywhere(inside, records, err))
        return false;
    return run_whole(inside, err) && pool_copy(&inside->pool, *difference, difference, err) &&
           tell(inside, out, err);
}

/* --- the process ----------------------------------------------------------------------------- */

struct jailed_run {
    const struct test_request *request;
    bool coverage;
    int reads, writes; /* the ends of the pipe */
    struct buffer text;
    struct error error; /* of reading it */
};

static bool write_all(int fd, struct slice text)
{
    while (text.size > 0) {
        ssize_t sent = write(fd, text.data, text.size);
        if (sent < 0 && errno != EINTR)
            return false;
        text.data += sent > 0 ? sent : 0;
        text.size -= sent > 0 ? (size_t)sent : 0;
    }
    return true;
}

static bool send(int fd, const struct value *value, struct error *err)
{
    struct buffer text;
    buffer_init(&text, TOLD_MAX);
    bool ok = value_write(value, &text, err) || error_wrap(err, "what is told of the run");
    ok = ok && (write_all(fd, buffer_slice(&text)) ||
                error_set(err, ERROR_IO, "tell what came of the run: %s", strerror(errno)));
    buffer_clear(&text);
    return ok;
}

static void send_failure(int fd, const struct error *err)
{
    struct member members[] = {{slice_of("code"), value_integer((int64_t)err->code)},
                               {slice_of("failed"), value_text(err->message)}};
    struct error ignored;
    send(fd, &(struct value){.kind = VALUE_OBJECT, .object = {members, 2}}, &ignored);
}

static bool send_told(struct inside *inside, int fd, const struct value *told, struct error *err)
{
    struct member members[] = {{slice_of("covered"), value_null()}, {slice_of("told"), *told}};
    if (inside->coverage &&
        !coverage_value(inside->coverage, &members[0].value, &inside->pool, err))
        return false;
    return send(fd, &(struct value){.kind = VALUE_OBJECT, .object = {members, 2}}, err);
}

static bool live(struct inside *inside, const struct jailed_run *run, struct error *err)
{
    struct jail_walls walls;
    struct value told;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (!jail_lock(&jail_limits_default, &run->writes, 1, &walls, err) ||
        !simulation_open(&inside->simulation, &run->request->input, run->request->everywhere, err))
        return false;
    inside->simulation.muted = true;
    trial_init(&inside->trial, &inside->simulation, run->request->seed, 1);
    return carry_out(inside, &told, err) && send_told(inside, run->writes, &told, err);
}

static int in_jail(void *context)
{
    static struct inside inside;
    static struct coverage coverage;
    struct jailed_run *run = context;
    struct simulation_input *input = (struct simulation_input *)&run->request->input;
    struct error err;
    inside.request = run->request;
    inside.coverage = input->coverage = run->coverage ? &coverage : NULL;
    pool_init(&inside.pool, TOLD_POOL_MAX);
    if (!live(&inside, run, &err))
        send_failure(run->writes, &err);
    return 0;
}

/* --- outside --------------------------------------------------------------------------------- */

static void read_all(void *context)
{
    struct jailed_run *run = context;
    ssize_t got = 1;
    close(run->writes);
    while (got > 0) {
        char *into = buffer_reserve(&run->text, PIECE, &run->error);
        if (!into)
            break;
        got = read(run->reads, into, PIECE);
        run->text.size += got > 0 ? (size_t)got : 0;
        got = got < 0 && errno == EINTR ? 1 : got;
    }
    close(run->reads);
}

/* It comes from a process in which a policy ran. */
static bool take(const struct jailed_run *run, struct value *told, struct value *covered,
                 struct pool *pool, struct error *err)
{
    struct value answer;
    struct slice text;
    if (!pool_copy(pool, buffer_slice(&run->text), &text, err) ||
        !value_parse(&answer, text, true, pool, err))
        return error_wrap(err, "the policy's process sent what it never sends");
    const struct value *failed = value_get(&answer, "failed");
    const struct value *came = value_get(&answer, "told");
    const struct value *lines = value_get(&answer, "covered");
    if (failed && failed->kind == VALUE_STRING)
        return error_set(err, ERROR_INVALID, "%.*s", (int)failed->string.size, failed->string.data);
    if (!came || came->kind != VALUE_OBJECT)
        return error_set(err, ERROR_POLICY, "the policy's process sent what it never sends");
    *told = *came;
    *covered = lines ? *lines : value_null();
    return true;
}

static bool simulate_one(const struct test_request *request, bool coverage, struct value *told,
                         struct value *covered, struct pool *pool, struct error *err)
{
    int ends[2];
    int status;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, "a pipe to the policy's process: %s", strerror(errno));
    struct jailed_run run = {request, coverage, ends[0], ends[1], {0}, {0}};
    struct jail_child child = {.context = &run};
    buffer_init(&run.text, TOLD_MAX + PIECE);
    bool ok = jail_run_all(in_jail, &child, 1, read_all, &run, err) &&
              jail_ended(&child, &status, err) && take(&run, told, covered, pool, err);
    buffer_clear(&run.text);
    return ok;
}

/* --- many ------------------------------------------------------------------------------------ */

/* A batch_take_fn. */
static bool tally(void *context, int64_t run, int64_t seed, const struct batch_result *result,
                  struct error *err)
{
    (void)run;
    return batch_tally_add(context, seed, result, err);
}

static bool simulate_many(const struct test_request *request, size_t jobs, struct value *told,
                          struct pool *pool, struct error *err)
{
    struct batch_tally counts = {.runs = 0};
    struct value outcomes;
    bool died = false;
    bool ok = batch_workers_run(&request->input, request->seed, request->runs, jobs, tally, &counts,
                                &died, err) &&
              batch_tally_value(&counts, &outcomes, pool, err);
    batch_tally_clear(&counts);
    const struct member members[] = {{slice_of("outcome"), value_text("many")},
                                     {slice_of("outcomes"), ok ? outcomes : value_null()},
                                     {slice_of("runs"), value_integer(request->runs)},
                                     {slice_of("seed"), value_integer(request->seed)}};
    return ok && record_object(told, members, RECORD_COUNT(members), pool, err);
}

bool test_simulate(const struct test_request *request, const struct test_simulation *how,
                   struct value *told, struct value *covered, struct pool *pool, struct error *err)
{
    struct value ignored;
    *covered = value_null();
    if (request->runs == 1)
        return simulate_one(request, how->coverage, told, covered, pool, err);
    if (how->coverage && !simulate_one(request, true, &ignored, covered, pool, err))
        return false;
    return simulate_many(request, how->jobs, told, pool, err);
}
