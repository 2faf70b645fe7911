/* Recordings: metrics of the past in a file, NDJSON (docs/recordings.md). One line says what the
 * series are, then one line per point, ordered by time. They are read once into plain arrays
 * (world/recording_read.h); nothing refers to the text afterwards. Times and periods are
 * milliseconds. */
#pragma once

#include "base/digest.h"
#include "judge/alarm.h"

/* Counts are whole, and whole numbers are exact up to here. */
#define RECORDING_COUNT_MAX 9007199254740992.0 /* 2^53 */

enum {
    RECORDING_SERIES_MAX = 256,
    RECORDING_ALARMS_MAX = 64,
    RECORDING_POINTS_MAX = 10000000,
    RECORDING_MANIFEST_MAX = 1 << 20, /* bytes of the first line */
    RECORDING_LINE_MAX = 512,         /* bytes of any other line */
};

/* Which share of the traffic a series was measured on: all of it, or one arm. */
#define RECORDING_ARMS(X)                                                                          \
    X(SERVICE, "service")                                                                          \
    X(BASELINE, "baseline")                                                                        \
    X(CANARY, "canary")

enum recording_arm {
#define X(name, text) RECORDING_##name,
    RECORDING_ARMS(X)
#undef X
};

const char *recording_arm_name(enum recording_arm arm);
bool recording_arm_parse(enum recording_arm *arm, struct slice text);

/* What a point says: a number, or why there is none. */
#define RECORDING_WORDS(X)                                                                         \
    X(NUMBER, "a number")                                                                          \
    X(NO_DATA, "no data")               /* the source answered: nothing there */                   \
    X(PROVIDER_ERROR, "provider error") /* it did not answer */

enum recording_word {
#define X(name, text) RECORDING_##name,
    RECORDING_WORDS(X)
#undef X
};

const char *recording_word_name(enum recording_word word);
bool recording_word_parse(enum recording_word *word, struct slice text);

/* What it means where a count has no point though its companion has one. */
#define RECORDING_ABSENCES(X)                                                                      \
    X(UNSAID, "")         /* zero, in a series that has points; in one without any, no data */     \
    X(ZERO, "zero")       /* the source reports no zeros */                                        \
    X(NO_DATA, "no data") /* it does */

enum recording_absence {
#define X(name, text) ABSENCE_##name,
    RECORDING_ABSENCES(X)
#undef X
};

struct recording_series {
    int64_t id;
    struct slice metric, statistic;
    struct slice unit, target, companion; /* size 0 where the manifest has none */
    enum recording_arm arm;
    enum recording_absence absence;
    int64_t period;
    const struct value *query; /* NULL where the manifest has none */

    bool count;          /* statistic "sum": numbers >= 0 that add up and can be split */
    double quantile;     /* 0.99 for a metric NAME_p99 of statistic p99; 0 otherwise */
    struct slice family; /* NAME of such a metric, and of a count per threshold (histogram.h) */
    double at_most; /* 250 for a count NAME_within_250ms, INFINITY for its NAME_count; else 0 */
    uint64_t key;   /* names the metric, or the family if there is one, in random streams */
    const struct recording_series *trials;  /* the same arm's and target's companion (counts),
                                               "requests" (percentiles) or NAME_count; or NULL */
    const struct recording_series **within; /* of NAME_count: its thresholds, rising */
    size_t within_count;

    /* The points: point i lies slots[i] periods after `first`. Revisions of one point share a slot
     * and follow one another by the time they were first seen. */
    int64_t first;
    size_t point_count;
    uint32_t *slots;
    double *values;
    int64_t *seen;        /* NULL where no point says when it was first seen */
    bool revised;         /* some point has revisions */
    int64_t lag;          /* how long after its period each point was seen at least */
    unsigned char *words; /* enum recording_word; NULL where all points are numbers */
    size_t capacity;
};

/* What an alarm said from an instant on, until it says something else. */
struct recording_said {
    int64_t at;
    struct alarm alarm;
};

struct recording_alarm {
    struct slice name, target; /* the target's size 0 where it is no target's in particular */
    int64_t settle;            /* how long it takes until the metrics behind it are there */
    struct recording_said *said;
    size_t count;
};

struct recording {
    struct slice source, note;
    struct recording_series *series;
    size_t series_count;
    struct recording_alarm *alarms;
    size_t alarm_count;
    size_t point_count;
    int64_t start, end; /* of the first period; of the last. Both 0 in a recording without points */
    bool targeted;      /* some series belong to one target only */
    char digest[DIGEST_HEX_SIZE + 1]; /* SHA-256 of the text */
    struct pool pool;
};

void recording_free(struct recording *recording);

/* NULL if there is none. */
const struct recording_series *recording_series_by_id(const struct recording *recording,
                                                      int64_t id);

/* What the point `i` of a series says. */
static inline enum recording_word recording_word(const struct recording_series *series, size_t i)
{
    return series->words ? (enum recording_word)series->words[i] : RECORDING_NUMBER;
}

enum recording_found {
    RECORDING_ABSENT,  /* there is no point */
    RECORDING_NOTHING, /* it says "no data" */
    RECORDING_UNSEEN,
    RECORDING_PRESENT,
    RECORDING_UNANSWERED, /* "provider error" */
};

/* The point of the period that starts at `at`, as it was known at `now`: its latest revision first
 * seen by then. RECORDING_UNSEEN: there is one, not seen yet. Where there is a point, *seen says
 * from when on it was known; points that do not say are known from the end of their period. */
enum recording_found recording_find(const struct recording_series *series, int64_t at, int64_t now,
                                    double *value, int64_t *seen);

/* The number of that period and of the series that goes with it, point by point, as most do: no
 * more than looking at the place where `with` has its own. false: recording_find knows more. */
bool recording_beside(const struct recording_series *series, const struct recording_series *with,
                      size_t i, double *value);
/* The only point of the period, in a series of plain numbers all seen when their period had ended;
 * its place. */
bool recording_plain(const struct recording_series *series, int64_t at, int64_t now, size_t *i);

/* Appends the canonical text: reading it gives the same recording, writing that the same bytes. */
bool recording_write(const struct recording *recording, struct buffer *buffer, struct error *err);
