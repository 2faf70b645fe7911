/* A recording in memory: the names of its arms and words, and the point of a period. */
#include "world/recording.h"

#include <stdlib.h>

const char *recording_arm_name(enum recording_arm arm)
{
    static const char *const names[] = {
#define X(name, text) [RECORDING_##name] = text,
        RECORDING_ARMS(X)
#undef X
    };
    return names[arm];
}

bool recording_arm_parse(enum recording_arm *arm, struct slice text)
{
#define X(name, known)                                                                             \
    if (slice_is(text, known)) {                                                                   \
        *arm = RECORDING_##name;                                                                   \
        return true;                                                                               \
    }
    RECORDING_ARMS(X)
#undef X
    return false;
}

static const char *const word_names[] = {
#define X(name, text) [RECORDING_##name] = text,
    RECORDING_WORDS(X)
#undef X
};

const char *recording_word_name(enum recording_word word)
{
    return word_names[word];
}

bool recording_word_parse(enum recording_word *word, struct slice text)
{
    for (size_t i = 0; i < sizeof word_names / sizeof *word_names; i++) {
        if (slice_is(text, word_names[i])) {
            *word = (enum recording_word)i;
            return true;
        }
    }
    return false;
}

const struct recording_series *recording_series_by_id(const struct recording *recording, int64_t id)
{
    return id >= 1 && (uint64_t)id <= recording->series_count ? &recording->series[id - 1] : NULL;
}

void recording_free(struct recording *recording)
{
    if (!recording)
        return;
    for (size_t i = 0; i < recording->series_count; i++) {
        free(recording->series[i].slots);
        free(recording->series[i].values);
        free(recording->series[i].seen);
        free(recording->series[i].words);
    }
    free(recording->series);
    pool_clear(&recording->pool);
    free(recording);
}

/* The first point in `slot`; without gaps and revisions it is where the slot's number says. */
static size_t find_slot(const struct recording_series *series, uint32_t slot)
{
    size_t count = series->point_count;
    if (slot < count && series->slots[slot] == slot &&
        (slot == 0 || series->slots[slot - 1] < slot))
        return slot;
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->slots[middle] < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low < count && series->slots[low] == slot ? low : count;
}

/* The slot of the period that starts at `at`; false if none does. Most recordings are shorter than
 * 2^32 ms, and processors divide such numbers several times as fast. */
static bool slot_of(const struct recording_series *series, int64_t at, uint32_t *slot)
{
    int64_t since = at - series->first;
    if (since < 0)
        return false;
    if ((since | series->period) <= UINT32_MAX) {
        uint32_t period = (uint32_t)series->period;
        *slot = (uint32_t)since / period;
        return (uint32_t)since % period == 0;
    }
    int64_t whole = since / series->period;
    *slot = (uint32_t)whole;
    return since % series->period == 0 && whole <= UINT32_MAX;
}

enum recording_found recording_find(const struct recording_series *series, int64_t at, int64_t now,
                                    double *value, int64_t *seen)
{
    uint32_t slot;
    if (series->point_count == 0 || !slot_of(series, at, &slot))
        return RECORDING_ABSENT;
    size_t i = find_slot(series, slot);
    if (i == series->point_count)
        return RECORDING_ABSENT;
    *seen = series->seen ? series->seen[i] : at + series->period;
    if (*seen > now)
        return RECORDING_UNSEEN;
    while (series->seen && i + 1 < series->point_count && series->slots[i + 1] == slot &&
           series->seen[i + 1] <= now)
        i++;
    static const enum recording_found found[] = {
        [RECORDING_NUMBER] = RECORDING_PRESENT,
        [RECORDING_NO_DATA] = RECORDING_NOTHING,
        [RECORDING_PROVIDER_ERROR] = RECORDING_UNANSWERED,
    };
    *value = series->values[i];
    return found[recording_word(series, i)];
}

bool recording_plain(const struct recording_series *series, int64_t at, int64_t now, size_t *i)
{
    uint32_t slot;
    if (series->seen || series->words || at + series->period > now || series->point_count == 0 ||
        !slot_of(series, at, &slot))
        return false;
    *i = find_slot(series, slot);
    return *i < series->point_count;
}

bool recording_beside(const struct recording_series *series, const struct recording_series *with,
                      size_t i, double *value)
{
    if (series->seen || series->words || series->first != with->first || i >= series->point_count ||
        series->slots[i] != with->slots[i])
        return false;
    *value = series->values[i];
    return true;
}
