/* The live world: AWS, real time, metrics from where the operator said. What is started is answered
 * by events in the order in which it happens.
 *
 *     engine --call--> caller --answer--+
 *            --timer-> net --due--------+--> inbox --next--> engine
 *            --sample, query--> live_metrics (waits for its answers)
 *            --halt--> caller
 */
#pragma once

#include "world/live_metrics.h"

struct live;

/* What the supervisor lends. Each may be NULL. */
struct live_hooks {
    /* The run begins with these targets, at this home: take their locks. */
    bool (*begin)(void *context, const struct value *targets, const struct value *home,
                  struct error *err);
    /* It is about to change a resource for the first time: take its lock. */
    bool (*claim)(void *context, struct slice identity, struct error *err);
    /* Right before it changes one, with record `record` of its journal: write that down beside it.
     */
    bool (*change)(void *context, struct slice identity, int64_t record, struct error *err);
    /* What is asked of the run (struct inbox_source). */
    bool (*asked)(void *context, struct event *event, bool *ends);
    /* Whether the run may go on by what happened (struct inbox_source). */
    bool (*stands)(void *context, struct error *err);
    /* What the run goes on in spite of, and a person should know. */
    void (*warn)(void *context, const char *message);
    void *context;
};

struct live_params {
    struct net *net;
    struct host *host;
    struct caller *caller;      /* every operation goes this way */
    struct sender *sender;      /* and every other request this one */
    const struct value *home;   /* as world_ops.begin tells it; null until it is known */
    const struct value *config; /* of tidelock.lua: "providers" and "metrics" are looked at here */
    struct live_hooks hooks;
};

/* ERROR_INVALID if the configuration of metrics is wrong. */
bool live_new(struct live **out, const struct live_params *params, struct error *err);
void live_free(struct live *live);
struct world *live_world(struct live *live);
/* Whether the run is asked to end; for who waits for the policy. */
bool live_hear_end(struct live *live);
struct live_metrics *live_metrics(struct live *live);
