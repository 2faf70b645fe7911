/* Judges: what compares canary with baseline, or holds one arm against a limit, period by period.
 * This page is the shape all of them have. Each is one file, judge_NAME.c, with its struct
 * judge_ops, and one row of JUDGES below: panel, journal and reports ask nobody which it is.
 * Pure functions over plain numbers: a judge allocates nothing and knows no clock. What they
 * compute, why it may be trusted and where the formulas come from: docs/statistics.md. */
#pragma once

#include "judge/alarm.h"

/* --- what a judge finds ----------------------------------------------------------------------- */

#define VERDICTS(X)                                                                                \
    X(UNDECIDED, "undecided")                                                                      \
    X(SAFE, "safe")                                                                                \
    X(HARM, "harm")                                                                                \
    X(NO_DATA, "no data")                                                                          \
    X(PROVIDER_ERROR, "provider error")

enum verdict {
#define X(name, text) VERDICT_##name,
    VERDICTS(X)
#undef X
};

const char *verdict_name(enum verdict verdict);

/* --- what a judge is given -------------------------------------------------------------------- */

enum reading_status {
    READING_VALUE,
    READING_NO_DATA,        /* the source answered: nothing there */
    READING_PROVIDER_ERROR, /* the source did not answer */
};

/* One metric of one arm in one period. A judge takes it for no evidence unless it is a value. */
struct reading {
    enum reading_status status;
    double value; /* a count for a whole period, or what the metric is in: milliseconds, percent */
};

enum { JUDGE_READINGS_MAX = 32, JUDGE_ALARMS_MAX = 32 };

/* The metrics that the judges of a panel ask for, each once. Names are borrowed. */
struct judge_metrics {
    struct slice names[JUDGE_READINGS_MAX];
    size_t count;
    size_t traffic; /* the one that counts requests: what the first judge that divides divides by;
                       else the first of all */
    bool has_traffic;
    bool counted[JUDGE_READINGS_MAX]; /* a count: where an arm has requests, it has one of these */
    double dispersion; /* of requests that err together, and of how they are split; the widest that
                          any judge was told, 1 or more */
    struct slice alarms[JUDGE_ALARMS_MAX]; /* that its judges heed, each once */
    size_t alarm_count;
};

/* None yet. */
void judge_metrics_clear(struct judge_metrics *metrics);

/* Asks for the metric that this field of a judge names; *index is where its readings will stand.
 * ERROR_INVALID if it names none, or if there are too many already. */
bool judge_metrics_add(struct judge_metrics *metrics, const struct value *from, const char *field,
                       size_t *index, struct error *err);
/* The same by its name, which outlives the metrics. */
bool judge_metrics_ask(struct judge_metrics *metrics, struct slice name, size_t *index,
                       struct error *err);
/* Says that it counts requests; the first one that says so is believed. */
void judge_metrics_traffic(struct judge_metrics *metrics, size_t index);
/* Says that it is a count, which is missing where it is not there while requests are. */
void judge_metrics_count(struct judge_metrics *metrics, size_t index);

/* Asks for an alarm by its name or ARN; *index is where its state will stand. */
bool judge_metrics_alarm(struct judge_metrics *metrics, struct slice name, size_t *index,
                         struct error *err);

/* --- what a judge says ------------------------------------------------------------------------ */

enum { JUDGE_NUMBERS_MAX = 20, JUDGE_LINES_MAX = 4, JUDGE_LINE_SIZE = 240 };

/* A sentence for people, in lines as a narrow page breaks it. */
struct judge_words {
    char lines[JUDGE_LINES_MAX][JUDGE_LINE_SIZE];
    size_t count;
};

/* One more line; what is too long ends in "..." after a whole character. */
void judge_say(struct judge_words *words, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* --- a judge ---------------------------------------------------------------------------------- */

struct judge_ops {
    const char *name; /* "ratio": what policies write after "judge." */
    size_t size;      /* of its state, `self` below: memory that is aligned for any type */
    bool compares; /* canary with baseline, and may find it safe; false: it limits one arm, and its
                      silence is no doubt */
    bool always; /* it is given every period, those too in which traffic was shifted or a canary was
                    to settle in: it knows a limit, whatever the shares are */
    /* Makes it of a plain value such as {"judge":"ratio","alpha":0.01}, which outlives it, and asks
     * for its metrics. Nothing of `self` is set before. ERROR_INVALID names the field and what it
     * may be. */
    bool (*init)(void *self, const struct value *from, struct judge_metrics *metrics,
                 struct error *err);
    /* A new watch begins: the canary's share has changed. NULL: that is nothing to this judge. */
    void (*restart)(void *self);
    /* Asked after every restart: whether nobody reads `numbers` until the next one, so that only
     * the verdict, and what is said of harm, have to be right. NULL: it spares this judge nothing.
     */
    void (*unread)(void *self, bool unread);
    /* One period. Readings stand at the indexes that judge_metrics_add gave. NULL: it looks at
     * none. */
    void (*observe)(void *self, const struct reading *canary, const struct reading *baseline);
    /* What alarms say at this look, at the indexes that judge_metrics_alarm gave. A look is not
     * gone through again, as periods are. NULL: it heeds none. */
    void (*heed)(void *self, const struct alarm *alarms, int64_t now);
    /* How long an alarm may be in ALARM before that is harm, ms. NULL: it heeds none. */
    int64_t (*lasting)(const void *self);
    /* HARM, SAFE or UNDECIDED, from all that was observed; asked after every period. */
    enum verdict (*verdict)(const void *self);
    /* All that the verdict rests on, for the journal: at most JUDGE_NUMBERS_MAX finite numbers.
     * Returns how many. */
    size_t (*numbers)(const void *self, struct member *numbers);
    /* The smallest rise of the old version's rate, as a multiple of it, that it would have found in
     * four of five cases in this watch, up to now; POWER_NONE: none at all (judge_power.h). NULL:
     * it compares nothing, or cannot tell. */
    double (*sees)(const void *self);
    bool sees_slower; /* what it would have seen is how much longer requests take, not how many more
                         of them fail */
    /* What it takes for harm, after "harm at ". */
    void (*harm_at)(const void *self, struct judge_words *words);
    /* What it has seen. `nothing` is what to say of an arm without requests: "no requests". */
    void (*says)(const void *self, const char *nothing, struct judge_words *words);
};

/* All there are, X(NAME): a row makes the name known, and is what the tests go through. */
#define JUDGES(X)                                                                                  \
    X(alarm)                                                                                       \
    X(before)                                                                                      \
    X(latency)                                                                                     \
    X(percentile)                                                                                  \
    X(ratio)                                                                                       \
    X(threshold)

#define X(name) extern const struct judge_ops judge_##name##_ops;
JUDGES(X)
#undef X

const struct judge_ops *judge_at(size_t index); /* NULL at the end */
/* ERROR_INVALID names those there are. */
const struct judge_ops *judge_find(struct slice name, struct error *err);
