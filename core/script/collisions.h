/* How many keys of a table, or strings, share one place. The interpreter finds a key by its place
 * and then walks the chain of those that share it, inside one instruction; a policy can choose keys
 * that all do. Its interface does not tell, so where it keeps the links is found by experiment
 * (collisions_probe). For a Lua that keeps them otherwise every answer is 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

void collisions_probe(void); /* once per process */

size_t collisions_longest(
    const void *table); /* at least as long as the longest chain, or at most COLLISIONS_FEW */
size_t collisions_behind(const void *table,
                         const void *slot);      /* from the key with this value to the end */
size_t collisions_of_string(const void *string); /* from a short string to the end */
/* Bytes that a long string's first use as a key will hash; 0 once it was used as one. */
size_t collisions_unhashed(const void *string);

enum { COLLISIONS_FEW = 24 };
