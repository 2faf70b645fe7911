/* Signs of life: what a target has AWS be told again and again for as long as the run lives, so
 * that its silence is noticed there (lua/targets). What comes of one is nobody's business: AWS
 * looks at whether they come. */
#pragma once

#include "host/host.h"
#include "world/caller.h"

struct heartbeats;

struct heartbeats_params {
    struct net *net;
    struct host *host;
    struct caller *caller;
};

/* Begins with the first at once; *out is NULL where no target has any. */
bool heartbeats_new(struct heartbeats **out, const struct heartbeats_params *params,
                    const struct value *targets, const struct value *home, struct error *err);
/* No more come. */
void heartbeats_free(struct heartbeats *heartbeats);

/* What is to be sent for these targets: [{"operation","input","region","every" (ms)}...]. */
bool heartbeats_of(struct host *host, const struct value *targets, const struct value *home,
                   struct value *list, struct pool *pool, struct error *err);
