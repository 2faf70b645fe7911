/* Frames over a pipe: whole ones are written and read, and each wait has an end. */
#include "script/frame.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { HEAD = 5, CHUNK = 64 << 10, GLANCE_MS = 100 /* between two looks at what else there is */ };

static bool is_late(const struct frame_wait *wait)
{
    return wait && clock_steady() >= wait->until;
}

/* FRAME_DONE: try again. */
static enum frame_end wait_for(int fd, short events, const struct frame_wait *wait)
{
    struct pollfd wanted = {.fd = fd, .events = events};
    while (!is_late(wait)) {
        int64_t left = wait ? wait->until - clock_steady() : -1;
        bool glances = wait && wait->ends && left > GLANCE_MS;
        int ms = glances ? GLANCE_MS : left > INT_MAX ? INT_MAX : (int)left;
        int ready = poll(&wanted, 1, ms);
        if (ready > 0)
            return FRAME_DONE;
        if (ready < 0 && errno != EINTR)
            return FRAME_LATE;
        if (wait && wait->ends && wait->ends(wait->context))
            return FRAME_GIVEN_UP;
    }
    return FRAME_LATE;
}

static enum frame_end send_all(int fd, struct slice bytes, const struct frame_wait *wait)
{
    while (bytes.size > 0) {
        ssize_t sent = write(fd, bytes.data, bytes.size);
        if (sent > 0) {
            bytes.data += sent;
            bytes.size -= (size_t)sent;
        } else if (sent < 0 && errno == EAGAIN) {
            enum frame_end end = wait_for(fd, POLLOUT, wait);
            if (end != FRAME_DONE)
                return end;
        } else if (sent == 0 || errno != EINTR) {
            return FRAME_CLOSED;
        }
    }
    return FRAME_DONE;
}

/* What comes in bits never takes longer than the wait in all. */
static enum frame_end receive_all(int fd, char *into, size_t size, const struct frame_wait *wait)
{
    while (size > 0) {
        ssize_t got = read(fd, into, size);
        if (got > 0) {
            into += got;
            size -= (size_t)got;
        } else if (got < 0 && errno == EAGAIN) {
            enum frame_end end = wait_for(fd, POLLIN, wait);
            if (end != FRAME_DONE)
                return end;
        } else if (got == 0 || errno != EINTR) {
            return FRAME_CLOSED;
        }
        if (size > 0 && is_late(wait))
            return FRAME_LATE;
    }
    return FRAME_DONE;
}

enum frame_end frame_send(int fd, enum frame_kind kind, struct slice payload,
                          const struct frame_wait *wait)
{
    uint32_t size = (uint32_t)payload.size;
    char head[HEAD] = {(char)(size >> 24), (char)(size >> 16), (char)(size >> 8), (char)size,
                       (char)kind};
    if (payload.size > FRAME_OPEN_MAX)
        return FRAME_TOO_LARGE;
    enum frame_end end = send_all(fd, (struct slice){head, HEAD}, wait);
    return end == FRAME_DONE ? send_all(fd, payload, wait) : end;
}

/* Memory is taken as the bytes come, not as the length promises. */
static enum frame_end receive_payload(int fd, size_t size, struct buffer *payload,
                                      const struct frame_wait *wait)
{
    struct error full;
    while (size > 0) {
        size_t part = size < CHUNK ? size : CHUNK;
        char *into = buffer_reserve(payload, part, &full);
        if (!into)
            return FRAME_TOO_LARGE;
        enum frame_end end = receive_all(fd, into, part, wait);
        if (end != FRAME_DONE)
            return end;
        payload->size += part;
        size -= part;
    }
    return FRAME_DONE;
}

enum frame_end frame_receive(int fd, char *kind, struct buffer *payload,
                             const struct frame_wait *wait)
{
    unsigned char head[HEAD];
    buffer_empty(payload);
    enum frame_end end = receive_all(fd, (char *)head, HEAD, wait);
    if (end != FRAME_DONE)
        return end;
    size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    *kind = (char)head[4];
    return size > payload->max ? FRAME_TOO_LARGE : receive_payload(fd, size, payload, wait);
}
