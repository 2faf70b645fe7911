/* Draws the arms of one period from what was recorded of the service, and lets regressions act on
 * the canary. */
#include "world/traffic_draw.h"

#include "world/quantile.h"

#include <math.h>
#include <string.h>

enum { SALT_CRASH = INJECTS_MAX + 1, SALT_CANARY, SALT_BASELINE };

/* The finalizer of splitmix64 over both: a stream of its own for every pair. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    uint64_t z = a + (b + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static uint64_t mix_text(uint64_t key, struct slice text)
{
    for (size_t i = 0; i < text.size; i++)
        key = (key ^ (unsigned char)text.data[i]) * UINT64_C(0x100000001b3);
    return mix(key, text.size);
}

/* What is split, without what it is split into: the same listener draws the same traffic whichever
 * target group is the canary. */
uint64_t moment_target_key(const struct value *draws)
{
    uint64_t key = 0;
    for (size_t i = 0; draws && i < draws->array.count; i++)
        key = mix_text(key, draws->array.items[i].string);
    return key;
}

void moment_stream(const struct moment *moment, struct random_stream *stream,
                   enum random_purpose purpose, uint64_t key, uint64_t salt)
{
    uint64_t index = mix(mix(mix(moment->target_key, key), (uint64_t)moment->at), salt);
    random_open(stream, moment->options->seed, purpose, index);
}

double moment_strength(const struct moment *moment, const struct inject *inject)
{
    int64_t start = moment->options->start;
    return inject_strength(inject, moment->at - start, moment->end - start);
}

static double part_alive(const struct moment *moment)
{
    const struct traffic_options *options = moment->options;
    double alive = 1;
    for (size_t i = 0; i < options->inject_count; i++) {
        double left = options->injects[i].kind == INJECT_CRASH
                          ? 1 - moment_strength(moment, &options->injects[i])
                          : 1;
        alive = left < alive ? left : alive;
    }
    return alive;
}

void moment_open(struct moment *moment, const struct traffic_options *options,
                 const struct value *target, uint64_t target_key, int64_t at, int64_t end,
                 int64_t now)
{
    moment->options = options;
    moment->target = target;
    moment->target_key = target_key;
    moment->at = at;
    moment->end = end;
    moment->now = now;
    moment->alive = part_alive(moment);
    moment->share = 0;
    moment->split.of = NULL;
}

bool moment_ask_share(struct moment *moment, struct error *err)
{
    const struct traffic_options *options = moment->options;
    double percent = 0;
    if (!options->share(options->context, moment->target, moment->at, moment->end, &percent, err))
        return false;
    moment->share = percent <= 0 ? 0 : percent >= 100 ? 1 : percent / 100;
    return true;
}

static void gather_one(const struct moment *moment, const struct recording_series *series,
                       int64_t at, struct gathered *one)
{
    one->value = 0;
    one->seen = 0;
    enum recording_found found = recording_find(series, at, moment->now, &one->value, &one->seen);
    one->present = found == RECORDING_PRESENT;
    one->nothing = found == RECORDING_NOTHING;
    one->unanswered = found == RECORDING_UNANSWERED;
}

/* Parts that are there, put together as the statistic allows; traffic.c has refused percentiles. */
static void add_part(const struct recording_series *series, struct gathered *sum,
                     const struct gathered *part)
{
    double value = part->value;
    if (part->seen > sum->seen)
        sum->seen = part->seen;
    sum->unanswered = sum->unanswered || part->unanswered;
    sum->nothing = sum->nothing || part->nothing;
    if (!part->present)
        return;
    if (!sum->present || slice_is(series->statistic, "last"))
        sum->value = value;
    else if (slice_is(series->statistic, "minimum"))
        sum->value = value < sum->value ? value : sum->value;
    else if (slice_is(series->statistic, "maximum"))
        sum->value = value > sum->value ? value : sum->value;
    else
        sum->value += value;
    sum->present = true;
}

static void gather_parts(const struct moment *moment, const struct recording_series *series,
                         struct gathered *sum)
{
    int64_t parts = 0;
    *sum = (struct gathered){0};
    for (int64_t at = moment->at; at < moment->end; at += series->period) {
        struct gathered part;
        gather_one(moment, series, at, &part);
        parts += part.present;
        add_part(series, sum, &part);
    }
    if (parts > 0 && slice_is(series->statistic, "average"))
        sum->value /= (double)parts;
}

void moment_gather(const struct moment *moment, const struct recording_series *series,
                   struct gathered *out)
{
    if (series->period == moment->end - moment->at)
        gather_one(moment, series, moment->at, out);
    else
        gather_parts(moment, series, out);
}

/* Where it is not there, and its companion is. */
static bool is_zero(const struct recording_series *series, const struct gathered *gathered)
{
    bool zero = series->absence == ABSENCE_ZERO ||
                (series->absence == ABSENCE_UNSAID && series->point_count > 0);
    return zero && !gathered->nothing;
}

void moment_settle(const struct moment *moment, const struct recording_series *series,
                   struct gathered *gathered)
{
    struct gathered own;
    const struct gathered *trials = &moment->split.gathered;
    if (!series->count || !series->trials || gathered->unanswered)
        return;
    if (moment->split.of != series->trials) {
        moment_gather(moment, series->trials, &own);
        trials = &own;
    }
    bool any = trials->present && !trials->unanswered && trials->value > 0;
    bool zero = !gathered->present && is_zero(series, gathered);
    gathered->value = any && gathered->present ? gathered->value : 0;
    gathered->present = any && (gathered->present || zero);
    gathered->unanswered = trials->unanswered;
}

static int64_t whole(double number)
{
    return (int64_t)floor(number + 0.5);
}

static struct reading reading_of(bool present, double value)
{
    return present ? (struct reading){READING_VALUE, value} : (struct reading){READING_NO_DATA, 0};
}

static const struct reading unanswered = {READING_PROVIDER_ERROR, 0};

struct reading reading_of_gathered(const struct gathered *gathered)
{
    return gathered->unanswered ? unanswered : reading_of(gathered->present, gathered->value);
}

/* How many of `count` the canary still answers. */
static int64_t survivors(const struct moment *moment, const struct recording_series *series,
                         int64_t count)
{
    struct random_stream stream;
    if (moment->alive >= 1)
        return count;
    if (moment->alive <= 0)
        return 0;
    moment_stream(moment, &stream, RANDOM_EFFECT, series->key, SALT_CRASH);
    return random_binomial(&stream, count, moment->alive);
}

static const struct split *split_of(struct moment *moment, const struct recording_series *series,
                                    const struct gathered *known)
{
    struct split *split = &moment->split;
    if (split->of == series)
        return split;
    split->of = series;
    split->total = split->canary = split->alive = 0;
    if (known)
        split->gathered = *known;
    else
        moment_gather(moment, series, &split->gathered);
    if (!split->gathered.present)
        return split;
    struct random_stream stream;
    moment_stream(moment, &stream, RANDOM_TRAFFIC, series->key, 0);
    split->total = whole(split->gathered.value);
    split->canary = random_binomial(&stream, split->total, moment->share);
    split->alive = survivors(moment, series, split->canary);
    return split;
}

const struct split *moment_split(struct moment *moment, const struct recording_series *series)
{
    return split_of(moment, series, NULL);
}

/* How many of the events among `trials` lie among those that the canary still answered. */
static int64_t surviving_events(const struct moment *moment, const struct recording_series *series,
                                int64_t events, int64_t trials, int64_t alive)
{
    struct random_stream stream;
    if (alive == trials)
        return events;
    if (events > trials)
        return survivors(moment, series, events);
    moment_stream(moment, &stream, RANDOM_EFFECT, series->key, SALT_CRASH);
    return random_hypergeometric(&stream, trials, events, alive);
}

/* A count as the canary has it so far, for injects: `trials` below 0 if it has no denominator;
 * `rate` is its rate before any inject, per trial, or the expected count without a denominator. */
struct affected {
    int64_t events, trials;
    double rate;
};

static void multiply(struct affected *count, double factor, struct random_stream *stream)
{
    if (factor <= 1) {
        count->events = random_binomial(stream, count->events, factor);
    } else if (count->trials < 0) {
        count->events += random_poisson(stream, (factor - 1) * count->rate);
    } else if (count->rate > 0 && count->rate < 1 && count->trials > count->events) {
        double more = (factor - 1) * count->rate / (1 - count->rate);
        count->events += random_binomial(stream, count->trials - count->events,
                                         more < 1 ? more : 1);
    }
}

static void affect_count(const struct moment *moment, const struct recording_series *series,
                         struct affected *count)
{
    const struct traffic_options *options = moment->options;
    for (size_t i = 0; i < options->inject_count; i++) {
        const struct inject *inject = &options->injects[i];
        if (inject->kind == INJECT_CRASH || inject->kind == INJECT_LATER ||
            !inject_concerns(inject, series->metric))
            continue;
        double strength = moment_strength(moment, inject);
        struct random_stream stream;
        if (strength <= 0)
            continue;
        moment_stream(moment, &stream, RANDOM_EFFECT, series->key, i + 1);
        if (inject->kind == INJECT_TIMES)
            multiply(count, 1 + (inject->amount - 1) * strength, &stream);
        else if (count->trials > count->events)
            count->events += random_binomial(&stream, count->trials - count->events,
                                             inject->amount * strength);
    }
}

static double affect_value(const struct moment *moment, const struct recording_series *series,
                           double value)
{
    const struct traffic_options *options = moment->options;
    for (size_t i = 0; i < options->inject_count; i++) {
        const struct inject *inject = &options->injects[i];
        if (!inject_concerns(inject, series->metric))
            continue;
        if (inject->kind == INJECT_TIMES)
            value *= 1 + (inject->amount - 1) * moment_strength(moment, inject);
        else if (inject->kind == INJECT_LATER)
            value += inject->amount * moment_strength(moment, inject);
    }
    return value;
}

/* Events among trials, say errors among requests. */
static void draw_events(struct moment *moment, const struct recording_series *series,
                        const struct gathered *gathered, struct reading *canary,
                        struct reading *baseline)
{
    const struct split *split = split_of(moment, series->trials, NULL);
    struct gathered settled = *gathered;
    moment_settle(moment, series, &settled);
    int64_t events = settled.present ? whole(settled.value) : 0;
    int64_t drawn = 0;
    struct random_stream stream;
    moment_stream(moment, &stream, RANDOM_EVENTS, series->key, 0);
    if (events > split->total)
        drawn = random_binomial(&stream, events, moment->share);
    else if (events > 0)
        drawn = random_hypergeometric(&stream, split->total, events, split->canary);
    struct affected count = {
        .events = surviving_events(moment, series, drawn, split->canary, split->alive),
        .trials = split->alive,
        .rate = split->total > 0 ? (double)events / (double)split->total : 0,
    };
    affect_count(moment, series, &count);
    *canary = reading_of(settled.present && split->alive > 0, (double)count.events);
    *baseline = reading_of(settled.present && split->total > split->canary,
                           (double)(events - drawn));
}

static void draw_count(struct moment *moment, const struct recording_series *series,
                       const struct gathered *gathered, struct reading *canary,
                       struct reading *baseline)
{
    const struct split *split = split_of(moment, series, gathered);
    double expected = (double)split->total * moment->share * moment->alive;
    struct affected count = {split->alive, -1, expected};
    if (split->alive > 0)
        affect_count(moment, series, &count);
    *canary = reading_of(count.events > 0, (double)count.events);
    *baseline = reading_of(split->total > split->canary, (double)(split->total - split->canary));
}

/* The percentiles of one family that are there in this period, by rising q. */
struct family {
    double q[QUANTILES_MAX], values[QUANTILES_MAX];
    size_t count;
};

static void add_member(struct family *family, double q, double value)
{
    size_t k = family->count++;
    for (; k > 0 && family->q[k - 1] > q; k--) {
        family->q[k] = family->q[k - 1];
        family->values[k] = family->values[k - 1];
    }
    family->q[k] = q;
    family->values[k] = value;
}

static void gather_family(const struct moment *moment, const struct recording_series *of,
                          struct family *family)
{
    const struct recording *recording = moment->options->recording;
    family->count = 0;
    for (size_t i = 0; i < recording->series_count && family->count < QUANTILES_MAX; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->quantile <= 0 || series->arm != of->arm || series->period != of->period ||
            !slice_equal(series->family, of->family) || !slice_equal(series->target, of->target))
            continue;
        struct gathered gathered;
        moment_gather(moment, series, &gathered);
        if (gathered.present)
            add_member(family, series->quantile, gathered.value);
    }
}

static double draw_percentile(const struct moment *moment, const struct recording_series *series,
                              const struct family *family, int64_t sample, int64_t total,
                              uint64_t salt)
{
    struct random_stream stream;
    double drawn[QUANTILES_MAX];
    size_t k = 0;
    while (family->q[k] < series->quantile)
        k++;
    moment_stream(moment, &stream, RANDOM_VALUES, series->key, salt);
    quantile_draw(family->q, family->values, family->count, sample, total, &stream, drawn);
    return drawn[k];
}

static void draw_percentiles(struct moment *moment, const struct recording_series *series,
                             const struct split *split, double value, struct reading *canary,
                             struct reading *baseline)
{
    struct family family;
    int64_t rest = split->total - split->canary;
    double of_canary = value;
    double of_baseline = value;
    gather_family(moment, series, &family);
    if (family.count >= 2 && split->alive > 0)
        of_canary = draw_percentile(moment, series, &family, split->alive, split->total,
                                    SALT_CANARY);
    if (family.count >= 2 && rest > 0)
        of_baseline = draw_percentile(moment, series, &family, rest, split->total, SALT_BASELINE);
    *canary = reading_of(split->alive > 0, affect_value(moment, series, of_canary));
    *baseline = reading_of(rest > 0, of_baseline);
}

static void draw_value(struct moment *moment, const struct recording_series *series,
                       const struct gathered *gathered, struct reading *canary,
                       struct reading *baseline)
{
    if (gathered->present && series->quantile > 0 && series->trials) {
        const struct split *split = split_of(moment, series->trials, NULL);
        if (split->gathered.present) {
            draw_percentiles(moment, series, split, gathered->value, canary, baseline);
            return;
        }
    }
    *canary = reading_of(gathered->present && moment->alive > 0,
                         affect_value(moment, series, gathered->value));
    *baseline = reading_of(gathered->present, gathered->value);
}

/* Without an answer for the requests nobody knows how many each arm had. */
static bool is_unanswered(const struct moment *moment, const struct recording_series *series,
                          const struct gathered *gathered)
{
    const struct recording_series *trials = series->trials;
    struct gathered of_trials = {.unanswered = false};
    if (trials && trials->words)
        moment_gather(moment, trials, &of_trials);
    return gathered->unanswered || of_trials.unanswered;
}

void draw_service(struct moment *moment, const struct recording_series *series,
                  const struct gathered *gathered, struct reading *canary, struct reading *baseline)
{
    if (is_unanswered(moment, series, gathered))
        *canary = *baseline = unanswered;
    else if (!series->count)
        draw_value(moment, series, gathered, canary, baseline);
    else if (series->trials)
        draw_events(moment, series, gathered, canary, baseline);
    else
        draw_count(moment, series, gathered, canary, baseline);
}

static void affect_recorded(const struct moment *moment, const struct recording_series *series,
                            double value, struct reading *canary)
{
    int64_t events = whole(value);
    struct affected count = {survivors(moment, series, events), -1, value};
    if (series->trials) {
        struct gathered gathered;
        moment_gather(moment, series->trials, &gathered);
        int64_t trials = whole(gathered.value);
        count.trials = survivors(moment, series->trials, trials);
        count.events = surviving_events(moment, series, events, trials, count.trials);
        count.rate = trials > 0 ? value / (double)trials : 0;
    }
    affect_count(moment, series, &count);
    bool alive = count.trials < 0 ? count.events > 0 || value <= 0 : count.trials > 0;
    *canary = reading_of(alive, (double)count.events);
}

void draw_recorded(const struct moment *moment, const struct recording_series *series,
                   const struct gathered *settled, struct reading *canary)
{
    if (settled->unanswered)
        *canary = unanswered;
    else if (!settled->present || moment->alive <= 0)
        *canary = reading_of(false, 0);
    else if (moment->options->inject_count == 0)
        *canary = reading_of(true, settled->value);
    else if (series->count)
        affect_recorded(moment, series, settled->value, canary);
    else
        *canary = reading_of(true, affect_value(moment, series, settled->value));
}
