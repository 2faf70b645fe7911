/* Coroutines of the trusted state: resumed with answers, bounded in what they ask for. */
#include "host/task.h"

#include <lauxlib.h>

#include <stdlib.h>

enum { POOL_MAX = 256 << 20 };

struct task {
    struct task_params params;
    int thread;   /* in the registry: the coroutine */
    int answers;  /* in the registry: the list of the answers so far */
    int given;    /* how many values are on the coroutine's stack for its begin */
    bool ended;   /* it returned */
    bool busy;    /* its asks are being begun */
    bool failed;  /* an answer could not be handed over: `err` */
    size_t asked; /* in all */
    size_t count; /* of `asks` */
    size_t open;  /* those without an answer */
    struct task_ask *asks;
    struct value told; /* what it yielded or returned last */
    struct pool pool;  /* of the above, until it goes on */
    struct error err;
};

static bool in_lua(struct task *task, host_body_fn *body, void *context, struct error *err)
{
    return host_protect(host_object_host(task->params.object), body, context, err);
}

static bool make(lua_State *L, void *context, struct error *err)
{
    struct task *task = context;
    const struct task_params *params = &task->params;
    (void)err;
    lua_State *thread = lua_newthread(L);
    task->thread = luaL_ref(L, LUA_REGISTRYINDEX);
    task->given = (int)params->count + 1;
    luaL_checkstack(L, task->given + 1, "arguments");
    luaL_checkstack(thread, task->given + 1, "arguments");
    host_object_push(L, params->object, params->method);
    for (size_t i = 0; i < params->count; i++)
        host_push(L, &params->arguments[i]);
    lua_xmove(L, thread, task->given + 1);
    return true;
}

bool task_new(struct task **out, const struct task_params *params, struct error *err)
{
    struct task *task = calloc(1, sizeof *task);
    if (!task)
        return error_set(err, ERROR_LIMIT, "out of memory for a task");
    *task = (struct task){.params = *params, .thread = LUA_NOREF, .answers = LUA_NOREF};
    pool_init(&task->pool, POOL_MAX);
    if (!in_lua(task, make, task, err)) {
        task_free(task);
        return false;
    }
    task->params.arguments = NULL;
    *out = task;
    return true;
}

static bool let_go(lua_State *L, void *context, struct error *err)
{
    const struct task *task = context;
    (void)err;
    luaL_unref(L, LUA_REGISTRYINDEX, task->thread);
    luaL_unref(L, LUA_REGISTRYINDEX, task->answers);
    return true;
}

void task_free(struct task *task)
{
    struct error ignored;
    if (!task)
        return;
    for (size_t i = 0; i < task->count; i++) {
        if (!task->asks[i].answered)
            task->params.ops->drop(task->params.context, &task->asks[i]);
    }
    in_lua(task, let_go, task, &ignored);
    pool_clear(&task->pool);
    free(task);
}

/* --- going on -------------------------------------------------------------------------------- */

/* The trace of an error is that of the coroutine; {invalid = message} goes on as it is. */
static void raise(lua_State *L, lua_State *thread)
{
    lua_xmove(thread, L, 1);
    if (!lua_istable(L, -1))
        luaL_traceback(L, thread, luaL_tolstring(L, -1, NULL), 0);
    lua_error(L);
}

/* The list of answers goes in, or the arguments that are there already. */
static int push_given(lua_State *L, struct task *task, lua_State *thread)
{
    int given = task->given;
    task->given = 0;
    if (task->answers == LUA_NOREF)
        return given;
    lua_rawgeti(L, LUA_REGISTRYINDEX, task->answers);
    luaL_unref(L, LUA_REGISTRYINDEX, task->answers);
    task->answers = LUA_NOREF;
    lua_xmove(L, thread, 1);
    return 1;
}

static bool resume(lua_State *L, void *context, struct error *err)
{
    struct task *task = context;
    int results = 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, task->thread);
    lua_State *thread = lua_tothread(L, -1);
    int status = lua_resume(thread, L, push_given(L, task, thread), &results);
    if (status != LUA_OK && status != LUA_YIELD)
        raise(L, thread);
    task->ended = status == LUA_OK;
    luaL_checkstack(L, results + 1, "results");
    lua_xmove(thread, L, results);
    lua_settop(L, lua_gettop(L) - results + 1);
    if (!task->ended) {
        lua_createtable(L, 0, 0);
        task->answers = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    return host_take(L, -1, &task->told, &task->pool, err) ||
           error_wrap(err, "%s", task->params.method);
}

static bool take_asks(struct task *task, struct error *err)
{
    const struct value *list = &task->told;
    if (list->kind != VALUE_ARRAY || list->array.count == 0)
        return error_set(err, ERROR_INTERNAL, "%s: a task yields a list of what it asks for",
                         task->params.method);
    task->asked += list->array.count;
    if (list->array.count > TASK_AT_ONCE_MAX || task->asked > TASK_ASKS_MAX)
        return error_set(err, ERROR_LIMIT, "%s: asks for more than %d things at once or %d in all",
                         task->params.method, TASK_AT_ONCE_MAX, TASK_ASKS_MAX);
    task->asks = pool_alloc(&task->pool, list->array.count * sizeof *task->asks, err);
    if (!task->asks)
        return false;
    for (size_t i = 0; i < list->array.count; i++)
        task->asks[i] = (struct task_ask){.task = task, .what = &list->array.items[i]};
    task->count = task->open = list->array.count;
    return true;
}

void task_refuse(struct task_ask *ask, const char *message)
{
    struct member members[] = {
        {slice_of("lost"), value_boolean(true)},
        {slice_of("message"), value_text(message)},
        {slice_of("refused"), value_boolean(true)},
        {slice_of("sent"), value_boolean(false)},
    };
    struct value answer = {.kind = VALUE_OBJECT, .object = {members, 4}};
    task_answer(ask, &answer);
}

static void begin_asks(struct task *task)
{
    struct error why;
    task->busy = true;
    for (size_t i = 0; i < task->count; i++) {
        if (!task->params.ops->start(task->params.context, &task->asks[i], &why))
            task_refuse(&task->asks[i], why.message);
    }
    task->busy = false;
}

/* False: it is over, *err says why. */
static bool take_step(struct task *task, struct error *err)
{
    if (task->failed)
        *err = task->err;
    task->count = 0;
    pool_reset(&task->pool);
    return !task->failed && in_lua(task, resume, task, err) &&
           (task->ended || take_asks(task, err));
}

static void go_on(struct task *task)
{
    struct error err;
    while (task->open == 0) {
        bool ok = take_step(task, &err);
        if (!ok || task->ended) {
            task->params.done(task->params.done_context, ok ? &task->told : NULL, &err);
            return;
        }
        begin_asks(task);
    }
}

void task_run(struct task *task)
{
    go_on(task);
}

struct answering {
    struct task_ask *ask;
    const struct value *answer;
};

static bool keep_answer(lua_State *L, void *context, struct error *err)
{
    const struct answering *answering = context;
    struct task *task = answering->ask->task;
    (void)err;
    lua_rawgeti(L, LUA_REGISTRYINDEX, task->answers);
    host_push(L, answering->answer);
    lua_rawseti(L, -2, answering->ask - task->asks + 1);
    return true;
}

void task_answer(struct task_ask *ask, const struct value *answer)
{
    struct error err;
    struct task *task = ask->task;
    struct answering answering = {ask, answer};
    if (!in_lua(task, keep_answer, &answering, &err)) {
        task->failed = true;
        task->err = err;
    }
    ask->answered = true;
    task->open--;
    if (!task->busy)
        go_on(task);
}

bool task_wait(const struct value *what, int64_t *ms, struct error *err)
{
    *ms = what->kind == VALUE_INTEGER ? what->integer : -1;
    return (*ms >= 0 && *ms <= TASK_WAIT_MAX) ||
           error_set(err, ERROR_INTERNAL, "a task waits for 0 to %d ms", TASK_WAIT_MAX);
}

void task_ended(void *context, const struct value *result, const struct error *err)
{
    struct task_end *end = context;
    end->done = true;
    end->ok = result && value_copy(&end->result, result, end->pool, &end->err);
    if (!result)
        end->err = *err;
}
