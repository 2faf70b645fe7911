/* Numbers of twice the precision, as a sum of two doubles: `low` is at most half a unit in the last
 * place of `high`. They carry what must be rounded only once at the end. Values must stay below
 * 2^990: products split their factors in halves. */
#pragma once

#include <float.h>

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "these functions need doubles that are evaluated as doubles"
#endif

struct wide {
    double high, low;
};

/* Natural logarithm of x > 0, finite, to some 2^-70 of its value. */
struct wide wide_log(double x);

/* a + b, exactly, where |a| >= |b| or a is 0. */
static inline struct wide wide_ordered_sum(double a, double b)
{
    double high = a + b;
    return (struct wide){high, b - (high - a)};
}

/* a + b, exactly (Knuth). */
static inline struct wide wide_sum(double a, double b)
{
    double high = a + b;
    double part = high - a;
    return (struct wide){high, (a - (high - part)) + (b - part)};
}

/* a * b, exactly (Dekker: the halves have 26 bits, so their products are exact). */
static inline struct wide wide_product(double a, double b)
{
    const double splitter = 134217729; /* 2^27 + 1 */
    double high = a * b;
    double a_high = a * splitter - (a * splitter - a);
    double b_high = b * splitter - (b * splitter - b);
    double a_low = a - a_high;
    double b_low = b - b_high;
    double low = ((a_high * b_high - high) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return (struct wide){high, low};
}

static inline struct wide wide_add(struct wide a, struct wide b)
{
    struct wide high = wide_sum(a.high, b.high);
    struct wide low = wide_sum(a.low, b.low);
    high = wide_ordered_sum(high.high, high.low + low.high);
    return wide_ordered_sum(high.high, high.low + low.low);
}

static inline struct wide wide_negate(struct wide a)
{
    return (struct wide){-a.high, -a.low};
}

static inline struct wide wide_times(struct wide a, struct wide b)
{
    struct wide product = wide_product(a.high, b.high);
    return wide_ordered_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

static inline struct wide wide_divide(struct wide a, struct wide b)
{
    double quotient = a.high / b.high;
    struct wide back = wide_times((struct wide){quotient, 0}, b);
    struct wide rest = wide_add(a, wide_negate(back));
    return wide_ordered_sum(quotient, (rest.high + rest.low) / b.high);
}
