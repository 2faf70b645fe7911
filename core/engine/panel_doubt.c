/* What a watch is not ended on. Silence and harm take several periods to be found, and a watch that
 * passes in the midst of them would pass over them: what began in its last period was there. */
#include "engine/panel.h"

#include <stdio.h>
#include <string.h>

/* Whether the judge would find harm if the newest period came again, as often as silence is borne.
 * It is asked of a copy. */
static bool would_find_harm(const struct panel *panel, const struct panel_judge *judge, void *copy)
{
    const struct panel_newest *newest = &panel->newest;
    memcpy(copy, judge->self, judge->ops->size);
    for (int64_t i = 0; i < panel->heard.limits.no_data; i++) {
        judge->ops->observe(copy, newest->canary, newest->baseline);
        if (judge->ops->verdict(copy) == VERDICT_HARM)
            return true;
    }
    return false;
}

/* Whether it would if the alarms stayed as they are, for however long. */
static bool would_heed(const struct panel *panel, const struct panel_judge *judge, void *copy)
{
    enum { DAY = 86400000, DAYS = 400 };
    memcpy(copy, judge->self, judge->ops->size);
    judge->ops->heed(copy, panel->alarms.said, panel->alarms.answered + (int64_t)DAYS * DAY);
    return judge->ops->verdict(copy) == VERDICT_HARM;
}

static bool doubt_judge(const struct panel *panel, const struct panel_judge *judge, char *why,
                        size_t size, struct pool *pool, struct error *err)
{
    void *copy = pool_alloc(pool, judge->ops->size, err);
    if (!copy)
        return false;
    if (judge->ops->heed && would_heed(panel, judge, copy))
        snprintf(why, size, "%.*s: an alarm that stays in ALARM would be harm",
                 (int)judge->name.size, judge->name.data);
    else if (judge->ops->observe && panel->newest.any && would_find_harm(panel, judge, copy))
        snprintf(why, size, "%.*s: more periods like the last one would be harm",
                 (int)judge->name.size, judge->name.data);
    return true;
}

bool panel_doubt(const struct panel *panel, char *why, size_t size, struct pool *pool,
                 struct error *err)
{
    enum { NAME_SHOWN = 150 };
    size_t which = 0;
    why[0] = '\0';
    if (panel_blind(panel, &which) > 0) {
        struct slice name = panel->metrics.alarms[which];
        snprintf(why, size, "the alarm %.*s has no data", alarm_shown(name, NAME_SHOWN), name.data);
    }
    if (why[0] || hearing_doubts(&panel->heard, &panel->metrics, why, size))
        return true;
    for (size_t i = 0; i < panel->judge_count && why[0] == '\0'; i++) {
        if (!doubt_judge(panel, &panel->judge[i], why, size, pool, err))
            return false;
    }
    return true;
}
