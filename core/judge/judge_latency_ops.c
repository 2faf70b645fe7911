/* judge.latency: the bucket-score test of judge_latency.h as a judge.
 *
 *     {"judge":"latency","metric":"latency","tolerance":0.1,"thresholds":[120.0,250.0,900.0],
 *      "learned":[4000.0,2000.0,1500.0,500.0],"alpha":0.01,"dispersion":1.0,"restarts":5}
 *
 * For each threshold it asks for a count that is named after both arms' cuts:
 * "latency_within_120-132ms" is how many requests took the baseline at most 120 ms, and the canary
 * at most 132 ms. "latency_count" is how many there were. */
#include "judge/judge_latency.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 64 };

struct latency_judge {
    struct judge_latency test;
    double tolerance;
    char names[LATENCY_CUTS_MAX][NAME_SIZE + 1], count_name[NAME_SIZE + 1];
    size_t within[LATENCY_CUTS_MAX], count; /* where their readings stand */
};

/* --- made of a plain value -------------------------------------------------------------------- */

static double number_at(const struct value *list, size_t i)
{
    const struct value *item = &list->array.items[i];
    if (item->kind == VALUE_INTEGER)
        return (double)item->integer;
    return item->kind == VALUE_FLOAT ? item->number : NAN;
}

/* `count` numbers, or none of them: what is not there stays as it is. */
static bool read_numbers(double *numbers, const struct value *from, const char *field, size_t count,
                         struct error *err)
{
    const struct value *list = value_get(from, field);
    if (!list)
        return true;
    if (list->kind != VALUE_ARRAY || list->array.count != count)
        return error_set(err, ERROR_INVALID, "\"%s\" must be a list of %zu numbers", field, count);
    for (size_t i = 0; i < count; i++)
        numbers[i] = number_at(list, i);
    return true;
}

static bool read_params(struct latency_judge *judge, struct judge_latency_params *params,
                        const struct value *from, struct error *err)
{
    const struct value *cuts = value_get(from, "thresholds");
    int64_t restarts = value_get_integer(from, "restarts", 0);
    if (!cuts || cuts->kind != VALUE_ARRAY || cuts->array.count < 1 ||
        cuts->array.count > LATENCY_CUTS_MAX)
        return error_set(err, ERROR_INVALID, "\"thresholds\" must be a list of 1 to %d",
                         LATENCY_CUTS_MAX);
    *params = (struct judge_latency_params){
        .alpha = value_get_number(from, "alpha", 0.01),
        .dispersion = value_get_number(from, "dispersion", 1),
        .restarts = restarts > 0 ? (size_t)restarts : 0,
        .cut_count = cuts->array.count,
    };
    judge->tolerance = value_get_number(from, "tolerance", 0.1);
    if (!(judge->tolerance >= 0 && judge->tolerance <= 100))
        return error_set(err, ERROR_INVALID, "\"tolerance\" must be from 0 to 100, not %g",
                         judge->tolerance);
    for (size_t i = 0; i < params->cut_count; i++) {
        params->baseline_cuts[i] = number_at(cuts, i);
        params->canary_cuts[i] = (1 + judge->tolerance) * params->baseline_cuts[i];
    }
    return read_numbers(params->canary_cuts, from, "canary_thresholds", params->cut_count, err) &&
           read_numbers(params->learned, from, "learned", params->cut_count + 1, err);
}

/* --- what it asks for ------------------------------------------------------------------------- */

static bool ask_for_metrics(struct latency_judge *judge, const struct value *from,
                            struct judge_metrics *metrics, struct error *err)
{
    const struct judge_latency_params *params = &judge->test.params;
    struct slice metric = value_get_slice(from, "metric", "latency");
    int size = (int)metric.size;
    if (size < 1 || size > 24)
        return error_set(err, ERROR_INVALID, "\"metric\" must be a name of 1 to 24 characters");
    snprintf(judge->count_name, sizeof judge->count_name, "%.*s_count", size, metric.data);
    if (!judge_metrics_ask(metrics, slice_of(judge->count_name), &judge->count, err))
        return false;
    judge_metrics_traffic(metrics, judge->count);
    judge_metrics_count(metrics, judge->count);
    double told = judge->test.params.dispersion;
    metrics->dispersion = told > metrics->dispersion ? told : metrics->dispersion;
    for (size_t i = 0; i < params->cut_count; i++) {
        char baseline[24];
        char canary[24];
        snprintf(baseline, sizeof baseline, "%.10g", params->baseline_cuts[i]);
        snprintf(canary, sizeof canary, "-%.10g", params->canary_cuts[i]);
        bool one = strcmp(baseline, canary + 1) == 0;
        snprintf(judge->names[i], sizeof judge->names[i], "%.*s_within_%s%sms", size, metric.data,
                 baseline, one ? "" : canary);
        if (!judge_metrics_ask(metrics, slice_of(judge->names[i]), &judge->within[i], err))
            return false;
        judge_metrics_count(metrics, judge->within[i]);
    }
    return true;
}

static bool latency_init(void *self, const struct value *from, struct judge_metrics *metrics,
                         struct error *err)
{
    struct latency_judge *judge = self;
    struct judge_latency_params params;
    return read_params(judge, &params, from, err) &&
           judge_latency_init(&judge->test, &params, err) &&
           ask_for_metrics(judge, from, metrics, err);
}

static void latency_restart(void *self)
{
    judge_latency_restart(&((struct latency_judge *)self)->test);
}

/* Requests by bucket, from the nested counts. Counts that are not nested are no evidence, which
 * NaN says: they are of different times, or of different requests. */
static bool take_buckets(const struct latency_judge *judge, const struct reading *readings,
                         double *buckets)
{
    size_t cuts = judge->test.params.cut_count;
    double before = 0;
    for (size_t i = 0; i <= cuts; i++) {
        const struct reading *reading = &readings[i < cuts ? judge->within[i] : judge->count];
        if (reading->status != READING_VALUE)
            return false;
        double more = reading->value - before;
        double rounding = 1e-9 * reading->value;
        buckets[i] = more < 0 && more >= -rounding ? 0 : more;
        before = reading->value;
    }
    return true;
}

static void latency_observe(void *self, const struct reading *canary,
                            const struct reading *baseline)
{
    struct latency_judge *judge = self;
    double of_canary[LATENCY_BUCKETS_MAX];
    double of_baseline[LATENCY_BUCKETS_MAX];
    if (take_buckets(judge, canary, of_canary) && take_buckets(judge, baseline, of_baseline))
        judge_latency_observe(&judge->test, of_canary, of_baseline);
}

static enum verdict latency_verdict(const void *self)
{
    const struct latency_judge *judge = self;
    return wealth_is_harm(&judge->test.wealth) ? VERDICT_HARM : VERDICT_UNDECIDED;
}

/* --- what it says ----------------------------------------------------------------------------- */

static size_t latency_numbers(const void *self, struct member *numbers)
{
    const struct latency_judge *judge = self;
    const struct judge_latency_params *params = &judge->test.params;
    struct judge_latency_finding found;
    judge_latency_find(&judge->test, &found);
    const struct member members[] = {
        {slice_of("baseline_at_most"), value_float(params->baseline_cuts[found.cut])},
        {slice_of("baseline_requests"), value_float(found.baseline_requests)},
        {slice_of("baseline_slow"), value_float(found.baseline_slow)},
        {slice_of("canary_at_most"), value_float(params->canary_cuts[found.cut])},
        {slice_of("canary_requests"), value_float(found.canary_requests)},
        {slice_of("canary_slow"), value_float(found.canary_slow)},
        {slice_of("log_e"), value_float(wealth_log_e(&judge->test.wealth))},
        {slice_of("log_e_max"), value_float(judge->test.wealth.log_e_max)},
        {slice_of("threshold"), value_float(judge->test.wealth.threshold)},
    };
    memcpy(numbers, members, sizeof members);
    return sizeof members / sizeof *members;
}

static double latency_sees(const void *self)
{
    return judge_latency_sees(&((const struct latency_judge *)self)->test);
}

/* "requests slower than 1.1 times the baseline's"; where the source has the cuts that it has, the
 * least and the most that comes of them. */
static void latency_harm_at(const void *self, struct judge_words *words)
{
    const struct latency_judge *judge = self;
    const struct judge_latency_params *params = &judge->test.params;
    double least = INFINITY;
    double most = 0;
    for (size_t i = 0; i < params->cut_count; i++) {
        double ratio = params->canary_cuts[i] / params->baseline_cuts[i];
        least = ratio < least ? ratio : least;
        most = ratio > most ? ratio : most;
    }
    if (most - least < 1e-3 * most)
        judge_say(words, "requests slower than %.4g times the baseline's", least);
    else
        judge_say(words, "requests slower than %.4g to %.4g times the baseline's", least, most);
}

/* "4.30 % (43 of 1000) took more than 550 ms" */
static void say_arm(char *text, size_t size, double slow, double requests, double at_most,
                    const char *nothing)
{
    if (requests > 0)
        snprintf(text, size, "%.3f %% (%.0f of %.0f) over %.6g ms", 100 * slow / requests, slow,
                 requests, at_most);
    else
        snprintf(text, size, "%s", nothing);
}

static void latency_says(const void *self, const char *nothing, struct judge_words *words)
{
    const struct latency_judge *judge = self;
    const struct judge_latency_params *params = &judge->test.params;
    struct judge_latency_finding found;
    char canary[96];
    char baseline[96];
    judge_latency_find(&judge->test, &found);
    say_arm(canary, sizeof canary, found.canary_slow, found.canary_requests,
            params->canary_cuts[found.cut], nothing);
    say_arm(baseline, sizeof baseline, found.baseline_slow, found.baseline_requests,
            params->baseline_cuts[found.cut], nothing);
    judge_say(words, "canary %s,", canary);
    judge_say(words, "baseline %s, evidence %.2f of %.2f", baseline, judge->test.wealth.log_e_max,
              judge->test.wealth.threshold);
}

const struct judge_ops judge_latency_ops = {
    .name = "latency",
    .size = sizeof(struct latency_judge),
    .compares = false, /* it knows no "safe" */
    .init = latency_init,
    .restart = latency_restart,
    .observe = latency_observe,
    .verdict = latency_verdict,
    .numbers = latency_numbers,
    .harm_at = latency_harm_at,
    .says = latency_says,
    .sees = latency_sees,
    .sees_slower = true,
};
