/* The child that a policy lives in, and the parent that waits for it. */
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

static volatile pid_t child_of_parent;
static volatile sig_atomic_t received[PASSED_ON];

/* A key on the terminal reaches both processes: only what was sent to this one is passed on. */
static void pass_on(int number, siginfo_t *info, void *context)
{
    int reason = errno;
    (void)context;
    for (int i = 0; i < PASSED_ON; i++) {
        if (passed_on[i] == number)
            received[i] = 1;
    }
    if (info->si_code <= 0)
        kill(child_of_parent, number);
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
static void watch_signals(struct attention *attention, pid_t child)
{
    child_of_parent = child;
    for (int i = 0; i < PASSED_ON; i++) {
        struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO};
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

/* The child is not collected until signals are held again: its number could pass to another. */
static int wait_for(pid_t child, struct attention *attention)
{
    siginfo_t info;
    int state = 0;
    while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) != 0 && errno == EINTR)
        continue;
    hold_signals(attention);
    while (waitpid(child, &state, 0) < 0 && errno == EINTR)
        continue;
    return state;
}

/* A child that a passed-on signal ended takes its parent along, as if there had been no child. */
static void follow(int number)
{
    for (int i = 0; i < PASSED_ON; i++) {
        if (passed_on[i] == number && received[i])
            raise(number);
    }
}

bool jail_run(jail_body_fn *body, void *context, int *status, struct error *err)
{
    struct attention attention;
    pid_t parent = getpid();
    fflush(NULL);
    hold_signals(&attention);
    pid_t child = fork();
    if (child == 0)
        live(body, context, parent, &attention);
    if (child < 0) {
        error_set(err, ERROR_IO, "start the policy's process: %s", strerror(errno));
        release_signals(&attention);
        return false;
    }
    watch_signals(&attention, child);
    int state = wait_for(child, &attention);
    unwatch_signals(&attention);
    if (WIFSIGNALED(state))
        follow(WTERMSIG(state));
    release_signals(&attention);
    if (WIFSIGNALED(state))
        return jail_tell_death(WTERMSIG(state), err);
    *status = WEXITSTATUS(state);
    return true;
}
