/* Metrics of the live world: lua/metrics says what to ask and reads what was answered; this carries
 * it there and back. A sample waits for its answers, since nothing else can go on without it. */
#pragma once

#include "world/live.h"

struct live_metrics;

/* ERROR_INVALID if the operator's configuration is wrong. */
bool live_metrics_new(struct live_metrics **out, const struct live_params *params,
                      struct error *err);
void live_metrics_free(struct live_metrics *metrics);

/* What has to be known of the targets while they are as the run found them. */
bool live_metrics_begin(struct live_metrics *metrics, const struct value *targets,
                        struct error *err);

bool live_metrics_sample(struct live_metrics *metrics, const struct sample_request *request,
                         int64_t now, struct sample *out, struct error *err);
bool live_metrics_query(struct live_metrics *metrics, const struct value *effect, int64_t now,
                        struct value *out, struct pool *pool, struct error *err);

/* --- a time that is over (world/past.h) --- */

struct live_question {
    const struct value *target;
    const struct slice *metrics;
    size_t count;
    int64_t from, to, now;
};

/* What a look-up answered to the run whose time it is; NULL if that is not known. Targets are told
 * apart by it: an alias that was promoted does not say any more what was there before. */
typedef const struct value *live_recall_fn(const void *context, const struct value *call);
void live_metrics_recall(struct live_metrics *metrics, live_recall_fn *recall, const void *context);

/* {"calls","metrics","from","to","period",...}, or {"not_ready","ready_at"} (docs/metrics.md). */
bool live_metrics_plan(struct live_metrics *metrics, const struct live_question *question,
                       struct value *plan, struct pool *pool, struct error *err);
/* Asks, and waits: {"periods":[{"at","metrics"}...]}. */
bool live_metrics_read(struct live_metrics *metrics, const struct value *plan, struct value *read,
                       struct pool *pool, struct error *err);
/* Keeps for the recording what was read: `seen` is the instant at which the run had it, -1 for what
 * is asked for afterwards. */
bool live_metrics_keep(struct live_metrics *metrics, const struct value *plan,
                       const struct value *read, int64_t seen, struct pool *pool,
                       struct error *err);
/* The same of a TICK record's body, as far as its "periods" lie within the plan. ERROR_INVALID if
 * they are not of the length that is configured now. */
bool live_metrics_heard(struct live_metrics *metrics, const struct value *plan,
                        const struct value *tick, int64_t at, struct pool *pool, struct error *err);

/* Everything that was read so far as a recording: {"recording": its text, "report": [lines]}, in
 * `pool`. ERROR_INVALID if nothing was read at all. */
bool live_metrics_recording(struct live_metrics *metrics, const struct live_wanted *wanted,
                            struct value *out, struct pool *pool, struct error *err);
