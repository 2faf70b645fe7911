/* The walls of the locked-in process, put up one after the other, and the probe for which of them
 * this machine has. */
#include "script/jail.h"

#include "script/jail_filter.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

const struct jail_limits jail_limits_default = {
    .memory = (size_t)1 << 30,
    .cpu_seconds = 600,
    .file_size = (size_t)1 << 30,
};

/* --- descriptors ----------------------------------------------------------------------------- */

enum { STANDARD = 3, DESCRIPTORS_GUESSED = 65536 };

/* The lowest kept descriptor at or above `from`, INT_MAX if there is none. */
static int next_kept(const int *keep, size_t count, int from)
{
    int next = from < STANDARD ? from : INT_MAX;
    for (size_t i = 0; i < count; i++)
        next = keep[i] >= from && keep[i] < next ? keep[i] : next;
    return next;
}

/* Kernels before 5.9 close one at a time. */
static void close_between(int first, int last)
{
#ifdef SYS_close_range
    if (syscall(SYS_close_range, (unsigned)first, (unsigned)last, 0) == 0)
        return;
#endif
    for (int fd = first; fd <= last && fd < DESCRIPTORS_GUESSED; fd++)
        close(fd);
}

/* Closes all but the kept ones; returns one more than the highest of those. */
static int close_others(const int *keep, size_t count)
{
    int from = 0;
    for (int kept; (kept = next_kept(keep, count, from)) != INT_MAX; from = kept + 1) {
        if (kept > from)
            close_between(from, kept - 1);
    }
    close_between(from, INT_MAX);
    return from;
}

/* --- resource limits ------------------------------------------------------------------------- */

/* The size of the largest file that is open already: the limit holds for a place in a file, and
 * standard output may stand far down in one. */
static rlim_t largest_file(int descriptors)
{
    off_t largest = 0;
    struct stat about;
    for (int fd = 0; fd < descriptors; fd++) {
        if (fstat(fd, &about) == 0 && S_ISREG(about.st_mode) && about.st_size > largest)
            largest = about.st_size;
    }
    return (rlim_t)largest;
}

/* Bytes of address space in use. */
static bool mapped_bytes(rlim_t *bytes, struct error *err)
{
    unsigned long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");
    bool ok = file && fscanf(file, "%lu", &pages) == 1;
    if (file)
        fclose(file);
    *bytes = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
    return ok || error_set(err, ERROR_IO,
                           "lock the policy's process in: /proc/self/statm cannot be "
                           "read (is /proc mounted?)");
}

/* What was allowed before is never widened. */
static bool limit(unsigned what, rlim_t soft, rlim_t hard, const char *name, struct error *err)
{
    struct rlimit now;
    if (getrlimit(what, &now) != 0)
        now.rlim_max = now.rlim_cur = RLIM_INFINITY;
    struct rlimit wanted = {soft < now.rlim_cur ? soft : now.rlim_cur,
                            hard < now.rlim_max ? hard : now.rlim_max};
    if (setrlimit(what, &wanted) == 0)
        return true;
    return error_set(err, ERROR_IO, "lock the policy's process in: limit its %s: %s", name,
                     strerror(errno));
}

/* The second after the soft limit is for the signal that names it. */
static bool limit_processor(unsigned seconds, struct error *err)
{
    struct rusage used = {.ru_utime = {0}};
    getrusage(RUSAGE_SELF, &used);
    rlim_t soft = (rlim_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) + seconds;
    return limit(RLIMIT_CPU, soft, soft + 1, "processor time", err);
}

static bool limit_all(const struct jail_limits *limits, rlim_t mapped, int descriptors,
                      struct error *err)
{
    rlim_t memory = mapped + limits->memory;
    rlim_t file = largest_file(descriptors) + limits->file_size;
    return limit(RLIMIT_AS, memory, memory, "memory", err) &&
           limit(RLIMIT_FSIZE, file, file, "files", err) &&
           limit(RLIMIT_NOFILE, (rlim_t)descriptors, (rlim_t)descriptors, "descriptors", err) &&
           limit(RLIMIT_NPROC, 0, 0, "processes", err) && limit(RLIMIT_CORE, 0, 0, "core", err) &&
           limit_processor(limits->cpu_seconds, err);
}

/* --- Landlock -------------------------------------------------------------------------------- */

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif

enum { LANDLOCK_ASK_VERSION = 1 };

/* What a rule set takes away, by version of the interface; the headers of the build may be older
 * than the kernel. Nothing is given back: there are no rules. */
struct landlock_rights {
    uint64_t files, network, scopes;
};

static const struct landlock_rights landlock_versions[] = {
    {0x1fff, 0, 0}, /* files and folders, in all ways */
    {0x3fff, 0, 0}, /* ... and moving between folders */
    {0x7fff, 0, 0}, /* ... and truncating */
    {0x7fff, 3, 0}, /* ... and TCP */
    {0xffff, 3, 0}, /* ... and talking to devices */
    {0xffff, 3, 3}, /* ... and signals and abstract sockets of others */
};

/* The version the kernel speaks, 0 for none. */
static size_t landlock_version(void)
{
    long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0, LANDLOCK_ASK_VERSION);
    return version > 0 ? (size_t)version : 0;
}

static bool landlock_lock(void)
{
    enum { VERSIONS = sizeof landlock_versions / sizeof *landlock_versions };
    size_t version = landlock_version();
    if (version == 0)
        return false;
    struct landlock_rights rights =
        landlock_versions[(version < VERSIONS ? version : VERSIONS) - 1];
    size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
    int rules = (int)syscall(SYS_landlock_create_ruleset, &rights, size, 0);
    if (rules < 0)
        return false;
    bool locked = syscall(SYS_landlock_restrict_self, rules, 0) == 0;
    close(rules);
    return locked;
}

/* --- the environment ------------------------------------------------------------------------- */

extern char **environ;

/* What reports and streams go by. None of it is a secret. */
static const char *const kept_names[] = {"CLICOLOR", "CLICOLOR_FORCE", "COLUMNS",
                                         "NO_COLOR", "GITHUB_ACTIONS", "LD_LIBRARY_PATH",
                                         "TERM",     "TF_BUILD"};

static bool is_kept(const char *variable)
{
    size_t size = strcspn(variable, "=");
    for (size_t i = 0; i < sizeof kept_names / sizeof *kept_names; i++) {
        if (strlen(kept_names[i]) == size && memcmp(kept_names[i], variable, size) == 0)
            return true;
    }
    return false;
}

/* Where the strings lie, too: it is there that /proc/PID/environ and a fault in the interpreter
 * would find them. */
static void forget_environment(void)
{
    size_t kept = 0;
    for (size_t i = 0; environ && environ[i]; i++) {
        if (is_kept(environ[i]))
            environ[kept++] = environ[i];
        else
            explicit_bzero(environ[i], strlen(environ[i]));
    }
    if (environ)
        environ[kept] = NULL;
}

/* --- all of it ------------------------------------------------------------------------------- */

/* Not dumpable: no other process of the same user may look in or reach in by ptrace. */
static bool renounce(struct error *err)
{
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)
        return true;
    return error_set(err, ERROR_IO, "lock the policy's process in: renounce privileges: %s",
                     strerror(errno));
}

bool jail_lock(const struct jail_limits *limits, const int *keep, size_t keep_count,
               struct jail_walls *walls, struct error *err)
{
    *walls = (struct jail_walls){.seccomp = false};
    forget_environment();
    int descriptors = close_others(keep, keep_count);
    rlim_t mapped;
    if (!mapped_bytes(&mapped, err) || !renounce(err))
        return false;
    walls->no_new_privs = true;
    walls->landlock = landlock_lock(); /* after what opens a file, before a limit on descriptors */
    if (!limit_all(limits, mapped, descriptors, err))
        return false;
    walls->rlimits = true;
    walls->seccomp = jail_filter_load(err);
    return walls->seccomp;
}

void jail_probe(struct jail_walls *walls)
{
    walls->no_new_privs = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) >= 0;
    walls->seccomp = jail_filter_possible();
    walls->landlock = landlock_version() > 0;
    walls->rlimits = access("/proc/self/statm", R_OK) == 0;
}
