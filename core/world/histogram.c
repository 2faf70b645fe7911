/* Which series of a recording are counts per threshold, and which belong together. */
#include "world/histogram.h"

#include <math.h>
#include <string.h>

/* Digits with an optional fraction, by hand: strtod minds the locale. */
static bool take_decimal(struct slice *text, double *number)
{
    double scale = 1;
    size_t i = 0;
    size_t dot = 0;
    *number = 0;
    for (; i < text->size && i < 24; i++) {
        char c = text->data[i];
        if (c == '.' && !dot && i > 0) {
            dot = i;
        } else if (c >= '0' && c <= '9') {
            *number = *number * 10 + (c - '0');
            scale *= dot ? 10 : 1;
        } else {
            break;
        }
    }
    bool ok = i > 0 && !(dot && dot + 1 == i) && *number > 0;
    *number /= scale;
    *text = (struct slice){text->data + i, text->size - i};
    return ok;
}

static bool take_text(struct slice *text, const char *expected)
{
    size_t size = strlen(expected);
    if (text->size < size || memcmp(text->data, expected, size) != 0)
        return false;
    *text = (struct slice){text->data + size, text->size - size};
    return true;
}

static bool parse_count(struct histogram_name *out, struct slice metric)
{
    static const char tail[] = "_count";
    size_t size = strlen(tail);
    if (metric.size <= size || memcmp(metric.data + metric.size - size, tail, size) != 0)
        return false;
    *out = (struct histogram_name){{metric.data, metric.size - size}, INFINITY, INFINITY};
    return true;
}

static bool parse_within(struct histogram_name *out, struct slice metric)
{
    static const char mark[] = "_within_";
    const char *found = memmem(metric.data, metric.size, mark, strlen(mark));
    if (!found || found == metric.data)
        return false;
    struct slice rest = {found, (size_t)(metric.data + metric.size - found)};
    out->family = (struct slice){metric.data, (size_t)(found - metric.data)};
    if (!take_text(&rest, mark) || !take_decimal(&rest, &out->baseline))
        return false;
    out->canary = out->baseline;
    if (take_text(&rest, "-") && !take_decimal(&rest, &out->canary))
        return false;
    return slice_is(rest, "ms");
}

bool histogram_parse(struct histogram_name *out, struct slice metric)
{
    *out = (struct histogram_name){.family = {0}};
    if (parse_within(out, metric) || parse_count(out, metric))
        return true;
    out->family = (struct slice){0};
    return false;
}

static bool is_of(const struct recording_series *part, const struct recording_series *all)
{
    return part->at_most > 0 && part->at_most < INFINITY && part->arm == all->arm &&
           slice_equal(part->family, all->family) && slice_equal(part->target, all->target);
}

static bool refuse(const struct recording_series *series, const char *why, struct error *err)
{
    return error_set(err, ERROR_INVALID, "series %lld, \"%.*s\": %s", (long long)series->id,
                     (int)series->metric.size, series->metric.data, why);
}

static bool add_part(struct recording_series *all, struct recording_series *part, struct error *err)
{
    size_t k = all->within_count;
    if (k == HISTOGRAM_CUTS_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d thresholds of \"%.*s\"",
                         HISTOGRAM_CUTS_MAX, (int)all->family.size, all->family.data);
    if (part->period != all->period)
        return refuse(part, "its period is not that of the count of all", err);
    if (part->companion.size)
        return refuse(part, "what it is a part of follows from its name: no companion", err);
    for (; k > 0 && all->within[k - 1]->at_most >= part->at_most; k--) {
        if (all->within[k - 1]->at_most <= part->at_most)
            return refuse(part, "there is such a threshold already", err);
        all->within[k] = all->within[k - 1];
    }
    all->within[k] = part;
    all->within_count++;
    part->trials = all;
    return true;
}

/* A series NAME_count without thresholds is a count like any other. */
static bool link_one(struct recording *recording, struct recording_series *all, struct error *err)
{
    all->within = pool_alloc(&recording->pool, HISTOGRAM_CUTS_MAX * sizeof *all->within, err);
    if (!all->within)
        return false;
    for (size_t i = 0; i < recording->series_count; i++) {
        struct recording_series *part = &recording->series[i];
        if (is_of(part, all) && !add_part(all, part, err))
            return false;
    }
    if (all->within_count == 0) {
        all->at_most = 0;
        all->family = (struct slice){0};
    }
    return true;
}

bool histogram_link(struct recording *recording, struct error *err)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        struct recording_series *series = &recording->series[i];
        if (series->at_most == INFINITY && !link_one(recording, series, err))
            return false;
    }
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->at_most > 0 && series->at_most < INFINITY && !series->trials)
            return refuse(
                series, "there is no ..._count of the same arm, target and period beside it", err);
    }
    return true;
}
