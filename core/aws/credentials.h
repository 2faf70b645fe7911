/* Where the keys come from. The first of these that has something to say is taken, and if it then
 * fails, so does the search: a broken profile is not passed over for the machine's own role.
 *
 *     AWS_ACCESS_KEY_ID ...   unless a profile was chosen by our caller
 *     the profile             roles, web identity, SSO, keys, credential_process
 *     AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN
 *     GitHub Actions          a token of the job's own, for AWS_ROLE_ARN
 *     the container           ECS, EKS Pod Identity
 *     the instance            IMDSv2
 *
 * The outside is reached by the functions of credentials_io, so that all of it runs on recorded
 * traffic. Secrets are wiped and stand in no message. */
#pragma once

#include "aws/settings.h"
#include "aws/sigv4.h"

struct credentials {
    struct slice access_key, secret_key;
    struct slice session_token; /* empty for keys that last */
    struct slice account;       /* its number; empty where it was not told */
    int64_t expires;            /* ms; 0 for keys that last */
    const char *provider;       /* "environment", "role", ... */
    char *memory;               /* of the slices */
};

enum { CREDENTIALS_HEADERS_MAX = 12 };

struct credentials_request {
    const char *method;
    struct slice url;
    struct sigv4_header headers[CREDENTIALS_HEADERS_MAX];
    size_t header_count;
    struct slice body;
    int64_t timeout; /* ms */
};

struct credentials_io {
    const struct environment *environment;
    struct settings_files *files;
    /* One HTTP request: false and *err if there was no answer. Appends the body, follows nothing.
     */
    bool (*exchange)(struct credentials_io *io, const struct credentials_request *request,
                     int *status, struct buffer *body, struct error *err);
    /* Runs a command line with the shell and appends what it printed; false and *err, with what it
     * said on stderr, if it did not end with 0. */
    bool (*run)(struct credentials_io *io, const char *command, struct buffer *out,
                struct error *err);
    int64_t (*now)(struct credentials_io *io); /* ms, corrected by what servers said */
    void (*pause)(struct credentials_io *io, int64_t ms);
};

enum credentials_found { CREDENTIALS_FOUND, CREDENTIALS_NONE, CREDENTIALS_FAILED };

/* All of the above in turn. `out` is filled only when true. */
bool credentials_load(struct credentials *out, const struct settings *settings,
                      struct credentials_io *io, struct error *err);
/* The profile alone. *err is filled unless FOUND. */
enum credentials_found credentials_from_profile(struct credentials *out,
                                                const struct settings *settings,
                                                struct credentials_io *io, struct error *err);
void credentials_clear(struct credentials *credentials); /* wipes */

/* When to ask for new ones: try from 15 minutes before they end, insist from 10. */
enum credentials_due { CREDENTIALS_FRESH, CREDENTIALS_ADVISORY, CREDENTIALS_MANDATORY };
enum credentials_due credentials_due(const struct credentials *credentials, int64_t now);

/* --- what a profile asks for, before anything is done --- */

#define CREDENTIALS_BASES(X)                                                                       \
    X(KEYS, "keys")                                                                                \
    X(SOURCE, "credential_source")                                                                 \
    X(WEB_IDENTITY, "web identity")                                                                \
    X(SSO, "sso")                                                                                  \
    X(PROCESS, "credential_process")

enum credentials_base {
#define X(name, text) CREDENTIALS_BASE_##name,
    CREDENTIALS_BASES(X)
#undef X
};

enum { CREDENTIALS_ROLES_MAX = 8 };

/* The keys to begin with, and the roles to take on, one with the keys of the one before. */
struct credentials_chain {
    enum credentials_base base;
    const struct profiles_section *section; /* that says the base */
    const struct profiles_section *session; /* [sso-session]; NULL if the profile names none */
    const struct profiles_section *roles[CREDENTIALS_ROLES_MAX];
    size_t role_count;
};

/* *err is filled unless FOUND; NONE if the profile holds nothing about credentials. */
enum credentials_found credentials_chain_of(struct credentials_chain *chain,
                                            const struct profiles *profiles, struct slice profile,
                                            struct error *err);

/* The URL to ask in a container; NONE if no variable says. */
enum credentials_found credentials_container_url(const struct settings *settings,
                                                 struct buffer *url, struct error *err);
/* The URL of the instance's metadata, without a path. `endpoint` and `mode` are what our caller
 * chose, empty if nothing. */
bool credentials_instance_url(const struct settings *settings, struct slice endpoint,
                              struct slice mode, struct buffer *url, struct error *err);
