/* Keys for a role, from STS. */
#include "aws/credentials_inside.h"
#include "aws/uri.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { TIMEOUT = 10000, URL_MAX = 2048, MESSAGE_MAX = 400, REQUEST_MAX = (128 << 10) - 1 };

static const struct settings_service sts = {"sts", "STS", "sts"};

struct call {
    const char *action;
    struct slice region;
    struct buffer url;
    struct buffer body; /* of the request: it may hold a token */
    struct buffer answer;
    int status;
};

static bool open_call(struct call *call, const struct credentials_search *search,
                      const char *action, struct error *err)
{
    *call = (struct call){.action = action, .region = settings_region(search->settings)};
    buffer_init(&call->url, URL_MAX);
    return secret_open(&call->answer, CREDENTIALS_BODY_MAX, err) &&
           secret_open(&call->body, REQUEST_MAX, err) &&
           settings_endpoint(search->settings, &sts, call->region, &call->url, err) &&
           buffer_append_text(&call->url, "/", err) &&
           buffer_append_format(&call->body, err, "Action=%s&Version=2011-06-15", action);
}

static void close_call(struct call *call)
{
    buffer_clear(&call->url);
    secret_clear(&call->body);
    secret_clear(&call->answer);
}

static bool add(struct call *call, const char *name, struct slice value, struct error *err)
{
    return value.size == 0 || (buffer_append_format(&call->body, err, "&%s=", name) &&
                               uri_encode(value, &call->body, err));
}

static bool add_role(struct call *call, const struct credentials_search *search,
                     const struct credentials_role *role, struct error *err)
{
    char name[40];
    struct slice session = role->session_name;
    snprintf(name, sizeof name, "tidelock-%" PRId64, search->io->now(search->io));
    return add(call, "RoleArn", role->arn, err) &&
           add(call, "RoleSessionName", session.size > 0 ? session : slice_of(name), err) &&
           add(call, "ExternalId", role->external_id, err) &&
           add(call, "DurationSeconds", role->duration, err);
}

/* --- the answer --- */

/* What stands in the first element of that name. Nothing that we read has elements inside, and
 * keys, tokens and times have no character that XML escapes. */
static struct slice element(struct slice xml, const char *name)
{
    char start[64];
    char end[64];
    int start_size = snprintf(start, sizeof start, "<%s>", name);
    int end_size = snprintf(end, sizeof end, "</%s>", name);
    const char *from = memmem(xml.data, xml.size, start, (size_t)start_size);
    if (!from)
        return (struct slice){"", 0};
    from += start_size;
    const char *to = memmem(from, xml.size - (size_t)(from - xml.data), end, (size_t)end_size);
    return to ? (struct slice){from, (size_t)(to - from)} : (struct slice){"", 0};
}

/* The fifth part of arn:aws:sts::ACCOUNT:assumed-role/... */
static struct slice account_of(struct slice arn)
{
    for (int i = 0; i < 4; i++) {
        const char *colon = memchr(arn.data, ':', arn.size);
        if (!colon)
            return (struct slice){"", 0};
        arn.size -= (size_t)(colon - arn.data) + 1;
        arn.data = colon + 1;
    }
    const char *end = memchr(arn.data, ':', arn.size);
    return (struct slice){arn.data, end ? (size_t)(end - arn.data) : 0};
}

static int shown(struct slice text)
{
    return (int)(text.size > MESSAGE_MAX ? MESSAGE_MAX : text.size);
}

static bool refused(const struct call *call, const struct credentials_role *role, struct error *err)
{
    struct slice body = buffer_slice(&call->answer);
    struct slice code = element(body, "Code");
    struct slice message = element(body, "Message");
    return error_set(err, ERROR_INVALID, "STS refused %s of %.*s (HTTP %d): %.*s: %.*s",
                     call->action, shown(role->arn), role->arn.data, call->status, shown(code),
                     code.data, shown(message), message.data);
}

static bool read_answer(struct credentials *out, const struct call *call,
                        const struct credentials_role *role, struct error *err)
{
    struct slice body = buffer_slice(&call->answer);
    struct credentials found = {.provider = "role"};
    if (call->status != 200)
        return refused(call, role, err);
    found.access_key = element(body, "AccessKeyId");
    found.secret_key = element(body, "SecretAccessKey");
    found.session_token = element(body, "SessionToken");
    found.account = account_of(element(body, "Arn"));
    if (!time_parse_instant(&found.expires, element(body, "Expiration"), err))
        return error_set(err, ERROR_INVALID, "STS did not say until when its keys are good");
    struct credentials made;
    if (!credentials_set(&made, &found, err))
        return false;
    *out = made;
    return true;
}

/* --- sending --- */

struct address {
    struct slice host, path;
};

/* Of a URL that settings_endpoint made, or an operator wrote. */
static bool split_url(struct address *address, struct slice url, struct error *err)
{
    const char *start = memmem(url.data, url.size, "://", 3);
    const char *end = url.data + url.size;
    if (!start)
        return error_set(err, ERROR_INVALID, "\"%.*s\" is not a URL", shown(url), url.data);
    start += 3;
    const char *slash = memchr(start, '/', (size_t)(end - start));
    address->host = (struct slice){start, (size_t)((slash ? slash : end) - start)};
    address->path = (struct slice){slash ? slash : end, slash ? (size_t)(end - slash) : 0};
    return address->host.size > 0 ||
           error_set(err, ERROR_INVALID, "\"%.*s\" names no host", shown(url), url.data);
}

/* The slices of the signature stand in the signer until the request is sent. */
static bool sign(struct sigv4 *signer, const struct call *call,
                 const struct credentials_search *search, const struct credentials *keys,
                 struct credentials_request *request, struct error *err)
{
    struct address address;
    struct sigv4_signature signature;
    if (!split_url(&address, request->url, err))
        return false;
    credentials_add_header(request, "Host", address.host);
    struct sigv4_request signed_request = {.method = slice_of(request->method),
                                           .path = address.path,
                                           .query = {"", 0},
                                           .headers = request->headers,
                                           .header_count = request->header_count,
                                           .body = request->body};
    struct sigv4_config config = {.access_key = keys->access_key,
                                  .secret_key = keys->secret_key,
                                  .session_token = keys->session_token,
                                  .region = call->region,
                                  .service = slice_of("sts"),
                                  .now = search->io->now(search->io)};
    if (!sigv4_sign(signer, &signed_request, &config, &signature, err))
        return false;
    for (size_t i = 0; i < signature.header_count; i++)
        request->headers[request->header_count++] = signature.headers[i];
    return true;
}

/* `keys` may be NULL: web identity is asked for without. */
static bool send_call(struct credentials *out, struct call *call,
                      const struct credentials_search *search, const struct credentials *keys,
                      const struct credentials_role *role, struct error *err)
{
    struct sigv4 *signer = sigv4_new();
    struct credentials_request request = {.method = "POST",
                                          .url = buffer_slice(&call->url),
                                          .body = buffer_slice(&call->body),
                                          .timeout = TIMEOUT};
    credentials_add_header(&request, "Content-Type", slice_of("application/x-www-form-urlencoded"));
    bool ok = (!keys || sign(signer, call, search, keys, &request, err)) &&
              credentials_fetch(search, &request, true, &call->status, &call->answer, err) &&
              read_answer(out, call, role, err);
    sigv4_free(signer);
    return ok;
}

bool credentials_assume_role(struct credentials *out, const struct credentials_search *search,
                             const struct credentials *base, const struct credentials_role *role,
                             struct error *err)
{
    struct call call;
    bool ok = open_call(&call, search, "AssumeRole", err) && add_role(&call, search, role, err) &&
              send_call(out, &call, search, base, role, err);
    close_call(&call);
    return ok;
}

bool credentials_assume_with_token(struct credentials *out, const struct credentials_search *search,
                                   struct slice token, const struct credentials_role *role,
                                   struct error *err)
{
    struct call call;
    bool ok = open_call(&call, search, "AssumeRoleWithWebIdentity", err) &&
              add_role(&call, search, role, err) && add(&call, "WebIdentityToken", token, err) &&
              send_call(out, &call, search, NULL, role, err);
    close_call(&call);
    return ok;
}

bool credentials_assume_web_identity(struct credentials *out,
                                     const struct credentials_search *search,
                                     struct slice token_file, const struct credentials_role *role,
                                     struct error *err)
{
    struct buffer token = {0};
    bool ok = credentials_read_token(search, token_file, &token, err) &&
              credentials_assume_with_token(out, search, buffer_slice(&token), role, err);
    secret_clear(&token);
    return ok;
}
