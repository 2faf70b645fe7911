/* The shared files of the AWS tools: ~/.aws/config and ~/.aws/credentials, read alike.
 *
 *     [default]                       # config; in credentials every name stands without "profile"
 *     region = eu-central-1
 *     [profile deploy]
 *     role_arn = arn:aws:iam::111122223333:role/deploy
 *     services = local
 *     [sso-session corp]
 *     [services local]
 *     ecs =
 *       endpoint_url = http://localhost:4566
 *
 * Read the config file first, then the credentials file into the same table: its values win. Names
 * of properties are lower-cased. A line that cannot be understood fails the file; a section or a
 * property whose name is not allowed is left out with a warning, and so is a section of a kind not
 * known here. Values may be secrets: they are wiped, and no message holds one. */
#pragma once

#include "base/bytes.h"

enum { PROFILES_FILE_MAX = (256 << 10) - 2 }; /* room for all of it is a power of two */

/* Where variables come from: the process's, or a table in a test. NULL where one is not set. */
struct environment {
    const char *(*get)(const struct environment *environment, const char *name);
};

#define PROFILES_KINDS(X)                                                                          \
    X(PROFILE, "profile")                                                                          \
    X(SSO_SESSION, "sso-session")                                                                  \
    X(SERVICES, "services")

enum profiles_kind { /* the word is how such a section starts in the config file */
#define X(name, text) PROFILES_##name,
                     PROFILES_KINDS(X)
#undef X
};

enum profiles_file { PROFILES_CONFIG, PROFILES_CREDENTIALS };

struct profiles_property {
    struct profiles_property *next;
    struct slice name,
        value; /* a value with sub-properties starts with a newline, one on each line */
};

struct profiles_section {
    struct profiles_section *next;
    enum profiles_kind kind;
    struct slice name;
    bool prefixed; /* came as [profile x] */
    struct profiles_property *properties;
};

struct profiles {
    struct pool pool;
    struct profiles_section *sections;
    size_t count; /* of sections and properties */
};

/* Where warnings go, one call each; may be NULL. */
struct profiles_warnings {
    void (*warn)(struct profiles_warnings *warnings, const char *message);
};

void profiles_init(struct profiles *profiles);
void profiles_clear(struct profiles *profiles); /* wipes */

/* Adds what `text` says; `path` names it in messages. On failure the table may hold a part of it.
 */
bool profiles_read(struct profiles *profiles, enum profiles_file file, const char *path,
                   struct slice text, struct profiles_warnings *warnings, struct error *err);

/* NULL if there is none. */
const struct profiles_section *profiles_find(const struct profiles *profiles,
                                             enum profiles_kind kind, struct slice name);
const struct slice *profiles_get(const struct profiles_section *section, const char *name);
/* The sub-property `inner` of property `outer`: profiles_sub(services, "ecs", "endpoint_url"). */
bool profiles_sub(const struct profiles_section *section, const char *outer, const char *inner,
                  struct slice *value);

/* --- where the files are --- */

enum profiles_platform { PROFILES_UNIX, PROFILES_WINDOWS };

/* The path of a file, AWS_CONFIG_FILE or AWS_SHARED_CREDENTIALS_FILE before the one below the home
 * folder; "~/" is expanded. Empty where no home is known. ERROR_LIMIT if it does not fit. */
bool profiles_locate(struct buffer *path, enum profiles_file file, enum profiles_platform platform,
                     const struct environment *environment, struct error *err);
/* AWS_PROFILE, AWS_DEFAULT_PROFILE, "default". */
struct slice profiles_chosen(const struct environment *environment);
