/* One simulated run through as many lives as a test gives it: its journal is kept in memory, each
 * life may be killed, the next takes the run up from the journal alone, and at the end the account
 * is compared with the one before. Between the engine and the simulated world stands what a test
 * does to the run. */
#pragma once

#include "base/random.h"
#include "cli/injector.h"
#include "cli/simulation.h"

struct trial {
    struct simulation *simulation;
    int64_t seed;
    int64_t one_in;              /* of so many points one is tried */
    struct random_stream points; /* which */
    struct injector injector;
    struct buffer disk; /* the journal's file */
    struct buffer read; /* what a later life has read of it */
    struct pool pool;
};

void trial_init(struct trial *trial, struct simulation *simulation, int64_t seed, int64_t one_in);
void trial_clear(struct trial *trial);

/* Whether the next point is one that is tried: for a seed always the same ones. */
bool trial_takes(struct trial *trial);

/* The run from its beginning. */
bool trial_start(struct trial *trial, struct death death, struct engine_result *result,
                 struct error *err);

/* The engine has just died as `kind` says: what was sent lands, or never does, before anybody
 * comes back. */
bool trial_pass_time(struct trial *trial, enum crash_kind kind, struct error *err);

/* Another process takes the run up. *committed: the run was promoted before. */
bool trial_recover(struct trial *trial, struct death death, struct engine_result *result,
                   bool *committed, struct error *err);
/* A person takes the run back. */
bool trial_undo(struct trial *trial, struct engine_result *result, struct error *err);

/* How a run that was killed, and taken up, ended. */
struct trial_end {
    bool reached; /* false: the run, or its recovery, came to its end before */
    bool equal;   /* as trial_compare says it; a run that had committed keeps what it made */
    struct slice difference;
    struct engine_result result;
};

/* The run from its beginning, which dies so and is taken up. Who takes it up dies, too, where
 * `second` says so, and is followed by another. */
bool trial_die(struct trial *trial, struct death first, struct death second, struct trial_end *end,
               struct error *err);

/* What of the journal is whole; it lies in the trial until the next life. */
bool trial_read(struct trial *trial, struct journal_scan *scan, struct error *err);
size_t trial_count_records(const struct trial *trial);

/* Whether the account is as `expected` (NULL: as when the run began), and nothing else was said of
 * it. Otherwise *difference says where they differ. */
bool trial_compare(struct trial *trial, const struct account_state *expected,
                   const struct engine_result *result, bool *equal, struct slice *difference,
                   struct error *err);
