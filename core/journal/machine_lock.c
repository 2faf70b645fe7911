/* Abstract sockets as locks, and the label beside each that says whose it is. */
#include "journal/machine_lock.h"

#include "base/digest.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* How the kernel lists them: an abstract name begins with @ there. */
#define TABLE "/proc/net/unix"
#define PREFIX "tidelock/"

enum { LINE_SIZE = 512 };

/* --- names ----------------------------------------------------------------------------------- */

static bool bind_name(int *fd, const char *name, bool *taken, struct error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(name);
    if (size >= sizeof address.sun_path)
        return error_set(err, ERROR_INTERNAL, "a lock's name is too long");
    memcpy(address.sun_path + 1, name, size);
    *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (*fd < 0)
        return error_set(err, ERROR_IO, "a lock of this machine: %s", strerror(errno));
    socklen_t whole = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size);
    *taken = bind(*fd, (const struct sockaddr *)&address, whole) == 0;
    if (*taken)
        return true;
    int problem = errno;
    close(*fd);
    *fd = -1;
    return problem == EADDRINUSE ||
           error_set(err, ERROR_IO, "a lock of this machine: %s", strerror(problem));
}

/* The label is for people, and is cut where a run's name is longer than ours are. */
static bool bind_label(struct machine_lock *lock, const char *key, const char *run,
                       struct error *err)
{
    enum { RUN_SHOWN = 22 };
    char name[sizeof((struct sockaddr_un *)NULL)->sun_path];
    bool taken;
    snprintf(name, sizeof name, PREFIX "%s/%.*s/%ld", key, RUN_SHOWN, run, (long)getpid());
    return bind_name(&lock->label, name, &taken, err);
}

bool machine_lock_take(struct machine_lock *lock, const char *key, const char *run, bool *taken,
                       struct error *err)
{
    char name[sizeof PREFIX + DIGEST_HEX_SIZE];
    *lock = MACHINE_LOCK_NONE;
    snprintf(name, sizeof name, PREFIX "%s", key);
    if (bind_name(&lock->name, name, taken, err) && (!*taken || bind_label(lock, key, run, err)))
        return true;
    machine_lock_release(lock);
    return false;
}

void machine_lock_release(struct machine_lock *lock)
{
    if (lock->name >= 0)
        close(lock->name);
    if (lock->label >= 0)
        close(lock->label);
    *lock = MACHINE_LOCK_NONE;
}

/* --- who has it ------------------------------------------------------------------------------ */

/* Where it was started, if it is a process of ours. */
static void look_at_process(struct machine_holder *holder)
{
    char path[64];
    struct stat about;
    snprintf(path, sizeof path, "/proc/%ld", holder->process);
    holder->user = stat(path, &about) == 0 ? (long)about.st_uid : -1;
    snprintf(path, sizeof path, "/proc/%ld/cwd", holder->process);
    ssize_t size = readlink(path, holder->folder, sizeof holder->folder - 1);
    holder->folder[size > 0 ? size : 0] = '\0';
}

/* "RUN/PROCESS" at the end of a line. That the lock is held is certain; what its label says is
 * anybody's word, and goes to a terminal. */
static bool read_label(const char *label, struct machine_holder *holder)
{
    size_t size = 0;
    while (isalnum((unsigned char)label[size]) || label[size] == '-')
        size++;
    if (size == 0 || size >= sizeof holder->run || label[size] != '/')
        return false;
    memcpy(holder->run, label, size);
    holder->run[size] = '\0';
    holder->process = strtol(label + size + 1, NULL, 10);
    return holder->process > 0;
}

void machine_lock_holder(const char *key, struct machine_holder *holder)
{
    char begin[sizeof "@" PREFIX + DIGEST_HEX_SIZE + 1];
    char line[LINE_SIZE];
    FILE *table = fopen(TABLE, "re");
    bool found = false;
    *holder = (struct machine_holder){.user = -1};
    snprintf(begin, sizeof begin, "@" PREFIX "%s/", key);
    while (table && !found && fgets(line, sizeof line, table)) {
        const char *name = strstr(line, begin);
        found = name && read_label(name + strlen(begin), holder);
    }
    if (table)
        fclose(table);
    if (found)
        look_at_process(holder);
}
