/* Streams of bits, and what is even or normal among draws. */
#include "base/random.h"

#include "base/math.h"

#include <stdbool.h>

__extension__ typedef unsigned __int128 uint128;

/* The finaliser of splitmix64: a bijection that spreads every bit over all. */
static inline uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

void random_open(struct random_stream *stream, uint64_t seed, enum random_purpose purpose,
                 uint64_t index)
{
    const uint64_t step = 0x9e3779b97f4a7c15; /* both odd, */
    const uint64_t stride =
        0xd1342543de82ef95; /* and no small multiple of one is one of the other */
    uint64_t at = mix(seed + (uint64_t)purpose * step) + index * stride;
    for (uint64_t i = 0; i < 4; i++)
        stream->state[i] = mix(at + i * step);
}

/* The high half of bits * bound; the few low halves that would come once too often are drawn anew.
 */
uint64_t random_below(struct random_stream *stream, uint64_t bound)
{
    uint128 product = (uint128)random_bits(stream) * bound;
    if ((uint64_t)product < bound) {
        uint64_t excess = (0 - bound) % bound;
        while ((uint64_t)product < excess)
            product = (uint128)random_bits(stream) * bound;
    }
    return (uint64_t)(product >> 64);
}

/* The ratio of uniforms with Leva's bounds around its region, so that logarithms are rare. */
double random_normal(struct random_stream *stream)
{
    for (;;) {
        double u = 1 - random_unit(stream);
        double v = 1.7156 * (random_unit(stream) - 0.5);
        double x = u - 0.449871;
        double y = (v < 0 ? -v : v) + 0.386595;
        double q = x * x + y * (0.19600 * y - 0.25472 * x);
        if (q < 0.27597)
            return v / u;
        if (q <= 0.27846 && v * v <= -4 * math_log(u) * u * u)
            return v / u;
    }
}
