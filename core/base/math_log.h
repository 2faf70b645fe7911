/* The core of math_log, without its odd ends, for loops over arrays that do more in one pass than
 * take logarithms. It has no branches, so that compilers turn such a loop into vector code. */
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint64_t math_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline double math_of_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ln 2 in two parts. The first has 42 bits, so its product with any exponent is exact. */
static const double math_ln2_high = 0x1.62e42fefa3800p-1;
static const double math_ln2_low = 0x1.ef35793c76730p-45;

/* (2 artanh(s) / s - 2) / s^2 where z = s^2, for |s| <= 0.1716, to 2^-59.5 of the logarithm. */
static inline double math_log_tail(double z)
{
    double z2 = z * z;
    double a = 0x1.5555555555593p-1 + z * 0x1.999999997fc9bp-2;
    double b = 0x1.2492494201f8dp-2 + z * 0x1.c71c51face45bp-3;
    double c = 0x1.74664212b51a1p-3 + z * 0x1.39a16490c1d62p-3;
    return a + z2 * (b + z2 * (c + z2 * 0x1.2f08f35c35f1ep-3));
}

/* log(x * 2^-lifted). The fraction 1 + f lies between the square roots of 1/2 and 2, and
 * log(1 + f) = 2 artanh(f / (2 + f)), written so that the large part, f, is added last. */
static inline double math_log_core(double x, double lifted)
{
    const uint64_t low_end = 0x3fe6a09e667f3bcd; /* sqrt(1/2) */
    uint64_t bits = math_bits(x) - low_end + 0x3ff0000000000000;
    double exponent = math_of_bits(0x4330000000000000 | bits >> 52) - (0x1p52 + 1023) - lifted;
    double f = math_of_bits((bits & 0x000fffffffffffff) + low_end) - 1;
    double s = f / (2 + f);
    double half = 0.5 * f * f;
    double z = s * s;
    double curve = s * (half + z * math_log_tail(z)) + exponent * math_ln2_low;
    double whole = exponent * math_ln2_high;
    double sum = whole + f;
    return sum + ((f - (sum - whole)) - (half - curve));
}
