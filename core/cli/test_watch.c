/* Watches folders by inotify. */
#include "cli/test_watch.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

enum { STILL_MS = 50, FOR_EVER = -1 };

bool test_watch_open(struct test_watch *watch, struct error *err)
{
    *watch = (struct test_watch){.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)};
    return watch->fd >= 0 || error_set(err, ERROR_IO, "watch the files: %s", strerror(errno));
}

void test_watch_close(struct test_watch *watch)
{
    if (watch->fd >= 0)
        close(watch->fd);
    watch->fd = -1;
}

static bool is_known(const struct test_watch *watch, int folder)
{
    for (size_t i = 0; i < watch->count; i++) {
        if (watch->folders[i] == folder)
            return true;
    }
    return false;
}

bool test_watch_add(struct test_watch *watch, struct slice path, struct error *err)
{
    enum { CHANGES = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_CREATE };
    char copy[PATH_MAX];
    if (watch->fd < 0 || path.size >= sizeof copy)
        return true;
    memcpy(copy, path.data, path.size);
    copy[path.size] = '\0';
    int folder = inotify_add_watch(watch->fd, dirname(copy), CHANGES);
    if (folder < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
        return true;
    if (folder < 0)
        return error_set(err, ERROR_IO, "watch %s: %s", copy, strerror(errno));
    if (!is_known(watch, folder) && watch->count < TEST_WATCH_MAX)
        watch->folders[watch->count++] = folder;
    return true;
}

/* Takes all that has happened; what is in it does not matter. */
static void drain(const struct test_watch *watch)
{
    char events[4096];
    while (read(watch->fd, events, sizeof events) > 0)
        continue;
}

bool test_watch_wait(struct test_watch *watch, struct error *err)
{
    struct pollfd changes = {.fd = watch->fd, .events = POLLIN};
    int timeout = FOR_EVER;
    int got;
    while ((got = poll(&changes, 1, timeout)) != 0) {
        if (got < 0 && errno != EINTR)
            return error_set(err, ERROR_IO, "wait for a change: %s", strerror(errno));
        if (got > 0) {
            drain(watch);
            timeout = STILL_MS;
        }
    }
    return true;
}
