/* What sources of credentials share: memory, JSON that holds some, requests, token files. */
#include "aws/credentials_inside.h"

#include "base/time.h"

#include <stdlib.h>
#include <string.h>

enum { MINUTE = 60000, ADVISORY = 15 * MINUTE, MANDATORY = 10 * MINUTE };
enum { ATTEMPTS = 3, FIRST_PAUSE = 100, VALUE_MAX = 1 << 20 };

/* --- memory --- */

static char *put(char *at, struct slice *slice, struct slice from)
{
    if (from.size > 0)
        memcpy(at, from.data, from.size);
    at[from.size] = '\0';
    *slice = (struct slice){at, from.size};
    return at + from.size + 1;
}

bool credentials_set(struct credentials *out, const struct credentials *from, struct error *err)
{
    size_t size = from->access_key.size + from->secret_key.size + from->session_token.size +
                  from->account.size + 4;
    if (from->access_key.size == 0 || from->secret_key.size == 0)
        return error_set(err, ERROR_INVALID, "%s gave no access key ID or no secret access key",
                         from->provider);
    char *memory = malloc(size);
    if (!memory)
        return error_set(err, ERROR_LIMIT, "out of memory for %zu bytes", size);
    struct credentials made = {
        .expires = from->expires, .provider = from->provider, .memory = memory};
    char *at = put(memory, &made.access_key, from->access_key);
    at = put(at, &made.secret_key, from->secret_key);
    at = put(at, &made.session_token, from->session_token);
    put(at, &made.account, from->account);
    *out = made;
    return true;
}

void credentials_clear(struct credentials *credentials)
{
    secret_wipe_slice(credentials->secret_key);
    secret_wipe_slice(credentials->session_token);
    free(credentials->memory);
    *credentials = (struct credentials){0};
}

enum credentials_due credentials_due(const struct credentials *credentials, int64_t now)
{
    if (credentials->expires == 0 || credentials->expires - now > ADVISORY)
        return CREDENTIALS_FRESH;
    return credentials->expires - now > MANDATORY ? CREDENTIALS_ADVISORY : CREDENTIALS_MANDATORY;
}

/* --- JSON --- */

/* A time as text, or as milliseconds (SSO). */
static bool read_expires(int64_t *expires, const struct value *value, struct error *err)
{
    *expires = 0;
    if (!value || value->kind == VALUE_NULL)
        return true;
    if (value->kind == VALUE_INTEGER) {
        *expires = value->integer;
        return true;
    }
    return value->kind == VALUE_STRING && time_parse_instant(expires, value->string, err);
}

static bool set_from_value(struct credentials *out, const struct value *value,
                           const struct credentials_names *names, const char *provider,
                           struct slice account, struct error *err)
{
    struct credentials found = {.provider = provider};
    struct slice own = value_get_slice(value, names->account, "");
    if (value_get_integer(value, "Version", 1) != 1) /* of credential_process */
        return error_set(err, ERROR_INVALID, "%s speaks another version than 1", provider);
    found.access_key = value_get_slice(value, names->access_key, "");
    found.secret_key = value_get_slice(value, names->secret_key, "");
    found.session_token = value_get_slice(value, names->session_token, "");
    found.account = own.size > 0 ? own : account;
    if (!read_expires(&found.expires, value_get(value, names->expires), err))
        return error_set(err, ERROR_INVALID, "%s gave an %s that is no time", provider,
                         names->expires);
    return credentials_set(out, &found, err);
}

bool credentials_set_json(struct credentials *out, struct slice text,
                          const struct credentials_names *names, const char *provider,
                          struct slice account, struct error *err)
{
    struct value value = value_null();
    struct error inside;
    struct pool pool;
    pool_init(&pool, VALUE_MAX);
    bool ok = value_parse(&value, text, false, &pool, &inside);
    if (!ok) {
        error_set(err, ERROR_INVALID, "%s gave no JSON", provider); /* the rest may be a secret */
    } else {
        const struct value *wrapped = value_get(&value, "roleCredentials");
        ok = set_from_value(out, wrapped ? wrapped : &value, names, provider, account, err);
        secret_wipe_value(&value);
    }
    pool_clear(&pool);
    return ok;
}

/* --- the outside --- */

void credentials_add_header(struct credentials_request *request, const char *name,
                            struct slice value)
{
    if (request->header_count < CREDENTIALS_HEADERS_MAX)
        request->headers[request->header_count++] = (struct sigv4_header){slice_of(name), value};
}

bool credentials_fetch(const struct credentials_search *search,
                       const struct credentials_request *request, bool lost_too, int *status,
                       struct buffer *body, struct error *err)
{
    for (int attempt = 1;; attempt++) {
        secret_wipe(body);
        bool answered = search->io->exchange(search->io, request, status, body, err);
        bool again = answered ? *status == 429 || *status >= 500 : lost_too;
        if (!again || attempt == ATTEMPTS)
            return answered;
        search->io->pause(search->io, FIRST_PAUSE << (attempt - 1));
    }
}

bool credentials_read_token(const struct credentials_search *search, struct slice path,
                            struct buffer *out, struct error *err)
{
    char name[4096];
    if (path.size >= sizeof name)
        return error_set(err, ERROR_INVALID, "the path of a token file is too long");
    memcpy(name, path.data, path.size);
    name[path.size] = '\0';
    if (!secret_open(out, CREDENTIALS_TOKEN_MAX, err))
        return false;
    struct settings_files *files = search->io->files;
    if (files->read(files, name, out, err) != SETTINGS_FILE_READ)
        return error_wrap(err, "reading a token");
    while (out->size > 0 && strchr(" \t\r\n", out->data[out->size - 1]))
        out->size--;
    return out->size > 0 || error_set(err, ERROR_INVALID, "the token file %s is empty", name);
}
