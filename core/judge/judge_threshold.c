/* A fixed limit: the guard that needs no baseline. */
#include "judge/judge.h"

#include <float.h>
#include <string.h>

const struct judge_threshold_params judge_threshold_default = {
    .above = true, .m = 2, .n = 3, .min_requests = 100};

static bool is_finite(double x)
{
    return x >= -DBL_MAX && x <= DBL_MAX;
}

bool judge_threshold_init(struct judge_threshold *judge,
                          const struct judge_threshold_params *params, struct error *err)
{
    if (!is_finite(params->limit))
        return error_set(err, ERROR_INVALID, "\"%s\" must be a finite number",
                         params->above ? "above" : "below");
    if (params->n < 1 || params->n > JUDGE_WINDOW_MAX)
        return error_set(err, ERROR_INVALID, "\"n\" must be from 1 to %d, not %zu",
                         JUDGE_WINDOW_MAX, params->n);
    if (params->m < 1 || params->m > params->n)
        return error_set(err, ERROR_INVALID, "\"m\" must be from 1 to \"n\" (%zu), not %zu",
                         params->n, params->m);
    if (!(params->min_requests >= 0 && params->min_requests <= JUDGE_COUNT_MAX))
        return error_set(err, ERROR_INVALID, "\"min_requests\" must be from 0 to %g, not %g",
                         JUDGE_COUNT_MAX, params->min_requests);
    memset(judge, 0, sizeof *judge);
    judge->params = *params;
    return true;
}

void judge_threshold_observe(struct judge_threshold *judge, double value, double requests,
                             bool present)
{
    const struct judge_threshold_params *params = &judge->params;
    if (!present || !is_finite(value) || !(requests >= params->min_requests))
        return;
    judge->beyond[judge->next] = params->above ? value > params->limit : value < params->limit;
    judge->next = (judge->next + 1) % params->n;
    judge->filled += judge->filled < params->n;
    judge->last = value;
    judge->periods++;
}

void judge_threshold_result(const struct judge_threshold *judge,
                            struct judge_threshold_result *result)
{
    size_t beyond = 0;
    for (size_t i = 0; i < judge->filled; i++)
        beyond += judge->beyond[i];
    *result = (struct judge_threshold_result){
        .verdict = beyond >= judge->params.m ? VERDICT_HARM : VERDICT_UNDECIDED,
        .last = judge->last,
        .limit = judge->params.limit,
        .beyond = beyond,
        .of = judge->filled,
    };
}
