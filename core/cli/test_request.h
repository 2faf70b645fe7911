/* What a test asks to be simulated: its effect, read as a stranger's text is, and the files that it
 * names. */
#pragma once

#include "cli/injector.h"
#include "cli/simulation.h"

#include <limits.h>

/* Where a test's files may lie: in the folder of the test, from which their names count, and in
 * that which `tidelock test` was started in. Both are real paths. */
struct test_place {
    char folder[PATH_MAX], start[PATH_MAX];
};

struct test_request {
    struct simulation_input input;
    struct injection injection;
    int64_t seed, runs;
    struct death death; /* of the one run */
    bool everywhere;    /* it is killed after every record, in every way */
    bool records;       /* those of its journal are wanted */
};

/* ERROR_INVALID, as all of sources_read and inject_parse: a message that names what is wrong. Clear
 * it in any case. */
bool test_request_read(struct test_request *request, const struct value *effect,
                       const struct test_place *place, struct error *err);
void test_request_clear(struct test_request *request);
