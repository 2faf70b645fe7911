/* Draws the arms' counts per threshold of one period. */
#include "world/traffic_latency.h"

#include "base/math.h"
#include "base/random.h"

#include <math.h>

/* Streams of one family in one period, beside those of injects (traffic_draw.c has up to
 * INJECTS_MAX + 3). */
enum { SALT_ALL = 64, SALT_BUCKETS, SALT_CRASH, SALT_SLOW, SALT_CANARY, SALT_BASELINE };

enum { BUCKETS_MAX = HISTOGRAM_CUTS_MAX + 1 };

/* The requests of one arm, or of the service, by bucket. */
struct buckets {
    const struct recording_series *all; /* whose thresholds are the upper ends */
    bool present, unanswered;
    double counts[BUCKETS_MAX];
    double total, slow; /* slow: beyond every threshold, in no bucket */
};

static size_t last_bucket(const struct buckets *buckets)
{
    return buckets->all->within_count;
}

/* --- what was recorded ------------------------------------------------------------------------ */

/* Counts that are not nested are taken for what the threshold below them has. */
static void gather(const struct moment *moment, const struct recording_series *all,
                   struct buckets *out)
{
    struct gathered gathered;
    double before = 0;
    moment_gather(moment, all, &gathered);
    out->all = all;
    out->slow = 0;
    out->total = gathered.present ? gathered.value : 0;
    out->present = gathered.present && gathered.value > 0;
    out->unanswered = gathered.unanswered;
    for (size_t i = 0; i < all->within_count; i++) {
        moment_gather(moment, all->within[i], &gathered);
        double value = gathered.present ? gathered.value : 0;
        value = value > out->total ? out->total : value;
        out->unanswered = out->unanswered || gathered.unanswered;
        out->counts[i] = value > before ? value - before : 0;
        before = value > before ? value : before;
    }
    out->counts[all->within_count] = out->total - before;
}

static int64_t series_seen(const struct moment *moment, const struct recording_series *series)
{
    struct gathered gathered;
    moment_gather(moment, series, &gathered);
    return gathered.seen;
}

int64_t latency_seen(const struct moment *moment, const struct recording_series *all)
{
    int64_t seen = series_seen(moment, all);
    int64_t of_requests = all->trials ? series_seen(moment, all->trials) : 0;
    seen = of_requests > seen ? of_requests : seen;
    for (size_t i = 0; i < all->within_count; i++) {
        int64_t of_part = series_seen(moment, all->within[i]);
        seen = of_part > seen ? of_part : seen;
    }
    return seen;
}

int64_t latency_sum(const struct recording_series *all, int64_t from, int64_t to, int64_t now,
                    double counts[HISTOGRAM_CUTS_MAX + 1])
{
    int64_t periods = 0;
    for (size_t i = 0; i <= all->within_count; i++)
        counts[i] = 0;
    for (int64_t at = from; at + all->period <= to; at += all->period) {
        struct moment moment = {.at = at, .end = at + all->period, .now = now};
        struct buckets buckets;
        gather(&moment, all, &buckets);
        periods += buckets.present;
        for (size_t i = 0; buckets.present && i <= all->within_count; i++)
            counts[i] += buckets.counts[i];
    }
    return periods;
}

/* --- the arms --------------------------------------------------------------------------------- */

static double whole(double number)
{
    return floor(number + 0.5);
}

/* How many of the service's latencies are the canary's: as many as are among its requests. */
static int64_t draw_all(struct moment *moment, const struct recording_series *all, int64_t total)
{
    struct random_stream stream;
    moment_stream(moment, &stream, RANDOM_EVENTS, all->key, SALT_ALL);
    if (!all->trials)
        return random_binomial(&stream, total, moment->share);
    const struct split *split = moment_split(moment, all->trials);
    if (total > split->total)
        return random_binomial(&stream, total, moment->share);
    return random_hypergeometric(&stream, split->total, total, split->canary);
}

/* Of each bucket what a sample of the canary's size has, bucket by bucket of what is left. */
static void split_buckets(struct moment *moment, struct buckets *service, struct buckets *canary)
{
    struct random_stream stream;
    size_t count = last_bucket(service) + 1;
    int64_t left = 0;
    for (size_t i = 0; i < count; i++) {
        service->counts[i] = whole(service->counts[i]);
        left += (int64_t)service->counts[i];
    }
    int64_t sample = draw_all(moment, service->all, left);
    *canary = (struct buckets){.all = service->all, .total = (double)sample};
    service->total = (double)(left - sample);
    moment_stream(moment, &stream, RANDOM_VALUES, service->all->key, SALT_BUCKETS);
    for (size_t i = 0; i < count; i++) {
        int64_t here = (int64_t)service->counts[i];
        int64_t drawn = sample > 0 && here > 0 ? random_hypergeometric(&stream, left, here, sample)
                                               : 0;
        canary->counts[i] = (double)drawn;
        service->counts[i] = (double)(here - drawn);
        left -= here;
        sample -= drawn;
    }
    canary->present = canary->total > 0;
    service->present = service->total > 0;
}

/* Each request stays with this probability; returns how many do not. */
static double thin(const struct moment *moment, struct buckets *buckets, double probability,
                   uint64_t salt)
{
    struct random_stream stream;
    double gone = 0;
    if (probability >= 1)
        return 0;
    moment_stream(moment, &stream, RANDOM_EFFECT, buckets->all->key, salt);
    for (size_t i = 0; i <= last_bucket(buckets); i++) {
        int64_t before = (int64_t)whole(buckets->counts[i]);
        int64_t after = random_binomial(&stream, before, probability);
        buckets->counts[i] = (double)after;
        gone += (double)(before - after);
    }
    return gone;
}

/* --- regressions ------------------------------------------------------------------------------ */

/* How the canary's latencies are changed: `factor` times as long and `more` ms, but for those that
 * are slower than all thresholds. */
struct change {
    double factor, more, slow;
};

static const double factor_min = 1e-9;

static struct change change_of(const struct moment *moment, struct slice family)
{
    const struct traffic_options *options = moment->options;
    struct change change = {1, 0, 0};
    for (size_t i = 0; i < options->inject_count; i++) {
        const struct inject *inject = &options->injects[i];
        double strength = moment_strength(moment, inject);
        if (inject_slows(inject)) {
            change.slow = 1 - (1 - change.slow) * (1 - inject->amount * strength);
        } else if (inject_concerns(inject, family) && inject->kind == INJECT_TIMES) {
            double factor = 1 + (inject->amount - 1) * strength;
            change.factor *= factor;
            change.more *= factor;
        } else if (inject_concerns(inject, family) && inject->kind == INJECT_LATER) {
            change.more += inject->amount * strength;
        }
    }
    change.factor = change.factor > factor_min ? change.factor : factor_min;
    return change;
}

static void affect(const struct moment *moment, struct buckets *canary)
{
    double slow = change_of(moment, canary->all->family).slow;
    canary->total -= thin(moment, canary, moment->alive, SALT_CRASH);
    canary->slow = thin(moment, canary, 1 - slow, SALT_SLOW);
    canary->present = canary->present && canary->total > 0 && moment->alive > 0;
}

/* --- thresholds that were not recorded -------------------------------------------------------- */

/* What a threshold is for a metric: how many requests are at most that long. */
struct cut {
    double at;
    size_t metric;
};

/* The share of a bucket's requests that take at most `at` ms, which lies within it: even over the
 * logarithm of the time, over the time itself in the first, whose requests begin at 0. */
static double part_within(const struct recording_series *all, size_t bucket, double at)
{
    double high = all->within[bucket]->at_most;
    double low = bucket > 0 ? all->within[bucket - 1]->at_most : 0;
    if (bucket == 0)
        return at / high;
    return math_log(at / low) / math_log(high / low);
}

/* Beyond the last threshold the share that takes longer falls by a power of the time, as it does
 * between the last two. */
static double part_beyond(const struct buckets *buckets, double at)
{
    const struct recording_series *all = buckets->all;
    size_t last = last_bucket(buckets);
    double power = 1;
    double high = all->within[last - 1]->at_most;
    if (last > 1 && buckets->counts[last] > 0 && buckets->counts[last - 1] > 0) {
        double fell = (buckets->counts[last] + buckets->counts[last - 1]) / buckets->counts[last];
        power = math_log(fell) / math_log(high / all->within[last - 2]->at_most);
    }
    return 1 - math_exp(-power * math_log(at / high));
}

static double part_of(const struct buckets *buckets, size_t bucket, double at)
{
    double part = bucket < last_bucket(buckets) ? part_within(buckets->all, bucket, at)
                                                : part_beyond(buckets, at);
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

/* Where the way through the buckets has come to. */
struct walk {
    const struct buckets *buckets;
    struct random_stream stream;
    size_t bucket;
    double below; /* requests in the buckets before */
    double drawn; /* of this bucket's, below the last threshold within it... */
    double part;  /* ...which is so far into it */
};

static bool is_reached(const struct walk *walk, double at)
{
    double end = walk->buckets->all->within[walk->bucket]->at_most;
    return at >= end * (1 - 1e-9);
}

/* The number of requests that take at most `at` ms; thresholds come rising. What lies between two
 * that were recorded is drawn. */
static double walk_to(struct walk *walk, double at)
{
    const struct buckets *buckets = walk->buckets;
    while (walk->bucket < last_bucket(buckets) && is_reached(walk, at)) {
        walk->below += buckets->counts[walk->bucket++];
        walk->drawn = walk->part = 0;
    }
    double end = walk->bucket > 0 ? buckets->all->within[walk->bucket - 1]->at_most : 0;
    if (at <= end * (1 + 1e-9))
        return walk->below;
    double part = part_of(buckets, walk->bucket, at);
    int64_t left = (int64_t)whole(buckets->counts[walk->bucket] - walk->drawn);
    if (part > walk->part && left > 0)
        walk->drawn += (double)random_binomial(&walk->stream, left,
                                               (part - walk->part) / (1 - walk->part));
    walk->part = part > walk->part ? part : walk->part;
    return walk->below + walk->drawn;
}

/* --- readings --------------------------------------------------------------------------------- */

static bool is_same(const struct traffic_pick *a, const struct traffic_pick *b)
{
    return b->canary_at_most > 0 && a->both == b->both && a->arms[0] == b->arms[0] &&
           a->arms[1] == b->arms[1] && a->arms[2] == b->arms[2];
}

static size_t add_cut(struct cut *cuts, size_t count, struct cut cut)
{
    size_t k = count;
    for (; k > 0 && cuts[k - 1].at > cut.at; k--)
        cuts[k] = cuts[k - 1];
    cuts[k] = cut;
    return count + 1;
}

static struct reading reading_of(const struct buckets *buckets, double value)
{
    if (buckets->unanswered)
        return (struct reading){READING_PROVIDER_ERROR, 0};
    return buckets->present ? (struct reading){READING_VALUE, value}
                            : (struct reading){READING_NO_DATA, 0};
}

/* An arm's readings for all metrics of the family, by the thresholds it is asked for. */
static void read_arm(const struct moment *moment, const struct buckets *buckets,
                     const struct cut *cuts, size_t count, uint64_t salt, struct reading *readings)
{
    struct walk walk = {.buckets = buckets};
    moment_stream(moment, &walk.stream, RANDOM_VALUES, buckets->all->key, salt);
    for (size_t i = 0; i < count; i++) {
        double value = isinf(cuts[i].at) ? buckets->total
                       : cuts[i].at > 0  ? walk_to(&walk, cuts[i].at)
                                         : 0;
        readings[cuts[i].metric] = reading_of(buckets, value);
    }
}

static void read_family(struct moment *moment, const struct traffic_pick *picks, size_t first,
                        size_t count, struct reading *canary, struct reading *baseline)
{
    const struct traffic_pick *pick = &picks[first];
    struct cut canary_cuts[SAMPLE_METRICS_MAX];
    struct cut baseline_cuts[SAMPLE_METRICS_MAX];
    struct buckets of_canary;
    struct buckets of_baseline;
    size_t cuts = 0;
    gather(moment, pick->arms[pick->both ? RECORDING_BASELINE : RECORDING_SERVICE], &of_baseline);
    if (pick->both) {
        gather(moment, pick->arms[RECORDING_CANARY], &of_canary);
    } else if (of_baseline.unanswered) {
        of_canary = of_baseline;
    } else {
        split_buckets(moment, &of_baseline, &of_canary);
    }
    if (moment->options->inject_count > 0 && !of_canary.unanswered)
        affect(moment, &of_canary);
    struct change change = change_of(moment, of_canary.all->family);
    for (size_t i = first; i < count; i++) {
        if (!is_same(pick, &picks[i]))
            continue;
        double before = (picks[i].canary_at_most - change.more) / change.factor;
        add_cut(canary_cuts, cuts, (struct cut){before, i});
        cuts = add_cut(baseline_cuts, cuts, (struct cut){picks[i].baseline_at_most, i});
    }
    read_arm(moment, &of_canary, canary_cuts, cuts, SALT_CANARY, canary);
    read_arm(moment, &of_baseline, baseline_cuts, cuts, SALT_BASELINE, baseline);
}

static bool was_read(const struct traffic_pick *picks, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (is_same(&picks[index], &picks[i]))
            return true;
    }
    return false;
}

void latency_read(struct moment *moment, const struct traffic_pick *picks, size_t count,
                  struct reading *canary, struct reading *baseline)
{
    for (size_t i = 0; i < count; i++) {
        if (picks[i].canary_at_most > 0 && !was_read(picks, i))
            read_family(moment, picks, i, count, canary, baseline);
    }
}
