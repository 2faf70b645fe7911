/* One run under way, and what every effect needs of it: the time, records, calls, answers, and the
 * reason to stop. The files of the single effects, of the policy's steps, of requests and of the
 * rollback stand on this one; it knows none of them.
 *
 *            pause                 the policy returned
 *   paused <------- going ------------------------------> finished -- COMMIT record --> promoted
 *          ------->   |                                      |
 *           resume    |     `stop` is set: its first reason counts, whatever comes later
 *                     v                                      v
 *               stopped -- ROLLBACK record --> draining --> putting back --> END record
 *                                  what was sent is answered
 *
 * An operation is an effect under way. `next` says what it waits for; `active` ends with its
 * answer.
 *
 *   asked for -+-> refused -------------------------------------------------> answered: rejected
 *              +-> EFFECT record -> call, timer or samples -----------------> answered
 *              +-> a mutation: observed -> EFFECT record -> sent -+---------> answered
 *                     ^      | paused                             +-> lost: probed -> ok, or the
 *                     +------+                                        run stops, outcome unknown
 */
#pragma once

#include "engine/engine_params.h"
#include "engine/ledger.h"
#include "engine/panel.h"
#include "engine/record.h"

/* A year and a day: what an effect may take at most, so that no sum of times leaves its range. */
#define EFFECT_DURATION_MAX INT64_C(31622400000)

struct engine;
struct operation;
struct confirm;

/* What an operation does next: called with the event that it waited for. */
typedef bool operation_fn(struct engine *engine, struct operation *operation,
                          const struct event *event, struct error *err);

/* An effect under way. */
struct operation {
    bool active;
    int64_t id; /* of the effect */
    int branch;
    operation_fn *next;
    const struct value *effect; /* in the run's pool */
    operation_fn *end;          /* of a wait: ends it before its time; NULL for all others */
    /* mutations */
    struct plan plan;
    struct value request; /* the effect as it is sent: with the region of its plan */
    bool sent;            /* the mutation is on its way: its answer matters even to a rollback */
    int64_t odd_at;       /* since when its resource shows what it should not; 0: it does not */
    bool stale;           /* observed while the run was paused: to be observed anew */
    struct value learned; /* what had to be asked to know the resource: {key: path}; or null */
    struct value lost;    /* what came in place of the answer, while its probe is under way */
    /* watches */
    struct panel *panel;
    int64_t until, every, tick;
    int64_t overtime; /* ticks at which its time was over and nothing of that time had been seen */
    int64_t progress; /* once its time is over: when something new was last there */
    int64_t planned;  /* when its time was to be over; `until` may have been put off */
    double share;
    bool decide;
    bool spared;       /* with `decide`: what it could not have seen is told as no data */
    int64_t settle_in; /* how long a canary that was given more traffic is not judged */
    double sees;       /* the rise that it must have been able to see; 0: none */
    int64_t patience;  /* how much longer it may take for that */
    bool extended;     /* it did take longer, for that or since it was in doubt */
    bool beside;       /* it ends with the first branch of its group, which waits */
};

/* One of the functions that the policy has running side by side. */
struct branch {
    int parent;             /* -1 for branch 0 */
    int slot;               /* its place among the parent's group */
    int group;              /* the number of the first of its group */
    bool over;              /* it has returned */
    int waiting_for;        /* branches of its own group that have not returned */
    struct value *returned; /* its group's values */
};

/* A branch that can go on, and the result it is given. */
struct ready {
    int branch;
    const struct value *result; /* NULL starts a branch */
};

/* Watches that were found not to be without hope (engine/foresight.h), whatever run they are of: a
 * thousand runs of a simulation have the same. */
struct hopeful {
    struct pool pool;
    struct value came; /* on what that was known */
    struct value watches[4];
    size_t count;
};

struct engine {
    struct engine_params params;
    struct engine_result *result;
    struct pool pool;    /* everything that lives as long as the run */
    struct pool scratch; /* of one tick: what is written of it is of no use afterwards */
    struct buffer text;  /* the record being written */
    size_t way_back;     /* bytes that the records of a rollback may take */
    int64_t ticks;       /* of all watches of the run */
    struct ledger ledger;
    struct value home; /* of what is called by its name (world.h); null until the run begins */
    struct value came; /* of the hours before the run (world.h, "preflight"); null: nothing */
    struct hopeful hopeful;
    const struct value *targets; /* of the run, once it has begun */
    struct operation *operations;
    size_t operation_count, operation_capacity;
    struct branch *branches;
    size_t branch_count, branch_capacity;
    struct ready *ready; /* a queue: [ready_first, ready_count) */
    size_t ready_first, ready_count, ready_capacity;
    struct sandbox_step step; /* what a branch asks for, while `stepped`: it is not taken yet */
    bool stepped;
    struct panel *panels;
    struct past *past;       /* what was asked of the time before; NULL: nothing */
    int64_t answered;        /* when the last change that the run sent was */
    int64_t shifted;         /* when all of them may be taken to hold */
    struct confirm *confirm; /* the looks in front of the commit; NULL: none are made */
    int64_t next_id;         /* of the next effect */
    int64_t rolled_back_at;  /* when this process began to */
    enum run_cause stop;     /* set once: the run is to be rolled back */
    bool finished;           /* branch 0 returned */
    bool paused;             /* by a person: no branch is resumed, nothing forward is sent */
    bool skips_waits;        /* a person said that every later wait is over as it begins */
    bool unreached;          /* the last look failed for reasons of AWS's own */
    bool abandoned;          /* an effect was: what comes next is the event that ends the run */
};

int64_t engine_now(struct engine *engine);

/* The oldest operation under way that began after this one (NULL: of all); NULL if none did. Where
 * operations stand in memory is chance: what is done to several of them is done in this order. */
struct operation *engine_next(struct engine *engine, const struct operation *operation);

/* After a failure: whether records can still be written, so that the way back is open. */
bool engine_can_record(const struct engine *engine, const struct error *err);

/* Writes a record: journal, ledger, observer, in this order. False: nothing may be sent any more.
 */
bool engine_record(struct engine *engine, enum journal_kind kind, const struct member *members,
                   size_t count, struct error *err);

/* Sets the reason to roll back; the first one stays. Returns true, as the run goes on to roll back.
 */
bool engine_stop(struct engine *engine, enum run_cause cause, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Ends an operation: RESULT record, and its branch becomes ready with {"value"} or {"error"}. */
bool engine_answer(struct engine *engine, struct operation *operation, enum outcome outcome,
                   const struct value *value, struct error *err);
/* The same with OUTCOME_OK, where the policy is told less than the record. */
bool engine_tell(struct engine *engine, struct operation *operation, const struct value *value,
                 const struct value *told, struct error *err);
/* The same for an effect that is refused: {"error":{"code","message"}}, outcome rejected. */
bool engine_reject(struct engine *engine, struct operation *operation, const char *code,
                   const char *message, struct error *err);
/* And for one that has no EFFECT record yet. */
bool engine_refuse(struct engine *engine, struct operation *operation, const char *code,
                   const char *message, struct error *err);
/* EFFECT record of an operation that is not a mutation. */
bool engine_record_effect(struct engine *engine, const struct operation *operation,
                          struct error *err);
/* What is refused may be anything, and of any size: a large one is kept by its kind, its size and
 * its digest alone. */
bool engine_is_large(struct engine *engine, const struct value *effect, bool *large,
                     struct error *err);
bool engine_bound_refused(struct engine *engine, struct operation *operation, struct error *err);
bool engine_call(struct engine *engine, int64_t event, const struct value *request,
                 struct error *err);

/* Makes the operation's branch ready with {name: value}, without a record. */
bool engine_resume(struct engine *engine, struct operation *operation, const char *name,
                   const struct value *value, struct error *err);
/* The branch can go on with this result; NULL starts it. */
bool engine_make_ready(struct engine *engine, int branch, const struct value *result,
                       struct error *err);
/* The run was asked to end while the world waited for what the operation needs: it has no answer,
 * no branch goes any further, and the next event ends the run. */
void engine_abandon(struct engine *engine, struct operation *operation);
