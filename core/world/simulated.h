/* The simulated world: a pretend account, recorded metrics, virtual time.
 *
 * An operation takes effect, and is answered, its latency after it was asked for. Nothing waits:
 * `next` moves the clock to what comes first. The world outlives the engine, as the real one does:
 * after a crash of the engine, drop what it was waiting for and let another take the run up. */
#pragma once

#include "engine/world.h"
#include "world/person.h"
#include "world/traffic.h"
#include "world/zones.h"

struct simulated;
struct account_state;

struct simulated_params {
    struct host *host;
    /* recording, settle and injects are the caller's; seed, start and share are filled in */
    struct traffic_options traffic;
    int64_t start; /* virtual time at which runs begin, ms */
    uint64_t seed;
    struct person person;
    struct zones *zones; /* of windows; NULL: there are none */
};

bool simulated_new(struct simulated **out, const struct simulated_params *params,
                   struct error *err);
void simulated_free(struct simulated *simulated);
struct world *simulated_world(struct simulated *simulated);

/* Everything as at the start, for another run with another seed. What the run before was given by
 * this world is gone. */
bool simulated_reset(struct simulated *simulated, uint64_t seed, struct error *err);

/* A call that takes effect so many ms later than others do, and that nobody is told of. */
bool simulated_call_unheard(struct simulated *simulated, const struct value *request, int64_t after,
                            struct error *err);
/* A call that takes effect, and is answered, so many ms later than others are. */
bool simulated_call_late(struct simulated *simulated, int64_t id, const struct value *request,
                         int64_t after, struct error *err);
/* Somebody else calls, now, or so many ms before the run that has just begun. ERROR_INVALID: the
 * account refuses it. */
bool simulated_act(struct simulated *simulated, const struct value *request, int64_t ago,
                   struct error *err);
/* The engine died. Timers are gone. What it had sent is lost, or lands at its time (`land`), but
 * nobody is told. */
void simulated_drop_inflight(struct simulated *simulated, bool land);
/* Time passes and what is under way lands, while no engine is there. */
bool simulated_pass(struct simulated *simulated, int64_t ms, struct error *err);

/* The account as it is now, and as it was when the run began (NULL if none did). Valid until
 * simulated_reset. */
const struct account_state *simulated_snapshot(const struct simulated *simulated);
const struct account_state *simulated_origin(const struct simulated *simulated);
/* The largest share of its traffic that the canary of any target was given, in percent. To be
 * asked while what the run began with is still there: before the engine goes on to another. */
bool simulated_peak(struct simulated *simulated, double *percent, struct error *err);
bool simulated_restore(struct simulated *simulated, const struct account_state *state,
                       struct error *err);
/* Otherwise *difference says where they differ (in `pool`). */
bool simulated_equal(struct simulated *simulated, const struct account_state *a,
                     const struct account_state *b, bool *equal, struct slice *difference,
                     struct pool *pool, struct error *err);

/* An alarm that was injected, and that no watch of the run heeded; empty: there is none. */
struct slice simulated_unheeded(const struct simulated *simulated);
