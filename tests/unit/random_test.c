/* core/base/random: the bits are fixed for good, and the draws are those of their distributions. */
#include "base/math.h"
#include "base/random.h"
#include "check.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

static struct random_stream opened(uint64_t index)
{
    struct random_stream stream;
    random_open(&stream, 42, RANDOM_TRAFFIC, index);
    return stream;
}

/* Recorded simulations hang on these numbers: they never change. */
static void test_golden(void)
{
    static const struct {
        uint64_t seed;
        enum random_purpose purpose;
        uint64_t index, first, second;
    } rows[] = {
        {0, RANDOM_POLICY, 0, 0x1a70a846bd9cc2a9, 0x96a7142fde2cfe9f},
        {1, RANDOM_POLICY, 0, 0xc5883e370b0926c3, 0x180c9e649e96d517},
        {1, RANDOM_TRAFFIC, 0, 0xb9d7eb9ab11d257a, 0x881b63c033b8de23},
        {1, RANDOM_TRAFFIC, 1, 0x0b98260b1a38e980, 0xc11449070e536f29},
        {UINT64_MAX, RANDOM_VALUES, UINT64_MAX, 0xb844114dbf877443, 0x7c0dc9f63eb95b90},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct random_stream stream;
        random_open(&stream, rows[i].seed, rows[i].purpose, rows[i].index);
        uint64_t first = random_bits(&stream);
        uint64_t second = random_bits(&stream);
        if (!CHECK(first == rows[i].first && second == rows[i].second))
            fprintf(stderr, "row %zu: 0x%016" PRIx64 ", 0x%016" PRIx64 "\n", i, first, second);
    }
}

static uint64_t bits_of(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static uint64_t stirred(uint64_t sum, uint64_t part)
{
    return (sum ^ part) * 0x100000001b3;
}

/* One number for many draws of every kind and branch, the last bit of each included. */
static void test_golden_draws(void)
{
    struct random_stream stream = opened(0);
    uint64_t sum = 0;
    for (int i = 0; i < 1000; i++) {
        sum = stirred(sum, bits_of(random_unit(&stream)));
        sum = stirred(sum, bits_of(random_normal(&stream)));
        sum = stirred(sum, random_below(&stream, 1000003));
        sum = stirred(sum, (uint64_t)random_binomial(&stream, 12000, 0.0005));
        sum = stirred(sum, (uint64_t)random_binomial(&stream, 12000, 0.05));
        sum = stirred(sum, (uint64_t)random_binomial(&stream, INT64_C(1000000000000), 0.7));
        sum = stirred(sum, (uint64_t)random_hypergeometric(&stream, 12000, 12, 600));
        sum = stirred(sum, (uint64_t)random_hypergeometric(&stream, 12000, 300, 5000));
        sum = stirred(sum, (uint64_t)random_poisson(&stream, 2.5));
        sum = stirred(sum, (uint64_t)random_poisson(&stream, 250));
    }
    if (!CHECK(sum == 0xef2a255e982c2131))
        fprintf(stderr, "sum: 0x%016" PRIx64 "\n", sum);
}

/* Streams next to each other in any respect share no values and no correlation of bits. */
static void test_streams_apart(void)
{
    int64_t differing = 0;
    for (uint64_t i = 0; i < 10000; i++) {
        struct random_stream here = opened(i);
        struct random_stream there = opened(i + 1);
        uint64_t difference = random_bits(&here) ^ random_bits(&there);
        differing += __builtin_popcountll(difference);
        CHECK(difference != 0);
    }
    CHECK(differing > 640000 / 2 - 2000 && differing < 640000 / 2 + 2000); /* 5 deviations */
}

static void test_unit(void)
{
    struct random_stream stream = opened(1);
    double sum = 0;
    double squares = 0;
    const int draws = 200000;
    for (int i = 0; i < draws; i++) {
        double unit = random_unit(&stream);
        CHECK(unit >= 0 && unit < 1);
        CHECK(unit * 0x1p53 == floor(unit * 0x1p53));
        sum += unit;
        squares += unit * unit;
    }
    CHECK(fabs(sum / draws - 0.5) < 4 * sqrt(1.0 / 12 / draws));
    CHECK(fabs(squares / draws - 1.0 / 3) < 4 * sqrt(4.0 / 45 / draws));
}

/* The upper quantile of chi-square that a right generator passes but once in 10000 rows
 * (Wilson-Hilferty). */
static double chi_square_limit(double freedom)
{
    double spread = 2.0 / 9 / freedom;
    double root = 1 - spread + 3.719 * sqrt(spread);
    return freedom * root * root * root;
}

struct fit {
    double chi, waiting_expected, waiting_seen;
    int cells;
};

/* Neighbours are put together until at least 10 are expected. */
static void fit_add(struct fit *fit, double expected, double seen, bool last)
{
    fit->waiting_expected += expected;
    fit->waiting_seen += seen;
    if (fit->waiting_expected < 10 && !(last && fit->waiting_expected > 0.5))
        return;
    double off = fit->waiting_seen - fit->waiting_expected;
    fit->chi += off * off / fit->waiting_expected;
    fit->cells++;
    fit->waiting_expected = 0;
    fit->waiting_seen = 0;
}

static bool fit_ok(const struct fit *fit)
{
    return fit->cells < 2 || fit->chi < chi_square_limit(fit->cells - 1);
}

static void test_below(void)
{
    static const uint64_t bounds[] = {2, 3, 10, 1000};
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        struct random_stream stream = opened(i);
        double seen[1000] = {0};
        for (int n = 0; n < 50000; n++) {
            uint64_t drawn = random_below(&stream, bounds[i]);
            if (CHECK(drawn < bounds[i]))
                seen[drawn]++;
        }
        struct fit fit = {0};
        for (uint64_t k = 0; k < bounds[i]; k++)
            fit_add(&fit, 50000 / (double)bounds[i], seen[k], k + 1 == bounds[i]);
        CHECK(fit_ok(&fit));
    }
}

/* A bound of three quarters of 2^64: without drawing anew every third value would come twice. */
static void test_below_is_unbiased(void)
{
    struct random_stream stream = opened(3);
    const uint64_t bound = UINT64_C(3) << 62;
    double thirds[3] = {0};
    for (int n = 0; n < 30000; n++)
        thirds[random_below(&stream, bound) % 3]++;
    struct fit fit = {0};
    for (int k = 0; k < 3; k++)
        fit_add(&fit, 10000, thirds[k], k == 2);
    CHECK(fit_ok(&fit));
    for (int n = 0; n < 1000; n++)
        CHECK(random_below(&stream, 1) == 0);
}

/* The normal distribution at the ends of 12 cells of equal probability. */
static void test_normal(void)
{
    static const double ends[] = {-1.3829941271006392, -0.967421566101701,  -0.6744897501960817,
                                  -0.4307272992954575, -0.2104283942479247, 0,
                                  0.2104283942479247,  0.4307272992954575,  0.6744897501960817,
                                  0.967421566101701,   1.3829941271006392};
    struct random_stream stream = opened(4);
    double seen[12] = {0};
    double beyond_three = 0;
    double moments[4] = {0};
    const int draws = 240000;
    for (int n = 0; n < draws; n++) {
        double x = random_normal(&stream);
        int cell = 0;
        while (cell < 11 && x >= ends[cell])
            cell++;
        seen[cell]++;
        beyond_three += fabs(x) > 3;
        for (int k = 0; k < 4; k++)
            moments[k] += pow(x, k + 1) / draws;
    }
    struct fit fit = {0};
    for (int k = 0; k < 12; k++)
        fit_add(&fit, draws / 12.0, seen[k], k == 11);
    CHECK(fit_ok(&fit));
    CHECK(fabs(beyond_three - draws * 0.002699796) < 4 * sqrt(draws * 0.0027));
    CHECK(fabs(moments[0]) < 4 / sqrt(draws));
    CHECK(fabs(moments[1] - 1) < 4 * sqrt(2.0 / draws));
    CHECK(fabs(moments[2]) < 4 * sqrt(15.0 / draws));
    CHECK(fabs(moments[3] - 3) < 4 * sqrt(96.0 / draws));
}

/* ln C(n, k); up to n of some 1e7 its errors are far below what the tests can see. */
static double log_choose(double n, double k)
{
    return math_log_gamma(n + 1) - math_log_gamma(k + 1) - math_log_gamma(n - k + 1);
}

enum kind { BINOMIAL, HYPERGEOMETRIC, POISSON };

/* One row of parameters: trials and probability; total, marked and sample; or a mean. */
struct counts {
    enum kind kind;
    int64_t a, b, c;
    double p;
};

static int64_t draw(const struct counts *row, struct random_stream *stream)
{
    switch (row->kind) {
    case BINOMIAL:
        return random_binomial(stream, row->a, row->p);
    case HYPERGEOMETRIC:
        return random_hypergeometric(stream, row->a, row->b, row->c);
    case POISSON:
        break;
    }
    return random_poisson(stream, row->p);
}

static double mass(const struct counts *row, int64_t at)
{
    double k = (double)at;
    double a = (double)row->a;
    double b = (double)row->b;
    double c = (double)row->c;
    switch (row->kind) {
    case BINOMIAL:
        return exp(log_choose(a, k) + k * log(row->p) + (a - k) * log1p(-row->p));
    case HYPERGEOMETRIC:
        return exp(log_choose(b, k) + log_choose(a - b, c - k) - log_choose(a, c));
    case POISSON:
        break;
    }
    return exp(k * log(row->p) - row->p - math_log_gamma(k + 1));
}

struct span {
    int64_t low, high;
    double mean, variance;
};

static struct span span_of(const struct counts *row)
{
    double a = (double)row->a;
    double share = row->kind == HYPERGEOMETRIC ? (double)row->b / a : row->p;
    double c = (double)row->c;
    switch (row->kind) {
    case BINOMIAL:
        return (struct span){0, row->a, a * share, a * share * (1 - share)};
    case HYPERGEOMETRIC:
        return (struct span){row->b + row->c > row->a ? row->b + row->c - row->a : 0,
                             row->b < row->c ? row->b : row->c, c * share,
                             a > 1 ? c * share * (1 - share) * (a - c) / (a - 1) : 0};
    case POISSON:
        break;
    }
    return (struct span){0, INT64_MAX, row->p, row->p};
}

static const struct counts small_rows[] = {
    /* walking */
    {BINOMIAL, 1, 0, 0, 0.3},
    {BINOMIAL, 7, 0, 0, 0.5},
    {BINOMIAL, 12, 0, 0, 0.8},
    {BINOMIAL, 100, 0, 0, 0.0999},
    {BINOMIAL, 12000, 0, 0, 0.0005},
    {BINOMIAL, 1000000, 0, 0, 0.999995},
    /* rejecting */
    {BINOMIAL, 20, 0, 0, 0.5},
    {BINOMIAL, 100, 0, 0, 0.1001},
    {BINOMIAL, 60, 0, 0, 0.7},
    {BINOMIAL, 12000, 0, 0, 0.05},
    {BINOMIAL, 12000, 0, 0, 0.99},
    {BINOMIAL, 100000, 0, 0, 0.0002},
    {BINOMIAL, 3000000, 0, 0, 0.4},
    /* walking */
    {HYPERGEOMETRIC, 2, 1, 1, 0},
    {HYPERGEOMETRIC, 10, 5, 5, 0},
    {HYPERGEOMETRIC, 10, 7, 6, 0},
    {HYPERGEOMETRIC, 38, 19, 19, 0},
    {HYPERGEOMETRIC, 12000, 12, 600, 0},
    {HYPERGEOMETRIC, 12000, 600, 12, 0},
    {HYPERGEOMETRIC, 12000, 100, 1100, 0},
    {HYPERGEOMETRIC, 12000, 11900, 11000, 0},
    {HYPERGEOMETRIC, 5000000, 3000, 4000, 0},
    /* rejecting */
    {HYPERGEOMETRIC, 40, 20, 20, 0},
    {HYPERGEOMETRIC, 50, 25, 21, 0},
    {HYPERGEOMETRIC, 100, 30, 45, 0},
    {HYPERGEOMETRIC, 100, 70, 45, 0},
    {HYPERGEOMETRIC, 100, 30, 55, 0},
    {HYPERGEOMETRIC, 100, 65, 70, 0},
    {HYPERGEOMETRIC, 12000, 600, 6000, 0},
    {HYPERGEOMETRIC, 12000, 24, 6000, 0},
    {HYPERGEOMETRIC, 1000000, 20000, 500, 0},
    {HYPERGEOMETRIC, 3000000, 1000000, 900000, 0},
    /* walking, then rejecting */
    {POISSON, 0, 0, 0, 0.01},
    {POISSON, 0, 0, 0, 1},
    {POISSON, 0, 0, 0, 9.99},
    {POISSON, 0, 0, 0, 10},
    {POISSON, 0, 0, 0, 37.5},
    {POISSON, 0, 0, 0, 1000},
    {POISSON, 0, 0, 0, 250000},
};

enum { DRAWS = 100000, WIDEST = 40000 };

/* Chi-square over the support within 8 deviations (and what small means need) of the mean. */
static bool fits(const struct counts *row, struct random_stream *stream)
{
    static double seen[WIDEST];
    memset(seen, 0, sizeof seen);
    struct span span = span_of(row);
    int64_t reach = (int64_t)(8 * sqrt(span.variance)) + 20;
    int64_t low = (int64_t)span.mean - reach;
    int64_t high = (int64_t)span.mean + reach;
    low = low < span.low ? span.low : low;
    high = high > span.high ? span.high : high;
    for (int n = 0; n < DRAWS; n++) {
        int64_t k = draw(row, stream);
        if (k < low || k > high || k - low >= WIDEST)
            return false;
        seen[k - low]++;
    }
    struct fit fit = {0};
    for (int64_t k = low; k <= high; k++)
        fit_add(&fit, DRAWS * mass(row, k), seen[k - low], k == high);
    return fit_ok(&fit);
}

static void test_counts_fit(void)
{
    for (size_t i = 0; i < sizeof small_rows / sizeof *small_rows; i++) {
        struct random_stream stream = opened(100 + i);
        const struct counts *row = &small_rows[i];
        if (!CHECK(fits(row, &stream)))
            fprintf(stderr, "kind %d: %" PRId64 " %" PRId64 " %" PRId64 " %g\n", (int)row->kind,
                    row->a, row->b, row->c, row->p);
    }
}

static const struct counts large_rows[] = {
    {BINOMIAL, INT64_C(1000000000000), 0, 0, 0.5},
    {BINOMIAL, INT64_C(1000000000000), 0, 0, 0.93},
    {BINOMIAL, INT64_C(1000000000000), 0, 0, 1e-6},
    {BINOMIAL, INT64_C(1000000000000), 0, 0, 3e-12},
    {HYPERGEOMETRIC, INT64_C(1000000000000), INT64_C(300000000000), INT64_C(50000000000), 0},
    {HYPERGEOMETRIC, INT64_C(1000000000000), INT64_C(900000000000), INT64_C(990000000000), 0},
    {HYPERGEOMETRIC, INT64_C(1000000000000), 1000000, 3000000, 0},
    {HYPERGEOMETRIC, INT64_C(1000000000000), INT64_C(500000000000), 15, 0},
    {POISSON, 0, 0, 0, 1e12},
};

/* Where the support is too wide to count every outcome. */
static void test_large_counts(void)
{
    for (size_t i = 0; i < sizeof large_rows / sizeof *large_rows; i++) {
        struct random_stream stream = opened(200 + i);
        struct span span = span_of(&large_rows[i]);
        double mean = 0;
        double variance = 0;
        for (int n = 0; n < DRAWS; n++) {
            int64_t k = draw(&large_rows[i], &stream);
            CHECK(k >= span.low && k <= span.high);
            double off = ((double)k - span.mean) / sqrt(span.variance);
            mean += off / DRAWS;
            variance += off * off / DRAWS;
        }
        double excess = span.variance < 100 ? 1 / span.variance : 0; /* of Poisson at most */
        bool ok = fabs(mean) < 4 / sqrt(DRAWS) &&
                  fabs(variance - 1) < 4 * sqrt((2 + excess) / DRAWS);
        if (!CHECK(ok))
            fprintf(stderr, "row %zu: mean off by %g, variance %g\n", i, mean, variance);
    }
}

/* Nearly normal: 8 cells of equal probability show what two moments would not. */
static void test_large_shape(void)
{
    static const double ends[] = {-1.1503493803760083, -0.6744897501960817, -0.3186393639643752, 0,
                                  0.3186393639643752,  0.6744897501960817,  1.1503493803760083};
    for (size_t i = 0; i < sizeof large_rows / sizeof *large_rows; i++) {
        struct random_stream stream = opened(300 + i);
        struct span span = span_of(&large_rows[i]);
        double seen[8] = {0};
        for (int n = 0; n < DRAWS && span.variance > 1e6; n++) {
            double off = ((double)draw(&large_rows[i], &stream) - span.mean) / sqrt(span.variance);
            int cell = 0;
            while (cell < 7 && off >= ends[cell])
                cell++;
            seen[cell]++;
        }
        struct fit fit = {0};
        for (int k = 0; k < 8 && span.variance > 1e6; k++)
            fit_add(&fit, DRAWS / 8.0, seen[k], k == 7);
        CHECK(fit_ok(&fit));
    }
}

static void test_edges(void)
{
    struct random_stream stream = opened(5);
    CHECK(random_binomial(&stream, 0, 0.5) == 0);
    CHECK(random_binomial(&stream, -3, 0.5) == 0);
    CHECK(random_binomial(&stream, 12, 0) == 0);
    CHECK(random_binomial(&stream, 12, -1) == 0);
    CHECK(random_binomial(&stream, 12, 1) == 12);
    CHECK(random_binomial(&stream, 12, 1.5) == 12);
    CHECK(random_binomial(&stream, 12, NAN) == 0);
    CHECK(random_binomial(&stream, 1000, 5e-324) == 0);
    CHECK(random_hypergeometric(&stream, 0, 0, 0) == 0);
    CHECK(random_hypergeometric(&stream, 100, 0, 40) == 0);
    CHECK(random_hypergeometric(&stream, 100, 100, 40) == 40);
    CHECK(random_hypergeometric(&stream, 100, 30, 100) == 30);
    CHECK(random_hypergeometric(&stream, 100, 30, 0) == 0);
    CHECK(random_hypergeometric(&stream, 100, 130, 140) == 100);
    CHECK(random_hypergeometric(&stream, 1, 1, 1) == 1);
    CHECK(random_poisson(&stream, 0) == 0);
    CHECK(random_poisson(&stream, -1) == 0);
    CHECK(random_poisson(&stream, NAN) == 0);
    CHECK(random_poisson(&stream, INFINITY) > 0);
}

/* Every small urn and number of trials stays in its support. */
static void test_support(void)
{
    struct random_stream stream = opened(6);
    for (int64_t total = 0; total <= 44; total += total < 8 ? 1 : 9) {
        for (int64_t marked = 0; marked <= total; marked++) {
            for (int64_t sample = 0; sample <= total; sample++) {
                struct counts row = {HYPERGEOMETRIC, total, marked, sample, 0};
                struct span span = span_of(&row);
                for (int n = 0; n < 20; n++) {
                    int64_t k = draw(&row, &stream);
                    CHECK(k >= span.low && k <= span.high);
                }
            }
        }
        for (double p = 0; p <= 1; p += 1.0 / 16) {
            int64_t k = random_binomial(&stream, total, p);
            CHECK(k >= 0 && k <= total);
        }
    }
}

CHECK_MAIN({"golden", test_golden}, {"golden_draws", test_golden_draws},
           {"streams_apart", test_streams_apart}, {"unit", test_unit}, {"below", test_below},
           {"below_is_unbiased", test_below_is_unbiased}, {"normal", test_normal},
           {"counts_fit", test_counts_fit}, {"large_counts", test_large_counts},
           {"large_shape", test_large_shape}, {"edges", test_edges}, {"support", test_support})
