/* Writes what the live world has read as a recording: beside its place first, then given its name.
 */
#include "cli/recording_file.h"

#include "cli/files.h"
#include "cli/verb.h"
#include "world/recording_read.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A name is given once: a hard link does not replace, nor does this rename, and one of them every
 * file system has. */
static bool give_name(const char *from, const char *path)
{
    if (link(from, path) == 0)
        return unlink(from) == 0;
    return errno != EEXIST && renameat2(AT_FDCWD, from, AT_FDCWD, path, RENAME_NOREPLACE) == 0;
}

static bool write_beside(const char *path, struct slice text, struct error *err)
{
    char beside[PATH_MAX];
    int size = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (size < 0 || (size_t)size >= sizeof beside)
        return error_set(err, ERROR_INVALID, "%s: the path is too long", path);
    int fd = mkstemp(beside);
    if (fd < 0)
        return error_set(err, error_of_path(errno), "creating %s: %s", path, strerror(errno));
    bool ok = files_write_all(fd, text) && fchmod(fd, files_new_mode()) == 0 && fsync(fd) == 0;
    ok = close(fd) == 0 && ok && give_name(beside, path);
    if (ok)
        return true;
    int problem = errno;
    unlink(beside);
    return problem == EEXIST ? files_refuse(path, err)
                             : error_set(err, ERROR_IO, "writing %s: %s", path, strerror(problem));
}

/* What nobody could read back is not written. */
static bool check_text(struct slice text, struct error *err)
{
    struct recording *recording = NULL;
    if (!recording_open(&recording, text, err))
        return error_wrap(err, "what was read makes no recording");
    recording_free(recording);
    return true;
}

bool recording_file_write(const char *path, struct live_metrics *metrics,
                          const struct live_wanted *wanted, bool tell, struct error *err)
{
    enum { POOL_MAX = 1 << 30 };
    struct value recording;
    struct pool pool;
    pool_init(&pool, POOL_MAX);
    bool ok = live_metrics_recording(metrics, wanted, &recording, &pool, err);
    if (ok) {
        struct slice text = value_get_slice(&recording, "recording", "");
        ok = check_text(text, err) && write_beside(path, text, err);
    }
    if (ok && tell)
        verb_tell_report(value_get(&recording, "report"));
    pool_clear(&pool);
    return ok;
}
