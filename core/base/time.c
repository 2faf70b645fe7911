/* Instants and durations to text and back, by arithmetic alone. */
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct unit {
    const char *name;
    int64_t ms;
};

/* Longest first for formatting; "ms" before "m" for parsing is settled by comparing whole names. */
static const struct unit units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};

enum { UNIT_COUNT = sizeof units / sizeof *units };

/* A thousand years: far beyond any rollout, and sums of a few of them stay far inside 64 bits. */
static const int64_t duration_max = INT64_C(1000) * 366 * 86400000;

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool take_number(struct slice *text, int64_t *number)
{
    size_t used = 0;
    *number = 0;
    while (used < text->size && used < 15 && is_digit(text->data[used]))
        *number = *number * 10 + (text->data[used++] - '0');
    text->data += used;
    text->size -= used;
    return used > 0;
}

static const struct unit *take_unit(struct slice *text)
{
    size_t used = 0;
    while (used < text->size && text->data[used] >= 'a' && text->data[used] <= 'z')
        used++;
    for (size_t i = 0; i < UNIT_COUNT; i++) {
        if (slice_is((struct slice){text->data, used}, units[i].name)) {
            text->data += used;
            text->size -= used;
            return &units[i];
        }
    }
    return NULL;
}

bool time_parse_duration(int64_t *ms, struct slice text, struct error *err)
{
    struct slice rest = text;
    int64_t total = 0;
    do {
        int64_t number = 0;
        bool digits = take_number(&rest, &number);
        const struct unit *unit = digits ? take_unit(&rest) : NULL;
        if (!unit)
            return error_set(err, ERROR_INVALID,
                             "\"%.*s\" is not a duration (like 90s, 5m, 1h30m, 500ms)",
                             (int)text.size, text.data);
        if (number > (duration_max - total) / unit->ms)
            return error_set(err, ERROR_INVALID, "\"%.*s\" is longer than a thousand years",
                             (int)text.size, text.data);
        total += number * unit->ms;
    } while (rest.size > 0);
    *ms = total;
    return true;
}

void time_format_duration(char text[32], int64_t ms)
{
    size_t used = 0;
    if (ms < 0) {
        text[used++] = '-';
        ms = -ms;
    }
    if (ms == 0) {
        memcpy(text, "0s", 3);
        return;
    }
    for (size_t i = 0; i < UNIT_COUNT && ms > 0; i++) {
        int64_t number = ms / units[i].ms;
        ms %= units[i].ms;
        if (number > 0)
            used += (size_t)snprintf(text + used, 32 - used, "%" PRId64 "%s", number,
                                     units[i].name);
    }
}

/* Days since 1970-01-01 of a civil date, counting years from March so that the leap day comes last.
 */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 -
                           day_of_era / 146096) /
                          365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted = (5 * day_of_year + 2) / 153;
    *day = (int)(day_of_year - (153 * shifted + 2) / 5 + 1);
    *month = (int)(shifted < 10 ? shifted + 3 : shifted - 9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

static bool take_digits(struct slice *text, size_t count, int64_t *number)
{
    *number = 0;
    if (text->size < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text->data[i]))
            return false;
        *number = *number * 10 + (text->data[i] - '0');
    }
    text->data += count;
    text->size -= count;
    return true;
}

static bool take_char(struct slice *text, const char *any)
{
    if (text->size == 0 || !strchr(any, text->data[0]) || text->data[0] == '\0')
        return false;
    text->data++;
    text->size--;
    return true;
}

/* ".250", ".25", ".250123": digits beyond the millisecond are dropped. */
static bool take_fraction(struct slice *text, int64_t *ms)
{
    int64_t scale = 100;
    if (!take_char(text, "."))
        return true;
    if (text->size == 0 || !is_digit(text->data[0]))
        return false;
    while (text->size > 0 && is_digit(text->data[0])) {
        *ms += (text->data[0] - '0') * scale;
        scale /= 10;
        text->data++;
        text->size--;
    }
    return true;
}

static bool take_offset(struct slice *text, int64_t *ms)
{
    int64_t hours = 0;
    int64_t minutes = 0;
    if (text->size == 0 || take_char(text, "Zz"))
        return true;
    bool west = text->data[0] == '-';
    if (!take_char(text, "+-") || !take_digits(text, 2, &hours))
        return false;
    take_char(text, ":");
    if (!take_digits(text, 2, &minutes) || hours > 23 || minutes > 59)
        return false;
    int64_t offset = (hours * 60 + minutes) * 60000;
    *ms += west ? offset : -offset;
    return true;
}

static bool days_in_month(int64_t year, int64_t month, int64_t day)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return day >= 1 && day <= lengths[month - 1] + (month == 2 && leap);
}

static bool take_instant(struct slice *text, int64_t *ms)
{
    int64_t year, month, day, hour = 0, minute = 0, second = 0;
    if (!take_digits(text, 4, &year) || !take_char(text, "-") || !take_digits(text, 2, &month) ||
        !take_char(text, "-") || !take_digits(text, 2, &day))
        return false;
    if (month < 1 || month > 12 || !days_in_month(year, month, day))
        return false;
    *ms = 0;
    if (text->size > 0) {
        if (!take_char(text, "Tt ") || !take_digits(text, 2, &hour) || !take_char(text, ":") ||
            !take_digits(text, 2, &minute))
            return false;
        if (take_char(text, ":") && (!take_digits(text, 2, &second) || !take_fraction(text, ms)))
            return false;
    }
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *ms += days_of(year, month, day) * 86400000 + ((hour * 60 + minute) * 60 + second) * 1000;
    return take_offset(text, ms) && text->size == 0;
}

bool time_parse_instant(int64_t *ms, struct slice text, struct error *err)
{
    struct slice rest = text;
    int64_t instant = 0;
    if (!take_instant(&rest, &instant))
        return error_set(err, ERROR_INVALID, "\"%.*s\" is not a time (like 2026-11-24T07:51:00Z)",
                         (int)(text.size > 64 ? 64 : text.size), text.data);
    *ms = instant;
    return true;
}

void time_format_instant(char text[32], int64_t ms)
{
    int64_t days = ms / 86400000 - (ms % 86400000 < 0);
    int64_t rest = ms - days * 86400000;
    int64_t year = 0;
    int month = 0;
    int day = 0;
    date_of(days, &year, &month, &day);
    int used = snprintf(text, 32, "%04d-%02d-%02dT%02d:%02d:%02d", (int)year, month, day,
                        (int)(rest / 3600000), (int)(rest / 60000 % 60), (int)(rest / 1000 % 60));
    if (rest % 1000)
        used += snprintf(text + used, 32 - (size_t)used, ".%03d", (int)(rest % 1000));
    snprintf(text + used, 32 - (size_t)used, "Z");
}
