/* A window is open when the clocks of its zone show so: on some days of the week, from one time of
 * the day to another, and not on the dates that are excepted. What they show is all that counts: an
 * hour that they show twice is open twice, and one that they leave out is not there. */
#include "world/window.h"

#include "base/zone_rule.h"
#include "engine/record.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WEEK = 7, EXCEPT_MAX = 400, THERE_SIZE = 32 };

#define MINUTE_MS INT64_C(60000)
#define DAY_MS (24 * 60 * MINUTE_MS)
#define YEAR_MS (366 * DAY_MS)

struct window {
    bool days[WEEK];  /* Sunday first */
    int64_t from, to; /* ms after midnight; it ends on the next day where `to` is not later */
    int64_t except[EXCEPT_MAX]; /* days since 1970 */
    size_t except_count;
    const struct zone *zone;
};

/* --- reading it ------------------------------------------------------------------------------- */

static bool wrong(const char *what, struct error *err)
{
    return error_set(err, ERROR_INVALID, "window: \"%s\" is none of a window", what);
}

static bool read_days(struct window *window, const struct value *days, struct error *err)
{
    static const char *const names[WEEK] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};
    if (!days || days->kind != VALUE_ARRAY)
        return wrong("days", err);
    for (size_t i = 0; i < days->array.count; i++) {
        for (size_t day = 0; day < WEEK; day++)
            window->days[day] = window->days[day] ||
                                value_is_text(&days->array.items[i], names[day]);
    }
    return true;
}

static bool read_date(struct slice text, int64_t *day)
{
    int year;
    int month;
    int of_month;
    char copy[16];
    if (text.size != sizeof "2026-12-24" - 1)
        return false;
    snprintf(copy, sizeof copy, "%.*s", (int)text.size, text.data);
    if (sscanf(copy, "%4d-%2d-%2d", &year, &month, &of_month) != 3 || month < 1 || month > 12 ||
        of_month < 1 || of_month > 31)
        return false;
    *day = zone_days(year, month, of_month);
    return true;
}

static bool read_except(struct window *window, const struct value *except, struct error *err)
{
    if (!except)
        return true;
    if (except->kind != VALUE_ARRAY || except->array.count > EXCEPT_MAX)
        return wrong("except", err);
    for (size_t i = 0; i < except->array.count; i++) {
        const struct value *date = &except->array.items[i];
        if (date->kind != VALUE_STRING ||
            !read_date(date->string, &window->except[window->except_count++]))
            return wrong("except", err);
    }
    return true;
}

static bool read_window(struct window *window, struct zones *zones, const struct value *from,
                        struct error *err)
{
    int64_t begins = value_get_integer(from, "from", -1);
    int64_t ends = value_get_integer(from, "to", -1);
    *window = (struct window){.from = begins * MINUTE_MS, .to = ends * MINUTE_MS};
    if (begins < 0 || window->from >= DAY_MS || ends < 0 || window->to > DAY_MS)
        return wrong("from, to", err);
    return zones_find(zones, value_get_slice(from, "zone", ""), &window->zone, err) &&
           read_days(window, value_get(from, "days"), err) &&
           read_except(window, value_get(from, "except"), err);
}

/* --- whether it is open ------------------------------------------------------------------------
 */

static int64_t day_of(int64_t local)
{
    return local >= 0 ? local / DAY_MS : -((-local + DAY_MS - 1) / DAY_MS);
}

static bool is_day(const struct window *window, int64_t day)
{
    enum { THURSDAY = 4 };
    bool is = window->days[((day + THURSDAY) % WEEK + WEEK) % WEEK];
    for (size_t i = 0; is && i < window->except_count; i++)
        is = window->except[i] != day;
    return is;
}

static bool is_open(const struct window *window, int64_t at)
{
    int64_t local = at + zone_offset(window->zone, at);
    int64_t day = day_of(local);
    int64_t time = local - day * DAY_MS;
    if (window->from < window->to)
        return is_day(window, day) && time >= window->from && time < window->to;
    return (time >= window->from && is_day(window, day)) ||
           (time < window->to && is_day(window, day - 1));
}

/* The next time at which that can change: one that the window names, midnight, or when clocks are
 * set. */
static int64_t next_edge(const struct window *window, int64_t at)
{
    int64_t local = at + zone_offset(window->zone, at);
    int64_t time = local - day_of(local) * DAY_MS;
    int64_t next = DAY_MS;
    if (window->from > time)
        next = window->from;
    if (window->to > time && window->to < next)
        next = window->to;
    int64_t jump = zone_next_jump(window->zone, at);
    return jump < at + next - time ? jump : at + next - time;
}

/* INT64_MAX: not within a year. */
static int64_t next_change(const struct window *window, int64_t now)
{
    bool open = is_open(window, now);
    int64_t at = next_edge(window, now);
    while (is_open(window, at) == open && at < now + YEAR_MS)
        at = next_edge(window, at);
    return is_open(window, at) == open ? INT64_MAX : at;
}

/* "Mon 2026-03-02 09:00" */
static bool show(const struct window *window, int64_t at, struct slice *out, struct pool *pool,
                 struct error *err)
{
    enum { SECOND_MS = 1000 };
    char text[THERE_SIZE];
    time_t local = (time_t)((at + zone_offset(window->zone, at)) / SECOND_MS);
    struct tm tm;
    gmtime_r(&local, &tm);
    strftime(text, sizeof text, "%a %Y-%m-%d %H:%M", &tm);
    return pool_copy(pool, slice_of(text), out, err);
}

bool window_answer(struct zones *zones, const struct value *effect, int64_t now, struct value *out,
                   struct pool *pool, struct error *err)
{
    enum { ALWAYS = 2, MEMBERS = 4 };
    struct window window;
    struct slice there;
    const struct value *asked = value_get(effect, "window");
    if (!zones)
        return error_set(err, ERROR_INVALID, "no time zones are known here");
    if (!asked || !read_window(&window, zones, asked, err))
        return asked ? false : wrong("window", err);
    bool open = is_open(&window, now);
    int64_t until = next_change(&window, now);
    if (!open && until == INT64_MAX)
        return error_set(err, ERROR_INVALID, "the window does not open within a year");
    bool changes = until != INT64_MAX;
    if (changes && !show(&window, until, &there, pool, err))
        return false;
    struct member members[MEMBERS] = {
        {slice_of("now"), value_integer(now)},
        {slice_of("open"), value_boolean(open)},
        {slice_of("until"), value_integer(until)},
        {slice_of("there"), value_string(changes ? there : (struct slice){0})},
    };
    return record_object(out, members, changes ? MEMBERS : ALWAYS, pool, err);
}
