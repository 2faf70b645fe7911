/* A heap of timers, by time and then by order. */
#include "net/timers.h"

#include <stdlib.h>

void timers_clear(struct timers *timers)
{
    free(timers->items);
    *timers = (struct timers){0};
}

static bool is_before(const struct timer *a, const struct timer *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void swap(struct timer *a, struct timer *b)
{
    struct timer kept = *a;
    *a = *b;
    *b = kept;
}

static void rise(struct timers *timers, size_t at)
{
    while (at > 0 && is_before(&timers->items[at], &timers->items[(at - 1) / 2])) {
        swap(&timers->items[at], &timers->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
}

static void sink(struct timers *timers, size_t at)
{
    for (;;) {
        size_t least = at;
        for (size_t below = 2 * at + 1; below <= 2 * at + 2 && below < timers->count; below++) {
            if (is_before(&timers->items[below], &timers->items[least]))
                least = below;
        }
        if (least == at)
            return;
        swap(&timers->items[at], &timers->items[least]);
        at = least;
    }
}

static bool grow(struct timers *timers, struct error *err)
{
    size_t capacity = timers->capacity ? 2 * timers->capacity : 16;
    struct timer *items = realloc(timers->items, capacity * sizeof *items);
    if (!items)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu timers", capacity);
    timers->items = items;
    timers->capacity = capacity;
    return true;
}

bool timers_add(struct timers *timers, int64_t at, net_timer_fn *due, void *context,
                struct error *err)
{
    if (timers->count == timers->capacity && !grow(timers, err))
        return false;
    timers->items[timers->count++] = (struct timer){at, timers->asked++, due, context};
    rise(timers, timers->count - 1);
    return true;
}

static void remove_first(struct timers *timers)
{
    timers->items[0] = timers->items[--timers->count];
    sink(timers, 0);
}

bool timers_take(struct timers *timers, int64_t now, uint64_t order, struct timer *out)
{
    if (timers->count == 0 || timers->items[0].at > now || timers->items[0].order >= order)
        return false;
    *out = timers->items[0];
    remove_first(timers);
    return true;
}

const struct timer *timers_first(const struct timers *timers)
{
    return timers->count > 0 ? &timers->items[0] : NULL;
}

void timers_forget(struct timers *timers, const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < timers->count; i++) {
        if (timers->items[i].context != context)
            timers->items[kept++] = timers->items[i];
    }
    timers->count = kept;
    for (size_t i = kept / 2; i-- > 0;)
        sink(timers, i);
}
