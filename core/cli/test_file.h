/* One file of tests, carried out test by test, each in a process of its own: what it asks to be
 * simulated is simulated, and what became of it is told. */
#pragma once

#include "cli/test_simulate.h"

struct test_options {
    struct test_simulation simulation;
    const char *only; /* tests whose name has this text; NULL: all */
};

/* Told, as plain values (lua/test/page.lua):
 *   {"file","case","place","ok","message","printed","ms","covered":[{"lines","sources"}...]}
 *   {"file","read"}       a file that a test named was read
 *   {"file","error"}      its tests could not be found
 * False ends the file. */
typedef bool test_tell_fn(void *context, const struct value *event, struct error *err);

bool test_file_run(const char *path, const struct test_options *options, test_tell_fn *tell,
                   void *context, struct error *err);
