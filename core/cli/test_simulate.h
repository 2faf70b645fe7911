/* One simulation that a test asked for, carried out in a process that locks itself in, and what the
 * test is told of it: a plain value (stdlib/test_outcome.lua). */
#pragma once

#include "cli/test_request.h"
#include "script/coverage.h"

struct test_simulation {
    size_t jobs;   /* processes that many runs may be shared by */
    bool coverage; /* the lines that are executed are wanted */
};

/* *told is what came of it; *covered is {chunk: [line...]}, null unless it is wanted. False: it
 * could not be carried out, and the message says why. */
bool test_simulate(const struct test_request *request, const struct test_simulation *how,
                   struct value *told, struct value *covered, struct pool *pool, struct error *err);
