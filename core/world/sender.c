/* Requests of trusted Lua on their way out, and what comes back. */
#include "world/sender.h"

#include "engine/record.h"

#include <openssl/crypto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MAX = 8 << 10, ANSWER_POOL_MAX = 64 << 20 };

/* A request under way. */
struct sending {
    struct sending *next;
    struct sender *sender;
    struct task_ask *ask;
    int keys;
};

struct sender {
    struct sender_params params;
    struct sending *under_way;
    struct pool pool; /* of the answer that is handed over */
};

bool sender_new(struct sender **out, const struct sender_params *params, struct error *err)
{
    struct sender *sender = calloc(1, sizeof *sender);
    if (!sender)
        return error_set(err, ERROR_LIMIT, "out of memory for requests");
    sender->params = *params;
    pool_init(&sender->pool, ANSWER_POOL_MAX);
    *out = sender;
    return true;
}

static void end(struct sending *sending)
{
    struct sending **link = &sending->sender->under_way;
    while (*link != sending)
        link = &(*link)->next;
    *link = sending->next;
    net_forget(sending->sender->params.net, sending);
    free(sending);
}

void sender_free(struct sender *sender)
{
    if (!sender)
        return;
    while (sender->under_way)
        end(sender->under_way);
    pool_clear(&sender->pool);
    free(sender);
}

void sender_drop(struct sender *sender, struct task_ask *ask)
{
    for (struct sending *sending = sender->under_way, *next; sending; sending = next) {
        next = sending->next;
        if (sending->ask == ask)
            end(sending);
    }
}

/* --- answers --------------------------------------------------------------------------------- */

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

static void hand_over(struct sending *sending, struct value answer)
{
    struct task_ask *ask = sending->ask;
    end(sending);
    task_answer(ask, &answer);
}

static void hand_over_loss(struct sending *sending, const char *message, bool sent)
{
    struct member members[] = {
        {slice_of("at"), value_integer(net_now(sending->sender->params.net))},
        {slice_of("keys"), value_integer(sending->keys)},
        {slice_of("lost"), value_boolean(true)},
        {slice_of("message"), value_text(message)},
        {slice_of("sent"), value_boolean(sent)},
    };
    hand_over(sending,
              (struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}});
}

static void answered(void *context, const struct net_answer *answer)
{
    struct sending *sending = context;
    struct pool *pool = &sending->sender->pool;
    struct value headers;
    struct error err;
    pool_reset(pool);
    if (answer->failure != NET_NONE) {
        hand_over_loss(sending, answer->message, answer->failure != NET_NOT_SENT);
        return;
    }
    if (!list_headers(answer, &headers, pool, &err)) {
        hand_over_loss(sending, err.message, true);
        return;
    }
    struct member members[] = {
        {slice_of("at"), value_integer(net_now(sending->sender->params.net))},
        {slice_of("body"), value_string(answer->body)},
        {slice_of("headers"), headers},
        {slice_of("keys"), value_integer(sending->keys)},
        {slice_of("status"), value_integer(answer->status)},
    };
    hand_over(sending,
              (struct value){.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}});
}

/* --- requests -------------------------------------------------------------------------------- */

/* Where the value of a header is made that holds a secret; wiped when the request is on its way. */
struct secrets {
    char text[VALUE_MAX];
    size_t used;
};

/* A header's value: text, or {"env","prefix"}. */
static bool header_value(const struct value *given, struct slice *out, struct secrets *secrets,
                         struct error *err)
{
    char name[256];
    struct slice variable = value_get_slice(given, "env", "");
    struct slice prefix = value_get_slice(given, "prefix", "");
    char *at = secrets->text + secrets->used;
    size_t room = sizeof secrets->text - secrets->used;
    if (given->kind == VALUE_STRING) {
        *out = given->string;
        return true;
    }
    snprintf(name, sizeof name, "%.*s", (int)variable.size, variable.data);
    const char *secret = getenv(name);
    if (!secret)
        return error_set(err, ERROR_INVALID, "the environment variable %s is not set", name);
    int size = snprintf(at, room, "%.*s%s", (int)prefix.size, prefix.data, secret);
    if (size < 0 || (size_t)size >= room)
        return error_set(err, ERROR_LIMIT, "the environment variable %s is too long", name);
    secrets->used += (size_t)size + 1;
    *out = (struct slice){at, (size_t)size};
    return true;
}

static bool add_headers(struct signer_request *request, const struct value *given,
                        struct secrets *secrets, struct error *err)
{
    size_t count = given && given->kind == VALUE_ARRAY ? given->array.count : 0;
    for (size_t i = 0; i < count; i++) {
        const struct value *pair = &given->array.items[i];
        if (request->header_count == SIGV4_HEADERS_MAX)
            return error_set(err, ERROR_LIMIT, "a request with more than %d headers",
                             SIGV4_HEADERS_MAX);
        struct net_header *header = &request->headers[request->header_count++];
        header->name = pair->array.items[0].string;
        if (!header_value(&pair->array.items[1], &header->value, secrets, err))
            return false;
    }
    return true;
}

/* "https://host/path?query" in its parts. */
static void split_url(struct slice url, struct signer_request *request)
{
    const char *end = url.data + url.size;
    const char *host = memchr(url.data, '/', url.size); /* of "https://" */
    host = host ? host + 2 : url.data;
    const char *path = memchr(host, '/', (size_t)(end - host));
    path = path ? path : end;
    const char *query = memchr(path, '?', (size_t)(end - path));
    request->host = (struct slice){host, (size_t)(path - host)};
    request->path = (struct slice){path, (size_t)((query ? query : end) - path)};
    request->query = query ? (struct slice){query + 1, (size_t)(end - query - 1)} : slice_of("");
}

/* *sendable is false, without an error, where other keys were asked for than there are. */
static bool sign(const struct sender *sender, const struct value *how,
                 struct signer_request *request, int *keys, bool *sendable, struct error *err)
{
    struct signer_scope scope = {
        .service = value_get_slice(how, "service", ""),
        .region = value_get_slice(how, "region", ""),
        .skew = value_get_integer(how, "skew", 0),
        .other_than = (int)value_get_integer(how, "other_than", 0),
    };
    *keys = 0;
    *sendable = true;
    if (!how)
        return true;
    if (!signer_sign(sender->params.signer, request, &scope, keys, err))
        return false;
    *sendable = *keys != 0;
    return true;
}

static bool put_on_its_way(struct sender *sender, const struct signer_request *request,
                           struct net_request *sent, int keys, struct task_ask *ask,
                           struct error *err)
{
    struct sending *sending = calloc(1, sizeof *sending);
    if (!sending)
        return error_set(err, ERROR_LIMIT, "out of memory for a request");
    *sending = (struct sending){sender->under_way, sender, ask, keys};
    sender->under_way = sending;
    sent->headers = request->headers;
    sent->header_count = request->header_count;
    if (net_send(sender->params.net, sent, answered, sending, err))
        return true;
    end(sending);
    return false;
}

/* Host is signed, and so is given; what is not signed may be answered compressed. */
static bool send(struct sender *sender, const struct value *asked, struct secrets *secrets,
                 struct task_ask *ask, struct error *err)
{
    const struct value *how = value_get(asked, "sign");
    struct signer_request request = {.method = value_get_slice(asked, "method", "GET"),
                                     .body = value_get_slice(asked, "body", "")};
    struct net_request sent = {.method = request.method,
                               .url = value_get_slice(asked, "url", ""),
                               .body = request.body,
                               .compressed = how == NULL,
                               .ca_bundle = sender->params.ca_bundle};
    int keys;
    bool sendable;
    if (how) {
        split_url(sent.url, &request);
        request.headers[request.header_count++] = (struct net_header){slice_of("Host"),
                                                                      request.host};
    }
    if (!add_headers(&request, value_get(asked, "headers"), secrets, err) ||
        !sign(sender, how, &request, &keys, &sendable, err))
        return false;
    if (sendable)
        return put_on_its_way(sender, &request, &sent, keys, ask, err);
    task_refuse(ask, "");
    return true;
}

bool sender_send(struct sender *sender, const struct value *request, struct task_ask *ask,
                 struct error *err)
{
    struct secrets secrets = {.used = 0};
    bool ok = send(sender, request, &secrets, ask, err);
    OPENSSL_cleanse(&secrets, sizeof secrets);
    return ok;
}
