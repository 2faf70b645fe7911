/* How many keys of a table, or strings, share one place. The interpreter finds a key by its place
 * and then walks the chain of those that share it, inside one instruction; a policy can choose keys
 * that all do. Its interface does not tell, so where it keeps the links is found by experiment
 * (chains_probe). For a Lua that keeps them otherwise every answer is 0. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

void chains_probe(void); /* once per process */

size_t chains_longest(
    const void *table); /* at least as long as the longest chain, or at most CHAINS_SHORT */
size_t chains_behind(const void *table,
                     const void *slot);      /* from the key with this value to the end */
size_t chains_of_string(const void *string); /* from a short string to the end */
/* Bytes that a long string's first use as a key will hash; 0 once it was used as one. */
size_t chains_unhashed(const void *string);

enum { CHAINS_SHORT = 24 };
