/* SHA-256 by OpenSSL, with the algorithm fetched once. */
#include "base/digest.h"

#include <openssl/evp.h>

#include <assert.h>

/* Fetching the algorithm and making a context cost more than hashing a record: both are kept. */
static EVP_MD_CTX *shared_context(void)
{
    static EVP_MD_CTX *context;
    if (!context) {
        context = EVP_MD_CTX_new();
        EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
        assert(context && sha256);
        int ok = EVP_DigestInit_ex2(context, sha256, NULL);
        assert(ok == 1);
        EVP_MD_free(sha256);
    }
    return context;
}

void digest_hex(char hex[DIGEST_HEX_SIZE + 1], const struct slice *parts, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_MD_CTX *context = shared_context();
    int ok = EVP_DigestInit_ex2(context, NULL, NULL);
    for (size_t i = 0; i < count && ok == 1; i++)
        ok = EVP_DigestUpdate(context, parts[i].data, parts[i].size);
    if (ok == 1)
        ok = EVP_DigestFinal_ex(context, sum, &size);
    assert(ok == 1 && size == DIGEST_HEX_SIZE / 2);
    for (unsigned int i = 0; i < size; i++) {
        hex[2 * i] = digits[sum[i] >> 4];
        hex[2 * i + 1] = digits[sum[i] & 15];
    }
    hex[DIGEST_HEX_SIZE] = '\0';
}
