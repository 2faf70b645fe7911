/* Trusted Lua that waits: a method of an object, carried out as a coroutine.
 *
 * It yields a list of what it asks for (lua/task.lua), [{"send": ...}, {"wait": ms}, {"call":
 * ...}], all of it at the same time, and is resumed with the list of the answers. What such an ask
 * means is known to those who carry it out (task_ops): nothing here sends or waits.
 *
 *     new --run--> running --yields--> asking --the last answer--> running
 *                     |
 *                     +--returns or raises--> done, once; then it is freed
 *
 * What it may ask for is bounded, and an error in Lua ends the task and nothing else. */
#pragma once

#include "host/object.h"

struct task;

enum { TASK_AT_ONCE_MAX = 1000, TASK_ASKS_MAX = 100000, TASK_WAIT_MAX = 60 * 60 * 1000 /* ms */ };

/* One thing that a task asks for; lives until the task goes on, or is freed. */
struct task_ask {
    struct task *task;
    const struct value *what; /* an object with one member that names the kind */
    bool answered;
};

struct task_ops {
    /* Begins what is asked for. It is answered with task_answer, before this returns or later.
     * False if it cannot be begun: that is answered with task_refuse. */
    bool (*start)(void *context, struct task_ask *ask, struct error *err);
    /* It has not been answered, and is not waited for any more. */
    void (*drop)(void *context, struct task_ask *ask);
};

/* `result` lasts while it is handed over; NULL if the task failed: *err says how, as
 * host_call has it. */
typedef void task_done_fn(void *context, const struct value *result, const struct error *err);

struct task_params {
    struct host_object *object;
    const char *method;
    const struct value *arguments;
    size_t count;
    const struct task_ops *ops;
    void *context; /* of `ops` */
    task_done_fn *done;
    void *done_context;
};

/* Takes the arguments over into Lua; nothing is carried out yet. */
bool task_new(struct task **out, const struct task_params *params, struct error *err);
/* Begins. `done` may be called before this returns. */
void task_run(struct task *task);
/* Drops what it still asks for. `done` is not called any more; it may do this itself. */
void task_free(struct task *task);

void task_answer(struct task_ask *ask, const struct value *answer);
/* Nothing of it has left: {"lost":true,"message","refused":true,"sent":false}. */
void task_refuse(struct task_ask *ask, const char *message);

/* For {"wait": ms}: how long, ERROR_INTERNAL if that is no time to wait. */
bool task_wait(const struct value *what, int64_t *ms, struct error *err);

/* For those who wait for one task: `context` of task_ended, which keeps the end. */
struct task_end {
    bool done, ok;
    struct value result;
    struct pool *pool; /* of the result */
    struct error err;
};

void task_ended(void *context, const struct value *result, const struct error *err);
