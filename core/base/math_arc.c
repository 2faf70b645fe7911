/* asin, acos, atan and atan2: all are the angle of a point, worked out in twice the precision. */
#include "base/math.h"
#include "base/math_wide.h"

#include <math.h>
#include <stdbool.h>

static const struct wide pi = {0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
static const struct wide half_pi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};

static const struct wide arctangent_of_eighths[] = {
    {0, 0},
    {0x1.fd5ba9aac2f6ep-4, -0x1.cd37686760c17p-59},
    {0x1.f5b75f92c80ddp-3, 0x1.8ab6e3cf7afbdp-57},
    {0x1.6f61941e4def1p-2, -0x1.c63aae6f6e918p-56},
    {0x1.dac670561bb4fp-2, 0x1.a2b7f222f65e2p-56},
    {0x1.1e00babdefeb4p-1, -0x1.928df287a668fp-58},
    {0x1.4978fa3269ee1p-1, 0x1.2419a87f2a458p-56},
    {0x1.700a7c5784634p-1, -0x1.8c34d25aadef6p-56},
    {0x1.921fb54442d18p-1, 0x1.1a62633145c07p-55},
};

/* atan(d) for |d| <= 1/15 */
static struct wide arctangent_near_zero(struct wide d)
{
    double z = d.high * d.high;
    double sum = 1.0 / 17;
    for (int divisor = 15; divisor >= 3; divisor -= 2)
        sum = 1.0 / divisor - sum * z;
    return wide_ordered_sum(d.high, d.low - d.high * z * sum);
}

/* The angle of (x, y) for 0 <= y <= x, x > 0: atan(c) + atan((y - c x) / (x + c y)), c the nearest
 * eighth to y / x. */
static struct wide low_angle(struct wide y, struct wide x)
{
    int eighths = (int)(8 * (y.high / x.high) + 0.5);
    struct wide c = {eighths / 8.0, 0};
    struct wide across = wide_add(y, wide_negate(wide_times(c, x)));
    struct wide along = wide_add(x, wide_times(c, y));
    struct wide rest = arctangent_near_zero(wide_divide(across, along));
    return wide_add(arctangent_of_eighths[eighths], rest);
}

/* The angle of (x, y) for y >= 0 and x, not both 0. */
static struct wide angle_of(struct wide y, struct wide x)
{
    bool left = x.high < 0;
    if (left)
        x = wide_negate(x);
    struct wide angle = y.high <= x.high ? low_angle(y, x)
                                         : wide_add(half_pi, wide_negate(low_angle(x, y)));
    return left ? wide_add(pi, wide_negate(angle)) : angle;
}

double math_atan(double x)
{
    double size = fabs(x);
    if (!(size >= 0x1p-27))
        return x;
    if (size > 0x1p64)
        return copysign(half_pi.high, x);
    return copysign(angle_of((struct wide){size, 0}, (struct wide){1, 0}).high, x);
}

/* The other side of a right triangle: sqrt((1 - x) (1 + x)). */
static struct wide other_side(double x)
{
    struct wide square = wide_times(wide_sum(1, -x), wide_sum(1, x));
    double root = sqrt(square.high);
    if (root == 0)
        return (struct wide){0, 0};
    struct wide rest = wide_add(square, wide_negate(wide_product(root, root)));
    return wide_ordered_sum(root, rest.high / (2 * root));
}

double math_asin(double x)
{
    double size = fabs(x);
    if (!(size <= 1))
        return NAN;
    if (size < 0x1p-27)
        return x;
    return copysign(angle_of((struct wide){size, 0}, other_side(x)).high, x);
}

double math_acos(double x)
{
    if (!(fabs(x) <= 1))
        return NAN;
    return angle_of(other_side(x), (struct wide){x, 0}).high;
}

/* One of the two is 0 or infinite, or far larger than the other; y >= 0. */
static double angle_at_ends(double y, double x)
{
    double size = fabs(x);
    if (y > DBL_MAX && size > DBL_MAX)
        return x > 0 ? half_pi.high / 2 : 0x1.2d97c7f3321d2p+1; /* three quarters of pi */
    if (signbit(x) && y <= size)
        return pi.high;
    if (y > size)
        return half_pi.high;
    return size > 0 ? y / size : 0;
}

static double angle_of_size(double y, double x)
{
    double size = fabs(x);
    bool ends = y == 0 || size == 0 || y > DBL_MAX || size > DBL_MAX;
    int y_exponent, x_exponent;
    frexp(y, &y_exponent);
    frexp(x, &x_exponent);
    if (ends || y_exponent - x_exponent > 70 || x_exponent - y_exponent > 70)
        return angle_at_ends(y, x);
    struct wide near_y = {ldexp(y, -x_exponent), 0};
    struct wide near_x = {ldexp(x, -x_exponent), 0};
    return angle_of(near_y, near_x).high;
}

double math_atan2(double y, double x)
{
    if (x != x || y != y)
        return x + y;
    return copysign(angle_of_size(fabs(y), x), y);
}
