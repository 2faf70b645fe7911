/* What was heard of both arms, period by period. */
#include "engine/hearing.h"

#include "base/math.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct hearing_limits hearing_limits_default = {3, 4, 10, 2};

static const struct silence none = {0, 0, 0};

void hearing_clear(struct hearing *hearing)
{
    memset(hearing, 0, sizeof *hearing);
    hearing->limits = hearing_limits_default;
    hearing->ended = -1;
}

bool hearing_set_limits(struct hearing *hearing, const struct value *limits, struct error *err)
{
    struct hearing_limits *set = &hearing->limits;
    const struct hearing_limits *usual = &hearing_limits_default;
    set->no_data = value_get_integer(limits, "no_data", usual->no_data);
    set->provider_error = value_get_integer(limits, "provider_error", usual->provider_error);
    set->min_expected = value_get_number(limits, "min_expected", usual->min_expected);
    set->share = value_get_number(limits, "share", usual->share);
    if (set->no_data < 1 || set->provider_error < 1)
        return error_set(err, ERROR_INVALID,
                         "limits.no_data and limits.provider_error must be at least 1");
    if (!(set->min_expected >= 0))
        return error_set(err, ERROR_INVALID, "limits.min_expected must not be negative");
    if (!(set->share > 1 && set->share <= 1e6))
        return error_set(err, ERROR_INVALID, "limits.share must be a factor above 1");
    return true;
}

void hearing_leave_out(struct hearing *hearing, const struct hearing_gap *gap)
{
    memmove(hearing->gaps + 1, hearing->gaps, (HEARING_GAPS - 1) * sizeof *gap);
    hearing->gaps[0] = *gap;
}

static bool overlaps(int64_t at, int64_t period, int64_t from, int64_t until)
{
    return from < at + period && at < until;
}

enum left_out hearing_left_out(const struct hearing *hearing, int64_t at, int64_t period)
{
    enum left_out why = LEFT_OUT_NOT;
    for (int i = 0; i < HEARING_GAPS; i++) {
        const struct hearing_gap *gap = &hearing->gaps[i];
        int64_t next = gap->answered + period;
        int64_t shifted = gap->shifted < next ? gap->shifted : next;
        if (overlaps(at, period, gap->from, shifted))
            return LEFT_OUT_SHIFT;
        if (gap->settled > gap->shifted && overlaps(at, period, shifted, gap->settled))
            why = LEFT_OUT_SETTLE_IN;
    }
    return why;
}

void hearing_begin(struct hearing *hearing, int64_t now, double share, double dispersion)
{
    hearing->began = now;
    hearing->share_before = hearing->share;
    hearing->share = share;
    hearing->own = hearing->seen = 0;
    hearing->newest[ARM_CANARY] = hearing->newest[ARM_BASELINE] = 0;
    share_test_begin(&hearing->split, share / 100, hearing->limits.share, dispersion);
}

void hearing_forget(struct hearing *hearing)
{
    hearing->unanswered = 0;
    hearing->arms[ARM_CANARY] = hearing->arms[ARM_BASELINE] = none;
    hearing->both = hearing->missing = none;
}

void hearing_end(struct hearing *hearing, int64_t now)
{
    hearing->ended = now;
}

static bool has_value(const struct reading *reading)
{
    return reading->status == READING_VALUE;
}

static bool any_unanswered(const struct judge_metrics *metrics, const struct sample *sample)
{
    for (size_t i = 0; i < metrics->count; i++) {
        if (sample->canary[i].status == READING_PROVIDER_ERROR ||
            sample->baseline[i].status == READING_PROVIDER_ERROR)
            return true;
    }
    return false;
}

static double requests_in(const struct reading *reading)
{
    return has_value(reading) && reading->value > 0 ? reading->value : 0;
}

/* What the arms had at least of a period's traffic, 0 to 1. A period that began in the time of the
 * watch before had that one's share, or a part of it in the period in which traffic was shifted.
 * False: nobody knows. */
static bool least_shares(const struct hearing *hearing, int64_t at, double least[ARMS])
{
    double low = hearing->share;
    double high = hearing->share;
    if (at < hearing->began && at >= hearing->ended)
        return false;
    if (at < hearing->began) {
        low = hearing->share_before < low ? hearing->share_before : low;
        high = hearing->share_before > high ? hearing->share_before : high;
    }
    least[ARM_CANARY] = low / 100;
    least[ARM_BASELINE] = 1 - high / 100;
    return true;
}

static void note(struct silence *silence, double expected, double surprise)
{
    silence->periods++;
    silence->expected += expected;
    silence->surprise += surprise;
}

/* Silence of an arm is a signal of its own, but only where it ought to have been heard: at one per
 * cent of a quiet service a minute without requests is nothing unusual. Returns whether the period
 * by itself is so unusual that it passes for none. */
static bool note_arm(struct hearing *hearing, enum arm arm, const double requests[ARMS],
                     double least)
{
    static const double nearly_none = 1e-9;
    struct silence *silence = &hearing->arms[arm];
    double other = requests[!arm];
    if (requests[arm] > 0 || least <= 0) {
        *silence = none;
        return false;
    }
    if (other <= 0)
        return false;
    double rest = 1 - least > nearly_none ? 1 - least : nearly_none;
    double surprise = -other * math_log(rest);
    note(silence, least < 1 ? other * least / rest : other, surprise);
    return surprise >= hearing->limits.min_expected;
}

/* A minute without any traffic is nothing unusual either where there is little of it. */
static void note_both(struct hearing *hearing, double requests)
{
    double usual = hearing->periods > 0 ? hearing->requests / (double)hearing->periods : 0;
    if (requests > 0)
        hearing->both = none;
    else
        note(&hearing->both, usual, usual);
}

/* Whether each arm that has requests has the counts as well. */
static bool is_whole(const struct judge_metrics *metrics, const struct sample *sample,
                     const double requests[ARMS], size_t *metric, enum arm *arm)
{
    const struct reading *of[ARMS] = {sample->canary, sample->baseline};
    for (size_t i = 0; i < metrics->count; i++) {
        for (int a = 0; a < ARMS; a++) {
            if (!metrics->counted[i] || requests[a] <= 0 || has_value(&of[a][i]))
                continue;
            *metric = i;
            *arm = (enum arm)a;
            return false;
        }
    }
    return true;
}

static bool note_missing(struct hearing *hearing, const struct judge_metrics *metrics,
                         const struct sample *sample, const double requests[ARMS])
{
    double sum = requests[ARM_CANARY] + requests[ARM_BASELINE];
    if (sum <= 0)
        return false;
    if (is_whole(metrics, sample, requests, &hearing->missing_metric, &hearing->missing_arm)) {
        hearing->missing = none;
        return false;
    }
    note(&hearing->missing, requests[hearing->missing_arm], 0);
    return true;
}

/* The watch's own periods speak of its share. What began before it did proves no traffic now. */
static void note_own(struct hearing *hearing, const double requests[ARMS], bool passes)
{
    hearing->own++;
    hearing->seen += passes;
    memcpy(hearing->newest, requests, sizeof hearing->newest);
    share_test_observe(&hearing->split, requests[ARM_CANARY], requests[ARM_BASELINE]);
}

bool hearing_observe(struct hearing *hearing, const struct judge_metrics *metrics,
                     const struct sample *sample)
{
    double least[ARMS];
    if (any_unanswered(metrics, sample)) {
        hearing->unanswered++;
        return false;
    }
    hearing->unanswered = 0;
    const double requests[ARMS] = {requests_in(&sample->canary[metrics->traffic]),
                                   requests_in(&sample->baseline[metrics->traffic])};
    double sum = requests[ARM_CANARY] + requests[ARM_BASELINE];
    enum left_out left_out = hearing_left_out(hearing, sample->at, sample->period);
    bool missing = note_missing(hearing, metrics, sample, requests);
    bool passes = sum > 0 && !missing && left_out == LEFT_OUT_NOT;
    if (least_shares(hearing, sample->at, least)) {
        for (int arm = 0; arm < ARMS; arm++)
            passes = !note_arm(hearing, (enum arm)arm, requests, least[arm]) && passes;
        note_both(hearing, sum);
    }
    hearing->periods++;
    hearing->requests += sum;
    if (sample->at >= hearing->began && left_out != LEFT_OUT_SHIFT)
        note_own(hearing, requests, passes);
    return true;
}

static bool is_silent(const struct hearing *hearing, const struct silence *silence)
{
    return silence->periods >= hearing->limits.no_data &&
           silence->surprise >= hearing->limits.min_expected;
}

/* Where no traffic was ever seen, there is nothing to expect. */
static bool both_are_silent(const struct hearing *hearing)
{
    return hearing->both.periods >= hearing->limits.no_data &&
           (hearing->requests <= 0 || is_silent(hearing, &hearing->both));
}

static bool is_missing(const struct hearing *hearing)
{
    return hearing->missing.periods >= hearing->limits.no_data;
}

/* What would come about by chance once in twenty times is the beginning of it. */
static bool is_begun(const struct hearing *hearing, const struct silence *silence)
{
    static const double one_in_twenty = 3;
    double least = hearing->limits.min_expected;
    return silence->periods > 0 &&
           silence->surprise >= (least < one_in_twenty ? least : one_in_twenty);
}

static bool is_refuted(const struct hearing *hearing, bool over)
{
    return (over || hearing->own >= hearing->limits.no_data) && share_test_refuted(&hearing->split);
}

enum verdict hearing_verdict(const struct hearing *hearing, bool over)
{
    if (hearing->unanswered >= hearing->limits.provider_error)
        return VERDICT_PROVIDER_ERROR;
    bool unheard = both_are_silent(hearing) || is_silent(hearing, &hearing->arms[ARM_CANARY]) ||
                   is_silent(hearing, &hearing->arms[ARM_BASELINE]) || is_missing(hearing) ||
                   is_refuted(hearing, over);
    return unheard ? VERDICT_NO_DATA : VERDICT_UNDECIDED;
}

static const char *const arm_names[ARMS] = {"canary", "baseline"};

/* Each says its part of why: `firmly` where it is reason enough, otherwise also where it is the
 * beginning of one, for a watch that is out of time. */
struct complaint {
    const struct hearing *hearing;
    const struct judge_metrics *metrics;
    bool firmly;
    char *text;
    size_t size;
};

enum { PERIODS_SIZE = 32 };

static const char *write_periods(char room[PERIODS_SIZE], int64_t periods)
{
    snprintf(room, PERIODS_SIZE, "%" PRId64 " period%s", periods, periods == 1 ? "" : "s");
    return room;
}

static bool explain_arm(const struct complaint *to, enum arm arm)
{
    const struct silence *silence = &to->hearing->arms[arm];
    char room[PERIODS_SIZE];
    if (!(to->firmly ? is_silent : is_begun)(to->hearing, silence))
        return false;
    snprintf(to->text, to->size,
             "the %s was silent while the %s was not for %s: about %.0f requests were expected",
             arm_names[arm], arm_names[!arm], write_periods(room, silence->periods),
             silence->expected);
    return true;
}

static bool explain_missing(const struct complaint *to)
{
    const struct silence *missing = &to->hearing->missing;
    struct slice name = to->metrics->names[to->hearing->missing_metric];
    char room[PERIODS_SIZE];
    if (missing->periods < (to->firmly ? to->hearing->limits.no_data : 1))
        return false;
    snprintf(to->text, to->size,
             "there were no \"%.*s\" of the %s for %s in which it had %.0f requests",
             (int)name.size, name.data, arm_names[to->hearing->missing_arm],
             write_periods(room, missing->periods), missing->expected);
    return true;
}

static bool explain_split(const struct complaint *to)
{
    const struct share_test *split = &to->hearing->split;
    if (!share_test_refuted(split))
        return false;
    double all = split->canary + split->baseline;
    snprintf(to->text, to->size,
             "the canary got %.0f of %.0f requests (%.3g %%) where it should have %.3g %% of them",
             split->canary, all, 100 * split->canary / all, to->hearing->share);
    return true;
}

static bool explain_both(const struct complaint *to)
{
    const struct silence *both = &to->hearing->both;
    char room[PERIODS_SIZE];
    if (both->periods < (to->firmly ? to->hearing->limits.no_data : 1))
        return false;
    snprintf(to->text, to->size, "no requests were seen in either arm for %s",
             write_periods(room, both->periods));
    return true;
}

static bool explain(const struct complaint *to)
{
    return explain_arm(to, ARM_CANARY) || explain_arm(to, ARM_BASELINE) || explain_missing(to) ||
           explain_split(to) || explain_both(to);
}

bool hearing_explain(const struct hearing *hearing, const struct judge_metrics *metrics, char *text,
                     size_t size)
{
    struct complaint firm = {hearing, metrics, true, text, size};
    struct complaint any = {hearing, metrics, false, text, size};
    return explain(&firm) || explain(&any);
}

static bool explain_newest(const struct complaint *to)
{
    const struct hearing *hearing = to->hearing;
    double canary = hearing->newest[ARM_CANARY];
    double all = canary + hearing->newest[ARM_BASELINE];
    if (!share_test_refuted_by(&hearing->split, canary, all - canary))
        return false;
    snprintf(to->text, to->size,
             "the canary got %.0f of %.0f requests in the last period, where it should have "
             "%.3g %% of them",
             canary, all, hearing->share);
    return true;
}

static bool explain_unanswered(const struct complaint *to)
{
    char room[PERIODS_SIZE];
    if (to->hearing->unanswered == 0)
        return false;
    snprintf(to->text, to->size, "the metric provider has not answered for %s",
             write_periods(room, to->hearing->unanswered));
    return true;
}

bool hearing_doubts(const struct hearing *hearing, const struct judge_metrics *metrics, char *text,
                    size_t size)
{
    struct complaint to = {hearing, metrics, false, text, size};
    const struct silence *both = &hearing->both;
    bool neither = both->periods > 0 && (hearing->requests <= 0 || is_begun(hearing, both));
    return explain_unanswered(&to) || explain_arm(&to, ARM_CANARY) ||
           explain_arm(&to, ARM_BASELINE) || explain_missing(&to) ||
           (neither && explain_both(&to)) || explain_newest(&to);
}
