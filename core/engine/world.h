/* The outside as the engine sees it. The simulated, the rehearsed, the replayed and the
 * live world implement this; the engine never includes one.
 *
 * Everything the engine starts has an id of its choosing and is answered by one event from `next`.
 * In pretend worlds events come in the order (time, id), so that branches interleave the same way
 * every time. */
#pragma once

#include "judge/judge.h"

#define OUTCOMES(X)                                                                                \
    X(OK, "ok")                                                                                    \
    X(REJECTED, "rejected")                                                                        \
    X(UNKNOWN, "unknown")

enum outcome {
#define X(name, text) OUTCOME_##name,
    OUTCOMES(X)
#undef X
};

const char *outcome_name(enum outcome outcome);
bool outcome_parse(enum outcome *outcome, struct slice name); /* false: no such outcome */

/* The codes of calls that nobody answered: none was sent, or what came back was lost. All others
 * are somebody's answer. */
#define WORLD_NOT_SENT "NotSent"
#define WORLD_LOST "Lost"
/* The code of an effect that was refused since another run holds what it changes. */
#define WORLD_LOCKED "locked"
bool world_unreached(const struct value *problem); /* {"code","message"} */
/* Such a problem, sharing the texts; `members` is the room for it. */
struct value world_problem(struct member members[2], const char *code, const char *message);

enum { SAMPLE_METRICS_MAX = JUDGE_READINGS_MAX };

/* One period's metrics of both arms. */
struct sample {
    bool ready;   /* false: the period is not closed and settled yet, ask again later */
    bool ended;   /* nothing will ever come for this period or a later one (a recording is over) */
    bool dropped; /* the run was asked to end before it was there: the next event says so */
    bool last;    /* nothing after it is there before time goes on: it need not be asked for */
    int64_t at;   /* start of the period; once it has ended, where that was */
    int64_t period; /* how long it is */
    int64_t still;  /* it is read again until it has not changed for so long; 0: it never does */
    int64_t settle; /* how long it takes until the alarms that were asked for know of something */
    struct reading canary[SAMPLE_METRICS_MAX], baseline[SAMPLE_METRICS_MAX];
};

struct sample_request {
    const struct value *target;
    const struct slice *metrics;     /* names, e.g. "errors", "requests" */
    size_t metric_count;             /* <= SAMPLE_METRICS_MAX; 0: alarms alone */
    int64_t after;                   /* the first period that starts at or after this */
    double share;                    /* what the canary has of the traffic now, in percent */
    const struct alarm_look *alarms; /* to be asked for with them, as they are now; NULL: none */
};

/* An id is the effect's id (in the journal) times EVENT_PHASES plus what is waited for, so that a
 * replay finds the answer in the journal: CALL in the RESULT record (or UNDONE, in a rollback),
 * OBSERVE in the EFFECT record's "observed" (no such member: the observation failed, with the
 * RESULT's error), PROBE in the RESULT, or in the next PROBE record of that id in a rollback
 * ("outcome", "observed"), TIMER at the next TICK or RESULT of that id, or before the next PROBE of
 * it. Samples are in the TICK records. A signal, and the death of the policy's process, are a
 * ROLLBACK record of that cause; what a person asks is a REQUEST record. */
enum event_phase { PHASE_CALL, PHASE_OBSERVE, PHASE_PROBE, PHASE_TIMER, EVENT_PHASES };

static inline int64_t event_id(int64_t effect, enum event_phase phase)
{
    return effect * EVENT_PHASES + phase;
}

enum event_kind { EVENT_ANSWER, EVENT_TIMER, EVENT_INTERRUPT, EVENT_REQUEST };

/* The `id` of EVENT_INTERRUPT: what ends the run. Signals have their own numbers. DEATH: the
 * policy's process is gone; the value is text that says how. PERSON: an abort of which no REQUEST
 * record tells, as older journals have it. */
enum interrupt {
    INTERRUPT_DEATH = -1,
    INTERRUPT_PERSON = 0,
    INTERRUPT_INT = 2,
    INTERRUPT_TERM = 15,
};

/* What people ask of a run from outside: the `id` of EVENT_REQUEST. The value is {"at","by"}: when
 * it was asked (ms), and who asked; of APPROVE and REJECT also "approval", the effect that is
 * meant, and "why", if that was said. */
#define REQUESTS(X)                                                                                \
    X(ABORT, "abort")                                                                              \
    X(PAUSE, "pause")                                                                              \
    X(RESUME, "resume")                                                                            \
    X(PROMOTE, "promote")             /* the wait that the run is in is over */                    \
    X(PROMOTE_FULL, "promote --full") /* and so is every later one */                              \
    X(APPROVE, "approve")             /* what waits for a person goes on */                        \
    X(REJECT, "reject")               /* it does not: the run is rolled back */

enum request {
#define X(name, text) REQUEST_##name,
    REQUESTS(X)
#undef X
};

const char *request_name(enum request request);
bool request_parse(enum request *request, struct slice name); /* false: no such request */

struct event {
    enum event_kind kind;
    int64_t id;
    enum outcome outcome; /* EVENT_ANSWER */
    struct value value; /* the output, or {"code","message"} unless ok; in the pool given to next */
};

struct world;

struct world_ops {
    const char *name;
    /* Moves with events only, in `next` and `poll`: between two of them it is one instant, in every
     * world. A replay depends on it. */
    int64_t (*now)(struct world *world);
    /* The run begins with these targets: a simulated world makes an account in which they exist, a
     * live one takes their locks. *home is that of what is called by its name (engine/home.h), the
     * names of the targets known; null where nobody knows it; it lives as long as the world.
     * ERROR_ENDED: the run was asked to end before it had begun; the next event says so. */
    bool (*begin)(struct world *world, const struct value *targets, struct value *home,
                  struct error *err);
    /* Asks once for all that the judges of a run will look at, of the hours before, while nothing
     * is changed: "asks" of a begin effect, [{"metric","count","requests","family"}...]. *out is
     * what came of it, for the journal; null where there is nothing to tell. Time may have gone on:
     * the run begins then. ERROR_INVALID: it could not be judged; ERROR_IO: nobody knows, as a
     * source did not answer; ERROR_ENDED: as in begin. */
    bool (*preflight)(struct world *world, const struct value *targets, const struct value *asks,
                      struct value *out, struct pool *pool, struct error *err);
    /* AWS alone knows which resource an effect changes: *learned is {key: path} of these keys
     * (lua/aws/names.lua). ERROR_INVALID, ERROR_IO: it is not known; ERROR_ENDED: the run was asked
     * to end before it was. */
    bool (*learn)(struct world *world, const struct value *effect, const struct value *keys,
                  struct value *learned, struct pool *pool, struct error *err);
    /* An effect changes this resource for the first time in the run: it is to be the run's alone.
     * ERROR_CONFLICT: it is another's. NULL where nobody else is. */
    bool (*claim)(struct world *world, const struct value *effect, struct slice identity,
                  struct error *err);
    /* Starts one AWS operation: {"operation","input","region"}, the region only where it is known.
     * The request lives as long as the run. */
    bool (*call)(struct world *world, int64_t id, const struct value *request, struct error *err);
    /* The same for a change, whose intent is record `record` of the journal: that this resource is
     * changed is written down beside the journal first. NULL: as `call`. */
    bool (*change)(struct world *world, int64_t id, const struct value *request,
                   struct slice identity, int64_t record, struct error *err);
    bool (*timer)(struct world *world, int64_t id, int64_t at, struct error *err);
    /* Reads metrics; pretend worlds answer at once. */
    bool (*sample)(struct world *world, const struct sample_request *request, struct sample *out,
                   struct error *err);
    /* The way back begins: what was asked for and has not left yet does not leave any more. It is
     * answered as rejected, or with the last answer there was. NULL where nothing waits to leave.
     */
    void (*halt)(struct world *world);
    /* The next thing that happens; waits for it. ERROR_INTERNAL if nothing was started. */
    bool (*next)(struct world *world, struct event *event, struct pool *pool, struct error *err);
    /* Metric points for a policy that looks for itself; *out is {"points":[...]}, or null where the
     * run was asked to end before they were there: the next event says so. ERROR_INVALID: that
     * cannot be asked; ERROR_UNANSWERED: the provider did not answer. */
    bool (*query)(struct world *world, const struct value *effect, struct value *out,
                  struct pool *pool, struct error *err);
    /* An effect of kind approval waits for a person: pretend worlds have one ask for it in time.
     * NULL where people ask by themselves. */
    bool (*approval)(struct world *world, int64_t id, const struct value *effect,
                     struct error *err);
    /* The next thing that has happened already, as `next` would tell it; *any is whether there is
     * one. Nothing is waited for. NULL in pretend worlds, where nothing happens while the policy
     * takes its steps. */
    bool (*poll)(struct world *world, struct event *event, bool *any, struct pool *pool,
                 struct error *err);
};

/* A world begins with its operations: struct simulated { struct world world; ... }. */
struct world {
    const struct world_ops *ops;
};
