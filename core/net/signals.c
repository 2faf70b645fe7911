#include "net/signals.h"

#include "net/net.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};

/* What was ignored when we came (nohup, a job in the background) stays ignored. */
static void add_unignored(sigset_t *set, int number)
{
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_IGN)
        sigaddset(set, number);
}

bool signals_open(struct signals *signals, struct error *err)
{
    sigset_t set;
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&set);
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        add_unignored(&set, endings[i]);
    signals->fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (signals->fd < 0)
        return error_set(err, ERROR_IO, "signalfd: %s", strerror(errno));
    pthread_sigmask(SIG_BLOCK, &set, &signals->before);
    sigaction(SIGPIPE, &ignore, &signals->pipe_before);
    return true;
}

void signals_close(struct signals *signals)
{
    sigaction(SIGPIPE, &signals->pipe_before, NULL);
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
