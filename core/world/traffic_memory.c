/* A table of periods, each at its place by its time. */
#include "world/traffic_memory.h"

#include <string.h>

static size_t place_of(const struct traffic_memory *memory, int64_t at)
{
    return (size_t)(at / memory->period) % TRAFFIC_MEMORY_PERIODS;
}

void traffic_memory_clear(struct traffic_memory *memory)
{
    memory->target = NULL;
    memory->metric_count = 0;
}

static bool is_same(struct slice a, struct slice b)
{
    return a.size == b.size && (a.data == b.data || memcmp(a.data, b.data, a.size) == 0);
}

/* Where the metric stands; TRAFFIC_MEMORY_METRICS if nowhere. */
static size_t find_metric(const struct traffic_memory *memory, struct slice name)
{
    for (size_t i = 0; i < memory->metric_count; i++) {
        if (is_same(memory->metrics[i], name))
            return i;
    }
    return TRAFFIC_MEMORY_METRICS;
}

bool traffic_memory_find(struct traffic_memory *memory, const struct sample_request *request,
                         struct sample *out)
{
    if (!memory->target || memory->period != out->period)
        return false;
    const struct traffic_drawn *drawn = &memory->drawn[place_of(memory, out->at)];
    if (drawn->at != out->at ||
        (memory->same != request->target && !value_equal(memory->target, request->target)))
        return false;
    memory->same = request->target;
    for (size_t i = 0; i < request->metric_count; i++) {
        size_t place = find_metric(memory, request->metrics[i]);
        if (place == TRAFFIC_MEMORY_METRICS)
            return false;
        out->canary[i] = drawn->canary[place];
        out->baseline[i] = drawn->baseline[place];
    }
    return true;
}

static void begin(struct traffic_memory *memory, const struct sample_request *request,
                  size_t metric_count, int64_t period)
{
    memory->target = memory->same = request->target;
    memcpy(memory->metrics, request->metrics, metric_count * sizeof *memory->metrics);
    memory->metric_count = metric_count;
    memory->period = period;
    for (size_t i = 0; i < TRAFFIC_MEMORY_PERIODS; i++)
        memory->drawn[i].at = INT64_MIN;
}

static bool has_first(const struct traffic_memory *memory, const struct sample_request *request,
                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (memory->metrics[i].data != request->metrics[i].data ||
            memory->metrics[i].size != request->metrics[i].size)
            return false;
    }
    return memory->metric_count == count;
}

/* Who asks for one metric does not push out a watch of several. */
static bool prepare(struct traffic_memory *memory, const struct sample_request *request,
                    int64_t period)
{
    size_t count = request->metric_count;
    count = count < TRAFFIC_MEMORY_METRICS ? count : TRAFFIC_MEMORY_METRICS;
    if (memory->target == request->target && memory->period == period &&
        has_first(memory, request, count))
        return true;
    if (memory->target && count <= memory->metric_count)
        return false;
    begin(memory, request, count, period);
    return true;
}

void traffic_memory_keep(struct traffic_memory *memory, const struct sample_request *request,
                         const struct sample *sample)
{
    if (!prepare(memory, request, sample->period))
        return;
    struct traffic_drawn *drawn = &memory->drawn[place_of(memory, sample->at)];
    drawn->at = sample->at;
    memcpy(drawn->canary, sample->canary, memory->metric_count * sizeof *drawn->canary);
    memcpy(drawn->baseline, sample->baseline, memory->metric_count * sizeof *drawn->baseline);
}
