/* The operating curve of the judges of latency, by one command:
 *
 *     cmake --build build/release --target statistics_latency
 *     nice build/release/tests/statistics/statistics_latency [RUNS]
 *
 * 20 requests a second, whose latency has a heavy tail (log-logistic, median 100 ms) and a level
 * that drifts, AR(0.9), for both arms alike; 20 minutes, five each at 5, 10, 25 and 50 %. RUNS
 * (20000) are those of a good version, and a tenth of that those of a slow one. Draws depend on
 * nothing but a fixed seed. */
#include "base/math.h"
#include "base/random.h"
#include "base/value.h"
#include "interval.h"
#include "judge/judge_latency.h"
#include "judge/judge_ratio.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STEP_MINUTES = 5, STEPS = 4, MINUTES = STEPS * STEP_MINUTES, REQUESTS = 1200, CUTS = 7 };

static const double shares[STEPS] = {0.05, 0.10, 0.25, 0.50};
static const double quantiles[CUTS] = {0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995};
static const double tail_power = 2.5;

/* --- the service ------------------------------------------------------------------------------ */

struct scenario {
    const char *name;
    double slower;    /* the canary's latencies, times this */
    double stuck;     /* this part of its requests takes two seconds longer */
    int64_t clump;    /* requests of one latency come in groups of this many */
    double arm_noise; /* deviation of the canary's level by itself, from minute to minute */
};

static const struct scenario scenarios[] = {
    {"false", 1, 0, 1, 0},  {"clumps of 5", 1, 0, 5, 0},  {"arm noise .03", 1, 0, 1, 0.03},
    {"x1.1", 1.1, 0, 1, 0}, {"x1.25", 1.25, 0, 1, 0},     {"x1.5", 1.5, 0, 1, 0},
    {"x2", 2, 0, 1, 0},     {"1 % + 2 s", 1, 0.01, 1, 0},
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios, GOOD = 3 };

/* Both arms of a minute, on one grid that is fine enough for every method: 2.4 % from one edge to
 * the next. */
enum { EDGES = 200 };

struct minute {
    int number, step;
    double canary[EDGES + 1], baseline[EDGES + 1]; /* requests by bucket */
};

static double edges[EDGES];

static void fill_edges(void)
{
    for (int i = 0; i < EDGES; i++)
        edges[i] = 10 * math_pow(1.024, i);
}

static double beyond(double at, double median)
{
    return 1 / (1 + math_pow(at / median, tail_power));
}

static void draw_arm(struct random_stream *stream, int64_t groups, double median, double stuck,
                     int64_t clump, double *buckets)
{
    double left = 1;
    for (int i = 0; i < EDGES; i++) {
        double past = (1 - stuck) * beyond(edges[i], median) + stuck;
        double part = groups > 0 ? (left - past) / left : 0;
        int64_t drawn = part > 0 ? random_binomial(stream, groups, part) : 0;
        buckets[i] = (double)(drawn * clump);
        groups -= drawn;
        left = past;
    }
    buckets[EDGES] = (double)(groups * clump);
}

static void draw_minute(struct random_stream *stream, const struct scenario *scenario,
                        struct minute *minute, double *drift)
{
    *drift = 0.9 * *drift + 0.1 * random_normal(stream);
    double level = 100 * math_exp(*drift);
    double own = scenario->arm_noise > 0 ? math_exp(scenario->arm_noise * random_normal(stream))
                                         : 1;
    int64_t requests = random_poisson(stream, REQUESTS);
    int64_t routed = random_binomial(stream, requests, shares[minute->step]);
    draw_arm(stream, routed / scenario->clump, scenario->slower * own * level, scenario->stuck,
             scenario->clump, minute->canary);
    draw_arm(stream, (requests - routed) / scenario->clump, level, 0, scenario->clump,
             minute->baseline);
}

/* --- what is made of a minute ----------------------------------------------------------------- */

static double quantile_at(double q)
{
    return 100 * math_pow(q / (1 - q), 1 / tail_power);
}

/* The edge that lies nearest. */
static int edge_of(double at)
{
    int nearest = (int)(math_log(at / edges[0]) / math_log(1.024) + 0.5);
    return nearest < 0 ? 0 : nearest < EDGES ? nearest : EDGES - 1;
}

/* Buckets between seven cuts, each `times` as far out. */
static void cut(const double *fine, double times, double *buckets)
{
    int from = 0;
    for (int i = 0; i <= CUTS; i++) {
        int to = i < CUTS ? edge_of(times * quantile_at(quantiles[i])) : EDGES;
        buckets[i] = 0;
        for (int k = from; k <= to; k++)
            buckets[i] += fine[k];
        from = to + 1;
    }
}

static double sum_of(const double *fine)
{
    double sum = 0;
    for (int i = 0; i <= EDGES; i++)
        sum += fine[i];
    return sum;
}

/* The median, straight between two edges. */
static double median_of(const double *fine)
{
    double half = sum_of(fine) / 2;
    double sum = 0;
    for (int i = 1; i < EDGES; i++) {
        if (sum + fine[i] >= half && fine[i] > 0)
            return edges[i - 1] + (edges[i] - edges[i - 1]) * (half - sum) / fine[i];
        sum += fine[i];
    }
    return edges[EDGES - 1];
}

/* --- methods ---------------------------------------------------------------------------------- */

struct method {
    const char *name;
    double tolerance, dispersion;
    int slot; /* of bucket_judges */
    void (*begin)(const struct method *method);
    bool (*judge)(const struct method *method, const struct minute *minute);
};

enum { SLOTS = 3 };
static struct judge_latency bucket_judges[SLOTS];

static void begin_buckets(const struct method *method)
{
    struct error err;
    double before = 0;
    struct judge_latency_params params = {
        .alpha = 0.01,
        .dispersion = method->dispersion,
        .restarts = STEPS,
        .cut_count = CUTS,
    };
    for (int i = 0; i <= CUTS; i++) {
        double q = i < CUTS ? quantiles[i] : 1;
        params.learned[i] = 5.0 * REQUESTS * (q - before);
        before = q;
    }
    for (int i = 0; i < CUTS; i++) {
        params.baseline_cuts[i] = quantile_at(quantiles[i]);
        params.canary_cuts[i] = (1 + method->tolerance) * params.baseline_cuts[i];
    }
    if (!judge_latency_init(&bucket_judges[method->slot], &params, &err))
        abort();
}

static bool judge_buckets(const struct method *method, const struct minute *minute)
{
    struct judge_latency *judge = &bucket_judges[method->slot];
    double canary[CUTS + 1], baseline[CUTS + 1];
    if (minute->number % STEP_MINUTES == 0)
        judge_latency_restart(judge);
    cut(minute->canary, 1 + method->tolerance, canary);
    cut(minute->baseline, 1, baseline);
    judge_latency_observe(judge, canary, baseline);
    return wealth_is_harm(&judge->wealth);
}

/* What a judge of rates makes of the slowest tenth, twentieth and hundredth. */
static struct judge_ratio rates_judge;
enum { SLOW = 3, SLOWEST = 3 };

static void begin_rates(const struct method *method)
{
    struct error err;
    struct judge_ratio_params params = judge_ratio_default;
    params.psi0 = 1 + method->tolerance;
    params.restarts = STEPS;
    params.metric_count = SLOW;
    for (int i = 0; i < SLOW; i++)
        params.weights[i] = 1.0 / SLOW;
    if (!judge_ratio_init(&rates_judge, &params, &err))
        abort();
}

static double beyond_cut(const double *buckets, int cut)
{
    double sum = 0;
    for (int i = cut + 1; i <= CUTS; i++)
        sum += buckets[i];
    return sum;
}

static bool judge_rates(const struct method *method, const struct minute *minute)
{
    double canary[CUTS + 1], baseline[CUTS + 1];
    struct judge_counts counts[SLOW];
    (void)method;
    if (minute->number % STEP_MINUTES == 0)
        judge_ratio_restart(&rates_judge);
    cut(minute->canary, 1, canary);
    cut(minute->baseline, 1, baseline);
    for (int i = 0; i < SLOW; i++)
        counts[i] = (struct judge_counts){
            .canary_events = beyond_cut(canary, SLOWEST + i),
            .canary_trials = sum_of(minute->canary),
            .baseline_events = beyond_cut(baseline, SLOWEST + i),
            .baseline_trials = sum_of(minute->baseline),
            .present = true,
        };
    judge_ratio_observe(&rates_judge, counts);
    return judge_ratio_verdict(&rates_judge) == VERDICT_HARM;
}

/* The sign test on the median, as a panel would make it. */
static _Alignas(16) char sign_judge[4096];
static size_t sign_metric, sign_trials;

static void begin_signs(const struct method *method)
{
    static struct judge_metrics metrics;
    static struct value from;
    static struct pool pool;
    struct error err;
    char text[200];
    pool_clear(&pool);
    pool_init(&pool, 1 << 16);
    snprintf(text, sizeof text,
             "{\"alpha\":0.01,\"at_least\":4.0,\"half\":false,\"judge\":\"percentile\","
             "\"metric\":\"p50\",\"restarts\":%d,\"tolerance\":%g,\"trials\":\"requests\"}",
             STEPS, method->tolerance);
    judge_metrics_clear(&metrics);
    if (judge_percentile_ops.size > sizeof sign_judge ||
        !value_parse(&from, slice_of(text), false, &pool, &err) ||
        !judge_percentile_ops.init(sign_judge, &from, &metrics, &err))
        abort();
    sign_metric = slice_is(metrics.names[0], "p50") ? 0 : 1;
    sign_trials = 1 - sign_metric;
}

static bool judge_signs(const struct method *method, const struct minute *minute)
{
    struct reading canary[2], baseline[2];
    (void)method;
    if (minute->number % STEP_MINUTES == 0)
        judge_percentile_ops.restart(sign_judge);
    canary[sign_metric] = (struct reading){READING_VALUE, median_of(minute->canary)};
    canary[sign_trials] = (struct reading){READING_VALUE, sum_of(minute->canary)};
    baseline[sign_metric] = (struct reading){READING_VALUE, median_of(minute->baseline)};
    baseline[sign_trials] = (struct reading){READING_VALUE, sum_of(minute->baseline)};
    judge_percentile_ops.observe(sign_judge, canary, baseline);
    return judge_percentile_ops.verdict(sign_judge) == VERDICT_HARM;
}

static const struct method methods[] = {
    {"buckets, tolerance 10 %", 0.1, 1, 0, begin_buckets, judge_buckets},
    {"the same, dispersion 5", 0.1, 5, 1, begin_buckets, judge_buckets},
    {"buckets, tolerance 0", 0, 1, 2, begin_buckets, judge_buckets},
    {"counts over p90/95/99, psi0 1.25", 0.25, 1, 0, begin_rates, judge_rates},
    {"median alone: sign test, 10 %", 0.1, 1, 0, begin_signs, judge_signs},
};

enum { METHODS = sizeof methods / sizeof *methods };

/* --- the table -------------------------------------------------------------------------------- */

struct tally {
    int runs, harm, at[MINUTES];
};

static void roll_out(const struct scenario *scenario, uint64_t index, struct tally *tally)
{
    struct random_stream stream;
    struct minute minute;
    bool over[METHODS] = {false};
    double drift = 0;
    random_open(&stream, 1, RANDOM_RUNS, index);
    for (int k = 0; k < METHODS; k++)
        methods[k].begin(&methods[k]);
    for (int i = 0; i < MINUTES; i++) {
        minute.number = i;
        minute.step = i / STEP_MINUTES;
        draw_minute(&stream, scenario, &minute, &drift);
        for (int k = 0; k < METHODS; k++) {
            if (over[k] || !methods[k].judge(&methods[k], &minute))
                continue;
            over[k] = true;
            tally[k].harm++;
            tally[k].at[i]++;
        }
    }
    for (int k = 0; k < METHODS; k++)
        tally[k].runs++;
}

/* "85.1 [83.5, 86.6] (8)": of all runs, and the minute by which half of them were found */
static void print_tally(const struct tally *tally)
{
    char text[64], median[16] = "";
    int sum = 0;
    for (int i = 0; i < MINUTES && !*median; i++) {
        sum += tally->at[i];
        if (2 * sum >= tally->runs)
            snprintf(median, sizeof median, " (%d)", i + 1);
    }
    snprintf(text, sizeof text, "%.3g [%.2g, %.3g]%s", 100.0 * tally->harm / tally->runs,
             100 * interval_low(tally->harm, tally->runs),
             100 * interval_high(tally->harm, tally->runs), median);
    printf("  %-24s", text);
}

/* Every method sees the same rollouts. */
int main(int count, char **words)
{
    static struct tally tally[SCENARIOS][METHODS];
    long runs = count > 1 ? strtol(words[1], NULL, 10) : 20000;
    if (runs < 100 || runs > 10000000) {
        fprintf(stderr, "usage: statistics_latency [RUNS]\n");
        return 2;
    }
    fill_edges();
    printf("20 requests a second: %% of rollouts in which harm was found, (median minute)\n%-34s",
           "");
    for (int i = 0; i < SCENARIOS; i++) {
        printf("  %-24s", scenarios[i].name);
        for (long k = 0; k < (i < GOOD ? runs : runs / 10); k++)
            roll_out(&scenarios[i], (uint64_t)k, tally[i]);
    }
    for (int k = 0; k < METHODS; k++) {
        printf("\n%-34s", methods[k].name);
        for (int i = 0; i < SCENARIOS; i++)
            print_tally(&tally[i][k]);
    }
    printf("\n");
    return 0;
}
