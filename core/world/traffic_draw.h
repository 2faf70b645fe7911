/* One period of one target while it is being sampled: what was recorded, and the arms drawn from
 * it. */
#pragma once

#include "base/random.h"
#include "engine/world.h"
#include "world/inject.h"
#include "world/recording.h"

/* The mean share of the target's traffic (percent, 0..100) on the canary between two times. Asked
 * for periods that are over; must answer the same every time it is asked. */
typedef bool traffic_share_fn(void *context, const struct value *target, int64_t from, int64_t to,
                              double *percent, struct error *err);

/* What is known of a target: {"draws": [text...], "texts": [text...]} (account.h), NULL of none; it
 * lives as long as the rollout. */
typedef bool traffic_known_fn(void *context, const struct value *target, const struct value **out,
                              struct error *err);

struct traffic_options {
    const struct recording *recording; /* borrowed, as are the injects */
    uint64_t seed;
    int64_t start;  /* of the simulation: delays of injects count from here */
    int64_t settle; /* a period is ready this long after it ended and was first seen */
    const struct inject *injects;
    size_t inject_count;
    bool quiet; /* a rehearsal: of metrics that were not recorded nothing ever comes */
    traffic_share_fn *share;
    traffic_known_fn *known;
    void *context;
};

/* Where a threshold lies in a series' buckets: how far into which. Beyond the last threshold: how
 * many times as long as that. */
struct latency_place {
    size_t bucket;
    double part;
};

/* The series that answer for one metric: those of both arms, or that of the service. */
struct traffic_pick {
    const struct recording_series *arms[3]; /* by enum recording_arm */
    bool both;
    struct latency_place canary, baseline;
    double canary_at_most, baseline_at_most; /* ms; not 0: a count per threshold, of which the
                                                series are its NAME_count (traffic_latency.h) */
};

/* What a series says of the period. `seen`: when all of it had been first seen. */
struct gathered {
    bool present;
    bool nothing;    /* the source was asked, and had nothing */
    bool unanswered; /* the source did not answer, or not for all of it */
    double value;
    int64_t seen;
};

/* A count of the whole service, divided. */
struct split {
    const struct recording_series *of;
    struct gathered gathered; /* what the series says */
    int64_t total;
    int64_t canary; /* routed to it */
    int64_t alive;  /* and answered: less than `canary` once it has crashed */
};

struct moment {
    const struct traffic_options *options;
    const struct value *target;
    uint64_t target_key;
    int64_t at, end, now;
    double alive;       /* the part of the period before a crash; 1 without one */
    double share;       /* 0..1 on the canary, once moment_ask_share was called */
    struct split split; /* the last one made: nearly always the next one wanted */
};

/* What tells the target's draws from those of others. */
uint64_t moment_target_key(const struct value *draws);

void moment_open(struct moment *moment, const struct traffic_options *options,
                 const struct value *target, uint64_t target_key, int64_t at, int64_t end,
                 int64_t now);

/* A stream of draws that belongs to the target, the period and this key. */
void moment_stream(const struct moment *moment, struct random_stream *stream,
                   enum random_purpose purpose, uint64_t key, uint64_t salt);
/* How much of a regression acts in the period, 0 to 1. */
double moment_strength(const struct moment *moment, const struct inject *inject);
/* The service's count, divided; it has no part in the canary if it is not there. */
const struct split *moment_split(struct moment *moment, const struct recording_series *series);

/* Asks what drawing from a series of the whole service needs: how the traffic was split. */
bool moment_ask_share(struct moment *moment, struct error *err);

/* Sums up parts if the period of the series is shorter than the moment. */
void moment_gather(const struct moment *moment, const struct recording_series *series,
                   struct gathered *out);

/* Adds to what was gathered the companion's word on absence: zero where there were trials and the
 * source reports no zeros, nothing where there were none, and nobody knows where the companion is
 * unanswered. */
void moment_settle(const struct moment *moment, const struct recording_series *series,
                   struct gathered *gathered);

/* What is said of an arm that was recorded by itself. */
struct reading reading_of_gathered(const struct gathered *gathered);

/* Both arms from a series of the whole service. */
void draw_service(struct moment *moment, const struct recording_series *series,
                  const struct gathered *gathered, struct reading *canary,
                  struct reading *baseline);

/* The canary from a series of its own, with what was injected. */
void draw_recorded(const struct moment *moment, const struct recording_series *series,
                   const struct gathered *settled, struct reading *canary);
