/* power: what a recording shows of a service, and what each step of a policy could see of it. */
#include "base/time.h"
#include "cli/files.h"
#include "cli/jailed.h"
#include "cli/power_steps.h"
#include "cli/simulation.h"
#include "cli/terminal.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"
#include "judge/judge_power.h"
#include "world/recording_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static const struct option_spec specs[] = {
    {"parameter", 'p', OPTION_TEXT, true, "NAME=VALUE", PARAMETER_HELP},
    {"events", 0, OPTION_TEXT, false, "METRIC", "the counts of what goes wrong; errors"},
    {"trials", 0, OPTION_TEXT, false, "METRIC", "the counts among which it does; requests"},
    {"format", 0, OPTION_TEXT, false, "text|json", "how it is told"},
};

enum { RECORDING_MAX = 1 << 30, POOL_MAX = 16 << 20 };

struct power {
    struct simulation_input input;
    bool has_policy;
    enum format format;
    const char *events, *trials;
    struct power_recording measured;
    struct power_step steps[POWER_STEPS_MAX];
    size_t step_count;
    struct error err; /* of the rehearsal */
};

/* --- for people ------------------------------------------------------------------------------- */

static void print_rate(const char *name, const struct power_count *count)
{
    printf("%-11s %.3g %% (%.0f of %.0f)\n", name,
           count->trials > 0 ? 100 * count->events / count->trials : 0, count->events,
           count->trials);
}

static void print_dispersion(const char *name, const struct dispersion *measured)
{
    enum { ENOUGH = 20 };
    printf("%-11s %.3g, give or take %.2g (%zu blocks of ten minutes%s)\n", name,
           dispersion_ratio(measured), dispersion_error(measured), measured->blocks,
           measured->blocks < ENOUGH ? ": record for longer" : "");
}

/* The ratio of the arms' rates, and in which range it lies in 19 of 20 cases. */
static void print_arms(const struct power_recording *measured)
{
    const struct power_count *canary = &measured->canary;
    const struct power_count *baseline = &measured->baseline;
    if (canary->events <= 0 || baseline->events <= 0) {
        printf("%-11s one of them had none\n", "arms");
        return;
    }
    double ratio = canary->events / canary->trials / (baseline->events / baseline->trials);
    double phi = dispersion_ratio(&measured->errors);
    double wide = 1.959963984540054 * sqrt(phi * (1 / canary->events + 1 / baseline->events));
    printf("%-11s the canary's rate is %.3g times the baseline's (%.3g to %.3g)\n", "arms", ratio,
           ratio * exp(-wide), ratio * exp(wide));
    if (ratio * exp(-wide) > 1)
        printf("%-11s they differ by more than chance: as much is to be tolerated (psi0)\n", "");
}

static void print_facts(const struct power *power)
{
    const struct power_recording *measured = &power->measured;
    char length[32];
    time_format_duration(length, (int64_t)measured->seconds * 1000);
    printf("%-11s %s, %s\n", "recorded", length,
           measured->has_arms ? "both arms" : "the whole service");
    printf("%-11s %.3g a second\n", "requests", measured->requests);
    if (measured->has_arms)
        print_rate("canary", &measured->canary);
    print_rate(measured->has_arms ? "baseline" : "errors", &measured->baseline);
    print_dispersion("dispersion", &measured->errors);
    if (measured->has_latency)
        print_dispersion("  latency", &measured->slow);
    if (measured->has_arms)
        print_arms(measured);
    else
        printf("%-11s of a whole service: what comes and goes for all requests is in it, too\n",
               "");
}

static void print_bake(int64_t ms)
{
    char text[32] = "never";
    if (ms > 0)
        time_format_duration(text, ms);
    printf("  %9s", text);
}

static void print_times(double times, const char *unit)
{
    char text[32] = "nothing";
    if (times < POWER_NONE)
        snprintf(text, sizeof text, "%.3g times%s", times, unit);
    printf("  %12s", text);
}

static void print_step(const struct power *power, const struct power_step *step)
{
    char judged[32];
    time_format_duration(judged, step->judged);
    printf("%5g %%  %8s  %9.0f", step->share, judged, step->requests);
    print_times(step->sees, "");
    if (power->measured.has_latency)
        print_times(step->slower, "");
    for (int i = 0; i < POWER_RISES; i++)
        print_bake(step->bakes[i]);
    printf("\n");
}

static void print_steps(const struct power *power)
{
    printf("\n%7s  %8s  %9s  %12s", "step", "judged", "requests", "sees errors");
    if (power->measured.has_latency)
        printf("  %12s", "slower");
    for (int i = 0; i < POWER_RISES; i++) {
        char rise[32];
        snprintf(rise, sizeof rise, "x%g", power_rises[i]);
        printf("  %9s", rise);
    }
    printf("\n");
    for (size_t i = 0; i < power->step_count; i++)
        print_step(power, &power->steps[i]);
}

static void print_advice(const struct power *power)
{
    double errors = dispersion_to_tell(&power->measured.errors);
    double slow = dispersion_to_tell(&power->measured.slow);
    printf("\nwrite into the policy\n  judge.ratio { dispersion = %g }\n", errors);
    if (power->measured.has_latency)
        printf("  judge.latency { dispersion = %g }\n", slow);
    printf("or give\n  -p judges=ratio:dispersion=%g", errors);
    if (power->measured.has_latency)
        printf(" -p judges=latency:dispersion=%g", slow);
    printf("\n");
}

/* --- for programs ----------------------------------------------------------------------------- */

static struct value number_or_none(double number, double none)
{
    return number < none ? value_float(number) : value_null();
}

static bool dispersion_value(const struct dispersion *measured, struct value *out,
                             struct pool *pool, struct error *err)
{
    struct member members[] = {
        {slice_of("blocks"), value_integer((int64_t)measured->blocks)},
        {slice_of("error"), number_or_none(dispersion_error(measured), INFINITY)},
        {slice_of("ratio"), value_float(dispersion_ratio(measured))},
        {slice_of("write"), value_float(dispersion_to_tell(measured))},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool count_value(const struct power_count *count, struct value *out, struct pool *pool,
                        struct error *err)
{
    struct member members[] = {{slice_of("events"), value_float(count->events)},
                               {slice_of("trials"), value_float(count->trials)}};
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool step_value(const struct power_step *step, struct value *out, struct pool *pool,
                       struct error *err)
{
    struct value bakes;
    if (!value_object(&bakes, POWER_RISES, pool, err))
        return false;
    static const char *const names[POWER_RISES] = {"1.5", "2", "3", "5"};
    for (int i = 0; i < POWER_RISES; i++) {
        int64_t ms = step->bakes[i];
        bakes.object.members[i] = (struct member){slice_of(names[i]),
                                                  ms > 0 ? value_integer(ms) : value_null()};
    }
    struct member members[] = {
        {slice_of("bake"), bakes},
        {slice_of("canary_requests"), value_float(step->requests)},
        {slice_of("for"), value_integer(step->length)},
        {slice_of("judged"), value_integer(step->judged)},
        {slice_of("sees"), number_or_none(step->sees, POWER_NONE)},
        {slice_of("sees_slower"), number_or_none(step->slower, POWER_NONE)},
        {slice_of("settle_in"), value_integer(step->settle_in)},
        {slice_of("share"), value_float(step->share)},
    };
    return value_object_sort(&bakes, err) &&
           record_object(out, members, RECORD_COUNT(members), pool, err);
}

static bool print_document(const struct power *power, struct pool *pool, struct error *err)
{
    const struct power_recording *measured = &power->measured;
    struct value steps, errors, slow = value_null(), canary, baseline;
    if (!value_array(&steps, power->step_count, pool, err) ||
        !dispersion_value(&measured->errors, &errors, pool, err) ||
        !count_value(&measured->canary, &canary, pool, err) ||
        !count_value(&measured->baseline, &baseline, pool, err) ||
        (measured->has_latency && !dispersion_value(&measured->slow, &slow, pool, err)))
        return false;
    for (size_t i = 0; i < power->step_count; i++) {
        if (!step_value(&power->steps[i], &steps.array.items[i], pool, err))
            return false;
    }
    struct member members[] = {
        {slice_of("baseline"), baseline},
        {slice_of("canary"), measured->has_arms ? canary : value_null()},
        {slice_of("dispersion"), errors},
        {slice_of("latency_dispersion"), slow},
        {slice_of("requests_per_second"), value_float(measured->requests)},
        {slice_of("seconds"), value_float(measured->seconds)},
        {slice_of("steps"), steps},
    };
    struct value document = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return verb_print(&document, err);
}

/* --- the policy's steps ----------------------------------------------------------------------- */

static void observe(void *context, enum journal_kind kind, int64_t at, const struct value *body,
                    struct slice line)
{
    struct power *power = context;
    (void)at;
    (void)line;
    if (kind != JOURNAL_EFFECT || power->step_count == POWER_STEPS_MAX)
        return;
    const struct value *request = value_get(body, "request");
    if (value_is_text(value_get(request, "kind"), "watch") &&
        power_step_of(&power->steps[power->step_count], request))
        power->step_count++;
}

/* As it goes where nothing is wrong. */
static bool rehearse(struct power *power, struct error *err)
{
    struct simulation simulation;
    struct journal_memory memory;
    struct journal journal;
    struct engine_result result;
    struct simulation_run run = {.journal = &journal, .observe = observe, .context = power};
    journal_memory_init(&memory, RECORDING_MAX);
    journal_init(&journal, &memory.store);
    bool ok = simulation_open(&simulation, &power->input, false, err) &&
              simulation_start(&simulation, 1, &run, &result, err);
    if (ok && result.outcome != RUN_PROMOTED)
        ok = error_set(err, ERROR_INVALID, "the rehearsal was not promoted, but %s: %s",
                       run_outcome_name(result.outcome), result.reason);
    if (ok && power->step_count == 0)
        ok = error_set(err, ERROR_INVALID, "the policy compares no rates");
    simulation_clear(&simulation);
    journal_clear(&journal);
    journal_memory_clear(&memory);
    return ok;
}

/* --- the verb --------------------------------------------------------------------------------- */

static bool measure(struct power *power, struct error *err)
{
    struct recording *recording;
    struct slice text = {power->input.recording.data, power->input.recording.size};
    if (!recording_open(&recording, text, err))
        return false;
    bool ok = power_recording_measure(&power->measured, recording, slice_of(power->events),
                                      slice_of(power->trials), err);
    recording_free(recording);
    return ok;
}

static bool tell(struct power *power, struct error *err)
{
    if (!measure(power, err))
        return false;
    if (!power->has_policy)
        power->step_count = power_steps_usual(power->steps);
    else if (!rehearse(power, err))
        return false;
    for (size_t i = 0; i < power->step_count; i++)
        power_step_work_out(&power->steps[i], &power->measured, i + 1);
    if (power->format == FORMAT_JSON)
        return print_document(power, &power->input.pool, err);
    print_facts(power);
    print_steps(power);
    print_advice(power);
    return true;
}

static int in_jail(void *context)
{
    struct power *power = context;
    struct jail_walls walls;
    struct error err;
    bool ok = jail_lock(&jail_limits_default, NULL, 0, &walls, &err) && tell(power, &err);
    return verb_flush(ok ? EXIT_DONE : verb_fail("power", &err));
}

static bool read_input(const struct options *options, struct power *power, struct error *err)
{
    struct simulation_input *input = &power->input;
    power->has_policy = options->operand_count > 1;
    power->events = options_text(options, "events", "errors");
    power->trials = options_text(options, "trials", "requests");
    input->recording_name = "recording";
    input->rehearsal = true;
    pool_init(&input->pool, POOL_MAX);
    if (!verb_format(options, &power->format, err) ||
        !verb_arguments(options, &input->arguments, &input->pool, err))
        return false;
    if (power->format == FORMAT_JSONL)
        return error_set(err, ERROR_INVALID, "--format is text or json here");
    return (!power->has_policy || sources_read(&input->sources, options->operands[1], err)) &&
           simulation_input_zones(input, err) &&
           files_read(options->operands[0], RECORDING_MAX, &input->recording, err) &&
           host_open_files(err);
}

static int run(const struct options *options)
{
    static struct power power;
    struct error err;
    int status = EXIT_TOOL;
    if (!read_input(options, &power, &err) || !jailed_run(in_jail, &power, &status, &err))
        status = verb_fail("power", &err);
    simulation_input_clear(&power.input);
    return status;
}

const struct verb verb_power = {
    .name = "power",
    .operands = "RECORDING [POLICY]",
    .operands_min = 1,
    .operands_max = 2,
    .specs = specs,
    .spec_count = sizeof specs / sizeof *specs,
    .run = run,
    .line = "Says what each step of a policy could see on a recording, and for how long it would "
            "have to bake.",
    .more = "It measures the dispersion that the judges are to be told. Where no policy is given, "
            "the steps are those that step_canary has unless told otherwise.",
    .example = "tidelock power checkout.ndjson rollout.lua",
};
