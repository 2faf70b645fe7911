/* What the files of the simulated world share: what it is made of. */
#pragma once

#include "world/account.h"
#include "world/person.h"
#include "world/queue.h"
#include "world/traffic.h"

/* The share that a target has had since `from` and has until `until`, unless the account changes:
 * asked for in every period, it is found a few times in a run. */
struct steady_share {
    const struct account_request *target; /* NULL: none is known */
    size_t epoch_count; /* of the account, with the one that it was found in as the last */
    int64_t from, until;
    double percent;
};

/* Since when the account has been in a state. */
struct epoch {
    int64_t from;
    const struct account_state *state;
};

/* What the recording was looked through for last: a thousand runs ask for the same. */
struct tried {
    bool known;
    struct value targets, asks, came;
    struct pool pool;
};

struct simulated {
    struct world world;
    struct account *account;
    struct traffic traffic;
    struct queue queue;
    struct person person;
    struct zones *zones;
    int64_t start, now;
    struct epoch *epochs; /* the first is the run's begin */
    size_t epoch_count, epoch_capacity;
    const struct value *targets;     /* what the run began with, the engine's */
    const struct value *last_target; /* a pointer seen in this run, and what it stands for */
    const struct account_request *last_request;
    struct steady_share steady;
    struct tried tried;
};

/* simulated_share.c, a traffic_options.share: the share of the traffic as the account had it, for
 * the recording's sake. The context is the simulated world. */
bool simulated_mean_share(void *context, const struct value *target, int64_t from, int64_t to,
                          double *percent, struct error *err);
