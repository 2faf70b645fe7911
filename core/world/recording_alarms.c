/* Alarms of a recording, read and written. */
#include "world/recording_alarms.h"

#include "world/recording_fields.h"

#include <string.h>

enum { SAID_MAX = 100000 };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct recording_field alarm_fields[] = {
    {"name", VALUE_STRING, true},
    {"settle", VALUE_INTEGER, false},
    {"states", VALUE_ARRAY, true},
    {"target", VALUE_STRING, false},
};

static const struct recording_field said_fields[] = {
    {"at", VALUE_INTEGER, true},
    {"reason", VALUE_STRING, false},
    {"since", VALUE_INTEGER, false},
    {"state", VALUE_STRING, true},
};

static bool read_said(struct recording_said *said, const struct value *from, int64_t after,
                      struct error *err)
{
    if (!recording_check(from, said_fields, COUNT(said_fields), err) ||
        !alarm_read(&said->alarm, from, err))
        return false;
    said->at = value_get_integer(from, "at", -1);
    return said->at > after ||
           error_set(err, ERROR_INVALID, "\"at\" is %lld, expected rising times from 0 on",
                     (long long)said->at);
}

static bool read_states(struct recording_alarm *alarm, const struct value *list, struct pool *pool,
                        struct error *err)
{
    size_t count = list->array.count;
    if (count == 0 || count > SAID_MAX)
        return error_set(err, count ? ERROR_LIMIT : ERROR_INVALID, "%zu states, expected 1 to %d",
                         count, SAID_MAX);
    alarm->said = pool_alloc(pool, count * sizeof *alarm->said, err);
    if (!alarm->said)
        return false;
    for (size_t i = 0; i < count; i++) {
        int64_t after = i > 0 ? alarm->said[i - 1].at : -1;
        if (!read_said(&alarm->said[i], &list->array.items[i], after, err))
            return error_wrap(err, "state %zu", i + 1);
    }
    alarm->count = count;
    return true;
}

static bool read_alarm(struct recording *recording, struct recording_alarm *alarm,
                       const struct value *from, struct error *err)
{
    if (!recording_check(from, alarm_fields, COUNT(alarm_fields), err))
        return false;
    *alarm = (struct recording_alarm){.name = value_get_slice(from, "name", ""),
                                      .target = value_get_slice(from, "target", ""),
                                      .settle = value_get_integer(from, "settle", 0)};
    if (alarm->settle < 0)
        return error_set(err, ERROR_INVALID, "\"settle\" is %lld, expected a duration in ms",
                         (long long)alarm->settle);
    for (const struct recording_alarm *other = recording->alarms; other < alarm; other++) {
        if (slice_equal(other->name, alarm->name) && slice_equal(other->target, alarm->target))
            return error_set(err, ERROR_INVALID, "\"%.*s\" is there twice", (int)alarm->name.size,
                             alarm->name.data);
    }
    return read_states(alarm, value_get(from, "states"), &recording->pool, err);
}

bool recording_alarms_read(struct recording *recording, const struct value *alarms,
                           struct error *err)
{
    size_t count = alarms ? alarms->array.count : 0;
    if (!alarms)
        return true;
    if (count == 0 || count > RECORDING_ALARMS_MAX)
        return error_set(err, count ? ERROR_LIMIT : ERROR_INVALID, "%zu alarms, expected 1 to %d",
                         count, RECORDING_ALARMS_MAX);
    recording->alarms = pool_alloc(&recording->pool, count * sizeof *recording->alarms, err);
    if (!recording->alarms)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!read_alarm(recording, &recording->alarms[i], &alarms->array.items[i], err))
            return error_wrap(err, "alarm %zu", i + 1);
    }
    recording->alarm_count = count;
    return true;
}

/* --- written ---------------------------------------------------------------------------------- */

static bool said_value(const struct recording_said *said, struct value *out, struct pool *pool,
                       struct error *err)
{
    struct value state;
    if (!alarm_value(&said->alarm, &state, pool, err) ||
        !value_object(out, state.object.count + 1, pool, err))
        return false;
    out->object.members[0] = (struct member){slice_of("at"), value_integer(said->at)};
    memcpy(out->object.members + 1, state.object.members,
           state.object.count * sizeof *state.object.members);
    return true;
}

/* Members are added in the order of their names. */
static bool alarm_object(const struct recording_alarm *alarm, struct value *out, struct pool *pool,
                         struct error *err)
{
    struct value states;
    size_t count = 0;
    if (!value_array(&states, alarm->count, pool, err) ||
        !value_object(out, COUNT(alarm_fields), pool, err))
        return false;
    for (size_t i = 0; i < alarm->count; i++) {
        if (!said_value(&alarm->said[i], &states.array.items[i], pool, err))
            return false;
    }
    struct member *members = out->object.members;
    members[count++] = (struct member){slice_of("name"), value_string(alarm->name)};
    if (alarm->settle > 0)
        members[count++] = (struct member){slice_of("settle"), value_integer(alarm->settle)};
    members[count++] = (struct member){slice_of("states"), states};
    if (alarm->target.size > 0)
        members[count++] = (struct member){slice_of("target"), value_string(alarm->target)};
    out->object.count = count;
    return true;
}

bool recording_alarms_value(const struct recording *recording, struct value *out, struct pool *pool,
                            struct error *err)
{
    if (!value_array(out, recording->alarm_count, pool, err))
        return false;
    for (size_t i = 0; i < recording->alarm_count; i++) {
        if (!alarm_object(&recording->alarms[i], &out->array.items[i], pool, err))
            return false;
    }
    return true;
}

void recording_alarms_widen(struct recording *recording)
{
    if (recording->point_count > 0 || recording->alarm_count == 0)
        return;
    recording->start = recording->alarms[0].said[0].at;
    for (size_t i = 0; i < recording->alarm_count; i++) {
        const struct recording_alarm *alarm = &recording->alarms[i];
        int64_t first = alarm->said[0].at;
        int64_t last = alarm->said[alarm->count - 1].at;
        recording->start = first < recording->start ? first : recording->start;
        recording->end = last > recording->end ? last : recording->end;
    }
}
