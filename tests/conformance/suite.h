/* What the conformance runners share: where the data is, what passed, what did not and why.
 *
 * The data is written by others and lies outside the repository. A runner takes its folder, or the
 * folder of all suites, as its argument, else from TIDELOCK_CONFORMANCE; without it the runner says
 * so and exits with 77. */
#pragma once

#include "aws/profiles.h"
#include "base/value.h"

struct suite_exception {
    const char *name, *reason;
};

struct suite {
    const char *name;                         /* of the folder: "sigv4" */
    const struct suite_exception *exceptions; /* cases left out; the last has no name */
    struct buffer folder;
    size_t passed, failed, left_out;
    const char *running; /* the case at work, and whether it is still good */
    bool good;
};

/* Finds the folder, in which `probe` must be; or ends the program. */
void suite_open(struct suite *suite, int argc, char **argv, const char *probe);
/* False for a case that is left out, which is then counted and named. */
bool suite_begin(struct suite *suite, const char *name);
void suite_fail(struct suite *suite, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The case fails where they differ; both are shown. */
void suite_same(struct suite *suite, const char *what, struct slice got, struct slice want);
void suite_end(struct suite *suite);
int suite_close(struct suite *suite); /* prints the sums; the exit status */

/* The file below the suite's folder; false where there is none. */
bool suite_read(const struct suite *suite, struct buffer *out, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* As JSON; a file that is not there or not JSON ends the program. `text` must outlive the value. */
void suite_read_json(const struct suite *suite, struct value *out, struct buffer *text,
                     struct pool *pool, const char *path);
/* Calls each(suite, name) for the folders in `path`, sorted. */
void suite_each_folder(struct suite *suite, const char *path,
                       void (*each)(struct suite *suite, const char *name));

/* The variables in a case: an object of texts. Copies live in the pool. */
struct suite_environment {
    struct environment environment;
    const struct value *variables;
    struct pool *pool;
};

void suite_environment_init(struct suite_environment *environment, const struct value *variables,
                            struct pool *pool);
