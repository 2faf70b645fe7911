/* Many files of tests, shared among processes, and what they tell, in the order of the files. */
#pragma once

#include "cli/test_file.h"

enum { TEST_JOBS_MAX = 64 };

/* Worker k of n has the files k, k + n, k + 2n... A file whose process is gone is told of as one
 * with an error. */
bool test_workers_run(char *const *paths, size_t count, size_t jobs,
                      const struct test_options *options, test_tell_fn *tell, void *context,
                      struct error *err);
