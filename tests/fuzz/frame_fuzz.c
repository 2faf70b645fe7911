/* What a policy's process may say in place of an answer. Whatever is taken for a step is one, fits
 * the question, and would be written as the bytes that came. */
#include "fuzz.h"
#include "script/frame.h"

#include <string.h>

static struct pool pool = {.max = 64 << 20};

static void check_texts(const struct sandbox_step *step)
{
    PROMISE(memchr(step->error.message, '\0', sizeof step->error.message));
    PROMISE(memchr(step->chunk, '\0', sizeof step->chunk));
    PROMISE(value_utf8_end(slice_of(step->error.message)) == strlen(step->error.message));
    PROMISE(step->line >= 0);
}

static void check_step(const struct sandbox_step *step, const struct frame_question *question)
{
    PROMISE(step->branch == question->branch);
    switch (step->state) {
    case SANDBOX_EFFECT:
        PROMISE(step->value.kind == VALUE_OBJECT);
        break;
    case SANDBOX_PARALLEL:
        PROMISE(step->first == question->branches && step->count > 0);
        break;
    case SANDBOX_RAISED:
    case SANDBOX_SPENT:
        check_texts(step);
        break;
    case SANDBOX_RETURNED:
        break;
    case SANDBOX_DIED:
        PROMISE(step->state != SANDBOX_DIED); /* the dead answer nothing */
    }
}

static const char *const answers[] = {
    "{\"branch\":0,\"id\":1,\"state\":\"returned\",\"value\":[1,2.5,\"x\"]}",
    "{\"branch\":0,\"id\":1,\"state\":\"effect\",\"value\":{\"kind\":\"sleep\"}}",
    "{\"branch\":0,\"count\":2,\"first\":1,\"id\":1,\"state\":\"parallel\"}",
    "{\"branch\":0,\"chunk\":\"t.lua\",\"id\":1,\"line\":7,\"message\":\"m\",\"state\":\"raised\"}",
};

/* One of the answers above with a part of it replaced, as the first bytes say. */
static struct slice forge(const uint8_t *data, size_t size)
{
    static struct buffer forged = {.max = 1 << 20};
    struct error err;
    struct slice whole = slice_of(answers[data[0] % (sizeof answers / sizeof *answers)]);
    size_t at = data[1] % (whole.size + 1);
    size_t lost = data[2] % (whole.size - at + 1);
    buffer_empty(&forged);
    PROMISE(buffer_append(&forged, (struct slice){whole.data, at}, &err));
    PROMISE(buffer_append(&forged, (struct slice){(const char *)data + 3, size - 3}, &err));
    PROMISE(buffer_append(&forged, (struct slice){whole.data + at + lost, whole.size - at - lost},
                          &err));
    return buffer_slice(&forged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct buffer again = {.max = 1 << 20};
    static const struct frame_question question = {.id = 1, .branch = 0, .branches = 1};
    struct sandbox_step step;
    struct error err;
    if (size < 3)
        return 0;
    struct slice text = forge(data, size);
    pool_reset(&pool);
    buffer_empty(&again);
    if (!frame_read_step(&step, &question, text, &pool, &err))
        return 0;
    check_step(&step, &question);
    PROMISE(frame_write_step(&step, question.id, &again, &err));
    PROMISE(slice_equal(buffer_slice(&again), text));
    return 0;
}
