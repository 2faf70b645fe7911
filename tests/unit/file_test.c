/* Opens what a stranger may have put in a file's place, and what is the user's own; makes durable
 * what was written to many. */
#include "base/file.h"
#include "base/sync.h"
#include "check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static struct error err;
static char root[64];
static char path[PATH_MAX];

static const char *in_root(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static void put(const char *name, const char *text)
{
    int fd = open(in_root(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text) && close(fd) == 0);
}

static void lead(const char *to, const char *name)
{
    CHECK(symlink(to, in_root(name)) == 0);
}

static void make_root(void)
{
    snprintf(root, sizeof root, "/tmp/tidelock-file-XXXXXX");
    CHECK(mkdtemp(root) != NULL);
    CHECK(mkdir(in_root("team"), 0700) == 0 && mkfifo(in_root("pipe.lua"), 0644) == 0);
    put("a.lua", "a");
    put("team/b.lua", "b");
    lead("a.lua", "link.lua");
    lead("nowhere", "broken.lua");
    lead("/proc/self/environ", "environ.lua");
    lead("team", "linked");
}

static void remove_root(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(execlp("rm", "rm", "-rf", root, (char *)NULL));
    CHECK(waitpid(child, NULL, 0) == child);
}

static void check_holds(int fd, char byte)
{
    char got = '\0';
    CHECK(fd >= 0 && read(fd, &got, 1) == 1 && got == byte);
    close(fd);
}

static void check_refused(int fd, const char *part)
{
    CHECK(fd < 0 && err.code == ERROR_INVALID);
    if (!CHECK(strstr(err.message, part) != NULL))
        fprintf(stderr, "    %s\n", err.message);
}

static void make_socket(const char *name)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%.60s/%s", root, name);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    close(fd);
}

static void test_regular(void)
{
    make_root();
    make_socket("socket.lua");
    check_holds(file_open(in_root("a.lua"), &err), 'a');
    check_holds(file_open(in_root("link.lua"), &err), 'a');
    check_refused(file_open(in_root("pipe.lua"), &err), "is a pipe; a file was expected");
    check_refused(file_open(in_root("team"), &err), "is a folder; a file was expected");
    check_refused(file_open(in_root("socket.lua"), &err), "is a socket; a file was expected");
    check_refused(file_open("/dev/zero", &err), "is a device; a file was expected");
    check_refused(file_open(in_root("none.lua"), &err), "No such file");
    check_refused(file_open(in_root("environ.lua"), &err), "is a view into the kernel");
    remove_root();
}

static int below(const char *name, bool *there)
{
    err = (struct error){.code = ERROR_NONE};
    return file_open_below(root, name, there, &err);
}

static void test_below(void)
{
    bool there;
    make_root();
    check_holds(below("a.lua", &there), 'a');
    CHECK(there);
    check_holds(below("team/b.lua", &there), 'b');
    CHECK(below("none.lua", &there) < 0 && !there && err.code == ERROR_NONE);
    CHECK(below("team/none.lua", &there) < 0 && !there && err.code == ERROR_NONE);
    CHECK(below("none/b.lua", &there) < 0 && !there && err.code == ERROR_NONE);
    CHECK(below("a.lua/b.lua", &there) < 0 && !there && err.code == ERROR_NONE);
    check_refused(below("environ.lua", &there), "environ.lua is a link (to /proc/self/environ)");
    CHECK(there);
    check_refused(below("link.lua", &there), "link.lua is a link (to a.lua)");
    check_refused(below("broken.lua", &there), "broken.lua is a link (to nowhere)");
    check_refused(below("linked/b.lua", &there), "/linked is a link (to team)");
    check_refused(below("pipe.lua", &there), "pipe.lua is a pipe");
    check_refused(below("team", &there), "team is a folder");
    remove_root();
}

static int own(const char *name, int flags)
{
    return file_open_own(in_root(name), flags, &err);
}

static void test_own(void)
{
    struct stat about;
    make_root();
    int fd = own("team/new", O_RDWR | O_CREAT);
    CHECK(fd >= 0 && fstat(fd, &about) == 0 && (about.st_mode & 0777) == 0600);
    close(fd);
    check_holds(own("a.lua", O_RDONLY), 'a');
    check_holds(own("team/b.lua", O_RDONLY), 'b');
    CHECK(own("team/none", O_RDONLY) < 0 && errno == ENOENT);
    CHECK(own("none/none", O_RDONLY) < 0 && errno == ENOENT);
    check_refused(own("link.lua", O_RDWR | O_CREAT), "link.lua is a link (to a.lua)");
    check_refused(own("broken.lua", O_RDWR | O_CREAT), "broken.lua is a link (to nowhere)");
    CHECK(access(in_root("nowhere"), F_OK) != 0);
    check_refused(own("linked/b.lua", O_RDONLY), "linked is a link (to team)");
    check_refused(own("pipe.lua", O_WRONLY | O_APPEND), "pipe.lua is a pipe");
    check_refused(own("pipe.lua", O_RDONLY), "pipe.lua is a pipe");
    CHECK(link(in_root("a.lua"), "/tmp/tidelock-file-other") == 0);
    check_refused(own("a.lua", O_RDWR), "has another name as well");
    CHECK(unlink("/tmp/tidelock-file-other") == 0);
    remove_root();
}

/* The folder above one that is used is no link either, as a checked-out `.tidelock` could be. */
static void test_linked_above(void)
{
    make_root();
    CHECK(mkdir(in_root("team/runs"), 0700) == 0);
    put("team/runs/r", "r");
    check_holds(own("team/runs/r", O_RDONLY), 'r');
    check_refused(own("linked/runs/r", O_RDONLY), "linked is a link (to team)");
    remove_root();
}

/* Root owns what it makes, and gives it away; anybody else finds what is root's. */
static void test_folder(void)
{
    make_root();
    int fd = file_open_folder(in_root("team"), &err);
    CHECK(fd >= 0 && close(fd) == 0);
    check_refused(file_open_folder(in_root("linked"), &err), "linked is a link (to team)");
    CHECK(file_open_folder(in_root("none"), &err) < 0 && errno == ENOENT);
    CHECK(chmod(in_root("team"), 0770) == 0);
    check_refused(file_open_folder(in_root("team"), &err), "`chmod -R go= ");
    check_refused(own("team/b.lua", O_RDONLY), "team is open to others");
    CHECK(chmod(in_root("team"), 0750) == 0);
    check_refused(file_open_folder(in_root("team"), &err), "team is open to others");
    CHECK(chmod(in_root("team"), 0700) == 0);
    CHECK(chmod(in_root("team/b.lua"), 0604) == 0);
    check_refused(own("team/b.lua", O_RDONLY), "b.lua is open to others");
    CHECK(chmod(in_root("team/b.lua"), 0600) == 0);
    bool all = geteuid() == 0;
    CHECK(!all || chown(in_root("team"), 4711, 4711) == 0);
    check_refused(file_open_folder(all ? in_root("team") : "/usr", &err), " belongs to user ");
    CHECK(!all || chown(in_root("a.lua"), 4711, 4711) == 0);
    check_refused(file_open_own(all ? in_root("a.lua") : "/etc/passwd", O_RDONLY, &err),
                  " belongs to user ");
    remove_root();
}

/* In a process of its own: what the one that it came from has begun is not waited for. */
static bool sync_elsewhere(const int *fds, size_t count)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        _exit(sync_files(fds, count, &err) ? 0 : 1);
    return waitpid(child, &status, 0) == child && status == 0;
}

/* More than there are threads; what is no file of a disk is passed over, and one that cannot be
 * made durable is told, wherever among them it stands. */
static void test_durable(void)
{
    enum { FILES = 150 };
    int fds[FILES + 1];
    int ends[2];
    make_root();
    for (int i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        fds[i] = open(in_root(name), O_RDWR | O_CREAT, 0600);
        CHECK(fds[i] >= 0 && write(fds[i], name, strlen(name)) > 0);
    }
    CHECK(sync_files(fds, 0, &err) && sync_files(fds, 1, &err) && sync_files(fds, FILES, &err));
    CHECK(sync_elsewhere(fds, FILES) && pipe(ends) == 0);
    fds[FILES] = ends[1];
    CHECK(sync_files(fds, FILES + 1, &err) && sync_files(&ends[1], 1, &err));
    static const int places[] = {0, 15, 16, FILES};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        int kept = fds[places[i]];
        fds[places[i]] = -1;
        CHECK(!sync_files(fds, FILES + 1, &err) && err.code == ERROR_IO);
        CHECK_TEXT(err.message, "Bad file descriptor");
        fds[places[i]] = kept;
    }
    for (int i = 0; i <= FILES; i++)
        CHECK(close(fds[i]) == 0);
    CHECK(close(ends[0]) == 0);
    remove_root();
}

CHECK_MAIN({"durable", test_durable}, {"regular", test_regular}, {"below", test_below},
           {"own", test_own}, {"linked_above", test_linked_above}, {"folder", test_folder})
