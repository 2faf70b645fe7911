/* Preloaded into a program under test: sends it a signal, KILL_WITH (a number; else SIGKILL), when
 * it has made its n-th record durable. Each record of a journal is one fdatasync, so that every
 * point between two of them can be tried, and the same one each time. The n is KILL_AT; without it
 * nothing happens. */
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int fdatasync(int fd)
{
    static atomic_int records;
    const char *wanted = getenv("KILL_AT");
    const char *number = getenv("KILL_WITH");
    int result = (int)syscall(SYS_fdatasync, fd);
    if (wanted && atomic_fetch_add(&records, 1) + 1 == strtol(wanted, NULL, 10))
        kill(getpid(), number ? (int)strtol(number, NULL, 10) : SIGKILL);
    return result;
}
