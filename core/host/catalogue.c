/* The catalogue over lua/aws/catalogue.lua:
 *
 *     plan(operation, input, home, region)
 *         -> {mutation =, fleeting =, identity =, region =, observe =, settle =}
 *     prepare(operation, input, observed, region) -> before, after, undo
 *     state(operation, input, observed) -> state
 *     guard(operation, undo, observed, now) -> undo
 *     steady(operation, input, observed) -> wait
 *     passes(code) -> boolean
 *     steps(operation) -> boolean
 *     join(operation, undo, later) -> undo */
#include "engine/catalogue.h"

#include "host/host.h"
#include "host/memo.h"

#include <lauxlib.h>

#include <stdlib.h>

enum function { PLAN, PREPARE, STATE, GUARD, STEADY, PASSES, STEPS, JOIN, FUNCTIONS };

enum plan_member { MUTATION, FLEETING, IDENTITY, REGION, OBSERVE, SETTLE, UNKNOWN, PLAN_MEMBERS };

static const char *const plan_members[PLAN_MEMBERS] = {"mutation", "fleeting", "identity", "region",
                                                       "observe",  "settle",   "unknown"};

static const struct {
    const char *name;
    size_t answers;
    const char *const *members; /* Lua answers with a table of these: each is an answer here, so
                                   that what is remembered is not looked up by name every time */
} functions[FUNCTIONS] = {
    [PLAN] = {"plan", PLAN_MEMBERS, plan_members},
    [PREPARE] = {"prepare", 3, NULL},
    [STATE] = {"state", 1, NULL},
    [GUARD] = {"guard", 1, NULL},
    [STEADY] = {"steady", 1, NULL},
    [PASSES] = {"passes", 1, NULL},
    [STEPS] = {"steps", 1, NULL},
    [JOIN] = {"join", 1, NULL},
};

enum { MEMO_MAX = 16 << 20 };

struct host_catalogue {
    struct catalogue catalogue;
    struct host *host;
    int references[FUNCTIONS];
    struct memo memo;
};

struct question {
    struct host_catalogue *catalogue;
    struct memo_question asked;
    struct value *answers;
    struct pool *pool;
};

static bool take_members(lua_State *L, const struct question *question, struct error *err)
{
    struct value table;
    enum function function = (enum function)question->asked.function;
    if (!host_take(L, -1, &table, question->pool, err))
        return false;
    for (size_t i = 0; i < functions[function].answers; i++) {
        const struct value *member = value_get(&table, functions[function].members[i]);
        question->answers[i] = member ? *member : value_null();
    }
    return true;
}

static bool take_answers(lua_State *L, const struct question *question, struct error *err)
{
    size_t count = functions[question->asked.function].answers;
    for (size_t i = 0; i < count; i++) {
        if (!host_take(L, (int)i - (int)count, &question->answers[i], question->pool, err))
            return false;
    }
    return true;
}

static bool ask_lua(lua_State *L, void *context, struct error *err)
{
    const struct question *question = context;
    const struct memo_question *asked = &question->asked;
    bool table = functions[asked->function].members != NULL;
    lua_rawgeti(L, LUA_REGISTRYINDEX, question->catalogue->references[asked->function]);
    lua_pushlstring(L, asked->operation.data, asked->operation.size);
    for (size_t i = 0; i < asked->count; i++)
        host_push(L, asked->values[i]);
    lua_call(L, (int)asked->count + 1, table ? 1 : (int)functions[asked->function].answers);
    return (table ? take_members : take_answers)(L, question, err) ||
           error_wrap(err, "%s of %.*s", functions[asked->function].name,
                      (int)asked->operation.size, asked->operation.data);
}

/* The answers are in the memo, which lives as long as the catalogue, or else in the pool. */
static bool ask(struct catalogue *catalogue, struct memo_question asked, struct value *answers,
                struct pool *pool, struct error *err)
{
    struct host_catalogue *self = (struct host_catalogue *)catalogue;
    size_t count = functions[asked.function].answers;
    const struct memo_entry *entry = memo_find(&self->memo, &asked);
    if (!entry) {
        struct question question = {self, asked, answers, pool};
        if (!host_protect(self->host, ask_lua, &question, err))
            return false;
        entry = memo_add(&self->memo, &asked, answers, count);
    }
    for (size_t i = 0; entry && i < count; i++)
        answers[i] = entry->answers[i];
    return true;
}

static struct slice text_of(const struct value *value)
{
    return value->kind == VALUE_STRING ? value->string : slice_of("");
}

static bool plan(struct catalogue *catalogue, const struct value *request, const struct value *home,
                 struct plan *out, struct pool *pool, struct error *err)
{
    static const struct value none;
    struct value answers[PLAN_MEMBERS];
    struct slice operation = value_get_slice(request, "operation", "");
    const struct value *input = value_get(request, "input");
    const struct value *region = value_get(request, "region");
    struct memo_question asked = {
        PLAN, operation, {input ? input : &none, home ? home : &none, region ? region : &none}, 3};
    if (!ask(catalogue, asked, answers, pool, err))
        return false;
    *out = (struct plan){
        .mutation = answers[MUTATION].kind == VALUE_BOOLEAN && answers[MUTATION].boolean,
        .fleeting = answers[FLEETING].kind == VALUE_BOOLEAN && answers[FLEETING].boolean,
        .identity = text_of(&answers[IDENTITY]),
        .region = text_of(&answers[REGION]),
        .observe = answers[OBSERVE],
        .settle = answers[SETTLE].kind == VALUE_INTEGER ? answers[SETTLE].integer : 0,
        .unknown = answers[UNKNOWN],
    };
    if (out->mutation && (out->identity.size == 0 || out->observe.kind == VALUE_NULL))
        return error_set(err, ERROR_INTERNAL,
                         "the catalogue's plan of %.*s lacks identity or observe",
                         (int)operation.size, operation.data);
    return true;
}

static bool prepare(struct catalogue *catalogue, const struct value *request,
                    const struct plan *plan, const struct value *observed, struct value *before,
                    struct value *after, struct value *undo, struct pool *pool, struct error *err)
{
    struct value answers[3];
    struct value region = plan->region.size ? value_string(plan->region) : value_null();
    struct memo_question asked = {PREPARE,
                                  value_get_slice(request, "operation", ""),
                                  {value_get(request, "input"), observed, &region},
                                  3};
    if (!ask(catalogue, asked, answers, pool, err))
        return false;
    *before = answers[0];
    *after = answers[1];
    *undo = answers[2];
    return true;
}

static bool state(struct catalogue *catalogue, struct slice operation, const struct value *input,
                  const struct value *observed, struct value *out, struct pool *pool,
                  struct error *err)
{
    struct memo_question asked = {STATE, operation, {input, observed}, 2};
    return ask(catalogue, asked, out, pool, err);
}

static bool guard(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                  const struct value *observed, int64_t now, struct value *guarded,
                  struct pool *pool, struct error *err)
{
    struct value time = value_integer(now);
    struct memo_question asked = {GUARD, operation, {undo, observed, &time}, 3};
    struct question question = {(struct host_catalogue *)catalogue, asked, guarded, pool};
    return host_protect(question.catalogue->host, ask_lua, &question, err); /* each time is new */
}

static bool steady(struct catalogue *catalogue, struct slice operation, const struct value *input,
                   const struct value *observed, int64_t *wait, struct pool *pool,
                   struct error *err)
{
    struct value answer;
    struct memo_question asked = {STEADY, operation, {input, observed}, 2};
    if (!ask(catalogue, asked, &answer, pool, err))
        return false;
    if (answer.kind != VALUE_INTEGER || answer.integer < 0)
        return error_set(err, ERROR_INTERNAL,
                         "the catalogue does not say whether %.*s was carried out",
                         (int)operation.size, operation.data);
    *wait = answer.integer;
    return true;
}

/* What cannot be told is no reason to give up a resource. */
static bool passes(struct catalogue *catalogue, const struct value *problem)
{
    struct value answer;
    struct error ignored;
    struct host_catalogue *self = (struct host_catalogue *)catalogue;
    struct memo_question asked = {PASSES, value_get_slice(problem, "code", ""), {NULL}, 0};
    return !ask(catalogue, asked, &answer, &self->memo.pool, &ignored) || answer.boolean;
}

/* What cannot be told is nobody's leave to write over a state. */
static bool steps(struct catalogue *catalogue, struct slice operation)
{
    struct value answer;
    struct error ignored;
    struct host_catalogue *self = (struct host_catalogue *)catalogue;
    struct memo_question asked = {STEPS, operation, {NULL}, 0};
    return ask(catalogue, asked, &answer, &self->memo.pool, &ignored) && answer.boolean;
}

static bool join(struct catalogue *catalogue, struct slice operation, const struct value *undo,
                 const struct value *later, struct value *joined, struct pool *pool,
                 struct error *err)
{
    struct memo_question asked = {JOIN, operation, {undo, later}, 2};
    return ask(catalogue, asked, joined, pool, err);
}

static const struct catalogue_ops ops = {plan, prepare, state, guard, steady, passes, steps, join};

static bool keep_functions(lua_State *L, void *context, struct error *err)
{
    struct host_catalogue *self = context;
    (void)err;
    for (int i = 0; i < FUNCTIONS; i++)
        self->references[i] = host_keep(L, "aws.catalogue", functions[i].name);
    return true;
}

bool host_catalogue(struct host *host, struct catalogue **out, struct error *err)
{
    struct host_catalogue *self = calloc(1, sizeof *self);
    if (!self)
        return error_set(err, ERROR_LIMIT, "out of memory for the catalogue");
    self->catalogue.ops = &ops;
    self->host = host;
    memo_init(&self->memo, MEMO_MAX);
    *out = &self->catalogue;
    if (host_protect(host, keep_functions, self, err))
        return true;
    host_catalogue_free(*out);
    return false;
}

void host_catalogue_free(struct catalogue *catalogue)
{
    struct host_catalogue *self = (struct host_catalogue *)catalogue;
    if (!self)
        return;
    memo_clear(&self->memo);
    free(self);
}
