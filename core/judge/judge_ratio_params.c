/* The parameters of judge.ratio: what they are when nobody sets them, and what they can be. */
#include "judge/judge_ratio.h"

#include <math.h>
#include <string.h>

const struct judge_ratio_params judge_ratio_default = {
    .alpha = 0.01,
    .psi0 = 1,
    .grid_low = 1.7,
    .grid_high = 4,
    .grid_count = 5,
    .min_abs = 0.00002,
    .dispersion = 1,
    .safe_tol = 2,
    .safe_alpha = 0.05,
    .restarts = 0,
    .metric_count = 1,
    .weights = {1},
};

static const double weight_min = 1e-9;
static const double weight_sum_slack = 1e-9;

/* An open end is not part of the range. */
static const struct range {
    const char *name;
    size_t offset;
    double low, high;
    bool low_open, high_open;
} ranges[] = {
    {"alpha", offsetof(struct judge_ratio_params, alpha), 0, 1, true, true},
    {"psi0", offsetof(struct judge_ratio_params, psi0), 0, 1000, true, false},
    {"grid_low", offsetof(struct judge_ratio_params, grid_low), 1, 1000, true, false},
    {"grid_high", offsetof(struct judge_ratio_params, grid_high), 1, 1000, true, false},
    {"min_abs", offsetof(struct judge_ratio_params, min_abs), 0, 1, false, false},
    {"dispersion", offsetof(struct judge_ratio_params, dispersion), 1, 1e6, false, false},
    {"safe_tol", offsetof(struct judge_ratio_params, safe_tol), 0, 1000, true, false},
    {"safe_alpha", offsetof(struct judge_ratio_params, safe_alpha), 0, 1, true, true},
};

/* Written so that NaN is in no range. */
static bool in_range(const struct range *range, double x)
{
    bool above = range->low_open ? x > range->low : x >= range->low;
    bool below = range->high_open ? x < range->high : x <= range->high;
    return above && below;
}

static bool check_ranges(const struct judge_ratio_params *params, struct error *err)
{
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        const struct range *range = &ranges[i];
        double x;
        memcpy(&x, (const char *)params + range->offset, sizeof x);
        if (!in_range(range, x))
            return error_set(err, ERROR_INVALID, "\"%s\" must be %s %g and %s %g, not %g",
                             range->name, range->low_open ? "above" : "at least", range->low,
                             range->high_open ? "below" : "at most", range->high, x);
    }
    return true;
}

static bool check_weights(const struct judge_ratio_params *params, struct error *err)
{
    double sum = 0;
    if (params->metric_count < 1 || params->metric_count > JUDGE_METRICS_MAX)
        return error_set(err, ERROR_INVALID, "there must be 1 to %d metrics, not %zu",
                         JUDGE_METRICS_MAX, params->metric_count);
    for (size_t i = 0; i < params->metric_count; i++) {
        double weight = params->weights[i];
        if (!(weight >= weight_min && weight <= 1))
            return error_set(err, ERROR_INVALID,
                             "the weight of a metric must be from %g to 1, not %g", weight_min,
                             weight);
        sum += weight;
    }
    if (sum < 1 - weight_sum_slack || sum > 1 + weight_sum_slack)
        return error_set(err, ERROR_INVALID,
                         "the weights of the metrics must be 1 together, not %g", sum);
    return true;
}

bool judge_ratio_check(const struct judge_ratio_params *params, struct error *err)
{
    if (!check_ranges(params, err))
        return false;
    if (params->grid_count < 1 || params->grid_count > JUDGE_GRID_MAX)
        return error_set(err, ERROR_INVALID, "\"grid\" must have 1 to %d points, not %zu",
                         JUDGE_GRID_MAX, params->grid_count);
    if (params->grid_high < params->grid_low)
        return error_set(err, ERROR_INVALID,
                         "\"grid\" must rise, but its highest is %g and its lowest %g",
                         params->grid_high, params->grid_low);
    if (params->safe_tol <= params->psi0)
        return error_set(err, ERROR_INVALID, "\"safe_tol\" must be above \"psi0\" (%g), not %g",
                         params->psi0, params->safe_tol);
    return check_weights(params, err);
}

/* A number of any kind; NaN, which is in no range, for anything else. */
static double number_of(const struct value *value)
{
    if (value->kind == VALUE_INTEGER)
        return (double)value->integer;
    return value->kind == VALUE_FLOAT ? value->number : NAN;
}

static bool read_grid(struct judge_ratio_params *params, const struct value *grid,
                      struct error *err)
{
    if (!grid)
        return true;
    if (grid->kind != VALUE_ARRAY || grid->array.count != 3 ||
        grid->array.items[2].kind != VALUE_INTEGER || grid->array.items[2].integer < 1)
        return error_set(err, ERROR_INVALID, "\"grid\" must be [lowest, highest, how many]");
    params->grid_low = number_of(&grid->array.items[0]);
    params->grid_high = number_of(&grid->array.items[1]);
    params->grid_count = (size_t)grid->array.items[2].integer;
    return true;
}

static bool read_weights(struct judge_ratio_params *params, const struct value *metrics,
                         struct error *err)
{
    if (!metrics || metrics->kind != VALUE_ARRAY || metrics->array.count == 0 ||
        metrics->array.count > JUDGE_METRICS_MAX)
        return error_set(err, ERROR_INVALID, "\"metrics\" must be a list of 1 to %d",
                         JUDGE_METRICS_MAX);
    params->metric_count = metrics->array.count;
    for (size_t i = 0; i < params->metric_count; i++)
        params->weights[i] = value_get_number(&metrics->array.items[i], "weight",
                                              1.0 / (double)params->metric_count);
    return true;
}

bool judge_ratio_read(struct judge_ratio_params *params, const struct value *from,
                      struct error *err)
{
    int64_t restarts = value_get_integer(from, "restarts", 0);
    params->alpha = value_get_number(from, "alpha", params->alpha);
    params->psi0 = value_get_number(from, "psi0", params->psi0);
    params->min_abs = value_get_number(from, "min_abs", params->min_abs);
    params->dispersion = value_get_number(from, "dispersion", params->dispersion);
    params->safe_tol = value_get_number(from, "safe_tol", params->safe_tol);
    params->safe_alpha = value_get_number(from, "safe_alpha", params->safe_alpha);
    params->restarts = restarts > 0 ? (size_t)restarts : 0;
    return read_grid(params, value_get(from, "grid"), err) &&
           read_weights(params, value_get(from, "metrics"), err);
}
