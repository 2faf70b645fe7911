/* replay: a run again, from its journal. */
#include "cli/jailed.h"
#include "cli/plan_binding.h"
#include "cli/run_journal.h"
#include "cli/sources.h"
#include "cli/state.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"
#include "world/replayed.h"

#include <lua.h>

#include <inttypes.h>
#include <stdio.h>

static const struct option_spec specs[] = {
    {"policy", 0, OPTION_TEXT, false, "FILE", "carry out this policy instead of the recorded one"},
    {"format", 0, OPTION_TEXT, false, "text|json", "how it is told"},
    STATE_OPTIONS,
};

struct replay {
    struct run_journal journal;
    struct sources sources; /* of --policy; otherwise the journal's own */
    const char *policy;     /* --policy, or NULL */
    enum format format;
    struct host *host;
    struct catalogue *catalogue;
    struct plan_binding binding; /* of a run from a plan */
    struct sandbox *sandbox;
    struct engine *engine;
    struct replayed *replayed;
    struct pool pool;
};

static const struct value *header_of(const struct replay *replay)
{
    return &replay->journal.scan.records[0].body;
}

/* What the policy prints was said when it was carried out. */
static void print_nothing(void *context, struct slice text)
{
    (void)context;
    (void)text;
}

/* Another policy goes by the name of the recorded one: a file's name is no difference. */
static bool take_sources(struct replay *replay, struct error *err)
{
    const struct value *header = header_of(replay);
    struct slice name = value_get_slice(header, "policy", "");
    struct source *policy = &replay->sources.items[0];
    if (!replay->policy)
        return sources_from_journal(&replay->sources, value_get(header, "sources"), name, err) ||
               error_wrap(err, "%s: line 1", replay->journal.path);
    snprintf(policy->name, sizeof policy->name, "%.*s", (int)name.size, name.data);
    return true;
}

/* As simulate does it: loaded, marked, put back to the mark and seeded. */
static bool open_policy(struct replay *replay, struct error *err)
{
    struct sandbox_step step;
    const struct source *policy = &replay->sources.items[0];
    struct sandbox_hooks hooks = {sources_find, print_nothing, &replay->sources};
    if (!sandbox_new(&replay->sandbox, &sandbox_limits_default, &hooks, err))
        return false;
    sandbox_load(replay->sandbox, policy->name, buffer_slice(&policy->text), &step, &replay->pool);
    if (step.state != SANDBOX_RETURNED) {
        *err = step.error;
        sources_place(&replay->sources, err);
        return replay->policy ? error_wrap(err, "%s in its place", replay->policy) : false;
    }
    if (!sandbox_mark(replay->sandbox, err))
        return false;
    sandbox_rewind(replay->sandbox);
    sandbox_seed(replay->sandbox, (uint64_t)value_get_integer(header_of(replay), "seed", 0));
    return true;
}

static bool open_all(struct replay *replay, struct error *err)
{
    return run_journal_scan(&replay->journal, "replay", err) &&
           (replayed_new(&replay->replayed, &replay->journal.scan, err) ||
            error_wrap(err, "%s", replay->journal.path)) &&
           take_sources(replay, err) && host_new(&replay->host, err) &&
           host_catalogue(replay->host, &replay->catalogue, err) &&
           engine_new(&replay->engine, err) && open_policy(replay, err);
}

static void close_all(struct replay *replay)
{
    plan_binding_clear(&replay->binding);
    engine_free(replay->engine);
    replayed_free(replay->replayed);
    sandbox_free(replay->sandbox);
    host_catalogue_free(replay->catalogue);
    host_free(replay->host);
    pool_clear(&replay->pool);
    sources_clear(&replay->sources);
    run_journal_clear(&replay->journal);
}

/* A journal of another version is replayed all the same; where it then differs, this may be why. */
static void say_versions(const struct replay *replay)
{
    const char *const ours[][2] = {{"version", TIDELOCK_VERSION}, {"lua", LUA_RELEASE}};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        struct slice theirs = value_get_slice(header_of(replay), ours[i][0], "unknown");
        if (!slice_is(theirs, ours[i][1]))
            fprintf(stderr, "tidelock replay: the journal was written by %s %.*s, this is %s\n",
                    i == 0 ? "tidelock" : "a program with", (int)theirs.size, theirs.data,
                    ours[i][1]);
    }
}

static bool parse_or_null(struct value *out, struct slice line, struct pool *pool,
                          struct error *err)
{
    *out = value_null();
    return line.size == 0 || value_parse(out, line, true, pool, err);
}

/* {"at","journal","line","member","now","text"} */
static bool describe(struct replay *replay, const struct replay_report *report, size_t index,
                     struct value *out, struct error *err)
{
    struct pool *pool = &replay->pool;
    const struct replay_difference *difference = &report->differences[index];
    struct value told;
    struct value arguments[] = {value_null(), value_null(),
                                value_integer(replay->journal.scan.records[0].at),
                                value_text(report->why)};
    if (!parse_or_null(&arguments[0], difference->recorded, pool, err) ||
        !parse_or_null(&arguments[1], difference->now, pool, err) ||
        !host_call(replay->host, "report.difference", "tell", arguments, RECORD_COUNT(arguments),
                   &told, pool, err))
        return false;
    struct member members[] = {
        {slice_of("at"), value_string(value_get_slice(&told, "at", ""))},
        {slice_of("journal"), arguments[0]},
        {slice_of("line"), value_integer((int64_t)difference->record + 1)},
        {slice_of("member"), value_string(value_get_slice(&told, "member", ""))},
        {slice_of("now"), arguments[1]},
        {slice_of("text"), value_string(value_get_slice(&told, "text", ""))},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool print_json(const struct replay *replay, const struct replay_report *report,
                       const struct value *differences, struct error *err)
{
    struct member members[] = {
        {slice_of("differences"), *differences},
        {slice_of("equal"), value_boolean(report->end != REPLAY_DIFFERENT)},
        {slice_of("lives"), value_integer((int64_t)report->lives)},
        {slice_of("records"), value_integer((int64_t)report->records)},
        {slice_of("torn"), value_boolean(replay->journal.scan.tail == JOURNAL_TORN)},
        {slice_of("whole"), value_boolean(report->end == REPLAY_EQUAL)},
    };
    return verb_print(
        &(struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}}, err);
}

static void print_difference(const struct value *difference, size_t index)
{
    struct slice text = value_get_slice(difference, "text", "");
    struct slice member = value_get_slice(difference, "member", "");
    printf("%s line %" PRId64 ": %.*s\n", index == 0 ? "different in" : "and then in",
           value_get_integer(difference, "line", 0), (int)text.size, text.data);
    if (member.size)
        printf("  (%.*s)\n", (int)member.size, member.data);
}

static void print_text(const struct replay_report *report, const struct value *differences)
{
    for (size_t i = 0; i < differences->array.count; i++)
        print_difference(&differences->array.items[i], i);
    if (report->end == REPLAY_DIFFERENT)
        return;
    printf("the same: %zu records", report->records);
    if (report->lives > 1)
        printf(", in %zu lives of the run", report->lives);
    printf("%s\n", report->end == REPLAY_CUT ? "; the journal ends before the run did" : "");
}

static bool tell(struct replay *replay, const struct replay_report *report, struct error *err)
{
    struct value differences;
    if (!value_array(&differences, report->difference_count, &replay->pool, err))
        return false;
    for (size_t i = 0; i < report->difference_count; i++) {
        if (!describe(replay, report, i, &differences.array.items[i], err))
            return false;
    }
    if (replay->format == FORMAT_JSON)
        return print_json(replay, report, &differences, err);
    print_text(report, &differences);
    return true;
}

/* A run from a plan was bound to it. */
static bool bind(struct replay *replay, struct engine_params *params, struct error *err)
{
    const struct value *plan = value_get(header_of(replay), "plan");
    if (!plan)
        return true;
    if (!plan_binding_init(&replay->binding, replay->catalogue, replay->host, plan, err))
        return error_wrap(err, "%s: line 1", replay->journal.path);
    params->catalogue = &replay->binding.front.catalogue;
    return true;
}

static bool carry_out(struct replay *replay, struct replay_report *report, struct error *err)
{
    struct member named = {slice_of("arguments"), {.kind = VALUE_ARRAY}};
    const struct value *recorded = value_get(header_of(replay), "arguments");
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&named, 1}};
    if (recorded)
        named.value = *recorded;
    struct script_local local;
    script_local_init(&local, replay->sandbox);
    struct engine_params params = {
        .catalogue = replay->catalogue, .script = &local.script, .arguments = &arguments};
    if (!bind(replay, &params, err))
        return false;
    replayed_run(replay->replayed, replay->engine, &params, replay->policy != NULL, report);
    return tell(replay, report, err);
}

static int in_jail(void *context)
{
    enum { POOL_MAX = 256 << 20 };
    struct replay *replay = context;
    struct replay_report report = {.end = REPLAY_EQUAL};
    struct jail_walls walls;
    struct error err;
    pool_init(&replay->pool, POOL_MAX);
    bool ok = jail_lock(&jail_limits_default, NULL, 0, &walls, &err) && open_all(replay, &err);
    if (ok) {
        say_versions(replay);
        ok = carry_out(replay, &report, &err);
    }
    int status = report.end == REPLAY_DIFFERENT ? EXIT_DIFFERENT : EXIT_DONE;
    if (!ok)
        status = verb_fail("replay", &err);
    close_all(replay);
    return fflush(stdout) == 0 ? status : EXIT_TOOL;
}

static bool read_all(struct replay *replay, const struct options *options, struct error *err)
{
    const char *policy = replay->policy = options_text(options, "policy", NULL);
    if (!verb_format(options, &replay->format, err))
        return false;
    if (replay->format == FORMAT_JSONL)
        return error_set(err, ERROR_INVALID, "--format is text or json here");
    return run_journal_read(&replay->journal, options, err) &&
           (!policy || sources_read(&replay->sources, policy, err)) && host_open_files(err);
}

static int run(const struct options *options)
{
    static struct replay replay;
    struct error err;
    int status = EXIT_TOOL;
    if (!read_all(&replay, options, &err))
        return verb_fail("replay", &err);
    if (!jailed_run(in_jail, &replay, &status, &err)) {
        verb_fail("replay", &err);
        status = EXIT_USAGE; /* whatever killed it, the policy ran in it */
    }
    sources_clear(&replay.sources);
    run_journal_clear(&replay.journal);
    return status;
}

const struct verb verb_replay = {
    .name = "replay",
    .operands = "RUN|JOURNAL",
    .operands_min = 1,
    .operands_max = 1,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Carries a run out again with its journal's answers, and compares.",
    .more = "Every record is compared. Exit status 3 and the first difference if there is one. "
            "RUN|JOURNAL is as in `tidelock show`.",
    .example = "tidelock replay rollout.journal --policy canary.lua",
};
