/* Walks through folders for files of tests. */
#include "cli/test_paths.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEEP = 32 };

static bool add(struct test_paths *paths, const char *path, struct error *err)
{
    if (paths->count == TEST_FILES_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d files of tests", TEST_FILES_MAX);
    char *copy = strdup(path);
    if (!copy)
        return error_set(err, ERROR_LIMIT, "out of memory for the files of tests");
    paths->files[paths->count++] = copy;
    return true;
}

bool test_paths_is_test(const char *name)
{
    static const char end[] = "_test.lua";
    size_t size = strlen(name);
    return size > sizeof end - 1 && strcmp(name + size - (sizeof end - 1), end) == 0;
}

static bool walk(struct test_paths *paths, const char *folder, int depth, struct error *err);

static bool take_entry(struct test_paths *paths, const char *folder, const char *name, int depth,
                       struct error *err)
{
    char path[PATH_MAX];
    struct stat about;
    bool slash = folder[strlen(folder) - 1] == '/';
    int size = snprintf(path, sizeof path, "%s%s%s", folder, slash ? "" : "/", name);
    if (name[0] == '.' || size < 0 || (size_t)size >= sizeof path || lstat(path, &about) != 0)
        return true;
    if (S_ISDIR(about.st_mode))
        return depth == DEEP || walk(paths, path, depth + 1, err);
    return !S_ISREG(about.st_mode) || !test_paths_is_test(name) || add(paths, path, err);
}

static bool walk(struct test_paths *paths, const char *folder, int depth, struct error *err)
{
    DIR *open = opendir(folder);
    if (!open)
        return error_set(err, error_of_path(errno), "%s: %s", folder, strerror(errno));
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(open));)
        ok = take_entry(paths, folder, entry->d_name, depth, err);
    closedir(open);
    return ok;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void sort(struct test_paths *paths)
{
    size_t kept = 0;
    qsort(paths->files, paths->count, sizeof *paths->files, compare);
    for (size_t i = 0; i < paths->count; i++) {
        if (kept > 0 && strcmp(paths->files[kept - 1], paths->files[i]) == 0)
            free(paths->files[i]);
        else
            paths->files[kept++] = paths->files[i];
    }
    paths->count = kept;
}

bool test_paths_find(struct test_paths *paths, char *const *given, size_t count, struct error *err)
{
    paths->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat about;
        if (*given[i] == '\0' || stat(given[i], &about) != 0)
            return error_set(err, ERROR_INVALID, "%s: %s", *given[i] ? given[i] : "an empty path",
                             *given[i] ? strerror(errno) : "there is none");
        if (!(S_ISDIR(about.st_mode) ? walk(paths, given[i], 0, err) : add(paths, given[i], err)))
            return false;
    }
    sort(paths);
    return paths->count > 0 ||
           error_set(err, ERROR_INVALID, "there is no file *_test.lua in %s", given[0]);
}

void test_paths_clear(struct test_paths *paths)
{
    for (size_t i = 0; i < paths->count; i++)
        free(paths->files[i]);
    paths->count = 0;
}
