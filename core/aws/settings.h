/* What the environment and the shared files say together, a variable before the profile's property:
 * which profile, which region, which endpoints. The files are read once, by
 * functions that are handed in. */
#pragma once

#include "aws/profiles.h"

enum settings_file { SETTINGS_FILE_READ, SETTINGS_FILE_ABSENT, SETTINGS_FILE_FAILED };

/* The file system: appends a file to `out`; *err is filled unless it was read. */
struct settings_files {
    enum settings_file (*read)(struct settings_files *files, const char *path, struct buffer *out,
                               struct error *err);
};

struct settings {
    const struct environment *environment;
    struct profiles profiles;
    struct buffer profile;                  /* its name */
    bool chosen;                            /* by our caller, not by a variable or by default */
    bool named;                             /* by either: it must be there */
    const struct profiles_section *section; /* NULL if there is no such profile */
};

struct settings_service {
    const char *host;     /* the first part of the host: "sts" */
    const char *variable; /* AWS_ENDPOINT_URL_ and this: "STS" */
    const char *property; /* in a [services] section: "sts" */
};

/* `profile` may be empty: then the environment says which. */
bool settings_open(struct settings *settings, const struct environment *environment,
                   struct settings_files *files, struct slice profile,
                   struct profiles_warnings *warnings, struct error *err);
void settings_close(struct settings *settings); /* wipes */

/* Blanks around a variable do not count, nor does an empty one. Either name may be NULL. */
struct slice settings_get(const struct settings *settings, const char *variable,
                          const char *property);
bool settings_flag(const struct settings *settings, const char *variable, const char *property);
/* AWS_REGION, AWS_DEFAULT_REGION, the profile's; empty if none says. */
struct slice settings_region(const struct settings *settings);

/* The URL of a service, without a '/' at its end: what is configured for it, else its host in the
 * region's partition, FIPS or dual-stack where that is asked for. */
bool settings_endpoint(const struct settings *settings, const struct settings_service *service,
                       struct slice region, struct buffer *url, struct error *err);

/* The URL of a service that is not Amazon's: what is configured for it, an emulator's. Empty: it is
 * Amazon's own, by whichever way it is reached. */
struct slice settings_elsewhere(const struct settings *settings,
                                const struct settings_service *service);
