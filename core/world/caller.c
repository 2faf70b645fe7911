#include "world/caller.h"

#include "engine/record.h"
#include "world/caller_inside.h"

#include <openssl/rand.h>

#include <stdio.h>
#include <stdlib.h>

enum { CALL_POOL_MAX = 256 << 20, PAGES_MAX = 1000 };

bool caller_new(struct caller **out, const struct caller_params *params, struct error *err)
{
    enum { QUOTA = 500 };
    uint64_t seed;
    struct caller *caller = calloc(1, sizeof *caller);
    if (!caller || RAND_bytes((unsigned char *)&seed, sizeof seed) != 1) {
        free(caller);
        return error_set(err, ERROR_LIMIT, "out of memory or of random numbers for AWS calls");
    }
    caller->params = *params;
    caller->quota = QUOTA;
    caller->signer = sigv4_new();
    random_open(&caller->jitter, seed, RANDOM_RETRIES, 0);
    *out = caller;
    return true;
}

static void end_call(struct call *call)
{
    struct call **link = &call->caller->calls;
    while (*link != call)
        link = &(*link)->next;
    *link = call->next;
    net_forget(call->caller->params.net, call);
    pool_clear(&call->pool);
    free(call);
}

void caller_free(struct caller *caller)
{
    if (!caller)
        return;
    while (caller->calls)
        end_call(caller->calls);
    if (caller->loaded)
        credentials_clear(&caller->credentials);
    sigv4_free(caller->signer);
    free(caller);
}

void caller_forget(struct caller *caller, const void *context)
{
    for (struct call *call = caller->calls, *next; call; call = next) {
        next = call->next;
        if (call->context == context)
            end_call(call);
    }
}

static void finish(struct call *call, enum outcome outcome, const struct value *value)
{
    call->done(call->context, outcome, value);
    end_call(call);
}

/* What failed on this side: nothing has left, so it did not happen. */
static void fail(struct call *call, const char *code, const struct error *err)
{
    struct member members[2];
    struct value problem = world_problem(members, code, err->message);
    finish(call, OUTCOME_REJECTED, &problem);
}

bool caller_ask(struct call *call, const char *name, const struct value *arguments, size_t count,
                struct value *out, struct error *err)
{
    return host_call(call->caller->params.host, "aws.client", name, arguments, count, out,
                     &call->pool, err);
}

static void send_again(void *context)
{
    struct call *call = context;
    struct error err;
    call->waiting = false;
    if (!caller_send(call, &err))
        fail(call, WORLD_NOT_SENT, &err);
}

/* --- answers --------------------------------------------------------------------------------- */

static bool headers_value(const struct net_answer *answer, struct value *out, struct pool *pool,
                          struct error *err)
{
    if (!value_array(out, answer->header_count, pool, err))
        return false;
    for (size_t i = 0; i < answer->header_count; i++) {
        struct value *pair = &out->array.items[i];
        if (!value_array(pair, 2, pool, err))
            return false;
        pair->array.items[0] = value_string(answer->headers[i].name);
        pair->array.items[1] = value_string(answer->headers[i].value);
    }
    return true;
}

static bool response_value(const struct net_answer *answer, struct value *out, struct pool *pool,
                           struct error *err)
{
    struct value headers;
    if (answer->failure != NET_NONE) {
        struct member lost[] = {
            {slice_of("lost"), value_boolean(true)},
            {slice_of("message"), value_text(answer->message)},
            {slice_of("sent"), value_boolean(answer->failure != NET_NOT_SENT)},
        };
        return record_object(out, lost, RECORD_COUNT(lost), pool, err);
    }
    if (!headers_value(answer, &headers, pool, err))
        return false;
    struct member members[] = {
        {slice_of("body"), value_string(answer->body)},
        {slice_of("headers"), headers},
        {slice_of("status"), value_integer(answer->status)},
    };
    return record_object(out, members, RECORD_COUNT(members), pool, err);
}

/* A page: the next one is asked for, or all of them are handed over. */
static bool take_page(struct call *call, const struct value *page, bool *more, struct error *err)
{
    struct value operation = value_string(call->operation);
    struct value next;
    struct value merged = *page;
    struct value asked[] = {operation, call->input, *page};
    struct value two[] = {operation, call->output, *page};
    if ((call->pages > 0 && !caller_ask(call, "merge", two, 3, &merged, err)) ||
        !caller_ask(call, "next_page", asked, 3, &next, err))
        return false;
    call->output = merged;
    call->pages++;
    *more = next.kind == VALUE_OBJECT && call->pages < PAGES_MAX;
    if (*more)
        call->input = next;
    return true;
}

static bool succeed(struct call *call, const struct value *output, struct error *err)
{
    bool more = false;
    struct value arguments[] = {value_float(call->caller->quota), value_string(call->retried)};
    struct value quota;
    if (!host_call(call->caller->params.host, "aws.client.retry", "refilled", arguments,
                   call->retried.size ? 2 : 1, &quota, &call->pool, err) ||
        !take_page(call, output, &more, err))
        return false;
    call->caller->quota = quota.kind == VALUE_INTEGER ? (double)quota.integer : quota.number;
    if (!more) {
        finish(call, OUTCOME_OK, &call->output);
        return true;
    }
    call->attempt = 0;
    call->corrected = false;
    call->retried = slice_of("");
    return caller_send(call, err);
}

static enum outcome outcome_of(const struct value *answer)
{
    return value_is_text(value_get(answer, "outcome"), "unknown") ? OUTCOME_UNKNOWN
                                                                  : OUTCOME_REJECTED;
}

/* What retry.lua says of it: again after a while, or the last word. */
static bool follow(struct call *call, const struct value *answer, struct value *following,
                   struct error *err)
{
    struct caller *caller = call->caller;
    struct member members[] = {
        {slice_of("attempt"), value_integer(call->attempt)},
        {slice_of("attempts"), value_integer(caller_attempts(caller))},
        {slice_of("corrected"), value_boolean(call->corrected)},
        {slice_of("now"), value_integer(net_now(caller->params.net) + caller->clock_offset)},
        {slice_of("quota"), value_float(caller->quota)},
        {slice_of("unit"), value_float(random_unit(&caller->jitter))},
    };
    struct value arguments[] = {*answer,
                                {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}}};
    return host_call(caller->params.host, "aws.client.retry", "following", arguments, 2, following,
                     &call->pool, err);
}

static bool try_again(struct call *call, const struct value *answer, const struct value *following,
                      struct error *err)
{
    struct caller *caller = call->caller;
    const struct value *skew = value_get(following, "skew");
    caller->quota = value_get_number(following, "quota", caller->quota);
    call->retried = value_get_slice(answer, "retry", "");
    if (skew && skew->kind == VALUE_INTEGER) {
        caller->clock_offset += skew->integer;
        call->corrected = true;
    }
    int64_t at = net_now(caller->params.net) + value_get_integer(following, "delay", 0);
    call->waiting = true;
    call->answer = *answer;
    return net_timer(caller->params.net, at, send_again, call, err);
}

/* AWS refused the session as ended: before the end it was given, or where none was told. True if
 * the call is sent again, once, with new credentials; *why is what stood in the way, or empty. */
static bool renew(struct call *call, struct error *why)
{
    struct caller *caller = call->caller;
    why->message[0] = '\0';
    if (call->renewed || call->halted)
        return false;
    call->renewed = true;
    if (call->generation == caller->generation && !caller_renew(caller, why))
        return false;
    send_again(call);
    return true;
}

/* The last word, with what a person can do about it. */
static bool end_in(struct call *call, const struct value *answer, const struct error *why,
                   struct error *err)
{
    struct value advised;
    struct value text = value_text(why->message);
    struct value arguments[] = {*value_get(answer, "error"), text};
    if (!host_call(call->caller->params.host, "aws.client.advice", "advised", arguments,
                   why->message[0] ? 2 : 1, &advised, &call->pool, err))
        return false;
    finish(call, outcome_of(answer), &advised);
    return true;
}

static bool take_answer(struct call *call, const struct net_answer *net_answer, struct error *err)
{
    struct value arguments[2] = {value_string(call->operation)};
    struct value answer;
    struct value following;
    struct error why = {.message = ""};
    if (!response_value(net_answer, &arguments[1], &call->pool, err) ||
        !caller_ask(call, "answer", arguments, 2, &answer, err))
        return false;
    const struct value *output = value_get(&answer, "value");
    if (value_is_text(value_get(&answer, "outcome"), "ok"))
        return succeed(call, output ? output : &(struct value){.kind = VALUE_OBJECT}, err);
    if (value_get_boolean(&answer, "expired", false) && renew(call, &why))
        return true;
    if (!follow(call, &answer, &following, err))
        return false;
    if (following.kind == VALUE_OBJECT && !call->halted)
        return try_again(call, &answer, &following, err);
    return end_in(call, &answer, &why, err);
}

static void end_unreadable(struct call *call, enum outcome outcome, const struct error *err)
{
    struct member members[2];
    struct value problem = world_problem(members, "Unreadable", err->message);
    finish(call, outcome, &problem);
}

/* Nothing that goes wrong from here on shows that the request did not arrive. */
void caller_answered(void *context, const struct net_answer *answer)
{
    struct call *call = context;
    struct error err;
    bool not_sent = answer->failure == NET_NOT_SENT;
    if (!take_answer(call, answer, &err))
        end_unreadable(call, not_sent ? OUTCOME_REJECTED : OUTCOME_UNKNOWN, &err);
}

/* --- the way back ---------------------------------------------------------------------------- */

static struct call *find_waiting(struct caller *caller)
{
    struct call *call = caller->calls;
    while (call && !(call->halted && call->waiting))
        call = call->next;
    return call;
}

/* Who is told may start other calls, for the way back: those are not halted. */
void caller_halt(struct caller *caller)
{
    struct error none = {.message = ""};
    struct error err;
    for (struct call *call = caller->calls; call; call = call->next)
        call->halted = true;
    for (struct call *call; (call = find_waiting(caller)) != NULL;) {
        if (!end_in(call, &call->answer, &none, &err))
            end_unreadable(call, outcome_of(&call->answer), &err);
    }
}

/* --- starting -------------------------------------------------------------------------------- */

/* A version 4 UUID. */
static bool make_id(char out[CALLER_ID_SIZE + 1], struct error *err)
{
    unsigned char b[16];
    if (RAND_bytes(b, sizeof b) != 1)
        return error_set(err, ERROR_IO, "no random numbers for a request's id");
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    snprintf(out, CALLER_ID_SIZE + 1,
             "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
             b[15]);
    return true;
}

static bool prepare(struct call *call, struct slice operation, const struct value *input,
                    struct error *err)
{
    return pool_copy(&call->pool, operation, &call->operation, err) &&
           value_copy(&call->input, input, &call->pool, err) && make_id(call->invocation, err) &&
           make_id(call->token, err) && caller_send(call, err);
}

bool caller_start(struct caller *caller, struct slice operation, const struct value *input,
                  caller_done_fn *done, void *context, struct error *err)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call)
        return error_set(err, ERROR_LIMIT, "out of memory for an AWS call");
    call->caller = caller;
    call->done = done;
    call->context = context;
    call->retried = slice_of("");
    pool_init(&call->pool, CALL_POOL_MAX);
    call->next = caller->calls;
    caller->calls = call;
    if (prepare(call, operation, input, err))
        return true;
    end_call(call);
    return false;
}
