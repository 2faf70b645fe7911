/* Whole files, read and written: one read loop, one write loop, and a file that is never written
 * over another. */
#include "cli/files.h"

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

bool files_read(const char *path, size_t max, struct buffer *out, struct error *err)
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
