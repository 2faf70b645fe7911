/* One period of one target while it is being sampled: what was recorded, and the arms drawn from
 * it. Inner part of traffic.c. */
#pragma once

#include "world/traffic.h"

/* What a series says of the period. `seen`: when all of it had been first seen. */
struct gathered {
    bool present;
    bool unanswered; /* the source did not answer, or not for all of it */
    double value;
    int64_t seen;
};

/* A count of the whole service, divided. */
struct split {
    const struct recording_series *of;
    bool present;
    int64_t total;
    int64_t canary; /* routed to it */
    int64_t alive;  /* and answered: less than `canary` once it has crashed */
};

struct moment {
    const struct traffic *traffic;
    const struct value *target;
    uint64_t target_key;
    int64_t at, end, now;
    double alive;       /* the part of the period before a crash; 1 without one */
    double share;       /* 0..1 on the canary, once moment_ask_share was called */
    struct split split; /* the last one made: nearly always the next one wanted */
};

/* What tells the target's draws from those of others. */
uint64_t moment_target_key(const struct value *target);

void moment_open(struct moment *moment, const struct traffic *traffic, const struct value *target,
                 uint64_t target_key, int64_t at, int64_t end, int64_t now);

/* Asks what drawing from a series of the whole service needs: how the traffic was split. */
bool moment_ask_share(struct moment *moment, struct error *err);

/* Sums up parts if the period of the series is shorter than the moment. */
struct gathered moment_gather(const struct moment *moment, const struct recording_series *series);

/* Gathered, with the companion's word on absence: zero where there were trials, nothing where there
 * were none, and nobody knows where the companion is unanswered. */
struct gathered moment_settled(const struct moment *moment, const struct recording_series *series,
                               struct gathered gathered);

/* What is said of an arm that was recorded by itself. */
struct reading reading_of_gathered(struct gathered gathered);

/* Both arms from a series of the whole service. */
void draw_service(struct moment *moment, const struct recording_series *series,
                  struct gathered gathered, struct reading *canary, struct reading *baseline);

/* The canary from a series of its own, with what was injected. */
void draw_recorded(const struct moment *moment, const struct recording_series *series,
                   struct gathered settled, struct reading *canary);
