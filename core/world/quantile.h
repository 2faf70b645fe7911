/* Percentiles of a few requests out of many. From the percentiles of the whole a distribution is
 * rebuilt: the logarithm of the value runs straight, as a function of -ln(1 - q), from one known
 * percentile to the next, and on beyond the first and the last. The percentiles of n requests are
 * then order statistics: the k-th of n uniform draws, k = ceil(q n), is Beta(k, n - k + 1). */
#pragma once

#include "base/random.h"

#include <stddef.h>

enum { QUANTILES_MAX = 16 };

/* Fills drawn[count] with the percentiles q[i] (rising, 0 < q < 1) of `sample` requests taken
 * without replacement from `total`, of which the percentiles are values[i]. count
 * is 2..QUANTILES_MAX, sample is 1..total. Drawn percentiles rise with q as well. Taking all gives
 * the values back. */
void quantile_draw(const double *q, const double *values, size_t count, int64_t sample,
                   int64_t total, struct random_stream *stream, double *drawn);
