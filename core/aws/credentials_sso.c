/* Keys for a role in IAM Identity Center, by the token that `aws sso login` left behind. */
#include "aws/credentials_inside.h"
#include "aws/uri.h"
#include "base/time.h"

#include <openssl/evp.h>

#include <assert.h>

enum { TIMEOUT = 10000, URL_MAX = 4096, SHA1_SIZE = 20, VALUE_MAX = 1 << 20 };

static const struct settings_service portal = {"portal.sso", "SSO", "sso"};

struct login {
    const struct credentials_search *search;
    const struct profiles_section *profile; /* says who */
    const struct profiles_section *where;   /* says the region and the start URL */
    struct slice cached_by;                 /* what the token's file is named after */
    struct buffer path, url, body;
    struct buffer token; /* the access token in it */
};

static struct slice property(const struct profiles_section *section, const char *name)
{
    const struct slice *value = profiles_get(section, name);
    return value ? *value : (struct slice){"", 0};
}

static bool write_path(struct login *login, struct error *err)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    struct slice home = settings_get(login->search->settings, "HOME", NULL);
    int ok = EVP_Digest(login->cached_by.data, login->cached_by.size, sum, &size, EVP_sha1(), NULL);
    assert(ok == 1 && size == SHA1_SIZE);
    if (!buffer_append(&login->path, home, err) ||
        !buffer_append_text(&login->path, "/.aws/sso/cache/", err))
        return false;
    for (unsigned int i = 0; i < size; i++) {
        if (!buffer_append_format(&login->path, err, "%02x", sum[i]))
            return false;
    }
    return buffer_append_text(&login->path, ".json", err);
}

static bool log_in_again(const struct login *login, struct error *err)
{
    struct error before = *err;
    return error_set(err, ERROR_INVALID, "%s; log in with: aws sso login --profile %s",
                     before.message, login->profile->name.data);
}

static bool take_token(struct login *login, const struct value *value, struct error *err)
{
    int64_t expires = 0;
    struct slice token = value_get_slice(value, "accessToken", "");
    struct slice until = value_get_slice(value, "expiresAt", "");
    if (token.size == 0 || !time_parse_instant(&expires, until, err))
        return error_set(err, ERROR_INVALID, "%s holds no SSO token", login->path.data);
    if (expires <= login->search->io->now(login->search->io))
        return error_set(err, ERROR_INVALID, "the SSO session ended at %.*s",
                         (int)(until.size > 40 ? 40 : until.size), until.data);
    return secret_open(&login->token, token.size, err) && buffer_append(&login->token, token, err);
}

static bool parse_token(struct login *login, struct slice text, struct error *err)
{
    struct value value = value_null();
    struct pool pool;
    pool_init(&pool, VALUE_MAX);
    bool ok = value_parse(&value, text, false, &pool, err)
                  ? take_token(login, &value, err)
                  : error_set(err, ERROR_INVALID, "%s is no JSON", login->path.data);
    secret_wipe_value(&value);
    pool_clear(&pool);
    return ok;
}

static bool read_login(struct login *login, struct error *err)
{
    struct buffer text = {0};
    bool ok = write_path(login, err) &&
              credentials_read_token(login->search, buffer_slice(&login->path), &text, err) &&
              parse_token(login, buffer_slice(&text), err);
    secret_clear(&text);
    return ok || log_in_again(login, err);
}

static bool write_url(struct login *login, struct error *err)
{
    struct buffer *url = &login->url;
    return settings_endpoint(login->search->settings, &portal, property(login->where, "sso_region"),
                             url, err) &&
           buffer_append_text(url, "/federation/credentials?role_name=", err) &&
           uri_encode(property(login->profile, "sso_role_name"), url, err) &&
           buffer_append_text(url, "&account_id=", err) &&
           uri_encode(property(login->profile, "sso_account_id"), url, err);
}

static bool ask(struct credentials *out, struct login *login, struct error *err)
{
    static const struct credentials_names names = {"accessKeyId", "secretAccessKey", "sessionToken",
                                                   "accountId", "expiration"};
    struct credentials_request request = {
        .method = "GET", .url = buffer_slice(&login->url), .timeout = TIMEOUT};
    int status = 0;
    credentials_add_header(&request, "x-amz-sso_bearer_token", buffer_slice(&login->token));
    if (!secret_open(&login->body, CREDENTIALS_BODY_MAX, err))
        return false;
    if (!credentials_fetch(login->search, &request, true, &status, &login->body, err))
        return error_wrap(err, "asking IAM Identity Center for keys");
    if (status == 401)
        return error_set(err, ERROR_INVALID, "the SSO session is over (HTTP 401)") ||
               log_in_again(login, err);
    if (status != 200)
        return error_set(err, ERROR_INVALID,
                         "IAM Identity Center answered HTTP %d for role %s in account %s", status,
                         property(login->profile, "sso_role_name").data,
                         property(login->profile, "sso_account_id").data);
    return credentials_set_json(out, buffer_slice(&login->body), &names, "sso",
                                property(login->profile, "sso_account_id"), err);
}

bool credentials_from_sso(struct credentials *out, const struct credentials_search *search,
                          const struct credentials_chain *chain, struct error *err)
{
    struct login login = {.search = search,
                          .profile = chain->section,
                          .where = chain->session ? chain->session : chain->section,
                          .path = {.max = URL_MAX},
                          .url = {.max = URL_MAX}};
    if (property(login.profile, "sso_role_name").size == 0)
        return error_set(err, ERROR_INVALID,
                         "profile `%s`: the selected profile will resolve an access token instead "
                         "of credentials: it needs sso_account_id and sso_role_name",
                         login.profile->name.data);
    login.cached_by = chain->session ? chain->session->name
                                     : property(login.where, "sso_start_url");
    bool ok = read_login(&login, err) && write_url(&login, err) && ask(out, &login, err);
    buffer_clear(&login.path);
    buffer_clear(&login.url);
    secret_clear(&login.body);
    secret_clear(&login.token);
    return ok;
}
