/* Alarms as plain values, in journals, in recordings and from whoever asked CloudWatch. */
#include "judge/alarm.h"

#include <string.h>

enum { REASON_MAX = 1024 }; /* bytes: AWS's are no longer */

static const char *const names[] = {
#define X(name, text) [ALARM_##name] = text,
    ALARM_STATES(X)
#undef X
};

enum { STATES = sizeof names / sizeof *names };

static bool read_state(enum alarm_state *state, struct slice text, struct error *err)
{
    for (size_t i = 0; i < STATES; i++) {
        if (!slice_is(text, names[i]))
            continue;
        *state = (enum alarm_state)i;
        return true;
    }
    return error_set(err, ERROR_INVALID,
                     "the state of an alarm is \"%.*s\", expected OK, ALARM or INSUFFICIENT_DATA",
                     (int)(text.size > 40 ? 40 : text.size), text.data);
}

bool alarm_read(struct alarm *alarm, const struct value *from, struct error *err)
{
    alarm->since = value_get_integer(from, "since", -1);
    alarm->reason = value_get_slice(from, "reason", "");
    if (alarm->since < -1 || alarm->reason.size > REASON_MAX)
        return error_set(err, ERROR_INVALID,
                         "an alarm's \"since\" is a time, and its \"reason\" at most %d bytes",
                         REASON_MAX);
    return read_state(&alarm->state, value_get_slice(from, "state", ""), err);
}

/* Members are added in the order of their names. */
bool alarm_value(const struct alarm *alarm, struct value *out, struct pool *pool, struct error *err)
{
    size_t count = 0;
    if (!value_object(out, 3, pool, err))
        return false;
    struct member *members = out->object.members;
    if (alarm->reason.size > 0)
        members[count++] = (struct member){slice_of("reason"), value_string(alarm->reason)};
    if (alarm->since >= 0)
        members[count++] = (struct member){slice_of("since"), value_integer(alarm->since)};
    members[count++] = (struct member){slice_of("state"), value_text(names[alarm->state])};
    out->object.count = count;
    return true;
}

static const struct value *member_of(const struct value *from, struct slice name)
{
    for (size_t i = 0; from && from->kind == VALUE_OBJECT && i < from->object.count; i++) {
        if (slice_equal(from->object.members[i].name, name))
            return &from->object.members[i].value;
    }
    return NULL;
}

bool alarm_look_read(const struct alarm_look *look, const struct value *from, struct error *err)
{
    for (size_t i = 0; i < look->count; i++) {
        const struct value *said = member_of(from, look->names[i]);
        if (said && !alarm_read(&look->alarms[i], said, err))
            return false;
        if (said && !pool_copy(look->pool, look->alarms[i].reason, &look->alarms[i].reason, err))
            return false;
    }
    return true;
}

bool alarm_look_value(const struct alarm_look *look, struct value *out, struct pool *pool,
                      struct error *err)
{
    if (!value_object(out, look->count, pool, err))
        return false;
    for (size_t i = 0; i < look->count; i++) {
        out->object.members[i].name = look->names[i];
        if (!alarm_value(&look->alarms[i], &out->object.members[i].value, pool, err))
            return false;
    }
    return value_object_sort(out, err);
}

void alarm_look_clear(const struct alarm_look *look)
{
    for (size_t i = 0; i < look->count; i++)
        look->alarms[i] = (struct alarm){.state = ALARM_INSUFFICIENT, .since = -1};
}

int alarm_shown(struct slice text, size_t max)
{
    text.size = text.size < max ? text.size : max;
    return (int)value_utf8_end(text);
}

/* What an ARN calls it, arn:PARTITION:cloudwatch:REGION:ACCOUNT:alarm:NAME; *is_arn is false of a
 * name, which stands for itself. */
static struct slice name_in(struct slice text, bool *is_arn)
{
    static const char begin[] = "arn:";
    static const char mark[] = ":alarm:";
    *is_arn = text.size > sizeof begin - 1 && memcmp(text.data, begin, sizeof begin - 1) == 0;
    const char *at = *is_arn ? memmem(text.data, text.size, mark, sizeof mark - 1) : NULL;
    if (!at)
        return text;
    at += sizeof mark - 1;
    return (struct slice){at, text.size - (size_t)(at - text.data)};
}

bool alarm_is(struct slice called, struct slice known)
{
    bool by_arn = false;
    bool known_by_arn = false;
    struct slice name = name_in(called, &by_arn);
    struct slice other = name_in(known, &known_by_arn);
    return by_arn && known_by_arn ? slice_equal(called, known) : slice_equal(name, other);
}
