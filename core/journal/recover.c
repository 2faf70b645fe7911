/* Taking up the journal of a dead process: lock, read, write anew, put in its place. */
#include "journal/recover.h"

#include "base/file.h"
#include "journal/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { JOURNAL_MAX = 1 << 30, CHUNK = 64 << 10, POOL_MAX = 1 << 30 };

static void init(struct recovery *recovery)
{
    *recovery = (struct recovery){.held = -1};
    journal_file_init(&recovery->file, -1, true);
    buffer_init(&recovery->bytes, JOURNAL_MAX);
    pool_init(&recovery->pool, POOL_MAX);
}

void recover_close(struct recovery *recovery)
{
    if (recovery->file.fd >= 0)
        close(recovery->file.fd);
    if (recovery->held >= 0)
        close(recovery->held);
    buffer_clear(&recovery->bytes);
    pool_clear(&recovery->pool);
    init(recovery);
}

/* --- reading --------------------------------------------------------------------------------- */

/* Room for all of it at once: what grows is copied. */
static bool read_bytes(struct recovery *recovery, int fd, const char *path, struct error *err)
{
    struct buffer *bytes = &recovery->bytes;
    off_t size = lseek(fd, 0, SEEK_END); /* which is to be had in a jail, too */
    bool sized = size > 0 && size < JOURNAL_MAX - CHUNK;
    if (lseek(fd, 0, SEEK_SET) != 0)
        return error_set(err, ERROR_IO, "reading %s: %s", path, strerror(errno));
    if (sized && !buffer_reserve(bytes, (size_t)size + CHUNK, err))
        return error_wrap(err, "%s", path);
    for (;;) {
        char *into = buffer_reserve(bytes, CHUNK, err);
        if (!into)
            return error_wrap(err, "%s", path);
        ssize_t got = read(fd, into, CHUNK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERROR_IO, "reading %s: %s", path, strerror(errno));
        if (got == 0)
            return true;
        bytes->size += (size_t)got;
    }
}

typedef bool read_fn(struct journal_scan *scan, struct slice bytes, struct pool *pool,
                     struct error *err);

static bool read_journal(struct recovery *recovery, int fd, const char *path, read_fn *read_all,
                         struct error *err)
{
    if (!read_bytes(recovery, fd, path, err))
        return false;
    struct slice all = {recovery->bytes.data ? recovery->bytes.data : "", recovery->bytes.size};
    if (!read_all(&recovery->scan, all, &recovery->pool, err))
        return error_wrap(err, "%s", path);
    recovery->cut = all.size - recovery->scan.good;
    return true;
}

static bool open_at(int *fd, const char *path, int flags, struct error *err)
{
    *fd = file_open_own(path, flags, err);
    return *fd >= 0;
}

static bool look_at(struct recovery *recovery, int fd, const char *path, read_fn *read_all,
                    struct error *err)
{
    init(recovery);
    bool ok = read_journal(recovery, fd, path, read_all, err);
    if (!ok)
        recover_close(recovery);
    return ok;
}

bool recover_look_at(struct recovery *recovery, int fd, const char *path, struct error *err)
{
    return look_at(recovery, fd, path, journal_read_deeds, err);
}

bool recover_skim_at(struct recovery *recovery, int fd, const char *path, struct error *err)
{
    return look_at(recovery, fd, path, journal_skim, err);
}

bool recover_look(struct recovery *recovery, const char *path, struct error *err)
{
    int fd = -1;
    init(recovery);
    bool ok = open_at(&fd, path, O_RDONLY, err) && recover_look_at(recovery, fd, path, err);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* --- taking up ------------------------------------------------------------------------------- */

/* Whether the file that was opened is still the one of that name: another recovery may have put a
 * new one in its place while this one waited for the lock. */
static bool is_current(int fd, const char *path)
{
    struct stat opened;
    struct stat named;
    return fstat(fd, &opened) == 0 && stat(path, &named) == 0 && opened.st_dev == named.st_dev &&
           opened.st_ino == named.st_ino;
}

static bool hold(struct recovery *recovery, const char *path, struct error *err)
{
    for (;;) {
        if (!open_at(&recovery->held, path, O_RDWR, err) || !lock_file(recovery->held, path, err))
            return false;
        if (is_current(recovery->held, path))
            return true;
        close(recovery->held);
        recovery->held = -1;
    }
}

static bool write_good(struct recovery *recovery, struct error *err)
{
    struct journal_store *store = &recovery->file.store;
    struct slice good = {recovery->bytes.data, recovery->scan.good};
    return (good.size == 0 || store->append(store, good, err)) && store->sync(store, err);
}

/* A recovery that died may have left half of one. */
static bool empty(int fd, const char *path, struct error *err)
{
    return ftruncate(fd, 0) == 0 ||
           error_set(err, ERROR_IO, "emptying %s: %s", path, strerror(errno));
}

/* Locked before it has the journal's name, so that nobody finds it free. */
static bool write_anew(struct recovery *recovery, const char *fresh, const char *path,
                       struct error *err)
{
    int fd = file_open_own(fresh, O_WRONLY | O_CREAT | O_APPEND, err);
    if (fd < 0)
        return false;
    journal_file_init(&recovery->file, fd, true);
    if (!lock_file(fd, fresh, err) || !empty(fd, fresh, err) || !write_good(recovery, err))
        return false;
    if (rename(fresh, path) != 0)
        return error_set(err, ERROR_IO, "renaming %s to %s: %s", fresh, path, strerror(errno));
    return journal_sync_folder(path, err);
}

enum { DAMAGED_MAX = 100 };

/* Evidence is not overwritten: the first name that is free. */
static int create_beside(const char *path, struct error *err)
{
    char name[PATH_MAX];
    char number[16] = "";
    for (int i = 2; i < DAMAGED_MAX; i++) {
        int size = snprintf(name, sizeof name, "%s.damaged%s", path, number);
        snprintf(number, sizeof number, "-%d", i);
        if (size < 0 || (size_t)size >= sizeof name)
            break;
        int fd = journal_create(name, err);
        if (fd >= 0 || err->code != ERROR_INVALID)
            return fd;
    }
    return -1;
}

static bool has_begun(const struct journal_scan *scan)
{
    for (size_t i = 0; i < scan->count; i++) {
        if (scan->records[i].kind == JOURNAL_BEGIN)
            return true;
    }
    return false;
}

static bool keep_damaged(const struct recovery *recovery, const char *path, struct error *err)
{
    struct journal_file file;
    if (recovery->scan.tail != JOURNAL_DAMAGED)
        return true;
    if (!has_begun(&recovery->scan)) {
        *err = recovery->scan.damage;
        return error_wrap(err, "%s", path);
    }
    int fd = create_beside(path, err);
    if (fd < 0)
        return false;
    journal_file_init(&file, fd, true);
    bool ok = file.store.append(&file.store, buffer_slice(&recovery->bytes), err) &&
              file.store.sync(&file.store, err);
    close(fd);
    return ok;
}

bool recover_open(struct recovery *recovery, const char *path, struct error *err)
{
    char fresh[PATH_MAX];
    init(recovery);
    int size = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (size < 0 || (size_t)size >= sizeof fresh)
        return error_set(err, ERROR_INVALID, "the path of the journal is too long");
    if (hold(recovery, path, err) &&
        read_journal(recovery, recovery->held, path, journal_read_deeds, err) &&
        keep_damaged(recovery, path, err) && write_anew(recovery, fresh, path, err))
        return true;
    recover_close(recovery);
    return false;
}
