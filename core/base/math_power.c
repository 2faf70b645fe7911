/* The logarithm in twice the precision, and what needs it: log2, log10 and pow are rounded once, so
 * results that are doubles come out as they are. */
#include "base/math.h"
#include "base/math_wide.h"

#include <math.h>
#include <stdbool.h>

static const struct wide ln2 = {0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56};
static const double sqrt_half = 0x1.6a09e667f3bcdp-1;

/* 2 (s^8/9 + s^10/11 + ...) for z = s^2 <= 0.0295: the terms that may be rounded as doubles. */
static double artanh_tail(double z)
{
    double sum = 2.0 / 31;
    for (int divisor = 29; divisor >= 9; divisor -= 2)
        sum = sum * z + 2.0 / divisor;
    return sum;
}

/* 2 artanh(s) */
static struct wide twice_artanh(struct wide s)
{
    static const struct wide terms[] = {
        {0x1.2492492492492p-2, 0x1.2492492492492p-56},  /* 2/7 */
        {0x1.999999999999ap-2, -0x1.999999999999ap-56}, /* 2/5 */
        {0x1.5555555555555p-1, 0x1.5555555555555p-55},  /* 2/3 */
    };
    struct wide z = wide_times(s, s);
    struct wide sum = {artanh_tail(z.high), 0};
    for (int i = 0; i < 3; i++)
        sum = wide_add(terms[i], wide_times(sum, z));
    sum = wide_times(sum, wide_times(s, z));
    return wide_add((struct wide){2 * s.high, 2 * s.low}, sum);
}

/* log(x / 2^exponent), where that fraction lies between the square roots of 1/2 and 2. */
static struct wide log_fraction(double x, int *exponent)
{
    double fraction = frexp(x, exponent);
    if (fraction < sqrt_half) {
        fraction *= 2;
        --*exponent;
    }
    struct wide numerator = {fraction - 1, 0};
    return twice_artanh(wide_divide(numerator, wide_sum(1, fraction)));
}

struct wide wide_log(double x)
{
    int exponent;
    struct wide fraction = log_fraction(x, &exponent);
    return wide_add(wide_times((struct wide){exponent, 0}, ln2), fraction);
}

/* log(x) / log(base), given 1 / log(base) and log(2) / log(base). */
static double log_to_base(double x, struct wide per_e, struct wide per_2)
{
    if (!(x > 0) || x > DBL_MAX)
        return math_log(x);
    int exponent;
    struct wide fraction = wide_times(log_fraction(x, &exponent), per_e);
    return wide_add(wide_times((struct wide){exponent, 0}, per_2), fraction).high;
}

double math_log2(double x)
{
    const struct wide per_e = {0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56};
    return log_to_base(x, per_e, (struct wide){1, 0});
}

double math_log10(double x)
{
    const struct wide per_e = {0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57};
    const struct wide per_2 = {0x1.34413509f79ffp-2, -0x1.9dc1da994fd21p-59};
    return log_to_base(x, per_e, per_2);
}

/* (e^r - 1 - r - r^2/2) / r^3 for |r| <= ln(2) / 2, times r^3 to 2^-64. */
static double exp_cubic(double r)
{
    static const double terms[] = {
        0x1.1f99e4d927cd4p-29, 0x1.af6cbdf7da5e7p-26, 0x1.27e4c2a7d0e7ep-22, 0x1.71ddefa3037a1p-19,
        0x1.a01a01b20a212p-16, 0x1.a01a01b3b1599p-13, 0x1.6c16c16c1412bp-10, 0x1.111111110ebdap-7,
        0x1.555555555555ap-5,  0x1.555555555555bp-3,
    };
    double sum = 0;
    for (int i = 0; i < 10; i++)
        sum = sum * r + terms[i];
    return sum;
}

/* e^x, rounded once. */
static double exp_of_wide(struct wide x)
{
    if (x.high > 800)
        return INFINITY;
    if (x.high < -800)
        return 0;
    double exponent = floor(x.high * 0x1.71547652b82fep+0 + 0.5);
    struct wide r = wide_add(x, wide_negate(wide_times((struct wide){exponent, 0}, ln2)));
    struct wide square = wide_times(r, r);
    double cube = r.high * square.high * exp_cubic(r.high);
    struct wide rest = wide_add(r, (struct wide){0.5 * square.high, 0.5 * square.low + cube});
    return ldexp(wide_add((struct wide){1, 0}, rest).high, (int)exponent);
}

static bool is_whole(double y)
{
    return floor(y) == y;
}

static bool is_odd(double y)
{
    return is_whole(y) && !is_whole(y / 2);
}

/* x^y for x > 0, neither being 0, 1 or infinite. */
static double pow_positive(double x, double y)
{
    bool up = (x > 1) == (y > 0);
    if (fabs(y) > 0x1p64) /* |log(x)| >= 2^-53 */
        return up ? INFINITY : 0;
    if (fabs(y) < 0x1p-64)
        return 1;
    return exp_of_wide(wide_times(wide_log(x), (struct wide){y, 0}));
}

/* x or y is infinite, or x is 0: what |x|^y is. */
static double pow_at_ends(double x, double y)
{
    double size = fabs(x);
    if (size == 1)
        return 1;
    return (size > 1) == (y > 0) ? INFINITY : 0;
}

double math_pow(double x, double y)
{
    if (y == 0 || x == 1)
        return 1;
    if (x != x || y != y)
        return x + y;
    double size = fabs(x);
    bool ends = size == 0 || size > DBL_MAX || fabs(y) > DBL_MAX;
    if (!ends && x < 0 && !is_whole(y))
        return NAN;
    double power = size == 1 ? 1 : ends ? pow_at_ends(x, y) : pow_positive(size, y);
    return signbit(x) && is_odd(y) ? -power : power;
}
