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

/* Who did not answer has said nothing new. */
static void count_blind(struct panel *panel)
{
    struct panel_alarms *alarms = &panel->alarms;
    for (size_t i = 0; i < panel->metrics.alarm_count; i++) {
        enum alarm_state state = alarms->said[i].state;
        if (state == ALARM_INSUFFICIENT)
            alarms->blind[i]++;
        else if (state != ALARM_UNANSWERED)
            alarms->blind[i] = 0;
    }
}

void panel_heed(struct panel *panel, int64_t now)
{
    struct panel_alarms *alarms = &panel->alarms;
    bool answered = !any_is(panel, ALARM_UNANSWERED);
    alarms->unanswered = answered ? 0 : alarms->unanswered + 1;
    alarms->answered = answered ? now : alarms->answered;
    count_blind(panel);
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

/* Where there are metrics they are the evidence. Where there is nothing but alarms, one that cannot
 * tell leaves what it is to watch unwatched, whatever the others say. */
int64_t panel_blind(const struct panel *panel, size_t *which)
{
    int64_t longest = 0;
    for (size_t i = 0; panel->metrics.count == 0 && i < panel->metrics.alarm_count; i++) {
        if (panel->alarms.blind[i] <= longest)
            continue;
        longest = panel->alarms.blind[i];
        *which = i;
    }
    return longest;
}

int64_t panel_lasting(const struct panel *panel)
{
    int64_t longest = 0;
    for (size_t i = 0; i < panel->judge_count; i++) {
        const struct panel_judge *judge = &panel->judge[i];
        int64_t lasting = judge->ops->lasting ? judge->ops->lasting(judge->self) : 0;
        longest = lasting > longest ? lasting : longest;
    }
    return longest;
}

bool panel_has_seen(const struct panel *panel)
{
    size_t ignored;
    if (!panel_heard_alarms(panel, panel->heard.began))
        return false;
    return panel->metrics.count > 0 ? panel->heard.seen > 0 : panel_blind(panel, &ignored) == 0;
}

int64_t panel_unanswered(const struct panel *panel)
{
    int64_t periods = panel->heard.unanswered;
    int64_t looks = panel->alarms.unanswered;
    return periods > looks ? periods : looks;
}
