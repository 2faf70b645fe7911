/* Counts per threshold: how many requests of a period took at most so many milliseconds. A
 * service's latencies are recorded as such counts, one series a threshold, beside one of all of
 * them (docs/recordings.md, "Latencies"):
 *
 *     latency_within_250ms        at most 250 ms
 *     latency_within_250-275ms    asked for by judges: the baseline at most 250 ms, the canary 275
 *     latency_count               all that had a latency
 *
 * The counts are nested: what took at most 250 ms took at most 500 ms. */
#pragma once

#include "world/recording.h"

enum { HISTOGRAM_CUTS_MAX = 64 };

struct histogram_name {
    struct slice family;     /* "latency" */
    double baseline, canary; /* at most so many ms; INFINITY in NAME_count */
};

/* false: it is no such name. */
bool histogram_parse(struct histogram_name *out, struct slice metric);

/* Once all series of a recording are there: each NAME_count gets its thresholds, rising, and they
 * get it as what tells zero from nothing. ERROR_INVALID says what is missing or there twice. */
bool histogram_link(struct recording *recording, struct error *err);
