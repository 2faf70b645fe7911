/* Frames over a pipe: whole ones are written and read, and each wait has an end. */
#include "script/frame.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 5, CHUNK = 64 << 10 };

/* True: try again. */
static bool wait_for(int fd, short events, int64_t until)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    for (;;) {
        int64_t left = until == FRAME_EVER ? -1 : until - clock_steady();
        if (until != FRAME_EVER && left <= 0)
            return false;
        int ready = poll(&wanted, 1, left > INT_MAX ? INT_MAX : (int)left);
        if (ready > 0)
            return true;
        if (ready < 0 && errno != EINTR)
            return false;
    }
}

static enum frame_end send_all(int fd, struct slice bytes, int64_t until)
{
    while (bytes.size > 0) {
        ssize_t sent = write(fd, bytes.data, bytes.size);
        if (sent > 0) {
            bytes.data += sent;
            bytes.size -= (size_t)sent;
        } else if (sent < 0 && errno == EAGAIN) {
            if (!wait_for(fd, POLLOUT, until))
                return FRAME_LATE;
        } else if (sent == 0 || errno != EINTR) {
            return FRAME_CLOSED;
        }
    }
    return FRAME_DONE;
}

/* What comes in bits never takes longer than `until` in all. */
static enum frame_end receive_all(int fd, char *into, size_t size, int64_t until)
{
    while (size > 0) {
        ssize_t got = read(fd, into, size);
        if (got > 0) {
            into += got;
            size -= (size_t)got;
        } else if (got < 0 && errno == EAGAIN) {
            if (!wait_for(fd, POLLIN, until))
                return FRAME_LATE;
        } else if (got == 0 || errno != EINTR) {
            return FRAME_CLOSED;
        }
        if (size > 0 && until != FRAME_EVER && clock_steady() >= until)
            return FRAME_LATE;
    }
    return FRAME_DONE;
}

enum frame_end frame_send(int fd, enum frame_kind kind, struct slice payload, int64_t until)
{
    uint32_t size = (uint32_t)payload.size;
    char head[HEAD] = {(char)(size >> 24), (char)(size >> 16), (char)(size >> 8), (char)size,
                       (char)kind};
    if (payload.size > FRAME_OPEN_MAX)
        return FRAME_TOO_LARGE;
    enum frame_end end = send_all(fd, (struct slice){head, HEAD}, until);
    return end == FRAME_DONE ? send_all(fd, payload, until) : end;
}

/* Memory is taken as the bytes come, not as the length promises. */
static enum frame_end receive_payload(int fd, size_t size, struct buffer *payload, int64_t until)
{
    struct error full;
    while (size > 0) {
        size_t part = size < CHUNK ? size : CHUNK;
        char *into = buffer_reserve(payload, part, &full);
        if (!into)
            return FRAME_TOO_LARGE;
        enum frame_end end = receive_all(fd, into, part, until);
        if (end != FRAME_DONE)
            return end;
        payload->size += part;
        size -= part;
    }
    return FRAME_DONE;
}

enum frame_end frame_receive(int fd, char *kind, struct buffer *payload, int64_t until)
{
    unsigned char head[HEAD];
    buffer_empty(payload);
    enum frame_end end = receive_all(fd, (char *)head, HEAD, until);
    if (end != FRAME_DONE)
        return end;
    size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    *kind = (char)head[4];
    return size > payload->max ? FRAME_TOO_LARGE : receive_payload(fd, size, payload, until);
}
