/* Arrays that grow. Items are found by index, never by a pointer that is kept. */
#pragma once

#include "base/error.h"

#include <stddef.h>

/* Room for one item more than `count`, each of `size` bytes. `items` is the address of the pointer
 * to the first; `what` says for the message what the memory is for. */
bool array_reserve(void *items, size_t *capacity, size_t count, size_t size, const char *what,
                   struct error *err);
