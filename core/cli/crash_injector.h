/* A journal store and a world that kill the engine at a chosen moment, for the crash test: both
 * answer ERROR_KILLED from then on, after which the engine does nothing more. */
#pragma once

#include "engine/world.h"
#include "journal/journal.h"

/* What happens once `records` records are durable. */
#define CRASH_KINDS(X)                                                                             \
    X(NEVER, "")                                                                                   \
    X(BEFORE_SENDING, "killed before anything more was sent")                                      \
    X(LOST, "killed while waiting; what was sent is lost")                                         \
    X(LATE, "killed while waiting; what was sent lands during the recovery")                       \
    X(LANDED, "killed while waiting; what was sent landed before the recovery")                    \
    X(TORN_FIRST, "the next record torn after its first byte")                                     \
    X(TORN_HALF, "the next record torn in its middle")                                             \
    X(TORN_LAST, "the next record torn before its newline")                                        \
    X(TORN_ZEROS, "the next record's space full of zeros")

enum crash_kind {
#define X(name, text) CRASH_##name,
    CRASH_KINDS(X)
#undef X
        CRASH_KIND_COUNT
};

const char *crash_kind_text(enum crash_kind kind);

struct crash_injector {
    struct journal_store store;
    struct world world;
    struct world *inner;
    struct buffer *bytes; /* the journal's text, borrowed */
    enum crash_kind kind;
    size_t records; /* how many more become durable */
    size_t written;
    bool crashed;
};

/* `bytes` is appended to, `inner` asked. */
void crash_injector_init(struct crash_injector *injector, struct world *inner, struct buffer *bytes,
                         enum crash_kind kind, size_t records);
