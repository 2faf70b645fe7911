/* The sequential rate-ratio test: docs/statistics.md has the formulas by the same names.
 *
 * For each metric and each multiple m of the ratio under test there is a wealth, whose logarithm
 * grows by (e1 ln m - (e1 + e0) ln(1 + share (m - 1))) / dispersion in a period. A new copy of the
 * test adds its starting weight to every wealth; from there on old and new grow by the same factor,
 * so their sum is all that has to be kept. */
#include "judge/judge_ratio.h"

#include "base/math.h"
#include "base/math_log.h"

#include <float.h>
#include <string.h>

/* More than rounding, and weights that are not quite 1 together, can amount to: what comes this
 * close to a maximum is worked out. */
static const double slack = 1e-8;
/* From here on the weight that is not yet at stake (1 at most) is far below rounding. */
static const double log_e_large = 500;

static void fill_grid(struct judge_ratio *judge)
{
    size_t count = judge->params.grid_count;
    double low = math_log(judge->params.grid_low);
    double width = math_log(judge->params.grid_high) - low;
    double *log_multiple = judge->log_multiple;
    double multiple[JUDGE_GRID_MAX];
    for (size_t i = 0; i < count; i++)
        log_multiple[i] = count > 1 ? low + width * (double)i / (double)(count - 1) : low;
    math_exp_all(multiple, log_multiple, count);
    for (size_t i = 0; i < count; i++) {
        log_multiple[count + i] = -log_multiple[i];
        judge->shift[i] = multiple[i] - 1;
        judge->shift[count + i] = 1 / multiple[i] - 1;
    }
}

/* Back to the start: no copy of the test has begun, the evidence is 1. What else is in there is
 * written before it is read, so that a judge costs no more than is used of it. */
static void clear(struct judge_ratio *judge)
{
    memset(judge->total, 0, sizeof judge->total);
    memset(judge->sum, 0, sizeof judge->sum);
    memset(judge->start[0], 0, sizeof judge->start[0]);
    judge->start_count = 1;
    for (int side = 0; side < JUDGE_SIDES; side++) {
        judge->log_e_max[side] = 0;
        judge->bar[side] = -DBL_MAX;
    }
    judge->restart_count = 0;
    judge->restart_due = true;
    judge->unread = false;
    judge->periods = 0;
}

bool judge_ratio_init(struct judge_ratio *judge, const struct judge_ratio_params *params,
                      struct error *err)
{
    if (!judge_ratio_check(params, err))
        return false;
    judge->params = *params;
    judge->threshold[JUDGE_HARM] = -math_log(params->alpha);
    judge->threshold[JUDGE_SAFE] = -math_log(params->safe_alpha);
    fill_grid(judge);
    clear(judge);
    return true;
}

/* Of all copies together 1 is at stake. This is what the next one gets of it... */
static double next_weight(const struct judge_ratio *judge)
{
    double started = (double)judge->restart_count;
    if (judge->params.restarts == 0)
        return 1 / ((started + 1) * (started + 2));
    return judge->restart_count < judge->params.restarts ? 1 / (double)judge->params.restarts : 0;
}

/* ...and this what those that have not started hold. */
static double weight_left(const struct judge_ratio *judge)
{
    double started = (double)judge->restart_count;
    if (judge->params.restarts == 0)
        return 1 / (started + 1);
    return ((double)judge->params.restarts - started) / (double)judge->params.restarts;
}

static const double *points_of(const struct judge_ratio *judge, size_t metric, enum judge_side side)
{
    return judge->log_wealth[metric] + (size_t)side * judge->params.grid_count;
}

static double higher(double a, double b)
{
    return a > b ? a : b;
}

/* In four lanes, since a comparison that waits for the one before it takes most of the time. */
MATH_WIDER static double highest(const double *x, size_t count)
{
    double high[4] = {x[0], x[0], x[0], x[0]};
    size_t i = 0;
    for (; i + 4 <= count; i += 4) {
        for (size_t lane = 0; lane < 4; lane++)
            high[lane] = higher(x[i + lane], high[lane]);
    }
    for (; i < count; i++)
        high[0] = higher(x[i], high[0]);
    return higher(higher(high[0], high[1]), higher(high[2], high[3]));
}

static double top_of(const struct judge_ratio *judge, enum judge_side side)
{
    double top = -DBL_MAX;
    for (size_t i = 0; i < judge->params.metric_count; i++)
        top = higher(highest(points_of(judge, i, side), judge->params.grid_count), top);
    return top;
}

/* The metric's part of the evidence, divided by e^scale. */
static double part_of(const struct judge_ratio *judge, size_t metric, enum judge_side side,
                      double scale)
{
    size_t count = judge->params.grid_count;
    const double *points = points_of(judge, metric, side);
    double scaled[JUDGE_GRID_MAX];
    double factor[JUDGE_GRID_MAX];
    double sum = 0;
    scaled[0] = 0; /* the compiler does not know that count > 0; here and below */
    for (size_t i = 0; i < count; i++)
        scaled[i] = points[i] - scale;
    math_exp_all(factor, scaled, count);
    for (size_t i = 0; i < count; i++)
        sum += factor[i];
    return judge->params.weights[metric] * sum / (double)count;
}

/* ln of the evidence: the mean over copies of the mean over metrics of the mean over the grid. */
static double log_evidence(const struct judge_ratio *judge, enum judge_side side)
{
    if (judge->restart_count == 0)
        return 0;
    double left = weight_left(judge);
    double top = top_of(judge, side);
    double scale = left > 0 && top < 0 ? 0 : top;
    double sum = left > 0 ? left * math_exp(-scale) : 0;
    for (size_t i = 0; i < judge->params.metric_count; i++)
        sum += part_of(judge, i, side, scale);
    return scale + math_log(sum);
}

/* The evidence is at most weight_left + e^top. So a top below ln(e^log_e_max - weight_left) leaves
 * the maximum as it is, and nothing else has to be known: most periods take no exponential. */
static double bar_of(const struct judge_ratio *judge, double log_e_max)
{
    if (log_e_max > log_e_large)
        return log_e_max - slack * log_e_max;
    double e_max = math_exp(log_e_max);
    double part = e_max - weight_left(judge) - slack * e_max;
    return part > 0 ? math_log(part) : -DBL_MAX;
}

/* What nobody reads has only to be right about whether the maximum has passed its threshold: below
 * it no other maximum matters, and above it none at all. */
static void set_bar(struct judge_ratio *judge, enum judge_side side)
{
    double log_e_max = judge->log_e_max[side];
    bool told = side == JUDGE_HARM || !judge->unread;
    if (told)
        judge->bar[side] = bar_of(judge, log_e_max);
    else
        judge->bar[side] = log_e_max < judge->threshold[side]
                               ? bar_of(judge, judge->threshold[side])
                               : DBL_MAX;
}

static void raise_maximum(struct judge_ratio *judge, enum judge_side side)
{
    if (judge->bar[side] == DBL_MAX || top_of(judge, side) < judge->bar[side])
        return;
    double log_e = log_evidence(judge, side);
    if (log_e <= judge->log_e_max[side])
        return;
    judge->log_e_max[side] = log_e;
    set_bar(judge, side);
}

/* x = ln(e^x + e^y) for each x. */
static void add_to_logs(double *x, size_t count, double y)
{
    double gap[JUDGE_POINTS_MAX];
    double part[JUDGE_POINTS_MAX];
    gap[0] = 0;
    for (size_t i = 0; i < count; i++)
        gap[i] = x[i] > y ? y - x[i] : x[i] - y;
    math_exp_all(part, gap, count);
    for (size_t i = 0; i < count; i++)
        gap[i] = 1 + part[i];
    math_log_all(part, gap, count);
    for (size_t i = 0; i < count; i++)
        x[i] = (x[i] > y ? x[i] : y) + part[i];
}

static void add_copy(struct judge_ratio *judge, size_t metric, double log_weight)
{
    size_t count = JUDGE_SIDES * judge->params.grid_count;
    double *wealth = judge->log_wealth[metric];
    if (judge->restart_count > 0) {
        add_to_logs(wealth, count, log_weight);
    } else {
        for (size_t i = 0; i < count; i++)
            wealth[i] = log_weight;
    }
}

static void start_copy(struct judge_ratio *judge)
{
    double weight = next_weight(judge);
    judge->restart_due = false;
    if (weight <= 0)
        return;
    for (size_t i = 0; i < judge->params.metric_count; i++)
        add_copy(judge, i, math_log(weight));
    judge->restart_count++;
    set_bar(judge, JUDGE_HARM);
    set_bar(judge, JUDGE_SAFE);
}

/* The first start is that of the rollout. A watch that saw nothing is none. */
static void add_start(struct judge_ratio *judge)
{
    size_t last = judge->start_count - 1;
    if (memcmp(judge->start[last], judge->sum, sizeof judge->sum) == 0)
        return;
    if (judge->start_count == JUDGE_STARTS_MAX)
        memmove(judge->start[1], judge->start[2], (JUDGE_STARTS_MAX - 2) * sizeof judge->start[0]);
    else
        judge->start_count++;
    memcpy(judge->start[judge->start_count - 1], judge->sum, sizeof judge->sum);
}

/* The maximum of harm stays: that it was reached is proof for good. That of safe falls back to what
 * the evidence is now, so that a canary which was safe and turned is not called safe any more. */
void judge_ratio_restart(struct judge_ratio *judge)
{
    memset(judge->total, 0, sizeof judge->total);
    add_start(judge);
    judge->restart_due = true;
    judge->log_e_max[JUDGE_SAFE] = log_evidence(judge, JUDGE_SAFE);
    set_bar(judge, JUDGE_SAFE);
}

void judge_ratio_unread(struct judge_ratio *judge, bool unread)
{
    judge->unread = unread;
    set_bar(judge, JUDGE_SAFE);
}

/* Written so that NaN is neither. */
static bool is_count(double x)
{
    return x >= 0 && x <= JUDGE_COUNT_MAX;
}

static bool is_exposure(double x)
{
    return x >= JUDGE_TRIALS_MIN && x <= JUDGE_COUNT_MAX;
}

static bool is_evidence(const struct judge_counts *counts)
{
    return counts->present && is_count(counts->canary_events) &&
           is_count(counts->baseline_events) && is_exposure(counts->canary_trials) &&
           is_exposure(counts->baseline_trials);
}

static void add_counts(struct judge_counts *total, const struct judge_counts *counts)
{
    total->canary_events += counts->canary_events;
    total->canary_trials += counts->canary_trials;
    total->baseline_events += counts->baseline_events;
    total->baseline_trials += counts->baseline_trials;
}

/* The canary's share of the events, were its rate `ratio` times the baseline's. */
static double share_of(const struct judge_counts *counts, double ratio)
{
    double canary = counts->canary_trials * ratio;
    return canary / (canary + counts->baseline_trials);
}

/* One period's bets on the multiples of one side, in one pass: 1 + share (m - 1) is what a bet is
 * scaled by. It lies between the multiple and 1, and multiples between 1/1000 and 1000, so that the
 * core of the logarithm is all there is to it. */
MATH_WIDER static void bet_on_side(double *restrict wealth, const double *restrict shift,
                                   const double *restrict log_multiple, size_t count, double share,
                                   double canary, double events)
{
    for (size_t i = 0; i < count; i++) {
        double log_scale = math_log_core(1 + share * shift[i], 0);
        wealth[i] += canary * log_multiple[i] - events * log_scale;
    }
}

static void bet(struct judge_ratio *judge, size_t metric, const struct judge_counts *counts)
{
    size_t grid = judge->params.grid_count;
    double canary = counts->canary_events / judge->params.dispersion;
    double events = canary + counts->baseline_events / judge->params.dispersion;
    double *wealth = judge->log_wealth[metric];
    double share = share_of(counts, judge->params.psi0);
    judge->sum[metric].expected += (counts->canary_events + counts->baseline_events) * share;
    bet_on_side(wealth, judge->shift, judge->log_multiple, grid, share, canary, events);
    bet_on_side(wealth + grid, judge->shift + grid, judge->log_multiple + grid, grid,
                share_of(counts, judge->params.safe_tol), canary, events);
}

void judge_ratio_observe(struct judge_ratio *judge, const struct judge_counts *counts)
{
    bool evidence = false;
    bool changed = false;
    for (size_t i = 0; i < judge->params.metric_count; i++) {
        if (!is_evidence(&counts[i]))
            continue;
        evidence = true;
        add_counts(&judge->total[i], &counts[i]);
        add_counts(&judge->sum[i].counts, &counts[i]);
        if (counts[i].canary_events + counts[i].baseline_events <= 0)
            continue;
        changed = true;
        if (judge->restart_due)
            start_copy(judge);
        bet(judge, i, &counts[i]);
    }
    judge->periods += evidence;
    if (!changed)
        return;
    raise_maximum(judge, JUDGE_HARM);
    raise_maximum(judge, JUDGE_SAFE);
}

/* The metric that holds most of the evidence of harm, all of them seen from the highest top. */
static size_t leading_metric(const struct judge_ratio *judge)
{
    size_t leading = 0;
    double most = 0;
    if (judge->params.metric_count == 1 || judge->restart_count == 0 ||
        judge->log_e_max[JUDGE_HARM] < judge->threshold[JUDGE_HARM])
        return 0;
    double top = top_of(judge, JUDGE_HARM);
    for (size_t i = 0; i < judge->params.metric_count; i++) {
        double part = part_of(judge, i, JUDGE_HARM, top);
        if (part > most) {
            most = part;
            leading = i;
        }
    }
    return leading;
}

static double rate_of(double events, double trials)
{
    return trials > 0 ? events / trials : 0;
}

static struct judge_counts since(const struct judge_counts *now, const struct judge_counts *start)
{
    return (struct judge_counts){
        .canary_events = now->canary_events - start->canary_events,
        .canary_trials = now->canary_trials - start->canary_trials,
        .baseline_events = now->baseline_events - start->baseline_events,
        .baseline_trials = now->baseline_trials - start->baseline_trials,
    };
}

static double log_of_ratio(double x, double y)
{
    return x > 0 ? x * math_log(x / y) : 0;
}

/* How strongly these counts speak for more of the events in the canary than expected. */
static double excess_of(const struct judge_counts *counts, double expected)
{
    double canary = counts->canary_events;
    double baseline = counts->baseline_events;
    double rest = canary + baseline - expected;
    if (canary <= expected || !(expected > 0) || !(rest > 0))
        return 0;
    return log_of_ratio(canary, expected) + log_of_ratio(baseline, rest);
}

/* All that was seen since the fault could have begun: since the watch from whose beginning on the
 * counts speak for it most strongly. A single watch's counts would pass the floor by chance. */
static struct judge_counts since_fault(const struct judge_ratio *judge, size_t metric)
{
    const struct judge_sum *sum = &judge->sum[metric];
    struct judge_counts best = sum->counts;
    double most = -1;
    for (size_t i = 0; i < judge->start_count; i++) {
        const struct judge_sum *start = &judge->start[i][metric];
        struct judge_counts counts = since(&sum->counts, &start->counts);
        double excess = excess_of(&counts, sum->expected - start->expected);
        if (excess <= most || counts.canary_trials <= 0)
            continue;
        most = excess;
        best = counts;
    }
    return best;
}

/* A difference too small to matter is no harm, however certain. This can only make alarms rarer. */
static bool floor_holds(const struct judge_ratio *judge, size_t metric, double *difference)
{
    struct judge_counts counts = since_fault(judge, metric);
    *difference = rate_of(counts.canary_events, counts.canary_trials) -
                  rate_of(counts.baseline_events, counts.baseline_trials);
    return counts.canary_trials > 0 && *difference >= judge->params.min_abs;
}

static enum verdict verdict_of(const struct judge_ratio *judge, bool floor_passed)
{
    if (floor_passed && judge->log_e_max[JUDGE_HARM] >= judge->threshold[JUDGE_HARM])
        return VERDICT_HARM;
    if (judge->log_e_max[JUDGE_SAFE] >= judge->threshold[JUDGE_SAFE])
        return VERDICT_SAFE;
    return VERDICT_UNDECIDED;
}

enum verdict judge_ratio_verdict(const struct judge_ratio *judge)
{
    double difference;
    bool certain = judge->log_e_max[JUDGE_HARM] >= judge->threshold[JUDGE_HARM];
    return verdict_of(judge, certain && floor_holds(judge, leading_metric(judge), &difference));
}

void judge_ratio_result(const struct judge_ratio *judge, struct judge_ratio_result *result)
{
    size_t metric = leading_metric(judge);
    const struct judge_counts *total = &judge->total[metric];
    double canary_rate = rate_of(total->canary_events, total->canary_trials);
    double baseline_rate = rate_of(total->baseline_events, total->baseline_trials);
    double difference;
    bool floor_passed = floor_holds(judge, metric, &difference);
    *result = (struct judge_ratio_result){
        .verdict = verdict_of(judge, floor_passed),
        .log_e = log_evidence(judge, JUDGE_HARM),
        .log_e_max = judge->log_e_max[JUDGE_HARM],
        .safe_log_e_max = judge->log_e_max[JUDGE_SAFE],
        .threshold = judge->threshold[JUDGE_HARM],
        .safe_threshold = judge->threshold[JUDGE_SAFE],
        .metric = metric,
        .canary_events = total->canary_events,
        .canary_trials = total->canary_trials,
        .baseline_events = total->baseline_events,
        .baseline_trials = total->baseline_trials,
        .canary_rate = canary_rate,
        .baseline_rate = baseline_rate,
        .difference = difference,
        .floor_passed = floor_passed,
    };
}
