/* The replayed world: an old journal gives the answers. The engine writes the journal anew into a
 * store that compares each line with the recorded one and stops the run at the first that differs,
 * so what is found is found before anything rests on it.
 *
 * One file can tell of several lives: a run that was cut short, and the processes that took it up,
 * each of which begins with a ROLLBACK record of cause "crash" (docs/journal.md, "Lives"). */
#pragma once

#include "engine/engine.h"
#include "journal/journal.h"

struct replayed;

enum replay_end {
    REPLAY_EQUAL, /* the run ended, as it had */
    REPLAY_CUT,   /* equal as far as the journal goes, which ends before the run did */
    REPLAY_DIFFERENT,
};

struct replay_difference {
    size_t record;         /* its place in the journal, from 0 */
    struct slice recorded; /* the journal's line; empty if it has none any more */
    struct slice now;      /* the line that this run would write; empty if it would write none */
};

enum { REPLAY_DIFFERENCES_MAX = 2 };

struct replay_report {
    enum replay_end end;
    size_t records; /* how far it got */
    size_t lives;
    /* REPLAY_DIFFERENT: one, and with `changed` one more where BEGIN was the first */
    struct replay_difference differences[REPLAY_DIFFERENCES_MAX];
    size_t difference_count;
    char why[ERROR_MESSAGE_MAX]; /* where a line of the last is empty: what was in the way */
};

/* The scan must outlive it. ERROR_DAMAGED if its records cannot be those of a run. */
bool replayed_new(struct replayed **out, const struct journal_scan *scan, struct error *err);
void replayed_free(struct replayed *replayed);

/* Carries the run out again, every life of it. Of `params`, sandbox (loaded and seeded), catalogue
 * and arguments are used. With `changed` the policy is not the recorded one: what it declares in
 * its BEGIN record may differ, and the run goes on to the first thing that it does otherwise. The
 * report's slices live as long as the replayed world. */
void replayed_run(struct replayed *replayed, struct engine *engine,
                  const struct engine_params *params, bool changed, struct replay_report *report);
