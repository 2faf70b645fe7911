/* What the verbs share: reading files, printing values, the output format. */
#include "cli/verbs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool read_all(int fd, const char *path, struct buffer *out, struct error *err)
{
    enum { CHUNK = 64 << 10 };
    for (;;) {
        size_t room = out->max - out->size < CHUNK ? out->max - out->size : CHUNK;
        char *into = buffer_reserve(out, room ? room : 1, err);
        if (!into)
            return error_wrap(err, "%s", path);
        ssize_t got = read(fd, into, room);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERROR_IO, "reading %s: %s", path, strerror(errno));
        out->size += (size_t)got;
        out->data[out->size] = '\0';
        if (got == 0)
            return true;
    }
}

static bool refuse_folder(int fd, const char *path, struct error *err)
{
    struct stat about;
    if (fstat(fd, &about) == 0 && S_ISDIR(about.st_mode))
        return error_set(err, ERROR_INVALID, "%s is a folder; a file was expected", path);
    return true;
}

bool verb_read_file(const char *path, size_t max, struct buffer *out, struct error *err)
{
    bool is_stdin = strcmp(path, "-") == 0;
    buffer_init(out, max);
    int fd = is_stdin ? 0 : open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set(err, ERROR_INVALID, "%s: %s", path, strerror(errno));
    bool ok = refuse_folder(fd, path, err) && read_all(fd, path, out, err);
    if (!is_stdin)
        close(fd);
    if (!ok)
        buffer_clear(out);
    return ok;
}

bool verb_refuse_file(const char *path, struct error *err)
{
    return error_set(err, ERROR_INVALID, "%s is there already; nothing is overwritten", path);
}

/* Whether a file can be made in the folder of this path; errno says why not. */
static bool is_in_folder(const char *path)
{
    char folder[PATH_MAX] = ".";
    const char *end = strrchr(path, '/');
    size_t size = end ? (size_t)(end - path) : 1;
    if (size >= sizeof folder) {
        errno = ENAMETOOLONG;
        return false;
    }
    if (end)
        snprintf(folder, sizeof folder, "%.*s", (int)(size ? size : 1), path);
    return access(folder, W_OK | X_OK) == 0;
}

bool verb_check_file(const char *path, struct error *err)
{
    struct stat about;
    if (lstat(path, &about) == 0)
        return verb_refuse_file(path, err);
    return (errno == ENOENT && is_in_folder(path)) ||
           error_set(err, error_of_path(errno), "%s: %s", path, strerror(errno));
}

bool verb_write_file(const char *path, struct slice bytes, struct error *err)
{
    FILE *file = fopen(path, "wxe");
    if (!file)
        return errno == EEXIST
                   ? verb_refuse_file(path, err)
                   : error_set(err, error_of_path(errno), "creating %s: %s", path, strerror(errno));
    bool ok = fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
    ok = fclose(file) == 0 && ok;
    if (ok)
        return true;
    error_set(err, ERROR_IO, "writing %s failed: %s", path, strerror(errno));
    unlink(path); /* half a file is worse than none */
    return false;
}

bool verb_write_all(int fd, struct slice text)
{
    while (text.size > 0) {
        ssize_t written = write(fd, text.data, text.size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        text.data += written;
        text.size -= (size_t)written;
    }
    return true;
}

mode_t verb_new_file_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

void verb_tell_report(const struct value *report)
{
    for (size_t i = 0; report && report->kind == VALUE_ARRAY && i < report->array.count; i++) {
        struct slice line = report->array.items[i].string;
        fprintf(stderr, "%.*s\n", (int)line.size, line.data);
    }
}

bool verb_print(const struct value *value, struct error *err)
{
    enum { LINE_MAX_SIZE = 256 << 20 };
    struct buffer text;
    buffer_init(&text, LINE_MAX_SIZE);
    bool ok = value_write(value, &text, err);
    if (ok)
        printf("%s\n", text.data);
    buffer_clear(&text);
    return ok;
}

int verb_flush(int status)
{
    bool lost = ferror(stdout);
    if (fflush(stdout) == 0 && !lost)
        return status;
    /* What failed before kept no reason: the same end gives the same. */
    if (lost && write(1, "\n", 1) == 1)
        errno = EIO;
    if (errno != EPIPE && status != EXIT_TOOL) /* then it has been told */
        fprintf(stderr, "tidelock: writing the output: %s\n", strerror(errno));
    return status == EXIT_DONE ? EXIT_TOOL : status;
}

bool verb_format(const struct options *options, enum format *format, struct error *err)
{
    static const char *const names[] = {"text", "json", "jsonl"};
    const char *text = options_text(options, "format", "text");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(text, names[i]) == 0) {
            *format = (enum format)i;
            return true;
        }
    }
    return error_set(err, ERROR_INVALID, "--format is text, json or jsonl, not \"%s\"", text);
}

bool verb_arguments(const struct options *options, struct value *out, struct pool *pool,
                    struct error *err)
{
    size_t count = 0;
    while (options_use(options, "parameter", count))
        count++;
    if (!value_array(out, count, pool, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *text = options_use(options, "parameter", i);
        const char *equals = strchr(text, '=');
        struct value *pair = &out->array.items[i];
        if (!equals || equals == text)
            return error_set(err, ERROR_INVALID, "-p %s: expected name=value", text);
        if (!value_array(pair, 2, pool, err))
            return false;
        pair->array.items[0] = value_string((struct slice){text, (size_t)(equals - text)});
        pair->array.items[1] = value_text(equals + 1);
    }
    return true;
}
