/* Settings out of variables and profiles, and the endpoints that follow from them. */
#include "aws/settings.h"

#include "aws/secret.h"
#include "aws/text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_SIZE = 1024, PATH_MAX_SIZE = 4096 };

/* --- opening --- */

static bool read_text(struct settings *settings, enum profiles_file file, const char *path,
                      struct settings_files *files, struct profiles_warnings *warnings,
                      struct error *err)
{
    struct buffer text;
    bool ok = secret_open(&text, PROFILES_FILE_MAX + 1, err);
    if (ok) {
        enum settings_file found = files->read(files, path, &text, err);
        ok = found == SETTINGS_FILE_ABSENT ||
             (found == SETTINGS_FILE_READ &&
              profiles_read(&settings->profiles, file, path, buffer_slice(&text), warnings, err));
    }
    secret_clear(&text);
    return ok;
}

static bool read_file(struct settings *settings, enum profiles_file file,
                      struct settings_files *files, struct profiles_warnings *warnings,
                      struct error *err)
{
    struct buffer path;
    buffer_init(&path, PATH_MAX_SIZE);
    bool ok = profiles_locate(&path, file, PROFILES_UNIX, settings->environment, err) &&
              (path.size == 0 || read_text(settings, file, path.data, files, warnings, err));
    buffer_clear(&path);
    return ok;
}

static bool is_set(const struct environment *environment, const char *name)
{
    const char *value = environment->get(environment, name);
    return value && *value;
}

bool settings_open(struct settings *settings, const struct environment *environment,
                   struct settings_files *files, struct slice profile,
                   struct profiles_warnings *warnings, struct error *err)
{
    *settings = (struct settings){.environment = environment, .chosen = profile.size > 0};
    settings->named = settings->chosen || is_set(environment, "AWS_PROFILE") ||
                      is_set(environment, "AWS_DEFAULT_PROFILE");
    profiles_init(&settings->profiles);
    buffer_init(&settings->profile, NAME_MAX_SIZE);
    if (!buffer_append(&settings->profile,
                       settings->chosen ? profile : profiles_chosen(environment), err) ||
        !read_file(settings, PROFILES_CONFIG, files, warnings, err) ||
        !read_file(settings, PROFILES_CREDENTIALS, files, warnings, err)) {
        settings_close(settings);
        return false;
    }
    settings->section = profiles_find(&settings->profiles, PROFILES_PROFILE,
                                      buffer_slice(&settings->profile));
    return true;
}

void settings_close(struct settings *settings)
{
    profiles_clear(&settings->profiles);
    buffer_clear(&settings->profile);
    settings->section = NULL;
}

/* --- single settings --- */

struct slice settings_get(const struct settings *settings, const char *variable,
                          const char *property)
{
    const char *text = variable ? settings->environment->get(settings->environment, variable)
                                : NULL;
    struct slice value = text_trim(slice_of(text ? text : ""));
    if (value.size > 0 || !property)
        return value;
    const struct slice *found = profiles_get(settings->section, property);
    return found ? *found : value;
}

bool settings_flag(const struct settings *settings, const char *variable, const char *property)
{
    return text_equal_names(settings_get(settings, variable, property), slice_of("true"));
}

struct slice settings_region(const struct settings *settings)
{
    struct slice region = settings_get(settings, "AWS_REGION", NULL);
    return region.size > 0 ? region : settings_get(settings, "AWS_DEFAULT_REGION", "region");
}

/* --- endpoints --- */

/* By how their regions start; the last takes all others. */
static const struct partition {
    const char *start, *suffix, *dual_suffix;
} partitions[] = {
    {"cn-", "amazonaws.com.cn", "api.amazonwebservices.com.cn"},
    {"eusc-", "amazonaws.eu", "api.amazonwebservices.eu"},
    {"us-iso-", "c2s.ic.gov", "api.aws.ic.gov"},
    {"us-isob-", "sc2s.sgov.gov", "api.aws.scloud"},
    {"eu-isoe-", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"},
    {"us-isof-", "csp.hci.ic.gov", "api.aws.hci.ic.gov"},
    {"", "amazonaws.com", "api.aws"},
};

static const struct partition *partition_of(struct slice region)
{
    const struct partition *partition = partitions;
    while (!text_starts(region, partition->start))
        partition++;
    return partition;
}

/* Hosts that do not follow the rule "-fips where FIPS is asked for": in GovCloud most hosts are
 * FIPS as they are. From the endpoint rule sets of botocore
 * (data/SERVICE/.../endpoint-rule-set-1.json), which tests/oracle/botocore/endpoints.py compares in
 * every region. */
static const struct exception {
    const char *host, *start; /* of the region */
    bool fips, dual;          /* asked for */
    bool marked;              /* the host has "-fips" */
} exceptions[] = {
    {"appconfig", "us-gov-", true, false, false},
    {"appconfigdata", "us-gov-", true, false, false},
    {"elasticloadbalancing", "us-gov-", true, false, false},
    {"monitoring", "us-gov-", true, false, false},
    {"monitoring", "us-gov-", true, true, false},
    {"portal.sso", "us-gov-", true, false, false},
    {"ssm", "us-gov-", true, false, false},
    {"states", "us-gov-west-1", true, false, false},
    {"states", "us-gov-", false, true, true},
    {"sts", "us-gov-", true, false, false},
};

static bool is_marked(const char *host, struct slice region, bool fips, bool dual)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof *exceptions; i++) {
        const struct exception *exception = &exceptions[i];
        if (strcmp(exception->host, host) == 0 && text_starts(region, exception->start) &&
            exception->fips == fips && exception->dual == dual)
            return exception->marked;
    }
    return fips;
}

/* A region becomes a part of a host name: nothing else may come of it. */
static bool check_region(struct slice region, struct error *err)
{
    bool ok = region.size > 0 && region.size < 64;
    for (size_t i = 0; ok && i < region.size; i++) {
        char c = region.data[i];
        ok = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    }
    return ok || error_set(err, ERROR_INVALID,
                           "no region is given, or not a proper one: set AWS_REGION, or `region` "
                           "in the profile (like eu-west-1)");
}

static struct slice configured(const struct settings *settings,
                               const struct settings_service *service)
{
    char variable[128];
    struct slice url = {"", 0};
    if (settings_flag(settings, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
                      "ignore_configured_endpoint_urls"))
        return url;
    snprintf(variable, sizeof variable, "AWS_ENDPOINT_URL_%s", service->variable);
    url = settings_get(settings, variable, NULL);
    if (url.size == 0)
        url = settings_get(settings, "AWS_ENDPOINT_URL", NULL);
    if (url.size > 0)
        return url;
    const struct profiles_section *services = profiles_find(
        &settings->profiles, PROFILES_SERVICES, settings_get(settings, NULL, "services"));
    if (profiles_sub(services, service->property, "endpoint_url", &url) && url.size > 0)
        return url;
    return settings_get(settings, NULL, "endpoint_url");
}

static struct slice configured_url(const struct settings *settings,
                                   const struct settings_service *service)
{
    struct slice given = configured(settings, service);
    while (given.size > 0 && given.data[given.size - 1] == '/')
        given.size--;
    return given;
}

/* The host of "https://host:port/path". */
static struct slice host_of(struct slice url)
{
    const char *end = url.data + url.size;
    const char *host = memmem(url.data, url.size, "://", 3);
    host = host ? host + 3 : url.data;
    size_t size = 0;
    while (host + size < end && !strchr(":/?#", host[size]))
        size++;
    return (struct slice){host, size};
}

static bool is_below(struct slice host, const char *suffix)
{
    size_t size = strlen(suffix);
    return host.size > size && host.data[host.size - size - 1] == '.' &&
           text_equal_names((struct slice){host.data + host.size - size, size}, slice_of(suffix));
}

/* An interface endpoint of a VPC is configured as an emulator is, and leads to Amazon's AWS. */
struct slice settings_elsewhere(const struct settings *settings,
                                const struct settings_service *service)
{
    struct slice url = configured_url(settings, service);
    struct slice host = host_of(url);
    for (size_t i = 0; i < sizeof partitions / sizeof *partitions; i++) {
        if (is_below(host, partitions[i].suffix) || is_below(host, partitions[i].dual_suffix))
            return (struct slice){"", 0};
    }
    return url;
}

bool settings_endpoint(const struct settings *settings, const struct settings_service *service,
                       struct slice region, struct buffer *url, struct error *err)
{
    struct slice given = configured_url(settings, service);
    buffer_empty(url);
    if (given.size > 0)
        return buffer_append(url, given, err);
    if (!check_region(region, err))
        return false;
    const struct partition *partition = partition_of(region);
    bool fips = settings_flag(settings, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint");
    bool dual = settings_flag(settings, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint");
    return buffer_append_format(url, err, "https://%s%s.%.*s.%s", service->host,
                                is_marked(service->host, region, fips, dual) ? "-fips" : "",
                                (int)region.size, region.data,
                                dual ? partition->dual_suffix : partition->suffix);
}
