/* Errors. One type, passed by the caller: a function that can fail returns bool, takes
 * `struct error *err` last, and has filled it whenever it returned false. Messages are written
 * where the failure happens, for the operator: what was wrong, where, what was expected. */
#pragma once

#include <stdbool.h>

#define ERROR_CODES(X)                                                                             \
    X(NONE, "none")                                                                                \
    X(INVALID, "invalid")   /* what we were given is wrong: usage, policy, recording, journal */   \
    X(IO, "io")             /* the operating system or a device failed */                          \
    X(LIMIT, "limit")       /* a stated maximum was passed */                                      \
    X(POLICY, "policy")     /* the policy raised an error */                                       \
    X(BUDGET, "budget")     /* the policy spent its budget */                                      \
    X(DAMAGED, "damaged")   /* bytes that we wrote are not what we wrote */                        \
    X(CONFLICT, "conflict") /* somebody else changed it meanwhile */                               \
    X(KILLED, "killed")     /* a crash test stopped the run here */                                \
    X(ENDED, "ended")       /* we were asked to end before it was done */                          \
    X(INTERNAL, "internal") /* a mistake of ours */

enum error_code {
#define X(name, text) ERROR_##name,
    ERROR_CODES(X)
#undef X
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

const char *error_code_name(enum error_code code);
