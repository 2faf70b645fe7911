/* Reads and writes what a lock's file says, one canonical line in each of its two places. */
#include "journal/holder.h"

#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PLACE_SIZE = 16 << 10, POOL_MAX = 1 << 20 };

void holder_init(struct holder *holder, const char *run, int64_t since)
{
    *holder = (struct holder){.process = getpid(), .since = since, .changed = -1};
    snprintf(holder->run, sizeof holder->run, "%s", run);
    if (gethostname(holder->host, sizeof holder->host - 1) != 0)
        snprintf(holder->host, sizeof holder->host, "?");
}

static void take_text(const struct value *value, const char *name, char *out, size_t size)
{
    struct slice text = value_get_slice(value, name, "");
    snprintf(out, size, "%.*s", (int)(text.size < size ? text.size : size - 1), text.data);
}

static bool read_place(int fd, off_t at, struct holder *holder)
{
    static char text[PLACE_SIZE];
    struct pool pool = {.max = POOL_MAX};
    struct value value;
    struct error ignored;
    ssize_t size = pread(fd, text, sizeof text, at);
    const char *end = size > 0 ? memchr(text, '\n', (size_t)size) : NULL;
    bool ok = end && value_parse(&value, (struct slice){text, (size_t)(end - text)}, true, &pool,
                                 &ignored);
    if (ok) {
        take_text(&value, "run", holder->run, sizeof holder->run);
        take_text(&value, "host", holder->host, sizeof holder->host);
        take_text(&value, "ended", holder->ended, sizeof holder->ended);
        take_text(&value, "target", holder->target, sizeof holder->target);
        take_text(&value, "label", holder->label, sizeof holder->label);
        holder->process = value_get_integer(&value, "process", 0);
        holder->since = value_get_integer(&value, "since", 0);
        holder->changed = value_get_integer(&value, "changed", -1);
        holder->turn = value_get_integer(&value, "turn", 0);
    }
    pool_clear(&pool);
    return ok;
}

bool holder_read(int fd, struct holder *holder)
{
    struct holder other;
    bool first = read_place(fd, 0, holder);
    bool second = read_place(fd, PLACE_SIZE, &other);
    if (second && (!first || other.turn > holder->turn))
        *holder = other;
    return first || second;
}

static bool make_line(const struct holder *holder, struct buffer *text, struct error *err)
{
    struct member members[] = {
        {slice_of("changed"), value_integer(holder->changed)},
        {slice_of("ended"), value_text(holder->ended)},
        {slice_of("host"), value_text(holder->host)},
        {slice_of("label"), value_text(holder->label)},
        {slice_of("process"), value_integer(holder->process)},
        {slice_of("run"), value_text(holder->run)},
        {slice_of("since"), value_integer(holder->since)},
        {slice_of("target"), value_text(holder->target)},
        {slice_of("turn"), value_integer(holder->turn)},
    };
    struct value object = {.kind = VALUE_OBJECT,
                           .object = {members, sizeof members / sizeof *members}};
    return value_write(&object, text, err) && buffer_append_text(text, "\n", err);
}

bool holder_write(int fd, struct holder *holder, struct error *err)
{
    struct buffer text;
    holder->turn++;
    buffer_init(&text, PLACE_SIZE);
    bool ok = make_line(holder, &text, err);
    bool written = ok && pwrite(fd, text.data, text.size, holder->turn % 2 * PLACE_SIZE) ==
                             (ssize_t)text.size;
    if (ok && !written)
        error_set(err, ERROR_IO, "write the lock's holder: %s", strerror(errno));
    buffer_clear(&text);
    return written;
}

/* --- those of a folder ----------------------------------------------------------------------- */

static bool is_lock(const char *name)
{
    static const char ending[] = ".lock";
    size_t size = strlen(name);
    return size > sizeof ending - 1 && strcmp(name + size - (sizeof ending - 1), ending) == 0;
}

/* A file that cannot be read, or is gone by now, names nobody. */
static bool look(const char *folder, const char *name, const char *run, holder_each_fn *each,
                 void *context, struct error *err)
{
    static struct holder holder;
    char path[PATH_MAX];
    struct error ignored;
    int size = snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = size > 0 && (size_t)size < sizeof path ? file_open_own(path, O_RDONLY, &ignored) : -1;
    if (fd < 0)
        return true;
    bool meant = holder_read(fd, &holder) && (!run || strcmp(holder.run, run) == 0);
    close(fd);
    return !meant || each(context, &holder, err);
}

bool holder_each(const char *folder, const char *run, holder_each_fn *each, void *context,
                 struct error *err)
{
    bool ok = true;
    DIR *files = opendir(folder);
    if (!files)
        return errno == ENOENT || error_set(err, ERROR_IO, "%s: %s", folder, strerror(errno));
    for (struct dirent *item; ok && (item = readdir(files)) != NULL;)
        ok = !is_lock(item->d_name) || look(folder, item->d_name, run, each, context, err);
    closedir(files);
    return ok;
}
