/* plan: what a run would do, and how each step would be undone. */
#include "base/digest.h"
#include "base/time.h"
#include "cli/caller_identity.h"
#include "cli/files.h"
#include "cli/live_policy.h"
#include "cli/plan_file.h"
#include "cli/progress.h"
#include "cli/supervisor_locks.h"
#include "cli/terminal.h"
#include "engine/record.h"
#include "world/rehearsed.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    LIVE_POLICY_OPTIONS,
    {"output", 'o', OPTION_TEXT, false, "FILE", "write the sealed plan there, for run"},
    {"format", 0, OPTION_TEXT, false, "FORMAT", "text or json (the plan itself)"},
    CONFIG_OPTION,
    ACCOUNT_OPTIONS,
};

struct planning {
    const struct options *options;
    const char *policy, *out;
    enum format format;
    struct live_policy live_policy;
    struct supervisor supervisor;
    struct rehearsed *rehearsed;
    int64_t made;
    struct pool pool;
    struct pool scratch; /* of one record */
    struct error err;    /* of keeping the records */
};

static bool read_options(struct planning *planning, struct error *err)
{
    planning->out = options_text(planning->options, "output", NULL);
    if (!verb_format(planning->options, &planning->format, err))
        return false;
    if (planning->out && strcmp(planning->policy, "-") == 0)
        return error_set(err, ERROR_INVALID,
                         "--output needs a policy that run finds again: a file, or a shipped one");
    if (planning->out && !files_check_new(planning->out, err))
        return false;
    return planning->format != FORMAT_JSONL ||
           error_set(err, ERROR_INVALID, "--format is text or json here");
}

static bool begin(void *context, const struct value *targets, const struct value *home,
                  struct error *err)
{
    return supervisor_check_targets(context, targets, home, err);
}

static bool open_world(struct planning *planning, struct error *err)
{
    struct supervisor *supervisor = &planning->supervisor;
    struct rehearsed_params params = {
        .reads = supervisor_reads(supervisor),
        .host = supervisor->host,
        .allowed = &supervisor->gate.front.catalogue,
        .home = &supervisor->identity.home,
        .begin = begin,
        .context = supervisor,
        .config = supervisor->config.value,
    };
    return rehearsed_new(&planning->rehearsed, &params, err);
}

static bool open_planning(struct planning *planning, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    struct supervisor *supervisor = &planning->supervisor;
    const struct options *options = planning->options;
    pool_init(&planning->pool, POOL_MAX);
    pool_init(&planning->scratch, POOL_MAX);
    return read_options(planning, err) &&
           live_policy_read(&planning->live_policy, planning->policy, err) &&
           live_policy_take_options(&planning->live_policy, options, err) &&
           live_policy_start(&planning->live_policy, err) &&
           config_read(&supervisor->config, options_text(options, "config", NULL), planning->policy,
                       err) &&
           supervisor_prepare(supervisor, err) && live_policy_await(&planning->live_policy, err) &&
           supervisor_open(supervisor, options, err) && caller_identity_ask(supervisor, err) &&
           open_world(planning, err);
}

/* --- the rehearsal --------------------------------------------------------------------------- */

static bool report(struct planning *planning, const char *name, const struct value *argument,
                   size_t count, struct value *out, struct pool *pool, struct error *err)
{
    return host_call(planning->supervisor.host, "report.plan", name, argument, count, out, pool,
                     err);
}

static void keep(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                 struct slice line)
{
    struct planning *planning = context;
    struct value ignored;
    struct member members[] = {{slice_of("at"), value_integer(at)},
                               {slice_of("body"), *body},
                               {slice_of("kind"), value_text(journal_kind_name(kind))}};
    struct value record = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    (void)line;
    if (planning->err.code == ERROR_NONE)
        report(planning, "add", &record, 1, &ignored, &planning->scratch, &planning->err);
    pool_reset(&planning->scratch);
}

static bool rehearse(struct planning *planning, struct engine_result *result, struct error *err)
{
    enum { MEMORY_MAX = 256 << 20 };
    struct journal_memory memory;
    struct journal journal;
    struct value header;
    struct value ignored;
    struct member named = {slice_of("arguments"), planning->live_policy.arguments};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&named, 1}};
    struct engine_params params = supervisor_params(&planning->supervisor);
    if (!report(planning, "begin", NULL, 0, &ignored, &planning->pool, err) ||
        !live_policy_header(&planning->live_policy, "rehearsed", NULL, &header, err))
        return false;
    journal_memory_init(&memory, MEMORY_MAX);
    journal_init(&journal, &memory.store);
    params.world = rehearsed_world(planning->rehearsed);
    params.script = child_script(planning->live_policy.child);
    params.header = &header;
    params.arguments = &arguments;
    params.journal = &journal;
    params.rehearsal = true;
    params.observe = keep;
    params.context = planning;
    planning->made = net_now(planning->supervisor.net);
    engine_run(planning->supervisor.engine, &params, result);
    journal_clear(&journal);
    journal_memory_clear(&memory);
    *err = planning->err;
    return planning->err.code == ERROR_NONE;
}

/* --- the document ---------------------------------------------------------------------------- */

/* Adds what AWS itself shows of a resource: of what the run's first change of it is about. */
static bool add_now(struct planning *planning, struct value *one, struct error *err)
{
    enum { MEMBERS_MAX = 8 };
    struct member members[MEMBERS_MAX];
    struct reads_answer answer;
    struct plan plan;
    struct value after, undo;
    struct catalogue *catalogue = planning->supervisor.catalogue;
    const struct value *home = &planning->supervisor.identity.home;
    const struct value *observe = value_get(one, "observe");
    size_t count = one->object.count;
    struct member *now = &members[count];
    if (!rehearsed_ask(planning->rehearsed, observe, &answer, &planning->pool, err))
        return false;
    struct slice identity = value_get_slice(one, "identity", "");
    struct slice message = value_get_slice(&answer.value, "message", "");
    if (answer.outcome != OUTCOME_OK)
        return error_set(err, ERROR_IO, "%.*s could not be looked at: %.*s", (int)identity.size,
                         identity.data, (int)message.size, message.data);
    for (size_t i = 0; i < count; i++)
        members[i] = one->object.members[i];
    *now = (struct member){.name = slice_of("now")};
    return catalogue->ops->plan(catalogue, one, home, &plan, &planning->pool, err) &&
           catalogue->ops->prepare(catalogue, one, &plan, &answer.value, &now->value, &after, &undo,
                                   &planning->pool, err) &&
           record_object(one, members, count + 1, &planning->pool, err);
}

static bool add_all_now(struct planning *planning, struct value *observed, struct error *err)
{
    for (size_t i = 0; i < observed->array.count; i++) {
        if (!add_now(planning, &observed->array.items[i], err))
            return false;
    }
    return true;
}

static bool digest_sources(struct planning *planning, struct value *out, struct error *err)
{
    const struct value *texts = &planning->live_policy.source_texts;
    if (!value_object(out, texts->object.count, &planning->pool, err))
        return false;
    for (size_t i = 0; i < texts->object.count; i++) {
        char hex[DIGEST_HEX_SIZE + 1];
        struct slice copy;
        digest_hex(hex, &texts->object.members[i].value.string, 1);
        if (!pool_copy(&planning->pool, slice_of(hex), &copy, err))
            return false;
        out->object.members[i] = (struct member){texts->object.members[i].name, value_string(copy)};
    }
    return true;
}

static bool join(struct value *out, const struct member *own, size_t count,
                 const struct value *plan, struct pool *pool, struct error *err)
{
    size_t reported = plan->object.count;
    struct member *all = pool_alloc(pool, (count + reported) * sizeof *all, err);
    if (!all)
        return false;
    memcpy(all, own, count * sizeof *all);
    if (reported)
        memcpy(all + count, plan->object.members, reported * sizeof *all);
    return record_object(out, all, count + reported, pool, err);
}

/* What the records say, and what this program adds: everything but the seal. */
static bool make_members(struct planning *planning, struct value *out, struct error *err)
{
    char made[32];
    struct value plan, sources;
    struct slice when;
    struct pool *pool = &planning->pool;
    time_format_instant(made, planning->made);
    if (!report(planning, "finish", NULL, 0, &plan, pool, err) ||
        !digest_sources(planning, &sources, err) || !pool_copy(pool, slice_of(made), &when, err))
        return false;
    const struct member own[] = {
        {slice_of("account"), value_string(planning->supervisor.identity.account)},
        {slice_of("arguments"), planning->live_policy.arguments},
        {slice_of("format"), value_text(PLAN_FILE_FORMAT)},
        {slice_of("identity"), value_string(planning->supervisor.identity.arn)},
        {slice_of("made"), value_string(when)},
        {slice_of("policy"), value_text(planning->policy)},
        {slice_of("region"), value_string(planning->supervisor.identity.region)},
        {slice_of("seed"), value_integer(planning->live_policy.seed)},
        {slice_of("sources"), sources},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
    };
    return join(out, own, RECORD_COUNT(own), &plan, pool, err);
}

static bool write_plan(const struct value *document, const char *path, struct error *err)
{
    struct buffer text;
    buffer_init(&text, PLAN_FILE_SIZE_MAX);
    bool ok = value_write(document, &text, err) && buffer_append_text(&text, "\n", err) &&
              files_write_new(path, buffer_slice(&text), err);
    buffer_clear(&text);
    return ok;
}

static bool tell_text(struct planning *planning, const struct value *document, struct error *err)
{
    struct value text;
    struct member members[] = {{slice_of("colour"), value_boolean(progress_colour(1))},
                               {slice_of("file"), value_text(planning->out ? planning->out : "")}};
    struct value arguments[] = {
        *document,
        {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members) - !planning->out}}};
    if (!host_call(planning->supervisor.host, "report.plan_text", "tell", arguments, 2, &text,
                   &planning->pool, err))
        return false;
    terminal_report(text.string);
    return true;
}

static bool finish(struct planning *planning, const struct engine_result *result, struct error *err)
{
    struct value members, document;
    bool promoted = result->outcome == RUN_PROMOTED;
    if (!make_members(planning, &members, err))
        return false;
    struct value *observed = (struct value *)value_get(&members, "observed");
    if (promoted && !add_all_now(planning, observed, err))
        return false;
    if (!plan_file_seal(&document, &members, &planning->pool, err) ||
        (promoted && planning->out && !write_plan(&document, planning->out, err)))
        return false;
    return planning->format == FORMAT_JSON ? verb_print(&document, err)
                                           : tell_text(planning, &document, err);
}

/* Whether there is something to show: what the run would do, and perhaps why it would not come to
 * its end. */
static bool is_told(enum run_outcome outcome)
{
    return outcome == RUN_PROMOTED || outcome == RUN_ROLLED_BACK || outcome == RUN_POLICY_FAILED;
}

static int carry_out(struct planning *planning)
{
    struct error err;
    struct engine_result result;
    if (!rehearse(planning, &result, &err))
        return verb_fail("plan", &err);
    if (!is_told(result.outcome))
        fprintf(stderr, "tidelock plan: %s\n", result.reason);
    else if (!finish(planning, &result, &err))
        return verb_fail("plan", &err);
    return run_outcome_exit(result.outcome);
}

static int run(const struct options *options)
{
    static struct planning planning;
    struct error err;
    planning.options = options;
    planning.policy = options->operands[0];
    supervisor_init(&planning.supervisor);
    int status = open_planning(&planning, &err) ? carry_out(&planning) : verb_fail("plan", &err);
    rehearsed_free(planning.rehearsed);
    live_policy_clear(&planning.live_policy);
    supervisor_close(&planning.supervisor);
    pool_clear(&planning.pool);
    pool_clear(&planning.scratch);
    return supervisor_status(&planning.supervisor, status);
}

const struct verb verb_plan = {
    .name = "plan",
    .operands = "POLICY",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Shows what run would do on AWS as it is now, and how each step would be undone.",
    .more =
        "POLICY is a file, or the name of a shipped policy. Nothing is changed. With --output the "
        "plan is written down, for `tidelock run FILE`, which refuses it once anything that "
        "it rests on has changed.",
    .example = "tidelock plan rollout.lua -p target.canary=43 --output plan.json",
};
