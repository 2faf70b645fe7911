/* What the catalogue says of the registers of fake_world.h: "kv.get" and "kv.put", and how each is
 * undone. It is a fake: it knows nothing of AWS. */
#pragma once

#include "engine/catalogue.h"

#include <stdlib.h>
#include <string.h>

enum { FAKE_KEYS = 8 };

static struct value fake_member(struct pool *pool, const char *name, struct value value)
{
    struct value object;
    struct error err;
    if (!value_object(&object, 1, pool, &err))
        abort();
    object.object.members[0] = (struct member){slice_of(name), value};
    return object;
}

static struct pool fake_pool = {.max = 64 << 20};

/* Records may be odd: a key that is no register's is that of the first. */
static int64_t fake_key(const struct value *input)
{
    int64_t key = value_get_integer(input, "key", 0);
    return key >= 0 && key < FAKE_KEYS ? key : 0;
}

static bool fake_request(struct value *out, const char *operation, const struct value *input,
                         struct pool *pool, struct error *err)
{
    if (!value_object(out, 2, pool, err))
        return false;
    out->object.members[0] = (struct member){slice_of("input"), *input};
    out->object.members[1] = (struct member){slice_of("operation"), value_text(operation)};
    return true;
}

static bool fake_plan(struct catalogue *catalogue, const struct value *request,
                      const struct value *home, struct plan *plan, struct pool *pool,
                      struct error *err)
{
    struct slice operation = value_get_slice(request, "operation", "");
    const struct value *input = value_get(request, "input");
    static const char *const identities[FAKE_KEYS] = {"r0", "r1", "r2", "r3",
                                                      "r4", "r5", "r6", "r7"};
    (void)catalogue;
    (void)home;
    if (!slice_is(operation, "kv.get") && !slice_is(operation, "kv.put"))
        return error_set(err, ERROR_INVALID, "there is no operation %.*s", (int)operation.size,
                         operation.data);
    *plan = (struct plan){.mutation = slice_is(operation, "kv.put"), .settle = 3000};
    plan->identity = slice_of(identities[fake_key(input)]);
    struct value key = value_integer(fake_key(input));
    struct value observe = fake_member(pool, "key", key);
    return fake_request(&plan->observe, "kv.get", &observe, pool, err);
}

static bool fake_state(struct catalogue *catalogue, struct slice operation,
                       const struct value *input, const struct value *observed, struct value *state,
                       struct pool *pool, struct error *err)
{
    (void)catalogue;
    (void)operation;
    (void)input;
    (void)pool;
    (void)err;
    *state = value_integer(value_get_integer(observed, "is", -1));
    return true;
}

static bool fake_prepare(struct catalogue *catalogue, const struct value *request,
                         const struct plan *plan, const struct value *observed,
                         struct value *before, struct value *after, struct value *undo,
                         struct pool *pool, struct error *err)
{
    struct value put;
    const struct value *input = value_get(request, "input");
    (void)plan;
    fake_state(catalogue, slice_of("kv.put"), input, observed, before, pool, err);
    *after = value_integer(value_get_integer(input, "to", 0));
    if (!value_object(&put, 2, pool, err))
        return false;
    put.object.members[0] = (struct member){slice_of("key"), value_integer(fake_key(input))};
    put.object.members[1] = (struct member){slice_of("to"), *before};
    return fake_request(undo, "kv.put", &put, pool, err);
}

static bool fake_guard(struct catalogue *catalogue, struct slice operation,
                       const struct value *undo, const struct value *observed, int64_t now,
                       struct value *guarded, struct pool *pool, struct error *err)
{
    (void)catalogue;
    (void)operation;
    (void)observed;
    (void)now;
    (void)pool;
    (void)err;
    *guarded = *undo;
    return true;
}

static bool fake_steady(struct catalogue *catalogue, struct slice operation,
                        const struct value *input, const struct value *observed, int64_t *wait,
                        struct pool *pool, struct error *err)
{
    (void)catalogue;
    (void)operation;
    (void)input;
    (void)observed;
    (void)pool;
    (void)err;
    *wait = 0;
    return true;
}

static bool fake_passes(struct catalogue *catalogue, const struct value *problem)
{
    (void)catalogue;
    return value_is_text(value_get(problem, "code"), "Throttling");
}

static bool fake_steps(struct catalogue *catalogue, struct slice operation)
{
    (void)catalogue;
    (void)operation;
    return false;
}

static bool fake_join(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                      const struct value *later, struct value *joined, struct pool *pool,
                      struct error *err)
{
    struct value input;
    struct member both[] = {{slice_of("beside"), *value_get(value_get(later, "input"), "to")},
                            {slice_of("key"), *value_get(value_get(undo, "input"), "key")},
                            {slice_of("to"), *value_get(value_get(undo, "input"), "to")}};
    (void)catalogue;
    (void)operation;
    if (!value_object(&input, 3, pool, err))
        return false;
    memcpy(input.object.members, both, sizeof both);
    return fake_request(joined, "kv.put", &input, pool, err);
}

static const struct catalogue_ops fake_catalogue_ops = {fake_plan,  fake_prepare, fake_state,
                                                        fake_guard, fake_steady,  fake_passes,
                                                        fake_steps, fake_join};
