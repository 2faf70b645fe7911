/* The periods that a rollout has drawn already. What is drawn for a period depends on nothing that
 * was asked before, so who asks for the same once more, as judge.before does for the hour before
 * its watch, can be told from here. Of one target, and of a few metrics that are counted in one
 * period: the last hour of minutes. Nothing of it may change any more. */
#pragma once

#include "engine/world.h"

enum { TRAFFIC_MEMORY_PERIODS = 64, TRAFFIC_MEMORY_METRICS = 4 };

struct traffic_drawn {
    int64_t at;
    struct reading canary[TRAFFIC_MEMORY_METRICS], baseline[TRAFFIC_MEMORY_METRICS];
};

struct traffic_memory {
    const struct value *target; /* NULL: nothing was drawn yet */
    const struct value *same;   /* who asked last, and was found to be the same */
    struct slice metrics[TRAFFIC_MEMORY_METRICS];
    size_t metric_count;
    int64_t period;
    struct traffic_drawn drawn[TRAFFIC_MEMORY_PERIODS];
};

void traffic_memory_clear(struct traffic_memory *memory);

/* Fills in the readings of out->at, and says whether it had all of them. */
bool traffic_memory_find(struct traffic_memory *memory, const struct sample_request *request,
                         struct sample *out);

/* Keeps the readings of a period that is ready. Target and names stay as they are while the rollout
 * lasts. */
void traffic_memory_keep(struct traffic_memory *memory, const struct sample_request *request,
                         const struct sample *sample);
