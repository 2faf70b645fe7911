/* Signs a request: its canonical form, what is signed of it, the header. */
#include "aws/secret.h"
#include "aws/sigv4.h"
#include "aws/sigv4_key.h"
#include "aws/uri.h"
#include "base/digest.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 16 << 20 };

static const char algorithm[] = "AWS4-HMAC-SHA256";

struct sigv4 {
    struct sigv4_keys keys;
    struct buffer names; /* of the signed headers */
    struct buffer scope;
    struct buffer query; /* when presigning: to be signed, then to be sent */
    struct buffer canonical;
    struct buffer to_sign;
    struct buffer authorization;
    char time[SIGV4_TIME_SIZE + 1];
    char payload_hash[DIGEST_HEX_SIZE + 1];
    char signature[SIGV4_HEX_SIZE + 1];
};

enum { BUFFER_COUNT = 6 };

static void list_buffers(struct sigv4 *signer, struct buffer *list[BUFFER_COUNT])
{
    struct buffer *const all[BUFFER_COUNT] = {&signer->names,   &signer->scope,
                                              &signer->query,   &signer->canonical,
                                              &signer->to_sign, &signer->authorization};
    memcpy(list, all, sizeof all);
}

struct sigv4 *sigv4_new(void)
{
    struct buffer *buffers[BUFFER_COUNT];
    struct sigv4 *signer = calloc(1, sizeof *signer);
    if (!signer)
        abort();
    sigv4_keys_init(&signer->keys);
    list_buffers(signer, buffers);
    for (size_t i = 0; i < BUFFER_COUNT; i++)
        buffer_init(buffers[i], TEXT_MAX);
    return signer;
}

void sigv4_free(struct sigv4 *signer)
{
    struct buffer *buffers[BUFFER_COUNT];
    if (!signer)
        return;
    list_buffers(signer, buffers);
    for (size_t i = 0; i < BUFFER_COUNT; i++)
        secret_clear(buffers[i]);
    sigv4_keys_clear(&signer->keys);
    free(signer);
}

/* --- steps --- */

bool sigv4_time(char text[SIGV4_TIME_SIZE + 1], const struct sigv4_config *config,
                struct error *err)
{
    static const int64_t year_10000 = INT64_C(253402300800000);
    char instant[32];
    size_t used = 0;
    int64_t offset = config->clock_offset;
    if (config->now < 0 || config->now >= year_10000 || offset < -config->now ||
        offset >= year_10000 - config->now)
        return error_set(err, ERROR_INVALID, "the time of signing is not between 1970 and 9999");
    time_format_instant(instant, config->now + offset);
    for (const char *c = instant; *c && used < SIGV4_TIME_SIZE - 1; c++) {
        if (*c != '-' && *c != ':')
            text[used++] = *c;
    }
    memcpy(text + used, "Z", 2);
    return true;
}

bool sigv4_scope(const char *time, const struct sigv4_config *config, struct buffer *out,
                 struct error *err)
{
    return buffer_append(out, (struct slice){time, 8}, err) && buffer_append_text(out, "/", err) &&
           buffer_append(out, config->region, err) && buffer_append_text(out, "/", err) &&
           buffer_append(out, config->service, err) &&
           buffer_append_text(out, "/aws4_request", err);
}

bool sigv4_string_to_sign(const char *time, struct slice scope, struct slice canonical_request,
                          struct buffer *out, struct error *err)
{
    char hash[DIGEST_HEX_SIZE + 1];
    digest_hex(hash, &canonical_request, 1);
    return buffer_append_text(out, algorithm, err) && buffer_append_text(out, "\n", err) &&
           buffer_append_text(out, time, err) && buffer_append_text(out, "\n", err) &&
           buffer_append(out, scope, err) && buffer_append_text(out, "\n", err) &&
           buffer_append_text(out, hash, err);
}

/* --- what is refused --- */

/* Visible ASCII arrives as it was sent, in a header as in a URL. */
static bool is_visible(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    }
    return true;
}

static bool check_part(struct slice part, bool required, const char *what, struct error *err)
{
    if (required && part.size == 0)
        return error_set(err, ERROR_INVALID, "signing without %s", what);
    return is_visible(part) ||
           error_set(err, ERROR_INVALID, "%s holds blanks, control or non-ASCII characters", what);
}

static bool check_config(const struct sigv4_config *config, struct error *err)
{
    return check_part(config->access_key, true, "an access key ID", err) &&
           check_part(config->session_token, false, "the session token", err) &&
           check_part(config->region, true, "a region", err) &&
           check_part(config->service, true, "a service", err);
}

static bool is_ours(struct slice name)
{
    static const char *const ours[] = {"authorization", "x-amz-date", "x-amz-security-token",
                                       "x-amz-content-sha256"};
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        if (name.size == strlen(ours[i]) && strncasecmp(name.data, ours[i], name.size) == 0)
            return true;
    }
    return false;
}

static bool check_request(const struct sigv4_request *request, struct error *err)
{
    if (request->method.size == 0 || !is_visible(request->method))
        return error_set(err, ERROR_INVALID, "a request to be signed has no proper method");
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice name = request->headers[i].name;
        if (is_ours(name))
            return error_set(err, ERROR_INVALID, "the header %.*s is the signer's to write",
                             (int)name.size, name.data);
    }
    return true;
}

/* --- what signing by header and by query share --- */

/* Room for all at once: growing would leave copies of the session token behind. */
static bool renew(struct buffer *buffer, size_t size, struct error *err)
{
    if (buffer->capacity <= size) {
        secret_clear(buffer);
    }
    buffer_empty(buffer);
    return buffer_reserve(buffer, size, err) != NULL;
}

static size_t size_of(const struct sigv4_request *request, const struct sigv4_config *config)
{
    size_t size = 3 * (request->path.size + request->query.size + config->session_token.size +
                       config->access_key.size + config->region.size + config->service.size) +
                  2048;
    for (size_t i = 0; i < request->header_count; i++)
        size += 4 * request->headers[i].name.size + request->headers[i].value.size + 4;
    return size;
}

static bool prepare(struct sigv4 *signer, const struct sigv4_request *request,
                    const struct sigv4_config *config, struct error *err)
{
    struct buffer *buffers[BUFFER_COUNT];
    if (!check_config(config, err) || !check_request(request, err) ||
        !sigv4_time(signer->time, config, err))
        return false;
    size_t size = size_of(request, config);
    list_buffers(signer, buffers);
    for (size_t i = 0; i < BUFFER_COUNT; i++)
        buffer_empty(buffers[i]);
    if (!renew(&signer->query, size, err) || !renew(&signer->canonical, 3 * size, err))
        return false;
    if (config->unsigned_payload)
        memcpy(signer->payload_hash, "UNSIGNED-PAYLOAD", sizeof "UNSIGNED-PAYLOAD");
    else
        digest_hex(signer->payload_hash, &request->body, 1);
    return sigv4_scope(signer->time, config, &signer->scope, err);
}

/* From the request as it is to be signed to the signature. */
static bool compute(struct sigv4 *signer, const struct sigv4_request *request,
                    const struct sigv4_config *config, struct error *err)
{
    if (!sigv4_canonical_request(request, config, slice_of(signer->payload_hash),
                                 &signer->canonical, err) ||
        !sigv4_string_to_sign(signer->time, buffer_slice(&signer->scope),
                              buffer_slice(&signer->canonical), &signer->to_sign, err))
        return false;
    const unsigned char *key = sigv4_keys_get(&signer->keys, (struct slice){signer->time, 8},
                                              config, err);
    if (!key)
        return false;
    sigv4_signature_of(signer->signature, key, buffer_slice(&signer->to_sign));
    return true;
}

static void hand_out(const struct sigv4 *signer, struct sigv4_signature *out)
{
    out->canonical_request = buffer_slice(&signer->canonical);
    out->string_to_sign = buffer_slice(&signer->to_sign);
    out->signed_headers = buffer_slice(&signer->names);
    out->signature = slice_of(signer->signature);
}

/* --- by header --- */

static void add(struct sigv4_signature *out, const char *name, struct slice value)
{
    out->headers[out->header_count++] = (struct sigv4_header){slice_of(name), value};
}

static bool write_authorization(struct sigv4 *signer, const struct sigv4_config *config,
                                struct error *err)
{
    struct buffer *out = &signer->authorization;
    return buffer_append_text(out, algorithm, err) &&
           buffer_append_text(out, " Credential=", err) &&
           buffer_append(out, config->access_key, err) && buffer_append_text(out, "/", err) &&
           buffer_append(out, buffer_slice(&signer->scope), err) &&
           buffer_append_text(out, ", SignedHeaders=", err) &&
           buffer_append(out, buffer_slice(&signer->names), err) &&
           buffer_append_text(out, ", Signature=", err) &&
           buffer_append_text(out, signer->signature, err);
}

bool sigv4_sign(struct sigv4 *signer, const struct sigv4_request *request,
                const struct sigv4_config *config, struct sigv4_signature *out, struct error *err)
{
    struct sigv4_header headers[SIGV4_HEADERS_MAX];
    struct sigv4_request whole = *request;
    *out = (struct sigv4_signature){.query = request->query};
    if (request->header_count > SIGV4_HEADERS_MAX - 3)
        return error_set(err, ERROR_LIMIT, "more than %d headers", SIGV4_HEADERS_MAX - 3);
    if (!prepare(signer, request, config, err))
        return false;
    if (config->session_token.size > 0)
        add(out, "X-Amz-Security-Token", config->session_token);
    size_t skipped = config->unsigned_token ? out->header_count : 0;
    add(out, "X-Amz-Date", slice_of(signer->time));
    if (config->content_sha256)
        add(out, "x-amz-content-sha256", slice_of(signer->payload_hash));
    if (request->header_count > 0)
        memcpy(headers, request->headers, request->header_count * sizeof *headers);
    memcpy(headers + request->header_count, out->headers + skipped,
           (out->header_count - skipped) * sizeof *headers);
    whole.headers = headers;
    whole.header_count += out->header_count - skipped;
    if (!sigv4_signed_headers(&whole, &signer->names, err) ||
        !compute(signer, &whole, config, err) || !write_authorization(signer, config, err))
        return false;
    add(out, "Authorization", buffer_slice(&signer->authorization));
    hand_out(signer, out);
    return true;
}

/* --- by query --- */

static bool add_parameter(struct buffer *query, const char *name, struct slice value,
                          struct error *err)
{
    return (query->size == 0 || buffer_append_text(query, "&", err)) &&
           buffer_append_text(query, name, err) && buffer_append_text(query, "=", err) &&
           uri_encode(value, query, err);
}

static bool add_credential(struct sigv4 *signer, const struct sigv4_config *config,
                           struct error *err)
{
    return add_parameter(&signer->query, "X-Amz-Credential", config->access_key, err) &&
           uri_encode(slice_of("/"), &signer->query, err) &&
           uri_encode(buffer_slice(&signer->scope), &signer->query, err);
}

static bool add_token(struct sigv4 *signer, const struct sigv4_config *config, struct error *err)
{
    return config->session_token.size == 0 ||
           add_parameter(&signer->query, "X-Amz-Security-Token", config->session_token, err);
}

static bool write_query(struct sigv4 *signer, const struct sigv4_request *request,
                        const struct sigv4_config *config, struct error *err)
{
    char expires[24];
    snprintf(expires, sizeof expires, "%" PRId64, config->expires);
    struct buffer *query = &signer->query;
    return buffer_append(query, request->query, err) &&
           add_parameter(query, "X-Amz-Algorithm", slice_of(algorithm), err) &&
           add_credential(signer, config, err) &&
           add_parameter(query, "X-Amz-Date", slice_of(signer->time), err) &&
           add_parameter(query, "X-Amz-SignedHeaders", buffer_slice(&signer->names), err) &&
           add_parameter(query, "X-Amz-Expires", slice_of(expires), err) &&
           (config->unsigned_token || add_token(signer, config, err));
}

static bool is_presigned(struct slice query)
{
    static const char name[] = "X-Amz-Signature=";
    return query.size > 0 && memmem(query.data, query.size, name, sizeof name - 1) != NULL;
}

static bool check_presigning(const struct sigv4_request *request, const struct sigv4_config *config,
                             struct error *err)
{
    if (is_presigned(request->query))
        return error_set(err, ERROR_INVALID, "a request to be presigned is presigned already");
    if (config->expires < 1 || config->expires > SIGV4_EXPIRES_MAX)
        return error_set(err, ERROR_INVALID,
                         "a presigned URL is good for 1 to %d seconds, not %" PRId64,
                         SIGV4_EXPIRES_MAX, config->expires);
    return true;
}

bool sigv4_presign(struct sigv4 *signer, const struct sigv4_request *request,
                   const struct sigv4_config *config, struct sigv4_signature *out,
                   struct error *err)
{
    struct sigv4_request whole = *request;
    *out = (struct sigv4_signature){0};
    if (!check_presigning(request, config, err) || !prepare(signer, request, config, err) ||
        !sigv4_signed_headers(request, &signer->names, err) ||
        !write_query(signer, request, config, err))
        return false;
    whole.query = buffer_slice(&signer->query);
    if (!compute(signer, &whole, config, err) ||
        (config->unsigned_token && !add_token(signer, config, err)) ||
        !add_parameter(&signer->query, "X-Amz-Signature", slice_of(signer->signature), err))
        return false;
    hand_out(signer, out);
    out->query = buffer_slice(&signer->query);
    return true;
}
