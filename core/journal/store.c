/* Where journal bytes go: a file descriptor, or memory. */
#include "journal/journal.h"
#include "journal/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool file_append(struct journal_store *store, struct slice bytes, struct error *err)
{
    struct journal_file *file = (struct journal_file *)store;
    while (bytes.size > 0) {
        ssize_t written = write(file->fd, bytes.data, bytes.size);
        if (written < 0 && (errno == EINTR || reserve_let_go(file, errno)))
            continue;
        if (written <= 0)
            return error_set(err, ERROR_IO, "writing the journal: %s", strerror(errno));
        bytes.data += written;
        bytes.size -= (size_t)written;
        file->written += written;
    }
    return true;
}

static bool file_sync(struct journal_store *store, struct error *err)
{
    struct journal_file *file = (struct journal_file *)store;
    /* Pipes and the like cannot be synced and hold nothing to lose. */
    if (file->durable && fdatasync(file->fd) != 0 && errno != EINVAL && errno != EROFS)
        return error_set(err, ERROR_IO, "syncing the journal: %s", strerror(errno));
    return true;
}

void journal_file_init(struct journal_file *file, int fd, bool durable)
{
    struct stat about;
    *file = (struct journal_file){
        .store = {file_append, file_sync, durable ? reserve_space : NULL},
        .fd = fd,
        .durable = durable,
        .reserve = -1,
    };
    if (fd >= 0 && fstat(fd, &about) == 0)
        file->before = about.st_size;
}

bool journal_file_stands(const struct journal_file *file, const char *path, struct error *err)
{
    struct stat about;
    if (fstat(file->fd, &about) != 0)
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    return about.st_size == file->before + file->written ||
           error_set(err, ERROR_CONFLICT, "somebody else wrote to %s", path);
}

bool journal_file_is_gone(const struct journal_file *file)
{
    struct stat about;
    return fstat(file->fd, &about) == 0 && about.st_nlink == 0;
}

/* A new name is durable only once its directory is. */
bool journal_sync_folder(const char *path, struct error *err)
{
    char copy[PATH_MAX];
    if (strlen(path) >= sizeof copy)
        return error_set(err, ERROR_INVALID, "the path of the journal is too long");
    memcpy(copy, path, strlen(path) + 1);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);
    if (!ok)
        error_set(err, ERROR_IO, "syncing the folder of %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return ok;
}

int journal_create(const char *path, struct error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) {
        if (errno == EEXIST)
            error_set(err, ERROR_INVALID, "%s exists already: a journal is never overwritten",
                      path);
        else
            error_set(err, error_of_path(errno), "creating %s: %s", path, strerror(errno));
        return -1;
    }
    if (!journal_sync_folder(path, err)) {
        close(fd);
        unlink(path);
        return -1;
    }
    return fd;
}

static bool memory_append(struct journal_store *store, struct slice bytes, struct error *err)
{
    return buffer_append(&((struct journal_memory *)store)->bytes, bytes, err);
}

static bool memory_sync(struct journal_store *store, struct error *err)
{
    (void)store;
    (void)err;
    return true;
}

void journal_memory_init(struct journal_memory *memory, size_t max)
{
    memory->store = (struct journal_store){.append = memory_append, .sync = memory_sync};
    buffer_init(&memory->bytes, max);
}

void journal_memory_clear(struct journal_memory *memory)
{
    buffer_clear(&memory->bytes);
}
