/* When a watch may end, and how long it is waited for what is missing. */
#include "engine/watch_end.h"

/* How long it is from one look that may bring something to the next. */
static int64_t step_of(const struct operation *operation)
{
    int64_t period = operation->panel->period;
    return operation->every > period ? operation->every : period;
}

/* Whether all periods that lie in its time are there, were answered and do not change any more. */
static bool is_measured(const struct operation *operation)
{
    const struct panel *panel = operation->panel;
    int64_t next = panel->after - 1 + panel->period;
    int64_t open = panel_open(panel);
    return panel->period > 0 && next + panel->period > operation->until &&
           panel->heard.unanswered == 0 && (open == panel->after || open >= operation->until);
}

/* Alarms know of something once what they watch is there, wherever the metrics come from. */
bool watch_is_judged(const struct operation *operation)
{
    const struct panel *panel = operation->panel;
    return (panel->metrics.count == 0 || is_measured(operation)) &&
           panel_heard_alarms(panel, operation->until + panel->alarms.settle);
}

/* A doubt is settled by the periods that follow: by three of silence, or by what makes m of n. It
 * cannot go on for ever, whatever comes. */
bool watch_is_settling(struct engine *engine, const struct operation *operation)
{
    enum { PERIODS = 60 }; /* of a quiet service: in ten the canary may have no request */
    int64_t planned = value_get_integer(operation->effect, "for", 0);
    int64_t least = PERIODS * step_of(operation);
    int64_t longest = planned > operation->patience ? planned : operation->patience;
    longest = longest > least ? longest : least;
    return engine_now(engine) <= operation->planned + longest + panel_lasting(operation->panel);
}

/* Looks that bring nothing are borne for as long as silence is, and where periods are read again,
 * or alarms are late, for as much longer. Where there are alarms alone, what they say is all that a
 * look can bring. */
bool watch_is_patient(struct engine *engine, struct operation *operation, bool brought)
{
    const struct panel *panel = operation->panel;
    int64_t late = panel->still > panel->alarms.settle ? panel->still : panel->alarms.settle;
    if (brought || (panel->metrics.count == 0 && panel_unanswered(panel) == 0))
        operation->progress = engine_now(engine);
    return engine_now(engine) - operation->progress <=
           (panel->heard.limits.no_data + 1) * step_of(operation) + late;
}
