/* A sandbox for tests: opened with small budgets, marked, and put back to the mark before each run.
 */
#pragma once

#include "check.h"
#include "script/sandbox.h"

#include <stdlib.h>

struct box {
    struct sandbox *sandbox;
    struct pool pool;
    struct sandbox_step step;
    struct buffer value; /* canonical text of the step's value */
    struct buffer printed;
    const struct box_module *modules;
};

struct box_module {
    const char *name, *chunk, *text;
};

static inline bool box_find(void *context, const char *name, struct slice *text, const char **chunk)
{
    struct box *box = context;
    for (const struct box_module *module = box->modules; module && module->name; module++) {
        if (strcmp(module->name, name) != 0)
            continue;
        *text = slice_of(module->text);
        *chunk = module->chunk;
        return true;
    }
    return false;
}

static inline void box_print(void *context, struct slice text)
{
    struct box *box = context;
    struct error err;
    CHECK(buffer_append(&box->printed, text, &err));
}

static inline void box_open(struct box *box, const struct sandbox_limits *limits,
                            const struct box_module *modules)
{
    *box = (struct box){.modules = modules};
    struct sandbox_hooks hooks = {box_find, box_print, box};
    struct error err = {0};
    pool_init(&box->pool, 64 << 20);
    buffer_init(&box->value, 16 << 20);
    buffer_init(&box->printed, 1 << 20);
    if (!CHECK(sandbox_new(&box->sandbox, limits, &hooks, &err) &&
               sandbox_mark(box->sandbox, &err))) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
}

static inline void box_close(struct box *box)
{
    sandbox_free(box->sandbox);
    pool_clear(&box->pool);
    buffer_clear(&box->value);
    buffer_clear(&box->printed);
}

static inline void box_rewind(struct box *box)
{
    sandbox_rewind(box->sandbox);
    pool_reset(&box->pool);
    buffer_empty(&box->printed);
}

/* The step's value as text, or the message of its error. */
static inline const char *box_text(struct box *box)
{
    struct error err = {0};
    if (box->step.state == SANDBOX_RAISED || box->step.state == SANDBOX_SPENT)
        return box->step.error.message;
    buffer_empty(&box->value);
    CHECK(value_write(&box->step.value, &box->value, &err));
    return box->value.data;
}

/* Evaluates a text from the mark. */
static inline const char *box_eval(struct box *box, const char *text)
{
    box_rewind(box);
    sandbox_eval(box->sandbox, "t.lua", slice_of(text), &box->step, &box->pool);
    return box_text(box);
}

static inline const char *box_load(struct box *box, const char *text)
{
    box_rewind(box);
    sandbox_load(box->sandbox, "t.lua", slice_of(text), &box->step, &box->pool);
    return box_text(box);
}

/* Resumes with JSON, NULL for none. */
static inline const char *box_resume(struct box *box, int branch, const char *result)
{
    struct value value;
    struct error err = {0};
    if (result)
        CHECK(value_parse(&value, slice_of(result), false, &box->pool, &err));
    sandbox_resume(box->sandbox, branch, result ? &value : NULL, &box->step, &box->pool);
    return box_text(box);
}

static inline const char *box_start(struct box *box, const char *arguments)
{
    struct value value;
    struct error err = {0};
    CHECK(value_parse(&value, slice_of(arguments), false, &box->pool, &err));
    sandbox_start(box->sandbox, &value, &box->step, &box->pool);
    return box_text(box);
}
