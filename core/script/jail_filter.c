/* The seccomp filter as a table of system calls. */
#include "script/jail_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { NO_ERRNO = 0 };

/* One call that does not end the process: performed, or answered with `refusal`. */
struct rule {
    int call;
    int refusal; /* an errno, NO_ERRNO to perform it */
    unsigned conditions;
    struct scmp_arg_cmp condition[2];
};

#define MAY(name)                                                                                  \
    {                                                                                              \
        SCMP_SYS(name), NO_ERRNO, 0,                                                               \
        {                                                                                          \
            {                                                                                      \
                0                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }
#define MAY_IF(name, ...)                                                                          \
    {                                                                                              \
        SCMP_SYS(name), NO_ERRNO, 1,                                                               \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define MAY_IF_BOTH(name, ...)                                                                     \
    {                                                                                              \
        SCMP_SYS(name), NO_ERRNO, 2,                                                               \
        {                                                                                          \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define FAILS(name, refusal)                                                                       \
    {                                                                                              \
        SCMP_SYS(name), refusal, 0,                                                                \
        {                                                                                          \
            {                                                                                      \
                0                                                                                  \
            }                                                                                      \
        }                                                                                          \
    }

#define LACKS(argument, bits)                                                                      \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, (bits), 0                                                    \
    }
#define HAS(argument, bits)                                                                        \
    {                                                                                              \
        argument, SCMP_CMP_MASKED_EQ, (bits), (bits)                                               \
    }
#define IS(argument, value)                                                                        \
    {                                                                                              \
        argument, SCMP_CMP_EQ, (value), 0                                                          \
    }

/* What a simulation does with the descriptors it holds, with memory and at its end. */
static const struct rule rules[] = {
    MAY(read),
    MAY(readv),
    MAY(pread64),
    MAY(write),
    MAY(writev),
    MAY(pwrite64),
    MAY(lseek),
    MAY(_llseek),
    MAY(fstat),
    MAY(fstat64),
    MAY(fsync),
    MAY(fdatasync),
    MAY(close),
    MAY_IF(fcntl, IS(1, F_GETFL)),
    MAY_IF(fcntl64, IS(1, F_GETFL)),
    /* Is this a terminal, and how wide: by name, since TIOCSTI would type on it. */
    MAY_IF(ioctl, IS(1, TCGETS)),
    MAY_IF(ioctl, IS(1, TIOCGWINSZ)),

    /* Memory is never made executable, nor mapped from a file. */
    MAY_IF_BOTH(mmap, LACKS(2, PROT_EXEC), HAS(3, MAP_ANONYMOUS)),
    MAY_IF_BOTH(mmap2, LACKS(2, PROT_EXEC), HAS(3, MAP_ANONYMOUS)),
    MAY_IF(mprotect, LACKS(2, PROT_EXEC)),
    MAY(munmap),
    MAY(mremap),
    MAY(madvise),
    MAY(brk),

    MAY(futex),
    MAY(futex_time64),
    MAY(restart_syscall),
    MAY(exit),
    MAY(exit_group),
    MAY(clock_gettime),
    MAY(clock_gettime64),
    MAY(gettimeofday),
    MAY(time),
    /* A simulation that is shown at a pace for watching. */
    MAY(nanosleep),
    MAY(clock_nanosleep),
    MAY(clock_nanosleep_time64),
    /* abort(): its tgkill is added with this process's own number. */
    MAY(getpid),
    MAY(gettid),
    MAY(rt_sigaction),
    MAY(rt_sigprocmask),
    MAY(rt_sigreturn),
    /* qsort() looks up the machine's memory once, and does not look at whether it was told. */
    MAY(sysinfo),

    /* What the C library tries now and then and does without. */
    FAILS(openat, EACCES),
    FAILS(newfstatat, EACCES),
    FAILS(statx, EACCES),
    FAILS(readlink, EACCES),
    FAILS(readlinkat, EACCES),
    FAILS(access, EACCES),
    FAILS(faccessat, EACCES),
    FAILS(getrandom, ENOSYS),
};

/* What the run time of AddressSanitizer needs besides, to map its shadow and to print a report. */
static const struct rule sanitizer_rules[] = {
    MAY(sigaltstack),
    MAY(sched_yield),
    MAY(getuid),
    MAY(geteuid),
    MAY(getgid),
    MAY(getegid),
    FAILS(open, EACCES),
    FAILS(stat, EACCES),
    FAILS(prctl, EPERM),
    FAILS(clone, EPERM),
    FAILS(fork, EPERM),
    FAILS(vfork, EPERM),
    FAILS(pipe, EPERM),
    FAILS(pipe2, EPERM),
    FAILS(sched_getaffinity, EPERM),
    FAILS(getrusage, EPERM),
    FAILS(uname, EPERM),
    FAILS(getrlimit, EPERM),
    FAILS(prlimit64, EPERM),
    FAILS(unlink, EPERM),
};

/* A call that this processor does not have is no failure: libseccomp gives those numbers below
 * zero. */
static int add_rule(scmp_filter_ctx filter, const struct rule *rule)
{
    uint32_t action = rule->refusal ? SCMP_ACT_ERRNO((uint32_t)rule->refusal) : SCMP_ACT_ALLOW;
    if (rule->call < 0)
        return 0;
    return seccomp_rule_add_array(filter, action, rule->call, rule->conditions, rule->condition);
}

static int add_rules(scmp_filter_ctx filter, const struct rule *list, size_t count)
{
    int result = 0;
    for (size_t i = 0; i < count && result == 0; i++)
        result = add_rule(filter, &list[i]);
    return result;
}

static int add_abort(scmp_filter_ctx filter)
{
    struct rule rule = MAY_IF_BOTH(tgkill, IS(0, (scmp_datum_t)getpid()),
                                   IS(2, (scmp_datum_t)SIGABRT));
    return add_rule(filter, &rule);
}

static int fill(scmp_filter_ctx filter)
{
    int result = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (result == 0)
        result = add_rules(filter, rules, sizeof rules / sizeof *rules);
    if (result == 0 && JAIL_SANITIZED)
        result = add_rules(filter, sanitizer_rules,
                           sizeof sanitizer_rules / sizeof *sanitizer_rules);
    if (result == 0)
        result = add_abort(filter);
    return result == 0 ? seccomp_load(filter) : result;
}

bool jail_filter_load(struct error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int result = filter ? fill(filter) : -ENOSYS;
    seccomp_release(filter);
    if (result == 0)
        return true;
    return error_set(err, ERROR_IO,
                     "lock the policy's process in: seccomp: %s. No policy is executed without it: "
                     "the kernel (4.14 or later), and the container around this process if there "
                     "is one, must allow seccomp filters (Docker's default profile does; valgrind "
                     "does not)",
                     strerror(-result));
}

bool jail_filter_possible(void)
{
    uint32_t action = SECCOMP_RET_KILL_PROCESS;
    return syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}
