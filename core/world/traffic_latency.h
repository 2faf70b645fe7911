/* Latencies in a simulation: the arms' counts per threshold, drawn from those of the whole service
 * or taken from those of the arms (docs/recordings.md, "Latencies"). Nested counts are never split
 * one by one: of each bucket between two thresholds the canary gets the share that as many requests
 * drawn at random would have, and the sums of that are its counts. Regressions move its
 * distribution. */
#pragma once

#include "world/histogram.h"
#include "world/traffic_draw.h"

/* Where a threshold lies among those that were recorded. */
struct latency_place latency_place(const struct recording_series *all, double at);

/* When everything that there is of the period had been first seen, of all thresholds. */
int64_t latency_seen(const struct moment *moment, const struct recording_series *all);

/* The readings of those among `count` metrics that are counts per threshold, into their places. */
void latency_read(struct moment *moment, const struct traffic_pick *picks, size_t count,
                  struct reading *canary, struct reading *baseline);

/* Adds up what a series and its thresholds had in [from, to): `counts` by bucket, one more than
 * thresholds. Returns in how many periods there was something. */
int64_t latency_sum(const struct recording_series *all, int64_t from, int64_t to, int64_t now,
                    double counts[HISTOGRAM_CUTS_MAX + 1]);
