/* A journal store and a world that kill the engine at a chosen moment, for the crash test: both
 * answer ERROR_KILLED from then on, after which the engine does nothing more. */
#pragma once

#include "engine/world.h"
#include "journal/journal.h"

/* What happens once `records` records are durable. */
#define DEATHS(X)                                                                                  \
    X(NEVER, "")                                                                                   \
    X(BEFORE_SENDING, "killed before anything more was sent")                                      \
    X(LOST, "killed while waiting; what was sent is lost")                                         \
    X(LATE, "killed while waiting; what was sent lands during the recovery")                       \
    X(LANDED, "killed while waiting; what was sent landed before the recovery")                    \
    X(TORN_FIRST, "the next record torn after its first byte")                                     \
    X(TORN_HALF, "the next record torn in its middle")                                             \
    X(TORN_LAST, "the next record torn before its newline")                                        \
    X(TORN_ZEROS, "the next record's space full of zeros")

enum death {
#define X(name, text) DEATH_##name,
    DEATHS(X)
#undef X
        DEATH_COUNT
};

const char *death_text(enum death death);

struct mortal {
    struct journal_store store;
    struct world world;
    struct world *inner;
    struct buffer *bytes; /* the journal's text, borrowed */
    enum death death;
    size_t records; /* how many more become durable */
    size_t written;
    bool dead;
};

/* `bytes` is appended to, `inner` asked. */
void mortal_init(struct mortal *mortal, struct world *inner, struct buffer *bytes, enum death death,
                 size_t records);
