/* What a profile asks for: a pure function of the files. */
#include "aws/credentials_inside.h"

#include <string.h>

struct walk {
    const struct profiles *profiles;
    struct credentials_chain *chain;
    const struct profiles_section *visited[CREDENTIALS_ROLES_MAX + 1];
    size_t visited_count;
};

static struct slice property(const struct profiles_section *section, const char *name)
{
    const struct slice *value = profiles_get(section, name);
    return value ? *value : (struct slice){"", 0};
}

static bool has(const struct profiles_section *section, const char *name)
{
    return profiles_get(section, name) != NULL;
}

/* Takes what error_set returned, so that `return failed(error_set(...))` is the failing line. */
static enum credentials_found failed(bool never)
{
    return never ? CREDENTIALS_FOUND : CREDENTIALS_FAILED;
}

/* --- the base --- */

static enum credentials_found take_keys(struct walk *walk, const struct profiles_section *section,
                                        struct error *err)
{
    bool id = has(section, "aws_access_key_id");
    bool secret = has(section, "aws_secret_access_key");
    if (!id && !secret)
        return CREDENTIALS_NONE;
    if (!id || !secret)
        return failed(error_set(err, ERROR_INVALID, "profile `%s`: profile missing %s",
                                section->name.data,
                                id ? "aws_secret_access_key" : "aws_access_key_id"));
    walk->chain->base = CREDENTIALS_BASE_KEYS;
    walk->chain->section = section;
    return CREDENTIALS_FOUND;
}

static enum credentials_found
take_web_identity(struct walk *walk, const struct profiles_section *section, struct error *err)
{
    if (!has(section, "web_identity_token_file"))
        return CREDENTIALS_NONE;
    if (!has(section, "role_arn"))
        return failed(error_set(err, ERROR_INVALID,
                                "profile `%s`: `web_identity_token_file` was specified but "
                                "`role_arn` was missing",
                                section->name.data));
    walk->chain->base = CREDENTIALS_BASE_WEB_IDENTITY;
    walk->chain->section = section;
    return CREDENTIALS_FOUND;
}

/* [sso-session] says where, the profile who; without one the profile says both. */
static bool find_session(struct walk *walk, const struct profiles_section *section,
                         struct error *err)
{
    static const char *const theirs[] = {"sso_region", "sso_start_url"};
    struct slice name = property(section, "sso_session");
    if (!has(section, "sso_session"))
        return true;
    for (size_t i = 0; i < 2; i++) {
        if (has(section, theirs[i]))
            return error_set(err, ERROR_INVALID,
                             "profile `%s`: `%s` can only be specified in the [sso-session] config "
                             "when a session name is given",
                             section->name.data, theirs[i]);
    }
    walk->chain->session = profiles_find(walk->profiles, PROFILES_SSO_SESSION, name);
    return walk->chain->session ||
           error_set(err, ERROR_INVALID,
                     "sso-session named `%s` (referenced by profile `%s`) was not found", name.data,
                     section->name.data);
}

static bool check_sso(const struct walk *walk, const struct profiles_section *section,
                      struct error *err)
{
    bool account = has(section, "sso_account_id");
    bool role = has(section, "sso_role_name");
    const struct profiles_section *where = walk->chain->session ? walk->chain->session : section;
    if (account != role)
        return error_set(err, ERROR_INVALID,
                         "profile `%s`: if `%s` is set, then `%s` must also be set",
                         section->name.data, account ? "sso_account_id" : "sso_role_name",
                         account ? "sso_role_name" : "sso_account_id");
    if (!has(where, "sso_region") || !has(where, "sso_start_url"))
        return error_set(err, ERROR_INVALID, "`%s` has no %s", where->name.data,
                         has(where, "sso_region") ? "sso_start_url" : "sso_region");
    return true;
}

static enum credentials_found take_sso(struct walk *walk, const struct profiles_section *section,
                                       struct error *err)
{
    if (!has(section, "sso_session") && !has(section, "sso_account_id") &&
        !has(section, "sso_role_name") && !has(section, "sso_start_url"))
        return CREDENTIALS_NONE;
    if (!find_session(walk, section, err) || !check_sso(walk, section, err))
        return CREDENTIALS_FAILED;
    walk->chain->base = CREDENTIALS_BASE_SSO;
    walk->chain->section = section;
    return CREDENTIALS_FOUND;
}

static enum credentials_found
take_process(struct walk *walk, const struct profiles_section *section, struct error *err)
{
    (void)err;
    if (!has(section, "credential_process"))
        return CREDENTIALS_NONE;
    walk->chain->base = CREDENTIALS_BASE_PROCESS;
    walk->chain->section = section;
    return CREDENTIALS_FOUND;
}

static enum credentials_found take_base(struct walk *walk, const struct profiles_section *section,
                                        struct error *err)
{
    static enum credentials_found (*const takes[])(struct walk *, const struct profiles_section *,
                                                   struct error *) = {take_sso, take_web_identity,
                                                                      take_keys, take_process};
    for (size_t i = 0; i < sizeof takes / sizeof *takes; i++) {
        enum credentials_found found = takes[i](walk, section, err);
        if (found != CREDENTIALS_NONE)
            return found;
    }
    error_set(err, ERROR_INVALID, "profile `%s` did not contain credential information",
              section->name.data);
    return walk->chain->role_count > 0 ? CREDENTIALS_FAILED : CREDENTIALS_NONE;
}

/* --- the roles --- */

static bool visit(struct walk *walk, const struct profiles_section *section, struct error *err)
{
    for (size_t i = 0; i < walk->visited_count; i++) {
        if (walk->visited[i] == section)
            return error_set(err, ERROR_INVALID,
                             "profile formed an infinite loop: `%s` is its own source by way of "
                             "others",
                             section->name.data);
    }
    if (walk->visited_count > CREDENTIALS_ROLES_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d roles one after another",
                         CREDENTIALS_ROLES_MAX);
    walk->visited[walk->visited_count++] = section;
    return true;
}

static bool check_role(const struct profiles_section *section, struct error *err)
{
    bool profile = has(section, "source_profile");
    bool source = has(section, "credential_source");
    if (profile && source)
        return error_set(err, ERROR_INVALID,
                         "profile `%s`: profile contained both source_profile and "
                         "credential_source",
                         section->name.data);
    if (!profile && !source)
        return error_set(err, ERROR_INVALID,
                         "profile `%s`: with role_arn, a profile must contain `source_profile` or "
                         "`credential_source`",
                         section->name.data);
    if (has(section, "mfa_serial"))
        return error_set(err, ERROR_INVALID,
                         "profile `%s` asks for an MFA code, which nobody can type in a rollout: "
                         "log in before and give the session's keys",
                         section->name.data);
    return true;
}

/* Takes on the role in `section`; *next is the profile whose keys are needed, NULL if none is. */
static enum credentials_found take_role(struct walk *walk, const struct profiles_section *section,
                                        const struct profiles_section **next, struct error *err)
{
    struct slice source = property(section, "source_profile");
    if (!check_role(section, err))
        return CREDENTIALS_FAILED;
    if (walk->chain->role_count == CREDENTIALS_ROLES_MAX)
        return failed(error_set(err, ERROR_LIMIT, "more than %d roles one after another",
                                CREDENTIALS_ROLES_MAX));
    walk->chain->roles[walk->chain->role_count++] = section;
    if (has(section, "credential_source")) {
        walk->chain->base = CREDENTIALS_BASE_SOURCE;
        walk->chain->section = section;
        return CREDENTIALS_FOUND;
    }
    *next = profiles_find(walk->profiles, PROFILES_PROFILE, source);
    if (!*next)
        return failed(error_set(err, ERROR_INVALID,
                                "could not find source profile %s referenced from %s", source.data,
                                section->name.data));
    return CREDENTIALS_NONE;
}

/* The first role named is the last to be taken on. */
static void turn_around(struct credentials_chain *chain)
{
    for (size_t i = 0; i < chain->role_count / 2; i++) {
        const struct profiles_section *first = chain->roles[i];
        chain->roles[i] = chain->roles[chain->role_count - 1 - i];
        chain->roles[chain->role_count - 1 - i] = first;
    }
}

/* Keys in a profile that is another's source win over the role it has; so does a profile that is
 * its own source end the walk. */
static enum credentials_found follow(struct walk *walk, const struct profiles_section *section,
                                     struct error *err)
{
    const struct profiles_section *before = NULL;
    for (;;) {
        bool own_source = section == before;
        if (!own_source && !visit(walk, section, err))
            return CREDENTIALS_FAILED;
        if (before) {
            enum credentials_found found = take_keys(walk, section, err);
            if (found != CREDENTIALS_NONE)
                return found;
        }
        if (own_source || !has(section, "role_arn") || has(section, "web_identity_token_file"))
            return take_base(walk, section, err);
        const struct profiles_section *next = NULL;
        enum credentials_found found = take_role(walk, section, &next, err);
        if (found != CREDENTIALS_NONE)
            return found;
        before = section;
        section = next;
    }
}

enum credentials_found credentials_chain_of(struct credentials_chain *chain,
                                            const struct profiles *profiles, struct slice profile,
                                            struct error *err)
{
    struct walk walk = {.profiles = profiles, .chain = chain};
    *chain = (struct credentials_chain){0};
    const struct profiles_section *section = profiles_find(profiles, PROFILES_PROFILE, profile);
    if (!section) {
        error_set(err, ERROR_INVALID, "there is no profile `%.*s`", (int)profile.size,
                  profile.data);
        return CREDENTIALS_NONE;
    }
    enum credentials_found found = follow(&walk, section, err);
    turn_around(chain);
    return found;
}
