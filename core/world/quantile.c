#include "world/quantile.h"

#include "base/math.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>

/* Gamma(shape), shape >= 1, by Marsaglia and Tsang, "A simple method for generating gamma
 * variables" (ACM TOMS 26, 2000): a cube of a shifted normal, accepted with a logarithm. */
static double draw_gamma(struct random_stream *stream, double shape)
{
    double d = shape - 1.0 / 3.0;
    double c = 1 / sqrt(9 * d);
    for (;;) {
        double x = random_normal(stream);
        double root = 1 + c * x;
        if (root <= 0)
            continue;
        double cube = root * root * root;
        double u = 1 - random_unit(stream);
        if (math_log(u) < x * x / 2 + d - d * cube + d * math_log(cube))
            return d * cube;
    }
}

static double draw_beta(struct random_stream *stream, int64_t a, int64_t b)
{
    double x = draw_gamma(stream, (double)a);
    double y = draw_gamma(stream, (double)b);
    return x / (x + y);
}

/* Which of `sample` sorted requests is the percentile q; a hair is taken off first, since 0.07 *
 * 100 comes out above 7. */
static int64_t rank_of(double q, int64_t sample)
{
    double rank = ceil(q * (double)sample - 1e-9);
    return rank < 1 ? 1 : (int64_t)rank;
}

/* From the highest rank down: below the k-th smallest of all lie k-1 uniform draws. */
static void draw_uniforms(const double *q, size_t count, int64_t sample,
                          struct random_stream *stream, double *u)
{
    int64_t above = sample + 1;
    double bound = 1;
    for (size_t i = count; i-- > 0;) {
        int64_t rank = rank_of(q[i], sample);
        if (rank < above)
            bound *= draw_beta(stream, rank, above - rank);
        above = rank;
        u[i] = bound;
    }
}

/* The known percentiles as points of a polyline. Values of zero or less have no logarithm: then the
 * line runs through the values themselves. */
struct curve {
    double x[QUANTILES_MAX], y[QUANTILES_MAX];
    size_t count;
    bool logarithmic;
};

static double depth(double q)
{
    double rest = 1 - q;
    return -math_log(rest > 1e-12 ? rest : 1e-12);
}

static void build_curve(struct curve *curve, const double *q, const double *values, size_t count)
{
    curve->count = count;
    curve->logarithmic = true;
    for (size_t i = 0; i < count; i++)
        curve->logarithmic = curve->logarithmic && values[i] > 0;
    for (size_t i = 0; i < count; i++) {
        curve->x[i] = depth(q[i]);
        curve->y[i] = curve->logarithmic ? math_log(values[i]) : values[i];
        /* Providers estimate percentiles one by one: a p99 below its p90 does occur. */
        if (i > 0 && curve->y[i] < curve->y[i - 1])
            curve->y[i] = curve->y[i - 1];
    }
}

static double curve_value(const struct curve *curve, double q)
{
    double x = depth(q);
    size_t i = 1;
    while (i + 1 < curve->count && x > curve->x[i])
        i++;
    double slope = (curve->y[i] - curve->y[i - 1]) / (curve->x[i] - curve->x[i - 1]);
    double y = curve->y[i - 1] + slope * (x - curve->x[i - 1]);
    return curve->logarithmic ? math_exp(y) : y;
}

void quantile_draw(const double *q, const double *values, size_t count, int64_t sample,
                   int64_t total, struct random_stream *stream, double *drawn)
{
    assert(count >= 2 && count <= QUANTILES_MAX && sample >= 1 && sample <= total);
    struct curve curve;
    build_curve(&curve, q, values, count);
    draw_uniforms(q, count, sample, stream, drawn);
    /* A sample of nearly all of them deviates less: the finite population correction. */
    double left = sqrt(1 - (double)sample / (double)total);
    for (size_t i = 0; i < count; i++)
        drawn[i] = left > 0 ? curve_value(&curve, q[i] + (drawn[i] - q[i]) * left) : values[i];
}
