/* Signs one small ECS call over and over, each with another body and at another second, as the
 * client does. Prints signatures per second of processor time.
 *
 *     signing_bench COUNT */
#include "aws/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { TOKEN_SIZE = 300 };

static double processor_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static struct sigv4_header header(const char *name, const char *value)
{
    return (struct sigv4_header){slice_of(name), slice_of(value)};
}

static bool sign_all(struct sigv4 *signer, long count, struct error *err)
{
    char token[TOKEN_SIZE + 1];
    char body[64];
    memset(token, 't', TOKEN_SIZE);
    token[TOKEN_SIZE] = '\0';
    const struct sigv4_header headers[] = {
        header("Host", "ecs.eu-west-1.amazonaws.com"),
        header("Content-Type", "application/x-amz-json-1.1"),
        header("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.DescribeServices"),
        header("amz-sdk-invocation-id", "3f1c8b0e-9a3c-4c5f-8f5e-0d0d0d0d0d0d"),
        header("User-Agent", "tidelock"),
    };
    struct sigv4_request request = {.method = slice_of("POST"),
                                    .path = slice_of("/"),
                                    .headers = headers,
                                    .header_count = sizeof headers / sizeof *headers};
    struct sigv4_config config = {.access_key = slice_of("AKIDTIDE"),
                                  .secret_key = slice_of("secret"),
                                  .session_token = slice_of(token),
                                  .region = slice_of("eu-west-1"),
                                  .service = slice_of("ecs"),
                                  .now = INT64_C(1787572800000)};
    struct sigv4_signature out;
    for (long i = 0; i < count; i++) {
        snprintf(body, sizeof body, "{\"cluster\":\"c\",\"services\":[\"s%06ld\"]}", i % 1000000);
        request.body = slice_of(body);
        config.now += i % 2 ? 1000 : -1000;
        if (!sigv4_sign(signer, &request, &config, &out, err))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct error err;
    long count = argc > 1 ? strtol(argv[1], NULL, 10) : 200000;
    struct sigv4 *signer = sigv4_new();
    double start = processor_seconds();
    bool ok = sign_all(signer, count, &err);
    double spent = processor_seconds() - start;
    sigv4_free(signer);
    if (!ok) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    printf("%.0f\n", (double)count / spent);
    return 0;
}
