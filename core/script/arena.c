/* Blocks out of one mapping: free lists by size, everything the allocator knows inside the arena.
 */
#include "script/arena.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

enum {
    GRAIN = 16,       /* alignment of every block */
    SMALL_MAX = 1024, /* up to here one class per 16 bytes */
    SMALL_SHIFT = 10, /* log2 of it */
    SMALL_CLASSES = SMALL_MAX / GRAIN,
    SLACK = 1 << 20, /* room for what stays behind in free lists of small programs */
};

struct free_block {
    struct free_block *next;
};

static size_t class_of(size_t size)
{
    size_t last = size - 1;
    if (last < SMALL_MAX)
        return last / GRAIN;
    size_t doubling = 63 - (size_t)__builtin_clzll(last);
    return SMALL_CLASSES + (doubling - SMALL_SHIFT) * 4 + ((last >> (doubling - 2)) & 3);
}

static size_t class_size(size_t class)
{
    if (class < SMALL_CLASSES)
        return (class + 1) * GRAIN;
    size_t large = class - SMALL_CLASSES;
    size_t doubling = SMALL_SHIFT + large / 4;
    return ((size_t)4 + large % 4 + 1) << (doubling - 2);
}

struct arena *arena_map(size_t reserved, size_t limit, struct error *err)
{
    if (limit > ARENA_LIMIT_MAX) {
        error_set(err, ERROR_INVALID, "the memory limit is %zu bytes (the most is %d)", limit,
                  ARENA_LIMIT_MAX);
        return NULL;
    }
    size_t mapped = (2 * limit + reserved + SLACK + 4095) & ~(size_t)4095;
    void *wanted = (void *)(uintptr_t)ARENA_BASE;
    void *got = mmap(wanted, mapped, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (got == MAP_FAILED || got != wanted) { /* kernels before 4.17 take the address as a wish */
        int reason = got == MAP_FAILED ? errno : EEXIST;
        if (got != MAP_FAILED)
            munmap(got, mapped);
        error_set(err, ERROR_IO, "map the sandbox's memory at %#x: %s", ARENA_BASE,
                  strerror(reason));
        return NULL;
    }
    struct arena *arena = got;
    arena->mapped = mapped;
    arena->top = (reserved + 63) & ~(size_t)63;
    arena->limit = limit;
    return arena;
}

void arena_unmap(struct arena *arena)
{
    munmap(arena, arena->mapped);
}

static void *take(struct arena *arena, size_t class)
{
    size_t size = class_size(class);
    if (size > arena->limit - arena->used)
        return NULL;
    struct free_block *block = arena->free[class];
    if (block) {
        arena->free[class] = block->next;
    } else {
        if (size > arena->mapped - arena->top)
            return NULL;
        block = (void *)((char *)arena + arena->top);
        arena->top += size;
    }
    arena->used += size;
    return block;
}

void arena_give_back(struct arena *arena, void *block, size_t size)
{
    size_t class = class_of(size);
    struct free_block *head = block;
    head->next = arena->free[class];
    arena->free[class] = head;
    arena->used -= class_size(class);
}

/* The tail is lost until the next rewind; the block is of its new class from here on. */
static void *shrink_in_place(struct arena *arena, void *block, size_t old_size, size_t size)
{
    arena->used -= class_size(class_of(old_size)) - class_size(class_of(size));
    return block;
}

void *arena_resize(struct arena *arena, void *old, size_t old_size, size_t size)
{
    if (size > ARENA_BLOCK_MAX)
        return NULL;
    size_t class = class_of(size);
    if (!old)
        return take(arena, class);
    if (class == class_of(old_size))
        return old;
    void *block = take(arena, class);
    if (!block)
        return size < old_size ? shrink_in_place(arena, old, old_size, size) : NULL;
    memcpy(block, old, size < old_size ? size : old_size);
    arena_give_back(arena, old, old_size);
    return block;
}
