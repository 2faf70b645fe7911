/* Errors. One type, passed by the caller: a function that can fail returns bool, takes
 * `struct error *err` last, and has filled it whenever it returned false. Messages are written
 * where the failure happens, for the operator: what was wrong, where, what was expected. */
#pragma once

#include <stdbool.h>

enum error_code {
    ERROR_NONE,
    ERROR_INVALID,    /* what we were given is wrong: usage, policy, recording, journal */
    ERROR_IO,         /* the operating system or a device failed */
    ERROR_UNANSWERED, /* who was asked outside did not answer, however often */
    ERROR_LIMIT,      /* a stated maximum was passed */
    ERROR_POLICY,     /* the policy raised an error */
    ERROR_BUDGET,     /* the policy spent its budget */
    ERROR_DAMAGED,    /* bytes that we wrote are not what we wrote */
    ERROR_CONFLICT,   /* somebody else changed it meanwhile */
    ERROR_KILLED,     /* a crash test stopped the run here */
    ERROR_ENDED,      /* we were asked to end before it was done */
    ERROR_INTERNAL,   /* a mistake of ours */
};

enum { ERROR_MESSAGE_MAX = 1024 };

struct error {
    enum error_code code;
    char message[ERROR_MESSAGE_MAX]; /* UTF-8, cut at a whole character */
};

/* Fills *err and returns false, so that `return error_set(...)` is the failing line. */
bool error_set(struct error *err, enum error_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "format: " before the message that is there and returns false. */
bool error_wrap(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What an errno means that a path given by the user was refused with: ERROR_INVALID where another
 * path would do (no such folder, no permission), ERROR_IO where the system failed (no room). */
enum error_code error_of_path(int number);
