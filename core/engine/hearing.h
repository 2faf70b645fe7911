/* Who was heard, which no judge looks at: whether both arms had requests where they should, in the
 * share that was asked for, whether what is counted of them was there, and whether anybody answers
 * at all. Silence is no pass; it is no harm either. */
#pragma once

#include "engine/world.h"
#include "judge/share_test.h"

enum arm { ARM_CANARY, ARM_BASELINE, ARMS };

/* How much of it is borne. */
struct hearing_limits {
    int64_t no_data;        /* periods in a row; 3 */
    int64_t provider_error; /* 4 */
    double min_expected;    /* requests to be expected of an arm before its silence counts; 10 */
    double share;           /* the factor by which an arm's share of the requests may be off; 2 */
};

extern const struct hearing_limits hearing_limits_default;

/* A time whose periods no judge that compares is given, since they say little of how the versions
 * compare: while traffic was shifted, from the change that was sent until it holds everywhere, both
 * arms had a part of each share; and a canary that has just got traffic may be warming up, for as
 * long as the policy says. What errs is a share that moves within a period: where periods are
 * shorter than the change takes to hold, the one in which it was answered and the next are enough.
 */
struct hearing_gap {
    int64_t from;     /* the change was sent */
    int64_t answered; /* both 0: there was none */
    int64_t shifted;  /* it holds everywhere */
    int64_t settled;  /* the canary has settled in */
};

/* Those that late metrics can still fall into. */
enum { HEARING_GAPS = 4 };

/* Why a period is left out. */
enum left_out { LEFT_OUT_NOT, LEFT_OUT_SHIFT, LEFT_OUT_SETTLE_IN };

/* Periods in a row in which something was not there. */
struct silence {
    int64_t periods;
    double expected; /* requests, in these periods */
    double surprise; /* -ln of how likely it is by chance; next to `expected` where that is little
                        beside the other arm's */
};

struct hearing {
    struct hearing_limits limits;
    /* shares of the canary, in percent: of the watch under way, and of the one before it */
    double share, share_before;
    int64_t began, ended;      /* the watch under way; the one before it, -1: there was none */
    int64_t periods;           /* that were answered, of all watches */
    int64_t unanswered;        /* in a row */
    int64_t own, seen;         /* of the watch's own periods: all; those that may be passed on */
    struct silence arms[ARMS]; /* the other one was heard */
    struct silence both;       /* no traffic at all */
    struct silence missing;    /* a count, where there were requests */
    size_t missing_metric;
    enum arm missing_arm;
    double requests; /* of both arms, in all periods */
    struct share_test split;
    double newest[ARMS]; /* requests of the last period that was the watch's own */
    struct hearing_gap gaps[HEARING_GAPS]; /* the latest one first */
};

void hearing_clear(struct hearing *hearing);
/* "limits" of a watch, which may be absent. */
bool hearing_set_limits(struct hearing *hearing, const struct value *limits, struct error *err);
/* Before a watch begins: what is left out of it. */
void hearing_leave_out(struct hearing *hearing, const struct hearing_gap *gap);
/* Whether the judges are not given the period. */
enum left_out hearing_left_out(const struct hearing *hearing, int64_t at, int64_t period);
/* A new watch begins, at this share of the traffic in percent. */
void hearing_begin(struct hearing *hearing, int64_t now, double share, double dispersion);
/* The policy was told of it: what comes next is borne anew. */
void hearing_forget(struct hearing *hearing);
/* It is over. What begins from now on until the next one does was watched by none. */
void hearing_end(struct hearing *hearing, int64_t now);
/* One period. False: it was not answered, and is nothing to judge. */
bool hearing_observe(struct hearing *hearing, const struct judge_metrics *metrics,
                     const struct sample *sample);
/* VERDICT_NO_DATA, VERDICT_PROVIDER_ERROR, or VERDICT_UNDECIDED where there is nothing to object.
 * `over`: the watch's time is, so that it is now or never. */
enum verdict hearing_verdict(const struct hearing *hearing, bool over);
/* Whether the newest periods are the beginning of what would be VERDICT_NO_DATA, and why: a watch
 * that ended with them would pass over it. */
bool hearing_doubts(const struct hearing *hearing, const struct judge_metrics *metrics, char *text,
                    size_t size);
/* Why it is VERDICT_NO_DATA, with the numbers; false where nothing of this is the reason. */
bool hearing_explain(const struct hearing *hearing, const struct judge_metrics *metrics, char *text,
                     size_t size);
