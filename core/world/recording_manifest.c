/* The first line of a recording: which series there are, checked member by member, and written. */
#include "world/recording_manifest.h"

#include "world/histogram.h"
#include "world/quantile.h"
#include "world/recording_alarms.h"
#include "world/recording_fields.h"

#include <stdlib.h>
#include <string.h>

enum { METRIC_NAME_MAX = 64 };

/* A month: longer than any period that a provider keeps. */
static const int64_t period_max = INT64_C(31) * 86400000;

static const struct recording_field manifest_fields[] = {
    {"alarms", VALUE_ARRAY, false}, {"format", VALUE_STRING, true},
    {"note", VALUE_STRING, false},  {"series", VALUE_ARRAY, true},
    {"source", VALUE_STRING, true}, {"version", VALUE_INTEGER, true},
};

static const struct recording_field series_fields[] = {
    {"absent", VALUE_STRING, false},    {"arm", VALUE_STRING, true},
    {"companion", VALUE_STRING, false}, {"id", VALUE_INTEGER, true},
    {"metric", VALUE_STRING, true},     {"period", VALUE_INTEGER, true},
    {"query", VALUE_OBJECT, false},     {"statistic", VALUE_STRING, true},
    {"target", VALUE_STRING, false},    {"unit", VALUE_STRING, false},
};

static const char *const absence_names[] = {
#define X(name, text) [ABSENCE_##name] = text,
    RECORDING_ABSENCES(X)
#undef X
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static bool is_metric_name(struct slice name)
{
    if (name.size == 0 || name.size > METRIC_NAME_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        bool other = (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
        if (!letter && (i == 0 || !other))
            return false;
    }
    return true;
}

/* "p99.9" -> 0.999; 0 for anything else. Decimal digits by hand: strtod minds the locale. */
static double parse_quantile(struct slice statistic)
{
    if (statistic.size < 2 || statistic.size > 8 || statistic.data[0] != 'p')
        return 0;
    double percent = 0;
    double scale = 1;
    bool dot = false;
    for (size_t i = 1; i < statistic.size; i++) {
        char c = statistic.data[i];
        if (c == '.' && !dot && i > 1 && i + 1 < statistic.size) {
            dot = true;
        } else if (c >= '0' && c <= '9') {
            percent = percent * 10 + (c - '0');
            scale *= dot ? 10 : 1;
        } else {
            return 0;
        }
    }
    double quantile = percent / (scale * 100);
    return quantile < 1 ? quantile : 0;
}

static bool is_statistic(struct slice name)
{
    static const char *const names[] = {"sum", "average", "minimum", "maximum", "last"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (slice_is(name, names[i]))
            return true;
    }
    return parse_quantile(name) > 0;
}

/* FNV-1a: fixed for ever, since it is part of what a seed means. */
static uint64_t name_key(struct slice name)
{
    uint64_t key = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < name.size; i++)
        key = (key ^ (unsigned char)name.data[i]) * UINT64_C(0x100000001b3);
    return key;
}

/* NAME of NAME_p99 with the statistic p99; empty otherwise. */
static struct slice family_of(const struct recording_series *series)
{
    size_t tail = series->statistic.size;
    size_t size = series->metric.size;
    if (size < tail + 2 || series->metric.data[size - tail - 1] != '_' ||
        memcmp(series->metric.data + size - tail, series->statistic.data, tail) != 0)
        return (struct slice){0};
    return (struct slice){series->metric.data, size - tail - 1};
}

/* A count per threshold says by its name which. */
static bool check_threshold(struct recording_series *series, struct error *err)
{
    struct histogram_name name;
    if (!histogram_parse(&name, series->metric))
        return true;
    if (name.canary > name.baseline || name.canary < name.baseline)
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\" names two thresholds: a series has one, that of its arm",
                         (int)series->metric.size, series->metric.data);
    series->family = name.family;
    series->at_most = name.baseline;
    return true;
}

static bool check_statistic(struct recording_series *series, struct error *err)
{
    if (!is_statistic(series->statistic))
        return error_set(err, ERROR_INVALID,
                         "the statistic \"%.*s\" is unknown, expected sum, average, minimum, "
                         "maximum, last or a percentile such as p99",
                         (int)series->statistic.size, series->statistic.data);
    series->count = slice_is(series->statistic, "sum");
    bool counts = slice_is(series->metric, "requests") || slice_is(series->metric, "errors");
    if (counts && !series->count)
        return error_set(err, ERROR_INVALID,
                         "\"%.*s\" counts what happened in a period: expected the statistic sum",
                         (int)series->metric.size, series->metric.data);
    series->family = family_of(series);
    double quantile = parse_quantile(series->statistic);
    series->quantile = series->family.size ? quantile : 0;
    return !series->count || check_threshold(series, err);
}

static bool check_names(const struct recording_series *series, size_t index, struct error *err)
{
    if (series->id != (int64_t)index + 1)
        return error_set(err, ERROR_INVALID, "\"id\" is %lld, expected %zu: ids count up from 1",
                         (long long)series->id, index + 1);
    if (!is_metric_name(series->metric))
        return error_set(err, ERROR_INVALID,
                         "the metric \"%.*s\" is no name: expected a letter, then letters, digits, "
                         "'_', '.' or '-', at most %d",
                         (int)series->metric.size, series->metric.data, METRIC_NAME_MAX);
    if (series->period < 1 || series->period > period_max)
        return error_set(err, ERROR_INVALID, "\"period\" is %lld, expected 1 to %lld milliseconds",
                         (long long)series->period, (long long)period_max);
    return true;
}

static bool read_absence(struct recording_series *series, const struct value *from,
                         struct error *err)
{
    struct slice absent = value_get_slice(from, "absent", "");
    for (size_t i = 0; i < COUNT(absence_names); i++) {
        if (!slice_is(absent, absence_names[i]))
            continue;
        series->absence = (enum recording_absence)i;
        return absent.size == 0 || series->companion.size > 0 ||
               error_set(err, ERROR_INVALID,
                         "\"absent\" says what it means where a count is not there and its "
                         "companion is: it has none");
    }
    return error_set(err, ERROR_INVALID, "\"absent\" is \"%.*s\", expected zero or no data",
                     (int)absent.size, absent.data);
}

static bool read_series(struct recording_series *series, size_t index, const struct value *from,
                        struct error *err)
{
    if (!recording_check(from, series_fields, COUNT(series_fields), err))
        return false;
    *series = (struct recording_series){
        .id = value_get_integer(from, "id", 0),
        .metric = value_get_slice(from, "metric", ""),
        .statistic = value_get_slice(from, "statistic", ""),
        .unit = value_get_slice(from, "unit", ""),
        .target = value_get_slice(from, "target", ""),
        .companion = value_get_slice(from, "companion", ""),
        .period = value_get_integer(from, "period", 0),
        .query = value_get(from, "query"),
    };
    struct slice arm = value_get_slice(from, "arm", "");
    if (!recording_arm_parse(&series->arm, arm))
        return error_set(err, ERROR_INVALID,
                         "the arm \"%.*s\" is unknown, expected service, baseline or canary",
                         (int)arm.size, arm.data);
    if (!check_names(series, index, err) || !check_statistic(series, err) ||
        !read_absence(series, from, err))
        return false;
    series->key = name_key(series->quantile > 0 ? series->family : series->metric);
    return true;
}

static const struct recording_series *
sibling(const struct recording *recording, const struct recording_series *of, struct slice metric)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *other = &recording->series[i];
        if (other != of && other->arm == of->arm && slice_equal(other->target, of->target) &&
            slice_equal(other->metric, metric))
            return other;
    }
    return NULL;
}

static bool link_companion(const struct recording *recording, struct recording_series *series,
                           struct error *err)
{
    if (!series->count)
        return error_set(err, ERROR_INVALID,
                         "only a count (statistic sum) has a \"companion\": nothing seen is zero "
                         "events, but it is no %.*s",
                         (int)series->statistic.size, series->statistic.data);
    const struct recording_series *trials = sibling(recording, series, series->companion);
    if (!trials || !trials->count || trials->companion.size || trials->period != series->period)
        return error_set(err, ERROR_INVALID,
                         "the companion \"%.*s\" must be another count of the same arm, target and "
                         "period, without a companion of its own",
                         (int)series->companion.size, series->companion.data);
    series->trials = trials;
    return true;
}

/* A distribution is rebuilt from all percentiles of a family: each one once, and so many at most.
 */
static bool check_family(const struct recording *recording, const struct recording_series *series,
                         struct error *err)
{
    size_t count = 0;
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *other = &recording->series[i];
        if (other->quantile <= 0 || other->arm != series->arm ||
            !slice_equal(other->family, series->family) ||
            !slice_equal(other->target, series->target))
            continue;
        count++;
        if (other != series && !(other->quantile < series->quantile) &&
            !(other->quantile > series->quantile))
            return error_set(err, ERROR_INVALID, "\"%.*s\" and \"%.*s\" are one percentile",
                             (int)other->metric.size, other->metric.data, (int)series->metric.size,
                             series->metric.data);
    }
    return count <= QUANTILES_MAX ||
           error_set(err, ERROR_LIMIT, "%zu percentiles of \"%.*s\", at most %d are read", count,
                     (int)series->family.size, series->family.data, QUANTILES_MAX);
}

/* Companions may come later in the list: linked once all series are there. */
static bool link_series(const struct recording *recording, struct recording_series *series,
                        struct error *err)
{
    if (sibling(recording, series, series->metric))
        return error_set(err, ERROR_INVALID, "the metric \"%.*s\" of the %s is there twice",
                         (int)series->metric.size, series->metric.data,
                         recording_arm_name(series->arm));
    if (series->quantile > 0 && !check_family(recording, series, err))
        return false;
    if (series->quantile > 0)
        series->trials = sibling(recording, series, slice_of("requests"));
    return series->companion.size == 0 || link_companion(recording, series, err);
}

static bool read_all_series(struct recording *recording, const struct value *list,
                            struct error *err)
{
    size_t count = list->array.count;
    if ((count == 0 && recording->alarm_count == 0) || count > RECORDING_SERIES_MAX)
        return error_set(err, count ? ERROR_LIMIT : ERROR_INVALID, "%zu series, expected 1 to %d",
                         count, RECORDING_SERIES_MAX);
    if (count == 0)
        return true;
    recording->series = calloc(count, sizeof *recording->series);
    if (!recording->series)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu series", count);
    recording->series_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!read_series(&recording->series[i], i, &list->array.items[i], err))
            return error_wrap(err, "series %zu", i + 1);
        recording->targeted = recording->targeted || recording->series[i].target.size;
    }
    for (size_t i = 0; i < count; i++) {
        if (!link_series(recording, &recording->series[i], err))
            return error_wrap(err, "series %zu", i + 1);
    }
    return histogram_link(recording, err);
}

static bool refuse_other(struct error *err)
{
    return error_set(err, ERROR_INVALID,
                     "this is no recording: expected {\"format\":\"tidelock-recording\",...} "
                     "(other files are turned into one by `tidelock import`)");
}

static bool check_format(const struct value *manifest, struct error *err)
{
    if (manifest->kind != VALUE_OBJECT ||
        !value_is_text(value_get(manifest, "format"), "tidelock-recording"))
        return refuse_other(err);
    if (value_get_integer(manifest, "version", 0) != 1)
        return error_set(err, ERROR_INVALID, "expected \"version\":1, the one this program reads");
    return recording_check(manifest, manifest_fields, COUNT(manifest_fields), err);
}

bool recording_manifest_read(struct recording *recording, struct slice line, struct error *err)
{
    struct slice copy = {0};
    struct value manifest;
    if (line.size > RECORDING_MANIFEST_MAX)
        return error_set(err, ERROR_LIMIT, "a manifest of %zu bytes, at most %d are read",
                         line.size, RECORDING_MANIFEST_MAX);
    if (!pool_copy(&recording->pool, line, &copy, err))
        return false;
    if (!value_parse(&manifest, copy, false, &recording->pool, err))
        return memmem(line.data, line.size, "tidelock-recording", 18) ? false : refuse_other(err);
    if (!check_format(&manifest, err))
        return false;
    recording->source = value_get_slice(&manifest, "source", "");
    recording->note = value_get_slice(&manifest, "note", "");
    return recording_alarms_read(recording, value_get(&manifest, "alarms"), err) &&
           read_all_series(recording, value_get(&manifest, "series"), err);
}

static void add_text(struct value *object, const char *name, struct slice text)
{
    if (text.size)
        object->object.members[object->object.count++] = (struct member){slice_of(name),
                                                                         value_string(text)};
}

static void add_value(struct value *object, const char *name, struct value value)
{
    object->object.members[object->object.count++] = (struct member){slice_of(name), value};
}

/* Members are added in the order of their names. */
static bool series_value(const struct recording_series *series, struct value *out,
                         struct pool *pool, struct error *err)
{
    if (!value_object(out, COUNT(series_fields), pool, err))
        return false;
    out->object.count = 0;
    add_text(out, "absent", slice_of(absence_names[series->absence]));
    add_text(out, "arm", slice_of(recording_arm_name(series->arm)));
    add_text(out, "companion", series->companion);
    add_value(out, "id", value_integer(series->id));
    add_text(out, "metric", series->metric);
    add_value(out, "period", value_integer(series->period));
    if (series->query)
        add_value(out, "query", *series->query);
    add_text(out, "statistic", series->statistic);
    add_text(out, "target", series->target);
    add_text(out, "unit", series->unit);
    return true;
}

static bool manifest_value(const struct recording *recording, struct value *out, struct pool *pool,
                           struct error *err)
{
    struct value list;
    struct value alarms;
    if (!value_object(out, COUNT(manifest_fields), pool, err) ||
        !recording_alarms_value(recording, &alarms, pool, err) ||
        !value_array(&list, recording->series_count, pool, err))
        return false;
    for (size_t i = 0; i < recording->series_count; i++) {
        if (!series_value(&recording->series[i], &list.array.items[i], pool, err))
            return false;
    }
    out->object.count = 0;
    if (recording->alarm_count > 0)
        add_value(out, "alarms", alarms);
    add_text(out, "format", slice_of("tidelock-recording"));
    add_text(out, "note", recording->note);
    add_value(out, "series", list);
    add_text(out, "source", recording->source);
    add_value(out, "version", value_integer(1));
    return true;
}

bool recording_manifest_write(const struct recording *recording, struct buffer *buffer,
                              struct error *err)
{
    struct pool pool;
    pool_init(&pool, 16 << 20);
    struct value manifest;
    bool ok = manifest_value(recording, &manifest, &pool, err) &&
              value_write(&manifest, buffer, err) && buffer_append_text(buffer, "\n", err);
    pool_clear(&pool);
    return ok;
}
