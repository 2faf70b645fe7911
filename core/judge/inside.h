/* Between the files of this folder. */
#pragma once

#include "judge/judge.h"

/* ERROR_INVALID names the parameter and its range. */
bool judge_ratio_check(const struct judge_ratio_params *params, struct error *err);
/* Back to the start: no copy of the test has begun, the evidence is 1. Parameters and grid stay. */
void judge_ratio_clear(struct judge_ratio *judge);
