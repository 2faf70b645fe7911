/* What a run is given, and what it comes to. */
#pragma once

#include "engine/catalogue.h"
#include "engine/run_outcome.h"
#include "engine/world.h"
#include "journal/journal.h"
#include "script/script.h"

/* How long a rollback usually waits for an AWS that cannot be reached. */
#define ENGINE_PATIENCE INT64_C(1800000)

/* How long a request whose answer was lost is usually taken for one that may still take effect. AWS
 * accepts a signed request for five minutes. */
#define ENGINE_LATENESS INT64_C(300000)

/* Told of every record once it is durable. `line` is its journal line, or empty in a quiet run. */
typedef void engine_observe_fn(void *context, enum journal_kind kind, int64_t at,
                               const struct value *body, struct slice line);

struct engine_params {
    struct world *world;
    struct catalogue *catalogue;
    struct script *script;         /* the policy; NULL where only a recovery is done */
    struct journal *journal;       /* NULL: a quiet run, which keeps no record but its ledger */
    const struct value *header;    /* body of the RUN record; unused when quiet */
    const struct value *arguments; /* handed to the policy as it starts */
    bool rehearsal; /* nothing is looked at: a watch ends with its time, safe (world/rehearsed.h) */
    int64_t patience; /* ms that a rollback waits for an AWS that cannot be reached; 0: as usual */
    int64_t lateness; /* ms after which a request whose answer was lost does not land any more; 0 */
    const struct slice *lost; /* identities that the run changed as its journal does not tell */
    size_t lost_count;
    const char *undo_reason;    /* of engine_undo: "ann on ci-7 asked for it"; NULL: somebody did */
    engine_observe_fn *observe; /* may be NULL */
    void *context;
};

struct engine_result {
    enum run_outcome outcome;
    enum run_cause cause;
    char reason[ERROR_MESSAGE_MAX]; /* why, for people; empty when promoted */
    char chunk[128];                /* where in the policy, or empty */
    int line;
    bool killed;            /* a crash test stopped it: nothing else here holds */
    int64_t started, ended; /* ms */
    size_t mutations, undone, conflicts;
    double peak_share; /* the canary's largest, percent: the world knows, its owner fills it in */
};
