/* What a process that is locked in tries, and what must come of it: the call fails, or the process
 * is ended and the parent says by what. */
#include "check.h"
#include "script/jail.h"
#include "script/jail_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit status of a child whose attempt failed, as it should; and of one that got through. */
enum { CONTAINED = 40, ESCAPED = 41, NOT_LOCKED = 42 };

static struct jail_limits limits = {.memory = 64 << 20, .cpu_seconds = 1, .file_size = 1 << 16};

static int contained_if(bool failed)
{
    return failed ? CONTAINED : ESCAPED;
}

/* --- attempts -------------------------------------------------------------------------------- */

static int try_open(void)
{
    return contained_if(open("/etc/passwd", O_RDONLY) < 0);
}

static int try_create(void)
{
    return contained_if(open("/tmp/tidelock-jail-test", O_CREAT | O_WRONLY, 0600) < 0);
}

static int try_stat(void)
{
    struct stat about;
    return contained_if(stat("/etc/passwd", &about) != 0);
}

static int try_raw_open(void)
{
#ifdef SYS_open
    return contained_if(syscall(SYS_open, "/etc/passwd", O_RDONLY) < 0);
#else
    return CONTAINED;
#endif
}

static int try_unlink(void)
{
    return contained_if(unlinkat(AT_FDCWD, "/tmp/tidelock-jail-test", 0) != 0);
}

static int try_socket(void)
{
    return contained_if(socket(AF_INET, SOCK_STREAM, 0) < 0);
}

static int try_fork(void)
{
    return contained_if(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) < 0);
}

static int try_exec(void)
{
    char *const arguments[] = {"true", NULL};
    return contained_if(execve("/bin/true", arguments, arguments + 1) != 0);
}

static int try_kill_parent(void)
{
    return contained_if(kill(getppid(), 0) != 0);
}

static int try_signal_other(void)
{
    return contained_if(syscall(SYS_tgkill, 1, 1, SIGABRT) != 0);
}

static int try_ptrace(void)
{
    return contained_if(ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0);
}

static int try_executable_memory(void)
{
    void *got = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return contained_if(got == MAP_FAILED);
}

static int try_making_executable(void)
{
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return contained_if(page == MAP_FAILED || mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0);
}

static int try_mapping_a_file(void)
{
    return contained_if(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, 0, 0) == MAP_FAILED);
}

static int try_undo(void)
{
    return contained_if(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0);
}

static int try_wider_limits(void)
{
    struct rlimit wide = {RLIM_INFINITY, RLIM_INFINITY};
    return contained_if(setrlimit(RLIMIT_AS, &wide) != 0);
}

static int try_typing(void)
{
    char key = 'x';
    return contained_if(syscall(SYS_ioctl, 0, 0x5412 /* TIOCSTI */, &key) != 0);
}

static int try_other_door(void)
{
#ifdef __x86_64__
    return contained_if(syscall(0x40000000 + SYS_getpid) < 0); /* the x32 numbers */
#else
    return CONTAINED;
#endif
}

struct attempt {
    const char *name;
    int (*act)(void);
    bool fails; /* the call fails; all others end the process by SIGSYS */
};

static const struct attempt attempts[] = {
    {"open", try_open, true},
    {"create", try_create, true},
    {"stat", try_stat, true},
    {"raw open", try_raw_open, JAIL_SANITIZED},
    {"unlink", try_unlink, false},
    {"socket", try_socket, false},
    {"fork", try_fork, JAIL_SANITIZED},
    {"exec", try_exec, false},
    {"kill parent", try_kill_parent, false},
    {"signal to another", try_signal_other, false},
    {"ptrace", try_ptrace, false},
    {"executable memory", try_executable_memory, false},
    {"making memory executable", try_making_executable, false},
    {"mapping a file", try_mapping_a_file, false},
    {"undoing", try_undo, JAIL_SANITIZED},
    {"wider limits", try_wider_limits, JAIL_SANITIZED},
    {"typing on the terminal", try_typing, false},
    {"another table of calls", try_other_door, false},
};

static int in_jail(void *context)
{
    const struct attempt *attempt = context;
    struct jail_walls walls;
    struct error err;
    if (!jail_lock(&limits, NULL, 0, &walls, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return NOT_LOCKED;
    }
    return attempt->act();
}

static void test_attempts(void)
{
    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        struct attempt attempt = attempts[i];
        int status = -1;
        struct error err = {.message = ""};
        bool ended = jail_run(in_jail, &attempt, &status, &err);
        bool ok = attempt.fails ? CHECK(ended) && CHECK(status == CONTAINED)
                                : CHECK(!ended) && CHECK(strstr(err.message, "SIGSYS") != NULL);
        if (!ok)
            fprintf(stderr, "%s: status %d, %s\n", attempt.name, status, err.message);
    }
}

/* --- limits ---------------------------------------------------------------------------------- */

static int eat_memory(void)
{
    size_t eaten = 0;
    for (char *volatile block; (block = malloc(1 << 20)) != NULL; eaten += 1 << 20) {
        memset(block, 1, 1 << 20);
        if (eaten > 2 * limits.memory)
            return ESCAPED;
    }
    return CONTAINED;
}

static int burn(void)
{
    for (volatile unsigned long i = 0;; i++)
        continue;
    return ESCAPED;
}

static int overflow_file(void)
{
    static char block[4096];
    for (size_t i = 0; i < 64; i++) {
        if (write(STDOUT_FILENO, block, sizeof block) != (ssize_t)sizeof block)
            return CONTAINED;
    }
    return ESCAPED;
}

static int die_of(int number)
{
    signal(number, SIG_DFL);
    raise(number);
    return ESCAPED;
}

static int segfault(void)
{
    return die_of(SIGSEGV);
}

/* What is killed here ended by itself if the limit made a call fail. */
static void check_end(int (*act)(void), const char *message)
{
    struct attempt attempt = {.name = message, .act = act};
    struct error err = {.message = ""};
    int status = -1;
    if (jail_run(in_jail, &attempt, &status, &err)) {
        CHECK_TEXT("it ended by itself", message);
        return;
    }
    CHECK(err.code == ERROR_POLICY);
    CHECK_TEXT(err.message, message);
}

static void test_memory(void)
{
    struct attempt attempt = {"eat memory", eat_memory, true};
    struct error err;
    int status = -1;
    if (JAIL_SANITIZED) /* its malloc reports and ends the process */
        return;
    CHECK(jail_run(in_jail, &attempt, &status, &err) && status == CONTAINED);
}

static void test_processor(void)
{
    check_end(burn,
              "the policy's process was killed by SIGXCPU: its limit of processor time is spent");
}

/* With standard output in a file that is longer than the limit already: its end counts, not its
 * start. */
static void test_file_size(void)
{
    char path[] = "/tmp/tidelock-jail-XXXXXX";
    int file = mkstemp(path);
    int kept = dup(STDOUT_FILENO);
    struct stat about = {.st_size = 0};
    fflush(stdout);
    CHECK(file >= 0 && ftruncate(file, 1 << 20) == 0 && lseek(file, 0, SEEK_END) == 1 << 20);
    dup2(file, STDOUT_FILENO);
    check_end(overflow_file,
              "the policy's process was killed by SIGXFSZ: it wrote more to a file than it may");
    dup2(kept, STDOUT_FILENO);
    close(kept);
    CHECK(fstat(file, &about) == 0 && about.st_size == (1 << 20) + (1 << 16));
    close(file);
    unlink(path);
}

/* A fault that plain Lua reaches in the interpreter ends like this one. */
static int fault(void *context)
{
    (void)context;
    return segfault();
}

static void test_fault(void)
{
    struct error err;
    int status;
    CHECK(!jail_run(fault, NULL, &status, &err));
    CHECK_TEXT(err.message,
               "the policy's process was killed by SIGSEGV: a fault in the interpreter");
}

static int call_abort(void)
{
    abort();
}

static void test_abort(void)
{
    check_end(call_abort,
              "the policy's process was killed by SIGABRT: a check inside the program failed");
}

/* --- the process ----------------------------------------------------------------------------- */

static int keep_one(void *context)
{
    const int *descriptors = context;
    struct jail_walls walls;
    struct error err;
    if (!jail_lock(&limits, &descriptors[1], 1, &walls, &err))
        return NOT_LOCKED;
    bool others_closed = lseek(descriptors[0], 0, SEEK_CUR) < 0 &&
                         lseek(descriptors[2], 0, SEEK_CUR) < 0;
    bool kept = write(descriptors[1], "kept", 4) == 4 && fdatasync(descriptors[1]) == 0;
    return contained_if(others_closed && kept && fcntl(1, F_GETFL) >= 0);
}

static void test_descriptors(void)
{
    int descriptors[3];
    struct error err;
    int status = -1;
    for (int i = 0; i < 3; i++) {
        char path[] = "/tmp/tidelock-jail-XXXXXX";
        descriptors[i] = mkstemp(path);
        unlink(path);
    }
    CHECK(jail_run(keep_one, descriptors, &status, &err) && status == CONTAINED);
    for (int i = 0; i < 3; i++)
        close(descriptors[i]);
}

static int compare_walls(void *context)
{
    const struct jail_walls *possible = context;
    struct jail_walls walls;
    struct error err;
    if (!jail_lock(&limits, NULL, 0, &walls, &err))
        return NOT_LOCKED;
    return contained_if(walls.seccomp && walls.no_new_privs && walls.rlimits &&
                        walls.landlock == possible->landlock);
}

static void test_walls(void)
{
    struct jail_walls possible;
    struct error err;
    int status = -1;
    jail_probe(&possible);
    CHECK(possible.seccomp && possible.no_new_privs && possible.rlimits);
    CHECK(jail_run(compare_walls, &possible, &status, &err) && status == CONTAINED);
}

CHECK_MAIN({"attempts", test_attempts}, {"memory", test_memory}, {"processor", test_processor},
           {"file_size", test_file_size}, {"fault", test_fault}, {"abort", test_abort},
           {"descriptors", test_descriptors}, {"walls", test_walls})
