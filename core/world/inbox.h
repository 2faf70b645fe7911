/* What happened and nobody has taken yet, and what people ask of a run meanwhile.
 *
 *     answers, timers --------------------> happened --+
 *     signals, requests --source asked--->  asked -----+--> the engine's next event
 *
 * What is asked goes before what happened. Once the run is asked to end, nothing that the policy
 * wants is waited for any more. */
#pragma once

#include "engine/world.h"
#include "net/net.h"

struct inbox;

struct inbox_source {
    /* The next EVENT_INTERRUPT or EVENT_REQUEST, if there is one; asked for after everything that
     * happens and once a second. *ends is whether the run is to end for it. What the event points
     * to lasts until the next look. NULL: nobody asks. */
    bool (*asked)(void *context, struct event *event, bool *ends);
    /* Asked before an event is handed over, and as often: false, and why the run may not go on. The
     * event stays for the way back. NULL: it always may. */
    bool (*stands)(void *context, struct error *err);
    void *context;
};

bool inbox_new(struct inbox **out, struct net *net, const struct inbox_source *source,
               struct error *err);
void inbox_free(struct inbox *inbox);

/* Something happened; its value is copied. */
bool inbox_add(struct inbox *inbox, const struct event *event, struct error *err);
/* The next event; waits for it. */
bool inbox_take(struct inbox *inbox, struct event *event, struct pool *pool, struct error *err);
/* The same without waiting; *any is whether there is one. */
bool inbox_poll(struct inbox *inbox, struct event *event, bool *any, struct pool *pool,
                struct error *err);

/* Waits until *done, or until the run is asked to end: then false, and nobody needs what was waited
 * for. */
bool inbox_wait_until(struct inbox *inbox, const bool *done, struct error *err);
bool inbox_is_ending(const struct inbox *inbox);
/* The same, once the source was asked: for who waits for something that is none of the inbox's. */
bool inbox_hear_end(struct inbox *inbox);
