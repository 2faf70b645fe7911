/* What a CloudWatch alarm says at one look. It has no arms and no periods: a state, since when it
 * is in it, and the reason that AWS gives for it. */
#pragma once

#include "base/value.h"

#define ALARM_STATES(X)                                                                            \
    X(OK, "OK")                                                                                    \
    X(IN_ALARM, "ALARM")                                                                           \
    X(INSUFFICIENT, "INSUFFICIENT_DATA") /* it cannot tell: no evidence */                         \
    X(UNANSWERED, "provider error")      /* nobody said, or there is no such alarm any more */

enum alarm_state {
#define X(name, text) ALARM_##name,
    ALARM_STATES(X)
#undef X
};

struct alarm {
    enum alarm_state state;
    int64_t since;       /* in ALARM since then, ms; -1 where nobody says */
    struct slice reason; /* AWS's for ALARM, bounded; why it was not answered; else empty */
};

/* The alarms that a look asks for, and where they are put. Names are borrowed. */
struct alarm_look {
    const struct slice *names;
    size_t count;
    struct alarm *alarms; /* INSUFFICIENT where nothing is put */
    struct pool *pool;    /* of the reasons */
};

/* {"state":"ALARM","since":ms,"reason":"..."}, the last two where they are known. The reason is
 * borrowed. ERROR_INVALID says what is wrong. */
bool alarm_read(struct alarm *alarm, const struct value *from, struct error *err);
bool alarm_value(const struct alarm *alarm, struct value *out, struct pool *pool,
                 struct error *err);

/* Puts what is said of each by its name, {name: {"state", ...}}; of one that is missing there it
 * stays as it is. */
bool alarm_look_read(const struct alarm_look *look, const struct value *from, struct error *err);
bool alarm_look_value(const struct alarm_look *look, struct value *out, struct pool *pool,
                      struct error *err);

/* Nothing is known of any yet. */
void alarm_look_clear(const struct alarm_look *look);

/* Of a name, or of a reason, a whole number of characters: as many bytes as there is room for. */
int alarm_shown(struct slice text, size_t max);

/* Whether two texts call the same alarm: by its name or by its ARN. */
bool alarm_is(struct slice called, struct slice known);
