/* Putting one resource back, whatever is done to others at the same time.
 *
 *   blocked --> looks -+-> as before, and it has held long enough ----------------> over: restored
 *                ^  ^  +-> as before, but AWS is at work on it, or a late
 *                |  |  |   request may still change it ----------------> waits
 *                |  |  +-> the run's last state, or a
 *                |  |  |   step of the way back from it ---> undoes --> looks
 *                |  |  +-> a state before that: does it hold? ---------> waits
 *                |  |  +-> anything else: somebody changed it --------------------> over: left
 *                |  |  +-> it could not be read, or the undo not be sent -> waits
 *                |  |                                                        |
 *                |  +--------------------------------------------------------+
 *                +--- until the patience, or the number of tries, is at its end --> over: left
 *
 * Cut short anywhere and taken up again, this does the same, as every step starts from what is
 * really there. */
#pragma once

#include "engine/look.h"

enum restore_phase {
    RESTORE_BLOCKED, /* what was changed after it is put back first */
    RESTORE_LOOKS,
    RESTORE_UNDOES,
    RESTORE_WAITS,
    RESTORE_OVER,
};

struct restore {
    const struct ledger_change *last, *first;
    int64_t id;
    enum restore_phase phase;
    struct value request; /* to be sent; null: nothing is */
    size_t behind;        /* how many of those that go first are still in its way */
    bool passed;          /* it stands in nobody's way any more: it is over, or waits for others */
    bool passed_told, over_told; /* to those behind it (engine/rollback.c) */
    int64_t doubt;     /* until then a request whose answer was lost may still land; 0: none was */
    int looks, undos;  /* that are left */
    int refused;       /* how often an undo was */
    int failures;      /* in a row, of an AWS that cannot be reached */
    int64_t back_at;   /* since when it shows what it should; 0: it does not */
    int64_t odd_at;    /* since when it shows an earlier state of the run; 0: it does not */
    int64_t undone_at; /* when AWS last took an undo; 0: not in this life */
    int64_t until;     /* how long AWS may be at work on it; 0: it was not yet */
    struct error why;  /* it is not restored; no code: nothing more is known */
};

/* `last` is the last change of its resource. */
void restore_init(struct restore *restore, const struct engine *engine,
                  const struct ledger_change *last, int64_t id);
void restore_start(struct restore *restore);
/* All of these fail only where no record can be written any more, or by a fault of ours. */
bool restore_waits_for(const struct restore *restore, const struct event *event);
/* A look or an undo leaves, once what was written before it is durable. */
bool restore_send(struct engine *engine, struct restore *restore, struct error *err);
bool restore_take(struct engine *engine, struct restore *restore, const struct event *event,
                  struct error *err);
/* It is left as it is, for this reason. */
bool restore_leave(struct engine *engine, struct restore *restore, const struct error *why,
                   struct error *err);
