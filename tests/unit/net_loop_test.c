/* The loop without a network: timers, descriptors, signals, the parent's death. */
#include "check.h"
#include "net/net.h"
#include "net/timers.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static struct net *net;
static struct error err;
static char order[64];

static void open_loop(void)
{
    memset(order, 0, sizeof order);
    CHECK(net_new(&net, &err));
}

static void close_loop(void)
{
    net_free(net);
    net = NULL;
}

/* The context is one letter; it is written down. */
static void note(void *context)
{
    order[strlen(order)] = *(const char *)context;
}

static bool ask_timer(int64_t at, const char *letter)
{
    return CHECK(net_timer(net, at, note, (char *)letter, &err));
}

/* --- time --- */

static void test_timers(void)
{
    open_loop();
    int64_t now = net_now(net);
    ask_timer(now + 400, "d");
    ask_timer(now - 5, "a");
    ask_timer(now + 200, "b");
    ask_timer(now + 200, "c");
    ask_timer(INT64_MAX, "x");
    ask_timer(INT64_MIN, "0");
    CHECK(net_wait(net, &err));
    CHECK(strncmp(order, "a0", 2) == 0);
    while (strlen(order) < 5 && CHECK(net_wait(net, &err)))
        CHECK(strlen(order) < 3 || net_now(net) >= now + 200);
    CHECK_TEXT(order, "a0bcd");
    CHECK(net_now(net) >= now + 400);
    close_loop();
}

static void ask_again(void *context)
{
    note(context);
    ask_timer(0, "r");
}

/* A timer that is asked for by another one is not called before the rest had its turn. */
static void test_timer_asks_timer(void)
{
    static char letter = 'q';
    open_loop();
    CHECK(net_timer(net, 1, ask_again, &letter, &err));
    ask_timer(2, "s");
    CHECK(net_wait(net, &err));
    CHECK_TEXT(order, "qs");
    CHECK(net_wait(net, &err));
    CHECK_TEXT(order, "qsr");
    CHECK(!net_wait(net, &err) && err.code == ERROR_INTERNAL);
    close_loop();
}

/* Asked for in disorder, every third one forgotten. */
static void test_heap(void)
{
    enum { COUNT = 999 };
    static char kept, dropped;
    struct timers timers = {0};
    struct timer timer, before = {.at = INT64_MIN};
    size_t taken = 0;
    for (int i = 0; i < COUNT; i++)
        CHECK(timers_add(&timers, i * 37 % 101, note, i % 3 ? &kept : &dropped, &err));
    timers_forget(&timers, &dropped);
    for (; timers_take(&timers, 1000, UINT64_MAX, &timer); taken++) {
        CHECK(timer.context == &kept);
        CHECK(before.at < timer.at || (before.at == timer.at && before.order < timer.order));
        before = timer;
    }
    CHECK(taken == COUNT - COUNT / 3 && !timers_first(&timers));
    timers_clear(&timers);
}

/* --- descriptors --- */

static int ends[2];

static void read_letter(void *context)
{
    (void)context;
    char letter = '!';
    ssize_t got = read(ends[0], &letter, 1);
    order[strlen(order)] = got > 0 ? letter : '.';
}

static void write_letter(void *context)
{
    CHECK(write(ends[1], context, 1) == 1);
}

static void test_descriptors(void)
{
    open_loop();
    CHECK(pipe2(ends, O_CLOEXEC) == 0);
    CHECK(net_watch_fd(net, ends[0], read_letter, ends, &err));
    CHECK(net_timer(net, net_now(net) + 3, write_letter, "p", &err));
    CHECK(net_timer(net, net_now(net) + 3, write_letter, "q", &err));
    while (strlen(order) < 2 && CHECK(net_wait(net, &err)))
        continue;
    CHECK_TEXT(order, "pq");
    close(ends[1]);
    CHECK(net_wait(net, &err));
    CHECK_TEXT(order, "pq."); /* its end is something to read */
    net_forget(net, ends);
    CHECK(!net_wait(net, &err));
    close(ends[0]);
    close_loop();
}

static void forget_all(void *context)
{
    note(context);
    net_forget(net, "1");
    net_forget(net, context);
}

/* One of two that are ready has the other forgotten. */
static void test_forget_from_within(void)
{
    static char one = '1', two = '2';
    open_loop();
    CHECK(pipe2(ends, O_CLOEXEC) == 0 && write(ends[1], "x", 1) == 1);
    CHECK(net_watch_fd(net, ends[0], forget_all, &one, &err));
    CHECK(net_watch_fd(net, ends[0], forget_all, &two, &err));
    CHECK(net_wait(net, &err));
    CHECK_TEXT(order, "12");
    CHECK(!net_wait(net, &err));
    close(ends[0]);
    close(ends[1]);
    close_loop();
}

/* --- signals --- */

static void ignore(int number)
{
    struct sigaction action = {.sa_handler = SIG_IGN};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

static void reset(int number)
{
    struct sigaction action = {.sa_handler = SIG_DFL};
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/* A shell may have us started with some of them ignored. */
static void test_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (int i = 0; i < 3; i++)
        reset(numbers[i]);
    open_loop();
    for (int i = 0; i < 3; i++) {
        ask_timer(net_now(net) + 20000, "x"); /* rather than to hang */
        CHECK(net_signal(net) == 0);
        raise(numbers[i]);
        CHECK(net_wait(net, &err));
        CHECK(net_signal(net) == numbers[i] && net_signal(net) == 0);
    }
    CHECK_TEXT(order, "");
    close_loop();
}

/* It does not end a wait for something else, and is not lost. */
static void test_signal_stays(void)
{
    bool over = false;
    reset(SIGTERM);
    open_loop();
    raise(SIGTERM);
    ask_timer(net_now(net) + 4, "t");
    while (order[0] == '\0' && CHECK(net_wait(net, &err)))
        continue; /* net_wait comes back at once, again and again */
    order[0] = '\0';
    ask_timer(net_now(net) + 4, "u");
    over = true;
    CHECK(net_wait_until(net, &over, &err) && order[0] == '\0');
    CHECK(net_signal(net) == SIGTERM);
    close_loop();
}

/* As under nohup: what was ignored stays so; afterwards all is as before. */
static void test_ignored(void)
{
    sigset_t mask;
    struct sigaction action;
    ignore(SIGHUP);
    open_loop();
    raise(SIGHUP);
    CHECK(net_signal(net) == 0);
    sigaction(SIGPIPE, NULL, &action);
    CHECK(action.sa_handler == SIG_IGN);
    close_loop();
    reset(SIGHUP);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(!sigismember(&mask, SIGINT) && !sigismember(&mask, SIGTERM));
    sigaction(SIGPIPE, NULL, &action);
    CHECK(action.sa_handler == SIG_DFL);
}

/* --- the second signal --- */

/* The child: has taken a signal, and is sent another. */
static _Noreturn void be_ended(int number, int64_t within, int words)
{
    dup2(words, STDERR_FILENO);
    reset(SIGINT);
    reset(SIGTERM);
    ignore(SIGHUP);
    reset(number);
    open_loop();
    net_end_at_signal(net, "the last words", within);
    raise(number);
    _exit(net_signal(net) == number ? 8 : 7);
}

static void check_ended(int number, int64_t within, int status, const char *expected)
{
    int words[2];
    int state = 0;
    char text[64] = "";
    CHECK(pipe2(words, O_CLOEXEC) == 0);
    pid_t child = fork();
    if (child == 0)
        be_ended(number, within, words[1]);
    close(words[1]);
    CHECK(waitpid(child, &state, 0) == child && read(words[0], text, sizeof text - 1) >= 0);
    CHECK(WIFEXITED(state) && WEXITSTATUS(state) == status);
    CHECK_TEXT(text, expected);
    close(words[0]);
}

static void test_second_signal(void)
{
    sigset_t mask;
    struct sigaction action;
    check_ended(SIGINT, 0, 130, "the last words\n");
    check_ended(SIGTERM, 0, 143, "the last words\n");
    check_ended(SIGTERM, 600000, 7, ""); /* the first one again */
    check_ended(SIGHUP, 0, 8, "");       /* ends nothing, and waits to be taken */
    reset(SIGINT);
    ignore(SIGTERM);
    open_loop();
    net_end_at_signal(net, "", 0);
    net_end_at_signal(net, "", 0);
    raise(SIGTERM); /* what was ignored stays so */
    close_loop();
    reset(SIGTERM);
    sigaction(SIGINT, NULL, &action);
    sigprocmask(SIG_BLOCK, NULL, &mask);
    CHECK(action.sa_handler == SIG_DFL && !sigismember(&mask, SIGINT));
}

/* --- too late --- */

/* The child: its end is decided, and no signal changes it; one that waited is told. */
static _Noreturn void be_decided(bool signalled)
{
    reset(SIGINT);
    reset(SIGTERM);
    open_loop();
    raise(SIGTERM);
    int told = net_signal(net);
    if (signalled)
        net_end_at_signal(net, "the last words", 0);
    else
        raise(SIGINT);
    int waited = net_ignore_signals(net);
    raise(SIGTERM);
    close_loop();
    raise(SIGINT);
    _exit(told == SIGTERM && waited == (signalled ? 0 : SIGINT) ? 9 : 7);
}

static void test_too_late(void)
{
    for (int signalled = 0; signalled < 2; signalled++) {
        int state = 0;
        pid_t child = fork();
        if (child == 0)
            be_decided(signalled);
        CHECK(waitpid(child, &state, 0) == child);
        CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 9);
    }
}

/* --- the job --- */

static void test_ci(void)
{
    static const char *const names[] = {"GITHUB_ACTIONS", "GITLAB_CI", "CODEBUILD_BUILD_ARN",
                                        "JENKINS_URL",    "BUILD_TAG", "CIRCLECI",
                                        "BUILDKITE",      "TF_BUILD",  "CI"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
    CHECK(net_ci() == NULL);
    setenv("CI", "false", 1);
    CHECK(net_ci() == NULL);
    setenv("CI", "true", 1);
    CHECK_TEXT(net_ci(), "CI");
    setenv("GITLAB_CI", "true", 1);
    CHECK_TEXT(net_ci(), "GITLAB_CI");
    unsetenv("CI");
    unsetenv("GITLAB_CI");
}

static void give_up(void *context)
{
    (void)context;
    _exit(3);
}

/* The grandchild: tells that it is ready, then waits for the death of its parent. */
static _Noreturn void outlive(int ready, int told)
{
    char answer = 'n';
    if (!net_new(&net, &err) || !net_die_with_parent(&err) ||
        !net_timer(net, net_now(net) + 20000, give_up, NULL, &err) || write(ready, "r", 1) != 1 ||
        !net_wait(net, &err))
        _exit(4);
    if (net_signal(net) == SIGTERM)
        answer = 'y';
    _exit(write(told, &answer, 1) == 1 ? 0 : 5);
}

static void test_parent_death(void)
{
    int ready[2], told[2];
    char letter = '?';
    reset(SIGTERM);
    CHECK(pipe2(ready, O_CLOEXEC) == 0 && pipe2(told, O_CLOEXEC) == 0);
    pid_t child = fork();
    if (child == 0) {
        if (fork() == 0)
            outlive(ready[1], told[1]);
        _exit(read(ready[0], &letter, 1) == 1 ? 0 : 1);
    }
    close(told[1]);
    CHECK(waitpid(child, NULL, 0) == child);
    CHECK(read(told[0], &letter, 1) == 1 && letter == 'y');
    close(told[0]);
    close(ready[0]);
    close(ready[1]);
}

CHECK_MAIN({"timers", test_timers}, {"timer asks timer", test_timer_asks_timer},
           {"heap", test_heap}, {"descriptors", test_descriptors},
           {"forget from within", test_forget_from_within}, {"signals", test_signals},
           {"signal stays", test_signal_stays}, {"ignored", test_ignored},
           {"second signal", test_second_signal}, {"too late", test_too_late}, {"ci", test_ci},
           {"parent's death", test_parent_death})
