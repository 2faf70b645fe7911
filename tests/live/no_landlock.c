/* For LD_PRELOAD: a kernel without Landlock. */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#endif

enum { ARGUMENTS = 6 };

long syscall(long number, ...)
{
    long given[ARGUMENTS];
    va_list list;
    long (*next)(long, ...);
    *(void **)&next = dlsym(RTLD_NEXT, "syscall");
    va_start(list, number);
    for (int i = 0; i < ARGUMENTS; i++)
        given[i] = va_arg(list, long);
    va_end(list);
    if (number == SYS_landlock_create_ruleset) {
        errno = ENOSYS;
        return -1;
    }
    return next(number, given[0], given[1], given[2], given[3], given[4], given[5]);
}
