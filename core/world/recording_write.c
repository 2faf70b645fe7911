/* Recordings, written. */
#include "world/recording.h"
#include "world/recording_manifest.h"

#include <math.h>

static bool write_number(double number, struct buffer *buffer, struct error *err)
{
    bool whole = fabs(number) <= RECORDING_COUNT_MAX && floor(number) == number;
    return whole ? value_write_integer((int64_t)number, buffer, err)
                 : value_write_float(number, buffer, err);
}

static bool write_reading(const struct recording_series *series, size_t i, struct buffer *buffer,
                          struct error *err)
{
    enum recording_word word = recording_word(series, i);
    if (word == RECORDING_NUMBER)
        return write_number(series->values[i], buffer, err);
    return buffer_append_format(buffer, err, "\"%s\"", recording_word_name(word));
}

static bool write_point(const struct recording_series *series, size_t i, struct buffer *buffer,
                        struct error *err)
{
    int64_t at = series->first + (int64_t)series->slots[i] * series->period;
    bool seen = series->seen && series->seen[i] != at + series->period;
    if (!buffer_append_format(buffer, err, "{\"s\":%lld,", (long long)series->id) ||
        (seen &&
         !buffer_append_format(buffer, err, "\"seen\":%lld,", (long long)series->seen[i])) ||
        !buffer_append_format(buffer, err, "\"t\":%lld,\"v\":", (long long)at))
        return false;
    return write_reading(series, i, buffer, err) && buffer_append_text(buffer, "}\n", err);
}

/* The series whose next point comes first; among equal times the first in the list. */
static const struct recording_series *earliest(const struct recording *recording,
                                               const size_t *written)
{
    const struct recording_series *first = NULL;
    int64_t first_at = 0;
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (written[i] == series->point_count)
            continue;
        int64_t at = series->first + (int64_t)series->slots[written[i]] * series->period;
        if (!first || at < first_at) {
            first = series;
            first_at = at;
        }
    }
    return first;
}

bool recording_write(const struct recording *recording, struct buffer *buffer, struct error *err)
{
    size_t written[RECORDING_SERIES_MAX] = {0};
    if (!recording_manifest_write(recording, buffer, err))
        return false;
    for (;;) {
        const struct recording_series *series = earliest(recording, written);
        if (!series)
            return true;
        if (!write_point(series, written[series - recording->series]++, buffer, err))
            return false;
    }
}
