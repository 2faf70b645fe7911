/* AWS operations in line and under way; each is a task of lua/aws/client/run.lua. */
#include "world/caller.h"

#include "base/entropy.h"
#include "engine/record.h"
#include "world/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPERATION_SIZE = 128 };

struct call {
    struct call *next;
    struct caller *caller;
    struct task *task;
    struct slice operation; /* its name, in `name` */
    char name[OPERATION_SIZE];
    struct task_ask *waits; /* for a moment to pass; NULL: for no such thing */
    bool under_way;
    bool sent;   /* a request has left, perhaps */
    bool halted; /* nothing is sent another time */
    caller_done_fn *done;
    void *context;
};

struct caller {
    struct caller_params params;
    struct host_object *client; /* what the calls of a run share (lua/aws/client/run.lua) */
    struct rate rate;
    struct call *first, **last; /* in the order in which they were started */
    bool timed;                 /* a timer runs that looks at the line again */
};

static bool open_client(struct caller *caller, struct error *err)
{
    uint64_t seed[2];
    if (!entropy_fill(seed, sizeof seed, err))
        return false;
    struct value seeds[] = {value_integer((int64_t)seed[0]), value_integer((int64_t)seed[1])};
    struct member members[] = {
        {slice_of("agent"), value_text(caller->params.agent)},
        {slice_of("attempts"), value_string(caller->params.attempts)},
        {slice_of("seed"), {.kind = VALUE_ARRAY, .array = {seeds, 2}}},
    };
    struct value params = {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}};
    return host_object_new(&caller->client, caller->params.host, "aws.client.run", "new", &params,
                           1, err);
}

bool caller_new(struct caller **out, const struct caller_params *params, struct error *err)
{
    struct caller *caller = calloc(1, sizeof *caller);
    if (!caller)
        return error_set(err, ERROR_LIMIT, "out of memory for AWS calls");
    caller->params = *params;
    caller->last = &caller->first;
    if (!rate_init(&caller->rate, params->per_minute, params->at_a_time, err) ||
        !open_client(caller, err)) {
        caller_free(caller);
        return false;
    }
    *out = caller;
    return true;
}

static void take_out(const struct call *call)
{
    struct caller *caller = call->caller;
    struct call **link = &caller->first;
    while (*link != call)
        link = &(*link)->next;
    *link = call->next;
    if (!*link)
        caller->last = link;
    if (call->under_way)
        rate_end(&caller->rate);
}

static void drop(struct call *call)
{
    take_out(call);
    task_free(call->task);
    free(call);
}

void caller_free(struct caller *caller)
{
    if (!caller)
        return;
    while (caller->first)
        drop(caller->first);
    net_forget(caller->params.net, caller);
    host_object_free(caller->client);
    rate_clear(&caller->rate);
    free(caller);
}

/* --- in line --------------------------------------------------------------------------------- */

static struct call *first_in_line(const struct caller *caller)
{
    struct call *call = caller->first;
    while (call && call->under_way)
        call = call->next;
    return call;
}

static void look_at_line(void *context);
static void refuse(struct call *call, const char *why);

/* Begins whatever may begin. What waits for a moment gets a timer; what waits for another's end is
 * looked at when that ends. */
static void go_on(struct caller *caller)
{
    struct error ignored;
    for (struct call *call; (call = first_in_line(caller)) != NULL;) {
        if (call->halted) {
            refuse(call, "the rollback began before it was this call's turn");
            continue;
        }
        int64_t now = net_now(caller->params.net);
        int64_t ready = rate_ready(&caller->rate, now);
        if (ready > now) {
            if (ready != RATE_AFTER_ONE_ENDS && !caller->timed)
                caller->timed = net_timer(caller->params.net, ready, look_at_line, caller,
                                          &ignored);
            return;
        }
        call->under_way = true;
        rate_begin(&caller->rate, now);
        task_run(call->task);
    }
}

static void look_at_line(void *context)
{
    struct caller *caller = context;
    caller->timed = false;
    go_on(caller);
}

/* --- under way ------------------------------------------------------------------------------- */

struct slice caller_region(const struct caller *caller)
{
    return caller->params.region;
}

static bool start_send(struct call *call, struct task_ask *ask, const struct value *request,
                       struct error *err)
{
    const struct caller_params *params = &call->caller->params;
    if (params->may_leave && !params->may_leave(params->context, call->operation, err))
        return false;
    call->sent = true;
    return sender_send(params->sender, request, ask, err);
}

static bool start_endpoint(struct call *call, struct task_ask *ask, const struct value *asked,
                           struct error *err)
{
    enum { URL_MAX = 64 << 10 };
    struct signer_service service = {value_get_slice(asked, "id", ""),
                                     value_get_slice(asked, "prefix", ""),
                                     value_get_slice(asked, "region", "")};
    struct buffer url;
    buffer_init(&url, URL_MAX);
    bool ok = signer_endpoint(call->caller->params.signer, &service, &url, err);
    struct member member = {slice_of("url"), value_string(buffer_slice(&url))};
    struct value answer = {.kind = VALUE_OBJECT, .object = {&member, 1}};
    if (ok)
        task_answer(ask, &answer);
    buffer_clear(&url);
    return ok;
}

static void end_wait(struct call *call)
{
    struct task_ask *ask = call->waits;
    struct member member = {slice_of("halted"), value_boolean(call->halted)};
    struct value answer = {.kind = VALUE_OBJECT, .object = {&member, 1}};
    call->waits = NULL;
    net_forget(call->caller->params.net, call);
    task_answer(ask, &answer);
}

static void waited(void *context)
{
    end_wait(context);
}

static bool start_wait(struct call *call, struct task_ask *ask, const struct value *what,
                       struct error *err)
{
    int64_t ms;
    struct net *net = call->caller->params.net;
    if (!task_wait(what, &ms, err) ||
        (!call->halted && !net_timer(net, net_now(net) + ms, waited, call, err)))
        return false;
    call->waits = ask;
    if (call->halted)
        end_wait(call);
    return true;
}

static const struct {
    const char *name;
    bool (*start)(struct call *call, struct task_ask *ask, const struct value *what,
                  struct error *err);
} kinds[] = {{"endpoint", start_endpoint}, {"send", start_send}, {"wait", start_wait}};

static bool start_ask(void *context, struct task_ask *ask, struct error *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const struct value *what = value_get(ask->what, kinds[i].name);
        if (what)
            return kinds[i].start(context, ask, what, err);
    }
    return error_set(err, ERROR_INTERNAL, "an operation asked for what is not known here");
}

static void drop_ask(void *context, struct task_ask *ask)
{
    struct call *call = context;
    sender_drop(call->caller->params.sender, ask);
    net_forget(call->caller->params.net, call);
}

/* --- the end --------------------------------------------------------------------------------- */

static void end_call(struct call *call, enum outcome outcome, const struct value *value)
{
    struct caller *caller = call->caller;
    take_out(call);
    call->done(call->context, outcome, value);
    task_free(call->task);
    free(call);
    go_on(caller);
}

static void refuse(struct call *call, const char *why)
{
    struct member members[2];
    struct value problem = world_problem(members, WORLD_NOT_SENT, why);
    end_call(call, OUTCOME_REJECTED, &problem);
}

/* A mistake of ours in Lua shows nothing about a request that has left. */
static void ended(void *context, const struct value *result, const struct error *err)
{
    struct call *call = context;
    struct member members[2];
    struct value nothing = {.kind = VALUE_OBJECT};
    struct value problem = world_problem(members, call->sent ? "Unreadable" : WORLD_NOT_SENT,
                                         result ? "" : err->message);
    enum outcome outcome = call->sent ? OUTCOME_UNKNOWN : OUTCOME_REJECTED;
    if (result && !outcome_parse(&outcome, value_get_slice(result, "outcome", "")))
        outcome = OUTCOME_UNKNOWN;
    const struct value *value = value_get(result, outcome == OUTCOME_OK ? "value" : "error");
    end_call(call, outcome, value ? value : outcome == OUTCOME_OK ? &nothing : &problem);
}

/* --- starting and stopping ------------------------------------------------------------------- */

static bool make_task(struct call *call, const struct caller_request *request, struct error *err)
{
    static const struct task_ops ops = {start_ask, drop_ask};
    struct slice region = request->region.size ? request->region : caller_region(call->caller);
    struct value arguments[] = {value_string(request->operation), *request->input,
                                value_string(region)};
    struct task_params params = {
        .object = call->caller->client,
        .method = "call",
        .arguments = arguments,
        .count = RECORD_COUNT(arguments),
        .ops = &ops,
        .context = call,
        .done = ended,
        .done_context = call,
    };
    return task_new(&call->task, &params, err);
}

bool caller_start(struct caller *caller, const struct caller_request *request, caller_done_fn *done,
                  void *context, struct error *err)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        return error_set(err, ERROR_LIMIT, "out of memory for an AWS call");
    *call = (struct call){.caller = caller, .done = done, .context = context};
    snprintf(call->name, sizeof call->name, "%.*s", (int)request->operation.size,
             request->operation.data);
    call->operation = slice_of(call->name);
    if (!make_task(call, request, err)) {
        free(call);
        return false;
    }
    *caller->last = call;
    caller->last = &call->next;
    go_on(caller);
    return true;
}

void caller_answer(void *context, enum outcome outcome, const struct value *value)
{
    bool ok = outcome == OUTCOME_OK;
    struct member kind = {slice_of("outcome"), value_text(outcome_name(outcome))};
    struct member what = {slice_of(ok ? "value" : "error"), *value};
    struct member members[] = {ok ? kind : what, ok ? what : kind};
    struct value answer = {.kind = VALUE_OBJECT, .object = {members, 2}};
    task_answer(context, &answer);
}

void caller_forget(struct caller *caller, const void *context)
{
    for (struct call *call = caller->first, *next; call; call = next) {
        next = call->next;
        if (call->context == context)
            drop(call);
    }
    go_on(caller);
}

static struct call *find_halted_wait(const struct caller *caller)
{
    struct call *call = caller->first;
    while (call && !(call->halted && call->waits))
        call = call->next;
    return call;
}

/* Those who are told may start other calls, for the way back: these are not halted. */
void caller_halt(struct caller *caller)
{
    for (struct call *call = caller->first; call; call = call->next)
        call->halted = true;
    go_on(caller);
    for (struct call *call; (call = find_halted_wait(caller)) != NULL;)
        end_wait(call);
}
