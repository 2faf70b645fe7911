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

/* Everything that was read so far as a recording: {"recording": its text, "report": [lines]}, in
 * `pool`. ERROR_INVALID if nothing was read at all. */
bool live_metrics_recording(struct live_metrics *metrics, const char *note, struct value *out,
                            struct pool *pool, struct error *err);
