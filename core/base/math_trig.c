/* sin, cos and tan. Every argument beyond a quarter of pi is reduced in whole numbers against as
 * many bits of 2/pi as it takes, so the largest come out as well as the small. */
#include "base/math.h"
#include "base/math_wide.h"

#include <math.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 uint128;

/* x = quarter * pi/2 + rest, |rest| <= pi/4, quarter modulo 4. */
struct angle {
    unsigned quarter;
    struct wide rest;
};

/* 2/pi in binary after 64 zero bits: word 1 starts at the binary point. */
static const uint64_t two_over_pi[] = {
    0,
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
};

/* 64 bits of the table from the bit with that number on. */
static uint64_t bits_from(unsigned bit)
{
    const uint64_t *word = two_over_pi + bit / 64;
    unsigned shift = bit % 64;
    return shift ? word[0] << shift | word[1] >> (64 - shift) : word[0];
}

/* The binary fraction 0.words as a wide number; the words are not both 0. */
static struct wide wide_of_fraction(uint64_t first, uint64_t second)
{
    int shift = 0;
    while (!(first >> 63)) {
        first = first << 1 | second >> 63;
        second <<= 1;
        shift++;
    }
    double high = ldexp((double)(int64_t)(first >> 11), -53 - shift);
    uint64_t rest = (first & 0x7ff) << 52 | second >> 12;
    return wide_ordered_sum(high, ldexp((double)(int64_t)rest, -116 - shift));
}

/* For a whole number m < 2^53: m * 2^exponent * 2/pi modulo 4, in units of 2^-190. Bits of 2/pi
 * that add multiples of 4 are skipped; 192 of those that follow leave an error below 2^-137. */
static void quarters_of(uint64_t m, int exponent, uint64_t words[3])
{
    unsigned bit = (unsigned)(64 + exponent - 2);
    uint128 low = (uint128)m * bits_from(bit + 128);
    uint128 middle = (uint128)m * bits_from(bit + 64) + (uint64_t)(low >> 64);
    words[2] = (uint64_t)low;
    words[1] = (uint64_t)middle;
    words[0] = m * bits_from(bit) + (uint64_t)(middle >> 64);
}

static struct angle reduce_large(double size)
{
    const struct wide half_pi = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54};
    int exponent;
    uint64_t m = (uint64_t)ldexp(frexp(size, &exponent), 53);
    uint64_t words[3];
    quarters_of(m, exponent - 53, words);
    unsigned quarter = (unsigned)(words[0] >> 62);
    uint64_t first = words[0] << 2 | words[1] >> 62;
    uint64_t second = words[1] << 2 | words[2] >> 62;
    if (!(first >> 63))
        return (struct angle){quarter, wide_times(wide_of_fraction(first, second), half_pi)};
    struct wide rest = wide_times(wide_of_fraction(~first, ~second), half_pi);
    return (struct angle){(quarter + 1) % 4, wide_negate(rest)};
}

static struct angle reduce(double x)
{
    if (fabs(x) <= 0x1.921fb54442d18p-1)
        return (struct angle){0, {x, 0}};
    struct angle angle = reduce_large(fabs(x));
    if (x > 0)
        return angle;
    return (struct angle){(4 - angle.quarter) % 4, wide_negate(angle.rest)};
}

static double polynomial(const double *terms, int count, double x)
{
    double sum = terms[count - 1];
    for (int i = count - 2; i >= 0; i--)
        sum = sum * x + terms[i];
    return sum;
}

static struct wide sine(struct wide r)
{
    static const double terms[] = {
        0x1.111111111110fp-7,   -0x1.a01a01a019395p-13, 0x1.71de3a53d1ce2p-19,
        -0x1.ae645344faf86p-26, 0x1.6120f48136e41p-33,  -0x1.aad10e8b9d17dp-41,
    };
    const struct wide sixth = {-0x1.5555555555555p-3, -0x1.5555555555555p-57};
    struct wide square = wide_times(r, r);
    struct wide cube = wide_times(square, r);
    double fifth = cube.high * square.high * polynomial(terms, 6, square.high);
    struct wide sum = wide_times(cube, sixth);
    sum.low += fifth;
    return wide_add(r, wide_sum(sum.high, sum.low));
}

static struct wide cosine(struct wide r)
{
    static const double terms[] = {
        0x1.555555555554cp-5,   -0x1.6c16c16c15181p-10, 0x1.a01a019cb2140p-16,
        -0x1.27e4f80a31467p-22, 0x1.1ee9ec16ab079p-29,  -0x1.8faeb4cf4bf9ep-37,
    };
    struct wide square = wide_times(r, r);
    double fourth = square.high * square.high * polynomial(terms, 6, square.high);
    struct wide sum = wide_sum(-0.5 * square.high, fourth - 0.5 * square.low);
    return wide_add((struct wide){1, 0}, sum);
}

static const double tiny = 0x1p-27; /* x^3 is lost beside x */

double math_sin(double x)
{
    if (fabs(x) < tiny)
        return x;
    if (!(fabs(x) <= DBL_MAX))
        return NAN;
    struct angle angle = reduce(x);
    struct wide value = angle.quarter % 2 ? cosine(angle.rest) : sine(angle.rest);
    return angle.quarter >= 2 ? -value.high : value.high;
}

double math_cos(double x)
{
    if (!(fabs(x) <= DBL_MAX))
        return NAN;
    struct angle angle = reduce(x);
    struct wide value = angle.quarter % 2 ? sine(angle.rest) : cosine(angle.rest);
    return angle.quarter == 1 || angle.quarter == 2 ? -value.high : value.high;
}

double math_tan(double x)
{
    if (fabs(x) < tiny)
        return x;
    if (!(fabs(x) <= DBL_MAX))
        return NAN;
    struct angle angle = reduce(x);
    struct wide sin = sine(angle.rest);
    struct wide cos = cosine(angle.rest);
    return angle.quarter % 2 ? -wide_divide(cos, sin).high : wide_divide(sin, cos).high;
}
