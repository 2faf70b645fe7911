/* POSIX's TZ: "std offset [dst [offset] , start [/time] , end [/time]]". Offsets are what is added
 * to local time to get UTC, so that their sign is the other way round. */
#include "base/zone_rule.h"

#include <ctype.h>
#include <string.h>

enum { MINUTE = 60, HOUR = 3600, DAY = 86400, HOURS_MAX = 167, TWO_OCLOCK = 2 * HOUR };

struct text {
    const char *at, *end;
};

static bool next_is(struct text *text, char c)
{
    bool is = text->at < text->end && *text->at == c;
    text->at += is;
    return is;
}

static bool read_number(struct text *text, int *out, int most)
{
    const char *first = text->at;
    *out = 0;
    while (text->at < text->end && *text->at >= '0' && *text->at <= '9') {
        *out = *out * 10 + (*text->at++ - '0');
        if (*out > most)
            return false;
    }
    return text->at > first;
}

/* "CET", "<+0330>": what it is called is of no interest. */
static bool skip_name(struct text *text)
{
    const char *first = text->at;
    if (next_is(text, '<')) {
        while (text->at < text->end && *text->at != '>')
            text->at++;
        return next_is(text, '>');
    }
    while (text->at < text->end && isalpha((unsigned char)*text->at))
        text->at++;
    return text->at > first;
}

/* "-1", "3:30", "+10:00:00" */
static bool read_time(struct text *text, int64_t *out)
{
    int hours = 0;
    int minutes = 0;
    int seconds = 0;
    bool minus = next_is(text, '-');
    if (!minus)
        next_is(text, '+');
    if (!read_number(text, &hours, HOURS_MAX) ||
        (next_is(text, ':') && !read_number(text, &minutes, 59)) ||
        (next_is(text, ':') && !read_number(text, &seconds, 59)))
        return false;
    *out = (int64_t)hours * HOUR + (int64_t)minutes * MINUTE + seconds;
    *out = minus ? -*out : *out;
    return true;
}

static bool read_month(struct text *text, struct zone_day *day)
{
    return read_number(text, &day->month, 12) && day->month >= 1 && next_is(text, '.') &&
           read_number(text, &day->week, 5) && day->week >= 1 && next_is(text, '.') &&
           read_number(text, &day->day, 6);
}

static bool read_day(struct text *text, struct zone_day *day)
{
    *day = (struct zone_day){.kind = '0', .time = TWO_OCLOCK};
    if (next_is(text, 'M'))
        day->kind = 'M';
    else if (next_is(text, 'J'))
        day->kind = 'J';
    bool ok = day->kind == 'M'
                  ? read_month(text, day)
                  : read_number(text, &day->day, 365) && (day->kind != 'J' || day->day >= 1);
    return ok && (!next_is(text, '/') || read_time(text, &day->time));
}

static bool read_rule(struct zone_rule *rule, struct text *text)
{
    int64_t behind;
    if (!skip_name(text) || !read_time(text, &behind))
        return false;
    rule->standard = rule->summer = -behind;
    rule->changes = text->at < text->end;
    if (!rule->changes)
        return true;
    if (!skip_name(text))
        return false;
    rule->summer = rule->standard + HOUR;
    if (text->at < text->end && *text->at != ',') {
        if (!read_time(text, &behind))
            return false;
        rule->summer = -behind;
    }
    return next_is(text, ',') && read_day(text, &rule->begins) && next_is(text, ',') &&
           read_day(text, &rule->ends) && text->at == text->end;
}

bool zone_rule_parse(struct zone_rule *rule, struct slice text, struct error *err)
{
    struct text rest = {text.data, text.data + text.size};
    *rule = (struct zone_rule){0};
    return read_rule(rule, &rest) ||
           error_set(err, ERROR_INVALID, "a time zone has a rule that cannot be read: %.*s",
                     (int)(text.size < 60 ? text.size : 60), text.data);
}

/* --- the calendar ----------------------------------------------------------------------------- */

/* Years begin in March here, so that a leap day is the last of its year. */
int64_t zone_days(int year, int month, int day)
{
    enum { ERA = 400, ERA_DAYS = 146097, TO_1970 = 719468 };
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - (ERA - 1)) / ERA;
    int64_t of_era = y - era * ERA;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - TO_1970;
}

static int weekday(int64_t days) /* 0: Sunday; 1970-01-01 was a Thursday */
{
    return (int)(((days + 4) % 7 + 7) % 7);
}

/* The n-th such weekday of a month; the fifth is the last. */
static int64_t month_day(int year, const struct zone_day *day)
{
    int64_t first = zone_days(year, day->month, 1);
    int64_t next = day->month == 12 ? zone_days(year + 1, 1, 1)
                                    : zone_days(year, day->month + 1, 1);
    int64_t found = first + (day->day - weekday(first) + 7) % 7 + (int64_t)(day->week - 1) * 7;
    return found < next ? found : found - 7;
}

static int64_t local_time(int year, const struct zone_day *day)
{
    int64_t first = zone_days(year, 1, 1);
    bool leap = zone_days(year + 1, 1, 1) - first == 366;
    int64_t days = first + day->day;
    if (day->kind == 'M')
        days = month_day(year, day);
    else if (day->kind == 'J')
        days = first + day->day - 1 + (leap && day->day >= 60);
    return days * DAY + day->time;
}

size_t zone_rule_year(const struct zone_rule *rule, int year, struct zone_change out[2])
{
    if (!rule->changes)
        return 0;
    struct zone_change begins = {local_time(year, &rule->begins) - rule->standard, rule->summer};
    struct zone_change ends = {local_time(year, &rule->ends) - rule->summer, rule->standard};
    bool north = begins.at < ends.at;
    out[0] = north ? begins : ends;
    out[1] = north ? ends : begins;
    return 2;
}
