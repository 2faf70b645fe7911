/* Keys for a job of GitHub Actions: its token for OpenID Connect, minted anew each time, is traded
 * for a role. So the keys can be had again for as long as the job runs. */
#include "aws/credentials_inside.h"
#include "aws/uri.h"

#include <string.h>

enum { TIMEOUT = 10000, URL_MAX = 4096, AUTHORIZATION_MAX = (16 << 10) - 1, VALUE_MAX = 1 << 20 };

struct job {
    const struct credentials_search *search;
    struct buffer url;
    struct buffer authorization;
    struct buffer answer;
    struct buffer token;
};

static bool write_url(struct job *job, struct error *err)
{
    static const char start[] = "https://";
    struct slice url = settings_get(job->search->settings, "ACTIONS_ID_TOKEN_REQUEST_URL", NULL);
    bool query = url.size > 0 && memchr(url.data, '?', url.size);
    if (url.size < sizeof start || memcmp(url.data, start, sizeof start - 1) != 0)
        return error_set(err, ERROR_INVALID, "ACTIONS_ID_TOKEN_REQUEST_URL is no https URL");
    return buffer_append(&job->url, url, err) &&
           buffer_append_text(&job->url, query ? "&audience=" : "?audience=", err) &&
           uri_encode(slice_of("sts.amazonaws.com"), &job->url, err);
}

static bool write_authorization(struct job *job, struct error *err)
{
    struct slice token = settings_get(job->search->settings, "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
                                      NULL);
    return secret_open(&job->authorization, AUTHORIZATION_MAX, err) &&
           buffer_append_text(&job->authorization, "Bearer ", err) &&
           buffer_append(&job->authorization, token, err);
}

static bool take_token(struct job *job, struct error *err)
{
    struct value value = value_null();
    struct pool pool;
    pool_init(&pool, VALUE_MAX);
    bool ok = value_parse(&value, buffer_slice(&job->answer), false, &pool, err);
    struct slice token = value_get_slice(&value, "value", "");
    if (!ok || token.size == 0)
        ok = error_set(err, ERROR_INVALID, "GitHub's answer holds no token");
    else
        ok = secret_open(&job->token, CREDENTIALS_TOKEN_MAX, err) &&
             buffer_append(&job->token, token, err);
    secret_wipe_value(&value);
    pool_clear(&pool);
    return ok;
}

static bool mint(struct job *job, struct error *err)
{
    int status = 0;
    struct credentials_request request = {.method = "GET", .timeout = TIMEOUT};
    if (!write_url(job, err) || !write_authorization(job, err) ||
        !secret_open(&job->answer, CREDENTIALS_BODY_MAX, err))
        return false;
    request.url = buffer_slice(&job->url);
    credentials_add_header(&request, "Accept", slice_of("application/json"));
    credentials_add_header(&request, "Authorization", buffer_slice(&job->authorization));
    if (!credentials_fetch(job->search, &request, true, &status, &job->answer, err))
        return error_wrap(err, "asking GitHub for the job's token");
    if (status != 200)
        return error_set(err, ERROR_INVALID,
                         "GitHub refused the job's token (HTTP %d): does the job have "
                         "`permissions: id-token: write`?",
                         status);
    return take_token(job, err);
}

static void clear(struct job *job)
{
    buffer_clear(&job->url);
    secret_clear(&job->authorization);
    secret_clear(&job->answer);
    secret_clear(&job->token);
}

enum credentials_found credentials_from_github(struct credentials *out,
                                               const struct credentials_search *search,
                                               struct error *err)
{
    const struct settings *settings = search->settings;
    struct job job = {.search = search, .url = {.max = URL_MAX}};
    struct credentials_role role = {
        .arn = settings_get(settings, "AWS_ROLE_ARN", NULL),
        .session_name = settings_get(settings, "AWS_ROLE_SESSION_NAME", NULL),
    };
    if (settings_get(settings, "ACTIONS_ID_TOKEN_REQUEST_URL", NULL).size == 0 ||
        settings_get(settings, "ACTIONS_ID_TOKEN_REQUEST_TOKEN", NULL).size == 0 ||
        role.arn.size == 0) {
        error_set(err, ERROR_INVALID,
                  "ACTIONS_ID_TOKEN_REQUEST_URL and _TOKEN and AWS_ROLE_ARN are not all set");
        return CREDENTIALS_NONE;
    }
    bool ok = mint(&job, err) &&
              credentials_assume_with_token(out, search, buffer_slice(&job.token), &role, err);
    clear(&job);
    return ok ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
}
