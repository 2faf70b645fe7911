/* When clocks are set in years to come: the notation of POSIX's TZ, as TZif files end with it
 * ("CET-1CEST,M3.5.0,M10.5.0/3"). Seconds throughout. */
#pragma once

#include "base/bytes.h"

/* "M3.5.0/2": the last Sunday of March; "J60": the sixtieth day, leap days not counted; "59": the
 * sixtieth day, counted. */
struct zone_day {
    char kind; /* 'M', 'J' or '0' */
    int month, week, day;
    int64_t time; /* after midnight; may be negative or beyond a day */
};

struct zone_rule {
    int64_t standard, summer;     /* ahead of UTC */
    bool changes;                 /* false: standard time all year */
    struct zone_day begins, ends; /* of summer time */
};

struct zone_change {
    int64_t at, offset;
};

bool zone_rule_parse(struct zone_rule *rule, struct slice text, struct error *err);
/* The changes of a year, rising; returns how many. */
size_t zone_rule_year(const struct zone_rule *rule, int year, struct zone_change out[2]);
/* Days from 1970-01-01 to a date of the Gregorian calendar. */
int64_t zone_days(int year, int month, int day);
