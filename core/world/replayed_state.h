/* A replay under way: the place in the journal that the run has come to, and what it waits for. */
#pragma once

#include "base/digest.h"
#include "engine/world.h"
#include "journal/journal.h"
#include "script/script.h"

/* Something the engine waits for. */
struct awaited {
    int64_t id, at;              /* `at`: of a timer */
    const struct value *request; /* of a call */
};

struct comparing_store {
    struct journal_store store;
    struct replayed *replayed;
};

/* The policy, which dies where it died. */
struct dying_script {
    struct script script;
    struct replayed *replayed;
};

struct replayed {
    struct world world;
    struct comparing_store store;
    struct dying_script script;
    struct script *policy;
    struct journal journal;
    const struct journal_scan *scan;
    size_t cursor;      /* the next record: everything before it was written again, and is equal */
    size_t limit;       /* where this life ends */
    size_t interrupted; /* the record for which a signal was given, 0 for none */
    size_t period;      /* of the tick at the cursor: how many were handed out */
    int64_t now;
    struct awaited *awaited;
    size_t awaited_count, awaited_capacity;
    char hash[DIGEST_HEX_SIZE + 1]; /* of the last equal record */
    bool changed;                   /* the policy is another: its BEGIN may be */
    struct buffer begin;            /* that line, empty if it is the same */
    struct buffer line;             /* the first that differs and stopped the run */
    bool different;
    char why[ERROR_MESSAGE_MAX];
};

/* The record at the cursor; NULL where the life is over. */
static inline const struct journal_record *replayed_current(const struct replayed *replayed)
{
    return replayed->cursor < replayed->limit ? &replayed->scan->records[replayed->cursor] : NULL;
}
