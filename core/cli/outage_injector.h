/* A simulated world whose AWS is away for a while, from a chosen call on, for the outage test. The
 * metrics are somebody else's and stay. */
#pragma once

#include "engine/catalogue.h"
#include "engine/world.h"
#include "world/simulated.h"

#define OUTAGE_KINDS(X)                                                                            \
    X(UNREACHED, "cannot be reached")                                                              \
    X(FAULT, "answers 500")                                                                        \
    X(THROTTLED, "throttles")                                                                      \
    X(EXPIRED, "wants other credentials")                                                          \
    X(LOST, "does what it is asked, and its answers are lost")                                     \
    X(SLOW, "does what it is asked, later than it is waited for")

enum outage_kind {
#define X(name, text) OUTAGE_##name,
    OUTAGE_KINDS(X)
#undef X
        OUTAGE_KIND_COUNT
};

const char *outage_kind_text(enum outage_kind kind);

struct outage {
    enum outage_kind kind;
    size_t from;    /* which call is the first that meets it: 1, 2, ...; 0: none does */
    int64_t length; /* ms from then on */
};

struct outage_injector {
    struct world world;
    struct simulated *simulated;
    struct catalogue *catalogue; /* tells what changes anything */
    struct value home;           /* where the run is, kept for those who take it up */
    struct pool pool;
    struct outage outage;
    size_t calls;  /* since the outage was set */
    int64_t until; /* when it is over; 0: it has not begun */
};

void outage_injector_init(struct outage_injector *injector, struct simulated *simulated,
                          struct catalogue *catalogue);
void outage_injector_clear(struct outage_injector *injector);
/* From now on; calls are counted anew. */
void outage_injector_set(struct outage_injector *injector, struct outage outage);
