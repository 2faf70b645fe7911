#include "engine/panel.h"

#include <math.h>

static const struct panel_limits limits_default = {3, 4, 10};

static bool find_metric(struct panel *panel, struct slice name, size_t *index, struct error *err)
{
    for (*index = 0; *index < panel->metric_count; ++*index) {
        if (slice_equal(panel->metrics[*index], name))
            return true;
    }
    if (panel->metric_count == SAMPLE_METRICS_MAX)
        return error_set(err, ERROR_INVALID, "a watch looks at no more than %d metrics",
                         SAMPLE_METRICS_MAX);
    panel->metrics[panel->metric_count++] = name;
    return true;
}

static bool take_metric(struct panel *panel, const struct value *from, const char *field,
                        size_t *index, struct error *err)
{
    const struct value *name = value_get(from, field);
    if (!name || name->kind != VALUE_STRING || name->string.size == 0)
        return error_set(err, ERROR_INVALID, "\"%s\" must name a metric", field);
    return find_metric(panel, name->string, index, err);
}

static bool take_ratio_metrics(struct panel *panel, struct panel_judge *judge,
                               const struct value *from, struct judge_ratio_params *params,
                               struct error *err)
{
    const struct value *metrics = value_get(from, "metrics");
    if (!metrics || metrics->kind != VALUE_ARRAY || metrics->array.count == 0 ||
        metrics->array.count > JUDGE_METRICS_MAX)
        return error_set(err, ERROR_INVALID, "\"metrics\" must be a list of 1 to %d",
                         JUDGE_METRICS_MAX);
    params->metric_count = metrics->array.count;
    for (size_t i = 0; i < metrics->array.count; i++) {
        const struct value *metric = &metrics->array.items[i];
        if (!take_metric(panel, metric, "events", &judge->events[i], err) ||
            !take_metric(panel, metric, "trials", &judge->trials[i], err))
            return false;
        params->weights[i] = value_get_number(metric, "weight", 1.0 / (double)params->metric_count);
    }
    return true;
}

static bool take_grid(const struct value *from, struct judge_ratio_params *params,
                      struct error *err)
{
    const struct value *grid = value_get(from, "grid");
    if (!grid)
        return true;
    if (grid->kind != VALUE_ARRAY || grid->array.count != 3 ||
        grid->array.items[2].kind != VALUE_INTEGER || grid->array.items[2].integer < 1)
        return error_set(err, ERROR_INVALID, "\"grid\" must be [lowest, highest, how many]");
    struct value pair = {.kind = VALUE_OBJECT};
    struct member members[] = {{slice_of("high"), grid->array.items[1]},
                               {slice_of("low"), grid->array.items[0]}};
    pair.object.members = members;
    pair.object.count = 2;
    params->grid_low = value_get_number(&pair, "low", NAN);
    params->grid_high = value_get_number(&pair, "high", NAN);
    params->grid_count = (size_t)grid->array.items[2].integer;
    return true;
}

static bool init_ratio(struct panel *panel, struct panel_judge *judge, const struct value *from,
                       struct error *err)
{
    struct judge_ratio_params params = judge_ratio_default;
    int64_t restarts = value_get_integer(from, "restarts", 0);
    judge->kind = PANEL_RATIO;
    params.alpha = value_get_number(from, "alpha", params.alpha);
    params.psi0 = value_get_number(from, "psi0", params.psi0);
    params.min_abs = value_get_number(from, "min_abs", params.min_abs);
    params.dispersion = value_get_number(from, "dispersion", params.dispersion);
    params.safe_tol = value_get_number(from, "safe_tol", params.safe_tol);
    params.safe_alpha = value_get_number(from, "safe_alpha", params.safe_alpha);
    params.restarts = restarts > 0 ? (size_t)restarts : 0;
    return take_grid(from, &params, err) && take_ratio_metrics(panel, judge, from, &params, err) &&
           judge_ratio_init(&judge->ratio, &params, err);
}

static bool init_threshold(struct panel *panel, struct panel_judge *judge, const struct value *from,
                           struct error *err)
{
    struct judge_threshold_params params = judge_threshold_default;
    const struct value *above = value_get(from, "above");
    const struct value *below = value_get(from, "below");
    judge->kind = PANEL_THRESHOLD;
    if (!above == !below)
        return error_set(err, ERROR_INVALID, "exactly one of \"above\" and \"below\" is needed");
    params.above = above != NULL;
    params.limit = value_get_number(from, above ? "above" : "below", NAN);
    int64_t m = value_get_integer(from, "m", (int64_t)params.m);
    int64_t n = value_get_integer(from, "n", (int64_t)params.n);
    params.m = m > 0 ? (size_t)m : 0;
    params.n = n > 0 ? (size_t)n : 0;
    params.min_requests = value_get_number(from, "min_requests", params.min_requests);
    judge->on_baseline = value_is_text(value_get(from, "arm"), "baseline");
    judge->has_trials = value_get(from, "per") != NULL;
    if (!take_metric(panel, from, "metric", &judge->events[0], err) ||
        (judge->has_trials && !take_metric(panel, from, "per", &judge->trials[0], err)))
        return false;
    return judge_threshold_init(&judge->threshold, &params, err);
}

typedef bool init_judge_fn(struct panel *panel, struct panel_judge *judge, const struct value *from,
                           struct error *err);

static const struct {
    const char *name;
    init_judge_fn *init;
} judge_kinds[] = {{"ratio", init_ratio}, {"threshold", init_threshold}};

enum { JUDGE_KIND_COUNT = sizeof judge_kinds / sizeof *judge_kinds };

static bool init_judge(struct panel *panel, const struct value *from, struct error *err)
{
    struct slice kind = value_get_slice(from, "judge", "");
    struct panel_judge *judge = &panel->judge[panel->judge_count];
    for (size_t i = 0; i < JUDGE_KIND_COUNT; i++) {
        if (!slice_is(kind, judge_kinds[i].name))
            continue;
        judge->name = value_get_slice(from, "name", judge_kinds[i].name);
        judge->has_trials = false;
        judge->on_baseline = false;
        panel->judge_count++;
        return judge_kinds[i].init(panel, judge, from, err) ||
               error_wrap(err, "judge.%s", judge_kinds[i].name);
    }
    return error_set(err, ERROR_INVALID, "there is no judge \"%.*s\" (there are ratio, threshold)",
                     (int)kind.size, kind.data);
}

/* Traffic is what the first judge divides by. */
static size_t requests_of(const struct panel *panel)
{
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->kind == PANEL_RATIO || judge->has_trials)
            return judge->trials[0];
    }
    return panel->judge[0].events[0];
}

static void forget_silence(struct panel *panel)
{
    panel->silent = 0;
    panel->unanswered = 0;
    panel->expected = 0;
    panel->both_silent = false;
}

bool panel_init(struct panel *panel, const struct value *target, const struct value *judges,
                struct error *err)
{
    /* Member by member: the judges are large, and clear themselves as far as they are used. */
    panel->target = target;
    panel->judges = judges;
    panel->metric_count = 0;
    panel->judge_count = 0;
    panel->after = 0;
    panel->began = 0;
    panel->seen = 0;
    panel->share = 0;
    panel->ended = -1;
    panel->share_before = 0;
    panel->limits = limits_default;
    panel->next = NULL;
    forget_silence(panel);
    if (!judges || judges->kind != VALUE_ARRAY || judges->array.count == 0 ||
        judges->array.count > PANEL_JUDGES_MAX)
        return error_set(err, ERROR_INVALID, "\"judges\" must be a list of 1 to %d",
                         PANEL_JUDGES_MAX);
    for (size_t i = 0; i < judges->array.count; i++) {
        if (!init_judge(panel, &judges->array.items[i], err))
            return false;
    }
    panel->requests = requests_of(panel);
    return true;
}

bool panel_set_limits(struct panel *panel, const struct value *limits, struct error *err)
{
    panel->limits = limits_default;
    panel->limits.no_data = value_get_integer(limits, "no_data", limits_default.no_data);
    panel->limits.provider_error = value_get_integer(limits, "provider_error",
                                                     limits_default.provider_error);
    panel->limits.min_expected = value_get_number(limits, "min_expected",
                                                  limits_default.min_expected);
    if (panel->limits.no_data < 1 || panel->limits.provider_error < 1)
        return error_set(err, ERROR_INVALID,
                         "limits.no_data and limits.provider_error must be at least 1");
    if (!(panel->limits.min_expected >= 0))
        return error_set(err, ERROR_INVALID, "limits.min_expected must not be negative");
    return true;
}

void panel_end(struct panel *panel, int64_t now)
{
    panel->ended = now;
}

void panel_restart(struct panel *panel, int64_t now, double share)
{
    forget_silence(panel);
    panel->began = now;
    panel->share_before = panel->share;
    panel->share = share;
    panel->seen = 0;
    for (size_t i = 0; i < panel->judge_count; i++) {
        if (panel->judge[i].kind == PANEL_RATIO)
            judge_ratio_restart(&panel->judge[i].ratio);
    }
}

static bool has_value(const struct reading *reading)
{
    return reading->status == READING_VALUE;
}

static void observe_ratio(struct panel_judge *judge, const struct sample *sample)
{
    struct judge_counts counts[JUDGE_METRICS_MAX];
    for (size_t i = 0; i < judge->ratio.params.metric_count; i++) {
        const struct reading *canary = &sample->canary[judge->events[i]];
        const struct reading *baseline = &sample->baseline[judge->events[i]];
        const struct reading *canary_trials = &sample->canary[judge->trials[i]];
        const struct reading *baseline_trials = &sample->baseline[judge->trials[i]];
        counts[i] = (struct judge_counts){
            .canary_events = canary->value,
            .canary_trials = canary_trials->value,
            .baseline_events = baseline->value,
            .baseline_trials = baseline_trials->value,
            .present = has_value(canary) && has_value(baseline) && has_value(canary_trials) &&
                       has_value(baseline_trials),
        };
    }
    judge_ratio_observe(&judge->ratio, counts);
}

static void observe_threshold(struct panel_judge *judge, const struct sample *sample)
{
    const struct reading *arm = judge->on_baseline ? sample->baseline : sample->canary;
    const struct reading *events = &arm[judge->events[0]];
    const struct reading *trials = judge->has_trials ? &arm[judge->trials[0]] : NULL;
    bool present = has_value(events) && (!trials || (has_value(trials) && trials->value > 0));
    double requests = trials ? trials->value : INFINITY;
    double value = present && trials ? events->value / trials->value : events->value;
    judge_threshold_observe(&judge->threshold, value, requests, present);
}

static bool any_unanswered(const struct panel *panel, const struct sample *sample)
{
    for (size_t i = 0; i < panel->metric_count; i++) {
        if (sample->canary[i].status == READING_PROVIDER_ERROR ||
            sample->baseline[i].status == READING_PROVIDER_ERROR)
            return true;
    }
    return false;
}

static double requests_in(const struct reading *reading)
{
    return has_value(reading) ? reading->value : 0;
}

/* What the canary had at least of a period's traffic, in percent; -1: nobody knows. A period that
 * began in the time of the watch before had that one's share, or a part of it in the period in
 * which traffic was shifted. */
static double share_of(const struct panel *panel, int64_t at)
{
    if (at >= panel->began)
        return panel->share;
    if (at >= panel->ended)
        return -1;
    return panel->share_before < panel->share ? panel->share_before : panel->share;
}

/* Silence of the canary is a signal of its own, but only where it ought to have been heard: at one
 * per cent of a quiet service a minute without requests is nothing unusual. */
static void note_silence(struct panel *panel, const struct sample *sample)
{
    double canary = requests_in(&sample->canary[panel->requests]);
    double baseline = requests_in(&sample->baseline[panel->requests]);
    double share = share_of(panel, sample->at);
    if (share < 0 && canary <= 0)
        return;
    if (canary > 0 || share <= 0) {
        panel->silent = 0;
        panel->expected = 0;
        panel->both_silent = false;
        return;
    }
    panel->silent++;
    if (baseline > 0 && share < 100)
        panel->expected += baseline * share / (100 - share);
    else
        panel->both_silent = true;
}

/* What began before the watch did speaks of another share, or of none: it proves no traffic now. */
static bool is_seen(const struct panel *panel, const struct sample *sample)
{
    return sample->at >= panel->began && (requests_in(&sample->canary[panel->requests]) > 0 ||
                                          requests_in(&sample->baseline[panel->requests]) > 0);
}

void panel_observe(struct panel *panel, const struct sample *sample)
{
    if (any_unanswered(panel, sample)) {
        panel->unanswered++;
        return;
    }
    panel->unanswered = 0;
    panel->seen += is_seen(panel, sample);
    note_silence(panel, sample);
    for (size_t i = 0; i < panel->judge_count; i++) {
        if (panel->judge[i].kind == PANEL_RATIO)
            observe_ratio(&panel->judge[i], sample);
        else
            observe_threshold(&panel->judge[i], sample);
    }
}

void panel_observe_end(struct panel *panel)
{
    panel->silent++;
    panel->both_silent = true;
}

enum verdict panel_judge_verdict(const struct panel_judge *judge)
{
    struct judge_threshold_result threshold;
    if (judge->kind == PANEL_RATIO)
        return judge_ratio_verdict(&judge->ratio);
    judge_threshold_result(&judge->threshold, &threshold);
    return threshold.verdict;
}

/* A threshold can find harm and knows no "safe": that is for those who compare to say. */
enum verdict panel_verdict(const struct panel *panel)
{
    bool safe = false;
    bool doubted = false;
    for (size_t i = 0; i < panel->judge_count; i++) {
        enum verdict verdict = panel_judge_verdict(&panel->judge[i]);
        if (verdict == VERDICT_HARM)
            return VERDICT_HARM;
        safe = safe || verdict == VERDICT_SAFE;
        doubted = doubted || (verdict != VERDICT_SAFE && panel->judge[i].kind == PANEL_RATIO);
    }
    if (panel->unanswered >= panel->limits.provider_error)
        return VERDICT_PROVIDER_ERROR;
    bool heard_of = panel->both_silent || panel->expected >= panel->limits.min_expected;
    if (panel->silent >= panel->limits.no_data && heard_of)
        return VERDICT_NO_DATA;
    return safe && !doubted ? VERDICT_SAFE : VERDICT_UNDECIDED;
}
