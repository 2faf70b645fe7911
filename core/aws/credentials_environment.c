/* Keys of the environment, or that a profile takes from it. */
#include "aws/credentials_inside.h"
#include "base/time.h"

enum credentials_found credentials_from_environment(struct credentials *out,
                                                    const struct credentials_search *search,
                                                    struct error *err)
{
    const struct settings *settings = search->settings;
    struct credentials found = {.provider = "environment"};
    found.access_key = settings_get(settings, "AWS_ACCESS_KEY_ID", NULL);
    found.secret_key = settings_get(settings, "AWS_SECRET_ACCESS_KEY", NULL);
    found.session_token = settings_get(settings, "AWS_SESSION_TOKEN", NULL);
    found.account = settings_get(settings, "AWS_ACCOUNT_ID", NULL);
    struct slice expires = settings_get(settings, "AWS_CREDENTIAL_EXPIRATION", NULL);
    if (found.access_key.size == 0 && found.secret_key.size == 0) {
        error_set(err, ERROR_INVALID, "AWS_ACCESS_KEY_ID is not set");
        return CREDENTIALS_NONE;
    }
    if (found.access_key.size == 0 || found.secret_key.size == 0) {
        error_set(err, ERROR_INVALID, "%s is set and %s is not",
                  found.access_key.size ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                  found.access_key.size ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
        return CREDENTIALS_FAILED;
    }
    if (expires.size > 0 && !time_parse_instant(&found.expires, expires, err)) {
        error_wrap(err, "AWS_CREDENTIAL_EXPIRATION");
        return CREDENTIALS_FAILED;
    }
    return credentials_set(out, &found, err) ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
}
