/* What a watch is asked for, read from its effect. */
#include "engine/watch_asked.h"

bool watch_find_panel(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *target = value_get(operation->effect, "target");
    const struct value *judges = value_get(operation->effect, "judges");
    if (!target || target->kind != VALUE_OBJECT)
        return error_set(err, ERROR_INVALID, "watch: \"target\" must be a target");
    for (struct panel *panel = engine->panels; panel; panel = panel->next) {
        if (value_equal(panel->target, target) && judges && value_equal(panel->judges, judges)) {
            operation->panel = panel;
            return true;
        }
    }
    struct panel *panel = pool_alloc(&engine->pool, sizeof *panel, err);
    if (!panel)
        return false;
    if (!panel_init(panel, target, judges, &engine->pool, err))
        return error_wrap(err, "watch");
    panel->after = engine_now(engine);
    panel->next = engine->panels;
    engine->panels = panel;
    operation->panel = panel;
    return true;
}

bool watch_read_times(struct engine *engine, struct operation *operation, struct error *err)
{
    int64_t duration = value_get_integer(operation->effect, "for", -1);
    operation->every = value_get_integer(operation->effect, "every", -1);
    operation->share = value_get_number(operation->effect, "share", -1);
    operation->decide = value_get_boolean(operation->effect, "decide", false);
    operation->settle_in = value_get_integer(operation->effect, "settle_in", 0);
    operation->spared = value_get_boolean(operation->effect, "spared", false);
    operation->beside = value_get_boolean(operation->effect, "beside", false);
    operation->sees = value_get_number(operation->effect, "sees", 0);
    operation->patience = value_get_integer(operation->effect, "patience", 0);
    if (duration <= 0 || duration > EFFECT_DURATION_MAX || operation->every <= 0 ||
        operation->every > EFFECT_DURATION_MAX)
        return error_set(
            err, ERROR_INVALID,
            "watch: \"for\" and \"every\" must be durations above 0, at most 366 days");
    if (!(operation->share >= 0 && operation->share <= 100))
        return error_set(err, ERROR_INVALID, "watch: \"share\" must be a percentage, 0 to 100");
    if (!(operation->sees >= 0) || operation->patience < 0 ||
        operation->patience > EFFECT_DURATION_MAX)
        return error_set(err, ERROR_INVALID,
                         "watch: \"sees\" must be a multiple and \"patience\" a duration");
    if (operation->settle_in < 0 || operation->settle_in >= duration)
        return error_set(err, ERROR_INVALID,
                         "watch: \"settle_in\" must be a duration below that of the watch");
    operation->until = engine_now(engine) + duration;
    if (operation->until > JOURNAL_TIME_MAX)
        return error_set(err, ERROR_INVALID, "watch: it would end after the year 9999");
    operation->planned = operation->progress = operation->until;
    return true;
}
