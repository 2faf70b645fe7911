/* A panel gathers what its judges ask for, feeds them period by period, and knows by itself what
 * they do not look at: whether there is traffic at all, and whether anybody answers. */
#include "engine/panel.h"

#include <string.h>

void panel_clear(struct panel *panel, const struct value *target, const struct value *judges)
{
    /* Member by member: what is not counted yet is not read, and panels are made by the thousand.
     */
    panel->target = target;
    panel->judges = judges;
    judge_metrics_clear(&panel->metrics);
    hearing_clear(&panel->heard);
    panel->alarms.answered = -1;
    panel->alarms.unanswered = 0;
    memset(panel->alarms.blind, 0, sizeof panel->alarms.blind);
    panel->alarms.settle = 0;
    panel->judge_count = 0;
    panel->after = panel->period = panel->still = panel->ends = 0;
    panel->shift_began = -1;
    panel->unread = false;
    panel->newest.any = false;
    panel->revisions = NULL;
    panel->next = NULL;
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

void panel_begin(struct panel *panel, int64_t now, double share)
{
    hearing_begin(&panel->heard, now, share, panel->metrics.dispersion);
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->restart)
            judge->ops->restart(judge->self);
    }
}

void panel_unread(struct panel *panel, bool unread)
{
    panel->unread = unread;
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->unread)
            judge->ops->unread(judge->self, unread);
    }
}

static void keep_newest(struct panel *panel, const struct sample *sample)
{
    struct panel_newest *newest = &panel->newest;
    size_t size = panel->metrics.count * sizeof *newest->canary;
    newest->any = true;
    memcpy(newest->canary, sample->canary, size);
    memcpy(newest->baseline, sample->baseline, size);
}

enum left_out panel_left_out(const struct panel *panel, const struct sample *sample)
{
    bool later = panel->shift_began >= 0 && sample->at + sample->period > panel->shift_began;
    return later ? LEFT_OUT_SHIFT : hearing_left_out(&panel->heard, sample->at, sample->period);
}

void panel_observe(struct panel *panel, const struct sample *sample)
{
    if (!hearing_observe(&panel->heard, &panel->metrics, sample))
        return;
    bool left_out = panel_left_out(panel, sample) != LEFT_OUT_NOT;
    keep_newest(panel, sample);
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->observe)
            if (!left_out || judge->ops->always)
                judge->ops->observe(judge->self, sample->canary, sample->baseline);
    }
}

/* Who only limits an arm can find harm and knows no "safe": that is for those who compare to say.
 */
enum verdict panel_verdict(const struct panel *panel, bool over)
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
    if (panel->alarms.unanswered >= panel->heard.limits.provider_error)
        return VERDICT_PROVIDER_ERROR;
    enum verdict heard = hearing_verdict(&panel->heard, over);
    if (heard == VERDICT_UNDECIDED && panel->ends >= panel->heard.limits.no_data)
        heard = VERDICT_NO_DATA;
    if (heard != VERDICT_UNDECIDED)
        return heard;
    return safe && !doubted ? VERDICT_SAFE : VERDICT_UNDECIDED;
}
