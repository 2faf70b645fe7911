/* What is drawn from a recording of a whole service: its distribution against the exact one, what
 * it depends on and what not, and regressions. Every seed is fixed: each run sees the same draws.
 */
#include "traffic_check.h"

enum { MINUTES = 20000 };

static const char service[] = "requests:service:sum errors:service:sum";

static double choose_log(int n, int k)
{
    return lgamma(n + 1.0) - lgamma(k + 1.0) - lgamma(n - k + 1.0);
}

static double binomial(int n, double p, int k)
{
    return exp(choose_log(n, k) + k * log(p) + (n - k) * log(1 - p));
}

static double hypergeometric(int total, int marked, int sample, int k)
{
    if (k > marked || k > sample || sample - k > total - marked)
        return 0;
    return exp(choose_log(marked, k) + choose_log(total - marked, sample - k) -
               choose_log(total, sample));
}

/* Pearson's statistic over the cells expected at least five times; *cells gets their number. */
static double chi_square(const int *seen, const double *expected, size_t count, int *cells)
{
    double sum = 0;
    *cells = 0;
    for (size_t i = 0; i < count; i++) {
        if (expected[i] < 5)
            continue;
        double off = seen[i] - expected[i];
        sum += off * off / expected[i];
        (*cells)++;
    }
    return sum;
}

/* Five standard deviations above the mean of the chi-square distribution. */
static bool is_plausible(double statistic, int cells)
{
    bool ok = statistic < cells + 5 * sqrt(2.0 * cells);
    if (!ok)
        fprintf(stderr, "chi-square %g over %d cells\n", statistic, cells);
    return ok;
}

/* n1 ~ Bin(N, w) and e1 ~ Hypergeometric(N, E, n1), jointly; what the canary has not, the baseline
 * has. */
static void test_split(void)
{
    enum { N = 20, E = 3, CELLS = (N + 1) * (E + 1) };
    static int seen[CELLS];
    static double expected[CELLS];
    struct sample sample;
    record_like(service, MINUTES, (double[]){N, E}, 2);
    share_percent = 30;
    CHECK(start(11, NULL));
    memset(seen, 0, sizeof seen);
    for (int minute = 0; minute < MINUTES; minute++) {
        sample_minute("requests errors", minute, &sample);
        int requests = count_of(&sample.canary[0]);
        int errors = count_of(&sample.canary[1]);
        CHECK(requests + count_of(&sample.baseline[0]) == N);
        CHECK(errors + count_of(&sample.baseline[1]) == E);
        CHECK(errors <= requests && count_of(&sample.baseline[1]) <= N - requests);
        seen[requests * (E + 1) + errors]++;
    }
    for (int n = 0; n <= N; n++) {
        for (int e = 0; e <= E; e++)
            expected[n * (E + 1) + e] = MINUTES * binomial(N, 0.3, n) * hypergeometric(N, E, n, e);
    }
    int cells;
    double statistic = chi_square(seen, expected, CELLS, &cells);
    CHECK(cells > 30 && is_plausible(statistic, cells));
    finish();
}

/* Large counts: mean and variance, within five standard deviations of their estimates. */
static void test_large_split(void)
{
    enum { SAMPLES = 4000 };
    static const double total = 1200000, events = 600, w = 0.05;
    struct sample sample;
    double sums[4] = {0};
    record_like(service, SAMPLES, (double[]){total, events}, 2);
    share_percent = 100 * w;
    CHECK(start(12, NULL));
    for (int minute = 0; minute < SAMPLES; minute++) {
        sample_minute("requests errors", minute, &sample);
        for (int k = 0; k < 2; k++) {
            double off = sample.canary[k].value - (k ? events : total) * w;
            sums[2 * k] += off;
            sums[2 * k + 1] += off * off;
        }
    }
    for (int k = 0; k < 2; k++) {
        double variance = (k ? events : total) * w * (1 - w);
        CHECK(fabs(sums[2 * k] / SAMPLES) < 5 * sqrt(variance / SAMPLES));
        CHECK(fabs(sums[2 * k + 1] / SAMPLES / variance - 1) < 5 * sqrt(2.0 / SAMPLES));
    }
    finish();
}

/* The canary's errors of fifty minutes; they stand at place `at` of the metrics. */
static void draw_all(uint64_t seed, const char *metrics, size_t at, int step, int *counts)
{
    struct sample sample;
    CHECK(start(seed, NULL));
    for (int i = 0; i < 50; i++) {
        int minute = (i * step) % 50;
        sample_minute(metrics, minute, &sample);
        counts[minute] = count_of(&sample.canary[at]);
    }
}

/* The errors of a minute are the same whatever was asked before, and together with what. */
static void test_order_does_not_matter(void)
{
    int one[50], two[50], three[50], four[50];
    record_like("requests:service:sum errors:service:sum errors_4xx:service:sum", 50,
                (double[]){1000, 200, 50}, 3);
    draw_all(5, "errors", 0, 1, one);
    draw_all(5, "errors requests", 0, 49, two);
    draw_all(5, "errors_4xx errors requests", 1, 7, three);
    draw_all(6, "errors", 0, 1, four);
    CHECK(memcmp(one, two, sizeof one) == 0);
    CHECK(memcmp(one, three, sizeof one) == 0);
    CHECK(memcmp(one, four, sizeof one) != 0);
    finish();
}

static int differing(const struct value *a, const struct value *b)
{
    struct sample first, second;
    int different = 0;
    for (int minute = 0; minute < 50; minute++) {
        CHECK(sample_of(a, "requests", minute, INT64_C(1) << 40, &first));
        CHECK(sample_of(b, "requests", minute, INT64_C(1) << 40, &second));
        different += !is_value(&first.canary[0], second.canary[0].value);
    }
    return different;
}

/* Other targets have other traffic; the same one has the same, whatever its canary is called. */
static void test_targets_have_their_own(void)
{
    record_like(service, 50, (double[]){1000, 5}, 2);
    CHECK(start(1, NULL));
    struct value other = parse("{\"rule\":\"r/2\",\"type\":\"alb_rule\"}");
    struct value renamed = parse("{\"canary\":\"red\",\"rule\":\"r/1\",\"type\":\"alb_rule\"}");
    CHECK(differing(rule(), &other) > 40);
    CHECK(differing(rule(), &renamed) == 0);
    finish();
}

/* Minutes and metrics are drawn apart: no correlation beyond chance. */
static void test_independence(void)
{
    enum { PAIRS = 4000 };
    struct sample sample;
    double before = 0;
    double in_time = 0;
    double across = 0;
    double variance = 1000 * 0.1 * 0.9;
    record_like("requests:service:sum load:service:sum", PAIRS, (double[]){1000, 1000}, 2);
    CHECK(start(3, NULL));
    for (int minute = 0; minute < PAIRS; minute++) {
        sample_minute("requests load", minute, &sample);
        double here = (sample.canary[0].value - 100) / sqrt(variance);
        in_time += here * before;
        across += here * (sample.canary[1].value - 100) / sqrt(variance);
        before = here;
    }
    CHECK(fabs(in_time / PAIRS) < 5 / sqrt(PAIRS));
    CHECK(fabs(across / PAIRS) < 5 / sqrt(PAIRS));
    finish();
}

/* The mean of a metric of the canary and of the baseline over minutes from..to. */
struct means {
    double canary, baseline;
};

static struct means means_of(const char *metric, int from, int to)
{
    struct sample sample;
    struct means means = {0, 0};
    for (int minute = from; minute < to; minute++) {
        sample_minute(metric, minute, &sample);
        means.canary += sample.canary[0].status == READING_VALUE ? sample.canary[0].value : 0;
        means.baseline += sample.baseline[0].status == READING_VALUE ? sample.baseline[0].value : 0;
    }
    means.canary /= to - from;
    means.baseline /= to - from;
    return means;
}

static bool around(double value, double expected, double tolerance)
{
    bool ok = fabs(value - expected) < tolerance;
    if (!ok)
        fprintf(stderr, "%g, expected %g +- %g\n", value, expected, tolerance);
    return ok;
}

/* 10 % of 10000 requests at 2 % errors: 20 errors on the canary, 180 on the baseline. */
static void test_injected_errors(void)
{
    static const struct {
        const char *spec;
        double errors;
    } cases[] = {
        {NULL, 20},
        {"errors*2", 40},
        {"errors*1.5", 30},
        {"errors*0.5", 10},
        {"errors*0", 0},
        {"errors*1", 20},
        {"errors+1%", 29.8},
        {"errors+100%", 1000},
        {"errors*60", 1000},
        {"errors*2@999m", 20},
        {"errors*2 errors+1%", 49.6},
    };
    enum { SAMPLES = 1000 };
    record_like(service, SAMPLES, (double[]){10000, 200}, 2);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(start(21, cases[i].spec));
        struct means means = means_of("errors", 0, SAMPLES);
        double tolerance = 5 * sqrt((cases[i].errors + 1) / SAMPLES) + 1e-9;
        if (cases[i].errors > 999) /* all requests fail: as many as there are */
            tolerance = 5 * sqrt(900.0 / SAMPLES);
        if (!CHECK(around(means.canary, cases[i].errors, tolerance)))
            fprintf(stderr, "%s\n", cases[i].spec ? cases[i].spec : "(none)");
        CHECK(around(means.baseline, 180, 5 * sqrt(180.0 / SAMPLES)));
    }
    finish();
}

/* Requests that fail already do not fail again: twice 40 % are 80 %. */
static void test_injected_into_many_errors(void)
{
    record_like(service, 1000, (double[]){10000, 4000}, 2);
    CHECK(start(22, "errors*2"));
    CHECK(around(means_of("errors", 0, 1000).canary, 800, 6));
    CHECK(start(22, "errors+50%"));
    CHECK(around(means_of("errors", 0, 1000).canary, 700, 6));
    finish();
}

/* The same draws before, and more from then on: a regression can be compared with its absence. */
static void test_injected_from(void)
{
    struct sample plain, injected;
    record_like(service, 40, (double[]){10000, 200}, 2);
    int more = 0;
    for (int minute = 0; minute < 40; minute++) {
        CHECK(start(8, NULL));
        sample_minute("errors requests", minute, &plain);
        CHECK(start(8, "errors*3@20m"));
        sample_minute("errors requests", minute, &injected);
        CHECK(is_value(&injected.canary[1], plain.canary[1].value));
        CHECK(is_value(&injected.baseline[0], plain.baseline[0].value));
        CHECK(injected.canary[0].value >= plain.canary[0].value);
        more += injected.canary[0].value > plain.canary[0].value;
        CHECK(more == 0 || minute >= 20);
    }
    CHECK(more > 15);
    finish();
}

static void test_ramp(void)
{
    record_like(service, 3000, (double[]){10000, 200}, 2);
    CHECK(start(9, "errors*3~3000m"));
    CHECK(around(means_of("errors", 0, 1000).canary, 20 * (1 + 2.0 / 6), 1));
    CHECK(around(means_of("errors", 1000, 2000).canary, 20 * 2, 1));
    CHECK(around(means_of("errors", 2000, 3000).canary, 20 * (1 + 2 * 5.0 / 6), 1));
    finish();
}

/* Delays count from the start of the simulation, not of the recording. */
static void test_start(void)
{
    record_like(service, 20, (double[]){10000, 200}, 2);
    CHECK(start(9, "crash@2m"));
    traffic.options.start = 5 * MINUTE;
    CHECK(means_of("requests", 6, 7).canary > 0);
    CHECK(means_of("requests", 7, 8).canary <= 0);
    finish();
}

static void test_crash(void)
{
    struct sample sample;
    record_like("requests:service:sum errors:service:sum load:service:average", 1000,
                (double[]){1000, 100, 5}, 3);
    CHECK(start(10, "crash@500m"));
    for (int minute = 0; minute < 1000; minute++) {
        sample_minute("requests errors load", minute, &sample);
        for (int k = 0; k < 3; k++) {
            CHECK(is_nothing(&sample.canary[k]) == (minute >= 500));
            CHECK(!is_nothing(&sample.baseline[k]));
        }
    }
    /* In the middle of a minute: the half that was still answered, and its errors. */
    CHECK(start(10, "crash@30s"));
    sample_minute("requests errors", 0, &sample);
    CHECK(around(sample.canary[0].value, 50, 30));
    CHECK(sample.canary[1].value <= sample.canary[0].value);
    CHECK(around(sample.baseline[0].value, 900, 60));
    finish();
}

static void test_crash_of_recorded_arms(void)
{
    struct sample sample;
    record_like("requests:canary:sum requests:baseline:sum errors:canary:sum "
                "errors:baseline:sum",
                3, (double[]){1000, 9000, 100, 9}, 4);
    CHECK(start(10, "crash@90s"));
    sample_minute("requests errors", 0, &sample);
    CHECK(is_value(&sample.canary[0], 1000) && is_value(&sample.canary[1], 100));
    sample_minute("requests errors", 1, &sample);
    CHECK(around(sample.canary[0].value, 500, 80) && around(sample.canary[1].value, 50, 25));
    sample_minute("requests errors", 2, &sample);
    CHECK(is_nothing(&sample.canary[0]) && is_nothing(&sample.canary[1]));
    CHECK(is_value(&sample.baseline[0], 9000) && is_value(&sample.baseline[1], 9));
    finish();
}

static void test_injected_into_recorded_arms(void)
{
    static const char recorded[] = "requests:canary:sum errors:canary:sum requests:baseline:sum "
                                   "errors:baseline:sum";
    struct buffer text;
    begin_recording(&text, recorded);
    for (int minute = 0; minute < 1000; minute++) {
        for (int id = 1; id <= 4; id++)
            add_point(&text, id, minute, id % 2 ? 1000 : 20);
    }
    open_text(&text);
    CHECK(start(4, "errors*2"));
    struct means means = means_of("errors", 0, 1000);
    CHECK(around(means.canary, 40, 1) && around(means.baseline, 20, 1e-9));
    means = means_of("requests", 0, 1000);
    CHECK(around(means.canary, 1000, 1e-9));
    finish();
}

/* Counts without a denominator: twice as many, and nothing where there were none. */
static void test_counts_without_requests(void)
{
    record_like("jobs:service:sum", 2000, (double[]){100}, 1);
    CHECK(start(4, NULL));
    CHECK(around(means_of("jobs", 0, 2000).canary, 10, 0.4));
    CHECK(start(4, "jobs*3"));
    CHECK(around(means_of("jobs", 0, 2000).canary, 30, 0.7));
    CHECK(around(means_of("jobs", 0, 2000).baseline, 90, 0.4));
    finish();
}

static void test_values(void)
{
    struct sample sample;
    record_like("latency_p50:service:p50 latency_p99:service:p99 requests:service:sum", 400,
                (double[]){20, 200, 1000}, 3);
    CHECK(start(4, NULL));
    int above = 0;
    for (int minute = 0; minute < 400; minute++) {
        sample_minute("latency_p99 latency_p50", minute, &sample);
        CHECK(sample.canary[0].value > sample.canary[1].value);
        above += sample.canary[0].value > 200;
    }
    /* About a hundred requests each. Below a hundred the p99 is the slowest of them, above the
     * whole's p99 in 63 of 100 minutes; from a hundred on the second slowest, in 26. */
    CHECK(above > 120 && above < 220);
    struct sample slower;
    CHECK(start(4, "latency*1.5"));
    sample_minute("latency_p99 latency_p50", 399, &slower);
    for (int k = 0; k < 2; k++) {
        CHECK(around(slower.canary[k].value / sample.canary[k].value, 1.5, 1e-9));
        CHECK(is_value(&slower.baseline[k], sample.baseline[k].value));
    }
    share_percent = 0;
    sample_minute("latency_p99", 0, &sample);
    CHECK(is_nothing(&sample.canary[0]) && is_value(&sample.baseline[0], 200));
    finish();
}

/* One percentile tells no distribution: both arms have it. */
static void test_lone_percentile(void)
{
    struct sample sample;
    record_like("latency_p99:service:p99 requests:service:sum", 2, (double[]){200, 1000}, 2);
    CHECK(start(4, "latency_p99*2@1m"));
    sample_minute("latency_p99", 0, &sample);
    CHECK(is_value(&sample.canary[0], 200) && is_value(&sample.baseline[0], 200));
    sample_minute("latency_p99", 1, &sample);
    CHECK(is_value(&sample.canary[0], 400) && is_value(&sample.baseline[0], 200));
    finish();
}

CHECK_MAIN({"split", test_split}, {"large_split", test_large_split},
           {"order_does_not_matter", test_order_does_not_matter},
           {"targets_have_their_own", test_targets_have_their_own},
           {"independence", test_independence}, {"injected_errors", test_injected_errors},
           {"injected_into_many_errors", test_injected_into_many_errors},
           {"injected_from", test_injected_from}, {"ramp", test_ramp}, {"start", test_start},
           {"crash", test_crash}, {"crash_of_recorded_arms", test_crash_of_recorded_arms},
           {"injected_into_recorded_arms", test_injected_into_recorded_arms},
           {"counts_without_requests", test_counts_without_requests}, {"values", test_values},
           {"lone_percentile", test_lone_percentile})
