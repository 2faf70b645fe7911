/* Alarms are no periods of an arm: they are heard at a look, once, and what they said stays said.
 */
#include "engine/panel.h"

bool panel_alarm_look(struct panel *panel, struct alarm_look *look, struct pool *pool)
{
    *look = (struct alarm_look){panel->metrics.alarms, panel->metrics.alarm_count,
                                panel->alarms.said, pool};
    alarm_look_clear(look);
    return look->count > 0;
}

static bool any_is(const struct panel *panel, enum alarm_state state)
{
    for (size_t i = 0; i < panel->metrics.alarm_count; i++) {
        if (panel->alarms.said[i].state == state)
            return true;
    }
    return false;
}

void panel_heed(struct panel *panel, int64_t now)
{
    struct panel_alarms *alarms = &panel->alarms;
    bool answered = !any_is(panel, ALARM_UNANSWERED);
    alarms->unanswered = answered ? 0 : alarms->unanswered + 1;
    alarms->answered = answered ? now : alarms->answered;
    alarms->evident = alarms->evident || any_is(panel, ALARM_OK) || any_is(panel, ALARM_IN_ALARM);
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        if (judge->ops->heed)
            judge->ops->heed(judge->self, alarms->said, now);
    }
}

bool panel_heard_alarms(const struct panel *panel, int64_t at)
{
    return panel->metrics.alarm_count == 0 || panel->alarms.answered >= at;
}

/* Where there is nothing but alarms, those that cannot tell are no evidence that all is well. */
bool panel_has_seen(const struct panel *panel)
{
    if (!panel_heard_alarms(panel, panel->heard.began))
        return false;
    return panel->metrics.count > 0 ? panel->heard.seen > 0 : panel->alarms.evident;
}

int64_t panel_unanswered(const struct panel *panel)
{
    int64_t periods = panel->heard.unanswered;
    int64_t looks = panel->alarms.unanswered;
    return periods > looks ? periods : looks;
}
