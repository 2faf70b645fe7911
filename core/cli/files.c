/* Whole files, read and written: one read loop, one write loop, and a file that is never written
 * over another. */
#include "cli/files.h"

#include "base/file.h"

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

bool files_take(int fd, const char *path, size_t max, struct buffer *out, struct error *err)
{
    buffer_init(out, max);
    bool ok = read_all(fd, path, out, err);
    close(fd);
    if (!ok)
        buffer_clear(out);
    return ok;
}

/* A descriptor of its own, so that the one of standard input is not closed. */
static int open_input(const char *path, struct error *err)
{
    if (strcmp(path, "-") != 0)
        return file_open(path, err);
    int fd = dup(STDIN_FILENO);
    if (fd < 0)
        error_set(err, ERROR_INVALID, "standard input: %s", strerror(errno));
    return fd;
}

bool files_read(const char *path, size_t max, struct buffer *out, struct error *err)
{
    buffer_init(out, max);
    int fd = open_input(path, err);
    return fd >= 0 && files_take(fd, path, max, out, err);
}

bool files_refuse(const char *path, struct error *err)
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

bool files_check_new(const char *path, struct error *err)
{
    struct stat about;
    if (lstat(path, &about) == 0)
        return files_refuse(path, err);
    return (errno == ENOENT && is_in_folder(path)) ||
           error_set(err, error_of_path(errno), "%s: %s", path, strerror(errno));
}

bool files_write_new(const char *path, struct slice bytes, struct error *err)
{
    FILE *file = fopen(path, "wxe");
    if (!file)
        return errno == EEXIST
                   ? files_refuse(path, err)
                   : error_set(err, error_of_path(errno), "creating %s: %s", path, strerror(errno));
    bool ok = fwrite(bytes.data, 1, bytes.size, file) == bytes.size;
    ok = fclose(file) == 0 && ok;
    if (ok)
        return true;
    error_set(err, ERROR_IO, "writing %s failed: %s", path, strerror(errno));
    unlink(path); /* half a file is worse than none */
    return false;
}

bool files_write_all(int fd, struct slice text)
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

mode_t files_new_mode(void)
{
    mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}
