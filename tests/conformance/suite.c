#include "suite.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { STATUS_SKIPPED = 77, FILE_MAX = 16 << 20, SHOWN_MAX = 4000 };

static void die(const char *what, const char *why)
{
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

static void join(struct buffer *path, const char *folder, const char *name)
{
    struct error err;
    buffer_empty(path);
    if (!buffer_append_format(path, &err, "%s/%s", folder, name))
        die(folder, err.message);
}

static bool is_there(const char *path)
{
    return access(path, R_OK) == 0;
}

/* The suite's own folder, or the folder of all suites. */
static bool find_folder(struct suite *suite, const char *given, const char *probe)
{
    struct buffer path = {.max = FILE_MAX};
    join(&path, given, probe);
    bool here = is_there(path.data);
    if (here) {
        join(&suite->folder, given, ".");
    } else {
        join(&suite->folder, given, suite->name);
        join(&path, suite->folder.data, probe);
        here = is_there(path.data);
    }
    buffer_clear(&path);
    return here;
}

void suite_open(struct suite *suite, int argc, char **argv, const char *probe)
{
    const char *given = argc > 1 ? argv[1] : getenv("TIDELOCK_CONFORMANCE");
    buffer_init(&suite->folder, FILE_MAX);
    if (given && *given && find_folder(suite, given, probe))
        return;
    if (given && *given)
        printf("SKIPPED: conformance/%s: its data is not in %s\n", suite->name, given);
    else
        printf("SKIPPED: conformance/%s: no folder is given, as an argument or in "
               "TIDELOCK_CONFORMANCE\n",
               suite->name);
    printf("0 passed, 0 failed, 1 skipped\n");
    exit(STATUS_SKIPPED);
}

bool suite_begin(struct suite *suite, const char *name)
{
    for (const struct suite_exception *e = suite->exceptions; e && e->name; e++) {
        if (strcmp(e->name, name) == 0) {
            printf("left out  %s: %s\n", name, e->reason);
            suite->left_out++;
            return false;
        }
    }
    suite->running = name;
    suite->good = true;
    return true;
}

void suite_fail(struct suite *suite, const char *format, ...)
{
    va_list arguments;
    if (suite->good)
        printf("FAILED    %s\n", suite->running);
    suite->good = false;
    printf("          ");
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    printf("\n");
}

static int shown(struct slice text)
{
    return (int)(text.size > SHOWN_MAX ? SHOWN_MAX : text.size);
}

void suite_same(struct suite *suite, const char *what, struct slice got, struct slice want)
{
    if (!slice_equal(got, want))
        suite_fail(suite, "%s:\n--- got\n%.*s\n--- want\n%.*s\n---", what, shown(got), got.data,
                   shown(want), want.data);
}

void suite_end(struct suite *suite)
{
    if (suite->good)
        suite->passed++;
    else
        suite->failed++;
}

int suite_close(struct suite *suite)
{
    if (suite->passed + suite->failed == 0) {
        printf("FAILED    no case was found in %s\n", suite->folder.data);
        suite->failed++;
    }
    if (suite->left_out > 0)
        printf("%zu left out, each with its reason\n", suite->left_out);
    printf("%zu passed, %zu failed\n", suite->passed, suite->failed);
    buffer_clear(&suite->folder);
    return suite->failed > 0 ? 1 : 0;
}

static bool read_all(FILE *file, struct buffer *out)
{
    enum { CHUNK = 64 << 10 };
    struct error err;
    size_t got = 0;
    do {
        char *room = buffer_reserve(out, CHUNK, &err);
        got = room ? fread(room, 1, CHUNK, file) : 0;
        out->size += got;
    } while (got > 0);
    return !ferror(file);
}

bool suite_read(const struct suite *suite, struct buffer *out, const char *format, ...)
{
    char name[1024];
    struct buffer path = {.max = FILE_MAX};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(name, sizeof name, format, arguments);
    va_end(arguments);
    buffer_empty(out);
    join(&path, suite->folder.data, name);
    FILE *file = fopen(path.data, "rb");
    bool ok = file && read_all(file, out);
    if (file)
        fclose(file);
    buffer_clear(&path);
    return ok;
}

void suite_read_json(const struct suite *suite, struct value *out, struct buffer *text,
                     struct pool *pool, const char *path)
{
    struct error err;
    if (!suite_read(suite, text, "%s", path))
        die(path, "cannot be read");
    if (!value_parse(out, buffer_slice(text), false, pool, &err))
        die(path, err.message);
}

static int no_dots(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

void suite_each_folder(struct suite *suite, const char *path,
                       void (*each)(struct suite *suite, const char *name))
{
    struct dirent **entries = NULL;
    struct buffer folder = {.max = FILE_MAX};
    struct buffer file = {.max = FILE_MAX};
    join(&folder, suite->folder.data, path);
    int count = scandir(folder.data, &entries, no_dots, alphasort);
    for (int i = 0; i < count; i++) {
        struct stat status;
        join(&file, folder.data, entries[i]->d_name);
        if (stat(file.data, &status) == 0 && S_ISDIR(status.st_mode))
            each(suite, entries[i]->d_name);
        free(entries[i]);
    }
    free(entries);
    buffer_clear(&folder);
    buffer_clear(&file);
}

/* Strings of a case file are not NUL-terminated; what was copied is. */
static const char *look_up(const struct environment *base, const char *name)
{
    struct error err;
    struct slice copy;
    const struct suite_environment *environment = (const struct suite_environment *)base;
    const struct value *found = value_get(environment->variables, name);
    if (!found)
        return NULL;
    if (!pool_copy(environment->pool, found->string, &copy, &err))
        die(name, err.message);
    return copy.data;
}

void suite_environment_init(struct suite_environment *environment, const struct value *variables,
                            struct pool *pool)
{
    *environment = (struct suite_environment){{look_up}, variables, pool};
}
