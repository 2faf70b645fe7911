/* Gathers the facts of a policy, in turns with lua/check/examination.lua, which says what is tried.
 */
#include "cli/check_facts.h"

#include "cli/check_course.h"
#include "cli/power_steps.h"
#include "engine/record.h"
#include "host/object.h"
#include "judge/judge_power.h"
#include "world/recording_read.h"

#include <string.h>

enum { JOURNAL_MAX = 256 << 20 };

struct check {
    struct check_input *input;
    struct simulation simulation;
    struct check_course course;
    struct host_object *examination;
    struct power_recording *measured; /* NULL: there is no recording */
    struct engine_result result;      /* of the last rehearsal, which its value borrows from */
    struct pool *pool;
};

static bool tell(struct check *check, const char *method, const struct value *argument,
                 struct value *answer, struct error *err)
{
    return host_object_call(check->examination, method, argument, 1, answer, check->pool, err);
}

static bool open_examination(struct check *check, struct error *err)
{
    struct value params, sources;
    const struct sources *all = &check->input->simulation.sources;
    if (!sources_value(all, &sources, check->pool, err))
        return false;
    struct member members[] = {
        {slice_of("arguments"), check->input->simulation.arguments},
        {slice_of("first"), value_text(all->items[0].name)},
        {slice_of("live"), check->input->live ? *check->input->live : value_null()},
        {slice_of("path"), value_text(check->input->path)},
        {slice_of("sources"), sources},
    };
    return record_object(&params, members, RECORD_COUNT(members), check->pool, err) &&
           host_object_new(&check->examination, check->simulation.host, "check.examination", "new",
                           &params, 1, err);
}

/* --- what it declares ------------------------------------------------------------------------- */

/* [arguments...]: what to rehearse it with, one after the other until it goes well. */
static bool describe(struct check *check, struct value *attempts, struct error *err)
{
    struct value question;
    struct sandbox_step step;
    const struct value none = value_null();
    if (!tell(check, "question", &none, &question, err))
        return false;
    struct member asked = {slice_of("describe"), question};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&asked, 1}};
    sandbox_start(check->simulation.sandbox, &arguments, &step, check->pool);
    if (step.state != SANDBOX_RETURNED) {
        *err = step.error;
        return false;
    }
    return tell(check, "described", &step.value, attempts, err);
}

/* Of one that could not be loaded the text still tells what is wrong with it. */
static bool fail_to_load(struct check *check, const struct error *why, struct error *err)
{
    struct value ignored;
    struct value message = value_text(why->message);
    struct error unasked;
    if (!tell(check, "failed", &message, &ignored, err))
        return false;
    if (why->code == ERROR_POLICY && check->simulation.sandbox)
        describe(check, &ignored, &unasked);
    return true;
}

/* --- what it does ----------------------------------------------------------------------------- */

static bool outcome_value(const struct check *check, struct value *out, struct error *err)
{
    const struct engine_result *result = &check->result;
    struct member members[] = {
        {slice_of("cause"), value_text(run_cause_name(result->cause))},
        {slice_of("file"), value_text(result->chunk)},
        {slice_of("harm_from"), value_integer(check->course.harm_from)},
        {slice_of("length"), value_integer(result->ended - result->started)},
        {slice_of("line"), value_integer(result->line)},
        {slice_of("outcome"), value_text(run_outcome_name(result->outcome))},
        {slice_of("reason"), value_text(result->reason)},
        {slice_of("records"), check_course_records(&check->course)},
    };
    return record_object(out, members, RECORD_COUNT(members), check->pool, err);
}

static bool start(struct check *check, const struct simulation_run *run, struct error *err)
{
    if (!simulation_start(&check->simulation, 1, run, &check->result, err))
        return false;
    if (check->course.err.code != ERROR_NONE) {
        *err = check->course.err;
        return false;
    }
    return true;
}

static bool rehearse(struct check *check, int64_t harm_from, struct value *out, struct error *err)
{
    struct journal_memory memory;
    struct journal journal;
    journal_memory_init(&memory, JOURNAL_MAX);
    journal_init(&journal, &memory.store);
    check_course_begin(&check->course, harm_from);
    struct simulation_run run = {.journal = &journal,
                                 .script = &check->course.script,
                                 .observe = check_course_observe,
                                 .context = &check->course};
    bool ok = start(check, &run, err) && outcome_value(check, out, err);
    journal_clear(&journal);
    journal_memory_clear(&memory);
    return ok;
}

/* [from...]: rehearsals in which harm shows from then on. */
static bool rehearse_harm(struct check *check, const struct value *wanted, struct error *err)
{
    for (size_t i = 0; i < wanted->array.count; i++) {
        struct value course, ignored;
        if (!rehearse(check, wanted->array.items[i].integer, &course, err) ||
            !tell(check, "harmed_by", &course, &ignored, err))
            return false;
    }
    return true;
}

/* --- what its watches could see --------------------------------------------------------------- */

static bool seen_value(const struct power_step *step, int64_t number, struct value *out,
                       struct pool *pool, struct error *err)
{
    struct member members[] = {
        {slice_of("bake"), value_integer(step->bakes[1])},
        {slice_of("judged"), value_integer(step->judged)},
        {slice_of("number"), value_integer(number)},
        {slice_of("requests"), value_float(step->requests)},
        {slice_of("sees"), step->sees < POWER_NONE ? value_float(step->sees) : value_null()},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

/* Of the watches that compare rates, on the recording's traffic. */
static bool work_out_power(struct check *check, struct value *out, struct error *err)
{
    struct value records = check_course_records(&check->course);
    size_t count = 0;
    if (!value_array(out, records.array.count, check->pool, err))
        return false;
    for (size_t i = 0; i < records.array.count; i++) {
        struct power_step step;
        const struct value *record = &records.array.items[i];
        const struct value *request = value_get(value_get(record, "body"), "request");
        if (!value_is_text(value_get(request, "kind"), "watch") || !power_step_of(&step, request))
            continue;
        power_step_work_out(&step, check->measured, count + 1);
        if (!seen_value(&step, value_get_integer(record, "number", 0), &out->array.items[count++],
                        check->pool, err))
            return false;
    }
    out->array.count = count;
    return true;
}

static bool tell_power(struct check *check, struct error *err)
{
    struct value seen, ignored;
    return !check->measured ||
           (work_out_power(check, &seen, err) && tell(check, "seen_by", &seen, &ignored, err));
}

static bool measure(struct check *check, struct power_recording *measured, struct error *err)
{
    struct recording *recording = NULL;
    const struct check_input *input = check->input;
    if (input->recording.size == 0)
        return true;
    bool ok = recording_open(&recording, buffer_slice(&input->recording), err) &&
              power_recording_measure(measured, recording, slice_of("errors"), slice_of("requests"),
                                      err);
    recording_free(recording);
    check->measured = ok ? measured : NULL;
    return ok || error_wrap(err, "%s", input->recording_name);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* With each of the arguments, until examination.lua is content. */
static bool try_all(struct check *check, const struct value *attempts, struct error *err)
{
    for (size_t i = 0; i < attempts->array.count; i++) {
        struct value course, wanted;
        check->input->simulation.arguments = attempts->array.items[i];
        if (!rehearse(check, -1, &course, err) || !tell(check, "rehearsed", &course, &wanted, err))
            return false;
        if (wanted.kind == VALUE_ARRAY)
            return tell_power(check, err) && rehearse_harm(check, &wanted, err);
    }
    return true;
}

static bool examine_loaded(struct check *check, struct error *err)
{
    struct value attempts;
    if (!check_course_init(&check->course, step_cache_script(check->simulation.cache),
                           check->simulation.sandbox, check->pool, err))
        return false;
    step_cache_begin(check->simulation.cache, 1);
    return describe(check, &attempts, err) && try_all(check, &attempts, err);
}

static bool examine(struct check *check, struct value *out, struct error *err)
{
    static struct power_recording measured;
    const struct value none = value_null();
    struct error why;
    bool loaded = simulation_open(&check->simulation, &check->input->simulation, false, &why);
    bool blamed = why.code == ERROR_POLICY || why.code == ERROR_BUDGET;
    check->simulation.muted = true;
    if (!loaded && !blamed) {
        *err = why;
        return false;
    }
    return open_examination(check, err) && measure(check, &measured, err) &&
           (loaded ? examine_loaded(check, err) : fail_to_load(check, &why, err)) &&
           tell(check, "result", &none, out, err);
}

bool check_facts_examine(struct check_input *input, struct value *out, struct pool *pool,
                         struct error *err)
{
    static struct check check;
    check = (struct check){.input = input, .pool = pool};
    bool ok = examine(&check, out, err);
    check_course_clear(&check.course);
    host_object_free(check.examination);
    simulation_clear(&check.simulation);
    return ok;
}
