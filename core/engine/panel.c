/* A panel gathers what its judges ask for, feeds them period by period, and knows by itself what
 * they do not look at: whether there is traffic at all, and whether anybody answers. */
#include "engine/panel.h"

static const struct panel_limits limits_default = {3, 4, 10};

static void forget_silence(struct panel *panel)
{
    panel->silent = 0;
    panel->unanswered = 0;
    panel->expected = 0;
    panel->both_silent = false;
}

void panel_clear(struct panel *panel, const struct value *target, const struct value *judges)
{
    /* Member by member: what is not counted yet is not read, and panels are made by the thousand.
     */
    panel->target = target;
    panel->judges = judges;
    panel->metrics.count = 0;
    panel->metrics.traffic = 0;
    panel->metrics.has_traffic = false;
    panel->judge_count = 0;
    panel->after = 0;
    panel->began = 0;
    panel->periods = 0;
    panel->seen = 0;
    panel->share = 0;
    panel->ended = -1;
    panel->share_before = 0;
    panel->limits = limits_default;
    panel->next = NULL;
    forget_silence(panel);
}

bool panel_add(struct panel *panel, const struct judge_ops *ops, const struct value *judge,
               struct pool *pool, struct error *err)
{
    struct panel_judge *seat = &panel->judge[panel->judge_count];
    seat->ops = ops;
    seat->name = value_get_slice(judge, "name", ops->name);
    seat->self = pool_alloc(pool, ops->size, err);
    if (!seat->self || !ops->init(seat->self, judge, &panel->metrics, err))
        return error_wrap(err, "judge.%s", ops->name);
    panel->judge_count++;
    return true;
}

bool panel_init(struct panel *panel, const struct value *target, const struct value *judges,
                struct pool *pool, struct error *err)
{
    panel_clear(panel, target, judges);
    if (!judges || judges->kind != VALUE_ARRAY || judges->array.count == 0 ||
        judges->array.count > PANEL_JUDGES_MAX)
        return error_set(err, ERROR_INVALID, "\"judges\" must be a list of 1 to %d",
                         PANEL_JUDGES_MAX);
    for (size_t i = 0; i < judges->array.count; i++) {
        const struct value *judge = &judges->array.items[i];
        const struct judge_ops *ops = judge_find(value_get_slice(judge, "judge", ""), err);
        if (!ops || !panel_add(panel, ops, judge, pool, err))
            return false;
    }
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
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->restart)
            judge->ops->restart(judge->self);
    }
}

void panel_unread(struct panel *panel, bool unread)
{
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->unread)
            judge->ops->unread(judge->self, unread);
    }
}

static bool has_value(const struct reading *reading)
{
    return reading->status == READING_VALUE;
}

static bool any_unanswered(const struct panel *panel, const struct sample *sample)
{
    for (size_t i = 0; i < panel->metrics.count; i++) {
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
    double canary = requests_in(&sample->canary[panel->metrics.traffic]);
    double baseline = requests_in(&sample->baseline[panel->metrics.traffic]);
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
    return sample->at >= panel->began &&
           (requests_in(&sample->canary[panel->metrics.traffic]) > 0 ||
            requests_in(&sample->baseline[panel->metrics.traffic]) > 0);
}

void panel_observe(struct panel *panel, const struct sample *sample)
{
    panel->periods++;
    if (any_unanswered(panel, sample)) {
        panel->unanswered++;
        return;
    }
    panel->unanswered = 0;
    panel->seen += is_seen(panel, sample);
    note_silence(panel, sample);
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        judge->ops->observe(judge->self, sample->canary, sample->baseline);
    }
}

void panel_observe_end(struct panel *panel)
{
    panel->silent++;
    panel->both_silent = true;
}

/* Who only limits an arm can find harm and knows no "safe": that is for those who compare to say.
 */
enum verdict panel_verdict(const struct panel *panel)
{
    bool safe = false;
    bool doubted = false;
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        enum verdict verdict = judge->ops->verdict(judge->self);
        if (verdict == VERDICT_HARM)
            return VERDICT_HARM;
        safe = safe || verdict == VERDICT_SAFE;
        doubted = doubted || (verdict != VERDICT_SAFE && judge->ops->compares);
    }
    if (panel->unanswered >= panel->limits.provider_error)
        return VERDICT_PROVIDER_ERROR;
    bool heard_of = panel->both_silent || panel->expected >= panel->limits.min_expected;
    if (panel->silent >= panel->limits.no_data && heard_of)
        return VERDICT_NO_DATA;
    return safe && !doubted ? VERDICT_SAFE : VERDICT_UNDECIDED;
}
