/* The bucket-score test: docs/statistics.md has the formulas by the same names.
 *
 * Before a period is looked at, the shares of the buckets are estimated from what came before, and
 * ten ways in which a canary may be slower say how many times as many requests each bucket would
 * have then, its lift l. With rho, the canary's part of the period's requests, the logarithm of a
 * bet grows by the sum over the canary's requests of ln l minus that over all requests of
 * ln(rho l + 1 - rho). */
#include "judge/judge_latency.h"

#include "base/math.h"

#include <math.h>
#include <string.h>

enum {
    STRETCHES = 5,
    SLOWEST = LATENCY_ALTERNATIVES - STRETCHES,
    LIFTED_FOR = 5, /* periods until the lifts are worked out again */
};

/* All requests slower: the share beyond each cut to the power of 1/k. */
static const double stretches[STRETCHES] = {1.1, 1.3, 1.6, 2.2, 3.5};

/* Only the slowest: this part of them takes so many times as long. */
static const struct {
    double part, factor;
} slowest[SLOWEST] = {{0.1, 1.3}, {0.1, 2}, {0.1, 4}, {0.01, 2}, {0.01, 5}};

static const double memory = 0.8;     /* what a period counts when the next one is there */
static const double beforehand = 0.5; /* requests in every bucket before anything was seen */
static const double lift_min = 1e-12;

static size_t bucket_count(const struct judge_latency *judge)
{
    return judge->params.cut_count + 1;
}

/* --- parameters ------------------------------------------------------------------------------- */

/* Written so that NaN is in no range. */
static bool check_cuts(const double *cuts, size_t count, const char *whose, struct error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!(cuts[i] >= 0.001 && cuts[i] <= 1e9) || (i > 0 && !(cuts[i] > cuts[i - 1])))
            return error_set(err, ERROR_INVALID,
                             "the thresholds of the %s must be rising numbers of milliseconds, "
                             "from 0.001 to 1e9; number %zu is %g",
                             whose, i + 1, cuts[i]);
    }
    return true;
}

static bool check(const struct judge_latency_params *params, struct error *err)
{
    if (!(params->alpha > 0 && params->alpha < 1))
        return error_set(err, ERROR_INVALID, "\"alpha\" must be above 0 and below 1, not %g",
                         params->alpha);
    if (!(params->dispersion >= 1 && params->dispersion <= 1e6))
        return error_set(err, ERROR_INVALID, "\"dispersion\" must be from 1 to 1e+06, not %g",
                         params->dispersion);
    if (params->cut_count < 1 || params->cut_count > LATENCY_CUTS_MAX)
        return error_set(err, ERROR_INVALID, "there must be 1 to %d thresholds, not %zu",
                         LATENCY_CUTS_MAX, params->cut_count);
    for (size_t i = 0; i <= params->cut_count; i++) {
        if (!(params->learned[i] >= 0 && params->learned[i] <= LATENCY_COUNT_MAX))
            return error_set(err, ERROR_INVALID, "\"learned\" must be counts, not %g",
                             params->learned[i]);
    }
    return check_cuts(params->baseline_cuts, params->cut_count, "baseline", err) &&
           check_cuts(params->canary_cuts, params->cut_count, "canary", err);
}

bool judge_latency_init(struct judge_latency *judge, const struct judge_latency_params *params,
                        struct error *err)
{
    if (!check(params, err))
        return false;
    *judge = (struct judge_latency){.params = *params};
    wealth_init(&judge->wealth, LATENCY_ALTERNATIVES, params->alpha, params->restarts);
    return true;
}

void judge_latency_restart(struct judge_latency *judge)
{
    memset(judge->of_canary, 0, sizeof judge->of_canary);
    memset(judge->of_baseline, 0, sizeof judge->of_baseline);
    wealth_restart(&judge->wealth);
}

/* --- what is bet on --------------------------------------------------------------------------- */

/* The share of requests beyond each cut; 0 beyond the last bucket. */
static void find_tails(double *tails, const double *shares, size_t count)
{
    tails[count - 1] = 0;
    for (size_t i = count - 1; i-- > 0;)
        tails[i] = tails[i + 1] + shares[i + 1];
}

/* From the share beyond each cut, as it would be: how many times as many requests in each bucket,
 * and never fewer than in a faster one. */
static void lift(double *lifts, const double *tails, const double *shares, size_t count)
{
    double highest = lift_min;
    double before = 1;
    for (size_t i = 0; i < count; i++) {
        double now = (before - tails[i]) / shares[i];
        highest = now > highest ? now : highest;
        lifts[i] = highest;
        before = tails[i];
    }
}

void latency_stretch(double *lifts, const double *shares, size_t count, double k)
{
    double tails[LATENCY_BUCKETS_MAX];
    find_tails(tails, shares, count);
    for (size_t i = 0; i + 1 < count; i++)
        tails[i] = math_exp(math_log(tails[i]) / k);
    lift(lifts, tails, shares, count);
}

/* Straight between the cuts, and from 1 at 0 ms. */
double latency_tail_at(const struct judge_latency *judge, const double *tails, double at)
{
    const double *cuts = judge->params.baseline_cuts;
    size_t i = 0;
    while (i + 1 < judge->params.cut_count && cuts[i] < at)
        i++;
    at = at < cuts[i] ? at : cuts[i];
    double low = i > 0 ? cuts[i - 1] : 0;
    double above = i > 0 ? tails[i - 1] : 1;
    return above + (tails[i] - above) * (at - low) / (cuts[i] - low);
}

/* The slowest part takes so many times as long: beyond a cut lies what of it lay beyond the cut
 * divided by that, and what lay there before. */
static void slow_down(const struct judge_latency *judge, double *lifts, const double *tails,
                      const double *shares, size_t which)
{
    double slower[LATENCY_BUCKETS_MAX];
    double part = slowest[which].part;
    size_t count = bucket_count(judge);
    for (size_t i = 0; i + 1 < count; i++) {
        double at = judge->params.baseline_cuts[i] / slowest[which].factor;
        double beyond = tails[i] < part ? latency_tail_at(judge, tails, at) : tails[i];
        slower[i] = beyond < part || tails[i] >= part ? beyond : part;
    }
    slower[count - 1] = 0;
    lift(lifts, slower, shares, count);
}

/* How many requests the shares of the buckets are known from. */
static double known_requests(const struct judge_latency *judge)
{
    double sum = 0;
    for (size_t i = 0; i < bucket_count(judge); i++)
        sum += judge->past[i] + judge->params.learned[i] + beforehand;
    return sum;
}

/* From what is known before the period: the buckets' shares, and of each alternative the lifts. */
static void fill_lifts(struct judge_latency *judge, double sum)
{
    size_t count = bucket_count(judge);
    double *lifts = judge->lifts;
    double shares[LATENCY_BUCKETS_MAX];
    double tails[LATENCY_BUCKETS_MAX];
    double logs[LATENCY_BUCKETS_MAX];
    double powers[LATENCY_BUCKETS_MAX];
    for (size_t i = 0; i < count; i++)
        shares[i] = (judge->past[i] + judge->params.learned[i] + beforehand) / sum;
    find_tails(tails, shares, count);
    math_log_all(logs, tails, count - 1);
    for (size_t k = 0; k < STRETCHES; k++) {
        for (size_t i = 0; i + 1 < count; i++)
            powers[i] = logs[i] / stretches[k];
        math_exp_all(powers, powers, count - 1);
        powers[count - 1] = 0;
        lift(lifts + k * count, powers, shares, count);
    }
    for (size_t k = 0; k < SLOWEST; k++)
        slow_down(judge, lifts + (STRETCHES + k) * count, tails, shares, k);
}

/* --- a period --------------------------------------------------------------------------------- */

static double sum_of(const double *counts, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += counts[i];
    return sum;
}

/* What a bet on each lift is scaled by: rho l + 1 - rho. */
MATH_WIDER static void fill_means(double *restrict means, const double *restrict lifts, double rho,
                                  size_t count)
{
    for (size_t i = 0; i < count; i++)
        means[i] = rho * lifts[i] + (1 - rho);
}

MATH_WIDER static double add_up(const double *restrict log_lifts, const double *restrict log_means,
                                const double *restrict canary, const double *restrict all,
                                size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += canary[i] * log_lifts[i] - all[i] * log_means[i];
    return sum;
}

/* The scores of several alternatives, the lifts of one behind those of the other. */
static void score(double *scores, const double *lifts, const double *log_lifts, size_t alternatives,
                  const double *canary, const double *baseline, size_t count)
{
    double of_canary = sum_of(canary, count);
    double rho = of_canary / (of_canary + sum_of(baseline, count));
    double log_means[LATENCY_POINTS_MAX];
    double all[LATENCY_BUCKETS_MAX];
    log_means[0] = 0; /* the compiler does not know that there is a bucket */
    fill_means(log_means, lifts, rho, alternatives * count);
    math_log_all(log_means, log_means, alternatives * count);
    for (size_t i = 0; i < count; i++)
        all[i] = canary[i] + baseline[i];
    for (size_t k = 0; k < alternatives; k++)
        scores[k] = add_up(log_lifts + k * count, log_means + k * count, canary, all, count);
}

double latency_score(const double *lifts, const double *canary, const double *baseline,
                     size_t count)
{
    double alone;
    double log_lifts[LATENCY_BUCKETS_MAX];
    math_log_all(log_lifts, lifts, count);
    score(&alone, lifts, log_lifts, 1, canary, baseline, count);
    return alone;
}

/* What is bet on need not be the latest: it is worked out again once twice as many requests are
 * known, and after a few periods. */
static void keep_lifts(struct judge_latency *judge)
{
    double known = known_requests(judge);
    if (judge->lifted_by > 0 && known < 2 * judge->lifted_by && judge->lifted_for < LIFTED_FOR)
        return;
    fill_lifts(judge, known);
    math_log_all(judge->log_lifts, judge->lifts, LATENCY_ALTERNATIVES * bucket_count(judge));
    judge->lifted_by = known;
    judge->lifted_for = 0;
}

/* Written so that NaN is no count. */
static bool is_evidence(const double *counts, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        if (!(counts[i] >= 0 && counts[i] <= LATENCY_COUNT_MAX))
            return false;
        sum += counts[i];
    }
    return sum > 0;
}

void judge_latency_observe(struct judge_latency *judge, const double *canary,
                           const double *baseline)
{
    size_t count = bucket_count(judge);
    double growth[LATENCY_ALTERNATIVES];
    if (!is_evidence(canary, count) || !is_evidence(baseline, count))
        return;
    keep_lifts(judge);
    judge->lifted_for++;
    score(growth, judge->lifts, judge->log_lifts, LATENCY_ALTERNATIVES, canary, baseline, count);
    for (size_t k = 0; k < LATENCY_ALTERNATIVES; k++)
        growth[k] /= judge->params.dispersion;
    wealth_bet(&judge->wealth, growth);
    for (size_t i = 0; i < count; i++) {
        judge->past[i] = memory * (judge->past[i] + canary[i] + baseline[i]);
        judge->of_canary[i] += canary[i];
        judge->of_baseline[i] += baseline[i];
    }
}

/* --- what it says ----------------------------------------------------------------------------- */

/* By how many standard errors the shares beyond the cut differ, were they one. */
static double difference_of(const struct judge_latency_finding *found)
{
    double requests = found->canary_requests + found->baseline_requests;
    double share = (found->canary_slow + found->baseline_slow) / requests;
    double variance = share * (1 - share) *
                      (1 / found->canary_requests + 1 / found->baseline_requests);
    double difference = found->canary_slow / found->canary_requests -
                        found->baseline_slow / found->baseline_requests;
    return variance > 0 ? difference / sqrt(variance) : 0;
}

void judge_latency_find(const struct judge_latency *judge, struct judge_latency_finding *finding)
{
    size_t count = bucket_count(judge);
    struct judge_latency_finding at = {
        .cut = 0,
        .canary_requests = sum_of(judge->of_canary, count),
        .baseline_requests = sum_of(judge->of_baseline, count),
    };
    double most = -INFINITY;
    *finding = at;
    if (at.canary_requests <= 0)
        return;
    for (at.cut = 0; at.cut + 1 < count; at.cut++) {
        at.canary_slow = sum_of(judge->of_canary + at.cut + 1, count - at.cut - 1);
        at.baseline_slow = sum_of(judge->of_baseline + at.cut + 1, count - at.cut - 1);
        double difference = difference_of(&at);
        if (difference > most) {
            most = difference;
            *finding = at;
        }
    }
}
