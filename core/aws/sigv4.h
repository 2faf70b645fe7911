/* AWS Signature Version 4: a request signed by header or by query (a presigned URL).
 *
 *     struct sigv4 *signer = sigv4_new();
 *     sigv4_sign(signer, &request, &config, &signature, &err);    // send signature.headers as well
 *
 * Nothing is read from outside, the clock neither. Each step can be called by itself, and the
 * results of all are in `struct sigv4_signature`. A request goes out exactly as it was signed: same
 * path, same query, same headers. Secrets are wiped from our memory and stand in no message. */
#pragma once

#include "base/bytes.h"

enum {
    SIGV4_KEY_SIZE = 32,
    SIGV4_HEX_SIZE = 64,
    SIGV4_TIME_SIZE = 16,          /* 20260824T075100Z */
    SIGV4_HEADERS_MAX = 64,        /* in a request, those of ours included */
    SIGV4_EXPIRES_MAX = 7 * 86400, /* seconds */
};

struct sigv4_header {
    struct slice name, value; /* as they are sent; white space in values is signed as one blank */
};

struct sigv4_request {
    struct slice method;
    struct slice path;                  /* as it is sent, so encoded once; empty is "/" */
    struct slice query;                 /* as it is sent, without '?' */
    const struct sigv4_header *headers; /* Host among them */
    size_t header_count;
    struct slice body;
};

struct sigv4_config {
    struct slice access_key, secret_key;
    struct slice session_token; /* empty if there is none */
    struct slice region, service;
    int64_t now;           /* ms, by our clock */
    int64_t clock_offset;  /* ms to be added: the server's clock less ours */
    int64_t expires;       /* seconds that a presigned URL is good for */
    bool keep_path;        /* sign the path without resolving "." and ".." (S3) */
    bool encode_once;      /* take the path as encoded, do not encode it again (S3) */
    bool content_sha256;   /* send x-amz-content-sha256 (S3) */
    bool unsigned_payload; /* "UNSIGNED-PAYLOAD" in place of the body's digest (S3) */
    bool unsigned_token;   /* send the session token without signing it */
};

/* The slices point into the signer and stand until it signs again. */
struct sigv4_signature {
    struct slice canonical_request, string_to_sign;
    struct slice signed_headers;    /* "host;x-amz-date" */
    struct slice signature;         /* hex */
    struct sigv4_header headers[4]; /* to be sent too: token, date, digest, Authorization */
    size_t header_count;            /* 0 when presigned */
    struct slice query; /* to be sent instead of the request's; the same unless presigned */
};

struct sigv4; /* buffers, and the signing keys in use: one for each day, region and service */

struct sigv4 *sigv4_new(void);
void sigv4_free(struct sigv4 *signer);

/* ERROR_INVALID: no Host, a header or parameter that is ours to write, a value that would not
 * arrive as it was signed. */
bool sigv4_sign(struct sigv4 *signer, const struct sigv4_request *request,
                const struct sigv4_config *config, struct sigv4_signature *out, struct error *err);
bool sigv4_presign(struct sigv4 *signer, const struct sigv4_request *request,
                   const struct sigv4_config *config, struct sigv4_signature *out,
                   struct error *err);

/* --- the steps --- */

bool sigv4_time(char text[SIGV4_TIME_SIZE + 1], const struct sigv4_config *config,
                struct error *err);
/* "20260824/us-east-1/ecs/aws4_request" */
bool sigv4_scope(const char *time, const struct sigv4_config *config, struct buffer *out,
                 struct error *err);
/* Appends the names of the headers that are signed, sorted, with ';' between them. */
bool sigv4_signed_headers(const struct sigv4_request *request, struct buffer *out,
                          struct error *err);
/* Appends; of `config` only what says how paths are spelled counts. */
bool sigv4_canonical_request(const struct sigv4_request *request, const struct sigv4_config *config,
                             struct slice payload_hash, struct buffer *out, struct error *err);
bool sigv4_string_to_sign(const char *time, struct slice scope, struct slice canonical_request,
                          struct buffer *out, struct error *err);
/* `date` is the first eight characters of the time. The key is a secret: wipe it. */
bool sigv4_signing_key(unsigned char key[SIGV4_KEY_SIZE], struct slice date,
                       const struct sigv4_config *config, struct error *err);
void sigv4_signature_of(char hex[SIGV4_HEX_SIZE + 1], const unsigned char key[SIGV4_KEY_SIZE],
                        struct slice string_to_sign);
