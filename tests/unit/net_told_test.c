/* What is told of a request, and what never is. */
#include "check.h"
#include "net/told.h"

#include <stdio.h>
#include <string.h>

static const char secret[] = "hunter2";

static struct net_header header(const char *name, const char *value)
{
    return (struct net_header){slice_of(name), slice_of(value)};
}

static bool is_told(const char *wanted, const char *url, const char *body,
                    const struct net_header *headers, size_t count)
{
    char told[TOLD_MAX];
    const struct net_request request = {.method = slice_of("POST"),
                                        .url = slice_of(url),
                                        .body = slice_of(body),
                                        .headers = headers,
                                        .header_count = count};
    told_describe(told, &request);
    bool same = strcmp(told, wanted) == 0;
    if (!same)
        fprintf(stderr, "told: %s\n", told);
    return same && !strstr(told, secret);
}

static void test_signed(void)
{
    const struct net_header headers[] = {
        header("Authorization", "AWS4-HMAC-SHA256 Credential=hunter2, Signature=hunter2"),
        header("X-Amz-Security-Token", secret), header("x-amz-target", "ECS_2014.UpdateService")};
    CHECK(is_told("POST https://lambda.example/2015-03-31/functions/pay",
                  "https://lambda.example/2015-03-31/functions/pay?Marker=hunter2", "{hunter2}",
                  headers, 2));
    CHECK(is_told("POST https://ecs.example/ UpdateService", "https://ecs.example/", "{}", headers,
                  3));
    CHECK(is_told("POST https://elb.example/ ModifyRule", "https://elb.example/",
                  "Action=ModifyRule&Token=hunter2", headers, 2));
    CHECK(is_told("POST https://elb.example/ ModifyRule", "https://elb.example/",
                  "Action=ModifyRule", headers, 1));
}

/* A hook's path is its password; a query may be one. */
static void test_others(void)
{
    const struct net_header headers[] = {header("Authorization", "Bearer hunter2")};
    CHECK(is_told("POST https://hooks.example", "https://hooks.example/services/hunter2", "{}",
                  NULL, 0));
    CHECK(is_told("POST https://hooks.example", "https://hooks.example?key=hunter2", "{}", headers,
                  1));
    CHECK(is_told("POST https://sts.example AssumeRoleWithWebIdentity", "https://sts.example/",
                  "Action=AssumeRoleWithWebIdentity&WebIdentityToken=hunter2", NULL, 0));
}

static void test_odd(void)
{
    char url[2048] = "https://host.example/";
    char told[TOLD_MAX];
    const struct net_header headers[] = {header("Authorization", "AWS4-HMAC-SHA256 x")};
    memset(url + strlen(url), 'a', sizeof url - strlen(url) - 1);
    const struct net_request request = {.method = slice_of("GET"),
                                        .url = {url, sizeof url - 1},
                                        .headers = headers,
                                        .header_count = 1};
    told_describe(told, &request);
    CHECK(strlen(told) == strlen("GET ") + 200);
    CHECK(is_told("POST ", "", "", NULL, 0));
    CHECK(is_told("POST nothing", "nothing", "", NULL, 0));
}

CHECK_MAIN({"signed", test_signed}, {"others", test_others}, {"odd", test_odd})
