/* Preloaded into a program under test, and by it into the policy's process, which it starts with an
 * empty environment: that process's frames are garbled from the GARBLE_AT-th on, in the manner of
 * GARBLE. A frame is a head of five bytes, then its payload, each in one write to descriptor 0. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PIPE = 0, HEAD = 5, VARIABLES_MAX = 8 };

static ssize_t put(const void *bytes, size_t size)
{
    return syscall(SYS_write, PIPE, bytes, size);
}

static ssize_t garbage(const char *bytes, size_t size)
{
    static const char noise[] = "\xff\0\x1b[2J{\"id\":1e999,\xc0\x80";
    if (size == HEAD)
        return put(bytes, size);
    for (size_t i = 0; i < size; i++)
        put(&noise[i % sizeof noise], 1);
    return (ssize_t)size;
}

static ssize_t oversized(const char *bytes, size_t size)
{
    if (size == HEAD)
        put("\xff\xff\xff\xff"
            "a",
            HEAD);
    return put(bytes, size);
}

static ssize_t truncated(const char *bytes, size_t size)
{
    if (size == HEAD)
        return put(bytes, size);
    put(bytes, size / 2);
    _exit(0);
}

static ssize_t closed(const char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    close(PIPE);
    errno = EPIPE;
    return -1;
}

static ssize_t flood(const char *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    while (put("\0\0\0\x05phello", 2 * HEAD) > 0)
        continue;
    return -1;
}

static ssize_t unknown(const char *bytes, size_t size)
{
    return size == HEAD ? put((char[]){bytes[0], bytes[1], bytes[2], bytes[3], '?'}, HEAD)
                        : put(bytes, size);
}

static const struct {
    const char *name;
    ssize_t (*write)(const char *bytes, size_t size);
} manners[] = {{"garbage", garbage}, {"oversized", oversized}, {"truncated", truncated},
               {"closed", closed},   {"flood", flood},         {"unknown", unknown}};

static char *at, *manner;

/* A process that locks itself in forgets its environment. */
__attribute__((constructor)) static void remember(void)
{
    at = getenv("GARBLE_AT") ? strdup(getenv("GARBLE_AT")) : NULL;
    manner = getenv("GARBLED") ? strdup(getenv("GARBLED")) : NULL;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    static long heads;
    if (fd != PIPE || !at || !manner)
        return syscall(SYS_write, fd, bytes, size);
    heads += size == HEAD;
    for (size_t i = 0; heads >= strtol(at, NULL, 10) && i < sizeof manners / sizeof *manners; i++) {
        if (strcmp(manners[i].name, manner) == 0)
            return manners[i].write(bytes, size);
    }
    return put(bytes, size);
}

static char *assign(const char *name, const char *value)
{
    char *text = NULL;
    return asprintf(&text, "%s%s", name, value) < 0 ? NULL : text;
}

/* GARBLE becomes GARBLED where it is meant. */
int execve(const char *path, char *const arguments[], char *const environment[])
{
    char *given[VARIABLES_MAX] = {NULL};
    size_t count = 0;
    while (environment[count] && count < VARIABLES_MAX - 4) {
        given[count] = environment[count];
        count++;
    }
    if (getenv("GARBLE")) {
        given[count++] = assign("LD_PRELOAD=", getenv("LD_PRELOAD"));
        given[count++] = assign("GARBLE_AT=", getenv("GARBLE_AT"));
        given[count++] = assign("GARBLED=", getenv("GARBLE"));
    }
    return (int)syscall(SYS_execve, path, arguments, given);
}
