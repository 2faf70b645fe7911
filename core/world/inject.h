/* Regressions put into the canary of a recording, from the command line (docs/recordings.md):
 *
 *     errors*2            errors at twice their rate
 *     errors+0.5%         each request that would have succeeded fails with probability 0.005
 *     latency*1.5         every request takes 1.5 times as long: counts per threshold move, and
 *                         values of latency_p50, latency_p99, ... are times 1.5
 *     latency+200ms       every request takes 200 ms longer
 *     slow+1%             each request is slower than all thresholds with probability 0.01
 *     crash               the canary's metrics vanish
 *     alarm:NAME          this alarm goes to ALARM; it acts on no metric
 *
 * each with an optional @10m (from ten minutes after the start on) and ~5m (rising evenly to its
 * full strength over five minutes; not for crash; an alarm is in ALARM for so long), in this order:
 * errors*2@10m~5m. */
#pragma once

#include "base/bytes.h"

enum { INJECTS_MAX = 16 };

enum inject_kind { INJECT_TIMES, INJECT_PLUS, INJECT_LATER, INJECT_CRASH, INJECT_ALARM };

struct inject {
    enum inject_kind kind;
    struct slice metric; /* a metric, the NAME of NAME_..., or an alarm; borrowed from the text */
    double amount;       /* factor, probability (0.005 for 0.5%), or ms */
    int64_t from, ramp;  /* ms after the start; ms until full strength, or of an alarm how long it
                            lasts, 0: to the end */
};

/* ERROR_INVALID says what was expected. */
bool inject_parse(struct inject *out, struct slice spec, struct error *err);

/* How much of it acts on average between two times after the start: 0 (not yet) to 1 (in full). */
double inject_strength(const struct inject *inject, int64_t from, int64_t to);

/* "errors" means the metric errors and every metric errors_...; a crash means all. */
bool inject_concerns(const struct inject *inject, struct slice metric);

/* Whether an alarm that is called so is in ALARM at a time after the start. */
bool inject_alarms(const struct inject *inject, struct slice alarm, int64_t at);

/* "slow+1%": it acts on whatever has counts per threshold, and on a metric of that name. */
bool inject_slows(const struct inject *inject);
