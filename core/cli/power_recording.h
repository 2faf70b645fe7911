/* What a recording shows of a service, as far as it decides on what a rollout of it can see: how
 * much traffic there is, how much of it errs, how requests err together, how unlike the arms are,
 * and how long requests take. */
#pragma once

#include "judge/dispersion.h"
#include "judge/judge_latency.h"
#include "world/recording.h"

struct power_count {
    double events, trials;
};

struct power_recording {
    int64_t period;                      /* ms */
    double seconds, requests;            /* of the time that there are requests of; and a second */
    bool has_arms;                       /* canary and baseline; otherwise the whole service */
    struct power_count canary, baseline; /* all of a service stands in baseline */
    struct dispersion errors;
    /* latency: false where there are no counts per threshold */
    bool has_latency;
    struct judge_latency_params latency; /* cuts and what is known of the buckets */
    struct dispersion slow;              /* of the cut where it is widest */
};

/* ERROR_INVALID: there are no counts of that name in it. */
bool power_recording_measure(struct power_recording *out, const struct recording *recording,
                             struct slice events, struct slice trials, struct error *err);
/* The old version's rate, or what it may be at most where nothing erred. */
double power_recording_rate(const struct power_recording *measured);
