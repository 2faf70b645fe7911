/* Keys from the container's agent: ECS, EKS Pod Identity. */
#include "aws/credentials_inside.h"
#include "aws/text.h"

#include <string.h>

enum { TIMEOUT = 2000, URL_MAX = 2048 };

static const char agent[] = "http://169.254.170.2";

static bool is_visible(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    }
    return true;
}

/* "host" or "[address]", without a port. */
static struct slice host_of(struct slice url)
{
    const char *from = memmem(url.data, url.size, "://", 3);
    if (!from)
        return (struct slice){"", 0};
    from += 3;
    size_t size = url.size - (size_t)(from - url.data);
    const char *close = size > 0 && *from == '[' ? memchr(from, ']', size) : NULL;
    size_t closed = close ? (size_t)(close - from) + 1 : 0;
    if (closed > 0 && (closed == size || strchr("/?#:", from[closed])))
        return (struct slice){from, closed};
    size_t used = 0;
    while (used < size && !strchr("/?#:@", from[used]))
        used++;
    bool user = memchr(from, '@', size) != NULL; /* what stands before it would pass for the host */
    return (struct slice){from, user ? 0 : used};
}

/* Four numbers, so that 127.evil.example is none. */
static bool is_loopback_number(struct slice host)
{
    int dots = 0;
    if (!text_starts(host, "127."))
        return false;
    for (size_t i = 0; i < host.size; i++) {
        if (host.data[i] == '.')
            dots++;
        else if (host.data[i] < '0' || host.data[i] > '9')
            return false;
    }
    return dots == 3;
}

/* Without TLS a token goes to this machine and to the agents' fixed addresses only. */
static bool may_be_plain(struct slice host)
{
    static const char *const hosts[] = {"localhost", "[::1]", "169.254.170.2", "169.254.170.23",
                                        "[fd00:ec2::23]"};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        if (slice_is(host, hosts[i]))
            return true;
    }
    return is_loopback_number(host);
}

static bool check_full(struct slice url, struct error *err)
{
    struct slice host = host_of(url);
    if (!is_visible(url) || host.size == 0)
        return error_set(err, ERROR_INVALID,
                         "AWS_CONTAINER_CREDENTIALS_FULL_URI: URI did not specify a host");
    if (text_starts(url, "https://") || (text_starts(url, "http://") && may_be_plain(host)))
        return true;
    return error_set(err, ERROR_INVALID,
                     "AWS_CONTAINER_CREDENTIALS_FULL_URI: %.*s is neither https nor this machine",
                     (int)host.size, host.data);
}

enum credentials_found credentials_container_url(const struct settings *settings,
                                                 struct buffer *url, struct error *err)
{
    struct slice relative = settings_get(settings, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", NULL);
    struct slice full = settings_get(settings, "AWS_CONTAINER_CREDENTIALS_FULL_URI", NULL);
    bool ok = true;
    if (relative.size == 0 && full.size == 0) {
        error_set(err, ERROR_INVALID,
                  "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and _FULL_URI are not set");
        return CREDENTIALS_NONE;
    }
    if (relative.size > 0 && (relative.data[0] != '/' || !is_visible(relative)))
        ok = error_set(err, ERROR_INVALID, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI is not a path");
    else if (relative.size > 0)
        ok = buffer_append_text(url, agent, err) && buffer_append(url, relative, err);
    else
        ok = check_full(full, err) && buffer_append(url, full, err);
    return ok ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
}

/* The token, read anew each time since it changes; none is needed for ECS. */
static bool read_authorization(const struct credentials_search *search, struct buffer *token,
                               struct error *err)
{
    struct slice file = settings_get(search->settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
                                     NULL);
    struct slice given = settings_get(search->settings, "AWS_CONTAINER_AUTHORIZATION_TOKEN", NULL);
    if (file.size > 0 && !credentials_read_token(search, file, token, err))
        return false;
    if (file.size == 0 && given.size > 0 &&
        !(secret_open(token, given.size, err) && buffer_append(token, given, err)))
        return false;
    for (size_t i = 0; i < token->size; i++) {
        if (token->data[i] == '\r' || token->data[i] == '\n')
            return error_set(err, ERROR_INVALID, "the container's token has more than one line");
    }
    return true;
}

static bool ask(struct credentials *out, const struct credentials_search *search, struct slice url,
                struct slice token, struct buffer *body, struct error *err)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "Token",
                                                   "AccountId", "Expiration"};
    struct credentials_request request = {.method = "GET", .url = url, .timeout = TIMEOUT};
    int status = 0;
    credentials_add_header(&request, "Accept", slice_of("application/json"));
    if (token.size > 0)
        credentials_add_header(&request, "Authorization", token);
    if (!credentials_fetch(search, &request, true, &status, body, err))
        return error_wrap(err, "asking the container's agent for keys");
    if (status != 200)
        return error_set(err, ERROR_INVALID, "the container's agent answered HTTP %d", status);
    return credentials_set_json(out, buffer_slice(body), &names, "container", (struct slice){"", 0},
                                err);
}

enum credentials_found credentials_from_container(struct credentials *out,
                                                  const struct credentials_search *search,
                                                  struct error *err)
{
    struct buffer url = {.max = URL_MAX};
    struct buffer token = {0};
    struct buffer body = {0};
    enum credentials_found found = credentials_container_url(search->settings, &url, err);
    if (found == CREDENTIALS_FOUND &&
        !(read_authorization(search, &token, err) &&
          secret_open(&body, CREDENTIALS_BODY_MAX, err) &&
          ask(out, search, buffer_slice(&url), buffer_slice(&token), &body, err)))
        found = CREDENTIALS_FAILED;
    buffer_clear(&url);
    secret_clear(&token);
    secret_clear(&body);
    return found;
}
