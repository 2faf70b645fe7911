/* The logarithm of the gamma function: a polynomial around its zeros at 1 and 2, Stirling's series
 * from 12 on, and below that the series further up less the logarithm of the factors between. */
#include "base/math.h"
#include "base/math_wide.h"

#include <math.h>

enum { SERIES_FROM = 12 };

static double polynomial(const double *terms, int count, double x)
{
    double sum = terms[count - 1];
    for (int i = count - 2; i >= 0; i--)
        sum = sum * x + terms[i];
    return sum;
}

/* d (c0 + c1 d + c2 d^2 + tail d^3), the first terms in twice the precision. */
static double near_zero(double d, const struct wide c[3], double tail)
{
    struct wide sum = wide_times((struct wide){d, 0}, (struct wide){tail, 0});
    for (int i = 2; i >= 0; i--) {
        sum = wide_add(c[i], sum);
        sum = wide_times(sum, (struct wide){d, 0});
    }
    return sum.high;
}

/* log gamma(1 + d) for |d| <= 1/8: Taylor's first terms, the rest fitted to 2^-66. */
static double near_one(double d)
{
    static const struct wide first[] = {
        {-0x1.2788cfc6fb619p-1, 0x1.6cb90701fbfabp-58},
        {0x1.a51a6625307d3p-1, 0x1.1873d8912200cp-56},
        {-0x1.9a4d55beab2d7p-2, 0x1.4c26d1b465993p-59},
    };
    static const double tail[] = {
        0x1.151322ac7d84ap-2, -0x1.a8b9c17aa5e03p-3, 0x1.5b40cb100b26ap-3, -0x1.2703a1dd9b757p-3,
        0x1.010b36b16f87dp-3, -0x1.c8066eae564b9p-4, 0x1.9a01e01e1cbb2p-4, -0x1.748d47777897cp-4,
        0x1.556c7c187cdaep-4, -0x1.3ac3b1db59147p-4, 0x1.2425622e74d28p-4, -0x1.1fcb4b99bdff5p-4,
        0x1.0fe810ba57cd5p-4,
    };
    return near_zero(d, first, polynomial(tail, sizeof tail / sizeof *tail, d));
}

/* log gamma(2 + d) for |d| <= 1/8, likewise. */
static double near_two(double d)
{
    static const struct wide first[] = {
        {0x1.b0ee6072093cep-2, 0x1.6cb90701fbfabp-58},
        {0x1.4a34cc4a60fa6p-2, 0x1.1873d8912200cp-56},
        {-0x1.13e001a557607p-4, 0x1.fb68be2f8821fp-58},
    };
    static const double tail[] = {
        0x1.51322ac7d8483p-6,   -0x1.e404fc218f5edp-8,  0x1.7add6eadb74a5p-9,
        -0x1.38ac5c2bf7d09p-10, 0x1.0b36af817dfdcp-11,  -0x1.d3fd4cc9909c7p-13,
        0x1.a127d08a11213p-14,  -0x1.78dcf015ebd87p-15, 0x1.57e21ae9893b5p-16,
        -0x1.3ee63acc0bf69p-17, 0x1.3b6c57656830ep-18,
    };
    return near_zero(d, first, polynomial(tail, sizeof tail / sizeof *tail, d));
}

static struct wide log_of(struct wide x)
{
    struct wide log = wide_log(x.high);
    return wide_add(log, (struct wide){x.low / x.high, 0});
}

/* B(2k) / (2k (2k - 1) x^(2k - 1)), k from 1 */
static double stirling_tail(double x)
{
    static const double terms[] = {
        1.0 / 12,        -1.0 / 360, 1.0 / 1260,       -1.0 / 1680,      1.0 / 1188,
        -691.0 / 360360, 1.0 / 156,  -3617.0 / 122400, 43867.0 / 244188, -174611.0 / 125400,
    };
    double inverse = 1 / x;
    return inverse * polynomial(terms, sizeof terms / sizeof *terms, inverse * inverse);
}

/* (x - 1/2) log(x) - x + log(2 pi) / 2 + tail */
static struct wide stirling(struct wide x)
{
    const struct wide half_log_2pi = {0x1.d67f1c864beb5p-1, -0x1.65b5a1b7ff5dfp-55};
    struct wide less = wide_add(x, (struct wide){-0.5, 0});
    struct wide sum = wide_add(wide_times(less, log_of(x)), wide_negate(x));
    struct wide rest = wide_add(half_log_2pi, (struct wide){stirling_tail(x.high), 0});
    return wide_add(sum, rest);
}

/* Up there log gamma(x) is x (log(x) - 1); scaled, as products must stay in range. */
static double far_up(double x)
{
    struct wide factor = wide_add(wide_log(x), (struct wide){-1, 0});
    return wide_times((struct wide){x * 0x1p-100, 0}, factor).high * 0x1p100;
}

static double from_above(double x)
{
    struct wide product = {1, 0};
    struct wide at = {x, 0};
    for (int i = 1; at.high < SERIES_FROM; i++) {
        product = wide_times(product, at);
        at = wide_sum(x, i);
    }
    return wide_add(stirling(at), wide_negate(log_of(product))).high;
}

double math_log_gamma(double x)
{
    if (!(x > 0))
        return x == 0 ? INFINITY : NAN;
    if (x > DBL_MAX)
        return x;
    if (x < 0x1p-60)
        return -math_log(x);
    if (fabs(x - 1) <= 0.125)
        return near_one(x - 1);
    if (fabs(x - 2) <= 0.125)
        return near_two(x - 2);
    if (x > 0x1p80)
        return far_up(x);
    return x < SERIES_FROM ? from_above(x) : stirling((struct wide){x, 0}).high;
}
