/* Answers that came before. On a connection that is kept, an answer that something on the way gives
 * twice would pass for that of the next request, and every later one for that of the request behind
 * it. AWS names each of its answers by an id of its own, and none has the id of another. */
#pragma once

#include "base/bytes.h"

#include <stdint.h>

enum { REPEATED_KEPT = 128 }; /* more than the answers of all connections that are kept */

struct repeated {
    uint64_t ids[REPEATED_KEPT]; /* digests; 0: none yet */
    size_t next;
};

/* Whether the answer with these headers was there before; else it is from now on. */
bool repeated_take(struct repeated *repeated, struct slice head);
