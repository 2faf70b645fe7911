/* Draws the arms' counts per threshold of one period. */
#include "world/traffic_latency.h"

#include "base/math.h"
#include "base/random.h"

#include <math.h>

/* Streams of one family in one period, beside those of injects (traffic_draw.c has up to
 * INJECTS_MAX + 3). */
enum { SALT_ALL = 64, SALT_BUCKETS, SALT_CRASH, SALT_SLOW };

enum { BUCKETS_MAX = HISTOGRAM_CUTS_MAX + 1 };

/* The requests of one arm, or of the service, by bucket. */
struct buckets {
    const struct recording_series *all; /* whose thresholds are the upper ends */
    bool present, unanswered;
    double counts[BUCKETS_MAX];
    double below[BUCKETS_MAX]; /* in the buckets before */
    double total;              /* those that are slower than all thresholds included */
};

static size_t last_bucket(const struct buckets *buckets)
{
    return buckets->all->within_count;
}

/* --- what was recorded ------------------------------------------------------------------------ */

/* Nearly all recordings have their counts side by side: then one look tells where all of them are.
 */
static double part_at(const struct moment *moment, const struct recording_series *all, size_t i,
                      bool plain, size_t part, bool *unanswered)
{
    struct gathered gathered;
    double value;
    if (plain && recording_beside(all->within[part], all, i, &value))
        return value;
    moment_gather(moment, all->within[part], &gathered);
    *unanswered = *unanswered || gathered.unanswered;
    return gathered.present ? gathered.value : 0;
}

/* Counts that are not nested are taken for what the threshold below them has. */
static void gather(const struct moment *moment, const struct recording_series *all,
                   struct buckets *out)
{
    struct gathered gathered;
    double before = 0;
    size_t at = 0;
    bool plain = all->period == moment->end - moment->at &&
                 recording_plain(all, moment->at, moment->now, &at);
    moment_gather(moment, all, &gathered);
    out->all = all;
    out->total = gathered.present ? gathered.value : 0;
    out->present = gathered.present && gathered.value > 0;
    out->unanswered = gathered.unanswered;
    for (size_t i = 0; i < all->within_count; i++) {
        double value = part_at(moment, all, at, plain, i, &out->unanswered);
        value = value > out->total ? out->total : value;
        out->counts[i] = value > before ? value - before : 0;
        before = value > before ? value : before;
    }
    out->counts[all->within_count] = out->total - before;
}

static int64_t series_seen(const struct moment *moment, const struct recording_series *series)
{
    struct gathered gathered;
    if (!series->seen)
        return moment->end;
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
    if (total == split->total)
        return split->canary;
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
    canary->all = service->all;
    canary->unanswered = false;
    canary->total = (double)sample;
    service->total = (double)(left - sample);
    moment_stream(moment, &stream, RANDOM_VALUES, service->all->key, SALT_BUCKETS);
    for (size_t i = 0; i < count; i++) {
        int64_t here = (int64_t)service->counts[i];
        int64_t drawn = here == left ? sample : random_hypergeometric(&stream, left, here, sample);
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
    thin(moment, canary, 1 - slow, SALT_SLOW);
    canary->present = canary->present && canary->total > 0 && moment->alive > 0;
}

/* --- thresholds that were not recorded -------------------------------------------------------- */

/* Where a threshold lies: even over the logarithm of the time, over the time itself in the first
 * bucket, whose requests begin at 0. A hair is nothing. */
struct latency_place latency_place(const struct recording_series *all, double at)
{
    struct latency_place place = {0, 0};
    if (isinf(at) || at <= 0)
        return place;
    while (place.bucket < all->within_count &&
           at >= all->within[place.bucket]->at_most * (1 - 1e-9))
        place.bucket++;
    double low = place.bucket > 0 ? all->within[place.bucket - 1]->at_most : 0;
    if (at <= low * (1 + 1e-9))
        return place;
    if (place.bucket == all->within_count)
        place.part = at / low; /* more than 1: how many times as long as the last threshold */
    else if (place.bucket == 0)
        place.part = at / all->within[0]->at_most;
    else
        place.part = math_log(at / low) / math_log(all->within[place.bucket]->at_most / low);
    return place;
}

/* Beyond the last threshold the share that takes longer falls by a power of the time, as it does
 * between the last two. */
static double part_beyond(const struct buckets *buckets, double times)
{
    const struct recording_series *all = buckets->all;
    size_t last = last_bucket(buckets);
    double power = 1;
    if (last > 1 && buckets->counts[last] > 0 && buckets->counts[last - 1] > 0) {
        double fell = (buckets->counts[last] + buckets->counts[last - 1]) / buckets->counts[last];
        power = math_log(fell) /
                math_log(all->within[last - 1]->at_most / all->within[last - 2]->at_most);
    }
    return 1 - math_exp(-power * math_log(times));
}

/* The number of requests that are at most at this place. What lies between two thresholds that were
 * recorded is interpolated, so that what was drawn depends on no threshold that is asked for. */
static double within(const struct buckets *buckets, const struct latency_place *place)
{
    double part = place->part > 1 ? part_beyond(buckets, place->part) : place->part;
    return buckets->below[place->bucket] + part * buckets->counts[place->bucket];
}

/* --- readings --------------------------------------------------------------------------------- */

static bool is_same(const struct traffic_pick *a, const struct traffic_pick *b)
{
    return b->canary_at_most > 0 && a->both == b->both && a->arms[0] == b->arms[0] &&
           a->arms[1] == b->arms[1] && a->arms[2] == b->arms[2];
}

static struct reading reading_of(const struct buckets *buckets, double value)
{
    if (buckets->unanswered)
        return (struct reading){READING_PROVIDER_ERROR, 0};
    return buckets->present ? (struct reading){READING_VALUE, value}
                            : (struct reading){READING_NO_DATA, 0};
}

static void add_up(struct buckets *buckets)
{
    double below = 0;
    for (size_t i = 0; i <= last_bucket(buckets); i++) {
        buckets->below[i] = below;
        below += buckets->counts[i];
    }
}

static struct reading read_one(const struct buckets *buckets, double at_most,
                               const struct latency_place *place)
{
    if (isinf(at_most))
        return reading_of(buckets, buckets->total);
    return reading_of(buckets, within(buckets, place));
}

static void gather_arms(struct moment *moment, const struct traffic_pick *pick,
                        struct buckets *canary, struct buckets *baseline)
{
    gather(moment, pick->arms[pick->both ? RECORDING_BASELINE : RECORDING_SERVICE], baseline);
    if (pick->both)
        gather(moment, pick->arms[RECORDING_CANARY], canary);
    else if (baseline->unanswered)
        *canary = *baseline;
    else
        split_buckets(moment, baseline, canary);
    if (moment->options->inject_count > 0 && !canary->unanswered)
        affect(moment, canary);
    add_up(canary);
    add_up(baseline);
}

static void read_family(struct moment *moment, const struct traffic_pick *picks, size_t first,
                        size_t count, struct reading *canary, struct reading *baseline)
{
    struct buckets of_canary;
    struct buckets of_baseline;
    gather_arms(moment, &picks[first], &of_canary, &of_baseline);
    const struct change change = change_of(moment, of_canary.all->family);
    bool moved = change.factor < 1 || change.factor > 1 || change.more > 0;
    for (size_t i = first; i < count; i++) {
        if (!is_same(&picks[first], &picks[i]))
            continue;
        double before = (picks[i].canary_at_most - change.more) / change.factor;
        struct latency_place place = moved ? latency_place(of_canary.all, before) : picks[i].canary;
        canary[i] = read_one(&of_canary, picks[i].canary_at_most, &place);
        baseline[i] = read_one(&of_baseline, picks[i].baseline_at_most, &picks[i].baseline);
    }
}

void latency_read(struct moment *moment, const struct traffic_pick *picks, size_t count,
                  struct reading *canary, struct reading *baseline)
{
    for (size_t i = 0; i < count; i++) {
        bool read = i > 0 && is_same(&picks[i], &picks[i - 1]); /* they come together */
        if (picks[i].canary_at_most > 0 && !read)
            read_family(moment, picks, i, count, canary, baseline);
    }
}
