/* Rehearses the policy over the account as it is, as `doctor POLICY` does, and asks how long what
 * its targets show has been so. */
#include "cli/check_live.h"

#include "cli/caller_identity.h"
#include "engine/record.h"
#include "host/object.h"

struct live {
    struct planning planning;
    struct value preflight, targets;
    struct pool *pool;
    struct error err; /* of what is kept */
};

static void keep(struct live *live, struct value *out, const struct value *value)
{
    if (value && live->err.code == ERROR_NONE)
        value_copy(out, value, live->pool, &live->err);
}

static void observe(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                    struct slice line)
{
    struct live *live = context;
    (void)at;
    (void)line;
    if (kind != JOURNAL_BEGIN)
        return;
    keep(live, &live->preflight, value_get(body, "preflight"));
    keep(live, &live->targets, value_get(body, "targets"));
}

/* --- how long what targets show has been so ----------------------------------------------------
 */

static bool answer_value(const struct reads_answer *answer, struct value *out, struct pool *pool,
                         struct error *err)
{
    const char *name = answer->outcome == OUTCOME_OK ? "value" : "error";
    struct member members[] = {{slice_of(name), answer->value}};
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

/* lua/check/resting.lua says what to ask, one read after the other, until it knows. */
static bool ask_all(struct live *live, struct host_object *resting, struct value *flags,
                    struct error *err)
{
    struct reads reads = supervisor_reads(&live->planning.supervisor);
    struct value answered = value_null(), step;
    for (;;) {
        struct reads_answer answer;
        if (!host_object_call(resting, "step", &answered, 1, &step, live->pool, err))
            return false;
        const struct value *request = value_get(&step, "request");
        if (!request)
            break;
        if (!reads_ask(&reads, request, &answer, live->pool, err) ||
            !answer_value(&answer, &answered, live->pool, err))
            return false;
    }
    *flags = *value_get(&step, "flags");
    return true;
}

static bool ask_flags(struct live *live, struct value *flags, struct error *err)
{
    struct host_object *resting = NULL;
    struct member members[] = {
        {slice_of("now"), value_integer(net_now(live->planning.supervisor.net))},
        {slice_of("targets"), live->targets},
    };
    struct value params = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    bool ok = host_object_new(&resting, live->planning.supervisor.host, "check.resting", "new",
                              &params, 1, err) &&
              ask_all(live, resting, flags, err);
    host_object_free(resting);
    return ok;
}

/* --- all of it -------------------------------------------------------------------------------- */

static bool connect(struct live *live, const struct options *options, struct error *err)
{
    struct planning *planning = &live->planning;
    struct supervisor *supervisor = &planning->supervisor;
    return planning_start(planning, options, err) &&
           supervisor_read(supervisor, options, planning->policy, STATE_MAY_BE, err) &&
           planning_connect(planning, options, err) && caller_identity_ask(supervisor, err) &&
           planning_open(planning, err);
}

static bool rehearse(struct live *live, struct value *out, struct error *err)
{
    struct engine_result result;
    struct value flags;
    struct slice reason;
    if (!planning_rehearse(&live->planning, observe, live, &result, err))
        return false;
    if (live->err.code != ERROR_NONE) {
        *err = live->err;
        return false;
    }
    if (result.outcome == RUN_TOOL_FAILED) /* no fault of the policy's */
        return error_set(err, ERROR_IO, "%s", result.reason);
    if (!ask_flags(live, &flags, err) ||
        !pool_copy(live->pool, slice_of(result.reason), &reason, err))
        return false;
    struct member members[] = {
        {slice_of("flags"), flags},
        {slice_of("outcome"), value_text(run_outcome_name(result.outcome))},
        {slice_of("preflight"), live->preflight},
        {slice_of("reason"), value_string(reason)},
    };
    return record_object(out, members, RECORD_COUNT(members), live->pool, err);
}

bool check_live_ask(const struct options *options, struct value *out, int *status,
                    struct pool *pool, struct error *err)
{
    static struct live live;
    live = (struct live){
        .preflight = {.kind = VALUE_ARRAY}, .targets = {.kind = VALUE_ARRAY}, .pool = pool};
    planning_init(&live.planning, options->operands[0]);
    bool ok = connect(&live, options, err) && rehearse(&live, out, err);
    *status = supervisor_status(&live.planning.supervisor, 0);
    planning_close(&live.planning);
    return ok;
}
