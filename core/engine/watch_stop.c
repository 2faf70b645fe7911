/* Why a watch ends the run, in words. */
#include "engine/watch_stop.h"

#include "base/time.h"
#include "engine/foresight.h"
#include "judge/judge_power.h"

#include <inttypes.h>
#include <stdio.h>

/* Verdicts that end the run unless the policy asked to decide for itself. */
enum run_cause watch_cause(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_HARM:
        return CAUSE_HARM;
    case VERDICT_NO_DATA:
        return CAUSE_NO_DATA;
    case VERDICT_PROVIDER_ERROR:
        return CAUSE_PROVIDER_ERROR;
    case VERDICT_UNDECIDED:
    case VERDICT_SAFE:
        return CAUSE_NONE;
    }
    return CAUSE_TOOL;
}

static bool stop_at_end(struct engine *engine, int64_t end)
{
    enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
    int64_t in = end - engine->result->started;
    char date[32];
    in = in > 0 ? in : 0;
    time_format_instant(date, end);
    return engine_stop(engine, CAUSE_NO_DATA,
                       "the recording ends at %02" PRId64 ":%02d:%02d of the rollout (%s), before "
                       "the watch does",
                       in / HOUR, (int)(in % HOUR / MINUTE), (int)(in % MINUTE / SECOND), date);
}

/* AWS's default, missing data that is missing, leaves an alarm on what seldom happens without a
 * state. */
static bool stop_blind(struct engine *engine, const struct panel *panel)
{
    enum { NAME_SHOWN = 200 };
    size_t which = 0;
    panel_blind(panel, &which);
    struct slice name = panel->metrics.alarms[which];
    return engine_stop(engine, CAUSE_NO_DATA,
                       "the alarm %.*s has no data at the end of the watch: INSUFFICIENT_DATA is "
                       "no evidence (its TreatMissingData says what absent data is)",
                       alarm_shown(name, NAME_SHOWN), name.data);
}

static bool stop_without_data(struct engine *engine, const struct operation *operation,
                              const struct tick *tick)
{
    const struct panel *panel = operation->panel;
    char waited[32];
    char why[ERROR_MESSAGE_MAX];
    if (tick->ended)
        return stop_at_end(engine, tick->until);
    if (panel->metrics.count == 0)
        return stop_blind(engine, panel);
    if (hearing_explain(&panel->heard, &panel->metrics, why, sizeof why))
        return engine_stop(engine, CAUSE_NO_DATA, "%s", why);
    time_format_duration(waited, engine_now(engine) - panel->heard.began);
    return engine_stop(engine, CAUSE_NO_DATA,
                       "no metrics of the watch's own time were there after %s", waited);
}

static bool stop_unanswered(struct engine *engine, const struct panel *panel)
{
    if (panel->heard.unanswered < panel->alarms.unanswered)
        return engine_stop(engine, CAUSE_PROVIDER_ERROR,
                           "the alarms were not answered at %" PRId64 " looks in a row",
                           panel->alarms.unanswered);
    return engine_stop(engine, CAUSE_PROVIDER_ERROR,
                       "the metric provider did not answer for %" PRId64 " periods",
                       panel->heard.unanswered);
}

bool watch_stop(struct engine *engine, struct operation *operation, const struct tick *tick,
                enum run_cause cause)
{
    struct panel *panel = operation->panel;
    char reason[ERROR_MESSAGE_MAX];
    operation->active = false;
    if (cause == CAUSE_HARM)
        return panel_explain_harm(panel, reason, sizeof reason) &&
               engine_stop(engine, cause, "%s", reason);
    if (cause == CAUSE_NO_DATA)
        return stop_without_data(engine, operation, tick);
    return stop_unanswered(engine, panel);
}

bool watch_stop_if_hopeless(struct engine *engine, struct operation *operation)
{
    char why[ERROR_MESSAGE_MAX];
    if (operation->decide || operation->panel->heard.periods > 0 ||
        !foresight_is_hopeless(engine, operation->effect, why, sizeof why))
        return false;
    operation->active = false;
    return engine_stop(engine, CAUSE_UNDECIDED, "%s", why);
}

bool watch_stop_undecided(struct engine *engine, struct operation *operation)
{
    char waited[32];
    char seen[64] = "no rise";
    double rise = panel_sees(operation->panel);
    operation->active = false;
    time_format_duration(waited, engine_now(engine) - operation->panel->heard.began);
    if (rise < POWER_NONE)
        snprintf(seen, sizeof seen, "only a rise to %.3g times", rise);
    return engine_stop(engine, CAUSE_UNDECIDED,
                       "within %s %s could have been seen, and one to %g times was asked for",
                       waited, seen, operation->sees);
}

bool watch_stop_unfinished(struct engine *engine, struct operation *operation)
{
    char waited[32];
    operation->active = false;
    time_format_duration(waited, engine_now(engine) - operation->planned);
    return engine_stop(engine, CAUSE_NO_DATA,
                       "the last periods of the watch were not there %s after it", waited);
}

bool watch_stop_in_doubt(struct engine *engine, struct operation *operation, const char *doubt)
{
    char waited[32];
    operation->active = false;
    time_format_duration(waited, engine_now(engine) - operation->planned);
    return engine_stop(engine, CAUSE_NO_DATA,
                       "%s after the watch's time it is still in doubt what it saw: %s", waited,
                       doubt);
}
