/* Percentiles of a few requests: their distribution against that of order statistics. */
#include "base/math.h"
#include "check.h"
#include "world/quantile.h"

#include <math.h>

enum { DRAWS = 20000 };

/* The percentiles of an exponential distribution with mean 100. */
static double exponential(double q)
{
    return -100 * math_log(1 - q);
}

static const double levels[] = {0.5, 0.9, 0.99};

static void values_of(double values[3])
{
    for (size_t i = 0; i < 3; i++)
        values[i] = exponential(levels[i]);
}

static bool same(const double *a, const double *b, size_t count)
{
    return memcmp(a, b, count * sizeof *a) == 0;
}

static void open_at(struct random_stream *stream, uint64_t index)
{
    random_open(stream, 7, RANDOM_VALUES, index);
}

static void test_all_is_the_whole(void)
{
    double values[3], drawn[3];
    struct random_stream stream;
    values_of(values);
    for (uint64_t i = 0; i < 100; i++) {
        open_at(&stream, i);
        quantile_draw(levels, values, 3, 1000, 1000, &stream, drawn);
        CHECK(same(drawn, values, 3));
    }
}

static void test_same_stream_same_draw(void)
{
    double values[3], first[3], again[3], other[3];
    struct random_stream stream;
    values_of(values);
    open_at(&stream, 1);
    quantile_draw(levels, values, 3, 50, 1000, &stream, first);
    open_at(&stream, 1);
    quantile_draw(levels, values, 3, 50, 1000, &stream, again);
    open_at(&stream, 2);
    quantile_draw(levels, values, 3, 50, 1000, &stream, other);
    CHECK(same(first, again, 3));
    CHECK(!same(first, other, 3));
}

static void test_rises(void)
{
    static const double wild[] = {5, 4, 6}; /* a p90 below the p50 */
    double values[3], drawn[3];
    struct random_stream stream;
    values_of(values);
    for (uint64_t i = 0; i < 2000; i++) {
        int64_t sample = 1 + (int64_t)(i % 40);
        open_at(&stream, i);
        quantile_draw(levels, values, 3, sample, 1000000, &stream, drawn);
        CHECK(drawn[0] <= drawn[1] && drawn[1] <= drawn[2]);
        CHECK(drawn[0] > 0 && isfinite(drawn[2]));
        quantile_draw(levels, wild, 3, sample, 1000000, &stream, drawn);
        CHECK(drawn[0] <= drawn[1] && drawn[1] <= drawn[2]);
    }
}

/* One request has one latency: all its percentiles are that. */
static void test_one_request(void)
{
    double values[3], drawn[3];
    struct random_stream stream;
    values_of(values);
    for (uint64_t i = 0; i < 500; i++) {
        open_at(&stream, i);
        quantile_draw(levels, values, 3, 1, INT64_C(1) << 50, &stream, drawn);
        CHECK(fabs(drawn[0] - drawn[2]) <= 1e-3 * drawn[2]);
    }
}

/* Values without a logarithm: the line runs through the values themselves. */
static void test_not_positive(void)
{
    static const double values[] = {-1, 0, 4};
    double drawn[3];
    struct random_stream stream;
    double sum = 0;
    for (uint64_t i = 0; i < 4000; i++) {
        open_at(&stream, i);
        quantile_draw(levels, values, 3, 100, 1000000, &stream, drawn);
        CHECK(isfinite(drawn[0]) && drawn[0] <= drawn[2]);
        sum += drawn[0];
    }
    CHECK(fabs(sum / 4000 - -1) < 0.1);
}

/* P(Beta(k, n - k + 1) <= u), the k-th smallest of n uniform numbers: at least k of them below u.
 */
static double order_statistic(int k, int n, double u)
{
    double sum = 0;
    for (int i = k; i <= n; i++) {
        double ways = lgamma(n + 1.0) - lgamma(i + 1.0) - lgamma(n - i + 1.0);
        sum += exp(ways + i * log(u) + (n - i) * log(1 - u));
    }
    return sum;
}

/* The largest distance between what was drawn and what should be, over a grid. */
static double distance(size_t level, int sample)
{
    static int below[100];
    double values[3], drawn[3];
    struct random_stream stream;
    values_of(values);
    memset(below, 0, sizeof below);
    for (uint64_t i = 0; i < DRAWS; i++) {
        open_at(&stream, i);
        quantile_draw(levels, values, 3, sample, INT64_C(1) << 50, &stream, drawn);
        /* The curve is exact at the known percentiles only: compared there, below. */
        for (int g = 0; g < 3; g++)
            below[g] += drawn[level] <= values[g];
    }
    double most = 0;
    int rank = (int)ceil(levels[level] * sample - 1e-9);
    for (int g = 0; g < 3; g++) {
        double off = fabs((double)below[g] / DRAWS - order_statistic(rank, sample, levels[g]));
        most = off > most ? off : most;
    }
    return most;
}

/* 20,000 draws: the standard deviation of a frequency is at most 0.0036. */
static void test_distribution(void)
{
    static const int samples[] = {1, 2, 10, 37, 100, 1000};
    for (size_t level = 0; level < 3; level++) {
        for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
            double off = distance(level, samples[i]);
            if (!CHECK(off < 0.015))
                fprintf(stderr, "p%g of %d: off by %g\n", levels[level] * 100, samples[i], off);
        }
    }
}

/* Percentiles of one sample hang together: P(p50 and p90 both below a value), against the exact sum
 * over how many requests lie below it. */
static void test_joint(void)
{
    enum { SAMPLE = 20 };
    double values[3], drawn[3];
    struct random_stream stream;
    int both = 0;
    int neither = 0;
    values_of(values);
    for (uint64_t i = 0; i < DRAWS; i++) {
        open_at(&stream, i);
        quantile_draw(levels, values, 3, SAMPLE, INT64_C(1) << 50, &stream, drawn);
        both += drawn[0] <= values[1] && drawn[1] <= values[1];
        neither += drawn[0] > values[0] && drawn[1] > values[0];
    }
    /* The p90 is the 18th of 20, the p50 the 10th, and the 10th is never above the 18th. */
    CHECK(fabs((double)both / DRAWS - order_statistic(18, SAMPLE, 0.9)) < 0.015);
    CHECK(fabs((double)neither / DRAWS - (1 - order_statistic(10, SAMPLE, 0.5))) < 0.015);
}

/* A small canary looks faster than it is: with like distributions the p99 of 100 requests lies
 * above that of the whole in 26 of 100 cases only. */
static void test_small_samples_look_faster(void)
{
    double values[3], drawn[3];
    struct random_stream stream;
    int above = 0;
    values_of(values);
    for (uint64_t i = 0; i < DRAWS; i++) {
        open_at(&stream, i);
        quantile_draw(levels, values, 3, 100, INT64_C(1) << 50, &stream, drawn);
        above += drawn[2] > values[2];
    }
    double exact = 1 - order_statistic(99, 100, 0.99); /* 0.264 */
    CHECK(fabs((double)above / DRAWS - exact) < 0.015);
    CHECK(exact > 0.26 && exact < 0.27);
}

/* Half of all requests deviate less than as many out of endlessly many: by sqrt(1 - 1/2). */
static void test_finite_population(void)
{
    double values[3], drawn[3];
    double spread[2] = {0, 0};
    struct random_stream stream;
    values_of(values);
    for (uint64_t i = 0; i < DRAWS; i++) {
        for (int k = 0; k < 2; k++) {
            open_at(&stream, i);
            quantile_draw(levels, values, 3, 1000, k ? 2000 : INT64_C(1) << 50, &stream, drawn);
            double off = math_log(drawn[0] / values[0]);
            spread[k] += off * off;
        }
    }
    CHECK(fabs(sqrt(spread[1] / spread[0]) - sqrt(0.5)) < 0.03);
}

CHECK_MAIN({"all_is_the_whole", test_all_is_the_whole},
           {"same_stream_same_draw", test_same_stream_same_draw}, {"rises", test_rises},
           {"one_request", test_one_request}, {"not_positive", test_not_positive},
           {"distribution", test_distribution}, {"joint", test_joint},
           {"small_samples_look_faster", test_small_samples_look_faster},
           {"finite_population", test_finite_population})
