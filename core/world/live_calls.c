#include "world/live_calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 32, VALUE_MAX = 8 << 10 };

struct batch {
    const struct live_params *params;
    struct pool *pool;
    size_t open;
    bool done;
    bool failed;
    struct error err;
};

/* One call of a batch. */
struct errand {
    struct batch *batch;
    struct value *answer;
};

static void close_one(struct batch *batch, bool ok)
{
    batch->failed = batch->failed || !ok;
    batch->done = --batch->open == 0;
}

/* What an answer is made of lasts while it is handed over. */
static bool keep(struct errand *errand, struct member *members, size_t count, struct error *err)
{
    struct value answer = {.kind = VALUE_OBJECT, .object = {members, count}};
    return value_object_sort(&answer, err) &&
           value_copy(errand->answer, &answer, errand->batch->pool, err);
}

static void called(void *context, enum outcome outcome, const struct value *value)
{
    struct errand *errand = context;
    struct batch *batch = errand->batch;
    struct member members[] = {
        {slice_of("outcome"), value_text(outcome_name(outcome))},
        {slice_of(outcome == OUTCOME_OK ? "value" : "error"), *value},
    };
    close_one(batch, keep(errand, members, 2, &batch->err));
}

static bool list_headers(const struct net_answer *answer, struct value *out, struct pool *pool,
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

static bool read_answer(struct errand *errand, const struct net_answer *answer, struct error *err)
{
    struct value headers;
    if (answer->failure != NET_NONE) {
        struct member lost[] = {{slice_of("lost"), value_boolean(true)},
                                {slice_of("message"), value_text(answer->message)}};
        return keep(errand, lost, 2, err);
    }
    if (!list_headers(answer, &headers, errand->batch->pool, err))
        return false;
    struct member members[] = {{slice_of("body"), value_string(answer->body)},
                               {slice_of("headers"), headers},
                               {slice_of("status"), value_integer(answer->status)}};
    return keep(errand, members, 3, err);
}

static void fetched(void *context, const struct net_answer *answer)
{
    struct errand *errand = context;
    close_one(errand->batch, read_answer(errand, answer, &errand->batch->err));
}

/* A header's value: text, or {"env","prefix"}. */
static bool header_value(const struct value *given, struct slice *out, struct pool *pool,
                         struct error *err)
{
    char name[256];
    char text[VALUE_MAX];
    struct slice variable = value_get_slice(given, "env", "");
    struct slice prefix = value_get_slice(given, "prefix", "");
    if (given->kind == VALUE_STRING) {
        *out = given->string;
        return true;
    }
    snprintf(name, sizeof name, "%.*s", (int)variable.size, variable.data);
    const char *secret = getenv(name);
    if (!secret)
        return error_set(err, ERROR_INVALID, "the environment variable %s is not set", name);
    int size = snprintf(text, sizeof text, "%.*s%s", (int)prefix.size, prefix.data, secret);
    if (size < 0 || (size_t)size >= sizeof text)
        return error_set(err, ERROR_LIMIT, "the environment variable %s is too long", name);
    return pool_copy(pool, (struct slice){text, (size_t)size}, out, err);
}

static bool take_headers(const struct value *given, struct net_header *headers, size_t *count,
                         struct pool *pool, struct error *err)
{
    for (size_t i = 0; given && given->kind == VALUE_ARRAY && i < given->array.count; i++) {
        const struct value *pair = &given->array.items[i];
        if (*count == HEADERS_MAX)
            return error_set(err, ERROR_LIMIT, "more than %d headers", HEADERS_MAX);
        struct net_header *header = &headers[(*count)++];
        header->name = pair->array.items[0].string;
        if (!header_value(&pair->array.items[1], &header->value, pool, err))
            return false;
    }
    return true;
}

static bool fetch(struct batch *batch, const struct value *call, struct errand *errand,
                  struct error *err)
{
    struct net_header headers[HEADERS_MAX];
    struct net_request request = {
        .method = value_get_slice(call, "method", "GET"),
        .url = value_get_slice(call, "url", ""),
        .body = value_get_slice(call, "body", ""),
        .headers = headers,
        .compressed = true,
        .ca_bundle = batch->params->ca_bundle,
    };
    return take_headers(value_get(call, "headers"), headers, &request.header_count, batch->pool,
                        err) &&
           net_send(batch->params->net, &request, fetched, errand, err);
}

static bool start(struct batch *batch, const struct value *call, struct errand *errand,
                  struct error *err)
{
    struct slice operation = value_get_slice(call, "operation", "");
    if (operation.size == 0)
        return fetch(batch, call, errand, err);
    struct caller_request request = {.operation = operation, .input = value_get(call, "input")};
    return caller_start(batch->params->caller, &request, called, errand, err);
}

/* What could not be sent is an answer too: the provider was not reached. */
static bool refuse(struct errand *errand, const struct value *call, const struct error *why)
{
    struct member problem[2];
    struct value refused = world_problem(problem, WORLD_NOT_SENT, why->message);
    struct member operation[] = {{slice_of("error"), refused},
                                 {slice_of("outcome"), value_text("rejected")}};
    struct member request[] = {{slice_of("lost"), value_boolean(true)},
                               {slice_of("message"), value_text(why->message)}};
    bool is_operation = value_get(call, "operation") != NULL;
    return keep(errand, is_operation ? operation : request, 2, &errand->batch->err);
}

/* They are not waited for any more. */
static void forget(const struct live_params *params, const struct errand *errands, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        net_forget(params->net, &errands[i]);
        caller_forget(params->caller, &errands[i]);
    }
}

bool live_calls_carry(const struct live_params *params, const struct value *calls, size_t count,
                      struct value *answers, struct pool *pool, struct error *err)
{
    struct batch batch = {.params = params, .pool = pool, .open = count, .done = count == 0};
    struct errand *errands = pool_alloc(pool, (count + 1) * sizeof *errands, err);
    if (!errands)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct error why;
        errands[i] = (struct errand){&batch, &answers[i]};
        if (!start(&batch, &calls[i], &errands[i], &why))
            close_one(&batch, refuse(&errands[i], &calls[i], &why));
    }
    if (!live_wait_until(params->live, params->net, &batch.done, err)) {
        forget(params, errands, count);
        return false;
    }
    if (batch.failed)
        *err = batch.err;
    return !batch.failed;
}
