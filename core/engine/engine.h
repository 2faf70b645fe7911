/* The engine: carries a run from its policy's first effect to commit or rollback, and takes up a
 * run that a dead process left behind.
 *
 * The order of things for a mutation, which every guarantee hangs on:
 *   observe the resource -> compute state before, after and the undo -> EFFECT record durable
 *   -> send -> RESULT record durable -> resume the policy.
 * A run succeeds in one way only: the policy returned and the COMMIT record is durable. Everything
 * else, whatever it is, goes to rollback.c, which works from the ledger alone. */
#pragma once

#include "engine/catalogue.h"
#include "engine/ledger.h"
#include "engine/world.h"
#include "script/script.h"

/* How a run ended; the names and exit statuses are part of the command line's contract. */
#define RUN_OUTCOMES(X)                                                                            \
    X(PROMOTED, "promoted", 0)                                                                     \
    X(REFUSED, "refused", 2)              /* before anything was touched */                        \
    X(ROLLED_BACK, "rolled back", 10)     /* the policy or its judge said so */                    \
    X(STOPPED, "stopped", 11)             /* a person said so */                                   \
    X(NOT_RESTORED, "not restored", 14)   /* a rollback failed or could not be verified */         \
    X(NO_DECISION, "no decision", 15)     /* no data, or no answer from the provider */            \
    X(POLICY_FAILED, "policy failed", 16) /* an error, a spent budget, a dead process */           \
    X(INTERRUPTED, "interrupted", 130)                                                             \
    X(TERMINATED, "terminated", 143)                                                               \
    X(TOOL_FAILED, "tool failed", 1) /* storage or our own fault; see the message */

enum run_outcome {
#define X(name, text, exit) RUN_##name,
    RUN_OUTCOMES(X)
#undef X
};

const char *run_outcome_name(enum run_outcome outcome);
int run_outcome_exit(enum run_outcome outcome);

/* Why a rollback began. */
#define RUN_CAUSES(X)                                                                              \
    X(NONE, "none", PROMOTED)                                                                      \
    X(HARM, "harm", ROLLED_BACK)                                                                   \
    X(POLICY, "policy", ROLLED_BACK)                                                               \
    X(ERROR, "error", POLICY_FAILED)                                                               \
    X(BUDGET, "budget", POLICY_FAILED)                                                             \
    X(CRASH, "crash", POLICY_FAILED)                                                               \
    X(NO_DATA, "no data", NO_DECISION)                                                             \
    X(PROVIDER_ERROR, "provider error", NO_DECISION)                                               \
    X(CONFLICT, "conflict", POLICY_FAILED)                                                         \
    X(SIGINT, "signal INT", INTERRUPTED)                                                           \
    X(PERSON, "person", STOPPED)                                                                   \
    X(SIGTERM, "signal TERM", TERMINATED)                                                          \
    X(TOOL, "tool", TOOL_FAILED)

enum run_cause {
#define X(name, text, outcome) CAUSE_##name,
    RUN_CAUSES(X)
#undef X
};

const char *run_cause_name(enum run_cause cause);
bool run_cause_parse(enum run_cause *cause, struct slice name); /* false: no such cause */

/* Told of every record once it is durable. `line` is its journal line, or empty in a quiet run. */
typedef void engine_observe_fn(void *context, enum journal_kind kind, int64_t at,
                               const struct value *body, struct slice line);

struct engine_params {
    struct world *world;
    struct catalogue *catalogue;
    struct script *script;         /* the policy; NULL where only a recovery is done */
    struct journal *journal;       /* NULL: a quiet run, which keeps no record but its ledger */
    const struct value *header;    /* body of the RUN record; unused when quiet */
    const struct value *arguments; /* handed to sandbox_start */
    bool rehearsal; /* nothing is looked at: a watch ends with its time, safe (world/rehearsed.h) */
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

struct engine;

bool engine_new(struct engine **out, struct error *err);
void engine_free(struct engine *engine);

/* Whether the run that is carried out is on its way back: nothing that is asked of it, and no
 * signal, changes that. */
bool engine_is_rolling_back(const struct engine *engine);

/* Carries out one run, rollback included. Reusable: each call starts afresh. */
void engine_run(struct engine *engine, const struct engine_params *params,
                struct engine_result *result);

/* Takes up a run from its journal: what is pending is rolled back, records go on in
 * params->journal. It begins with a ROLLBACK record of cause "crash", even where a rollback was
 * under way: the mark of another life. The result has the first cause. A run that had committed or
 * ended is left as it is, unless it ended with something that was not restored: that is tried
 * again. */
void engine_recover(struct engine *engine, const struct engine_params *params,
                    const struct journal_scan *scan, struct engine_result *result);

/* Whether this body of a ROLLBACK record is that mark. A policy whose process died has the same
 * cause, and another reason. */
bool engine_is_taken_up(const struct value *rollback);

/* A person takes back what a run did, also one that was promoted: the same from the same journal. A
 * run that was rolled back is left as it is. */
void engine_undo(struct engine *engine, const struct engine_params *params,
                 const struct journal_scan *scan, struct engine_result *result);
