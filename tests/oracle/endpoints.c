/* Says which endpoints we would send to: reads lines "HOST REGION FIPS DUAL" (the last two 0 or 1),
 * writes the URL of each. */
#include "aws/settings.h"

#include <stdio.h>
#include <string.h>

static bool fips, dual;

static const char *get(const struct environment *environment, const char *name)
{
    (void)environment;
    if (strcmp(name, "AWS_USE_FIPS_ENDPOINT") == 0)
        return fips ? "true" : NULL;
    if (strcmp(name, "AWS_USE_DUALSTACK_ENDPOINT") == 0)
        return dual ? "true" : NULL;
    return NULL;
}

static enum settings_file read_nothing(struct settings_files *files, const char *path,
                                       struct buffer *out, struct error *err)
{
    (void)files;
    (void)out;
    error_set(err, ERROR_IO, "%s: not there", path);
    return SETTINGS_FILE_ABSENT;
}

static bool answer(const char *host, const char *region, struct error *err)
{
    const struct environment environment = {.get = get};
    struct settings_files files = {.read = read_nothing};
    const struct settings_service service = {host, "NONE", "none"};
    struct settings settings;
    struct buffer url = {.max = 1000};
    if (!settings_open(&settings, &environment, &files, slice_of(""), NULL, err))
        return false;
    bool ok = settings_endpoint(&settings, &service, slice_of(region), &url, err);
    if (ok)
        printf("%.*s\n", (int)url.size, url.data);
    buffer_clear(&url);
    settings_close(&settings);
    return ok;
}

int main(void)
{
    char host[64];
    char region[64];
    int marks[2];
    struct error err;
    while (scanf("%63s %63s %d %d", host, region, &marks[0], &marks[1]) == 4) {
        fips = marks[0] != 0;
        dual = marks[1] != 0;
        if (!answer(host, region, &err)) {
            fprintf(stderr, "endpoints: %s\n", err.message);
            return 1;
        }
    }
    return 0;
}
