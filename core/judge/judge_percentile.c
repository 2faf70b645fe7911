/* judge.percentile: is a percentile (or another value of a period, such as a mean) of the canary
 * more than 1 + tolerance times the baseline's? A sign test, for sources that have no counts: each
 * period in which both arms had requests enough says slower or not, and how much slower is not
 * asked. Slow and coarse, and immune to requests that come in clumps: docs/statistics.md.
 *
 *     {"judge":"percentile","metric":"latency_p50","trials":"requests","at_least":2.0,
 *      "tolerance":0.1,"half":true,"alpha":0.01,"restarts":5} */
#include "base/math.h"
#include "judge/judge_wealth.h"

#include <string.h>

enum { BETS = 6 };

/* The parts of the wealth that are bet on "slower". */
static const double bets[BETS] = {0.1, 0.2, 0.35, 0.5, 0.7, 0.9};

struct percentile_judge {
    struct judge_wealth wealth;
    double won[BETS], lost[BETS]; /* ln(1 + bet), ln(1 - bet) */
    double tolerance;
    double at_least; /* requests of each arm, for a period to say anything */
    bool half;       /* it says nothing while the canary has more than half of the requests */
    struct slice metric_name;
    size_t metric, trials;
    double canary, baseline; /* of the last period that said something */
    int64_t slower, periods; /* of this watch */
};

static bool check(const struct percentile_judge *judge, double alpha, struct error *err)
{
    if (!(alpha > 0 && alpha < 1))
        return error_set(err, ERROR_INVALID, "\"alpha\" must be above 0 and below 1, not %g",
                         alpha);
    if (!(judge->tolerance >= 0 && judge->tolerance <= 100))
        return error_set(err, ERROR_INVALID, "\"tolerance\" must be from 0 to 100, not %g",
                         judge->tolerance);
    if (!(judge->at_least >= 1 && judge->at_least <= 1e15))
        return error_set(err, ERROR_INVALID, "\"at_least\" must be from 1 to 1e15, not %g",
                         judge->at_least);
    return true;
}

static bool percentile_init(void *self, const struct value *from, struct judge_metrics *metrics,
                            struct error *err)
{
    struct percentile_judge *judge = self;
    double alpha = value_get_number(from, "alpha", 0.01);
    int64_t restarts = value_get_integer(from, "restarts", 0);
    *judge = (struct percentile_judge){
        .tolerance = value_get_number(from, "tolerance", 0.1),
        .at_least = value_get_number(from, "at_least", 1),
        .half = value_get_boolean(from, "half", true),
        .metric_name = value_get_slice(from, "metric", ""),
    };
    if (!check(judge, alpha, err) ||
        !judge_metrics_add(metrics, from, "metric", &judge->metric, err) ||
        !judge_metrics_add(metrics, from, "trials", &judge->trials, err))
        return false;
    judge_metrics_traffic(metrics, judge->trials);
    judge_metrics_count(metrics, judge->trials);
    wealth_init(&judge->wealth, BETS, alpha, restarts > 0 ? (size_t)restarts : 0);
    for (size_t i = 0; i < BETS; i++) {
        judge->won[i] = math_log(1 + bets[i]);
        judge->lost[i] = math_log(1 - bets[i]);
    }
    return true;
}

static void percentile_restart(void *self)
{
    struct percentile_judge *judge = self;
    judge->slower = judge->periods = 0;
    wealth_restart(&judge->wealth);
}

/* Written so that NaN says nothing. */
static bool is_told(const struct percentile_judge *judge, const struct reading *arm)
{
    const struct reading *value = &arm[judge->metric];
    const struct reading *trials = &arm[judge->trials];
    return value->status == READING_VALUE && trials->status == READING_VALUE && value->value >= 0 &&
           value->value <= 1e15 && trials->value >= judge->at_least;
}

static void percentile_observe(void *self, const struct reading *canary,
                               const struct reading *baseline)
{
    struct percentile_judge *judge = self;
    if (!is_told(judge, canary) || !is_told(judge, baseline) ||
        (judge->half && canary[judge->trials].value > baseline[judge->trials].value))
        return;
    judge->canary = canary[judge->metric].value;
    judge->baseline = baseline[judge->metric].value;
    double tolerated = (1 + judge->tolerance) * judge->baseline;
    judge->periods++;
    judge->slower += judge->canary > tolerated;
    if (judge->canary > tolerated)
        wealth_bet(&judge->wealth, judge->won);
    else if (judge->canary < tolerated)
        wealth_bet(&judge->wealth, judge->lost);
}

static enum verdict percentile_verdict(const void *self)
{
    const struct percentile_judge *judge = self;
    return wealth_is_harm(&judge->wealth) ? VERDICT_HARM : VERDICT_UNDECIDED;
}

static size_t percentile_numbers(const void *self, struct member *numbers)
{
    const struct percentile_judge *judge = self;
    const struct member members[] = {
        {slice_of("last_baseline"), value_float(judge->baseline)},
        {slice_of("last_canary"), value_float(judge->canary)},
        {slice_of("log_e"), value_float(wealth_log_e(&judge->wealth))},
        {slice_of("log_e_max"), value_float(judge->wealth.log_e_max)},
        {slice_of("periods"), value_integer(judge->periods)},
        {slice_of("slower"), value_integer(judge->slower)},
        {slice_of("threshold"), value_float(judge->wealth.threshold)},
    };
    memcpy(numbers, members, sizeof members);
    return sizeof members / sizeof *members;
}

static void percentile_harm_at(const void *self, struct judge_words *words)
{
    const struct percentile_judge *judge = self;
    judge_say(words, "%.*s above %.4g times the baseline's, period by period (a sign test)",
              (int)judge->metric_name.size, judge->metric_name.data, 1 + judge->tolerance);
}

static void percentile_says(const void *self, const char *nothing, struct judge_words *words)
{
    const struct percentile_judge *judge = self;
    if (judge->periods == 0)
        judge_say(words, "%s,", nothing);
    else
        judge_say(words, "%lld of %lld periods above %.4g times the baseline's,",
                  (long long)judge->slower, (long long)judge->periods, 1 + judge->tolerance);
    judge_say(words, "the last %.4g to %.4g, evidence %.2f of %.2f", judge->canary, judge->baseline,
              judge->wealth.log_e_max, judge->wealth.threshold);
}

const struct judge_ops judge_percentile_ops = {
    .name = "percentile",
    .size = sizeof(struct percentile_judge),
    .compares = false, /* it knows no "safe" */
    .init = percentile_init,
    .restart = percentile_restart,
    .observe = percentile_observe,
    .verdict = percentile_verdict,
    .numbers = percentile_numbers,
    .harm_at = percentile_harm_at,
    .says = percentile_says,
};
