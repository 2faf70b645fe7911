/* Reads a recording line by line: the manifest first, then the points, each placed on the grid of
 * its series. */
#include "world/recording_read.h"

#include "world/recording_alarms.h"
#include "world/recording_manifest.h"

#include <stdlib.h>
#include <string.h>

/* The end of the year 9999, as far as instants can be written. */
static const int64_t time_max = INT64_C(253402300799999);

enum { POINT_POOL_MAX = 64 << 10 };

struct point {
    int64_t series, at, seen;
    bool says_seen;
    enum recording_word word;
    double value;
};

/* What is needed from line to line. */
struct reader {
    struct recording *recording;
    struct slice rest;
    size_t line;
    struct point before;
    struct pool pool;
};

static bool next_line(struct reader *reader, struct slice *line)
{
    if (reader->rest.size == 0)
        return false;
    const char *end = memchr(reader->rest.data, '\n', reader->rest.size);
    size_t size = end ? (size_t)(end - reader->rest.data) : reader->rest.size;
    *line = (struct slice){reader->rest.data, size};
    size_t used = size + (end ? 1 : 0);
    reader->rest.data += used;
    reader->rest.size -= used;
    reader->line++;
    return true;
}

static bool take_integer(const struct member *member, int64_t *out, struct error *err)
{
    if (member->value.kind != VALUE_INTEGER)
        return error_set(err, ERROR_INVALID, "\"%.*s\" is of kind %s, expected an integer",
                         (int)member->name.size, member->name.data,
                         value_kind_name(member->value.kind));
    *out = member->value.integer;
    return true;
}

static bool take_word(const struct value *value, struct point *point, struct error *err)
{
    if (recording_word_parse(&point->word, value->string) && point->word != RECORDING_NUMBER)
        return true;
    return error_set(err, ERROR_INVALID,
                     "\"v\" is \"%.*s\", expected a number, \"no data\" or \"provider error\"",
                     (int)(value->string.size > 80 ? 80 : value->string.size), value->string.data);
}

static bool take_reading(const struct value *value, struct point *point, struct error *err)
{
    if (value->kind == VALUE_STRING)
        return take_word(value, point, err);
    if (value->kind != VALUE_INTEGER && value->kind != VALUE_FLOAT)
        return error_set(err, ERROR_INVALID, "\"v\" is of kind %s, expected a number",
                         value_kind_name(value->kind));
    point->value = value->kind == VALUE_INTEGER ? (double)value->integer : value->number;
    return true;
}

static bool take_member(struct point *point, const struct member *member, unsigned *taken,
                        struct error *err)
{
    if (slice_is(member->name, "s")) {
        *taken |= 1;
        return take_integer(member, &point->series, err);
    }
    if (slice_is(member->name, "t")) {
        *taken |= 2;
        return take_integer(member, &point->at, err);
    }
    if (slice_is(member->name, "v")) {
        *taken |= 4;
        return take_reading(&member->value, point, err);
    }
    if (slice_is(member->name, "seen")) {
        point->says_seen = true;
        return take_integer(member, &point->seen, err);
    }
    return error_set(err, ERROR_INVALID,
                     "a point has no member \"%.*s\", expected \"s\", \"t\", \"v\" and \"seen\"",
                     (int)(member->name.size > 80 ? 80 : member->name.size), member->name.data);
}

static bool parse_point(struct reader *reader, struct slice line, struct point *point,
                        struct error *err)
{
    struct value value;
    pool_reset(&reader->pool);
    if (!value_parse(&value, line, false, &reader->pool, err))
        return false;
    if (value.kind != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID,
                         "expected a point {\"s\":...,\"t\":...,\"v\":...}, found %s",
                         value_kind_name(value.kind));
    *point = (struct point){0};
    unsigned taken = 0;
    for (size_t i = 0; i < value.object.count; i++) {
        if (!take_member(point, &value.object.members[i], &taken, err))
            return false;
    }
    return taken == 7 || error_set(err, ERROR_INVALID,
                                   "a point needs \"s\" (series), \"t\" (time) and \"v\" (value)");
}

static struct recording_series *series_of(struct recording *recording, int64_t id)
{
    return id >= 1 && (uint64_t)id <= recording->series_count ? &recording->series[id - 1] : NULL;
}

/* A point that does not say so was seen when its period was over. */
static bool check_point(const struct recording_series *series, struct point *point,
                        struct error *err)
{
    if (point->at < 0 || point->at > time_max)
        return error_set(err, ERROR_INVALID, "\"t\" is %lld, expected 0 to %lld (milliseconds)",
                         (long long)point->at, (long long)time_max);
    if (point->says_seen && (point->seen < point->at || point->seen > time_max))
        return error_set(err, ERROR_INVALID,
                         "\"seen\" is %lld, expected a time from \"t\", %lld, on",
                         (long long)point->seen, (long long)point->at);
    if (series->count && !(point->value >= 0 && point->value <= RECORDING_COUNT_MAX))
        return error_set(err, ERROR_INVALID, "\"v\" is %g, expected 0 to 2^53: \"%.*s\" is a count",
                         point->value, (int)series->metric.size, series->metric.data);
    if (!point->says_seen)
        point->seen = point->at + series->period;
    return true;
}

static bool check_order(const struct reader *reader, const struct point *point, struct error *err)
{
    const struct point *before = &reader->before;
    if (point->at != before->at ? point->at > before->at : point->series > before->series)
        return true;
    if (point->at == before->at && point->series == before->series) {
        if (point->seen > before->seen)
            return true;
        return error_set(err, ERROR_INVALID,
                         "series %lld has a point at %lld already, expected a later \"seen\"",
                         (long long)point->series, (long long)point->at);
    }
    return error_set(err, ERROR_INVALID,
                     "t %lld, s %lld comes after t %lld, s %lld: points are ordered by time, then "
                     "by series",
                     (long long)point->at, (long long)point->series, (long long)before->at,
                     (long long)before->series);
}

static bool place(const struct recording_series *series, int64_t at, uint32_t *slot,
                  struct error *err)
{
    int64_t since = series->point_count ? at - series->first : 0;
    if (since % series->period != 0)
        return error_set(err, ERROR_INVALID,
                         "\"t\" is %lld, %lld ms off the grid of its series (every %lld ms from "
                         "%lld on)",
                         (long long)at, (long long)(since % series->period),
                         (long long)series->period, (long long)series->first);
    if (since / series->period > UINT32_MAX)
        return error_set(err, ERROR_LIMIT, "a series of more than 2^32 periods");
    *slot = (uint32_t)(since / series->period);
    return true;
}

static bool grow_one(void **array, size_t count, size_t size, struct error *err)
{
    void *grown = realloc(*array, count * size);
    if (!grown)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu points", count);
    *array = grown;
    return true;
}

static bool grow(struct recording_series *series, struct error *err)
{
    if (series->point_count < series->capacity)
        return true;
    size_t capacity = series->capacity ? series->capacity + series->capacity / 2 : 64;
    if (!grow_one((void **)&series->slots, capacity, sizeof *series->slots, err) ||
        !grow_one((void **)&series->values, capacity, sizeof *series->values, err) ||
        (series->seen && !grow_one((void **)&series->seen, capacity, sizeof *series->seen, err)) ||
        (series->words && !grow_one((void **)&series->words, capacity, sizeof *series->words, err)))
        return false;
    series->capacity = capacity;
    return true;
}

/* Most recordings do not say when points were seen: the column begins with the first that does. */
static bool begin_seen(struct recording_series *series, struct error *err)
{
    if (!grow_one((void **)&series->seen, series->capacity, sizeof *series->seen, err))
        return false;
    for (size_t i = 0; i < series->point_count; i++)
        series->seen[i] = series->first + ((int64_t)series->slots[i] + 1) * series->period;
    return true;
}

/* Nor do they have anything but numbers. */
static bool begin_words(struct recording_series *series, struct error *err)
{
    if (!grow_one((void **)&series->words, series->capacity, sizeof *series->words, err))
        return false;
    memset(series->words, RECORDING_NUMBER, series->point_count);
    return true;
}

static bool begin_columns(struct recording_series *series, const struct point *point,
                          struct error *err)
{
    return (!point->says_seen || series->seen || begin_seen(series, err)) &&
           (point->word == RECORDING_NUMBER || series->words || begin_words(series, err));
}

static bool add_point(struct recording_series *series, const struct point *point, struct error *err)
{
    uint32_t slot = 0;
    if (!place(series, point->at, &slot, err) || !grow(series, err) ||
        !begin_columns(series, point, err))
        return false;
    if (series->point_count == 0)
        series->first = point->at;
    else if (series->slots[series->point_count - 1] == slot)
        series->revised = true;
    int64_t lag = point->seen - point->at - series->period;
    series->lag = series->point_count == 0 || lag < series->lag ? lag : series->lag;
    series->slots[series->point_count] = slot;
    series->values[series->point_count] = point->value;
    if (series->seen)
        series->seen[series->point_count] = point->seen;
    if (series->words)
        series->words[series->point_count] = (unsigned char)point->word;
    series->point_count++;
    return true;
}

static void widen(struct recording *recording, int64_t at, int64_t end)
{
    if (recording->point_count == 0)
        recording->start = at;
    if (end > recording->end)
        recording->end = end;
    recording->point_count++;
}

static bool read_point(struct reader *reader, struct slice line, struct error *err)
{
    struct recording *recording = reader->recording;
    struct point point;
    if (line.size > RECORDING_LINE_MAX)
        return error_set(err, ERROR_LIMIT, "a point of %zu bytes, at most %d are read", line.size,
                         RECORDING_LINE_MAX);
    if (recording->point_count == RECORDING_POINTS_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d points", RECORDING_POINTS_MAX);
    if (!parse_point(reader, line, &point, err))
        return false;
    struct recording_series *series = series_of(recording, point.series);
    if (!series)
        return error_set(err, ERROR_INVALID, "\"s\" is %lld, expected a series, 1 to %zu",
                         (long long)point.series, recording->series_count);
    if (!check_point(series, &point, err) ||
        (recording->point_count && !check_order(reader, &point, err)) ||
        !add_point(series, &point, err))
        return false;
    widen(recording, point.at, point.at + series->period);
    reader->before = point;
    return true;
}

static bool same_grid(const struct recording_series *a, const struct recording_series *b,
                      struct error *err)
{
    int64_t fine = a->period < b->period ? a->period : b->period;
    int64_t coarse = a->period < b->period ? b->period : a->period;
    if (coarse % fine == 0 && (a->first - b->first) % fine == 0)
        return true;
    return error_set(err, ERROR_INVALID,
                     "series %lld (every %lld ms from %lld on) and %lld (every %lld ms from %lld "
                     "on) have no common periods",
                     (long long)a->id, (long long)a->period, (long long)a->first, (long long)b->id,
                     (long long)b->period, (long long)b->first);
}

/* What is sampled together must fall into the same periods, or into whole parts of them. */
static bool check_grids(const struct recording *recording, struct error *err)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        for (size_t k = 0; k < i; k++) {
            const struct recording_series *a = &recording->series[k];
            const struct recording_series *b = &recording->series[i];
            if (a->point_count && b->point_count && !same_grid(a, b, err))
                return false;
        }
    }
    return true;
}

static bool read_lines(struct reader *reader, struct error *err)
{
    struct slice line = {0};
    if (!next_line(reader, &line))
        return error_set(err, ERROR_INVALID, "the recording is empty, expected a manifest");
    if (!recording_manifest_read(reader->recording, line, err))
        return error_wrap(err, "line 1");
    while (next_line(reader, &line)) {
        if (!read_point(reader, line, err))
            return error_wrap(err, "line %zu", reader->line);
    }
    return check_grids(reader->recording, err);
}

bool recording_open(struct recording **out, struct slice text, struct error *err)
{
    struct recording *recording = calloc(1, sizeof *recording);
    if (!recording)
        return error_set(err, ERROR_LIMIT, "out of memory");
    pool_init(&recording->pool, 16 << 20);
    struct reader reader = {.recording = recording, .rest = text};
    pool_init(&reader.pool, POINT_POOL_MAX);
    bool ok = read_lines(&reader, err);
    pool_clear(&reader.pool);
    if (!ok) {
        recording_free(recording);
        return false;
    }
    recording_alarms_widen(recording);
    digest_hex(recording->digest, &text, 1);
    *out = recording;
    return true;
}
