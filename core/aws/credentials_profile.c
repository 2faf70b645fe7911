/* Carries out what a profile asks for: the base, then role after role. */
#include "aws/credentials_inside.h"

#include <string.h>

static struct slice property(const struct profiles_section *section, const char *name)
{
    const struct slice *value = profiles_get(section, name);
    return value ? *value : (struct slice){"", 0};
}

static struct credentials_role role_of(const struct profiles_section *section)
{
    return (struct credentials_role){
        .arn = property(section, "role_arn"),
        .session_name = property(section, "role_session_name"),
        .external_id = property(section, "external_id"),
        .duration = property(section, "duration_seconds"),
    };
}

static bool take_keys(struct credentials *out, const struct profiles_section *section,
                      struct error *err)
{
    struct credentials found = {.provider = "profile"};
    found.access_key = property(section, "aws_access_key_id");
    found.secret_key = property(section, "aws_secret_access_key");
    found.session_token = property(section, "aws_session_token");
    found.account = property(section, "aws_account_id");
    return credentials_set(out, &found, err);
}

static bool take_source(struct credentials *out, const struct credentials_search *search,
                        const struct profiles_section *section, struct error *err)
{
    static const struct {
        const char *name;
        enum credentials_found (*find)(struct credentials *, const struct credentials_search *,
                                       struct error *);
    } sources[] = {
        {"Environment", credentials_from_environment},
        {"EcsContainer", credentials_from_container},
        {"Ec2InstanceMetadata", credentials_from_instance},
    };
    struct slice name = property(section, "credential_source");
    for (size_t i = 0; i < sizeof sources / sizeof *sources; i++) {
        if (!slice_is(name, sources[i].name))
            continue;
        return sources[i].find(out, search, err) == CREDENTIALS_FOUND ||
               error_wrap(err, "credential_source %s", sources[i].name);
    }
    return error_set(err, ERROR_INVALID,
                     "credential_source is Environment, EcsContainer or Ec2InstanceMetadata, not "
                     "`%s`",
                     name.data);
}

static bool run_process(struct credentials *out, const struct credentials_search *search,
                        const struct profiles_section *section, struct error *err)
{
    static const struct credentials_names names = {"AccessKeyId", "SecretAccessKey", "SessionToken",
                                                   "AccountId", "Expiration"};
    struct buffer printed;
    const char *command = property(section, "credential_process").data;
    bool ok = secret_open(&printed, CREDENTIALS_BODY_MAX, err);
    ok = ok && (search->io->run(search->io, command, &printed, err) ||
                error_wrap(err, "credential_process"));
    ok = ok && credentials_set_json(out, buffer_slice(&printed), &names, "credential_process",
                                    property(section, "aws_account_id"), err);
    secret_clear(&printed);
    return ok;
}

static bool take_base(struct credentials *out, const struct credentials_search *search,
                      const struct credentials_chain *chain, struct error *err)
{
    struct credentials_role role = role_of(chain->section);
    switch (chain->base) {
    case CREDENTIALS_BASE_KEYS:
        return take_keys(out, chain->section, err);
    case CREDENTIALS_BASE_SOURCE:
        return take_source(out, search, chain->section, err);
    case CREDENTIALS_BASE_WEB_IDENTITY:
        return credentials_assume_web_identity(
            out, search, property(chain->section, "web_identity_token_file"), &role, err);
    case CREDENTIALS_BASE_SSO:
        return credentials_from_sso(out, search, chain, err);
    case CREDENTIALS_BASE_PROCESS:
        return run_process(out, search, chain->section, err);
    }
    return error_set(err, ERROR_INTERNAL, "a base of credentials that is not known");
}

static bool take_roles(struct credentials *keys, const struct credentials_search *search,
                       const struct credentials_chain *chain, struct error *err)
{
    for (size_t i = 0; i < chain->role_count; i++) {
        struct credentials next;
        struct credentials_role role = role_of(chain->roles[i]);
        if (!credentials_assume_role(&next, search, keys, &role, err))
            return false;
        credentials_clear(keys);
        *keys = next;
    }
    return true;
}

enum credentials_found credentials_from_profile(struct credentials *out,
                                                const struct settings *settings,
                                                struct credentials_io *io, struct error *err)
{
    struct credentials_chain chain;
    struct credentials keys = {0};
    struct credentials_search search = {settings, io};
    enum credentials_found found = credentials_chain_of(&chain, &settings->profiles,
                                                        buffer_slice(&settings->profile), err);
    if (found == CREDENTIALS_NONE && settings->named && !settings->section)
        return CREDENTIALS_FAILED; /* asked for by name, and not there */
    if (found != CREDENTIALS_FOUND)
        return found;
    if (!take_base(&keys, &search, &chain, err) || !take_roles(&keys, &search, &chain, err)) {
        credentials_clear(&keys);
        error_wrap(err, "profile `%s`", settings->section->name.data);
        return CREDENTIALS_FAILED;
    }
    *out = keys;
    return CREDENTIALS_FOUND;
}
