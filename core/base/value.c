/* Canonical values in memory: made, looked up, compared, copied. */
#include "base/value.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

const char *value_kind_name(enum value_kind kind)
{
    static const char *const names[] = {
#define X(name, text) [VALUE_##name] = text,
        VALUE_KINDS(X)
#undef X
    };
    return names[kind];
}

struct value value_null(void)
{
    return (struct value){.kind = VALUE_NULL};
}

struct value value_boolean(bool boolean)
{
    return (struct value){.kind = VALUE_BOOLEAN, .boolean = boolean};
}

struct value value_integer(int64_t integer)
{
    return (struct value){.kind = VALUE_INTEGER, .integer = integer};
}

struct value value_float(double number)
{
    return (struct value){.kind = VALUE_FLOAT, .number = number};
}

struct value value_string(struct slice string)
{
    return (struct value){.kind = VALUE_STRING, .string = string};
}

struct value value_text(const char *text)
{
    return value_string(slice_of(text));
}

bool value_array(struct value *out, size_t count, struct pool *pool, struct error *err)
{
    *out = (struct value){.kind = VALUE_ARRAY};
    out->array.count = count;
    if (count == 0)
        return true;
    out->array.items = pool_alloc(pool, count * sizeof *out->array.items, err);
    if (!out->array.items)
        return false;
    memset(out->array.items, 0, count * sizeof *out->array.items);
    return true;
}

bool value_object(struct value *out, size_t count, struct pool *pool, struct error *err)
{
    *out = (struct value){.kind = VALUE_OBJECT};
    out->object.count = count;
    if (count == 0)
        return true;
    out->object.members = pool_alloc(pool, count * sizeof *out->object.members, err);
    if (!out->object.members)
        return false;
    memset(out->object.members, 0, count * sizeof *out->object.members);
    return true;
}

static int compare_members(const void *a, const void *b)
{
    return slice_compare(((const struct member *)a)->name, ((const struct member *)b)->name);
}

/* Most objects are small: insertion keeps qsort for the rest. */
static void sort_members(struct member *members, size_t count)
{
    enum { FEW = 16 };
    if (count > FEW) {
        qsort(members, count, sizeof *members, compare_members);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        struct member moving = members[i];
        size_t k = i;
        for (; k > 0 && slice_compare(members[k - 1].name, moving.name) > 0; k--)
            members[k] = members[k - 1];
        members[k] = moving;
    }
}

static bool is_sorted(const struct member *members, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (slice_compare(members[i - 1].name, members[i].name) >= 0)
            return false;
    }
    return true;
}

bool value_object_sort(struct value *object, struct error *err)
{
    struct member *members = object->object.members;
    size_t count = object->object.count;
    if (is_sorted(members, count)) /* as nearly all arrive; none is twice then */
        return true;
    sort_members(members, count);
    for (size_t i = 1; i < count; i++) {
        if (slice_equal(members[i - 1].name, members[i].name))
            return error_set(err, ERROR_INVALID, "the name \"%.*s\" is twice in one object",
                             (int)(members[i].name.size > 80 ? 80 : members[i].name.size),
                             members[i].name.data);
    }
    return true;
}

/* Up to so many members are gone through one by one. */
enum { FEW_MEMBERS = 12 };

static const struct value *find_among_many(const struct value *value, struct slice name)
{
    size_t low = 0;
    size_t high = value->object.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct member *member = &value->object.members[middle];
        int order = slice_compare(member->name, name);
        if (order == 0)
            return &member->value;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

const struct value *value_find(const struct value *value, struct slice name)
{
    if (!value || value->kind != VALUE_OBJECT)
        return NULL;
    if (value->object.count > FEW_MEMBERS)
        return find_among_many(value, name);
    for (size_t i = 0; i < value->object.count; i++) {
        if (slice_equal(value->object.members[i].name, name))
            return &value->object.members[i].value;
    }
    return NULL;
}

bool value_is_text(const struct value *value, const char *text)
{
    return value && value->kind == VALUE_STRING && slice_is(value->string, text);
}

static bool equal_arrays(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->array.count; i++) {
        if (!value_equal(&a->array.items[i], &b->array.items[i]))
            return false;
    }
    return true;
}

static bool equal_objects(const struct value *a, const struct value *b)
{
    for (size_t i = 0; i < a->object.count; i++) {
        const struct member *x = &a->object.members[i];
        const struct member *y = &b->object.members[i];
        if (!slice_equal(x->name, y->name) || !value_equal(&x->value, &y->value))
            return false;
    }
    return true;
}

/* Floats compare by bits: -0.0 and 0.0 have different texts. */
static bool equal_floats(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

/* Once all numbers are used up, what comes then has none. */
static unsigned next_number(void)
{
    static unsigned last;
    return last < UINT_MAX ? ++last : 0;
}

void value_keep(struct value *value)
{
    if (value->kept || (value->kind != VALUE_ARRAY && value->kind != VALUE_OBJECT))
        return;
    for (size_t i = 0; value->kind == VALUE_ARRAY && i < value->array.count; i++)
        value_keep(&value->array.items[i]);
    for (size_t i = 0; value->kind == VALUE_OBJECT && i < value->object.count; i++)
        value_keep(&value->object.members[i].value);
    value->kept = next_number();
}

bool value_equal(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return false;
    if (a->kept && a->kept == b->kept)
        return true;
    switch (a->kind) {
    case VALUE_NULL:
        return true;
    case VALUE_BOOLEAN:
        return a->boolean == b->boolean;
    case VALUE_INTEGER:
        return a->integer == b->integer;
    case VALUE_FLOAT:
        return equal_floats(a->number, b->number);
    case VALUE_STRING:
        return slice_equal(a->string, b->string);
    case VALUE_ARRAY:
        return a->array.count == b->array.count &&
               (a->array.items == b->array.items || equal_arrays(a, b));
    case VALUE_OBJECT:
        return a->object.count == b->object.count &&
               (a->object.members == b->object.members || equal_objects(a, b));
    }
    return false;
}

int value_depth(const struct value *value)
{
    int deepest = 0;
    bool array = value->kind == VALUE_ARRAY;
    if (!array && value->kind != VALUE_OBJECT)
        return 0;
    size_t count = array ? value->array.count : value->object.count;
    for (size_t i = 0; i < count; i++) {
        int depth = value_depth(array ? &value->array.items[i] : &value->object.members[i].value);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest + 1;
}

static bool copy_array(struct value *out, const struct value *from, struct pool *pool,
                       struct error *err)
{
    if (!value_array(out, from->array.count, pool, err))
        return false;
    out->kept = from->kept;
    for (size_t i = 0; i < from->array.count; i++) {
        if (!value_copy(&out->array.items[i], &from->array.items[i], pool, err))
            return false;
    }
    return true;
}

static bool copy_object(struct value *out, const struct value *from, struct pool *pool,
                        struct error *err)
{
    if (!value_object(out, from->object.count, pool, err))
        return false;
    out->kept = from->kept;
    for (size_t i = 0; i < from->object.count; i++) {
        struct member *to = &out->object.members[i];
        if (!pool_copy(pool, from->object.members[i].name, &to->name, err) ||
            !value_copy(&to->value, &from->object.members[i].value, pool, err))
            return false;
    }
    return true;
}

bool value_copy(struct value *out, const struct value *from, struct pool *pool, struct error *err)
{
    switch (from->kind) {
    case VALUE_NULL:
    case VALUE_BOOLEAN:
    case VALUE_INTEGER:
    case VALUE_FLOAT:
        *out = *from;
        return true;
    case VALUE_STRING:
        *out = value_string(from->string);
        return pool_copy(pool, from->string, &out->string, err);
    case VALUE_ARRAY:
        return copy_array(out, from, pool, err);
    case VALUE_OBJECT:
        return copy_object(out, from, pool, err);
    }
    return false;
}
