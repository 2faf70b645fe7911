/* judge.ratio: the sequential test of judge_ratio.h as a judge. Its metrics, what it reports, and
 * its words. */
#include "judge/judge_ratio.h"

#include <stdio.h>
#include <string.h>

struct ratio_judge {
    struct judge_ratio test;
    const struct value *metrics; /* [{"events":s,"trials":s,"weight":n}...] */
    size_t events[JUDGE_METRICS_MAX], trials[JUDGE_METRICS_MAX]; /* where their readings stand */
};

static bool ask_for_metrics(struct ratio_judge *judge, struct judge_metrics *metrics,
                            struct error *err)
{
    for (size_t i = 0; i < judge->metrics->array.count; i++) {
        const struct value *metric = &judge->metrics->array.items[i];
        if (!judge_metrics_add(metrics, metric, "events", &judge->events[i], err) ||
            !judge_metrics_add(metrics, metric, "trials", &judge->trials[i], err))
            return false;
        judge_metrics_count(metrics, judge->events[i]);
        judge_metrics_count(metrics, judge->trials[i]);
    }
    judge_metrics_traffic(metrics, judge->trials[0]);
    return true;
}

static void tell_dispersion(const struct ratio_judge *judge, struct judge_metrics *metrics)
{
    double told = judge->test.params.dispersion;
    metrics->dispersion = told > metrics->dispersion ? told : metrics->dispersion;
}

static bool ratio_init(void *self, const struct value *from, struct judge_metrics *metrics,
                       struct error *err)
{
    struct ratio_judge *judge = self;
    struct judge_ratio_params params = judge_ratio_default;
    judge->metrics = value_get(from, "metrics");
    bool ok = judge_ratio_read(&params, from, err) && ask_for_metrics(judge, metrics, err) &&
              judge_ratio_init(&judge->test, &params, err);
    if (ok)
        tell_dispersion(judge, metrics);
    return ok;
}

static void ratio_restart(void *self)
{
    judge_ratio_restart(&((struct ratio_judge *)self)->test);
}

static void ratio_unread(void *self, bool unread)
{
    judge_ratio_unread(&((struct ratio_judge *)self)->test, unread);
}

static bool is_value(const struct reading *reading)
{
    return reading->status == READING_VALUE;
}

static void ratio_observe(void *self, const struct reading *canary, const struct reading *baseline)
{
    struct ratio_judge *judge = self;
    struct judge_counts counts[JUDGE_METRICS_MAX];
    for (size_t i = 0; i < judge->test.params.metric_count; i++) {
        size_t events = judge->events[i];
        size_t trials = judge->trials[i];
        counts[i] = (struct judge_counts){
            .canary_events = canary[events].value,
            .canary_trials = canary[trials].value,
            .baseline_events = baseline[events].value,
            .baseline_trials = baseline[trials].value,
            .present = is_value(&canary[events]) && is_value(&canary[trials]) &&
                       is_value(&baseline[events]) && is_value(&baseline[trials]),
        };
    }
    judge_ratio_observe(&judge->test, counts);
}

static enum verdict ratio_verdict(const void *self)
{
    return judge_ratio_verdict(&((const struct ratio_judge *)self)->test);
}

static double ratio_sees(const void *self)
{
    return judge_ratio_sees(&((const struct ratio_judge *)self)->test);
}

static size_t ratio_numbers(const void *self, struct member *numbers)
{
    struct judge_ratio_result result;
    judge_ratio_result(&((const struct ratio_judge *)self)->test, &result);
    const struct member members[] = {
        {slice_of("baseline_events"), value_float(result.baseline_events)},
        {slice_of("baseline_rate"), value_float(result.baseline_rate)},
        {slice_of("baseline_trials"), value_float(result.baseline_trials)},
        {slice_of("canary_events"), value_float(result.canary_events)},
        {slice_of("canary_rate"), value_float(result.canary_rate)},
        {slice_of("canary_trials"), value_float(result.canary_trials)},
        {slice_of("difference"), value_float(result.difference)},
        {slice_of("floor_passed"), value_boolean(result.floor_passed)},
        {slice_of("log_e"), value_float(result.log_e)},
        {slice_of("log_e_max"), value_float(result.log_e_max)},
        {slice_of("metric"), value_integer((int64_t)result.metric)},
        {slice_of("safe_log_e_max"), value_float(result.safe_log_e_max)},
        {slice_of("safe_threshold"), value_float(result.safe_threshold)},
        {slice_of("threshold"), value_float(result.threshold)},
    };
    memcpy(numbers, members, sizeof members);
    return sizeof members / sizeof *members;
}

/* "more errors per requests, slow per requests than 1.25 times the baseline's" */
static void ratio_harm_at(const void *self, struct judge_words *words)
{
    const struct ratio_judge *judge = self;
    char metrics[JUDGE_LINE_SIZE];
    int size = 0;
    for (size_t i = 0; i < judge->metrics->array.count && size < JUDGE_LINE_SIZE; i++) {
        struct slice events = value_get_slice(&judge->metrics->array.items[i], "events", "");
        struct slice trials = value_get_slice(&judge->metrics->array.items[i], "trials", "");
        size += snprintf(metrics + size, (size_t)(JUDGE_LINE_SIZE - size), "%s%.*s per %.*s",
                         i > 0 ? ", " : "", (int)events.size, events.data, (int)trials.size,
                         trials.data);
    }
    if (judge->test.params.psi0 == 1)
        judge_say(words, "more %s than the baseline has", metrics);
    else
        judge_say(words, "more %s than %g times the baseline's", metrics, judge->test.params.psi0);
}

/* "0.900 % (9 of 1000)" */
static void write_rate(char *text, size_t size, double events, double trials, double rate,
                       const char *nothing)
{
    if (trials > 0)
        snprintf(text, size, "%.3f %% (%.0f of %.0f)", 100 * rate, events, trials);
    else
        snprintf(text, size, "%s", nothing);
}

static void ratio_says(const void *self, const char *nothing, struct judge_words *words)
{
    char canary[96];
    char baseline[96];
    struct judge_ratio_result result;
    judge_ratio_result(&((const struct ratio_judge *)self)->test, &result);
    write_rate(canary, sizeof canary, result.canary_events, result.canary_trials,
               result.canary_rate, nothing);
    write_rate(baseline, sizeof baseline, result.baseline_events, result.baseline_trials,
               result.baseline_rate, nothing);
    judge_say(words, "canary %s,", canary);
    judge_say(words, "baseline %s, evidence %.2f of %.2f", baseline, result.log_e_max,
              result.threshold);
}

const struct judge_ops judge_ratio_ops = {
    .name = "ratio",
    .size = sizeof(struct ratio_judge),
    .compares = true,
    .init = ratio_init,
    .restart = ratio_restart,
    .unread = ratio_unread,
    .observe = ratio_observe,
    .verdict = ratio_verdict,
    .numbers = ratio_numbers,
    .harm_at = ratio_harm_at,
    .says = ratio_says,
    .sees = ratio_sees,
};
