/* Shared by the files of credentials. */
#pragma once

#include "aws/credentials.h"
#include "aws/secret.h"

/* With the NUL behind it each is a power of two, as buffers grow. */
enum { CREDENTIALS_BODY_MAX = (64 << 10) - 1, CREDENTIALS_TOKEN_MAX = (32 << 10) - 1 };

/* One search. */
struct credentials_search {
    const struct settings *settings;
    struct credentials_io *io;
};

/* Copies all slices into memory of its own; the keys must be there. */
bool credentials_set(struct credentials *out, const struct credentials *from, struct error *err);
/* As JSON of the endpoints and of credential_process has them; fields by these names. */
struct credentials_names {
    const char *access_key, *secret_key, *session_token, *account, *expires;
};
bool credentials_set_json(struct credentials *out, struct slice text,
                          const struct credentials_names *names, const char *provider,
                          struct slice account, struct error *err);

/* Sends the request, again where the answer was 429 or 5xx; `lost_too`: where there was none. The
 * body is emptied before each. */
bool credentials_fetch(const struct credentials_search *search,
                       const struct credentials_request *request, bool lost_too, int *status,
                       struct buffer *body, struct error *err);
void credentials_add_header(struct credentials_request *request, const char *name,
                            struct slice value);
/* A whole small file without blanks at its end, such as a token. */
bool credentials_read_token(const struct credentials_search *search, struct slice path,
                            struct buffer *out, struct error *err);

enum credentials_found credentials_from_environment(struct credentials *out,
                                                    const struct credentials_search *search,
                                                    struct error *err);
enum credentials_found credentials_from_github(struct credentials *out,
                                               const struct credentials_search *search,
                                               struct error *err);
enum credentials_found credentials_from_container(struct credentials *out,
                                                  const struct credentials_search *search,
                                                  struct error *err);
enum credentials_found credentials_from_instance(struct credentials *out,
                                                 const struct credentials_search *search,
                                                 struct error *err);
bool credentials_from_sso(struct credentials *out, const struct credentials_search *search,
                          const struct credentials_chain *chain, struct error *err);

/* One role: empty slices are left out. */
struct credentials_role {
    struct slice arn, session_name, external_id, duration;
};

/* With the keys in `base`, which stay. */
bool credentials_assume_role(struct credentials *out, const struct credentials_search *search,
                             const struct credentials *base, const struct credentials_role *role,
                             struct error *err);
bool credentials_assume_with_token(struct credentials *out, const struct credentials_search *search,
                                   struct slice token, const struct credentials_role *role,
                                   struct error *err);
bool credentials_assume_web_identity(struct credentials *out,
                                     const struct credentials_search *search,
                                     struct slice token_file, const struct credentials_role *role,
                                     struct error *err);
