/* The live world: AWS, real time, metrics from where the operator said. What is started is answered
 * by events in the order in which it happens. */
#pragma once

#include "world/turns.h"

struct live;

/* What the supervisor lends. Each may be NULL. */
struct live_hooks {
    /* The run begins with these targets: take their locks. */
    bool (*begin)(void *context, const struct value *targets, struct error *err);
    /* Looked at once a second: an enum interrupt (engine/world.h) if somebody asks for the run's
     * end, else -1. */
    int (*asked)(void *context);
    /* What the run goes on in spite of, and a person should know. */
    void (*warn)(void *context, const char *message);
    void *context;
};

struct live_params {
    struct net *net;
    struct host *host;
    struct turns *turns;        /* every operation goes this way */
    const struct value *config; /* of tidelock.lua: "providers" and "metrics" are looked at here */
    const char *ca_bundle;
    struct live_hooks hooks;
};

/* ERROR_INVALID if the configuration of metrics is wrong. */
bool live_new(struct live **out, const struct live_params *params, struct error *err);
void live_free(struct live *live);
struct world *live_world(struct live *live);

/* The metrics that the run was judged by, as the text of a recording (docs/recordings.md). */
bool live_recording(struct live *live, struct slice *text, struct pool *pool, struct error *err);
