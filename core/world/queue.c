/* The queue of a world in virtual time, as a binary heap. */
#include "world/queue.h"

#include "base/array.h"

#include <stdlib.h>

void queue_init(struct queue *queue)
{
    *queue = (struct queue){0};
}

void queue_clear(struct queue *queue)
{
    free(queue->items);
    queue_init(queue);
}

void queue_empty(struct queue *queue)
{
    queue->count = 0;
    queue->added = 0;
}

static bool is_before(const struct queued *a, const struct queued *b)
{
    if (a->at != b->at)
        return a->at < b->at;
    return a->id != b->id ? a->id < b->id : a->order < b->order;
}

static void place(struct queue *queue, struct queued item)
{
    size_t at = queue->count++;
    for (size_t up = (at - 1) / 2; at > 0 && is_before(&item, &queue->items[up]);
         up = (at - 1) / 2) {
        queue->items[at] = queue->items[up];
        at = up;
    }
    queue->items[at] = item;
}

bool queue_add(struct queue *queue, struct queued item, struct error *err)
{
    if (!array_reserve(&queue->items, &queue->capacity, queue->count, sizeof *queue->items,
                       "what is going to happen", err))
        return false;
    item.order = queue->added++;
    place(queue, item);
    return true;
}

void queue_silence(struct queue *queue, bool keep_calls)
{
    size_t count = queue->count;
    queue->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct queued item = queue->items[i];
        item.silent = true;
        if (keep_calls && item.request && item.every == 0)
            place(queue, item);
    }
}

bool queue_take(struct queue *queue, struct queued *item)
{
    if (queue->count == 0)
        return false;
    *item = queue->items[0];
    struct queued last = queue->items[--queue->count];
    size_t at = 0;
    for (size_t down = 1; down < queue->count; down = 2 * at + 1) {
        if (down + 1 < queue->count && is_before(&queue->items[down + 1], &queue->items[down]))
            down++;
        if (!is_before(&queue->items[down], &last))
            break;
        queue->items[at] = queue->items[down];
        at = down;
    }
    queue->items[at] = last;
    return true;
}
