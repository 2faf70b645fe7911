/* The caller, held to a rate: an operation that may not begin yet waits for its turn, first come
 * first served. Everything that a run asks of AWS goes through here, its metric queries included.
 *
 * An operation counts once, however many pages or repetitions it takes. */
#pragma once

#include "world/caller.h"

struct turns;

struct turns_params {
    struct net *net;
    struct caller *caller;
    int64_t per_minute; /* both as rate_init takes them: 0 is no limit */
    int64_t at_a_time;
};

bool turns_new(struct turns **out, const struct turns_params *params, struct error *err);
/* Nothing is called any more. The caller must be gone already: it still holds what is under way. */
void turns_free(struct turns *turns);

/* As caller_start, now or later. What turns out later not to be sendable is handed to `done` as
 * rejected, with the code NotSent. */
bool turns_start(struct turns *turns, struct slice operation, const struct value *input,
                 caller_done_fn *done, void *context, struct error *err);

/* What was asked for with this context is not handed over any more. Of reads only: one that is
 * under way is cut. */
void turns_forget(struct turns *turns, const void *context);

/* A rollback begins. Whatever waits is handed to its `done` as rejected, with the code NotSent, and
 * what is under way is not sent again (caller_halt). What is started from now on goes its way. */
void turns_halt(struct turns *turns);
