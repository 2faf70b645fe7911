/* Keys of the machine's own role: IMDSv2. */
#include "aws/credentials_inside.h"
#include "aws/text.h"

#include <string.h>

enum { URL_MAX = 1024, ROLE_MAX = 256, DEFAULT_TIMEOUT = 1000, TIMEOUT_MAX = 60 };

static const char roles_path[] = "/latest/meta-data/iam/security-credentials/";

/* --- where the metadata service is --- */

static bool is_url(struct slice text)
{
    static const char *const schemes[] = {"http://", "https://"};
    bool known = false;
    for (size_t i = 0; i < 2; i++) {
        size_t size = strlen(schemes[i]);
        known = known || (text.size > size && memcmp(text.data, schemes[i], size) == 0);
    }
    for (size_t i = 0; known && i < text.size; i++)
        known = text.data[i] > ' ' && text.data[i] <= '~';
    return known;
}

static bool append_by_mode(const struct settings *settings, struct slice mode, struct buffer *url,
                           struct error *err)
{
    if (mode.size == 0)
        mode = settings_get(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE",
                            "ec2_metadata_service_endpoint_mode");
    if (mode.size == 0 || text_equal_names(mode, slice_of("ipv4")))
        return buffer_append_text(url, "http://169.254.169.254", err);
    if (text_equal_names(mode, slice_of("ipv6")))
        return buffer_append_text(url, "http://[fd00:ec2::254]", err);
    return error_set(err, ERROR_INVALID,
                     "`%.*s` is not a valid endpoint mode for the instance's metadata: IPv4 or "
                     "IPv6",
                     (int)mode.size, mode.data);
}

bool credentials_instance_url(const struct settings *settings, struct slice endpoint,
                              struct slice mode, struct buffer *url, struct error *err)
{
    if (endpoint.size == 0)
        endpoint = settings_get(settings, "AWS_EC2_METADATA_SERVICE_ENDPOINT",
                                "ec2_metadata_service_endpoint");
    while (endpoint.size > 0 && endpoint.data[endpoint.size - 1] == '/')
        endpoint.size--;
    if (endpoint.size == 0)
        return append_by_mode(settings, mode, url, err);
    return is_url(endpoint)
               ? buffer_append(url, endpoint, err)
               : error_set(err, ERROR_INVALID, "the endpoint of the instance's metadata is no URL");
}

/* --- asking the metadata service --- */

struct instance {
    const struct credentials_search *search;
    struct buffer base; /* URL */
    struct buffer token;
    struct buffer body;
    int64_t timeout;
};

static int64_t timeout_of(const struct settings *settings)
{
    struct slice text = settings_get(settings, "AWS_METADATA_SERVICE_TIMEOUT",
                                     "metadata_service_timeout");
    int64_t seconds = 0;
    for (size_t i = 0; i < text.size && seconds <= TIMEOUT_MAX; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return DEFAULT_TIMEOUT;
        seconds = seconds * 10 + (text.data[i] - '0');
    }
    return seconds >= 1 && seconds <= TIMEOUT_MAX ? seconds * 1000 : DEFAULT_TIMEOUT;
}

/* Where nothing answers, this is no EC2 instance: that is not tried again. */
static bool ask(struct instance *instance, const char *method, const char *path, struct slice name,
                int *status, struct error *err)
{
    struct buffer url = {.max = URL_MAX};
    struct credentials_request request = {.method = method, .timeout = instance->timeout};
    if (instance->token.size > 0)
        credentials_add_header(&request, "x-aws-ec2-metadata-token",
                               buffer_slice(&instance->token));
    else
        credentials_add_header(&request, "x-aws-ec2-metadata-token-ttl-seconds", slice_of("21600"));
    bool ok = buffer_append(&url, buffer_slice(&instance->base), err) &&
              buffer_append_text(&url, path, err) && buffer_append(&url, name, err);
    request.url = buffer_slice(&url);
    ok = ok && credentials_fetch(instance->search, &request, false, status, &instance->body, err);
    buffer_clear(&url);
    return ok;
}

static enum credentials_found none(struct error *err, const char *why)
{
    error_set(err, ERROR_INVALID, "%s", why);
    return CREDENTIALS_NONE;
}

static enum credentials_found fetch_token(struct instance *instance, struct error *err)
{
    int status = 0;
    struct slice nothing = {"", 0};
    if (!ask(instance, "PUT", "/latest/api/token", nothing, &status, err))
        return CREDENTIALS_NONE;
    if (status == 403)
        return none(err, "the instance's metadata service is switched off (HTTP 403)");
    if (status != 200 || instance->body.size == 0)
        return none(err, "the instance's metadata service gives no IMDSv2 token");
    struct slice token = text_trim(buffer_slice(&instance->body));
    return secret_open(&instance->token, token.size, err) &&
                   buffer_append(&instance->token, token, err)
               ? CREDENTIALS_FOUND
               : CREDENTIALS_FAILED;
}

static enum credentials_found fetch_role(struct instance *instance, struct buffer *role,
                                         struct error *err)
{
    int status = 0;
    struct slice nothing = {"", 0};
    if (!ask(instance, "GET", roles_path, nothing, &status, err))
        return CREDENTIALS_FAILED;
    if (status == 404)
        return none(err, "this instance has no IAM role");
    struct slice rest = buffer_slice(&instance->body);
    struct slice name = text_trim(rest.size > 0 ? text_take_line(&rest) : rest);
    if (status != 200 || name.size == 0 || !text_is_name(name))
        return none(err, "the instance's metadata service names no IAM role");
    return buffer_append(role, name, err) ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
}

static enum credentials_found fetch_keys(struct credentials *out, struct instance *instance,
                                         struct slice role, struct error *err)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "Token",
                                                   "AccountId", "Expiration"};
    int status = 0;
    if (!ask(instance, "GET", roles_path, role, &status, err))
        return CREDENTIALS_FAILED;
    if (status != 200) {
        error_set(err, ERROR_INVALID,
                  "the instance's metadata service answered HTTP %d for its role", status);
        return CREDENTIALS_FAILED;
    }
    return credentials_set_json(out, buffer_slice(&instance->body), &names, "instance",
                                (struct slice){"", 0}, err)
               ? CREDENTIALS_FOUND
               : CREDENTIALS_FAILED;
}

static enum credentials_found fetch_all(struct credentials *out, struct instance *instance,
                                        struct error *err)
{
    struct buffer role = {.max = ROLE_MAX};
    enum credentials_found found = fetch_token(instance, err);
    if (found == CREDENTIALS_FOUND)
        found = fetch_role(instance, &role, err);
    if (found == CREDENTIALS_FOUND)
        found = fetch_keys(out, instance, buffer_slice(&role), err);
    buffer_clear(&role);
    return found;
}

enum credentials_found credentials_from_instance(struct credentials *out,
                                                 const struct credentials_search *search,
                                                 struct error *err)
{
    struct slice nothing = {"", 0};
    struct instance instance = {
        .search = search, .base = {.max = URL_MAX}, .timeout = timeout_of(search->settings)};
    if (settings_flag(search->settings, "AWS_EC2_METADATA_DISABLED", NULL))
        return none(err, "AWS_EC2_METADATA_DISABLED is set");
    enum credentials_found found = CREDENTIALS_FAILED;
    if (credentials_instance_url(search->settings, nothing, nothing, &instance.base, err) &&
        secret_open(&instance.body, CREDENTIALS_BODY_MAX, err))
        found = fetch_all(out, &instance, err);
    buffer_clear(&instance.base);
    secret_clear(&instance.token);
    secret_clear(&instance.body);
    return found;
}
