/* The AWS operations of a run: begun in turn, carried out by lua/aws/client, sent by
 * world/sender.h. Everything that a run asks of AWS goes through here, its metric queries included.
 *
 *     start --> in line --rate allows it--> under way --> done: ok | rejected | unknown
 *                  |                           |
 *                  +--halt: NotSent            +--halt: not sent again, the answer that it has
 *
 * How many attempts there are, when, and which pages is decided in Lua, where the quota and what is
 * known of AWS's clock live too. An operation counts once, however many requests it takes. */
#pragma once

#include "engine/world.h"
#include "world/sender.h"

struct caller;

struct caller_params {
    struct net *net;
    struct host *host;
    struct sender *sender;
    struct signer *signer; /* of endpoints */
    struct slice region;   /* of operations whose input names no resource of another one */
    struct slice attempts; /* what AWS_MAX_ATTEMPTS or max_attempts says */
    const char *agent;     /* User-Agent */
    int64_t per_minute;    /* both as rate_init takes them: 0 is no limit */
    int64_t at_a_time;
    /* Asked right before a request of an operation leaves; what may not is answered as what could
     * not be sent. NULL: all may. */
    bool (*may_leave)(void *context, struct slice operation, struct error *err);
    void *context;
};

bool caller_new(struct caller **out, const struct caller_params *params, struct error *err);
/* Nothing is called any more. */
void caller_free(struct caller *caller);

/* What came of it: the output, or {"code","message"}. The value lasts while it is handed over. */
typedef void caller_done_fn(void *context, enum outcome outcome, const struct value *value);

struct caller_request {
    struct slice operation;
    const struct value *input;
    struct slice region; /* empty: the run's, unless the input names a resource of another one */
};

/* Of {"operation","input","region"}, the last where it is known. */
static inline struct caller_request caller_request_of(const struct value *request)
{
    return (struct caller_request){value_get_slice(request, "operation", ""),
                                   value_get(request, "input"),
                                   value_get_slice(request, "region", "")};
}

/* Starts an operation, now or later. Copies what it needs. What cannot be sent is handed over as
 * rejected, with the code NotSent; `done` may be called before this returns. */
bool caller_start(struct caller *caller, const struct caller_request *request, caller_done_fn *done,
                  void *context, struct error *err);

/* A caller_done_fn for tasks that asked for it: answers the ask that is the context, with
 * {"outcome","value"} or {"outcome","error"}. */
void caller_answer(void *context, enum outcome outcome, const struct value *value);

/* Drops the calls of this context: `done` is not called any more, a request under way is cut. Of
 * reads only. */
void caller_forget(struct caller *caller, const void *context);

/* A rollback begins. Whatever waits in line is handed over as rejected, with the code NotSent; what
 * is under way is not sent another time, whatever is answered. What is started from now on goes its
 * way. */
void caller_halt(struct caller *caller);

/* The region of what no request places elsewhere; empty if none is configured. */
struct slice caller_region(const struct caller *caller);
