#include "bucketing.h"

#include <stddef.h>

/* MurmurHash3, its variant of 32 bits for x86, seed 0, of texts one after another. */
struct hash {
    uint32_t hash;
    uint32_t block; /* the bytes that are not mixed in yet, the first one lowest */
    uint32_t size;
};

static uint32_t rotated(uint32_t value, int bits)
{
    return value << bits | value >> (32 - bits);
}

static uint32_t scrambled(uint32_t block)
{
    return rotated(block * UINT32_C(0xcc9e2d51), 15) * UINT32_C(0x1b873593);
}

static void hash_text(struct hash *hash, const char *text)
{
    for (; *text; text++) {
        hash->block |= (uint32_t)(unsigned char)*text << 8 * (hash->size & 3);
        if ((++hash->size & 3) == 0) {
            hash->hash ^= scrambled(hash->block);
            hash->hash = rotated(hash->hash, 13) * 5 + UINT32_C(0xe6546b64);
            hash->block = 0;
        }
    }
}

static uint32_t hash_end(const struct hash *hash)
{
    uint32_t mixed = hash->hash ^ scrambled(hash->block) ^ hash->size;
    mixed = (mixed ^ mixed >> 16) * UINT32_C(0x85ebca6b);
    mixed = (mixed ^ mixed >> 13) * UINT32_C(0xc2b2ae35);
    return mixed ^ mixed >> 16;
}

uint32_t flag_bucket(const char *flag, const char *user)
{
    struct hash hash = {0};
    hash_text(&hash, flag);
    hash_text(&hash, user);
    return (uint32_t)((uint64_t)hash_end(&hash) * FLAG_BUCKETS >> 32);
}

bool flag_is_on(const char *flag, const char *user, double percent)
{
    if (!(percent > 0))
        return false;
    if (percent >= 100)
        return true;
    return flag_bucket(flag, user) < (uint32_t)(percent * 100 + 0.5);
}
