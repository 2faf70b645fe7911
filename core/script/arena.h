/* The sandbox's memory: one mapping at a fixed address, so that no pointer in it depends on where
 * the system put things, and so that a copy of its first `top` bytes is a complete picture of
 * whatever lives in it. Everything the allocator knows stands in the arena itself and is part of
 * the picture.
 *
 * Blocks come in classes of size (four to each doubling above 1 KiB), one free list to a class; the
 * owner says how large a block is when giving it back, as Lua does, so blocks have no headers. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Below 2 GiB, where neither the program, its heap, AddressSanitizer nor valgrind put anything. */
#define ARENA_BASE 0x40000000u

enum {
    ARENA_CLASSES = 112,
    ARENA_BLOCK_MAX =
        4 << 20, /* bounds what one instruction can make the interpreter walk through */
    ARENA_LIMIT_MAX = 480 << 20,
};

struct arena {
    size_t mapped; /* bytes of the mapping */
    size_t top;    /* bytes from its start that were ever in use */
    size_t used;   /* bytes in blocks now, rounded up to their classes */
    size_t limit;  /* the most that `used` may be */
    void *free[ARENA_CLASSES];
};

/* Maps the arena and returns its start. The first `reserved` bytes are the caller's, `struct arena`
 * at their head; they are zero. NULL and *err if the place is taken. */
struct arena *arena_map(size_t reserved, size_t limit, struct error *err);
void arena_unmap(struct arena *arena);

/* Makes, grows, shrinks (old NULL, old_size 0 for a new block). NULL if that would pass a limit; a
 * block that shrinks never fails. */
void *arena_resize(struct arena *arena, void *old, size_t old_size, size_t size);
void arena_give_back(struct arena *arena, void *block, size_t size);
