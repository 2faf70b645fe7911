/* Looks, and what is to be waited for when they fail. */
#include "engine/look.h"

#include "base/random.h"
#include "engine/governed.h"

/* Between two looks at what cannot be reached: twice as long each time, up to a minute. */
enum { OUTAGE_DOUBLINGS = 5, OUTAGE_PAUSE_MAX = 60 * 1000 };

bool look_begin(struct engine *engine, int64_t id, const struct ledger_change *change,
                struct error *err)
{
    return engine_call(engine, event_id(id, PHASE_PROBE), change->observe, err);
}

bool look_state(const struct engine *engine, const struct ledger_change *change,
                const struct value *observed, struct value *out, struct pool *pool,
                struct error *err)
{
    struct value whole;
    struct catalogue *catalogue = engine->params.catalogue;
    return catalogue->ops->state(catalogue, change->operation, change->input, observed, &whole,
                                 pool, err) &&
           governed_cut(&engine->ledger, change->identity, &whole, out, pool, err);
}

void look_end(struct engine *engine, struct look *look, const struct event *event)
{
    const struct ledger_change *change = look->change;
    look->event = event;
    look->state = value_null();
    look->seen = event->outcome == OUTCOME_OK &&
                 look_state(engine, change, &event->value, &look->state, &engine->scratch,
                            &look->why);
    if (look->seen)
        look->whose = ownership_of(&engine->ledger, change->identity, &look->state);
    else
        look->state = value_null();
    if (event->outcome != OUTCOME_OK)
        look_refusal(event, &look->why);
}

const char *look_found(const struct look *look)
{
    static const char *const names[] = {[OWNERSHIP_BEFORE] = "before",
                                        [OWNERSHIP_OURS] = "ours",
                                        [OWNERSHIP_EARLIER] = "earlier",
                                        [OWNERSHIP_FOREIGN] = "foreign"};
    return look->seen ? names[look->whose] : "error";
}

bool look_record(struct engine *engine, const struct look *look, const char *found, int64_t again,
                 struct error *err)
{
    struct member members[] = {
        {slice_of("found"), value_text(found)},
        {slice_of("id"), value_integer(look->id)},
        {slice_of("identity"), value_string(look->change->identity)},
        {slice_of("observed"), look->event->value},
        {slice_of("outcome"), value_text(outcome_name(look->event->outcome))},
        {slice_of("state"), look->state},
        {slice_of("again"), value_integer(again)},
    };
    return engine_record(engine, JOURNAL_PROBE, members, RECORD_COUNT(members) - (again == 0), err);
}

void look_refusal(const struct event *event, struct error *why)
{
    struct slice code = value_get_slice(&event->value, "code", "no answer");
    struct slice message = value_get_slice(&event->value, "message", "");
    error_set(why, ERROR_IO, "%.*s%s%.*s", (int)code.size, code.data, message.size ? ": " : "",
              (int)message.size, message.data);
}

bool look_conflict(struct engine *engine, const struct look *look)
{
    char told[ERROR_MESSAGE_MAX / 2];
    struct slice identity = look->change->identity;
    bool back = look->whose == OWNERSHIP_BEFORE;
    ownership_tell(&engine->ledger, identity, &look->state, told, sizeof told);
    return engine_stop(engine, CAUSE_CONFLICT, "%.*s was %s by somebody else meanwhile: %s",
                       (int)identity.size, identity.data, back ? "put back" : "changed", told);
}

bool look_passes(struct engine *engine, const struct event *event)
{
    struct catalogue *catalogue = engine->params.catalogue;
    bool failed = event->outcome != OUTCOME_OK;
    return failed && (event->outcome == OUTCOME_UNKNOWN || world_unreached(&event->value) ||
                      catalogue->ops->passes(catalogue, &event->value));
}

int64_t look_pause(int64_t since, int64_t id, int failures)
{
    struct random_stream stream;
    int64_t pause = (int64_t)LOOK_PAUSE
                    << (failures < OUTAGE_DOUBLINGS ? failures : OUTAGE_DOUBLINGS);
    uint64_t index = (uint64_t)id << 32 | (uint64_t)failures;
    random_open(&stream, (uint64_t)since, RANDOM_RETRIES, index);
    pause = pause < OUTAGE_PAUSE_MAX ? pause : OUTAGE_PAUSE_MAX;
    return pause + (int64_t)random_below(&stream, (uint64_t)pause / 2) - pause / 4;
}

int64_t look_patience(const struct engine *engine)
{
    return engine->params.patience ? engine->params.patience : ENGINE_PATIENCE;
}

int64_t look_lateness(const struct engine *engine)
{
    return engine->params.lateness ? engine->params.lateness : ENGINE_LATENESS;
}
