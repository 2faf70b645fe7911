/* What a policy can ask for, kind by kind. */
#include "engine/effects.h"

#include "base/time.h"
#include "engine/approval.h"
#include "engine/aws.h"
#include "engine/foresight.h"
#include "engine/past.h"
#include "engine/watch.h"

#include <stdio.h>
#include <string.h>

static bool begin_failed(struct engine *engine, struct operation *operation, struct error *err)
{
    if (err->code == ERROR_INVALID)
        return engine_refuse(engine, operation, "invalid", err->message, err);
    if (err->code != ERROR_ENDED)
        return false;
    engine_abandon(engine, operation);
    return true;
}

/* --- begin ------------------------------------------------------------------------------------ */

enum { SHOWN_MAX = 200 };

static bool refuse_alarm(const struct alarm *alarm, struct slice name, struct error *err)
{
    char since[32];
    int size = alarm_shown(name, SHOWN_MAX);
    if (alarm->state == ALARM_UNANSWERED)
        return error_set(err, ERROR_IO, "the alarm %.*s could not be asked: %.*s", size, name.data,
                         (int)alarm->reason.size, alarm->reason.data);
    time_format_instant(since, alarm->since);
    return error_set(err, ERROR_INVALID,
                     "the alarm %.*s is in ALARM already%s%s, before anything was changed%s%.*s",
                     size, name.data, alarm->since >= 0 ? " since " : "",
                     alarm->since >= 0 ? since : "", alarm->reason.size ? ": " : "",
                     (int)alarm->reason.size, alarm->reason.data);
}

static bool check_alarms_of(struct engine *engine, const struct value *target,
                            const struct alarm_look *look, struct error *err)
{
    struct world *world = engine->params.world;
    struct sample ignored = {0};
    struct sample_request request = {.target = target, .after = engine_now(engine), .alarms = look};
    alarm_look_clear(look);
    if (!world->ops->sample(world, &request, &ignored, err))
        return false;
    for (size_t i = 0; i < look->count; i++) {
        enum alarm_state state = look->alarms[i].state;
        if (state == ALARM_IN_ALARM || state == ALARM_UNANSWERED)
            return refuse_alarm(&look->alarms[i], look->names[i], err);
    }
    return true;
}

/* A run does not begin where an alarm that it is to heed is in ALARM already, or is not there. */
static bool check_alarms(struct engine *engine, const struct value *effect, struct error *err)
{
    struct judge_metrics asked;
    struct alarm said[JUDGE_ALARMS_MAX];
    const struct value *alarms = value_get(effect, "alarms");
    const struct value *targets = value_get(effect, "targets");
    size_t index;
    judge_metrics_clear(&asked);
    for (size_t i = 0; alarms && alarms->kind == VALUE_ARRAY && i < alarms->array.count; i++) {
        const struct value *name = &alarms->array.items[i];
        if (name->kind != VALUE_STRING)
            return error_set(err, ERROR_INVALID, "begin: \"alarms\" must be texts");
        if (!judge_metrics_alarm(&asked, name->string, &index, err))
            return false;
    }
    struct alarm_look look = {asked.alarms, asked.alarm_count, said, &engine->pool};
    for (size_t i = 0; look.count > 0 && i < targets->array.count; i++) {
        if (!check_alarms_of(engine, &targets->array.items[i], &look, err))
            return false;
    }
    return true;
}

static bool try_metrics(struct engine *engine, const struct operation *operation,
                        struct value *came, struct error *err)
{
    struct world *world = engine->params.world;
    const struct value *asks = value_get(operation->effect, "asks");
    *came = value_null();
    if (!asks)
        return true;
    if (asks->kind != VALUE_ARRAY)
        return error_set(err, ERROR_INVALID, "begin: \"asks\" must be a list");
    return world->ops->preflight(world, value_get(operation->effect, "targets"), asks, came,
                                 &engine->pool, err);
}

static bool begin_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    static const struct {
        const char *name;
        enum value_kind kind;
    } fields[] = {{"params", VALUE_OBJECT}, {"policy", VALUE_OBJECT}, {"targets", VALUE_ARRAY}};
    struct member members[RECORD_COUNT(fields) + 2];
    struct value *came = &engine->came;
    size_t count = RECORD_COUNT(fields);
    if (engine->ledger.begun)
        return engine_refuse(engine, operation, "invalid", "a run begins once", err);
    for (size_t i = 0; i < RECORD_COUNT(fields); i++) {
        const struct value *field = value_get(operation->effect, fields[i].name);
        if (!field || field->kind != fields[i].kind)
            return engine_refuse(engine, operation, "invalid",
                                 "begin needs the objects params and policy and the list targets",
                                 err);
        members[i] = (struct member){slice_of(fields[i].name), *field};
    }
    struct world *world = engine->params.world;
    engine->home = value_null();
    if (!world->ops->begin(world, value_get(operation->effect, "targets"), &engine->home, err) ||
        !check_alarms(engine, operation->effect, err) || !try_metrics(engine, operation, came, err))
        return begin_failed(engine, operation, err);
    engine->targets = value_get(operation->effect, "targets");
    if (engine->home.kind != VALUE_NULL)
        members[count++] = (struct member){slice_of("home"), engine->home};
    if (came->kind != VALUE_NULL)
        members[count++] = (struct member){slice_of("preflight"), *came};
    if (!engine_record(engine, JOURNAL_BEGIN, members, count, err))
        return false;
    return engine_resume(engine, operation, "value", &(struct value){.kind = VALUE_OBJECT}, err);
}

static bool finish_empty(struct engine *engine, struct operation *operation,
                         const struct event *event, struct error *err)
{
    (void)event;
    return engine_answer(engine, operation, OUTCOME_OK, &(struct value){.kind = VALUE_OBJECT}, err);
}

/* Between two looks at what AWS is at work on there is nothing that a person could cut short. */
static bool sleep_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    int64_t duration = value_get_integer(operation->effect, "for", -1);
    if (duration < 0 || duration > EFFECT_DURATION_MAX)
        return engine_refuse(engine, operation, "invalid",
                             "sleep: \"for\" must be a duration in ms, 0 to 366 days", err);
    if (engine_now(engine) + duration > JOURNAL_TIME_MAX)
        return engine_refuse(engine, operation, "invalid",
                             "sleep: it would end after the year 9999", err);
    if (!engine_record_effect(engine, operation, err))
        return false;
    bool needed = value_get_boolean(operation->effect, "needed", false);
    if (engine->skips_waits && !needed)
        return finish_empty(engine, operation, NULL, err);
    operation->next = finish_empty;
    operation->end = needed ? NULL : finish_empty;
    return engine->params.world->ops->timer(engine->params.world,
                                            event_id(operation->id, PHASE_TIMER),
                                            engine_now(engine) + duration, err);
}

static bool notify_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *message = value_get(operation->effect, "message");
    if (!message || message->kind != VALUE_STRING)
        return engine_refuse(engine, operation, "invalid", "notify: \"message\" must be text", err);
    return engine_record_effect(engine, operation, err) &&
           finish_empty(engine, operation, NULL, err);
}

/* Policies know no clock: {"last"} is the time up to now, and is recorded as from when to when. */
static bool settle_times(struct engine *engine, struct operation *operation, struct error *err)
{
    const struct value *effect = operation->effect;
    const struct value *last = value_get(effect, "last");
    struct slice kind = value_get_slice(effect, "kind", "");
    enum { MEMBERS_MAX = 8 };
    struct member members[MEMBERS_MAX];
    if (!last)
        return true;
    if (last->kind != VALUE_INTEGER || last->integer < 0 || last->integer > EFFECT_DURATION_MAX)
        return error_set(err, ERROR_INVALID,
                         "%.*s: \"last\" must be a duration in ms, 0 to 366 days", (int)kind.size,
                         kind.data);
    if (value_get(effect, "from") || value_get(effect, "to") ||
        effect->object.count > MEMBERS_MAX - 2)
        return error_set(err, ERROR_INVALID, "%.*s: either \"last\", or \"from\" and \"to\"",
                         (int)kind.size, kind.data);
    size_t count = effect->object.count;
    int64_t now = engine_now(engine);
    struct value *settled = pool_alloc(&engine->pool, sizeof *settled, err);
    memcpy(members, effect->object.members, count * sizeof *members);
    members[count++] = (struct member){
        slice_of("from"), value_integer(now > last->integer ? now - last->integer : 0)};
    members[count++] = (struct member){slice_of("to"), value_integer(now)};
    operation->effect = settled;
    return settled && record_object(settled, members, count, &engine->pool, err);
}

/* What judges learn by and nobody answers ends the run as a watch does that nobody answers. */
static bool refuse_metric(struct engine *engine, struct operation *operation, struct error *err)
{
    bool learns = value_get_boolean(operation->effect, "past", false) ||
                  value_is_text(value_get(operation->effect, "kind"), "distribution");
    if (err->code == ERROR_UNANSWERED && learns) {
        operation->active = false;
        return engine_stop(engine, CAUSE_PROVIDER_ERROR, "%s", err->message);
    }
    if (err->code != ERROR_INVALID && err->code != ERROR_UNANSWERED)
        return false;
    return engine_reject(engine, operation, err->code == ERROR_INVALID ? "invalid" : "unanswered",
                         err->message, err);
}

/* The world is asked once, and answers before anything else happens. */
static bool ask_world(struct engine *engine, struct operation *operation, struct error *err)
{
    struct value came;
    struct world *world = engine->params.world;
    if (!engine_record_effect(engine, operation, err))
        return false;
    if (!world->ops->query(world, operation->effect, &came, &engine->pool, err))
        return refuse_metric(engine, operation, err);
    if (came.kind == VALUE_NULL) {
        engine_abandon(engine, operation);
        return true;
    }
    struct value told = came;
    bool past = value_get_boolean(operation->effect, "past", false);
    return (!past || past_keep(engine, operation, &came, &told, err)) &&
           engine_tell(engine, operation, &came, &told, err);
}

static bool metric_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    bool large = false;
    if (!engine_is_large(engine, operation->effect, &large, err))
        return false;
    if (large)
        return engine_refuse(engine, operation, "invalid", "metric: what is asked for is too large",
                             err);
    if (!settle_times(engine, operation, err)) {
        if (err->code != ERROR_INVALID)
            return false;
        return engine_refuse(engine, operation, "invalid", err->message, err);
    }
    return ask_world(engine, operation, err);
}

/* What the clocks of a zone show is in the RESULT: a replay takes it from there, whatever its
 * machine knows of time zones. */
static bool window_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    bool large = false;
    if (!engine_is_large(engine, operation->effect, &large, err))
        return false;
    return large ? engine_refuse(engine, operation, "invalid", "window: it is too large", err)
                 : ask_world(engine, operation, err);
}

static bool now_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    struct member member = {slice_of("now"), value_integer(engine_now(engine))};
    struct value now;
    return engine_record_effect(engine, operation, err) &&
           record_object(&now, &member, 1, &engine->pool, err) &&
           engine_answer(engine, operation, OUTCOME_OK, &now, err);
}

static bool rollback_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    struct slice reason = value_get_slice(operation->effect, "reason", "the policy asked for it");
    (void)err;
    operation->active = false;
    return engine_stop(engine, CAUSE_POLICY, "%.*s", (int)reason.size, reason.data);
}

static const struct {
    const char *kind;
    bool (*begin)(struct engine *, struct operation *, struct error *);
} kinds[] = {
    {"approval", approval_begin},   {"aws", aws_begin},           {"begin", begin_begin},
    {"distribution", metric_begin}, {"foresee", foresight_begin}, {"judged", watch_judged_begin},
    {"metric", metric_begin},       {"notify", notify_begin},     {"now", now_begin},
    {"rollback", rollback_begin},   {"sleep", sleep_begin},       {"watch", watch_begin},
    {"window", window_begin},
};

const char *effects_kind(size_t index)
{
    return index < RECORD_COUNT(kinds) ? kinds[index].kind : NULL;
}

bool effects_begin(struct engine *engine, struct operation *operation, struct error *err)
{
    struct slice kind = value_get_slice(operation->effect, "kind", "");
    char message[128];
    if (!engine->ledger.begun && !slice_is(kind, "begin"))
        return engine_refuse(engine, operation, "invalid",
                             "the run has not begun: nothing may be asked for yet", err);
    for (size_t i = 0; i < RECORD_COUNT(kinds); i++) {
        if (slice_is(kind, kinds[i].kind))
            return kinds[i].begin(engine, operation, err);
    }
    snprintf(message, sizeof message, "there is no effect of kind \"%.*s\"",
             (int)(kind.size > 40 ? 40 : kind.size), kind.data);
    return engine_refuse(engine, operation, "invalid", message, err);
}
