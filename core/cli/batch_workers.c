/* Starts the processes of a batch, each with a pipe to this one, and puts what comes through the
 * pipes into the order of the runs. */
#include "cli/batch_workers.h"

#include "base/clock.h"
#include "cli/injector.h"
#include "script/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What goes through a pipe: what became of a run, or why there is no more; behind it the text, the
 * result's reason or the error's message. */
struct message {
    bool failed;
    enum error_code code;
    enum run_outcome outcome;
    enum run_cause cause;
    int64_t duration;
    double peak_share;
    size_t text_size;
};

enum { PIPE_BUFFER = 8192, FLUSH_MS = 20 };

struct worker {
    const struct simulation_input *input;
    int64_t seed, first, runs, step;
    FILE *reads, *writes; /* the ends of the pipe */
    int64_t flushed;      /* ms, when what was written was sent last */
};

struct workers {
    struct worker all[BATCH_JOBS_MAX];
    struct jail_child children[BATCH_JOBS_MAX];
    size_t count;
    int64_t run; /* that is to be taken next */
    batch_take_fn *take;
    void *context;
    bool ok, lost; /* lost: the pipe of the next run's worker ended */
    struct error err;
};

size_t batch_workers_count(int64_t runs)
{
    enum { RUNS_EACH = 32 };
    cpu_set_t usable;
    int64_t processors = sched_getaffinity(0, sizeof usable, &usable) == 0 ? CPU_COUNT(&usable) : 1;
    int64_t useful = (runs + RUNS_EACH - 1) / RUNS_EACH;
    int64_t count = useful < processors ? useful : processors;
    return count < BATCH_JOBS_MAX ? (size_t)count : BATCH_JOBS_MAX;
}

/* --- in a worker ----------------------------------------------------------------------------- */

/* Fast runs are sent many at a time; nobody waits long for a slow one. False: nobody reads on. */
static bool send(struct worker *worker, const struct message *message, const char *text)
{
    int64_t now = clock_steady();
    fwrite(message, sizeof *message, 1, worker->writes);
    fwrite(text, 1, message->text_size, worker->writes);
    if (now - worker->flushed >= FLUSH_MS) {
        fflush(worker->writes);
        worker->flushed = now;
    }
    return !ferror(worker->writes);
}

static void send_failure(struct worker *worker, const struct error *err)
{
    struct message message = {.failed = true, .code = err->code};
    message.text_size = strlen(err->message);
    send(worker, &message, err->message);
}

static bool send_result(struct worker *worker, const struct engine_result *result)
{
    struct message message = {
        .outcome = result->outcome,
        .cause = result->cause,
        .duration = result->ended - result->started,
        .peak_share = result->peak_share,
        .text_size = strlen(result->reason),
    };
    return send(worker, &message, result->reason);
}

static bool run_all(struct worker *worker, struct simulation *simulation, struct error *err)
{
    const struct injection *injection = worker->input->injection;
    struct injector injector;
    struct simulation_run quiet = {.world = injection ? &injector.world : NULL};
    struct engine_result result;
    simulation->muted = true;
    injector_init(&injector, simulation->simulated, simulation->catalogue);
    for (int64_t run = worker->first; run < worker->runs; run += worker->step) {
        int64_t seed = simulation_seed(worker->seed, run);
        injector_set(&injector, injection);
        if (!simulation_start(simulation, seed, &quiet, &result, err))
            return false;
        if (!send_result(worker, &result))
            return true;
    }
    return true;
}

static bool lock_in(const struct worker *worker, struct error *err)
{
    struct jail_walls walls;
    int kept = fileno(worker->writes);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    return jail_lock(&jail_limits_default, &kept, 1, &walls, err);
}

static int in_jail(void *context)
{
    struct worker *worker = context;
    static struct simulation simulation;
    struct error err;
    bool ok = lock_in(worker, &err) && simulation_open(&simulation, worker->input, true, &err) &&
              run_all(worker, &simulation, &err);
    if (!ok)
        send_failure(worker, &err);
    fflush(worker->writes);
    simulation_clear(&simulation);
    return 0;
}

/* --- outside --------------------------------------------------------------------------------- */

/* The process may have been taken over by what ran in it. */
static bool is_sound(const struct message *message)
{
    return message->text_size < ERROR_MESSAGE_MAX && (unsigned)message->code <= ERROR_INTERNAL &&
           (unsigned)message->outcome <= RUN_TOOL_FAILED &&
           (unsigned)message->cause <= CAUSE_TOOL && isfinite(message->peak_share);
}

static bool is_text(const char *text, size_t size)
{
    return strlen(text) == size && value_utf8_end(slice_of(text)) == size;
}

/* False without an error where the pipe ended. */
static bool receive(const struct worker *worker, struct message *message,
                    char text[ERROR_MESSAGE_MAX], bool *ended, struct error *err)
{
    *ended = fread(message, sizeof *message, 1, worker->reads) != 1;
    if (*ended)
        return false;
    if (!is_sound(message))
        return error_set(err, ERROR_POLICY, "the policy's process sent what it never sends");
    *ended = fread(text, 1, message->text_size, worker->reads) != message->text_size;
    text[message->text_size] = '\0';
    return !*ended && (is_text(text, message->text_size) ||
                       error_set(err, ERROR_POLICY, "the policy's process sent no text"));
}

static bool take_next(struct workers *workers)
{
    struct message message;
    struct batch_result result;
    const struct worker *worker = &workers->all[workers->run % (int64_t)workers->count];
    int64_t seed = simulation_seed(worker->seed, workers->run);
    if (!receive(worker, &message, result.reason, &workers->lost, &workers->err))
        return false;
    if (message.failed)
        return error_set(&workers->err, message.code, "%s", result.reason);
    result.outcome = message.outcome;
    result.cause = message.cause;
    result.duration = message.duration;
    result.peak_share = message.peak_share;
    return workers->take(workers->context, workers->run++, seed, &result, &workers->err);
}

/* Whoever still writes when nobody reads any more ends. */
static void take_all(void *context)
{
    struct workers *workers = context;
    for (size_t i = 0; i < workers->count; i++)
        fclose(workers->all[i].writes);
    workers->ok = true;
    while (workers->ok && workers->run < workers->all[0].runs)
        workers->ok = take_next(workers);
    for (size_t i = 0; i < workers->count; i++)
        fclose(workers->all[i].reads);
}

/* Why the process ended that the next run was expected from. */
static bool tell_end(const struct workers *workers, struct error *err)
{
    int64_t run = workers->run;
    int status;
    if (jail_ended(&workers->children[run % (int64_t)workers->count], &status, err))
        error_set(err, ERROR_POLICY, "the policy's process ended by itself, with status %d",
                  status);
    return error_wrap(err, "run %" PRId64 " (--seed %" PRId64 ")", run,
                      simulation_seed(workers->all[0].seed, run));
}

/* A buffer of its own is no reason for the jailed process to ask what kind of file it is. */
static bool open_pipe(struct worker *worker, char buffer[PIPE_BUFFER], struct error *err)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ERROR_IO, "a pipe to the policy's process: %s", strerror(errno));
    worker->reads = fdopen(ends[0], "r");
    worker->writes = fdopen(ends[1], "w");
    if (!worker->reads || !worker->writes)
        return error_set(err, ERROR_LIMIT, "out of memory for a pipe");
    setvbuf(worker->writes, buffer, _IOFBF, PIPE_BUFFER);
    return true;
}

static bool open_pipes(struct workers *workers, struct error *err)
{
    static char buffer[PIPE_BUFFER]; /* each process has its own copy */
    for (size_t i = 0; i < workers->count; i++) {
        if (!open_pipe(&workers->all[i], buffer, err))
            return false;
    }
    return true;
}

bool batch_workers_run(const struct simulation_input *input, int64_t seed, int64_t runs,
                       size_t jobs, batch_take_fn *take, void *context, bool *died,
                       struct error *err)
{
    static struct workers workers;
    size_t count = (int64_t)jobs < runs ? jobs : (size_t)runs;
    workers = (struct workers){.count = count, .take = take, .context = context};
    for (size_t i = 0; i < count; i++) {
        workers.all[i] = (struct worker){input,          seed, (int64_t)i, runs,
                                         (int64_t)count, NULL, NULL,       0};
        workers.children[i].context = &workers.all[i];
    }
    if (!open_pipes(&workers, err) ||
        !jail_run_all(in_jail, workers.children, count, take_all, &workers, err))
        return false;
    *died = workers.lost;
    if (workers.lost)
        return tell_end(&workers, err);
    if (!workers.ok)
        *err = workers.err;
    return workers.ok;
}
