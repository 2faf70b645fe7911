/* A descriptor from which the signals that end a run are read. */
#include "net/signals.h"

#include "base/clock.h"
#include "net/net.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};
/* A terminal that goes away sends SIGHUP twice. */
static const int deadly[SIGNALS_DEADLY] = {SIGINT, SIGTERM};

/* What was ignored when we came (nohup, a job in the background) stays ignored. */
static void add_unignored(sigset_t *set, int number)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        sigaddset(set, number);
}

bool signals_open(struct signals *signals, struct error *err)
{
    sigset_t *set = &signals->taken;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(set);
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        add_unignored(set, endings[i]);
    signals->fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->fd < 0)
        return error_set(err, ERROR_IO, "signalfd: %s", strerror(errno));
    signals->ends = false;
    pthread_sigmask(SIG_BLOCK, set, &signals->before);
    sigaction(SIGPIPE, &ignore, &signals->pipe_before);
    return true;
}

void signals_close(struct signals *signals)
{
    sigaction(SIGPIPE, &signals->pipe_before, NULL);
    for (size_t i = 0; signals->ends && i < SIGNALS_DEADLY; i++) {
        if (sigismember(&signals->taken, deadly[i]))
            sigaction(deadly[i], &signals->deadly_before[i], NULL);
    }
    pthread_sigmask(SIG_SETMASK, &signals->before, NULL);
    close(signals->fd);
}

int signals_take(struct signals *signals)
{
    struct signalfd_siginfo info;
    ssize_t got;
    do
        got = read(signals->fd, &info, sizeof info);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof info ? (int)info.ssi_signo : 0;
}

int signals_ignore(struct signals *signals)
{
    int number = signals_take(signals);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (sigismember(&signals->taken, endings[i]))
            sigaction(endings[i], &ignore, NULL);
    }
    signals->ends = false;
    return number;
}

/* --- the second signal --- */

static struct {
    char line[6 << 10]; /* it may name a folder */
    size_t size;
    int64_t from; /* on the steady clock, ms */
} last_words;

/* This runs in a signal handler, so it calls only what POSIX lists as safe there. */
static void end(int number)
{
    if (clock_steady() < last_words.from)
        return;
    ssize_t ignored = write(STDERR_FILENO, last_words.line, last_words.size);
    (void)ignored;
    _exit(128 + number);
}

static void take_words(const char *line, int64_t within)
{
    int size = snprintf(last_words.line, sizeof last_words.line, "%s\n", line);
    bool whole = size >= 0 && (size_t)size < sizeof last_words.line;
    last_words.size = whole ? (size_t)size : sizeof last_words.line - 1;
    last_words.from = clock_steady() + within;
}

void signals_end(struct signals *signals, const char *line, int64_t within)
{
    sigset_t set;
    struct sigaction action = {.sa_handler = end, .sa_flags = SA_RESTART};
    take_words(line, within);
    sigemptyset(&set);
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS_DEADLY; i++) {
        if (!sigismember(&signals->taken, deadly[i]))
            continue;
        sigaction(deadly[i], &action, signals->ends ? NULL : &signals->deadly_before[i]);
        sigaddset(&set, deadly[i]);
    }
    signals->ends = true;
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

/* --- the job --- */

const char *net_ci(void)
{
    static const char *const variables[] = {"GITHUB_ACTIONS", "GITLAB_CI", "CODEBUILD_BUILD_ARN",
                                            "JENKINS_URL",    "BUILD_TAG", "CIRCLECI",
                                            "BUILDKITE",      "TF_BUILD",  "CI"};
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i]);
        if (value && *value && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
            return variables[i];
    }
    return NULL;
}

/* A parent that died before it was asked for sends nothing: then whose child we are has changed. */
bool net_die_with_parent(struct error *err)
{
    pid_t parent = getppid();
    if (prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0)
        return error_set(err, ERROR_IO, "asking for the parent's death: %s", strerror(errno));
    if (getppid() != parent)
        raise(SIGTERM);
    return true;
}
