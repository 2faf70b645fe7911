/* A step of the policy as a frame's text, and back: written in the child, read with distrust. */
#include "script/frame.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

/* More than the lists of a policy have room for. */
enum { BRANCHES_MAX = 1 << 18, MEMBERS_MAX = 6 };

static const char *const states[] = {
    [SANDBOX_EFFECT] = "effect", [SANDBOX_PARALLEL] = "parallel", [SANDBOX_RETURNED] = "returned",
    [SANDBOX_RAISED] = "raised", [SANDBOX_SPENT] = "spent",
};

enum { STATES = sizeof states / sizeof *states };

/* --- writing --------------------------------------------------------------------------------- */

/* What a terminal would act on. */
static bool is_control(char c)
{
    return iscntrl((unsigned char)c) && c != '\n' && c != '\t';
}

/* A file's name may be any bytes, and is cut at any. */
static struct value readable(char *room, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(room, text, length);
    room[length] = '\0';
    for (char *bad; (bad = room + value_utf8_end(slice_of(room))), *bad;)
        *bad = '?';
    for (size_t i = 0; i < length; i++)
        room[i] = is_control(room[i]) ? '?' : room[i];
    return value_text(room);
}

struct texts {
    char message[ERROR_MESSAGE_MAX];
    char chunk[128];
};

/* The members that belong to the state; canonical order is made later. */
static size_t add_outcome(const struct sandbox_step *step, struct texts *texts,
                          struct member *members)
{
    switch (step->state) {
    case SANDBOX_EFFECT:
    case SANDBOX_RETURNED:
        members[0] = (struct member){slice_of("value"), step->value};
        return 1;
    case SANDBOX_PARALLEL:
        members[0] = (struct member){slice_of("count"), value_integer(step->count)};
        members[1] = (struct member){slice_of("first"), value_integer(step->first)};
        return 2;
    case SANDBOX_RAISED:
    case SANDBOX_SPENT:
    case SANDBOX_DIED:
        break;
    }
    members[0] = (struct member){slice_of("chunk"),
                                 readable(texts->chunk, sizeof texts->chunk, step->chunk)};
    members[1] = (struct member){slice_of("line"), value_integer(step->line)};
    members[2] = (struct member){
        slice_of("message"), readable(texts->message, sizeof texts->message, step->error.message)};
    return 3;
}

bool frame_write_step(const struct sandbox_step *step, int64_t id, struct buffer *text,
                      struct error *err)
{
    struct texts texts;
    struct member members[MEMBERS_MAX] = {
        {slice_of("branch"), value_integer(step->branch)},
        {slice_of("id"), value_integer(id)},
        {slice_of("state"), value_text(states[step->state])},
    };
    struct value object = {.kind = VALUE_OBJECT, .object = {members, 3}};
    object.object.count += add_outcome(step, &texts, &members[3]);
    return value_object_sort(&object, err) && value_write(&object, text, err);
}

/* --- reading --------------------------------------------------------------------------------- */

static bool read_state(struct sandbox_step *step, const struct value *object)
{
    struct slice name = value_get_slice(object, "state", "");
    for (int i = 0; i < STATES; i++) {
        if (slice_is(name, states[i])) {
            step->state = (enum sandbox_state)i;
            return true;
        }
    }
    return false;
}

static bool read_value(struct sandbox_step *step, const struct value *object)
{
    const struct value *value = value_get(object, "value");
    if (!value || (step->state == SANDBOX_EFFECT && value->kind != VALUE_OBJECT))
        return false;
    step->value = *value;
    return true;
}

static bool read_group(struct sandbox_step *step, const struct frame_question *question,
                       const struct value *object)
{
    int64_t count = value_get_integer(object, "count", -1);
    if (value_get_integer(object, "first", -1) != question->branches || count < 1 ||
        count > BRANCHES_MAX - question->branches)
        return false;
    step->first = question->branches;
    step->count = (int)count;
    return true;
}

/* A text that fits and holds no NUL, so that it means the same as a C string, nor anything that a
 * terminal would act on. */
static bool read_text(char *out, size_t size, const struct value *object, const char *name)
{
    const struct value *value = value_get(object, name);
    if (!value || value->kind != VALUE_STRING || value->string.size >= size)
        return false;
    for (size_t i = 0; i < value->string.size; i++) {
        if (is_control(value->string.data[i]))
            return false;
    }
    memcpy(out, value->string.data, value->string.size);
    out[value->string.size] = '\0';
    return true;
}

static bool read_failure(struct sandbox_step *step, const struct value *object)
{
    int64_t line = value_get_integer(object, "line", -1);
    struct error *err = &step->error;
    err->code = step->state == SANDBOX_SPENT ? ERROR_BUDGET : ERROR_POLICY;
    if (line < 0 || line > INT_MAX ||
        !read_text(step->chunk, sizeof step->chunk, object, "chunk") ||
        !read_text(err->message, sizeof err->message, object, "message"))
        return false;
    step->line = (int)line;
    return true;
}

/* Exactly the members of its state: all of those, and as many. */
static bool read_outcome(struct sandbox_step *step, const struct frame_question *question,
                         const struct value *object)
{
    size_t others = object->object.count - 3;
    switch (step->state) {
    case SANDBOX_EFFECT:
    case SANDBOX_RETURNED:
        return others == 1 && read_value(step, object);
    case SANDBOX_PARALLEL:
        return others == 2 && read_group(step, question, object);
    case SANDBOX_RAISED:
    case SANDBOX_SPENT:
        return others == 3 && read_failure(step, object);
    case SANDBOX_DIED:
        break;
    }
    return false;
}

bool frame_read_step(struct sandbox_step *step, const struct frame_question *question,
                     struct slice text, struct pool *pool, struct error *err)
{
    struct slice kept;
    struct value object;
    *step = (struct sandbox_step){.branch = question->branch};
    if (!pool_copy(pool, text, &kept, err) || !value_parse(&object, kept, true, pool, err))
        return false;
    if (object.kind != VALUE_OBJECT || object.object.count < 4)
        return error_set(err, ERROR_INVALID, "an object of a step's members was expected");
    if (value_get_integer(&object, "id", -1) != question->id)
        return error_set(err, ERROR_INVALID, "it answers another question");
    if (value_get_integer(&object, "branch", -1) != question->branch)
        return error_set(err, ERROR_INVALID, "it is about another branch");
    if (!read_state(step, &object) || !read_outcome(step, question, &object))
        return error_set(err, ERROR_INVALID, "its members do not make a step");
    return true;
}
