/* Random draws that are the same on every machine. A stream is opened for a purpose and an index
 * (a period, a run), so what it yields does not depend on how much was drawn elsewhere. */
#pragma once

#include <stdint.h>

struct random_stream {
    uint64_t state[4];
};

/* Part of the seed: never renumber. */
enum random_purpose {
    RANDOM_POLICY = 1,  /* math.random in a policy */
    RANDOM_TRAFFIC = 2, /* how many requests an arm got */
    RANDOM_EVENTS = 3,  /* how many of them erred */
    RANDOM_EFFECT = 4,  /* injected regressions */
    RANDOM_RUNS = 5,    /* seeds derived for --runs */
    RANDOM_VALUES = 6,  /* measured values (latency) of a small arm */
    RANDOM_RETRIES = 7, /* how long to wait before a request is made again */
    RANDOM_POINTS = 8,  /* which of a run's points are tried */
};

void random_open(struct random_stream *stream, uint64_t seed, enum random_purpose purpose,
                 uint64_t index);

static inline uint64_t random_rotate(uint64_t x, int by)
{
    return x << by | x >> (64 - by);
}

/* xoshiro256** (inline, as the next one is: a rollout draws a thousand times) */
static inline uint64_t random_bits(struct random_stream *stream)
{
    uint64_t *state = stream->state;
    uint64_t result = random_rotate(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = random_rotate(state[3], 45);
    return result;
}

/* [0, 1), 53 bits */
static inline double random_unit(struct random_stream *stream)
{
    return (double)(int64_t)(random_bits(stream) >> 11) * 0x1p-53;
}

uint64_t random_below(struct random_stream *stream,
                      uint64_t bound);              /* [0, bound), unbiased; bound > 0 */
double random_normal(struct random_stream *stream); /* mean 0, deviation 1 */
int64_t random_binomial(struct random_stream *stream, int64_t trials, double probability);
/* Marked items among `sample` taken without replacement from `total` of which `marked` are marked.
 */
int64_t random_hypergeometric(struct random_stream *stream, int64_t total, int64_t marked,
                              int64_t sample);
int64_t random_poisson(struct random_stream *stream, double mean);
