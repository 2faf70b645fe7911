/* The children that jail_run() and jail_run_all() start: their output, the signals that are passed
 * on to them, and that none outlives its parent. */
#include "check.h"
#include "script/jail.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ESCAPED = 41 };

/* --- output ---------------------------------------------------------------------------------- */

static int count_to_three(void *context)
{
    printf("two ");
    *(int *)context = 7; /* the child's own copy */
    return 256 + 3;
}

/* What was buffered before is written once, what the child buffers is not lost. */
static void test_output(void)
{
    char path[] = "/tmp/tidelock-jail-XXXXXX";
    char text[64] = "";
    int file = mkstemp(path);
    int kept = dup(STDOUT_FILENO);
    int number = 1;
    int status = -1;
    struct error err;
    fflush(stdout);
    dup2(file, STDOUT_FILENO);
    printf("one ");
    CHECK(jail_run(count_to_three, &number, &status, &err));
    printf("three");
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    CHECK(status == 3 && number == 1);
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    CHECK_TEXT(text, "one two three");
    close(file);
    unlink(path);
}

/* --- several at once ------------------------------------------------------------------------- */

enum { CROWD = 3 };

struct crowd {
    int ends[2]; /* a pipe from this process to all of them */
    struct jail_child children[CROWD];
};

struct crowd_member {
    const struct crowd *crowd;
    int number;
};

/* Ends only when this process has written meanwhile; the last one by a fault. */
static int wait_for_byte(void *context)
{
    const struct crowd_member *member = context;
    char byte;
    if (read(member->crowd->ends[0], &byte, 1) != 1)
        return ESCAPED;
    if (member->number == CROWD - 1) {
        signal(SIGSEGV, SIG_DFL); /* a sanitizer has a handler of its own */
        raise(SIGSEGV);
    }
    return 10 + member->number;
}

static void write_bytes(void *context)
{
    const struct crowd *crowd = context;
    CHECK(write(crowd->ends[1], "abc", CROWD) == CROWD);
}

static void test_several(void)
{
    struct crowd crowd;
    struct crowd_member members[CROWD];
    struct error err;
    int status = -1;
    CHECK(pipe(crowd.ends) == 0);
    for (int i = 0; i < CROWD; i++) {
        members[i] = (struct crowd_member){&crowd, i};
        crowd.children[i].context = &members[i];
    }
    CHECK(jail_run_all(wait_for_byte, crowd.children, CROWD, write_bytes, &crowd, &err));
    for (int i = 0; i < CROWD - 1; i++) {
        CHECK(jail_ended(&crowd.children[i], &status, &err));
        CHECK(status == 10 + i);
    }
    CHECK(!jail_ended(&crowd.children[CROWD - 1], &status, &err));
    CHECK_TEXT(err.message,
               "the policy's process was killed by SIGSEGV: a fault in the interpreter");
    close(crowd.ends[0]);
    close(crowd.ends[1]);
}

/* --- signals and parents --------------------------------------------------------------------- */

struct line {
    int ends[2];  /* a pipe from the jailed child to the test */
    bool catches; /* the child ends in its own way */
    bool twins;   /* there are two of them */
};

static void catch_it(int number)
{
    (void)number;
    _exit(5);
}

static int wait_for_signal(void *context)
{
    const struct line *line = context;
    pid_t self = getpid();
    if (line->catches)
        signal(SIGTERM, catch_it);
    if (write(line->ends[1], &self, sizeof self) != (ssize_t)sizeof self)
        return ESCAPED;
    for (;;)
        pause();
}

/* Starts a process that runs `body` in a jail and returns its number, and that of its child. */
static pid_t start_parent(struct line *line, pid_t *child)
{
    CHECK(pipe(line->ends) == 0);
    pid_t parent = fork();
    if (parent == 0) {
        struct error err;
        int status = 99;
        struct jail_child twins[] = {{.context = line}, {.context = line}};
        size_t count = line->twins ? 2 : 1;
        bool ended = jail_run_all(wait_for_signal, twins, count, NULL, NULL, &err);
        for (size_t i = 0; i < count; i++)
            ended = ended && jail_ended(&twins[i], &status, &err);
        _exit(ended ? status : 98);
    }
    close(line->ends[1]);
    CHECK(read(line->ends[0], child, sizeof *child) == (ssize_t)sizeof *child);
    return parent;
}

static int end_of(pid_t process)
{
    int state = -1;
    CHECK(waitpid(process, &state, 0) == process);
    return state;
}

/* The pipe reads as ended once the last process that holds its other end is gone. */
static void check_child_is_gone(struct line *line)
{
    char byte;
    CHECK(read(line->ends[0], &byte, 1) == 0);
    close(line->ends[0]);
}

static void test_signal_is_passed_on(void)
{
    struct line line = {.catches = true};
    pid_t child;
    pid_t parent = start_parent(&line, &child);
    kill(parent, SIGTERM);
    int state = end_of(parent);
    CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 5);
    check_child_is_gone(&line);
}

static void test_signal_is_passed_on_to_all(void)
{
    struct line line = {.catches = true, .twins = true};
    pid_t child;
    pid_t other;
    pid_t parent = start_parent(&line, &child);
    CHECK(read(line.ends[0], &other, sizeof other) == (ssize_t)sizeof other);
    kill(parent, SIGTERM);
    int state = end_of(parent);
    CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 5);
    check_child_is_gone(&line);
}

static void test_signal_ends_both(void)
{
    struct line line = {.catches = false};
    pid_t child;
    pid_t parent = start_parent(&line, &child);
    kill(parent, SIGINT);
    int state = end_of(parent);
    CHECK(WIFSIGNALED(state) && WTERMSIG(state) == SIGINT);
    check_child_is_gone(&line);
}

static void test_child_dies_with_parent(void)
{
    struct line line = {.catches = false};
    pid_t child;
    pid_t parent = start_parent(&line, &child);
    kill(parent, SIGKILL);
    CHECK(WIFSIGNALED(end_of(parent)));
    check_child_is_gone(&line);
}

static void test_killed_from_outside(void)
{
    struct line line = {.catches = false};
    pid_t child;
    pid_t parent = start_parent(&line, &child);
    kill(child, SIGKILL);
    int state = end_of(parent);
    CHECK(WIFEXITED(state) && WEXITSTATUS(state) == 98);
    check_child_is_gone(&line);
}

CHECK_MAIN({"output", test_output}, {"several", test_several},
           {"signal_is_passed_on", test_signal_is_passed_on},
           {"signal_is_passed_on_to_all", test_signal_is_passed_on_to_all},
           {"signal_ends_both", test_signal_ends_both},
           {"child_dies_with_parent", test_child_dies_with_parent},
           {"killed_from_outside", test_killed_from_outside})
