/* Allocates space ahead of a journal's end, or holds it by a file without a name. */
#include "journal/reserve.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than is asked for, so that not every record allocates. */
enum { AHEAD = 64 << 10 };

static bool fails(int error, struct error *err)
{
    return error_set(err, ERROR_IO, "setting space aside for the records of a rollback: %s",
                     strerror(error));
}

/* What the user's limit forbids would be refused by a write, however much is allocated. */
static bool check_limit(int64_t end, struct error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY &&
        (uint64_t)end > limit.rlim_cur)
        return fails(EFBIG, err);
    return true;
}

/* --- behind the end of the journal ----------------------------------------------------------- */

/* Returns an errno, 0 where it is done. */
static int allocate(struct journal_file *file, int64_t from, int64_t to)
{
    int error = 0;
    do {
        error = fallocate(file->fd, FALLOC_FL_KEEP_SIZE, from, to - from) == 0 ? 0 : errno;
    } while (error == EINTR);
    if (error == 0)
        file->allocated = to;
    return error;
}

/* --- a file beside it ------------------------------------------------------------------------ */

/* It has no name once it is open, so that nothing is left of it when this process is gone. */
static bool open_beside(struct journal_file *file, struct error *err)
{
    char link[64];
    char path[PATH_MAX];
    char name[PATH_MAX + 16];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file->fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size <= 0)
        return fails(errno, err);
    path[size] = '\0';
    snprintf(name, sizeof name, "%s/.reserve-XXXXXX", dirname(path));
    file->reserve = mkostemp(name, O_CLOEXEC);
    if (file->reserve < 0)
        return fails(errno, err);
    unlink(name);
    return true;
}

static bool fill(struct journal_file *file, size_t size, struct error *err)
{
    static const char zeros[4096];
    while (file->reserved < size) {
        ssize_t written = write(file->reserve, zeros, sizeof zeros);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fails(errno, err);
        file->reserved += (size_t)written;
    }
    return fdatasync(file->reserve) == 0 || fails(errno, err);
}

static bool hold_beside(struct journal_file *file, size_t size, struct error *err)
{
    return file->reserved >= size ||
           ((file->reserve >= 0 || open_beside(file, err)) && fill(file, size + AHEAD, err));
}

bool reserve_let_go(struct journal_file *file, int error)
{
    bool held = file->reserve >= 0 && (error == ENOSPC || error == EDQUOT);
    if (held) {
        close(file->reserve);
        file->reserve = -1;
        file->reserved = 0;
    }
    return held;
}

/* --- the whole ------------------------------------------------------------------------------- */

bool reserve_space(struct journal_store *store, size_t size, struct error *err)
{
    struct journal_file *file = (struct journal_file *)store;
    struct stat now;
    if (fstat(file->fd, &now) != 0)
        return fails(errno, err);
    int64_t end = now.st_size + (int64_t)size;
    if (!S_ISREG(now.st_mode))
        return true; /* a pipe has no space to run out of */
    if (!check_limit(end, err))
        return false;
    if (file->plain)
        return hold_beside(file, size, err);
    if (end <= file->allocated || allocate(file, now.st_size, end + AHEAD) == 0)
        return true;
    int error = allocate(file, now.st_size, end);
    file->plain = error == EOPNOTSUPP || error == ENOSYS;
    return file->plain ? hold_beside(file, size, err) : error == 0 || fails(error, err);
}

void journal_file_release(struct journal_file *file)
{
    struct stat now;
    if (file->reserve >= 0)
        close(file->reserve);
    file->reserve = -1;
    /* Cutting a file to its own size frees what lies behind; where it does not, that is a pity. */
    if (file->allocated > 0 && fstat(file->fd, &now) == 0 && ftruncate(file->fd, now.st_size) != 0)
        file->allocated = 0;
}
