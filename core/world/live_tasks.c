/* What tasks of the live world ask for, carried there and back. */
#include "world/live_tasks.h"

static bool start_call(const struct live_tasks *tasks, struct task_ask *ask,
                       const struct value *call, struct error *err)
{
    struct caller_request request = caller_request_of(call);
    const struct value *recalled = tasks->recall ? tasks->recall(tasks->recall_context, call)
                                                 : NULL;
    if (!recalled)
        return caller_start(tasks->caller, &request, caller_answer, ask, err);
    caller_answer(ask, OUTCOME_OK, recalled);
    return true;
}

static bool start_send(const struct live_tasks *tasks, struct task_ask *ask,
                       const struct value *request, struct error *err)
{
    return sender_send(tasks->sender, request, ask, err);
}

static void waited(void *context)
{
    struct value nothing = {.kind = VALUE_OBJECT};
    task_answer(context, &nothing);
}

static bool start_wait(const struct live_tasks *tasks, struct task_ask *ask,
                       const struct value *what, struct error *err)
{
    int64_t ms;
    return task_wait(what, &ms, err) &&
           net_timer(tasks->net, net_now(tasks->net) + ms, waited, ask, err);
}

static const struct {
    const char *name;
    bool (*start)(const struct live_tasks *tasks, struct task_ask *ask, const struct value *what,
                  struct error *err);
} kinds[] = {{"call", start_call}, {"send", start_send}, {"wait", start_wait}};

static bool start(void *context, struct task_ask *ask, struct error *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct value *what = value_get(ask->what, kinds[i].name);
        if (what)
            return kinds[i].start(context, ask, what, err);
    }
    return error_set(err, ERROR_INTERNAL, "a task asked for what is not known here");
}

static void drop(void *context, struct task_ask *ask)
{
    const struct live_tasks *tasks = context;
    caller_forget(tasks->caller, ask);
    sender_drop(tasks->sender, ask);
    net_forget(tasks->net, ask);
}

bool live_tasks_run(const struct live_tasks *tasks, struct host_object *object, const char *method,
                    const struct value *arguments, size_t count, struct value *result,
                    struct pool *pool, struct error *err)
{
    static const struct task_ops ops = {start, drop};
    struct task_end end = {.pool = pool};
    struct task *task;
    struct task_params params = {
        .object = object,
        .method = method,
        .arguments = arguments,
        .count = count,
        .ops = &ops,
        .context = (void *)tasks,
        .done = task_ended,
        .done_context = &end,
    };
    if (!task_new(&task, &params, err))
        return false;
    task_run(task);
    bool waited_for = inbox_wait_until(tasks->inbox, &end.done, err);
    task_free(task);
    *result = end.result;
    if (waited_for && !end.ok)
        *err = end.err;
    return waited_for && end.ok;
}
