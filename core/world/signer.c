/* Credentials over time, and signatures by them. */
#include "world/signer.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

struct signer {
    struct signer_params params;
    struct sigv4 *sigv4;
    struct credentials credentials;
    int keys; /* how often credentials were found; 0: not yet */
};

bool signer_new(struct signer **out, const struct signer_params *params, struct error *err)
{
    struct signer *signer = calloc(1, sizeof *signer);
    if (!signer)
        return error_set(err, ERROR_LIMIT, "out of memory for signatures");
    signer->params = *params;
    signer->sigv4 = sigv4_new();
    *out = signer;
    return true;
}

void signer_free(struct signer *signer)
{
    if (!signer)
        return;
    if (signer->keys)
        credentials_clear(&signer->credentials);
    sigv4_free(signer->sigv4);
    free(signer);
}

/* --- endpoints ------------------------------------------------------------------------------- */

enum { NAME_MAX_SIZE = 96 };

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

/* How the settings call a service. */
struct spelling {
    char variable[NAME_MAX_SIZE], property[NAME_MAX_SIZE], host[NAME_MAX_SIZE];
};

static struct settings_service spell_service(struct spelling *spelling,
                                             const struct signer_service *service)
{
    spell(spelling->variable, service->id, toupper);
    spell(spelling->property, service->id, tolower);
    snprintf(spelling->host, NAME_MAX_SIZE, "%.*s", (int)service->prefix.size,
             service->prefix.data);
    return (struct settings_service){spelling->host, spelling->variable, spelling->property};
}

struct slice signer_elsewhere(const struct signer *signer, const struct signer_service *service)
{
    struct spelling spelling;
    struct settings_service asked = spell_service(&spelling, service);
    return settings_elsewhere(signer->params.settings, &asked);
}

bool signer_endpoint(const struct signer *signer, const struct signer_service *service,
                     struct buffer *url, struct error *err)
{
    struct spelling spelling;
    struct settings_service asked = spell_service(&spelling, service);
    if (service->region.size == 0)
        return error_set(err, ERROR_INVALID,
                         "no region is configured: set AWS_REGION, or `region` in tidelock.lua or "
                         "the profile");
    return settings_endpoint(signer->params.settings, &asked, service->region, url, err);
}

/* --- keys ------------------------------------------------------------------------------------ */

static bool load(struct signer *signer, struct credentials *fresh, struct error *err)
{
    return credentials_load(fresh, signer->params.settings, signer->params.io, err);
}

static void take(struct signer *signer, const struct credentials *fresh)
{
    if (signer->keys)
        credentials_clear(&signer->credentials);
    signer->credentials = *fresh;
    signer->keys++;
}

/* Keys that have not ended, as far as is known; new ones in good time before they do. */
static bool have_keys(struct signer *signer, int64_t skew, struct error *err)
{
    struct credentials fresh;
    int64_t now = net_now(signer->params.net) + skew;
    enum credentials_due due = signer->keys ? credentials_due(&signer->credentials, now)
                                            : CREDENTIALS_MANDATORY;
    if (due == CREDENTIALS_FRESH)
        return true;
    if (!load(signer, &fresh, err))
        return due == CREDENTIALS_ADVISORY || error_wrap(err, "credentials");
    take(signer, &fresh);
    return true;
}

/* AWS does not take the keys any more: they ended before the time that they were given, or where
 * none was told. *any is whether there are others now; another request may have replaced them
 * while this one waited for new ones. */
static bool replace_keys(struct signer *signer, bool *any, struct error *err)
{
    struct credentials fresh;
    const struct credentials *old = &signer->credentials;
    int ended = signer->keys;
    if (!load(signer, &fresh, err))
        return false;
    bool other = !slice_equal(fresh.access_key, old->access_key) ||
                 !slice_equal(fresh.session_token, old->session_token);
    *any = other || signer->keys != ended;
    if (other)
        take(signer, &fresh);
    else
        credentials_clear(&fresh);
    return true;
}

/* --- signatures ------------------------------------------------------------------------------ */

static bool add_signature(struct signer_request *request, const struct sigv4_signature *signature,
                          struct error *err)
{
    for (size_t i = 0; i < signature->header_count; i++) {
        if (request->header_count == SIGV4_HEADERS_MAX)
            return error_set(err, ERROR_LIMIT, "a request with more than %d headers",
                             SIGV4_HEADERS_MAX);
        request->headers[request->header_count++] = (struct net_header){
            signature->headers[i].name, signature->headers[i].value};
    }
    return true;
}

static bool sign(struct signer *signer, struct signer_request *request,
                 const struct signer_scope *scope, struct error *err)
{
    struct sigv4_header headers[SIGV4_HEADERS_MAX];
    struct sigv4_signature signature;
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = (struct sigv4_header){request->headers[i].name, request->headers[i].value};
    struct sigv4_request unsigned_request = {request->method, request->path,         request->query,
                                             headers,         request->header_count, request->body};
    struct sigv4_config config = {
        .access_key = signer->credentials.access_key,
        .secret_key = signer->credentials.secret_key,
        .session_token = signer->credentials.session_token,
        .region = scope->region,
        .service = scope->service,
        .now = net_now(signer->params.net),
        .clock_offset = scope->skew,
    };
    return sigv4_sign(signer->sigv4, &unsigned_request, &config, &signature, err) &&
           add_signature(request, &signature, err);
}

bool signer_sign(struct signer *signer, struct signer_request *request,
                 const struct signer_scope *scope, int *keys, struct error *err)
{
    bool any = true;
    bool ended = scope->other_than != 0 && scope->other_than == signer->keys;
    *keys = 0;
    if (!(ended ? replace_keys(signer, &any, err) : have_keys(signer, scope->skew, err)))
        return false;
    if (!any)
        return true;
    *keys = signer->keys;
    return sign(signer, request, scope, err);
}
