/* The policy's process: locked in, then one question after another. It writes to the pipe only
 * while it owes an answer, and knows no time: limits of time are the supervisor's. */
#include "script/child.h"
#include "script/frame.h"
#include "script/inside.h"
#include "script/jail.h"

#include <malloc.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIPE = 0, TALKED = 0, SILENT = 1, CONFUSED = 2, STEP_POOL_MAX = 256 << 20 };

struct serve {
    const struct child_library *library;
    struct sandbox *sandbox;
    struct pool pool;    /* of one question */
    struct buffer frame; /* the one that came, or the one to send */
};

/* --- answers --------------------------------------------------------------------------------- */

static void print(void *context, struct slice text)
{
    (void)context;
    if (frame_send(PIPE, FRAME_PRINT, text, NULL) != FRAME_DONE)
        _exit(SILENT);
}

static void send_failure(const struct error *err)
{
    frame_send(PIPE, FRAME_FAILED, slice_of(err->message), NULL);
}

/* A step whose text finds no room in a frame is one the policy failed at. */
static bool send_step(struct serve *serve, const struct sandbox_step *step, int64_t id)
{
    struct sandbox_step failed = {.state = SANDBOX_RAISED, .branch = step->branch};
    buffer_empty(&serve->frame);
    if (!frame_write_step(step, id, &serve->frame, &failed.error)) {
        buffer_empty(&serve->frame);
        if (!frame_write_step(&failed, id, &serve->frame, &failed.error))
            return false;
    }
    return frame_send(PIPE, FRAME_STEP, buffer_slice(&serve->frame), NULL) == FRAME_DONE;
}

/* --- questions ------------------------------------------------------------------------------- */

static bool read_limits(const struct value *limits, struct sandbox_limits *out, struct error *err)
{
    int64_t memory = value_get_integer(limits, "memory", 0);
    int64_t print_size = value_get_integer(limits, "print", 0);
    int64_t value_size = value_get_integer(limits, "value", 0);
    *out = (struct sandbox_limits){
        .work = value_get_integer(limits, "work", 0),
        .memory = (size_t)memory,
        .value_size = (size_t)value_size,
        .print_size = (size_t)print_size,
    };
    if (out->work > 0 && memory > 0 && value_size > 0 && print_size >= 0)
        return true;
    return error_set(err, ERROR_INTERNAL, "the policy's process was given no limits");
}

static bool open_sandbox(struct serve *serve, const struct value *question, struct error *err)
{
    const struct child_library *library = serve->library;
    struct sandbox_limits limits;
    struct sandbox_hooks hooks = {library->find, print, library->context};
    return read_limits(value_get(question, "limits"), &limits, err) &&
           library->open(library->context, value_get(question, "sources"),
                         value_get_slice(question, "policy", ""), err) &&
           sandbox_new(&serve->sandbox, &limits, &hooks, err);
}

/* The name stays: steps to come show it. */
static const char *keep_name(const struct value *question)
{
    static char name[128];
    struct slice policy = value_get_slice(question, "policy", "");
    size_t size = policy.size < sizeof name ? policy.size : sizeof name - 1;
    for (size_t i = 0; i < size; i++)
        name[i] = policy.data[i];
    name[size] = '\0';
    return name;
}

/* As a run begins everywhere: from a collected, filled up and seeded state. It is the only one
 * here, so that the copy for others would lie there for nothing. */
static bool settle(struct serve *serve, const struct value *question, struct error *err)
{
    if (!sandbox_mark(serve->sandbox, err))
        return false;
    free(serve->sandbox->mark);
    serve->sandbox->mark = NULL;
    sandbox_seed(serve->sandbox, (uint64_t)value_get_integer(question, "seed", 0));
    return true;
}

static bool answer_open(struct serve *serve, const struct value *question, struct error *err)
{
    struct sandbox_step step;
    const char *name = keep_name(question);
    if (!open_sandbox(serve, question, err))
        return false;
    struct slice text = value_get_slice(value_get(question, "sources"), name, "");
    bool plain = value_get_boolean(question, "plain", false);
    (plain ? sandbox_eval : sandbox_load)(serve->sandbox, name, text, &step, &serve->pool);
    if (step.state == SANDBOX_RETURNED && !plain && !settle(serve, question, err))
        return false;
    return send_step(serve, &step, value_get_integer(question, "id", 0)) ||
           error_set(err, ERROR_IO, "nobody listens");
}

static bool answer(struct serve *serve, char kind, const struct value *question)
{
    struct sandbox_step step;
    const struct value *arguments = value_get(question, "arguments");
    int branch = (int)value_get_integer(question, "branch", 0);
    if (kind == FRAME_START && arguments)
        sandbox_start(serve->sandbox, arguments, &step, &serve->pool);
    else if (kind == FRAME_RESUME)
        sandbox_resume(serve->sandbox, branch, value_get(question, "result"), &step, &serve->pool);
    else
        return false;
    return send_step(serve, &step, value_get_integer(question, "id", 0));
}

/* --- life ------------------------------------------------------------------------------------ */

static bool receive(struct serve *serve, char *kind, struct value *question)
{
    struct error ignored;
    return frame_receive(PIPE, kind, &serve->frame, NULL) == FRAME_DONE &&
           value_parse(question, buffer_slice(&serve->frame), true, &serve->pool, &ignored);
}

/* A policy waits for hours: what a step needed goes back to the system before the next wait. The
 * question lies in the frame while it is answered, so that the answer takes its place only after.
 */
static void forget(struct serve *serve)
{
    pool_clear(&serve->pool);
    buffer_clear(&serve->frame);
    malloc_trim(0);
}

static int converse(struct serve *serve)
{
    char kind;
    struct value question;
    for (;;) {
        forget(serve);
        if (!receive(serve, &kind, &question))
            return TALKED;
        if (!answer(serve, kind, &question))
            return CONFUSED;
    }
}

/* What cannot be locked in looks into nothing that it is sent. */
static bool open_up(struct serve *serve, struct error *err)
{
    static const struct jail_limits limits = {.memory = (size_t)1 << 30, .cpu_seconds = 600};
    struct jail_walls walls;
    struct value question;
    char kind;
    bool locked = jail_lock(&limits, NULL, 0, &walls, err);
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    if (!locked) {
        frame_receive(PIPE, &kind, &serve->frame, NULL);
        return false;
    }
    if (!receive(serve, &kind, &question) || kind != FRAME_OPEN)
        return error_set(err, ERROR_INTERNAL, "the policy's process was not told its policy");
    return answer_open(serve, &question, err);
}

int child_serve(const struct child_library *library)
{
    struct serve serve = {.library = library};
    struct error err;
    pool_init(&serve.pool, STEP_POOL_MAX);
    buffer_init(&serve.frame, FRAME_OPEN_MAX);
    if (open_up(&serve, &err))
        return converse(&serve);
    send_failure(&err);
    return CONFUSED;
}
