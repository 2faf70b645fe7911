/* Random bytes of the system's. */
#include "base/entropy.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

bool entropy_fill(void *bytes, size_t size, struct error *err)
{
    char *into = bytes;
    while (size > 0) {
        ssize_t got = getrandom(into, size, 0);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return error_set(err, ERROR_IO, "getrandom: %s", strerror(errno));
        into += got;
        size -= (size_t)got;
    }
    return true;
}
