/* The cases of the AWS SDK for Rust for credentials: whole searches on recorded traffic, what
 * profiles ask for, and where containers and instances are asked. */
#include "aws/credentials.h"

#include "credentials_traffic.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 4 << 20 };

static struct pool pool = {.max = TEXT_MAX};

/* --- messages --- */

/* The cases expect the words of their SDK. Where ours differ, this is what we say instead. */
static const struct {
    const char *name, *ours;
} wordings[] = {
    {"default-credential-provider-chain/eks_pod_identity_no_token_file",
     "/token.jwt: No such file or directory"},
    {"default-credential-provider-chain/imds_default_chain_error",
     "no credentials were found, in none of:\n  environment: AWS_ACCESS_KEY_ID is not set\n  "},
    {"default-credential-provider-chain/imds_disabled",
     "\n  instance: AWS_EC2_METADATA_DISABLED is set"},
    {"default-credential-provider-chain/imds_no_iam_role", "this instance has no IAM role"},
    {"default-credential-provider-chain/imds_token_fail", "switched off (HTTP 403)"},
    {"default-credential-provider-chain/profile_overrides_web_identity",
     "credential_source Environment: AWS_ACCESS_KEY_ID is not set"},
    {"default-credential-provider-chain/sso_no_token_file",
     "/home/.aws/sso/cache/dace00cba5f8355ec9d274ceb2bcebdfbeed0e12.json: No such file or "
     "directory; log in with: aws sso login --profile sso-test"},
    {"default-credential-provider-chain/sso_server_error",
     "answered HTTP 503 for role MySsoRole in account 123456789"},
    {"default-credential-provider-chain/web_identity_token_invalid_jwt",
     "InvalidIdentityToken: No OpenIDConnect provider found in your account"},
    {"profile-provider/credential_process_failure",
     "credential_process: the command ended with status 1"},
    {"profile-provider/credential_process_invalid", "credential_process gave no JSON"},
    {"profile-provider/empty_config", "there is no profile `default`"},
    {"profile-provider/invalid_config", "/home/.aws/config:2: Property did not have a name"},
    {"assume-role-tests.json: missing root profile (should never happen in practice)",
     "there is no profile `A`"},
    {"ecs-tests.json: all fields unset provider is not enabled", "are not set"},
    {"imds-config/imds-endpoint-tests.json: invalid uri", "is no URL"},
};

static void check_message(struct suite *suite, const char *message, struct slice theirs)
{
    const char *ours = NULL;
    for (size_t i = 0; i < sizeof wordings / sizeof *wordings; i++) {
        if (strcmp(wordings[i].name, suite->running) == 0)
            ours = wordings[i].ours;
    }
    bool same = ours ? strstr(message, ours) != NULL
                     : memmem(message, strlen(message), theirs.data, theirs.size) != NULL;
    if (!same)
        suite_fail(suite, "said \"%s\", not \"%.*s\"", message,
                   ours ? (int)strlen(ours) : (int)theirs.size, ours ? ours : theirs.data);
}

/* --- whole searches --- */

static void check_keys(struct suite *suite, const struct credentials *keys,
                       const struct value *want)
{
    suite_same(suite, "access_key_id", keys->access_key,
               value_get_slice(want, "access_key_id", ""));
    suite_same(suite, "secret_access_key", keys->secret_key,
               value_get_slice(want, "secret_access_key", ""));
    suite_same(suite, "session_token", keys->session_token,
               value_get_slice(want, "session_token", ""));
    if (value_get(want, "account_id"))
        suite_same(suite, "account_id", keys->account, value_get_slice(want, "account_id", ""));
    if (keys->expires / 1000 != value_get_integer(want, "expiry", 0))
        suite_fail(suite, "expires at %lld", (long long)keys->expires);
}

static void check_result(struct suite *suite, bool found, const struct credentials *keys,
                         const struct error *err, const struct value *result)
{
    const struct value *want = value_get(result, "Ok");
    if (found && want)
        check_keys(suite, keys, want);
    else if (found)
        suite_fail(suite, "found keys (%s)", keys->provider);
    else if (want)
        suite_fail(suite, "%s", err->message);
    else
        check_message(suite, err->message, value_get_slice(result, "ErrorContains", ""));
}

static bool search(struct credentials *keys, struct traffic *traffic, bool whole, struct error *err)
{
    struct settings settings;
    struct slice nothing = {"", 0};
    if (!settings_open(&settings, traffic->io.environment, traffic->io.files, nothing, NULL, err))
        return false;
    bool found = whole ? credentials_load(keys, &settings, &traffic->io, err)
                       : credentials_from_profile(keys, &settings, &traffic->io, err) ==
                             CREDENTIALS_FOUND;
    settings_close(&settings);
    return found;
}

static void run_search(struct suite *suite, const char *folder, bool whole)
{
    struct error err;
    struct value test;
    struct traffic traffic;
    struct credentials keys = {0};
    struct buffer text = {.max = TEXT_MAX};
    char path[512];
    if (!suite_begin(suite, folder))
        return;
    pool_reset(&pool);
    snprintf(path, sizeof path, "%s/test-case.json", folder);
    suite_read_json(suite, &test, &text, &pool, path);
    traffic_open(&traffic, suite, folder, &pool);
    bool found = search(&keys, &traffic, whole, &err);
    check_result(suite, found, &keys, &err, value_get(&test, "result"));
    credentials_clear(&keys);
    traffic_close(&traffic);
    buffer_clear(&text);
    suite_end(suite);
}

static void run_default(struct suite *suite, const char *name)
{
    char folder[256];
    snprintf(folder, sizeof folder, "default-credential-provider-chain/%s", name);
    run_search(suite, folder, true);
}

static void run_profile(struct suite *suite, const char *name)
{
    char folder[256];
    snprintf(folder, sizeof folder, "profile-provider/%s", name);
    run_search(suite, folder, false);
}

/* --- lists --- */

static void run_list(struct suite *suite, const char *path,
                     void (*run)(struct suite *suite, const struct value *test))
{
    struct value file;
    struct buffer text = {.max = TEXT_MAX};
    pool_reset(&pool);
    suite_read_json(suite, &file, &text, &pool, path);
    const struct value *tests = file.kind == VALUE_ARRAY ? &file : value_get(&file, "tests");
    for (size_t i = 0; tests && i < tests->array.count; i++) {
        char name[256];
        const struct value *test = &tests->array.items[i];
        struct slice docs = value_get_slice(test, "docs", "");
        snprintf(name, sizeof name, "%s: %.*s", path, (int)docs.size, docs.data);
        if (!suite_begin(suite, name))
            continue;
        run(suite, test);
        suite_end(suite);
    }
    buffer_clear(&text);
}

/* --- what profiles ask for --- */

static void append(struct buffer *out, const char *text)
{
    struct error err;
    if (!buffer_append_text(out, text, &err))
        abort();
}

static void append_slice(struct buffer *out, struct slice text)
{
    struct error err;
    if (!buffer_append(out, text, &err))
        abort();
}

/* A case has its profiles as objects; we read files. */
static void write_sections(struct buffer *out, const struct value *sections, const char *prefix)
{
    for (size_t i = 0; sections && i < sections->object.count; i++) {
        const struct member *section = &sections->object.members[i];
        append(out, "[");
        append(out, prefix);
        append_slice(out, section->name);
        append(out, "]\n");
        for (size_t k = 0; k < section->value.object.count; k++) {
            append_slice(out, section->value.object.members[k].name);
            append(out, " = ");
            append_slice(out, section->value.object.members[k].value.string);
            append(out, "\n");
        }
    }
}

static void check_property(struct suite *suite, const struct value *want, const char *theirs,
                           const struct profiles_section *section, const char *ours)
{
    const struct slice *got = profiles_get(section, ours);
    const struct value *value = value_get(want, theirs);
    struct slice nothing = {"(none)", 6};
    suite_same(suite, theirs, got ? *got : nothing, value ? value->string : nothing);
}

static const char *base_name(enum credentials_base base)
{
    static const char *const names[] = {
        [CREDENTIALS_BASE_KEYS] = "AccessKey",
        [CREDENTIALS_BASE_SOURCE] = "NamedSource",
        [CREDENTIALS_BASE_WEB_IDENTITY] = "WebIdentityToken",
        [CREDENTIALS_BASE_SSO] = "Sso",
        [CREDENTIALS_BASE_PROCESS] = "CredentialProcess",
    };
    return names[base];
}

static void check_base(struct suite *suite, const struct credentials_chain *chain,
                       const struct value *want)
{
    static const char *const sso[] = {"sso_account_id", "sso_role_name", "sso_session"};
    static const char *const identity[] = {"role_arn", "web_identity_token_file",
                                           "role_session_name"};
    const struct profiles_section *where = chain->session ? chain->session : chain->section;
    const struct value *fields = value_get(want, base_name(chain->base));
    if (!fields) {
        suite_fail(suite, "begins with %s", base_name(chain->base));
    } else if (chain->base == CREDENTIALS_BASE_KEYS) {
        check_property(suite, fields, "access_key_id", chain->section, "aws_access_key_id");
        check_property(suite, fields, "secret_access_key", chain->section, "aws_secret_access_key");
        check_property(suite, fields, "account_id", chain->section, "aws_account_id");
    } else if (chain->base == CREDENTIALS_BASE_SOURCE) {
        suite_same(suite, "source", *profiles_get(chain->section, "credential_source"),
                   fields->string);
    } else if (chain->base == CREDENTIALS_BASE_SSO) {
        for (size_t i = 0; i < 3; i++)
            check_property(suite, fields, sso[i], chain->section, sso[i]);
        check_property(suite, fields, "sso_region", where, "sso_region");
        check_property(suite, fields, "sso_start_url", where, "sso_start_url");
    } else {
        for (size_t i = 0; i < 3; i++)
            check_property(suite, fields, identity[i], chain->section, identity[i]);
    }
}

static void check_chain(struct suite *suite, const struct credentials_chain *chain,
                        const struct value *want)
{
    static const char *const names[] = {"role_arn", "role_session_name", "external_id"};
    check_base(suite, chain, &want->array.items[0]);
    if (chain->role_count + 1 != want->array.count)
        suite_fail(suite, "%zu roles, not %zu", chain->role_count, want->array.count - 1);
    for (size_t i = 0; i < chain->role_count && i + 1 < want->array.count; i++) {
        const struct value *role = value_get(&want->array.items[i + 1], "AssumeRole");
        for (size_t k = 0; k < 3; k++)
            check_property(suite, role, names[k], chain->roles[i], names[k]);
    }
}

static void run_chain(struct suite *suite, const struct value *test)
{
    struct error err;
    struct profiles profiles;
    struct credentials_chain chain;
    struct buffer text = {.max = TEXT_MAX};
    const struct value *input = value_get(test, "input");
    const struct value *output = value_get(test, "output");
    const struct value *want = value_get(output, "ProfileChain");
    append(&text, "# config\n");
    write_sections(&text, value_get(input, "profiles"), "profile ");
    write_sections(&text, value_get(input, "sso_sessions"), "sso-session ");
    profiles_init(&profiles);
    bool found = profiles_read(&profiles, PROFILES_CONFIG, "config", buffer_slice(&text), NULL,
                               &err) &&
                 credentials_chain_of(&chain, &profiles,
                                      value_get_slice(input, "selected_profile", ""),
                                      &err) == CREDENTIALS_FOUND;
    if (found && want)
        check_chain(suite, &chain, want);
    else if (found)
        suite_fail(suite, "found a chain");
    else if (want)
        suite_fail(suite, "%s", err.message);
    else
        check_message(suite, err.message, value_get_slice(output, "Error", ""));
    profiles_clear(&profiles);
    buffer_clear(&text);
}

/* --- where to ask --- */

struct listed_files {
    struct settings_files files;
    const struct value *texts; /* by path */
};

static enum settings_file read_listed(struct settings_files *files, const char *path,
                                      struct buffer *out, struct error *err)
{
    const struct value *text = value_get(((struct listed_files *)files)->texts, path);
    if (text)
        return buffer_append(out, text->string, err) ? SETTINGS_FILE_READ : SETTINGS_FILE_FAILED;
    error_set(err, ERROR_IO, "%s is not there", path);
    return SETTINGS_FILE_ABSENT;
}

static void run_url(struct suite *suite, const struct value *test,
                    bool (*find)(const struct settings *settings, const struct value *test,
                                 struct buffer *url, struct error *err))
{
    struct error err;
    struct settings settings;
    struct suite_environment environment;
    struct listed_files listed = {{read_listed}, value_get(test, "fs")};
    struct slice nothing = {"", 0};
    struct buffer url = {.max = TEXT_MAX};
    const struct value *result = value_get(test, "result");
    const struct value *want = value_get(result, "Ok");
    suite_environment_init(&environment, value_get(test, "env"), &pool);
    if (!settings_open(&settings, &environment.environment, &listed.files, nothing, NULL, &err)) {
        suite_fail(suite, "%s", err.message);
        return;
    }
    bool found = find(&settings, test, &url, &err);
    if (found && want)
        suite_same(suite, "url", buffer_slice(&url), want->string);
    else if (found)
        suite_fail(suite, "found %s", url.data);
    else if (want)
        suite_fail(suite, "%s", err.message);
    else
        check_message(
            suite, err.message,
            value_get_slice(result, value_get(result, "Err") ? "Err" : "ErrorContains", ""));
    settings_close(&settings);
    buffer_clear(&url);
}

static bool find_container(const struct settings *settings, const struct value *test,
                           struct buffer *url, struct error *err)
{
    (void)test;
    return credentials_container_url(settings, url, err) == CREDENTIALS_FOUND;
}

static bool find_instance(const struct settings *settings, const struct value *test,
                          struct buffer *url, struct error *err)
{
    return credentials_instance_url(settings, value_get_slice(test, "endpoint_override", ""),
                                    value_get_slice(test, "mode_override", ""), url, err) &&
           buffer_append_text(url, "/latest/api/token", err);
}

static void run_container(struct suite *suite, const struct value *test)
{
    run_url(suite, test, find_container);
}

static void run_instance(struct suite *suite, const struct value *test)
{
    run_url(suite, test, find_instance);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "credentials"};
    suite_open(&suite, argc, argv, "assume-role-tests.json");
    suite_each_folder(&suite, "default-credential-provider-chain", run_default);
    suite_each_folder(&suite, "profile-provider", run_profile);
    run_list(&suite, "assume-role-tests.json", run_chain);
    run_list(&suite, "ecs-tests.json", run_container);
    run_list(&suite, "imds-config/imds-endpoint-tests.json", run_instance);
    pool_clear(&pool);
    return suite_close(&suite);
}
