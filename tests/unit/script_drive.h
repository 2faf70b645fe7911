/* Drives a script to its end, whichever it is, and writes down each step. */
#pragma once

#include "script/script.h"
#include "script_check.h"

enum { BRANCHES_MAX = 64, STEPS_MAX = 300 };

struct drive {
    struct script *script;
    struct pool pool;
    struct buffer log;
    struct buffer printed;
    int parent[BRANCHES_MAX], waiting[BRANCHES_MAX];
    int ready[STEPS_MAX], ready_first, ready_count;
    const struct value *result[BRANCHES_MAX];
};

static void note(void *context, struct slice text)
{
    struct drive *drive = context;
    struct error err;
    CHECK(buffer_append(&drive->printed, text, &err));
}

static void open_drive(struct drive *drive)
{
    *drive = (struct drive){.parent = {-1}};
    pool_init(&drive->pool, 64 << 20);
    buffer_init(&drive->log, 8 << 20);
    buffer_init(&drive->printed, 8 << 20);
}

static void close_drive(struct drive *drive)
{
    pool_clear(&drive->pool);
    buffer_clear(&drive->log);
    buffer_clear(&drive->printed);
}

static void log_step(struct drive *drive, const struct sandbox_step *step)
{
    struct error err;
    bool has_value = step->state == SANDBOX_EFFECT || step->state == SANDBOX_RETURNED;
    buffer_append_format(&drive->log, &err, "%d %d %d+%d %s:%d %s ", step->branch, (int)step->state,
                         step->first, step->count, step->chunk, step->line,
                         has_value ? "" : step->error.message);
    if (has_value)
        CHECK(value_write(&step->value, &drive->log, &err));
    buffer_append_text(&drive->log, "\n", &err);
}

static void make_ready(struct drive *drive, int branch, const struct value *result)
{
    drive->result[branch] = result;
    drive->ready[drive->ready_count++] = branch;
}

/* Each effect is answered with itself; a group with the number of its branches. */
static void take(struct drive *drive, const struct sandbox_step *step)
{
    struct error err;
    struct value *answer = pool_alloc(&drive->pool, sizeof *answer, &err);
    int parent = drive->parent[step->branch];
    log_step(drive, step);
    if (step->state == SANDBOX_EFFECT) {
        CHECK(value_object(answer, 1, &drive->pool, &err));
        answer->object.members[0] = (struct member){slice_of("value"), step->value};
        make_ready(drive, step->branch, answer);
    } else if (step->state == SANDBOX_PARALLEL) {
        drive->waiting[step->branch] = step->count;
        for (int i = step->first; i < step->first + step->count; i++) {
            drive->parent[i] = step->branch;
            make_ready(drive, i, NULL);
        }
    } else if (step->state == SANDBOX_RETURNED && parent >= 0) {
        *answer = value_integer(drive->waiting[parent]);
        if (--drive->waiting[parent] == 0)
            make_ready(drive, parent, answer);
    } else {
        drive->ready_first = drive->ready_count = 0;
    }
}

static void drive_on(struct drive *drive)
{
    struct sandbox_step step;
    struct error err;
    struct value arguments;
    CHECK(value_parse(&arguments, slice_of("{\"n\":3}"), true, &drive->pool, &err));
    drive->script->ops->start(drive->script, &arguments, &step, &drive->pool);
    take(drive, &step);
    while (drive->ready_first < drive->ready_count && drive->ready_count < STEPS_MAX - 10) {
        int branch = drive->ready[drive->ready_first++];
        drive->script->ops->resume(drive->script, branch, drive->result[branch], &step,
                                   &drive->pool);
        take(drive, &step);
    }
}
