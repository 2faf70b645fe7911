/* What of an AWS request trusted Lua never sees: the keys, and the signature made with them. Also
 * where a service is reached, since the same settings say that. */
#pragma once

#include "aws/credentials.h"
#include "net/net.h"

struct signer;

struct signer_params {
    struct net *net;
    const struct settings *settings;
    struct credentials_io *io;
};

/* No credential is read yet. */
bool signer_new(struct signer **out, const struct signer_params *params, struct error *err);
void signer_free(struct signer *signer);

/* The URL of a service: `id` is AWS's name for it, `prefix` how its host begins. ERROR_INVALID if
 * no region is given. */
struct signer_service {
    struct slice id, prefix, region;
};
bool signer_endpoint(const struct signer *signer, const struct signer_service *service,
                     struct buffer *url, struct error *err);
/* The same URL where it is not Amazon's, an emulator's; else empty (aws/settings.h). */
struct slice signer_elsewhere(const struct signer *signer, const struct signer_service *service);

/* A request without its signature; `host`, `path` and `query` are parts of the URL. */
struct signer_request {
    struct slice method, host, path, query, body;
    struct net_header headers[SIGV4_HEADERS_MAX]; /* "Host" first; the signature's are added */
    size_t header_count;
};

struct signer_scope {
    struct slice service, region;
    int64_t skew;   /* ms: AWS's clock less ours */
    int other_than; /* keys that are not to be used any more; 0: none */
};

/* *keys tells the keys that were used from those before and after; 0 if there are no others than
 * `other_than`, and then nothing was signed. New keys are asked for when they are due. */
bool signer_sign(struct signer *signer, struct signer_request *request,
                 const struct signer_scope *scope, int *keys, struct error *err);
