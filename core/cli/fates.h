/* What may become of a call to AWS, or of a metric that is asked for, when a test says so: the one
 * table that the outage test and the faults of `test` take them from. */
#pragma once

#include "base/bytes.h"

#include <stdbool.h>
#include <stdint.h>

/* X(NAME, what a test calls it, of AWS in a sentence) */
#define FATES(X)                                                                                   \
    X(UNREACHED, "unreachable", "cannot be reached")                                               \
    X(FAULT, "broken", "answers 500")                                                              \
    X(THROTTLED, "throttled", "throttles")                                                         \
    X(EXPIRED, "credentials expired", "wants other credentials")                                   \
    X(LOST, "connection lost", "does what it is asked, and its answers are lost")                  \
    X(SLOW, "effect late", "does what it is asked, later than it is waited for")                   \
    X(UNHEARD, "answer lost", "has done what it is asked, and its answer is lost")                 \
    X(UNSENT, "request lost", "is never reached by what it is asked, and nobody is told")          \
    X(REFUSED, "refused", "refuses what it is asked")                                              \
    X(LATE, "answer late", "does what it is asked, and answers late")

enum fate {
#define X(name, text, sentence) FATE_##name,
    FATES(X)
#undef X
        FATE_COUNT
};

/* Those of an AWS that is away for a while come first. */
enum { FATE_OUTAGES = FATE_SLOW + 1 };

const char *fate_name(enum fate fate);
const char *fate_sentence(enum fate fate);
bool fate_parse(enum fate *fate, struct slice name); /* false: no such fate */

/* How the client of AWS tells the engine (lua/aws/client/outcome.lua). A change whose answer says
 * nothing for certain may have been made; a read never was. */
struct fate_of_call {
    const char *code;     /* NULL: it is answered as it deserves */
    bool certain;         /* refused, also if it is a change */
    int64_t answer_after; /* ms */
    int64_t effect_after; /* ms; -1: it has none */
};

const struct fate_of_call *fate_of_call(enum fate fate);

/* X(NAME, what a test calls it) */
#define METRIC_FATES(X)                                                                            \
    X(MISSING, "metrics missing")   /* the source answers, and has nothing */                      \
    X(NAN, "metrics NaN")           /* the source answers with what is no number */                \
    X(LATE, "metrics late")         /* the source has them later */                                \
    X(DOWN, "metric provider down") /* the source does not answer */                               \
    X(ALARMS, "alarms unanswered")  /* nobody says what they are in */

enum metric_fate {
#define X(name, text) METRIC_##name,
    METRIC_FATES(X)
#undef X
        METRIC_FATE_COUNT
};

const char *metric_fate_name(enum metric_fate fate);
bool metric_fate_parse(enum metric_fate *fate, struct slice name);
