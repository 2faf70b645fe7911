/* plan: what a run would do, and how each step would be undone. */
#include "base/digest.h"
#include "base/time.h"
#include "cli/caller_identity.h"
#include "cli/files.h"
#include "cli/github.h"
#include "cli/plan_file.h"
#include "cli/planning.h"
#include "cli/progress.h"
#include "cli/terminal.h"
#include "engine/record.h"

#include <stdio.h>
#include <string.h>

static const struct option_spec specs[] = {
    LIVE_POLICY_OPTIONS,
    {"output", 'o', OPTION_TEXT, false, "FILE", "write the sealed plan there, for run"},
    {"format", 0, OPTION_TEXT, false, "text|markdown|json",
     "as text, as a page for a change's discussion, or the plan itself"},
    CONFIG_OPTION,
    ACCOUNT_OPTIONS,
};

struct plan_making {
    struct planning planning;
    const struct options *options;
    const char *out;
    enum format format;
    bool markdown; /* instead of text */
    struct pool pool;
    struct pool scratch; /* of one record */
    struct error err;    /* of keeping the records */
};

static bool read_options(struct plan_making *making, struct error *err)
{
    making->out = options_text(making->options, "output", NULL);
    making->markdown = strcmp(options_text(making->options, "format", "text"), "markdown") == 0;
    if (!making->markdown && !verb_format(making->options, &making->format, err))
        return false;
    if (making->out && strcmp(making->planning.policy, "-") == 0)
        return error_set(err, ERROR_INVALID,
                         "--output needs a policy that run finds again: a file, or a shipped one");
    if (making->out && !files_check_new(making->out, err))
        return false;
    return making->format != FORMAT_JSONL ||
           error_set(err, ERROR_INVALID, "--format is text, markdown or json here");
}

/* --- the rehearsal --------------------------------------------------------------------------- */

static bool report(struct plan_making *making, const char *name, const struct value *argument,
                   size_t count, struct value *out, struct pool *pool, struct error *err)
{
    return host_call(making->planning.supervisor.host, "report.plan", name, argument, count, out,
                     pool, err);
}

static void keep(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                 struct slice line)
{
    struct plan_making *making = context;
    struct value ignored;
    struct member members[] = {{slice_of("at"), value_integer(at)},
                               {slice_of("body"), *body},
                               {slice_of("kind"), value_text(journal_kind_name(kind))}};
    struct value record = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    (void)line;
    if (making->err.code == ERROR_NONE)
        report(making, "add", &record, 1, &ignored, &making->scratch, &making->err);
    pool_reset(&making->scratch);
}

static bool open_planning(struct plan_making *making, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    pool_init(&making->pool, POOL_MAX);
    pool_init(&making->scratch, POOL_MAX);
    struct planning *planning = &making->planning;
    struct supervisor *supervisor = &planning->supervisor;
    const struct options *options = making->options;
    return read_options(making, err) && planning_start(planning, options, err) &&
           config_read(&supervisor->config, options_text(options, "config", NULL), planning->policy,
                       err) &&
           planning_connect(planning, options, err) && caller_identity_ask(supervisor, err) &&
           planning_open(planning, err);
}

static bool rehearse(struct plan_making *making, struct engine_result *result, struct error *err)
{
    struct value ignored;
    if (!report(making, "begin", NULL, 0, &ignored, &making->pool, err) ||
        !planning_rehearse(&making->planning, keep, making, result, err))
        return false;
    *err = making->err;
    return making->err.code == ERROR_NONE;
}

/* --- the document ---------------------------------------------------------------------------- */

/* Adds what AWS itself shows of a resource: of what the run's first change of it is about. */
static bool add_now(struct plan_making *making, struct value *one, struct error *err)
{
    enum { MEMBERS_MAX = 8 };
    struct member members[MEMBERS_MAX];
    struct reads_answer answer;
    struct plan plan;
    struct value after, undo;
    struct catalogue *catalogue = making->planning.supervisor.catalogue;
    const struct value *home = &making->planning.supervisor.identity.home;
    const struct value *observe = value_get(one, "observe");
    size_t count = one->object.count;
    struct member *now = &members[count];
    if (!rehearsed_ask(making->planning.rehearsed, observe, &answer, &making->pool, err))
        return false;
    struct slice identity = value_get_slice(one, "identity", "");
    struct slice message = value_get_slice(&answer.value, "message", "");
    if (answer.outcome != OUTCOME_OK)
        return error_set(err, ERROR_IO, "%.*s could not be looked at: %.*s", (int)identity.size,
                         identity.data, (int)message.size, message.data);
    for (size_t i = 0; i < count; i++)
        members[i] = one->object.members[i];
    *now = (struct member){.name = slice_of("now")};
    return catalogue->ops->plan(catalogue, one, home, &plan, &making->pool, err) &&
           catalogue->ops->prepare(catalogue, one, &plan, &answer.value, &now->value, &after, &undo,
                                   &making->pool, err) &&
           record_object(one, members, count + 1, &making->pool, err);
}

static bool add_all_now(struct plan_making *making, struct value *observed, struct error *err)
{
    for (size_t i = 0; i < observed->array.count; i++) {
        if (!add_now(making, &observed->array.items[i], err))
            return false;
    }
    return true;
}

static bool digest_sources(struct plan_making *making, struct value *out, struct error *err)
{
    const struct value *texts = &making->planning.live_policy.source_texts;
    if (!value_object(out, texts->object.count, &making->pool, err))
        return false;
    for (size_t i = 0; i < texts->object.count; i++) {
        char hex[DIGEST_HEX_SIZE + 1];
        struct slice copy;
        digest_hex(hex, &texts->object.members[i].value.string, 1);
        if (!pool_copy(&making->pool, slice_of(hex), &copy, err))
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
static bool make_members(struct plan_making *making, struct value *out, struct error *err)
{
    char made[32];
    struct value plan, sources;
    struct slice when;
    struct pool *pool = &making->pool;
    time_format_instant(made, making->planning.made);
    if (!report(making, "finish", NULL, 0, &plan, pool, err) ||
        !digest_sources(making, &sources, err) || !pool_copy(pool, slice_of(made), &when, err))
        return false;
    const struct member own[] = {
        {slice_of("account"), value_string(making->planning.supervisor.identity.account)},
        {slice_of("arguments"), making->planning.live_policy.arguments},
        {slice_of("format"), value_text(PLAN_FILE_FORMAT)},
        {slice_of("identity"), value_string(making->planning.supervisor.identity.arn)},
        {slice_of("made"), value_string(when)},
        {slice_of("policy"), value_text(making->planning.policy)},
        {slice_of("region"), value_string(making->planning.supervisor.identity.region)},
        {slice_of("seed"), value_integer(making->planning.live_policy.seed)},
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

static bool tell_text(struct plan_making *making, const struct value *document, struct error *err)
{
    struct value text;
    struct member members[] = {{slice_of("colour"), value_boolean(progress_colour(1))},
                               {slice_of("file"), value_text(making->out ? making->out : "")}};
    struct value arguments[] = {
        *document,
        {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members) - !making->out}}};
    if (!host_call(making->planning.supervisor.host, "report.plan_text", "tell", arguments, 2,
                   &text, &making->pool, err))
        return false;
    terminal_report(text.string);
    return true;
}

/* For whoever asked for it, and by itself for the page of a CI job's step. */
static bool tell_markdown(struct plan_making *making, const struct value *document,
                          struct error *err)
{
    struct value page;
    if (!making->markdown && !github_is_on())
        return true;
    if (!host_call(making->planning.supervisor.host, "report.plan_markdown", "tell", document, 1,
                   &page, &making->pool, err))
        return false;
    github_page(page.string);
    if (making->markdown)
        terminal_report(page.string);
    return true;
}

static void tell_outputs(const struct plan_making *making, const struct engine_result *result)
{
    github_output("outcome", run_outcome_name(result->outcome));
    if (making->out && result->outcome == RUN_PROMOTED)
        github_output("plan", making->out);
}

static bool finish(struct plan_making *making, const struct engine_result *result,
                   struct error *err)
{
    struct value members, document;
    bool promoted = result->outcome == RUN_PROMOTED;
    if (!make_members(making, &members, err))
        return false;
    struct value *observed = (struct value *)value_get(&members, "observed");
    if (promoted && !add_all_now(making, observed, err))
        return false;
    if (!plan_file_seal(&document, &members, &making->pool, err) ||
        (promoted && making->out && !write_plan(&document, making->out, err)))
        return false;
    tell_outputs(making, result);
    if (!tell_markdown(making, &document, err))
        return false;
    if (making->markdown)
        return true;
    return making->format == FORMAT_JSON ? verb_print(&document, err)
                                         : tell_text(making, &document, err);
}

/* Whether there is something to show: what the run would do, and perhaps why it would not come to
 * its end. */
static bool is_told(enum run_outcome outcome)
{
    return outcome == RUN_PROMOTED || outcome == RUN_ROLLED_BACK || outcome == RUN_POLICY_FAILED;
}

static int carry_out(struct plan_making *making)
{
    struct error err;
    struct engine_result result;
    if (!rehearse(making, &result, &err))
        return verb_fail("plan", &err);
    if (!is_told(result.outcome))
        verb_tell("plan", result.reason);
    else if (!finish(making, &result, &err))
        return verb_fail("plan", &err);
    return run_outcome_exit(result.outcome);
}

static int run(const struct options *options)
{
    static struct plan_making making;
    struct error err;
    making.options = options;
    planning_init(&making.planning, options->operands[0]);
    int status = open_planning(&making, &err) ? carry_out(&making) : verb_fail("plan", &err);
    planning_close(&making.planning);
    pool_clear(&making.pool);
    pool_clear(&making.scratch);
    return supervisor_status(&making.planning.supervisor, status);
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
