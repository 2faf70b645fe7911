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

/* Asks, and waits for the answer. What could not be sent is an answer too, with the code NotSent.
 * ERROR_INTERNAL if it is not a read: nothing is sent then. ERROR_KILLED if a signal came first. */
bool reads_ask(const struct reads *reads, struct slice operation, const struct value *input,
               struct reads_answer *answer, struct pool *pool, struct error *err);
