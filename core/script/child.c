/* The supervisor's end: starts the policy's process, asks it, and takes nothing it says for
 * granted.
 */
#include "script/child.h"

#include "base/clock.h"
#include "base/time.h"
#include "script/frame.h"
#include "script/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    NOT_STARTED = 127, /* exit status where the program could not be executed */
    LAST_BREATH = 500, /* ms between a pipe that closes and the end of its process */
    PRINT_SPARE = 256, /* the word that the rest of a print is dropped */
};

struct child {
    struct script script;
    struct child_params params;
    pid_t process;
    int fd;
    struct sandbox_limits limits;
    int64_t id;     /* of the last question */
    int branches;   /* made so far */
    size_t printed; /* bytes since it began */
    struct buffer question, answer;
    bool asked;                  /* loading: the question was sent */
    bool (*ends)(void *context); /* it is not waited for any more; NULL: it always is */
    void *ends_context;
    bool dead;
    struct error end; /* what became of it */
};

/* --- starting -------------------------------------------------------------------------------- */

/* What the shell or the supervisor ignores or blocks is not the policy's. */
static void forget_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGCHLD};
    sigset_t none;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        signal(numbers[i], SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The pipe becomes descriptor 0. 1 and 2 lead nowhere until child_serve closes them, so that no
 * file that is opened in between can take their place. */
static bool place_descriptors(int pipe)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    return nowhere >= 0 && dup2(pipe, STDIN_FILENO) == STDIN_FILENO &&
           dup2(nowhere, STDOUT_FILENO) == STDOUT_FILENO &&
           dup2(nowhere, STDERR_FILENO) == STDERR_FILENO;
}

/* A session of its own: a key on the terminal is for the supervisor. The environment is empty but
 * for where the program's libraries are looked for. */
static _Noreturn void become(int pipe, pid_t parent, const char *argument)
{
    static char libraries[4096] = "LD_LIBRARY_PATH=";
    const char *path = getenv("LD_LIBRARY_PATH");
    size_t size = strlen(libraries);
    bool has_path = path && strlen(path) < sizeof libraries - size;
    if (has_path)
        memcpy(libraries + size, path, strlen(path) + 1);
    char *const environment[] = {has_path ? libraries : NULL, NULL};
    char *const arguments[] = {"tidelock", (char *)argument, NULL};
    forget_signals();
    setsid();
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == 0 && getppid() == parent &&
        place_descriptors(pipe))
        execve("/proc/self/exe", arguments, environment);
    _exit(NOT_STARTED);
}

static bool start_process(struct child *child, struct error *err)
{
    const char *argument = child->params.argument ? child->params.argument : CHILD_ARGUMENT;
    pid_t parent = getpid();
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return error_set(err, ERROR_IO, "start the policy's process: %s", strerror(errno));
    child->fd = ends[0];
    child->process = fork();
    if (child->process == 0)
        become(ends[1], parent, argument);
    int reason = errno;
    close(ends[1]);
    if (child->process < 0)
        return error_set(err, ERROR_IO, "start the policy's process: %s", strerror(reason));
    return fcntl(child->fd, F_SETFL, O_NONBLOCK) == 0 ||
           error_set(err, ERROR_IO, "start the policy's process: %s", strerror(errno));
}

/* --- its end --------------------------------------------------------------------------------- */

enum collected {
    COLLECTED, /* its end is known */
    FORCED,    /* it had to be killed */
    UNKNOWN,   /* whoever started us ignores SIGCHLD: the system keeps nothing */
};

/* The process is gone afterwards: killed, if it does not end within so many ms. */
static enum collected collect(struct child *child, int64_t patience, int *state)
{
    int64_t until = clock_steady() + patience;
    pid_t got;
    while ((got = waitpid(child->process, state, WNOHANG)) == 0 && clock_steady() < until)
        poll(NULL, 0, 1);
    if (got != 0)
        return got == child->process ? COLLECTED : UNKNOWN;
    kill(child->process, SIGKILL);
    while (waitpid(child->process, state, 0) < 0 && errno == EINTR)
        continue;
    return FORCED;
}

static void bury(struct child *child, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Kills it for a reason of ours. */
static void bury(struct child *child, const char *format, ...)
{
    char reason[ERROR_MESSAGE_MAX / 2];
    va_list arguments;
    int state = 0;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    error_set(&child->end, ERROR_POLICY, "the policy's process %s", reason);
    child->dead = true;
    collect(child, 0, &state);
}

static void tell_exit(int status, struct error *err)
{
    if (status == NOT_STARTED)
        error_set(err, ERROR_POLICY,
                  "the policy's process could not be started (is /proc mounted?)");
    else
        error_set(err, ERROR_POLICY, "the policy's process ended by itself, with status %d",
                  status);
}

/* The pipe is closed: says how the process ended. */
static void find_dead(struct child *child)
{
    int state = 0;
    child->dead = true;
    enum collected collected = collect(child, LAST_BREATH, &state);
    if (collected == FORCED)
        error_set(&child->end, ERROR_POLICY, "the policy's process closed its pipe and was killed");
    else if (collected == UNKNOWN)
        error_set(&child->end, ERROR_POLICY, "the policy's process ended, nobody knows how");
    else if (WIFSIGNALED(state))
        jail_tell_death(WTERMSIG(state), &child->end);
    else
        tell_exit(WEXITSTATUS(state), &child->end);
}

/* A step that could not be taken, once and for all. */
static void fail(struct child *child, enum frame_end end)
{
    char time[32];
    switch (end) {
    case FRAME_DONE:
        break;
    case FRAME_CLOSED:
        find_dead(child);
        break;
    case FRAME_LATE:
        time_format_duration(time, child->params.step_ms);
        bury(child, "did not answer within %s and was killed", time);
        break;
    case FRAME_GIVEN_UP:
        bury(child, "had not answered when the run was asked to end, and was killed");
        break;
    case FRAME_TOO_LARGE:
        bury(child, "sent more than an answer may hold and was killed");
        break;
    }
}

/* --- questions and answers ------------------------------------------------------------------- */

static bool is_silent(const struct child *child)
{
    struct pollfd wanted = {.fd = child->fd, .events = POLLIN};
    return poll(&wanted, 1, 0) == 0 || !(wanted.revents & POLLIN) || wanted.revents & POLLHUP;
}

static void bury_talker(struct child *child)
{
    bury(child, "spoke without being asked and was killed");
}

static struct frame_wait begin_wait(const struct child *child)
{
    return (struct frame_wait){clock_steady() + child->params.step_ms, child->ends,
                               child->ends_context};
}

static bool ask(struct child *child, enum frame_kind kind, const struct frame_wait *wait)
{
    if (!is_silent(child)) {
        bury_talker(child);
        return false;
    }
    enum frame_end end = frame_send(child->fd, kind, buffer_slice(&child->question), wait);
    fail(child, end);
    return end == FRAME_DONE;
}

/* Twice: what is printed while loading counts for itself. */
static bool take_print(struct child *child)
{
    struct slice text = buffer_slice(&child->answer);
    child->printed += text.size;
    if (child->printed > 2 * (child->limits.print_size + PRINT_SPARE)) {
        bury(child, "printed more than it may and was killed");
        return false;
    }
    if (child->params.print)
        child->params.print(child->params.context, text);
    return true;
}

/* True: child->answer is a frame that is not a print. Empty prints take time too. */
static bool hear(struct child *child, char *kind, const struct frame_wait *wait)
{
    for (;;) {
        enum frame_end end = frame_receive(child->fd, kind, &child->answer, wait);
        if (end == FRAME_DONE && clock_steady() >= wait->until)
            end = FRAME_LATE;
        fail(child, end);
        if (end != FRAME_DONE)
            return false;
        if (*kind != FRAME_PRINT)
            return true;
        if (!take_print(child))
            return false;
    }
}

static bool take_step(struct child *child, char kind, int branch, struct sandbox_step *step,
                      struct pool *pool)
{
    struct error why;
    struct frame_question question = {child->id, branch, child->branches};
    if (kind != FRAME_STEP)
        error_set(&why, ERROR_INVALID, "a frame of no known kind");
    if (kind != FRAME_STEP ||
        !frame_read_step(step, &question, buffer_slice(&child->answer), pool, &why)) {
        bury(child, "gave no answer that can be taken (%s) and was killed", why.message);
        return false;
    }
    if (step->state == SANDBOX_PARALLEL)
        child->branches += step->count;
    return true;
}

/* A run waits for hours: what a step needed is given back. */
static void forget(struct child *child)
{
    buffer_clear(&child->question);
    buffer_clear(&child->answer);
}

static void be_dead(const struct child *child, int branch, struct sandbox_step *step)
{
    *step = (struct sandbox_step){.state = SANDBOX_DIED, .branch = branch, .error = child->end};
}

/* The question stands in child->question, or could not be written. */
static void converse(struct child *child, enum frame_kind kind, bool written, int branch,
                     struct sandbox_step *step, struct pool *pool)
{
    struct frame_wait wait = begin_wait(child);
    char got = 0;
    if (!written && !child->dead)
        bury(child, "could not be told the result: %s", child->end.message);
    bool ok = !child->dead && ask(child, kind, &wait) && hear(child, &got, &wait) &&
              take_step(child, got, branch, step, pool);
    if (!ok)
        be_dead(child, branch, step);
    forget(child);
}

static bool write_question(struct child *child, struct member *members, size_t count,
                           struct error *err)
{
    struct value object = {.kind = VALUE_OBJECT, .object = {members, count}};
    buffer_empty(&child->question);
    return value_object_sort(&object, err) && value_write(&object, &child->question, err);
}

static void start(struct script *script, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool)
{
    struct child *child = (struct child *)script;
    struct member members[] = {
        {slice_of("arguments"), *arguments},
        {slice_of("id"), value_integer(++child->id)},
    };
    bool written = write_question(child, members, 2, &child->end);
    child->branches = 1;
    converse(child, FRAME_START, written, 0, step, pool);
}

static void resume(struct script *script, int branch, const struct value *result,
                   struct sandbox_step *step, struct pool *pool)
{
    struct child *child = (struct child *)script;
    struct member members[3] = {
        {slice_of("branch"), value_integer(branch)},
        {slice_of("id"), value_integer(++child->id)},
    };
    if (result)
        members[2] = (struct member){slice_of("result"), *result};
    bool written = write_question(child, members, result ? 3 : 2, &child->end);
    converse(child, FRAME_RESUME, written, branch, step, pool);
}

/* --- loading --------------------------------------------------------------------------------- */

static bool write_open(struct child *child, const struct child_policy *policy, struct error *err)
{
    struct member limits[] = {
        {slice_of("memory"), value_integer((int64_t)policy->limits.memory)},
        {slice_of("print"), value_integer((int64_t)policy->limits.print_size)},
        {slice_of("value"), value_integer((int64_t)policy->limits.value_size)},
        {slice_of("work"), value_integer(policy->limits.work)},
    };
    struct member members[] = {
        {slice_of("id"), value_integer(++child->id)},
        {slice_of("limits"), {.kind = VALUE_OBJECT, .object = {limits, 4}}},
        {slice_of("plain"), value_boolean(policy->plain)},
        {slice_of("policy"), value_text(policy->name)},
        {slice_of("seed"), value_integer((int64_t)policy->seed)},
        {slice_of("sources"), *policy->sources},
    };
    return write_question(child, members, sizeof members / sizeof *members, err) ||
           error_wrap(err, "the sources of %s", policy->name);
}

/* Room for what the policy may say, and no more. */
static void set_limits(struct child *child, const struct sandbox_limits *limits)
{
    size_t largest = limits->value_size > limits->print_size ? limits->value_size
                                                             : limits->print_size;
    buffer_init(&child->answer, largest + FRAME_SPARE);
    child->limits = *limits;
}

static bool tell_failure(const struct child *child, struct error *err)
{
    struct slice text = buffer_slice(&child->answer);
    size_t size = text.size < ERROR_MESSAGE_MAX - 1 ? text.size : ERROR_MESSAGE_MAX - 1;
    return error_set(err, ERROR_IO, "%.*s", (int)size, text.data ? text.data : "");
}

bool child_open(struct child *child, const struct child_policy *policy, struct error *err)
{
    if (!write_open(child, policy, err))
        return false;
    set_limits(child, &policy->limits);
    struct frame_wait wait = begin_wait(child);
    child->asked = !child->dead && ask(child, FRAME_OPEN, &wait);
    return true;
}

/* The time begins anew: what was done in between is not the policy's. */
bool child_opened(struct child *child, struct sandbox_step *step, struct pool *pool,
                  struct error *err)
{
    char kind = 0;
    struct frame_wait wait = begin_wait(child);
    bool heard = child->asked && hear(child, &kind, &wait);
    if (heard && kind == FRAME_FAILED)
        return tell_failure(child, err);
    if (!heard || !take_step(child, kind, 0, step, pool))
        be_dead(child, 0, step);
    forget(child);
    return true;
}

bool child_load(struct child *child, const struct child_policy *policy, struct sandbox_step *step,
                struct pool *pool, struct error *err)
{
    return child_open(child, policy, err) && child_opened(child, step, pool, err);
}

/* --- its beginning and its end --------------------------------------------------------------- */

bool child_new(struct child **out, const struct child_params *params, struct error *err)
{
    static const struct script_ops ops = {start, resume};
    struct child *child = calloc(1, sizeof *child);
    if (!child)
        return error_set(err, ERROR_LIMIT, "out of memory for the policy's process");
    *child = (struct child){.script = {&ops}, .params = *params, .fd = -1, .process = -1};
    if (child->params.step_ms == 0)
        child->params.step_ms = CHILD_STEP_MS;
    buffer_init(&child->question, FRAME_OPEN_MAX);
    if (start_process(child, err)) {
        *out = child;
        return true;
    }
    child_free(child);
    return false;
}

void child_free(struct child *child)
{
    int state;
    if (!child)
        return;
    if (child->process > 0 && !child->dead)
        collect(child, 0, &state);
    if (child->fd >= 0)
        close(child->fd);
    forget(child);
    free(child);
}

struct script *child_script(struct child *child)
{
    return &child->script;
}

void child_wait_unless(struct child *child, bool (*ends)(void *context), void *context)
{
    child->ends = ends;
    child->ends_context = context;
}

int child_descriptor(const struct child *child)
{
    return child->fd;
}

bool child_is_gone(struct child *child, struct error *why)
{
    struct pollfd pipe = {.fd = child->fd, .events = POLLIN};
    bool stirs = !child->dead && poll(&pipe, 1, 0) > 0;
    if (stirs && pipe.revents & POLLHUP)
        find_dead(child);
    else if (stirs)
        bury_talker(child);
    if (child->dead)
        *why = child->end;
    return child->dead;
}

pid_t child_process(const struct child *child)
{
    return child->process;
}
