/* Preloaded into a program under test: once the file FULL_IF is there, the disk is full. What a
 * file has allocated can be written, and nothing is allocated any more. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { BLOCK = 512 };

static int is_full(void)
{
    const char *path = getenv("FULL_IF");
    return path && access(path, F_OK) == 0;
}

ssize_t write(int fd, const void *data, size_t size)
{
    struct stat file;
    if (is_full() && fstat(fd, &file) == 0 && S_ISREG(file.st_mode) &&
        file.st_size + (off_t)size > file.st_blocks * BLOCK) {
        errno = ENOSPC;
        return -1;
    }
    return syscall(SYS_write, fd, data, size);
}

int fallocate(int fd, int mode, off_t from, off_t size)
{
    if (is_full()) {
        errno = ENOSPC;
        return -1;
    }
    return (int)syscall(SYS_fallocate, fd, mode, from, size);
}
