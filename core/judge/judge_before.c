/* judge.before: harm when the canary's rate is above a limit that follows from what the old version
 * did before, in the hour before the first watch and while it still had traffic since. It is for
 * the time when the old version has none, and there is nothing else to compare with.
 *
 *     {"judge":"before","events":"errors","trials":"requests","alpha":0.01,"tolerance":2,
 *      "min_abs":0.00002,"dispersion":1,"past":{"events":12,"trials":60000,"dispersion":1.4}}
 *
 * The limit is `tolerance` times the highest rate that the past allows for, and `min_abs` above it
 * at least; bets on rates beyond it as in judge.ratio. The dispersion is the wider one of what it
 * is told and what the past showed. docs/statistics.md has the formulas. */
#include "base/math.h"
#include "judge/judge_power.h"
#include "judge/judge_wealth.h"

#include <math.h>
#include <string.h>

enum { POINTS = 12 };

/* Multiples of the limit that are bet on, from the lowest to the highest. */
static const double lowest = 1.15, highest = 20;
/* While the baseline has more of the requests than this, it is what a canary is compared with. */
static const double most_of_them = 0.5;
/* Of the normal distribution: the past's rate is below in 199 of 200 cases. */
static const double surely = 2.5758293035489004;

struct before_judge {
    struct judge_wealth wealth;
    double log_multiple[POINTS], multiple[POINTS];
    struct slice events_name, trials_name;
    size_t events, trials; /* where their readings stand */
    double tolerance, min_abs, dispersion;
    double past_events, past_trials;
    double canary_events, canary_trials; /* of this watch, as far as they were judged */
};

static bool read_range(const struct value *from, const char *name, double usual, double low,
                       double high, double *out, struct error *err)
{
    *out = value_get_number(from, name, usual);
    return (*out >= low && *out <= high) ||
           error_set(err, ERROR_INVALID, "\"%s\" must be from %g to %g, not %g", name, low, high,
                     *out);
}

static bool ask_for_metrics(struct before_judge *judge, const struct value *from,
                            struct judge_metrics *metrics, struct error *err)
{
    judge->events_name = value_get_slice(from, "events", "");
    judge->trials_name = value_get_slice(from, "trials", "");
    if (!judge_metrics_add(metrics, from, "events", &judge->events, err) ||
        !judge_metrics_add(metrics, from, "trials", &judge->trials, err))
        return false;
    judge_metrics_count(metrics, judge->events);
    judge_metrics_count(metrics, judge->trials);
    judge_metrics_traffic(metrics, judge->trials);
    return true;
}

static void fill_grid(struct before_judge *judge)
{
    double low = math_log(lowest);
    double width = math_log(highest) - low;
    for (int i = 0; i < POINTS; i++) {
        judge->log_multiple[i] = low + width * i / (POINTS - 1);
        judge->multiple[i] = math_exp(judge->log_multiple[i]);
    }
}

static bool before_init(void *self, const struct value *from, struct judge_metrics *metrics,
                        struct error *err)
{
    struct before_judge *judge = self;
    const struct value *past = value_get(from, "past");
    double alpha, measured;
    *judge = (struct before_judge){
        .past_events = value_get_number(past, "events", 0),
        .past_trials = value_get_number(past, "trials", 0),
    };
    if (!read_range(from, "alpha", 0.01, 1e-12, 0.5, &alpha, err) ||
        !read_range(from, "tolerance", 2, 1, 1000, &judge->tolerance, err) ||
        !read_range(from, "min_abs", 0.00002, 0, 1, &judge->min_abs, err) ||
        !read_range(from, "dispersion", 1, 1, 1e6, &judge->dispersion, err) ||
        !read_range(past, "dispersion", 1, 1, 1e15, &measured, err) ||
        !ask_for_metrics(judge, from, metrics, err))
        return false;
    judge->dispersion = measured > judge->dispersion ? measured : judge->dispersion;
    fill_grid(judge);
    wealth_init(&judge->wealth, POINTS, alpha, 1);
    return true;
}

static void before_restart(void *self)
{
    struct before_judge *judge = self;
    judge->canary_events = judge->canary_trials = 0;
}

/* The highest rate that so many events in so many trials allow for, and what is tolerated of it. */
static double limit_of(const struct before_judge *judge)
{
    double square = surely * surely;
    double n = judge->past_trials;
    if (n <= 0)
        return 0;
    double most = (judge->past_events + square / 2 +
                   surely * sqrt(judge->past_events + square / 4)) /
                  n;
    double times = judge->tolerance * most;
    return times > most + judge->min_abs ? times : most + judge->min_abs;
}

static void bet(struct before_judge *judge, double events, double trials)
{
    double growth[POINTS];
    double limit = limit_of(judge);
    judge->canary_events += events;
    judge->canary_trials += trials;
    if (limit <= 0 || limit >= 1)
        return;
    for (int i = 0; i < POINTS; i++)
        growth[i] = (events * judge->log_multiple[i] - trials * limit * (judge->multiple[i] - 1)) /
                    judge->dispersion;
    wealth_bet(&judge->wealth, growth);
}

static bool is_count(const struct reading *reading)
{
    return reading->status == READING_VALUE && reading->value >= 0 && reading->value <= 1e15;
}

/* Fewer requests than this are none, so that no rate is beyond all bounds. */
static const double trials_min = 1e-9;

static void before_observe(void *self, const struct reading *canary, const struct reading *baseline)
{
    struct before_judge *judge = self;
    bool of_canary = is_count(&canary[judge->events]) && is_count(&canary[judge->trials]);
    bool of_baseline = is_count(&baseline[judge->events]) && is_count(&baseline[judge->trials]);
    double trials = of_canary ? canary[judge->trials].value : 0;
    double others = of_baseline ? baseline[judge->trials].value : 0;
    if (trials >= trials_min && others <= most_of_them * (trials + others))
        bet(judge, canary[judge->events].value, trials);
    if (others >= trials_min) {
        judge->past_events += baseline[judge->events].value;
        judge->past_trials += others;
    }
}

static enum verdict before_verdict(const void *self)
{
    const struct before_judge *judge = self;
    return wealth_is_harm(&judge->wealth) ? VERDICT_HARM : VERDICT_UNDECIDED;
}

static double before_sees(const void *self)
{
    const struct before_judge *judge = self;
    if (judge->past_trials <= 0)
        return POWER_NONE;
    struct power_trials trials = {judge->canary_trials, judge->past_trials,
                                  power_rate(judge->past_events, judge->past_trials)};
    struct power_test test = {
        .threshold = judge->wealth.threshold,
        .dispersion = judge->dispersion,
        .lowest = lowest,
        .highest = highest,
        .lost = power_lost(POINTS),
    };
    return power_against_limit(&trials, limit_of(judge), &test);
}

static double rate_of(double events, double trials)
{
    return trials > 0 ? events / trials : 0;
}

static size_t before_numbers(const void *self, struct member *numbers)
{
    const struct before_judge *judge = self;
    double rate = rate_of(judge->canary_events, judge->canary_trials);
    const struct member members[] = {
        {slice_of("canary_events"), value_float(judge->canary_events)},
        {slice_of("canary_rate"), value_float(rate)},
        {slice_of("canary_trials"), value_float(judge->canary_trials)},
        {slice_of("limit"), value_float(limit_of(judge))},
        {slice_of("log_e"), value_float(wealth_log_e(&judge->wealth))},
        {slice_of("log_e_max"), value_float(judge->wealth.log_e_max)},
        {slice_of("past_events"), value_float(judge->past_events)},
        {slice_of("past_rate"), value_float(rate_of(judge->past_events, judge->past_trials))},
        {slice_of("past_trials"), value_float(judge->past_trials)},
        {slice_of("threshold"), value_float(judge->wealth.threshold)},
    };
    memcpy(numbers, members, sizeof members);
    return sizeof members / sizeof *members;
}

static void before_harm_at(const void *self, struct judge_words *words)
{
    const struct before_judge *judge = self;
    judge_say(words, "more %.*s per %.*s than %g times what the old version had before",
              (int)judge->events_name.size, judge->events_name.data, (int)judge->trials_name.size,
              judge->trials_name.data, judge->tolerance);
}

static void before_says(const void *self, const char *nothing, struct judge_words *words)
{
    const struct before_judge *judge = self;
    if (judge->past_trials <= 0)
        judge_say(words, "no comparison: nothing is known of the old version before,");
    else
        judge_say(words, "before %.3f %% (%.0f of %.0f),",
                  100 * rate_of(judge->past_events, judge->past_trials), judge->past_events,
                  judge->past_trials);
    if (judge->canary_trials > 0)
        judge_say(words, "canary %.3f %% (%.0f of %.0f), evidence %.2f of %.2f",
                  100 * rate_of(judge->canary_events, judge->canary_trials), judge->canary_events,
                  judge->canary_trials, judge->wealth.log_e_max, judge->wealth.threshold);
    else
        judge_say(words, "canary %s", nothing);
}

const struct judge_ops judge_before_ops = {
    .name = "before",
    .size = sizeof(struct before_judge),
    .compares = false, /* it knows no "safe" */
    .init = before_init,
    .restart = before_restart,
    .observe = before_observe,
    .verdict = before_verdict,
    .numbers = before_numbers,
    .harm_at = before_harm_at,
    .says = before_says,
    .sees = before_sees,
};
