/* Both arms block by block, or where there is the whole service alone, each block beside its
 * neighbours: what lies between them is the dispersion and whatever moved the rate to and fro. */
#include "cli/power_recording.h"

#include "judge/judge_power.h"

#include <math.h>
#include <string.h>

static const int64_t block_length = 600000; /* ms */

/* Events among trials of one arm. */
struct counter {
    const struct recording_series *events, *within, *trials; /* events, or trials - within */
};

static const struct recording_series *find_series(const struct recording *recording,
                                                  struct slice metric, enum recording_arm arm)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->arm == arm && series->count && slice_equal(series->metric, metric))
            return series;
    }
    return NULL;
}

/* What is not there counts as none where its companion is there. */
static bool count_at(const struct recording_series *series, int64_t at, bool none, double *count)
{
    int64_t seen;
    *count = 0;
    enum recording_found found = recording_find(series, at, INT64_MAX, count, &seen);
    return found == RECORDING_PRESENT ||
           (none && found == RECORDING_ABSENT && series->absence != ABSENCE_NO_DATA);
}

static bool read_counter(const struct counter *counter, int64_t at, struct power_count *out)
{
    double within = 0;
    if (!count_at(counter->trials, at, false, &out->trials) || out->trials <= 0)
        return false;
    if (counter->events)
        return count_at(counter->events, at, true, &out->events);
    if (!count_at(counter->within, at, true, &within))
        return false;
    out->events = out->trials > within ? out->trials - within : 0;
    return true;
}

static void add(struct power_count *sum, const struct power_count *count)
{
    sum->events += count->events;
    sum->trials += count->trials;
}

/* --- dispersion ------------------------------------------------------------------------------- */

struct blocks {
    struct dispersion *dispersion;
    int64_t block;              /* the number of the one under way */
    struct power_count last[3]; /* of a whole service: that one, and the two before it */
};

/* A block beside those before and after it, as if these were the other arm: what rises or falls
 * evenly all the while cancels out. */
static void compare_blocks(struct blocks *blocks)
{
    struct power_count *last = blocks->last;
    double trials = last[0].trials + last[1].trials + last[2].trials;
    double events = last[0].events + last[1].events + last[2].events;
    if (last[0].trials > 0 && last[1].trials > 0 && last[2].trials > 0) {
        dispersion_add(blocks->dispersion, last[1].events, events, last[1].trials / trials);
        dispersion_end_block(blocks->dispersion);
    }
    last[2] = last[1];
    last[1] = last[0];
    last[0] = (struct power_count){0, 0};
}

static void enter_block(struct blocks *blocks, int64_t at, bool arms)
{
    int64_t block = at / block_length;
    if (block == blocks->block)
        return;
    if (arms)
        dispersion_end_block(blocks->dispersion);
    else
        compare_blocks(blocks);
    blocks->block = block;
}

/* Goes through all periods; `baseline` is NULL for a whole service. Returns how many there were. */
static int64_t go_through(const struct counter *canary, const struct counter *baseline,
                          double ratio, struct dispersion *dispersion, struct power_count sums[2])
{
    const struct recording_series *trials = canary->trials;
    struct blocks blocks = {.dispersion = dispersion, .block = trials->first / block_length};
    int64_t periods = 0;
    for (size_t i = 0; i < trials->point_count; i++) {
        struct power_count one, other = {0, 0};
        int64_t at = trials->first + trials->slots[i] * trials->period;
        if (i > 0 && trials->slots[i] == trials->slots[i - 1])
            continue; /* a revision of the same point */
        if (!read_counter(canary, at, &one) || (baseline && !read_counter(baseline, at, &other)))
            continue;
        enter_block(&blocks, at, baseline != NULL);
        add(&blocks.last[0], &one);
        if (baseline)
            dispersion_add(dispersion, one.events, one.events + other.events,
                           one.trials * ratio / (one.trials * ratio + other.trials));
        add(&sums[0], &one);
        add(&sums[1], &other);
        periods++;
    }
    enter_block(&blocks, INT64_MAX, baseline != NULL);
    return periods;
}

static double rate_of(const struct power_count *count)
{
    return count->trials > 0 ? count->events / count->trials : 0;
}

/* Twice, where there are arms: what they differ by for good is to be known first. */
static int64_t measure(const struct counter *canary, const struct counter *baseline,
                       struct dispersion *dispersion, struct power_count sums[2])
{
    struct dispersion first = {0};
    int64_t periods = go_through(canary, baseline, 1, baseline ? &first : dispersion, sums);
    if (!baseline || periods == 0)
        return periods;
    double ratio = rate_of(&sums[1]) > 0 ? rate_of(&sums[0]) / rate_of(&sums[1]) : 1;
    sums[0] = sums[1] = (struct power_count){0, 0};
    return go_through(canary, baseline, ratio > 0 ? ratio : 1, dispersion, sums);
}

/* --- errors ----------------------------------------------------------------------------------- */

static bool find_counter(struct counter *counter, const struct recording *recording,
                         struct slice events, struct slice trials, enum recording_arm arm)
{
    counter->events = find_series(recording, events, arm);
    counter->trials = find_series(recording, trials, arm);
    return counter->events && counter->trials;
}

static bool measure_errors(struct power_recording *out, const struct recording *recording,
                           struct slice events, struct slice trials, struct error *err)
{
    struct counter canary = {0};
    struct counter other = {0};
    struct power_count sums[2] = {{0, 0}, {0, 0}};
    out->has_arms = find_counter(&canary, recording, events, trials, RECORDING_CANARY) &&
                    find_counter(&other, recording, events, trials, RECORDING_BASELINE);
    if (!out->has_arms && !find_counter(&canary, recording, events, trials, RECORDING_SERVICE))
        return error_set(
            err, ERROR_INVALID,
            "the recording has no counts \"%.*s\" and \"%.*s\" of a whole service, nor "
            "of both arms",
            (int)events.size, events.data, (int)trials.size, trials.data);
    int64_t periods = measure(&canary, out->has_arms ? &other : NULL, &out->errors, sums);
    if (periods == 0)
        return error_set(err, ERROR_INVALID, "the recording has no period with requests%s",
                         out->has_arms ? " of both arms" : "");
    out->period = canary.trials->period;
    out->canary = out->has_arms ? sums[0] : (struct power_count){0, 0};
    out->baseline = sums[out->has_arms];
    out->seconds = (double)(periods * out->period) / 1000;
    out->requests = (sums[0].trials + sums[1].trials) / out->seconds;
    return true;
}

/* --- latency ---------------------------------------------------------------------------------- */

static const struct recording_series *find_latency(const struct recording *recording,
                                                   enum recording_arm arm)
{
    for (size_t i = 0; i < recording->series_count; i++) {
        const struct recording_series *series = &recording->series[i];
        if (series->arm == arm && series->within_count > 0)
            return series;
    }
    return NULL;
}

static const struct recording_series *same_cut(const struct recording_series *count, double at_most)
{
    for (size_t i = 0; i < count->within_count; i++) {
        if (count->within[i]->at_most == at_most)
            return count->within[i];
    }
    return NULL;
}

/* One cut: how requests are beyond it together, and how many. */
static bool measure_cut(struct power_recording *out, const struct recording_series *canary,
                        const struct recording_series *baseline, size_t i, double *beyond,
                        double *all)
{
    const struct recording_series *within = canary->within[i];
    struct counter one = {NULL, within, canary};
    struct counter other = {NULL, baseline ? same_cut(baseline, within->at_most) : NULL, baseline};
    struct power_count sums[2] = {{0, 0}, {0, 0}};
    struct dispersion dispersion = {0};
    if (baseline && !other.within)
        return false;
    measure(&one, baseline ? &other : NULL, &dispersion, sums);
    *beyond = sums[baseline != NULL].events;
    *all = sums[baseline != NULL].trials;
    if (dispersion_ratio(&dispersion) > dispersion_ratio(&out->slow) || out->slow.blocks == 0)
        out->slow = dispersion;
    return *all > 0;
}

/* Of many thresholds as many as a judge takes, evenly; of each the share of the old version's
 * requests beyond it. */
static void measure_latency(struct power_recording *out, const struct recording *recording)
{
    struct judge_latency_params *params = &out->latency;
    const struct recording_series *canary = find_latency(
        recording, out->has_arms ? RECORDING_CANARY : RECORDING_SERVICE);
    const struct recording_series *baseline = out->has_arms
                                                  ? find_latency(recording, RECORDING_BASELINE)
                                                  : NULL;
    double before = -1;
    if (!canary || (out->has_arms && !baseline))
        return;
    size_t step = (canary->within_count + LATENCY_CUTS_MAX - 1) / LATENCY_CUTS_MAX;
    for (size_t i = 0; i < canary->within_count; i += step) {
        double beyond, all;
        if (!measure_cut(out, canary, baseline, i, &beyond, &all))
            continue;
        size_t cut = params->cut_count++;
        params->baseline_cuts[cut] = canary->within[i]->at_most;
        params->learned[cut] = (before < 0 ? all : before) - beyond;
        params->learned[cut + 1] = beyond;
        before = beyond;
    }
    out->has_latency = params->cut_count > 0;
}

bool power_recording_measure(struct power_recording *out, const struct recording *recording,
                             struct slice events, struct slice trials, struct error *err)
{
    memset(out, 0, sizeof *out);
    if (!measure_errors(out, recording, events, trials, err))
        return false;
    measure_latency(out, recording);
    return true;
}

double power_recording_rate(const struct power_recording *measured)
{
    return power_rate(measured->baseline.events, measured->baseline.trials);
}
