/* HMAC-SHA256, and the signing keys derived lately. */
#pragma once

#include "aws/sigv4.h"

enum { SIGV4_KEYS_MAX = 8 };

struct sigv4_keys {
    struct sigv4_cached_key {
        struct buffer origin; /* what the key was derived from, the secret too */
        unsigned char key[SIGV4_KEY_SIZE];
    } cached[SIGV4_KEYS_MAX];
    size_t next; /* the oldest: it makes room */
};

void sigv4_keys_init(struct sigv4_keys *keys);
void sigv4_keys_clear(struct sigv4_keys *keys); /* wipes */
/* The key, derived where it is not there yet; it stands until the next call. NULL and *err. */
const unsigned char *sigv4_keys_get(struct sigv4_keys *keys, struct slice date,
                                    const struct sigv4_config *config, struct error *err);
