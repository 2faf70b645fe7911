/* One source of credentials after another: the first that has some. */
#include "aws/credentials_inside.h"

static enum credentials_found from_keys(struct credentials *out,
                                        const struct credentials_search *search, struct error *err)
{
    if (!search->settings->chosen)
        return credentials_from_environment(out, search, err);
    error_set(err, ERROR_INVALID, "a profile was chosen");
    return CREDENTIALS_NONE;
}

static enum credentials_found
from_profile(struct credentials *out, const struct credentials_search *search, struct error *err)
{
    return credentials_from_profile(out, search->settings, search->io, err);
}

static enum credentials_found from_web_identity(struct credentials *out,
                                                const struct credentials_search *search,
                                                struct error *err)
{
    struct slice file = settings_get(search->settings, "AWS_WEB_IDENTITY_TOKEN_FILE", NULL);
    struct credentials_role role = {
        .arn = settings_get(search->settings, "AWS_ROLE_ARN", NULL),
        .session_name = settings_get(search->settings, "AWS_ROLE_SESSION_NAME", NULL),
    };
    if (file.size == 0) {
        error_set(err, ERROR_INVALID, "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
        return CREDENTIALS_NONE;
    }
    if (role.arn.size == 0) {
        error_set(err, ERROR_INVALID, "AWS_WEB_IDENTITY_TOKEN_FILE is set and AWS_ROLE_ARN is not");
        return CREDENTIALS_FAILED;
    }
    return credentials_assume_web_identity(out, search, file, &role, err) ? CREDENTIALS_FOUND
                                                                          : CREDENTIALS_FAILED;
}

bool credentials_load(struct credentials *out, const struct settings *settings,
                      struct credentials_io *io, struct error *err)
{
    static const struct {
        const char *name;
        enum credentials_found (*find)(struct credentials *, const struct credentials_search *,
                                       struct error *);
    } providers[] = {
        {"environment", from_keys},
        {"profile", from_profile},
        {"web identity", from_web_identity},
        {"GitHub", credentials_from_github},
        {"container", credentials_from_container},
        {"instance", credentials_from_instance},
    };
    struct credentials_search search = {settings, io};
    struct buffer reasons = {.max = ERROR_MESSAGE_MAX};
    struct error ignored;
    for (size_t i = 0; i < sizeof providers / sizeof *providers; i++) {
        enum credentials_found found = providers[i].find(out, &search, err);
        if (found == CREDENTIALS_NONE)
            buffer_append_format(&reasons, &ignored, "\n  %s: %s", providers[i].name, err->message);
        if (found == CREDENTIALS_NONE)
            continue;
        buffer_clear(&reasons);
        return found == CREDENTIALS_FOUND;
    }
    error_set(err, ERROR_INVALID, "no credentials were found, in none of:%s",
              reasons.data ? reasons.data : "");
    buffer_clear(&reasons);
    return false;
}
