/* Waits until a file changes that tests are made of. Folders are watched, since editors put a new
 * file in the place of the old one. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>

enum { TEST_WATCH_MAX = 1024 };

struct test_watch {
    int fd; /* -1: nothing is watched */
    int folders[TEST_WATCH_MAX];
    size_t count;
};

bool test_watch_open(struct test_watch *watch, struct error *err);
void test_watch_close(struct test_watch *watch);
/* The folder of this file, where there is one. */
bool test_watch_add(struct test_watch *watch, struct slice path, struct error *err);
/* Until something has changed, and then nothing for a moment: one change comes in several. */
bool test_watch_wait(struct test_watch *watch, struct error *err);
