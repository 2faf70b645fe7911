/* What is going to happen, in the order (time, id); what was put in first goes first where both are
 * the same. */
#pragma once

#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

struct queued {
    int64_t at, id;
    uint64_t order;
    const void *request;  /* what its owner knows it by; NULL: a timer, or a person */
    const void *approval; /* the effect that a person answers then; NULL: none does */
    bool silent;          /* nobody waits for the answer any more */
    int64_t every;        /* it comes again after so many ms, while its owner lives; 0: once */
};

struct queue {
    struct queued *items; /* a heap, the next one first */
    size_t count, capacity;
    uint64_t added;
};

void queue_init(struct queue *queue);
void queue_clear(struct queue *queue);
void queue_empty(struct queue *queue); /* keeps the memory */
bool queue_add(struct queue *queue, struct queued item, struct error *err);
/* False if there is nothing. */
bool queue_take(struct queue *queue, struct queued *item);
/* Nobody waits for anything any more: timers go and what comes again, calls stay or go. */
void queue_silence(struct queue *queue, bool keep_calls);
