/* The files of tests that paths stand for: a file itself, of a folder every file *_test.lua in it
 * and below. */
#pragma once

#include "base/bytes.h"

enum { TEST_FILES_MAX = 4096 };

struct test_paths {
    char *files[TEST_FILES_MAX]; /* in the order of their names, each once */
    size_t count;
};

/* Whether a file is one of tests, by its name. */
bool test_paths_is_test(const char *name);

/* ERROR_INVALID: there is no such path, or no file of tests in any. Clear it in any case. */
bool test_paths_find(struct test_paths *paths, char *const *given, size_t count, struct error *err);
void test_paths_clear(struct test_paths *paths);
