/* The metrics of both arms, period by period, from a recording.
 *
 * A metric recorded for both arms is used as it is. From a metric of the whole service the arms are
 * drawn (docs/recordings.md, "Drawing the arms"): the canary's requests by its share, the errors
 * among them as a sample without replacement, percentiles as order statistics of as many requests.
 * The baseline has the rest. What is drawn for a period depends on the seed, the target, the metric
 * and the period alone, not on what was asked before. Regressions act on the canary only. */
#pragma once

#include "world/traffic_latency.h"
#include "world/traffic_memory.h"

/* What was asked last, and which series answer it: a watch asks the same every minute. */
struct traffic_asked {
    const struct value *target; /* NULL: nothing was asked yet */
    struct slice metrics[SAMPLE_METRICS_MAX];
    size_t metric_count;
    struct traffic_pick picks[SAMPLE_METRICS_MAX];
    bool any_latency;      /* among the picks */
    bool revised;          /* a point of theirs has changed, so that what was known may */
    int64_t still;         /* as in world.h */
    int64_t period, first; /* periods begin at `first` and every `period` from there */
    int64_t last;          /* one of them, the last that was asked for */
    uint64_t target_key;
};

struct traffic {
    struct traffic_options options;
    unsigned heeded; /* a bit for each inject: somebody asked for that alarm */
    struct traffic_asked asked;
    struct traffic_memory memory;
};

/* Cheap; one per rollout, nothing to clear. ERROR_INVALID if an inject has nothing to act on.
 * Targets and names of metrics that are asked for stay as they are while the rollout lasts. */
bool traffic_init(struct traffic *traffic, const struct traffic_options *options,
                  struct error *err);

/* What was drawn is drawn anew: the targets and names that were asked for may be gone. */
void traffic_forget(struct traffic *traffic);

/* The first period of the requested metrics that starts at or after request->after, as known at
 * `now`. Metrics of different periods are summed up to the longest. A metric without data in a
 * period is NO_DATA, and so is an arm without requests; errors that are absent while their requests
 * are present are zero. ERROR_INVALID if the recording has no such metric. */
bool traffic_sample(struct traffic *traffic, const struct sample_request *request, int64_t now,
                    struct sample *out, struct error *err);

/* What the alarms that are asked for say at `now`: as they were recorded, and quiet where they were
 * not; then what was injected. *settle is how late they are. */
bool traffic_heed(struct traffic *traffic, const struct sample_request *request, int64_t now,
                  int64_t *settle, struct error *err);
/* The first alarm that was injected and that nobody asked for; NULL: there is none. */
const struct inject *traffic_unheeded(const struct traffic *traffic);
/* Whether one of a target's texts is this. */
bool traffic_is_called(const struct value *texts, struct slice target);

enum { TRAFFIC_QUERY_MAX = 10000 }; /* periods in one query */

/* Answers the effect `metric` {target, metric, arm, from, to}: {"points":[{"at","value"}...]} of
 * the periods that start in [from, to) and are ready at `now`. The arm may also be "service". With
 * "past", and where nothing was recorded of the time before the rollout, the first part of the
 * recording stands for it. */
bool traffic_query(struct traffic *traffic, const struct value *effect, int64_t now,
                   struct value *out, struct pool *pool, struct error *err);

/* Answers the effect `distribution` {target, metric, from, to}: what the requests of the baseline,
 * or of the whole service, took then: {"bounds":[ms...],"counts":[by bucket...],"periods":n}, and
 * "canary_bounds" where the canary was recorded at thresholds of its own and has no others. Or
 * {"percentiles":[metric...]}, where there is nothing else. */
bool traffic_distribution(struct traffic *traffic, const struct value *effect, struct value *out,
                          struct pool *pool, struct error *err);

/* Whether all that is asked for (world.h, `preflight`) could be judged by what the recording has of
 * the hours before the rollout or, where it begins with it, of the first ones. ERROR_INVALID says
 * what could not. *came is how much there was of each count, [{"metric","arm","of","period","span",
 * "sum"}...], as lua/metrics/preflight.lua tells it; null where nothing is known. */
bool traffic_preflight(struct traffic *traffic, const struct value *targets,
                       const struct value *asks, struct value *came, struct pool *pool,
                       struct error *err);
/* Whether every series is of one of these targets, or of none in particular. */
bool traffic_check_targets(struct traffic *traffic, const struct value *targets, struct error *err);

/* Such an answer where nothing is judged, and nothing was measured. */
bool traffic_made_up(struct value *out, struct pool *pool, struct error *err);

/* Which series answer for a metric of a target. ERROR_INVALID if none does. */
bool traffic_find(struct traffic *traffic, const struct value *target, struct slice metric,
                  struct traffic_pick *pick, struct error *err);
