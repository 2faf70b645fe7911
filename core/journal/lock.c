/* Locks as the kernel keeps them: let go of when their holder is gone, however it went. */
#include "journal/lock.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/sync.h"
#include "base/time.h"
#include "journal/journal.h"
#include "journal/machine_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { GLANCES = 20, GLANCE_MS = 5, TARGET_SHOWN = 200 };

/* --- one file -------------------------------------------------------------------------------- */

/* Who only looks at a lock holds it for some microseconds; that is waited for. */
static bool try_lock(int fd, bool *taken)
{
    for (int i = 0; i < GLANCES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            *taken = true;
            return true;
        }
        if (errno != EWOULDBLOCK && errno != EINTR)
            return false;
        poll(NULL, 0, GLANCE_MS);
    }
    *taken = false;
    return true;
}

bool lock_file(int fd, const char *what, struct error *err)
{
    bool taken;
    if (!try_lock(fd, &taken))
        return error_set(err, ERROR_IO, "lock %s: %s", what, strerror(errno));
    return taken ||
           error_set(err, ERROR_CONFLICT, "%s is in use by a process that is still running", what);
}

/* The look is over at once: as long as it lasts, nobody can take the lock. */
bool lock_file_is_held(int fd, const char *what, bool *held, struct error *err)
{
    bool taken = flock(fd, LOCK_SH | LOCK_NB) == 0;
    *held = !taken && errno == EWOULDBLOCK;
    return (taken && flock(fd, LOCK_UN) == 0) || *held ||
           error_set(err, ERROR_IO, "lock %s: %s", what, strerror(errno));
}

bool lock_is_held(const char *path, bool *held, struct error *err)
{
    *held = false;
    int fd = file_open_own(path, O_RDONLY, err);
    if (fd < 0)
        return errno == ENOENT;
    bool ok = lock_file_is_held(fd, path, held, err);
    close(fd);
    return ok;
}

/* A lock that is held already may be asked for again. On a disk of the network it may be lost. */
bool lock_file_stands(int fd, const char *path, struct error *err)
{
    struct stat opened;
    struct stat named;
    bool there = lstat(path, &named) == 0;
    if (fstat(fd, &opened) != 0 || (!there && errno != ENOENT && errno != ENOTDIR))
        return error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    if (there && (named.st_dev != opened.st_dev || named.st_ino != opened.st_ino))
        return error_set(err, ERROR_CONFLICT, "%s was replaced", path);
    if (!there)
        return error_set(err, ERROR_CONFLICT, "%s was %s", path,
                         opened.st_nlink == 0 ? "removed" : "moved away");
    return flock(fd, LOCK_EX | LOCK_NB) == 0 ||
           error_set(err, ERROR_CONFLICT, "the lock of %s was lost: %s", path, strerror(errno));
}

/* --- who holds it ---------------------------------------------------------------------------- */

static bool refuse(int fd, struct slice target, struct holder *other, struct error *err)
{
    char since[32];
    int size = target.size < TARGET_SHOWN ? (int)target.size : TARGET_SHOWN;
    if (!holder_read(fd, other))
        return error_set(err, ERROR_CONFLICT, "%.*s is locked by another run", size, target.data);
    time_format_instant(since, other->since);
    return error_set(err, ERROR_CONFLICT,
                     "%.*s is locked by run %s (process %" PRId64 " on %s, since %s)", size,
                     target.data, other->run, other->process, other->host, since);
}

/* Held in another folder, or by another user: where that is told. */
static bool refuse_machine(const char *key, struct slice target, struct error *err)
{
    struct machine_holder other;
    char who[160] = "a process of this machine";
    machine_lock_holder(key, &other);
    if (*other.run)
        snprintf(who, sizeof who, "run %s (process %ld of user %ld on this machine)", other.run,
                 other.process, other.user);
    int size = target.size < TARGET_SHOWN ? (int)target.size : TARGET_SHOWN;
    return error_set(err, ERROR_CONFLICT, "%.*s is locked by %s%s%.300s", size, target.data, who,
                     *other.folder ? ", started in " : "", other.folder);
}

/* --- those of a run -------------------------------------------------------------------------- */

struct target_lock {
    struct lock_name target;
    char key[DIGEST_HEX_SIZE + 1]; /* the file's name */
    char machine_key[DIGEST_HEX_SIZE + 1];
    int fd;
    struct machine_lock machine;
    struct holder *holder; /* what its file says, once it is taken */
    bool fresh;            /* the file was made for it, and its name is not durable yet */
};

struct lock_set {
    struct target_lock *locks; /* by key, unique */
    size_t count;
};

static void let_go(struct target_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    machine_lock_release(&lock->machine);
    free(lock->holder);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const struct target_lock *)a)->key, ((const struct target_lock *)b)->key);
}

static void make_key(struct target_lock *lock, const struct lock_name *name)
{
    struct slice parts[] = {name->key, {"", 1}, name->elsewhere};
    *lock = (struct target_lock){.target = *name, .fd = -1, .machine = MACHINE_LOCK_NONE};
    digest_hex(lock->key, &name->key, 1);
    digest_hex(lock->machine_key, parts, 3);
}

static void make_keys(struct lock_set *set, const struct lock_name *targets, size_t count)
{
    for (size_t i = 0; i < count; i++)
        make_key(&set->locks[i], &targets[i]);
    qsort(set->locks, count, sizeof *set->locks, compare_keys);
    for (size_t i = 0; i < count; i++) {
        if (set->count == 0 || compare_keys(&set->locks[set->count - 1], &set->locks[i]) != 0)
            set->locks[set->count++] = set->locks[i];
    }
}

static void copy_text(char *out, size_t size, struct slice text)
{
    snprintf(out, size, "%.*s", (int)(text.size < size ? text.size : size - 1), text.data);
}

/* A later process of the same run goes on with what its file says. The name of the last holder is
 * kept as long as that one left something to be done. */
static bool succeed(struct target_lock *lock, const char *path, const struct lock_claim *claim,
                    struct error *err)
{
    struct holder *holder = calloc(1, sizeof *holder);
    struct holder *before = calloc(1, sizeof *before);
    bool ok = holder && before;
    lock->holder = holder;
    if (!ok)
        error_set(err, ERROR_LIMIT, "out of memory for a lock");
    bool any = ok && holder_read(lock->fd, before);
    if (ok && !any && lseek(lock->fd, 0, SEEK_END) > 0)
        ok = error_set(err, ERROR_CONFLICT,
                       "who changed %.*s last cannot be read: see `tidelock status` for the last "
                       "runs, and then remove %s",
                       (int)lock->target.label.size, lock->target.label.data, path);
    if (ok) {
        bool same = any && strcmp(before->run, claim->holder.run) == 0;
        *holder = claim->holder;
        holder->turn = any ? before->turn : 0;
        holder->changed = same ? before->changed : -1;
        copy_text(holder->target, sizeof holder->target, lock->target.key);
        copy_text(holder->label, sizeof holder->label, lock->target.label);
        ok = (!any || same || !claim->left || claim->left(claim->context, before, err)) &&
             holder_write(lock->fd, holder, err);
    }
    free(before);
    return ok;
}

static bool make_path(char path[PATH_MAX], const char *folder, const struct target_lock *lock,
                      struct error *err)
{
    int size = snprintf(path, PATH_MAX, "%s/%s.lock", folder, lock->key);
    return (size > 0 && size < PATH_MAX) ||
           error_set(err, ERROR_INVALID, "the path of the lock folder is too long");
}

static bool take_machine(struct target_lock *lock, const struct lock_claim *claim,
                         struct error *err)
{
    bool taken;
    return machine_lock_take(&lock->machine, lock->machine_key, claim->holder.run, &taken, err) &&
           (taken || refuse_machine(lock->machine_key, lock->target.label, err));
}

static bool open_lock(struct target_lock *lock, const char *path, struct error *err)
{
    lock->fd = file_open_own(path, O_RDWR, err);
    if (lock->fd >= 0 || errno != ENOENT)
        return lock->fd >= 0;
    lock->fd = file_open_own(path, O_RDWR | O_CREAT, err);
    if (lock->fd < 0)
        err->code = errno == ENOENT ? ERROR_IO : err->code; /* its folder was there a moment ago */
    lock->fresh = lock->fd >= 0;
    return lock->fresh;
}

static bool take(struct target_lock *lock, const char *folder, struct lock_claim *claim,
                 struct error *err)
{
    char path[PATH_MAX];
    bool taken;
    if (!make_path(path, folder, lock, err))
        return false;
    if (!open_lock(lock, path, err))
        return false;
    if (!try_lock(lock->fd, &taken))
        return error_set(err, ERROR_IO, "lock %s: %s", path, strerror(errno));
    if (!taken)
        return refuse(lock->fd, lock->target.label, &claim->other, err);
    if (!take_machine(lock, claim, err))
        return false;
    return succeed(lock, path, claim, err) ||
           (err->code == ERROR_CONFLICT ? false : error_wrap(err, "%s", path));
}

/* Makes durable what the files of some say. A new file is that only once its name is. */
static bool sync_locks(struct target_lock *locks, size_t count, const char *folder,
                       struct error *err)
{
    char path[PATH_MAX];
    struct target_lock *fresh = NULL;
    int *fds = calloc(count + 1, sizeof *fds);
    if (!fds)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu locks", count);
    for (size_t i = 0; i < count; i++) {
        fds[i] = locks[i].fd;
        fresh = locks[i].fresh ? &locks[i] : fresh;
        locks[i].fresh = false;
    }
    bool ok = sync_files(fds, count, err) || error_wrap(err, "write the lock's holder");
    free(fds);
    return ok &&
           (!fresh || (make_path(path, folder, fresh, err) && journal_sync_folder(path, err)));
}

static struct lock_set *new_set(size_t count, struct error *err)
{
    struct lock_set *set = calloc(1, sizeof *set);
    struct target_lock *locks = calloc(count + 1, sizeof *locks);
    if (!set || !locks) {
        free(set);
        free(locks);
        error_set(err, ERROR_LIMIT, "out of memory for the locks of %zu targets", count);
        return NULL;
    }
    set->locks = locks;
    return set;
}

bool lock_targets(struct lock_set **out, const char *folder, const struct lock_name *targets,
                  size_t count, struct lock_claim *claim, struct error *err)
{
    claim->other.run[0] = '\0';
    struct lock_set *set = new_set(count, err);
    if (!set)
        return false;
    make_keys(set, targets, count);
    bool ok = true;
    for (size_t i = 0; ok && i < set->count; i++)
        ok = take(&set->locks[i], folder, claim, err);
    ok = ok && sync_locks(set->locks, set->count, folder, err);
    if (ok)
        *out = set;
    else
        lock_release(set);
    return ok;
}

bool lock_more(struct lock_set *set, const char *folder, const struct lock_name *name,
               struct lock_claim *claim, struct error *err)
{
    struct target_lock more;
    make_key(&more, name);
    claim->other.run[0] = '\0';
    for (size_t i = 0; i < set->count; i++) {
        if (compare_keys(&set->locks[i], &more) == 0)
            return true;
    }
    struct target_lock *grown = realloc(set->locks, (set->count + 1) * sizeof *grown);
    if (!grown)
        return error_set(err, ERROR_LIMIT, "out of memory for a lock");
    set->locks = grown;
    bool taken = take(&more, folder, claim, err) && sync_locks(&more, 1, folder, err);
    if (taken)
        grown[set->count++] = more;
    else
        let_go(&more);
    return taken;
}

static struct target_lock *find(struct lock_set *set, struct slice key)
{
    char name[DIGEST_HEX_SIZE + 1];
    digest_hex(name, &key, 1);
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->locks[i].key, name) == 0)
            return &set->locks[i];
    }
    return NULL;
}

bool lock_note_change(struct lock_set *set, struct slice key, int64_t record, struct error *err)
{
    struct target_lock *lock = find(set, key);
    if (!lock)
        return error_set(err, ERROR_INTERNAL, "%.*s is changed without its lock", (int)key.size,
                         key.data);
    lock->holder->changed = record;
    return holder_write(lock->fd, lock->holder, err) && sync_locks(lock, 1, NULL, err);
}

bool lock_note_end(struct lock_set *set, const char *outcome, struct error *err)
{
    bool ok = true;
    for (size_t i = 0; i < set->count; i++) {
        struct target_lock *lock = &set->locks[i];
        snprintf(lock->holder->ended, sizeof lock->holder->ended, "%s", outcome);
        ok = holder_write(lock->fd, lock->holder, err) && ok;
    }
    return sync_locks(set->locks, set->count, NULL, err) && ok;
}

bool lock_stands(const struct lock_set *set, const char *folder, struct error *err)
{
    char path[PATH_MAX];
    for (size_t i = 0; i < set->count; i++) {
        if (!make_path(path, folder, &set->locks[i], err) ||
            !lock_file_stands(set->locks[i].fd, path, err))
            return false;
    }
    return true;
}

void lock_release(struct lock_set *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        let_go(&set->locks[i]);
    free(set->locks);
    free(set);
}
