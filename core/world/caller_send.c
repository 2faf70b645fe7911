/* A call on its way out: where it goes, who signs, how it is sent. */
#include "engine/record.h"
#include "world/caller_inside.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum { NAME_MAX_SIZE = 96, HEADERS_MAX = SIGV4_HEADERS_MAX };

/* --- where ----------------------------------------------------------------------------------- */

/* The fourth part of "arn:partition:service:region:account:resource". */
static struct slice region_of_arn(struct slice text)
{
    struct slice none = {"", 0};
    size_t from = 0;
    if (text.size < 4 || memcmp(text.data, "arn:", 4) != 0)
        return none;
    for (int part = 0; part < 3; part++) {
        const char *colon = memchr(text.data + from, ':', text.size - from);
        if (!colon)
            return none;
        from = (size_t)(colon - text.data) + 1;
    }
    const char *end = memchr(text.data + from, ':', text.size - from);
    return end ? (struct slice){text.data + from, (size_t)(end - text.data) - from} : none;
}

static struct slice find_region(const struct value *value)
{
    struct slice found = {"", 0};
    if (value->kind == VALUE_STRING)
        return region_of_arn(value->string);
    for (size_t i = 0; value->kind == VALUE_ARRAY && i < value->array.count && !found.size; i++)
        found = find_region(&value->array.items[i]);
    for (size_t i = 0; value->kind == VALUE_OBJECT && i < value->object.count && !found.size; i++)
        found = find_region(&value->object.members[i].value);
    return found;
}

struct slice caller_region(const struct caller *caller, const struct value *input)
{
    struct slice found = find_region(input);
    return found.size ? found : caller->params.region;
}

/* "Elastic Load Balancing v2" as the end of a variable's name, or as a property's. */
static void spell(char out[NAME_MAX_SIZE], struct slice id, int (*letter)(int))
{
    size_t i = 0;
    for (; i < id.size && i + 1 < NAME_MAX_SIZE; i++) {
        char c = id.data[i];
        out[i] = c == ' ' || c == '-' ? '_' : (char)letter((unsigned char)c);
    }
    out[i] = '\0';
}

static bool find_endpoint(struct call *call, const struct value *where, struct slice region,
                          struct buffer *url, struct error *err)
{
    char variable[NAME_MAX_SIZE];
    char property[NAME_MAX_SIZE];
    char host[NAME_MAX_SIZE];
    struct slice id = value_get_slice(where, "service_id", "");
    struct slice prefix = value_get_slice(where, "endpoint_prefix", "");
    spell(variable, id, toupper);
    spell(property, id, tolower);
    snprintf(host, sizeof host, "%.*s", (int)prefix.size, prefix.data);
    struct settings_service service = {host, variable, property};
    if (region.size == 0)
        return error_set(err, ERROR_INVALID,
                         "no region is configured: set AWS_REGION, or `region` in tidelock.lua or "
                         "the profile");
    return settings_endpoint(call->caller->params.settings, &service, region, url, err);
}

/* --- signing --------------------------------------------------------------------------------- */

static void take(struct caller *caller, const struct credentials *fresh)
{
    if (caller->loaded)
        credentials_clear(&caller->credentials);
    caller->credentials = *fresh;
    caller->loaded = true;
    caller->generation++;
}

static bool have_credentials(struct caller *caller, struct error *err)
{
    struct credentials fresh;
    int64_t now = net_now(caller->params.net) + caller->clock_offset;
    enum credentials_due due = caller->loaded ? credentials_due(&caller->credentials, now)
                                              : CREDENTIALS_MANDATORY;
    if (due == CREDENTIALS_FRESH)
        return true;
    if (!credentials_load(&fresh, caller->params.settings, caller->params.doors, err))
        return due == CREDENTIALS_ADVISORY || error_wrap(err, "credentials");
    take(caller, &fresh);
    return true;
}

bool caller_renew(struct caller *caller, struct error *err)
{
    struct credentials fresh;
    const struct credentials *old = &caller->credentials;
    err->message[0] = '\0';
    if (!credentials_load(&fresh, caller->params.settings, caller->params.doors, err))
        return false;
    if (slice_equal(fresh.access_key, old->access_key) &&
        slice_equal(fresh.session_token, old->session_token)) {
        credentials_clear(&fresh);
        return false;
    }
    take(caller, &fresh);
    return true;
}

/* A request and its headers on their way out. */
struct outgoing {
    struct slice method, url, body;
    struct slice host, path, query;
    struct net_header headers[HEADERS_MAX];
    size_t header_count;
};

static void split_url(struct outgoing *outgoing)
{
    struct slice url = outgoing->url;
    const char *end = url.data + url.size;
    const char *host = memchr(url.data, '/', url.size); /* of "https://" */
    host = host ? host + 2 : url.data;
    const char *path = memchr(host, '/', (size_t)(end - host));
    path = path ? path : end;
    const char *query = memchr(path, '?', (size_t)(end - path));
    outgoing->host = (struct slice){host, (size_t)(path - host)};
    outgoing->path = (struct slice){path, (size_t)((query ? query : end) - path)};
    outgoing->query = query ? (struct slice){query + 1, (size_t)(end - query - 1)} : slice_of("");
}

static bool add_header(struct outgoing *outgoing, struct slice name, struct slice value,
                       struct error *err)
{
    if (outgoing->header_count == HEADERS_MAX)
        return error_set(err, ERROR_LIMIT, "a request with more than %d headers", HEADERS_MAX);
    outgoing->headers[outgoing->header_count++] = (struct net_header){name, value};
    return true;
}

static bool read_outgoing(struct outgoing *outgoing, const struct value *request, struct error *err)
{
    const struct value *headers = value_get(request, "headers");
    *outgoing = (struct outgoing){
        .method = value_get_slice(request, "method", ""),
        .url = value_get_slice(request, "url", ""),
        .body = value_get_slice(request, "body", ""),
    };
    split_url(outgoing);
    if (!add_header(outgoing, slice_of("Host"), outgoing->host, err))
        return false;
    for (size_t i = 0; headers && headers->kind == VALUE_ARRAY && i < headers->array.count; i++) {
        const struct value *pair = &headers->array.items[i];
        if (!add_header(outgoing, pair->array.items[0].string, pair->array.items[1].string, err))
            return false;
    }
    return true;
}

static bool sign(struct call *call, struct outgoing *outgoing, const struct value *where,
                 struct slice region, struct error *err)
{
    struct caller *caller = call->caller;
    struct sigv4_header headers[HEADERS_MAX];
    struct sigv4_signature signature;
    if (!value_get_boolean(where, "signed", true))
        return true;
    if (!have_credentials(caller, err))
        return false;
    call->generation = caller->generation;
    for (size_t i = 0; i < outgoing->header_count; i++)
        headers[i] = (struct sigv4_header){outgoing->headers[i].name, outgoing->headers[i].value};
    struct sigv4_request request = {outgoing->method, outgoing->path,         outgoing->query,
                                    headers,          outgoing->header_count, outgoing->body};
    struct sigv4_config config = {
        .access_key = caller->credentials.access_key,
        .secret_key = caller->credentials.secret_key,
        .session_token = caller->credentials.session_token,
        .region = region,
        .service = value_get_slice(where, "signing_name", ""),
        .now = net_now(caller->params.net),
        .clock_offset = caller->clock_offset,
    };
    if (!sigv4_sign(caller->signer, &request, &config, &signature, err))
        return false;
    for (size_t i = 0; i < signature.header_count; i++) {
        if (!add_header(outgoing, signature.headers[i].name, signature.headers[i].value, err))
            return false;
    }
    return true;
}

/* --- sending --------------------------------------------------------------------------------- */

enum { ATTEMPTS = 3 }; /* in all, as the SDKs' standard mode has it */

int caller_attempts(const struct caller *caller)
{
    struct slice text = settings_get(caller->params.settings, "AWS_MAX_ATTEMPTS", "max_attempts");
    int wanted = 0;
    for (size_t i = 0; i < text.size && wanted < 100 && isdigit((unsigned char)text.data[i]); i++)
        wanted = wanted * 10 + text.data[i] - '0';
    return wanted > 0 ? wanted : ATTEMPTS;
}

static bool make_request(struct call *call, struct slice url, struct value *request,
                         struct error *err)
{
    const struct caller *caller = call->caller;
    struct member members[] = {
        {slice_of("agent"), value_text(caller->params.agent)},
        {slice_of("attempt"), value_integer(call->attempt)},
        {slice_of("attempts"), value_integer(caller_attempts(caller))},
        {slice_of("idempotency"), value_text(call->token)},
        {slice_of("invocation"), value_text(call->invocation)},
    };
    struct value arguments[] = {
        value_string(call->operation),
        call->input,
        value_string(url),
        {.kind = VALUE_OBJECT, .object = {members, RECORD_COUNT(members)}},
    };
    return caller_ask(call, "request", arguments, RECORD_COUNT(arguments), request, err);
}

static bool send_to(struct call *call, const struct value *where, struct slice region,
                    struct buffer *url, struct error *err)
{
    struct value request;
    struct outgoing outgoing;
    if (!find_endpoint(call, where, region, url, err) ||
        !make_request(call, buffer_slice(url), &request, err) ||
        !read_outgoing(&outgoing, &request, err) || !sign(call, &outgoing, where, region, err))
        return false;
    struct net_request sent = {
        .method = outgoing.method,
        .url = outgoing.url,
        .body = outgoing.body,
        .headers = outgoing.headers,
        .header_count = outgoing.header_count,
        .ca_bundle = call->caller->params.ca_bundle,
    };
    return net_send(call->caller->params.net, &sent, caller_answered, call, err);
}

bool caller_send(struct call *call, struct error *err)
{
    enum { URL_MAX = 64 << 10 };
    struct value where;
    struct value operation = value_string(call->operation);
    struct buffer url;
    buffer_init(&url, URL_MAX);
    call->attempt++;
    bool ok = caller_ask(call, "where", &operation, 1, &where, err) &&
              send_to(call, &where, caller_region(call->caller, &call->input), &url, err);
    buffer_clear(&url);
    return ok;
}
