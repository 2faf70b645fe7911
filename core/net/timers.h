/* Timers in a heap: the earliest first, among equals the one asked for first. */
#pragma once

#include "net/net.h"

struct timer {
    int64_t at;
    uint64_t order; /* of asking */
    net_timer_fn *due;
    void *context;
};

struct timers {
    struct timer *items;
    size_t count, capacity;
    uint64_t asked;
};

void timers_clear(struct timers *timers);
bool timers_add(struct timers *timers, int64_t at, net_timer_fn *due, void *context,
                struct error *err);
/* Takes the first off if it is due at `now` and was asked for before `order`. */
bool timers_take(struct timers *timers, int64_t now, uint64_t order, struct timer *out);
const struct timer *timers_first(const struct timers *timers); /* NULL if there is none */
void timers_forget(struct timers *timers, const void *context);
