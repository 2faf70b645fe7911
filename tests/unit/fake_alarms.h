/* What alarms say in the pretend outside of the engine's tests (fake_world.h). */
#pragma once

#include "judge/alarm.h"

struct fake_alarms {
    int64_t from, until; /* in ALARM; from INT64_MAX: they never are */
    int64_t mute_from;   /* nobody answers for them from this time on; INT64_MAX: they do */
    bool blind;          /* they cannot tell */
    bool quiet_blind;    /* only the one that is always quiet cannot */
    int64_t blind_from, blind_until; /* nor can any then; from INT64_MAX: they can */
    int64_t settle;                  /* how late they are */
};

/* All say the same, but for one that is not there and one that is always quiet. */
static bool fake_heed(const struct fake_alarms *alarms, int64_t now, const struct alarm_look *look,
                      struct error *err)
{
    bool loud = now >= alarms->from && now < alarms->until;
    for (size_t i = 0; look && i < look->count; i++) {
        struct alarm *alarm = &look->alarms[i];
        if (slice_is(look->names[i], "missing"))
            return error_set(err, ERROR_INVALID, "there is no alarm \"missing\"");
        bool quiet = slice_is(look->names[i], "quiet");
        bool blind = alarms->blind || (quiet && alarms->quiet_blind) ||
                     (now >= alarms->blind_from && now < alarms->blind_until);
        *alarm = (struct alarm){blind ? ALARM_INSUFFICIENT : ALARM_OK, -1, {0}};
        if (now >= alarms->mute_from)
            *alarm = (struct alarm){ALARM_UNANSWERED, -1, slice_of("no route")};
        else if (loud && !quiet)
            *alarm = (struct alarm){ALARM_IN_ALARM, alarms->from, slice_of("3 of 3")};
    }
    return true;
}
