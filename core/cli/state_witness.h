/* What the locks say of a run, beside its journal: which resources it changed, and how it ended.
 * They are durable before a change is sent, so what they name and the journal does not is what the
 * journal has lost. */
#pragma once

#include "cli/state.h"
#include "journal/holder.h"
#include "journal/journal.h"

struct state_change {
    struct slice identity, label;
    int64_t record; /* seq of its last change's record in the journal; -1: it was not changed */
};

struct state_witness {
    struct state_change *locks; /* in the pool; those that no later run has taken over */
    size_t count, capacity;
    int64_t last;   /* the largest `record`; -1: nothing was changed */
    char ended[32]; /* the outcome, where all locks say the same; empty: it came to no end */
    struct pool *pool;
};

bool state_witness(const struct state *state, const char *run, struct state_witness *out,
                   struct pool *pool, struct error *err);

/* Whether the run's journal is not there. */
bool state_is_gone(const struct state *state, const char *run, bool *gone, struct error *err);
/* The same of the run that a lock names, where that matters: old journals are thrown away, and one
 * is missed only if the run came to no end, and nobody has said that all is well. */
bool state_is_missed(const struct state *state, const struct holder *holder, bool *missed,
                     struct error *err);

/* Whether the run changed something that the intact part of its journal does not reach to. */
bool state_is_cut(const struct state_witness *witness, const struct journal_scan *scan);

/* What was changed and cannot be put back from the intact part: in the pool. It is named by the
 * locks and, where those are gone, by what stands behind the damage (`behind`), which is believed
 * in nothing else. An empty identity stands for what nobody can name: of a damaged journal whose
 * changes no lock tells of. */
bool state_lost(struct state_witness *witness, const struct journal_scan *scan, struct slice behind,
                struct state_change **lost, size_t *count, struct error *err);
