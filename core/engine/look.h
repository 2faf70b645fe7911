/* One look at a resource that the run changed: the read that shows it, whose state that is, and
 * the PROBE record. A look is made before a commit, before the next change of the resource where
 * the first one shows what it should not, and again and again while it is put back. */
#pragma once

#include "engine/engine_state.h"
#include "engine/ownership.h"

/* Between two looks in a row that show what may be different a moment later. */
enum { LOOK_PAUSE = 2000 };

struct look {
    const struct ledger_change *change; /* which says how to look */
    int64_t id;
    const struct event *event; /* what was answered */
    bool seen;                 /* false: it could not be read */
    enum ownership whose;
    struct value state; /* null where it was not seen */
    struct error why;   /* it was not */
};

bool look_begin(struct engine *engine, int64_t id, const struct ledger_change *change,
                struct error *err);
/* What an answer to it shows of the run's part of the resource. */
bool look_state(const struct engine *engine, const struct ledger_change *change,
                const struct value *observed, struct value *out, struct pool *pool,
                struct error *err);
/* What the answer to it shows, in the engine's scratch. */
void look_end(struct engine *engine, struct look *look, const struct event *event);
/* `found` is the word for it; again: in how many ms it is looked at again, 0 where that is not for
 * the record. */
bool look_record(struct engine *engine, const struct look *look, const char *found, int64_t again,
                 struct error *err);
const char *look_found(const struct look *look);

/* Why it shows nothing, or why an undo came to nothing: "CODE: message". */
void look_refusal(const struct event *event, struct error *why);

/* The run stops: somebody else changed the resource. Returns true, as it goes on to roll back. */
bool look_conflict(struct engine *engine, const struct look *look);

/* Whether a call that failed like this may well succeed later, as it is: an answer that was lost
 * or never given, and what the catalogue knows to pass. All else is a refusal. */
bool look_passes(struct engine *engine, const struct event *event);

/* How long to wait for an AWS that cannot be reached, after so many failures in a row: longer each
 * time, up to a minute. Runs that wait for one outage do not all come again at once: it is a
 * quarter more or less, drawn from what a replay knows, too. */
int64_t look_pause(int64_t since, int64_t id, int failures);

/* How long the run waits for it at all, and how long after it was sent a request whose answer was
 * lost is taken for one that may still take effect; ms. */
int64_t look_patience(const struct engine *engine);
int64_t look_lateness(const struct engine *engine);
