/* What alarms say in a simulation: what they said when they were recorded, or nothing bad; and
 * ALARM where that was injected. */
#include "world/traffic.h"

bool traffic_is_called(const struct value *texts, struct slice target)
{
    for (size_t i = 0; texts && i < texts->array.count; i++) {
        if (slice_equal(texts->array.items[i].string, target))
            return true;
    }
    return false;
}

/* That of the target goes before that of no target in particular. */
static const struct recording_alarm *find(const struct recording *recording, struct slice name,
                                          const struct value *texts)
{
    const struct recording_alarm *found = NULL;
    for (size_t i = 0; i < recording->alarm_count; i++) {
        const struct recording_alarm *alarm = &recording->alarms[i];
        bool any = alarm->target.size == 0;
        if (!alarm_is(name, alarm->name) || (!any && !traffic_is_called(texts, alarm->target)))
            continue;
        found = any && found ? found : alarm;
    }
    return found;
}

/* Before anything was said of it, nothing is known. */
static struct alarm said_at(const struct recording_alarm *alarm, int64_t now)
{
    struct alarm said = {.state = ALARM_INSUFFICIENT, .since = -1};
    size_t low = 0;
    size_t high = alarm->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (alarm->said[middle].at <= now)
            low = middle + 1;
        else
            high = middle;
    }
    if (low > 0)
        said = alarm->said[low - 1].alarm;
    if (said.state == ALARM_IN_ALARM && said.since < 0)
        said.since = alarm->said[low - 1].at;
    return said;
}

static void inject_into(struct traffic *traffic, struct slice name, int64_t now,
                        struct alarm *alarm)
{
    const struct traffic_options *options = &traffic->options;
    for (size_t i = 0; i < options->inject_count; i++) {
        const struct inject *inject = &options->injects[i];
        if (inject->kind == INJECT_ALARM && alarm_is(inject->metric, name))
            traffic->heeded |= 1U << i;
        if (inject_alarms(inject, name, now - options->start))
            *alarm = (struct alarm){ALARM_IN_ALARM, options->start + inject->from,
                                    slice_of("injected")};
    }
}

const struct inject *traffic_unheeded(const struct traffic *traffic)
{
    for (size_t i = 0; i < traffic->options.inject_count; i++) {
        const struct inject *inject = &traffic->options.injects[i];
        if (inject->kind == INJECT_ALARM && !(traffic->heeded & 1U << i))
            return inject;
    }
    return NULL;
}

bool traffic_heed(struct traffic *traffic, const struct sample_request *request, int64_t now,
                  int64_t *settle, struct error *err)
{
    const struct traffic_options *options = &traffic->options;
    const struct alarm_look *look = request->alarms;
    const struct value *known = NULL;
    if (!options->known(options->context, request->target, &known, err))
        return false;
    *settle = options->settle;
    for (size_t i = 0; i < look->count; i++) {
        const struct recording_alarm *recorded = find(options->recording, look->names[i],
                                                      value_get(known, "texts"));
        struct alarm quiet = {.state = ALARM_OK, .since = -1};
        look->alarms[i] = recorded ? said_at(recorded, now) : quiet;
        if (recorded && recorded->settle > *settle)
            *settle = recorded->settle;
        inject_into(traffic, look->names[i], now, &look->alarms[i]);
    }
    return true;
}
