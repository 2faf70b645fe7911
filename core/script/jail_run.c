/* The children that policies live in, and the parent that waits for them. */
#include "script/jail.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* Signals meant for the child, since it is the one with something to finish. */
static const int passed_on[] = {SIGINT, SIGTERM};

enum { PASSED_ON = sizeof passed_on / sizeof *passed_on };

static const struct jail_child *volatile awaited;
static volatile size_t awaited_count;
static volatile sig_atomic_t received[PASSED_ON];

/* A key on the terminal reaches all processes: only what was sent to this one is passed on. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    int reason = errno;
    (void)context;
    for (int i = 0; i < PASSED_ON; i++) {
        if (passed_on[i] == number)
            received[i] = 1;
    }
    for (size_t i = 0; info->si_code <= 0 && i < awaited_count; i++)
        kill(awaited[i].pid, number);
    errno = reason;
}

/* What the parent changes of its own while it waits. */
struct attention {
    sigset_t blocked, mask;
    struct sigaction before[PASSED_ON];
};

static void hold_signals(struct attention *attention)
{
    sigemptyset(&attention->blocked);
    for (int i = 0; i < PASSED_ON; i++)
        sigaddset(&attention->blocked, passed_on[i]);
    sigprocmask(SIG_BLOCK, &attention->blocked, &attention->mask);
}

static void release_signals(const struct attention *attention)
{
    sigprocmask(SIG_SETMASK, &attention->mask, NULL);
}

/* What was ignored (nohup) stays ignored. */
static void watch_signals(struct attention *attention, const struct jail_child *children,
                          size_t count)
{
    awaited = children;
    awaited_count = count;
    for (int i = 0; i < PASSED_ON; i++) {
        struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
        sigemptyset(&action.sa_mask);
        received[i] = 0;
        sigaction(passed_on[i], NULL, &attention->before[i]);
        if (attention->before[i].sa_handler != SIG_IGN)
            sigaction(passed_on[i], &action, NULL);
    }
    release_signals(attention);
}

static void unwatch_signals(const struct attention *attention)
{
    for (int i = 0; i < PASSED_ON; i++)
        sigaction(passed_on[i], &attention->before[i], NULL);
}

/* Dies with its parent, also if that is gone already. Nothing is written twice: the parent's
 * buffers were empty, and _exit leaves its exit handlers alone. */
static _Noreturn void live(jail_body_fn *body, void *context, pid_t parent,
                           const struct attention *attention)
{
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent)
        _exit(1);
    release_signals(attention);
    int status = body(context);
    fflush(NULL);
    _exit(status & 0xff);
}

static const struct death {
    int number;
    const char *name;
    const char *meaning;
} deaths[] = {
    {SIGSYS, "SIGSYS", "it asked the system for something no policy may ask for"},
    {SIGXCPU, "SIGXCPU", "its limit of processor time is spent"},
    {SIGXFSZ, "SIGXFSZ", "it wrote more to a file than it may"},
    {SIGKILL, "SIGKILL", "from outside; most likely the machine ran out of memory"},
    {SIGSEGV, "SIGSEGV", "a fault in the interpreter"},
    {SIGBUS, "SIGBUS", "a fault in the interpreter"},
    {SIGILL, "SIGILL", "a fault in the interpreter"},
    {SIGFPE, "SIGFPE", "a fault in the interpreter"},
    {SIGABRT, "SIGABRT", "a check inside the program failed"},
    {SIGINT, "SIGINT", "somebody stopped it"},
    {SIGTERM, "SIGTERM", "somebody stopped it"},
};

bool jail_tell_death(int number, struct error *err)
{
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        if (deaths[i].number == number)
            return error_set(err, ERROR_POLICY, "the policy's process was killed by %s: %s",
                             deaths[i].name, deaths[i].meaning);
    }
    return error_set(err, ERROR_POLICY, "the policy's process was killed by signal %d", number);
}

/* No child is collected until signals are held again: its number could pass to another. */
static void wait_for(struct jail_child *children, size_t count, struct attention *attention)
{
    siginfo_t info;
    for (size_t i = 0; i < count; i++) {
        while (waitid(P_PID, (id_t)children[i].pid, &info, WEXITED | WNOWAIT) != 0 &&
               errno == EINTR)
            continue;
    }
    hold_signals(attention);
    for (size_t i = 0; i < count; i++) {
        while (waitpid(children[i].pid, &children[i].state, 0) < 0 && errno == EINTR)
            continue;
    }
}

/* A child that a passed-on signal ended takes its parent along, as if there had been no child. */
static void follow(int number)
{
    for (int i = 0; i < PASSED_ON; i++) {
        if (passed_on[i] == number && received[i])
            raise(number);
    }
}

static bool start(jail_body_fn *body, struct jail_child *child, const struct attention *attention,
                  struct error *err)
{
    pid_t parent = getpid();
    child->pid = fork();
    if (child->pid == 0)
        live(body, child->context, parent, attention);
    return child->pid > 0 ||
           error_set(err, ERROR_IO, "start the policy's process: %s", strerror(errno));
}

/* *started is how many there are, also where one could not be started. */
static bool start_all(jail_body_fn *body, struct jail_child *children, size_t count,
                      size_t *started, const struct attention *attention, struct error *err)
{
    for (*started = 0; *started < count; ++*started) {
        if (!start(body, &children[*started], attention, err))
            return false;
    }
    return true;
}

bool jail_run_all(jail_body_fn *body, struct jail_child *children, size_t count,
                  jail_meanwhile_fn *meanwhile, void *context, struct error *err)
{
    struct attention attention;
    size_t started;
    fflush(NULL);
    hold_signals(&attention);
    bool ok = start_all(body, children, count, &started, &attention, err);
    watch_signals(&attention, children, started);
    for (size_t i = 0; !ok && i < started; i++)
        kill(children[i].pid, SIGKILL);
    if (ok && meanwhile)
        meanwhile(context);
    wait_for(children, started, &attention);
    unwatch_signals(&attention);
    for (size_t i = 0; i < started; i++) {
        if (WIFSIGNALED(children[i].state))
            follow(WTERMSIG(children[i].state));
    }
    release_signals(&attention);
    return ok;
}

bool jail_ended(const struct jail_child *child, int *status, struct error *err)
{
    if (WIFSIGNALED(child->state))
        return jail_tell_death(WTERMSIG(child->state), err);
    *status = WEXITSTATUS(child->state);
    return true;
}

bool jail_run(jail_body_fn *body, void *context, int *status, struct error *err)
{
    struct jail_child child = {.context = context};
    return jail_run_all(body, &child, 1, NULL, NULL, err) && jail_ended(&child, status, err);
}
