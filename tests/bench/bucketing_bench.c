/* Who has a flag: examples/flags/bucketing.c against what other flag services do for the same
 * decision, the first sixty bits of a SHA-1 (LaunchDarkly's way) by OpenSSL. Prints nanoseconds
 * of processor time for one evaluation of each, and how many times faster ours is.
 *
 *     bucketing_bench COUNT */
#include "bucketing.h"

#include <openssl/evp.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

typedef bool evaluate_fn(const char *flag, const char *user, double percent);

static bool by_sha1(const char *flag, const char *user, double percent)
{
    char text[128];
    unsigned char digest[EVP_MAX_MD_SIZE];
    uint64_t bits = 0;
    int size = snprintf(text, sizeof text, "%s.%s", flag, user);
    if (size < 0 || !EVP_Digest(text, (size_t)size, digest, NULL, EVP_sha1(), NULL))
        abort();
    for (int i = 0; i < 8; i++)
        bits = bits << 8 | digest[i];
    return (double)(bits >> 4) / (double)(UINT64_MAX >> 4) * 100 < percent;
}

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Nanoseconds for one evaluation, each for another user. */
static double measure(evaluate_fn *evaluate, long count, long *on)
{
    char user[] = "00000000-0000-4000-8000-000000000000";
    double start = processor_seconds();
    for (long i = 0; i < count; i++) {
        for (long rest = i, k = (long)sizeof user - 2; rest > 0; rest /= 10)
            user[k--] = (char)('0' + rest % 10);
        *on += evaluate("new-checkout", user, 25);
    }
    return 1e9 * (processor_seconds() - start) / (double)count;
}

int main(int argc, char **argv)
{
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 2000000;
    long ours_on = 0, theirs_on = 0;
    double ours = measure(flag_is_on, count, &ours_on);
    double theirs = measure(by_sha1, count, &theirs_on);
    printf("bucketing %.0f ns, SHA-1 %.0f ns, ratio %.2f (%.2f %% and %.2f %% on)\n", ours, theirs,
           theirs / ours, 100.0 * (double)ours_on / (double)count,
           100.0 * (double)theirs_on / (double)count);
    return 0;
}
