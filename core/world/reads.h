/* AWS to look at, and no more: whoever holds this can ask, and cannot change anything. What the
 * catalogue does not call a read is refused here, whoever asks for it. */
#pragma once

#include "engine/catalogue.h"
#include "world/caller.h"

struct reads {
    struct net *net;
    struct caller *caller;
    struct catalogue *catalogue; /* of what is a read; no limits of an operator's */
    int *signal;                 /* set to the signal that cut a wait short */
};

/* What came of a read: the output, or {"code","message"}; in the pool. */
struct reads_answer {
    enum outcome outcome;
    struct value value;
};

/* Asks {"operation","input","region"}, the region only where it is known; false, with
 * ERROR_INTERNAL, if it is not a read: nothing is sent then. What could not be sent is an answer
 * too, with the code NotSent; `done` may be called before this returns. */
bool reads_start(const struct reads *reads, const struct value *request, caller_done_fn *done,
                 void *context, struct error *err);
/* Waits until *done. ERROR_KILLED if a signal came first: there is nothing to be put back. */
bool reads_wait(const struct reads *reads, const bool *done, struct error *err);

/* Both in one. */
bool reads_ask(const struct reads *reads, const struct value *request, struct reads_answer *answer,
               struct pool *pool, struct error *err);
