/* judge.threshold: harm when m of the last n periods of one arm are beyond a fixed limit. The guard
 * that needs no baseline. Periods with fewer than min_requests are added up until there are enough
 * of them: together they count as one. What is not there, or no finite number, is left out: it is
 * neither good nor bad. Harm that was found stays, however seldom it is asked for.
 *
 *     {"judge":"threshold","metric":"errors","per":"requests","arm":"canary","above":0.02,
 *      "m":2,"n":3,"min_requests":100}
 *
 * Without "per" the metric itself is held against the limit, in whatever unit it is; "below" stands
 * in place of "above". */
#include "judge/judge.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum { WINDOW_MAX = 64 };

static const double requests_max = 1e15;

struct threshold_judge {
    double limit;
    bool above;   /* beyond is > limit; otherwise < limit */
    int64_t m, n; /* 1 <= m <= n <= WINDOW_MAX */
    double min_requests;
    bool on_baseline; /* it is this arm that is judged */
    struct slice metric_name, per_name;
    size_t metric, per; /* where their readings stand */
    bool has_per;
    double events, requests; /* of periods that are too small by themselves, so far */
    bool beyond[WINDOW_MAX]; /* a ring of n */
    int64_t filled, next;
    double last; /* the value of the last period that was evidence */
    bool found;  /* harm, once and for all */
};

static bool is_finite(double x)
{
    return x >= -DBL_MAX && x <= DBL_MAX;
}

/* Written so that NaN is in no range. */
static bool check(const struct threshold_judge *judge, struct error *err)
{
    if (!is_finite(judge->limit))
        return error_set(err, ERROR_INVALID, "\"%s\" must be a finite number",
                         judge->above ? "above" : "below");
    if (judge->n < 1 || judge->n > WINDOW_MAX)
        return error_set(err, ERROR_INVALID, "\"n\" must be from 1 to %d, not %lld", WINDOW_MAX,
                         (long long)judge->n);
    if (judge->m < 1 || judge->m > judge->n)
        return error_set(err, ERROR_INVALID, "\"m\" must be from 1 to \"n\" (%lld), not %lld",
                         (long long)judge->n, (long long)judge->m);
    if (!(judge->min_requests >= 0 && judge->min_requests <= requests_max))
        return error_set(err, ERROR_INVALID, "\"min_requests\" must be from 0 to %g, not %g",
                         requests_max, judge->min_requests);
    return true;
}

static bool ask_for_metrics(struct threshold_judge *judge, const struct value *from,
                            struct judge_metrics *metrics, struct error *err)
{
    judge->metric_name = value_get_slice(from, "metric", "");
    judge->per_name = value_get_slice(from, "per", "");
    judge->has_per = value_get(from, "per") != NULL;
    if (!judge_metrics_add(metrics, from, "metric", &judge->metric, err))
        return false;
    if (!judge->has_per)
        return true;
    if (!judge_metrics_add(metrics, from, "per", &judge->per, err))
        return false;
    judge_metrics_count(metrics, judge->metric);
    judge_metrics_count(metrics, judge->per);
    judge_metrics_traffic(metrics, judge->per);
    return true;
}

static bool threshold_init(void *self, const struct value *from, struct judge_metrics *metrics,
                           struct error *err)
{
    struct threshold_judge *judge = self;
    const struct value *above = value_get(from, "above");
    const struct value *below = value_get(from, "below");
    if (!above == !below)
        return error_set(err, ERROR_INVALID, "exactly one of \"above\" and \"below\" is needed");
    *judge = (struct threshold_judge){
        .limit = value_get_number(from, above ? "above" : "below", NAN),
        .above = above != NULL,
        .m = value_get_integer(from, "m", 2),
        .n = value_get_integer(from, "n", 3),
        .min_requests = value_get_number(from, "min_requests", 100),
        .on_baseline = value_is_text(value_get(from, "arm"), "baseline"),
    };
    return ask_for_metrics(judge, from, metrics, err) && check(judge, err);
}

static int64_t count_beyond(const struct threshold_judge *judge)
{
    int64_t count = 0;
    for (int64_t i = 0; i < judge->filled; i++)
        count += judge->beyond[i];
    return count;
}

static void take(struct threshold_judge *judge, double value)
{
    if (!is_finite(value))
        return;
    judge->beyond[judge->next] = judge->above ? value > judge->limit : value < judge->limit;
    judge->next = (judge->next + 1) % judge->n;
    judge->filled += judge->filled < judge->n;
    judge->last = value;
    judge->found = judge->found || count_beyond(judge) >= judge->m;
}

/* Adds a period to those that were too few by themselves. */
static void gather(struct threshold_judge *judge, double events, double requests)
{
    if (!is_finite(events) || !(requests > 0 && requests <= requests_max))
        return;
    judge->events += events;
    judge->requests += requests;
    if (judge->requests < judge->min_requests)
        return;
    take(judge, judge->events / judge->requests);
    judge->events = judge->requests = 0;
}

static void threshold_observe(void *self, const struct reading *canary,
                              const struct reading *baseline)
{
    struct threshold_judge *judge = self;
    const struct reading *arm = judge->on_baseline ? baseline : canary;
    const struct reading *metric = &arm[judge->metric];
    const struct reading *per = &arm[judge->per];
    if (metric->status != READING_VALUE)
        return;
    if (!judge->has_per)
        take(judge, metric->value);
    else if (per->status == READING_VALUE)
        gather(judge, metric->value, per->value);
}

static enum verdict threshold_verdict(const void *self)
{
    return ((const struct threshold_judge *)self)->found ? VERDICT_HARM : VERDICT_UNDECIDED;
}

static size_t threshold_numbers(const void *self, struct member *numbers)
{
    const struct threshold_judge *judge = self;
    const struct member members[] = {
        {slice_of("beyond"), value_integer(count_beyond(judge))},
        {slice_of("last"), value_float(judge->last)},
        {slice_of("limit"), value_float(judge->limit)},
        {slice_of("m"), value_integer(judge->m)},
        {slice_of("of"), value_integer(judge->filled)},
    };
    memcpy(numbers, members, sizeof members);
    return sizeof members / sizeof *members;
}

static const char *beyond_word(const struct threshold_judge *judge)
{
    return judge->above ? "above" : "below";
}

static void threshold_harm_at(const void *self, struct judge_words *words)
{
    const struct threshold_judge *judge = self;
    judge_say(words, "%.*s%s%.*s %s %g (%s, %lld of %lld periods)", (int)judge->metric_name.size,
              judge->metric_name.data, judge->has_per ? " per " : "", (int)judge->per_name.size,
              judge->per_name.data, beyond_word(judge), judge->limit,
              judge->on_baseline ? "baseline" : "canary", (long long)judge->m, (long long)judge->n);
}

static void threshold_says(const void *self, const char *nothing, struct judge_words *words)
{
    const struct threshold_judge *judge = self;
    (void)nothing;
    judge_say(words, "%lld of %lld periods %s %g, the last %.4g", (long long)count_beyond(judge),
              (long long)judge->filled, beyond_word(judge), judge->limit, judge->last);
}

const struct judge_ops judge_threshold_ops = {
    .name = "threshold",
    .size = sizeof(struct threshold_judge),
    .compares = false,
    .always = true,
    .init = threshold_init,
    .observe = threshold_observe,
    .verdict = threshold_verdict,
    .numbers = threshold_numbers,
    .harm_at = threshold_harm_at,
    .says = threshold_says,
};
