/* Metrics of the live world: an object of lua/metrics/run.lua, which asks and reads. A sample waits
 * for its answers, since nothing else can go on without it. */
#pragma once

#include "world/live_tasks.h"

struct live_metrics;

struct live_metrics_params {
    struct host *host;
    struct live_tasks tasks;
    const struct value *config; /* of tidelock.lua: "providers" and "metrics" are looked at here */
    /* Told what the run goes on in spite of, and a person should know. NULL: nobody is. */
    void (*warn)(void *context, const char *message);
    void *warn_context;
};

/* ERROR_INVALID if the operator's configuration is wrong. */
bool live_metrics_new(struct live_metrics **out, const struct live_metrics_params *params,
                      struct error *err);
void live_metrics_free(struct live_metrics *metrics);

/* What has to be known of the targets while they are as the run found them. Of `home` the region
 * counts, for what is called by its name. ERROR_INVALID if what is configured cannot be asked. */
bool live_metrics_begin(struct live_metrics *metrics, const struct value *targets,
                        const struct value *home, struct error *err);

/* What came of the hours before, of each metric and arm (lua/metrics/preflight.lua). ERROR_INVALID:
 * it could not be judged; ERROR_IO: a provider did not answer. */
bool live_metrics_preflight(struct live_metrics *metrics, const struct value *targets,
                            const struct value *asks, int64_t now, struct value *out,
                            struct pool *pool, struct error *err);

bool live_metrics_sample(struct live_metrics *metrics, const struct sample_request *request,
                         int64_t now, struct sample *out, struct error *err);
bool live_metrics_query(struct live_metrics *metrics, const struct value *effect, int64_t now,
                        struct value *out, struct pool *pool, struct error *err);

/* A time that is over (world/backfill.h), as lua/metrics/backfill.lua wants it asked. Targets are
 * told apart by what the run itself read of them: an alias that was promoted does not say any more
 * what was there before. */
bool live_metrics_backfill(struct live_metrics *metrics, const struct value *asked,
                           live_recall_fn *recall, const void *context, struct error *err);

struct live_wanted {
    const char *note; /* for people */
    bool service;     /* the baseline is taken for the service; refused if the canary had traffic */
};

/* The metrics that were read so far as a recording (docs/recordings.md): {"recording": its text,
 * "report": [lines]}. ERROR_INVALID if there were none. */
bool live_metrics_recording(struct live_metrics *metrics, const struct live_wanted *wanted,
                            struct value *out, struct pool *pool, struct error *err);
