/* How often something happens, and how well that is known. */
#pragma once

/* Clopper and Pearson's bounds, 95 %, of the probability of what happened `count` times in `runs`.
 */
double interval_low(int count, int runs);
double interval_high(int count, int runs);
