/* Between the files of the live world. */
#pragma once

#include "world/live_metrics.h"

/* An event that nobody has taken yet. */
struct happened {
    struct happened *next;
    struct event event;
    struct pool pool;
};

/* A call or a timer under way; lives as long as the world. */
struct waiting {
    struct live *live;
    int64_t id;
};

struct live {
    struct world world;
    struct live_params params;
    int64_t now; /* moves in `next` only: what happens in one step happens at one time */
    struct happened *first, **last;
    struct happened *asked, **last_asked; /* interrupts and requests: they go before the rest */
    bool ending;                          /* the run was asked to end */
    struct pool pool;
    struct live_metrics *metrics;
};
