/* The derived keys, kept for as long as they are likely to be asked for again. */
#include "aws/sigv4_key.h"

#include "aws/secret.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <assert.h>
#include <string.h>

enum { SECRET_MAX = 1024, ORIGIN_MAX = 2048 };

/* Fetching the algorithm costs more than a signature: the context is kept. */
static EVP_MAC_CTX *shared_context(void)
{
    static EVP_MAC_CTX *context;
    if (!context) {
        EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
        assert(hmac);
        context = EVP_MAC_CTX_new(hmac);
        EVP_MAC_free(hmac);
        char digest[] = "SHA256";
        OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
                               OSSL_PARAM_construct_end()};
        int ok = context ? EVP_MAC_CTX_set_params(context, params) : 0;
        assert(ok == 1);
    }
    return context;
}

static void hmac(unsigned char sum[SIGV4_KEY_SIZE], const unsigned char *key, size_t key_size,
                 struct slice text)
{
    EVP_MAC_CTX *context = shared_context();
    size_t size = 0;
    int ok = EVP_MAC_init(context, key, key_size, NULL);
    if (ok == 1)
        ok = EVP_MAC_update(context, (const unsigned char *)text.data, text.size);
    if (ok == 1)
        ok = EVP_MAC_final(context, sum, &size, SIGV4_KEY_SIZE);
    assert(ok == 1 && size == SIGV4_KEY_SIZE);
}

bool sigv4_signing_key(unsigned char key[SIGV4_KEY_SIZE], struct slice date,
                       const struct sigv4_config *config, struct error *err)
{
    static const char prefix[4] = {'A', 'W', 'S', '4'};
    unsigned char secret[sizeof prefix + SECRET_MAX];
    if (config->secret_key.size == 0 || config->secret_key.size > SECRET_MAX)
        return error_set(err, ERROR_INVALID, "the secret access key has %zu bytes, not 1 to %d",
                         config->secret_key.size, SECRET_MAX);
    memcpy(secret, prefix, sizeof prefix);
    memcpy(secret + sizeof prefix, config->secret_key.data, config->secret_key.size);
    hmac(key, secret, sizeof prefix + config->secret_key.size, date);
    OPENSSL_cleanse(secret, sizeof secret);
    hmac(key, key, SIGV4_KEY_SIZE, config->region);
    hmac(key, key, SIGV4_KEY_SIZE, config->service);
    hmac(key, key, SIGV4_KEY_SIZE, slice_of("aws4_request"));
    return true;
}

void sigv4_signature_of(char hex[SIGV4_HEX_SIZE + 1], const unsigned char key[SIGV4_KEY_SIZE],
                        struct slice string_to_sign)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[SIGV4_KEY_SIZE];
    hmac(sum, key, SIGV4_KEY_SIZE, string_to_sign);
    for (size_t i = 0; i < sizeof sum; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[SIGV4_HEX_SIZE] = '\0';
}

void sigv4_keys_init(struct sigv4_keys *keys)
{
    *keys = (struct sigv4_keys){0};
    for (size_t i = 0; i < SIGV4_KEYS_MAX; i++)
        buffer_init(&keys->cached[i].origin, ORIGIN_MAX);
}

void sigv4_keys_clear(struct sigv4_keys *keys)
{
    for (size_t i = 0; i < SIGV4_KEYS_MAX; i++) {
        secret_clear(&keys->cached[i].origin);
        OPENSSL_cleanse(keys->cached[i].key, SIGV4_KEY_SIZE);
    }
}

/* Compares what is kept with the parts, each followed by a NUL. */
static bool is_made_of(const struct buffer *origin, const struct slice *parts, size_t count)
{
    size_t at = 0;
    for (size_t i = 0; i < count; i++) {
        if (origin->size - at <= parts[i].size)
            return false;
        struct slice kept = {origin->data + at, parts[i].size};
        at += parts[i].size + 1;
        if (!slice_equal(kept, parts[i]) || origin->data[at - 1] != '\0')
            return false;
    }
    return at == origin->size;
}

static bool remember(struct buffer *origin, const struct slice *parts, size_t count,
                     struct error *err)
{
    secret_wipe(origin);
    if (!buffer_reserve(origin, ORIGIN_MAX, err)) /* at once: growing would leave copies behind */
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!buffer_append(origin, parts[i], err) ||
            !buffer_append(origin, (struct slice){"", 1}, err))
            return false;
    }
    return true;
}

const unsigned char *sigv4_keys_get(struct sigv4_keys *keys, struct slice date,
                                    const struct sigv4_config *config, struct error *err)
{
    const struct slice parts[] = {config->secret_key, date, config->region, config->service};
    enum { COUNT = sizeof parts / sizeof *parts };
    for (size_t i = 0; i < SIGV4_KEYS_MAX; i++) {
        if (is_made_of(&keys->cached[i].origin, parts, COUNT))
            return keys->cached[i].key;
    }
    struct sigv4_cached_key *oldest = &keys->cached[keys->next];
    if (!sigv4_signing_key(oldest->key, date, config, err) ||
        !remember(&oldest->origin, parts, COUNT, err)) {
        secret_wipe(&oldest->origin);
        error_wrap(err, "signing for %.*s", (int)config->service.size, config->service.data);
        return NULL;
    }
    keys->next = (keys->next + 1) % SIGV4_KEYS_MAX;
    return oldest->key;
}
