/* Preloaded into a program under test: sends it a signal, KILL_WITH (a number; else SIGKILL), when
 * it has made a journal durable for the n-th time. That follows each record, or those that a
 * rollback writes at once, so that every point between two of them can be tried, and the same one
 * each time; what else is made durable does not count. The n is KILL_AT; without it nothing
 * happens. How often it was is written to the file KILL_COUNT at the end, if that is given. */
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static bool is_journal(int fd)
{
    static const char ending[] = ".journal";
    char link[64];
    char path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path);
    ssize_t rest = size - (ssize_t)(sizeof ending - 1);
    return rest > 0 && memcmp(path + rest, ending, sizeof ending - 1) == 0;
}

static atomic_int times;

int fdatasync(int fd)
{
    const char *wanted = getenv("KILL_AT");
    const char *number = getenv("KILL_WITH");
    int result = (int)syscall(SYS_fdatasync, fd);
    if (wanted && is_journal(fd) && atomic_fetch_add(&times, 1) + 1 == strtol(wanted, NULL, 10))
        kill(getpid(), number ? (int)strtol(number, NULL, 10) : SIGKILL);
    return result;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("KILL_COUNT");
    FILE *file = path && times > 0 ? fopen(path, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%d", atomic_load(&times));
    fclose(file);
}
