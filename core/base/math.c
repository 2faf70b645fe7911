/* exp and log, one by one and by the array. Each has a core without branches for the normal finite
 * range, which compilers turn into vector code; the ends of the range are put right afterwards. */
#include "base/math.h"

#include "base/math_log.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool is_odd(uint64_t oddness)
{
    return oddness >> 63;
}

/* Adding it rounds to a whole number and leaves that number in the low bits. */
static const double to_whole = 0x1.8p52;

/* (e^r - 1 - r) / r^2 for |r| <= ln(2) / 2, to 2^-57.9 of e^r. */
static inline double exp_tail(double r)
{
    double r2 = r * r;
    double r4 = r2 * r2;
    double a = 0x1.000000000000ap-1 + r * 0x1.55555555554f9p-3;
    double b = 0x1.555555555083fp-5 + r * 0x1.1111111127d44p-7;
    double c = 0x1.6c16c18438a60p-10 + r * 0x1.a01a0129fd31ep-13;
    double d = 0x1.a01999e263a8bp-16 + r * 0x1.71df25da29fd7p-19;
    double e = 0x1.28ad9b9828b91p-22 + r * 0x1.ad7f0356851afp-26;
    return (a + r2 * b) + r4 * ((c + r2 * d) + r4 * e);
}

/* e^x = fraction * 2^exponent, the exponent in the low bits of `whole`. */
static inline double exp_split(double x, double *whole)
{
    *whole = x * 0x1.71547652b82fep+0 + to_whole;
    double exponent = *whole - to_whole;
    double near = x - exponent * math_ln2_high;
    double rest = exponent * math_ln2_low;
    double r = near - rest;
    double lost = (near - r) - rest;
    double sum = 1 + r;
    return sum + ((r - (sum - 1)) + (lost + r * r * exp_tail(r)));
}

static inline double exp_core(double x)
{
    double whole;
    double fraction = exp_split(x, &whole);
    return math_of_bits(math_bits(fraction) + (math_bits(whole) << 52));
}

/* Has its top bit set unless |x| <= 708, where the result is a normal number. (In whole numbers:
 * SSE2 has no wide comparison that compilers would use.) */
static inline uint64_t exp_oddness(double x)
{
    return 0x4086200000000000 - (math_bits(x) & INT64_MAX);
}

static double exp_odd(double x)
{
    if (x != x)
        return x;
    if (x > 710)
        return INFINITY;
    if (x < -746)
        return 0;
    double whole;
    double fraction = exp_split(x, &whole);
    return ldexp(fraction, (int)(whole - to_whole));
}

double math_exp(double x)
{
    return is_odd(exp_oddness(x)) ? exp_odd(x) : exp_core(x);
}

/* Has its top bit set unless x is normal, positive and finite. */
static inline uint64_t log_oddness(double x)
{
    return (math_bits(x) - 0x0010000000000000) | (0x7fefffffffffffff - math_bits(x));
}

static double log_odd(double x)
{
    if (x == 0)
        return -INFINITY;
    if (x < 0)
        return NAN;
    if (x < DBL_MIN)
        return math_log_core(x * 0x1p54, 54);
    return x;
}

double math_log(double x)
{
    return is_odd(log_oddness(x)) ? log_odd(x) : math_log_core(x, 0);
}

/* Blocks let `out` be `x`: the arguments are still there when the odd ones are looked up. */
enum { BLOCK = 64 };

MATH_WIDER static void exp_block(double *out, const double *x, size_t count)
{
    double given[BLOCK];
    uint64_t odd = 0;
    memcpy(given, x, count * sizeof *x);
    for (size_t i = 0; i < count; i++) {
        odd |= exp_oddness(given[i]);
        out[i] = exp_core(given[i]);
    }
    for (size_t i = 0; is_odd(odd) && i < count; i++)
        out[i] = math_exp(given[i]);
}

void math_exp_all(double *out, const double *x, size_t count)
{
    for (size_t at = 0; at < count; at += BLOCK)
        exp_block(out + at, x + at, count - at < BLOCK ? count - at : BLOCK);
}

MATH_WIDER static void log_block(double *out, const double *x, size_t count)
{
    double given[BLOCK];
    uint64_t odd = 0;
    memcpy(given, x, count * sizeof *x);
    for (size_t i = 0; i < count; i++) {
        odd |= log_oddness(given[i]);
        out[i] = math_log_core(given[i], 0);
    }
    for (size_t i = 0; is_odd(odd) && i < count; i++)
        out[i] = math_log(given[i]);
}

void math_log_all(double *out, const double *x, size_t count)
{
    for (size_t at = 0; at < count; at += BLOCK)
        log_block(out + at, x + at, count - at < BLOCK ? count - at : BLOCK);
}
