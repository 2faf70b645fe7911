/* The program's own Lua files: embedded, or read from the folder that overrides them. */
#include "host/embedded.h"
#include "host/host.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OVERRIDE_FILES_MAX = 1024, OVERRIDE_SIZE_MAX = 1 << 20 };

static const char override_name[] = "TIDELOCK_LUA_DIR";

struct file {
    const char *path; /* "lua/aws/catalogue.lua" */
    struct slice text;
};

/* Every file there is, sorted by path. Filled once; the texts are never freed, since callers may
 * keep them for ever. */
static struct {
    bool filled;
    bool text; /* of a folder, not compiled */
    struct file *items;
    size_t count;
} files;

static bool use_embedded(struct error *err)
{
    files.items = calloc(embedded_count + 1, sizeof *files.items);
    if (!files.items)
        return error_set(err, ERROR_LIMIT, "out of memory for the program's own files");
    files.count = embedded_count;
    for (size_t i = 0; i < embedded_count; i++) {
        const struct embedded_file *from = &embedded_files[i];
        files.items[i] = (struct file){from->path, {(const char *)from->data, from->size}};
    }
    return true;
}

static bool read_text(const char *path, struct slice *text, struct error *err)
{
    struct buffer buffer;
    buffer_init(&buffer, OVERRIDE_SIZE_MAX);
    FILE *in = fopen(path, "rb");
    if (!in)
        return error_set(err, ERROR_IO, "%s: %s: %s", override_name, path, strerror(errno));
    char *into = buffer_reserve(&buffer, OVERRIDE_SIZE_MAX, err);
    buffer.size = into ? fread(into, 1, OVERRIDE_SIZE_MAX, in) : 0;
    bool whole = into && !ferror(in) && fgetc(in) == EOF;
    fclose(in);
    if (!whole) {
        buffer_clear(&buffer);
        return error_set(err, ERROR_IO, "%s: %s cannot be read, or has more than %d bytes",
                         override_name, path, OVERRIDE_SIZE_MAX);
    }
    *text = buffer_slice(&buffer);
    return true;
}

static bool add(const char *path, size_t folder_size, struct error *err)
{
    struct file *file = &files.items[files.count];
    char *kept = strdup(path + folder_size + 1);
    if (!kept || files.count == OVERRIDE_FILES_MAX)
        return error_set(err, ERROR_LIMIT, "%s: more than %d files, or no memory for them",
                         override_name, OVERRIDE_FILES_MAX);
    file->path = kept;
    files.count++;
    return read_text(path, &file->text, err);
}

static bool add_matching(const char *folder, const char *pattern, struct error *err)
{
    char text[4096];
    glob_t found;
    bool ok = true;
    if (snprintf(text, sizeof text, "%s/%s", folder, pattern) >= (int)sizeof text)
        return error_set(err, ERROR_INVALID, "%s: the path is too long", override_name);
    if (glob(text, 0, NULL, &found) != 0)
        return true;
    for (size_t i = 0; ok && i < found.gl_pathc; i++)
        ok = add(found.gl_pathv[i], strlen(folder), err);
    globfree(&found);
    return ok;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static bool use_folder(const char *folder, struct error *err)
{
    static const char *const patterns[] = {"lua/*.lua",       "lua/*/*.lua",  "lua/*/*/*.lua",
                                           "lua/*/*/*/*.lua", "stdlib/*.lua", "policies/*.lua"};
    files.items = calloc(OVERRIDE_FILES_MAX + 1, sizeof *files.items);
    if (!files.items)
        return error_set(err, ERROR_LIMIT, "out of memory for the files of %s", folder);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (!add_matching(folder, patterns[i], err))
            return false;
    }
    if (files.count == 0)
        return error_set(err, ERROR_INVALID, "%s=%s: there are no Lua files below it",
                         override_name, folder);
    qsort(files.items, files.count, sizeof *files.items, compare_paths);
    fprintf(stderr, "tidelock: the Lua files of %s are used instead of its own (%s)\n", folder,
            override_name);
    return true;
}

bool host_open_files(struct error *err)
{
    const char *folder = getenv(override_name);
    if (files.filled)
        return true;
    files.filled = true;
    files.text = folder && *folder;
    return files.text ? use_folder(folder, err) : use_embedded(err);
}

/* Where the caller has no error to fill: a folder that was named on purpose and cannot be used must
 * not quietly become the embedded files. */
static void open_or_exit(void)
{
    struct error err;
    if (host_open_files(&err))
        return;
    fprintf(stderr, "tidelock: %s\n", err.message);
    exit(1);
}

bool host_file(const char *path, struct slice *text)
{
    struct file wanted = {.path = path};
    open_or_exit();
    const struct file *file = bsearch(&wanted, files.items, files.count, sizeof *files.items,
                                      compare_paths);
    if (file)
        *text = file->text;
    return file != NULL;
}

bool host_files_are_text(void)
{
    open_or_exit();
    return files.text;
}

const char *host_file_name(const char *prefix, size_t index)
{
    size_t from = 0;
    open_or_exit();
    for (size_t to = files.count; from < to;) { /* the first that is not before the prefix */
        size_t middle = from + (to - from) / 2;
        if (strcmp(files.items[middle].path, prefix) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (index >= files.count - from)
        return NULL;
    const char *path = files.items[from + index].path;
    return strncmp(path, prefix, strlen(prefix)) == 0 ? path : NULL;
}
