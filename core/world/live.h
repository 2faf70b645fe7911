/* The live world: AWS, real time, metrics from where the operator said. What is started is answered
 * by events in the order in which it happens. */
#pragma once

#include "world/caller.h"

struct live;

/* What the supervisor lends. Each may be NULL. */
struct live_hooks {
    /* The run begins with these targets: take their locks. */
    bool (*begin)(void *context, const struct value *targets, struct error *err);
    /* Looked at after everything that happens and once a second: the next EVENT_INTERRUPT or
     * EVENT_REQUEST, if there is one. *ends is whether the run is to end for it, so that nothing
     * forward is waited for any more. What the event points to lasts until the next look. */
    bool (*asked)(void *context, struct event *event, bool *ends);
    /* What the run goes on in spite of, and a person should know. */
    void (*warn)(void *context, const char *message);
    void *context;
};

struct live_params {
    struct live *live; /* live_new fills it in, for the parts of the world */
    struct net *net;
    struct host *host;
    struct caller *caller;      /* every operation goes this way */
    const struct value *config; /* of tidelock.lua: "providers" and "metrics" are looked at here */
    const char *ca_bundle;
    struct live_hooks hooks;
};

/* ERROR_INVALID if the configuration of metrics is wrong. */
bool live_new(struct live **out, const struct live_params *params, struct error *err);
void live_free(struct live *live);
struct world *live_world(struct live *live);

/* Waits until *done, or until the run is asked to end: then false, and nobody needs what was waited
 * for. Without a live world (NULL) it waits until *done. */
bool live_wait_until(struct live *live, struct net *net, const bool *done, struct error *err);

/* Asks for what another run asked for (world/past.h), for a recording. */
struct past;
bool live_past(struct live *live, const struct past *past, int64_t from, int64_t to,
               struct error *err);

struct live_wanted {
    const char *note; /* for people */
    bool service;     /* the baseline is taken for the service; refused if the canary had traffic */
};

/* The metrics that were read so far as a recording (docs/recordings.md): {"recording": its text,
 * "report": [lines]}. ERROR_INVALID if there were none. */
bool live_recording(struct live *live, const struct live_wanted *wanted, struct value *out,
                    struct pool *pool, struct error *err);
