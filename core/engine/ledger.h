/* The ledger: what a journal says was changed, and what of it must still be put back. It is built
 * by applying journal records one by one, by the run as it writes them and by a later process as it
 * reads them, so that both roll back from the same knowledge. */
#pragma once

#include "engine/world.h"
#include "journal/journal.h"

struct ledger_change {
    int64_t id, at;        /* `at`: when its intent was written */
    struct slice identity; /* which resource */
    struct slice operation;
    const struct value *input;
    const struct value *observe; /* {"operation","input"} */
    const struct value *before, *after;
    const struct value *undo;   /* {"operation","input"} */
    const struct value *within; /* [[group, branch]...], as its EFFECT record says; NULL: in none */
    int64_t settle;             /* ms */
    bool fleeting;              /* what it shows may become another with no harm (catalogue.h) */
    enum outcome outcome;       /* UNKNOWN until a result says otherwise */
    bool answered;              /* a result was there */
    bool undo_sent;             /* an undo of this identity was, perhaps */
    bool taken_back;            /* and AWS took it */
    bool overlapped;            /* sent while another change of the same identity was under way */
};

struct ledger_unclear {
    struct slice identity; /* "" where the record does not even say that */
    size_t line;
};

struct ledger {
    struct ledger_change *changes; /* in the order of their intents */
    size_t count, capacity;
    struct slice *restored; /* identities that were read back as before */
    size_t restored_count, restored_capacity;
    bool begun, committed, rolling_back, ended;
    bool unrestored;                /* it ended, and not everything was as before */
    struct ledger_unclear *unclear; /* changes whose record is not whole */
    size_t unclear_count, unclear_capacity;
    size_t lines;    /* records applied */
    int64_t next_id; /* above every id in a record */
};

void ledger_init(struct ledger *ledger);
void ledger_reset(struct ledger *ledger); /* empty again, keeps the memory */
void ledger_clear(struct ledger *ledger);

/* The body's values must outlive the ledger. A record that lacks what its kind has keeps none of
 * the others from being applied: it proves nothing, and a change that it may tell of is unclear. */
bool ledger_apply(struct ledger *ledger, enum journal_kind kind, int64_t at,
                  const struct value *body, struct error *err);

/* An id was used, even where no record says so (a quiet run). */
void ledger_note_id(struct ledger *ledger, int64_t id);

/* The resources to put back, the last touched first: each is the last change of its identity
 * that was not rejected. Returns how many; `out` has room for ledger->count. */
size_t ledger_pending(const struct ledger *ledger, const struct ledger_change **out);
/* The first change of the same identity that was not rejected: its `before` is what the resource
 * goes back to, its `undo` the call that does it. */
const struct ledger_change *ledger_first(const struct ledger *ledger, struct slice identity);

/* The last of the same identity that was not rejected, and the one before this (NULL: none). */
const struct ledger_change *ledger_last(const struct ledger *ledger, struct slice identity);
const struct ledger_change *ledger_previous(const struct ledger *ledger,
                                            const struct ledger_change *change);
/* The next of the same identity that was not rejected (NULL: none). */
const struct ledger_change *ledger_next(const struct ledger *ledger,
                                        const struct ledger_change *change);
/* Whether the policy made the first of two changes before the second, so that it is put back after
 * it. False also where they were made side by side, in branches of one group. */
bool ledger_precedes(const struct ledger_change *first, const struct ledger_change *second);
