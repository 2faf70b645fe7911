/* Between the files of the caller. */
#pragma once

#include "base/random.h"
#include "world/caller.h"

enum { CALLER_ID_SIZE = 36 /* of a UUID as text */ };

struct caller {
    struct caller_params params;
    struct sigv4 *signer;
    struct credentials credentials;
    bool loaded;
    int generation;       /* of the credentials: how often they were loaded */
    int64_t clock_offset; /* ms: AWS's clock less ours, once an answer has shown it */
    double quota;         /* of retries, shared by all calls (lua/aws/client/retry.lua) */
    struct random_stream jitter;
    struct call *calls;
};

/* One operation under way. */
struct call {
    struct call *next;
    struct caller *caller;
    struct pool pool;
    struct slice operation;
    struct value input;  /* of the page that is asked for */
    struct value output; /* of the pages so far */
    int pages, attempt;
    bool corrected;       /* the clock was, for this request */
    bool renewed;         /* the credentials were, for this call */
    int generation;       /* of the credentials that it was signed with */
    bool halted;          /* it is not sent any more */
    bool waiting;         /* to be sent again; for what, `answer` says */
    struct value answer;  /* the last one there was */
    struct slice retried; /* the class of the last retry, empty for none */
    char invocation[CALLER_ID_SIZE + 1], token[CALLER_ID_SIZE + 1];
    caller_done_fn *done;
    void *context;
};

/* Calls a function of lua/aws/client; the answer is in the call's pool. */
bool caller_ask(struct call *call, const char *name, const struct value *arguments, size_t count,
                struct value *out, struct error *err);

/* caller_send.c: one attempt at the page that is asked for; how many there may be. */
bool caller_send(struct call *call, struct error *err);
/* Whether there are other credentials now than those that AWS does not take any more. *err is empty
 * where nothing failed, and the same were found again. */
bool caller_renew(struct caller *caller, struct error *err);
int caller_attempts(const struct caller *caller);

/* caller.c: a net_done_fn. */
void caller_answered(void *context, const struct net_answer *answer);
