/* Opens regular files step by step: what was opened is looked at, never what has a name, since a
 * name can mean something else a moment later. */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

enum {
    STEP = O_CLOEXEC | O_NOFOLLOW,
    INTO = STEP | O_DIRECTORY,
    NO_WAIT = O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
    OURS_ALONE = 0600,
};

/* --- what is refused ------------------------------------------------------------------------- */

static const char *kind_name(mode_t mode)
{
    static const struct {
        mode_t kind;
        const char *name;
    } kinds[] = {
        {S_IFDIR, "a folder"}, {S_IFIFO, "a pipe"},    {S_IFCHR, "a device"},
        {S_IFBLK, "a device"}, {S_IFSOCK, "a socket"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if ((mode & S_IFMT) == kinds[i].kind)
            return kinds[i].name;
    }
    return "of an unknown kind";
}

static int refuse_kind(const char *path, mode_t mode, struct error *err)
{
    error_set(err, ERROR_INVALID, "%s is %s; a file was expected", path, kind_name(mode));
    return -1;
}

/* Why a step failed: `name` in the folder `at` may be a link, or no file at all. */
static int refuse_step(int at, const char *name, const char *path, struct error *err)
{
    int problem = errno;
    struct stat about;
    char to[256] = "";
    bool seen = fstatat(at, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
    if (seen && S_ISLNK(about.st_mode)) {
        ssize_t size = readlinkat(at, name, to, sizeof to - 1);
        error_set(err, ERROR_INVALID, "%s is a link (to %.*s), and links are not followed here",
                  path, (int)(size > 0 ? size : 0), to);
    } else if (seen && problem == ENXIO) {
        refuse_kind(path, about.st_mode, err);
    } else {
        error_set(err, error_of_path(problem), "%s: %s", path, strerror(problem));
    }
    errno = problem;
    return -1;
}

static int close_refused(int fd)
{
    close(fd);
    errno = EINVAL;
    return -1;
}

/* What the kernel makes up as it is read (/proc/self/environ) calls itself a regular file. */
static int take_regular(int fd, const char *path, struct error *err)
{
    struct stat about;
    struct statfs where;
    if (fstat(fd, &about) != 0 || fstatfs(fd, &where) != 0)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(about.st_mode))
        refuse_kind(path, about.st_mode, err);
    else if (where.f_type == PROC_SUPER_MAGIC || where.f_type == SYSFS_MAGIC)
        error_set(err, ERROR_INVALID, "%s is a view into the kernel; a file was expected", path);
    else
        return fd;
    return close_refused(fd);
}

int file_open(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | NO_WAIT);
    struct stat about;
    if (fd >= 0)
        return take_regular(fd, path, err);
    if (errno == ENXIO && stat(path, &about) == 0)
        return refuse_kind(path, about.st_mode, err);
    error_set(err, error_of_path(errno), "%s: %s", path, strerror(errno));
    return -1;
}

/* --- below a stranger's folder --------------------------------------------------------------- */

/* A part that is not there, or a file where a folder is looked for, is no such file; a link is
 * something else. */
static int refuse_below(int at, const char *part, const char *path, bool *there, struct error *err)
{
    int problem = errno;
    struct stat about;
    bool seen = fstatat(at, part, &about, AT_SYMLINK_NOFOLLOW) == 0;
    *there = (problem != ENOENT && problem != ENOTDIR) || (seen && S_ISLNK(about.st_mode));
    errno = problem;
    return *there ? refuse_step(at, part, path, err) : -1;
}

int file_open_below(const char *folder, const char *name, bool *there, struct error *err)
{
    char path[PATH_MAX];
    char part[NAME_MAX + 1];
    const char *whole = name;
    *there = false;
    int at = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (at >= 0) {
        size_t size = strcspn(name, "/");
        bool last = name[size] == '\0';
        snprintf(part, sizeof part, "%.*s", (int)size, name);
        snprintf(path, sizeof path, "%s/%.*s", folder, (int)(name + size - whole), whole);
        int next = openat(at, part, last ? O_RDONLY | O_NOFOLLOW | NO_WAIT : O_PATH | INTO);
        if (next < 0)
            refuse_below(at, part, path, there, err);
        close(at);
        *there = *there || (last && next >= 0);
        if (last)
            return next < 0 ? -1 : take_regular(next, path, err);
        at = next;
        name += size + 1;
    }
    return -1;
}

/* --- ours ------------------------------------------------------------------------------------ */

static bool check_owner(const struct stat *about, const char *path, struct error *err)
{
    return about->st_uid == geteuid() ||
           error_set(err, ERROR_INVALID, "%s belongs to user %ld, and this is user %ld", path,
                     (long)about->st_uid, (long)geteuid());
}

/* What we make is closed from the beginning; what git checks out, or an archive brings, is not. */
static bool check_closed(const struct stat *about, const char *path, struct error *err)
{
    const char *recursively = S_ISDIR(about->st_mode) ? "-R " : "";
    return (about->st_mode & (S_IRWXG | S_IRWXO)) == 0 ||
           error_set(
               err, ERROR_INVALID,
               "%s is open to others, as what comes with a checked-out branch is; if you know "
               "it for yours, `chmod %sgo= %s` closes it",
               path, recursively, path);
}

static int take_folder(int fd, const char *path, struct error *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (check_owner(&about, path, err) && check_closed(&about, path, err))
        return fd;
    return close_refused(fd);
}

int file_open_folder(const char *path, struct error *err)
{
    int fd = open(path, O_RDONLY | INTO);
    return fd < 0 ? refuse_step(AT_FDCWD, path, path, err) : take_folder(fd, path, err);
}

/* ".tidelock/runs/a" becomes ".tidelock/runs", and "a" is the name. */
static const char *cut_name(char *path, const char **name)
{
    char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    if (!slash)
        return NULL;
    *slash = '\0';
    return slash == path ? "/" : path;
}

/* The folder that the file of this path is in, opened from the one above it. */
static int open_parent(char path[PATH_MAX], const char **name, struct error *err)
{
    const char *inner;
    const char *folder = cut_name(path, name);
    if (!folder || folder != path)
        return file_open_folder(folder ? folder : ".", err);
    char copy[PATH_MAX];
    memcpy(copy, path, strlen(path) + 1);
    const char *above = cut_name(copy, &inner);
    int at = open(above ? above : ".", O_PATH | INTO);
    if (at < 0)
        return refuse_step(AT_FDCWD, above ? above : ".", above ? above : ".", err);
    int fd = openat(at, inner, O_RDONLY | INTO);
    fd = fd < 0 ? refuse_step(at, inner, path, err) : take_folder(fd, path, err);
    close(at);
    return fd;
}

static int take_own(int fd, const char *path, struct error *err)
{
    struct stat about;
    fd = take_regular(fd, path, err);
    if (fd < 0)
        return -1;
    if (fstat(fd, &about) != 0)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(errno));
    else if (about.st_nlink > 1)
        error_set(err, ERROR_INVALID, "%s has another name as well (a hard link)", path);
    else if (check_owner(&about, path, err) && check_closed(&about, path, err))
        return fd;
    return close_refused(fd);
}

int file_open_own(const char *path, int flags, struct error *err)
{
    char copy[PATH_MAX];
    const char *name;
    if (strlen(path) >= sizeof copy) {
        error_set(err, ERROR_INVALID, "a path in the state folder is too long");
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(copy, path, strlen(path) + 1);
    int folder = open_parent(copy, &name, err);
    if (folder < 0)
        return -1;
    int fd = openat(folder, name, flags | O_NOFOLLOW | NO_WAIT, OURS_ALONE);
    fd = fd < 0 ? refuse_step(folder, name, path, err) : take_own(fd, path, err);
    int problem = errno;
    close(folder);
    errno = problem;
    return fd;
}
