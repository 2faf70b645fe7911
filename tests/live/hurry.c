/* Preloaded into a program under test: its time goes HURRY / HURRY_PER times as fast as the
 * machine's, so that a rollout of minutes is tried in seconds, or slower than a busy machine needs
 * for what is compared second by second. Wall time is HURRY_AT at the instant HURRY_FROM (ms
 * since 1970 both), and processes that are given the same share it. Processor time stays. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { MS = 1000000, SECOND = 1000000000 };

static int64_t number(const char *variable, int64_t otherwise)
{
    const char *text = getenv(variable);
    return text ? strtoll(text, NULL, 10) : otherwise;
}

static int64_t nanoseconds(const struct timespec *time)
{
    return (int64_t)time->tv_sec * SECOND + time->tv_nsec;
}

static struct timespec timespec_of(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / SECOND, .tv_nsec = ns % SECOND};
}

static int64_t hurried(clockid_t clock, int64_t ns)
{
    int64_t times = number("HURRY", 1), per = number("HURRY_PER", 1);
    int64_t from = number("HURRY_FROM", 0) * MS, at = number("HURRY_AT", 0) * MS;
    if (clock == CLOCK_REALTIME && at)
        return at + (ns - from) * times / per;
    return clock == CLOCK_MONOTONIC || clock == CLOCK_BOOTTIME ? ns * times / per : ns;
}

int clock_gettime(clockid_t clock, struct timespec *out)
{
    int failed = (int)syscall(SYS_clock_gettime, clock, out);
    if (!failed)
        *out = timespec_of(hurried(clock, nanoseconds(out)));
    return failed;
}

/* At an instant of the hurried clock; 0, which disarms, stays 0. */
int timerfd_settime(int fd, int flags, const struct itimerspec *given, struct itimerspec *old)
{
    int64_t times = number("HURRY", 1), per = number("HURRY_PER", 1);
    struct itimerspec real = *given;
    real.it_value = timespec_of((nanoseconds(&given->it_value) * per + times - 1) / times);
    return (int)syscall(SYS_timerfd_settime, fd, flags, &real, old);
}
