#include "aws/sigv4.h"
#include "aws/uri.h"
#include "check.h"

#include <stdlib.h>

static struct error err;
static struct sigv4 *signer;

enum { MIDNIGHT = 1 }; /* 2026-08-25T00:00:00Z is MIDNIGHT ms behind `before_midnight` */
static const int64_t before_midnight = INT64_C(1787615999999);

static const struct sigv4_header host[] = {{{"Host", 4}, {"ecs.eu-west-1.amazonaws.com", 27}}};

static struct sigv4_config config_of(void)
{
    return (struct sigv4_config){
        .access_key = slice_of("AKIDTIDE"),
        .secret_key = slice_of("the/secret+of the tide"),
        .region = slice_of("eu-west-1"),
        .service = slice_of("ecs"),
        .now = before_midnight,
        .expires = 60,
    };
}

static struct sigv4_request request_of(const char *path, const char *query)
{
    return (struct sigv4_request){
        .method = slice_of("GET"),
        .path = slice_of(path),
        .query = slice_of(query),
        .headers = host,
        .header_count = 1,
        .body = slice_of(""),
    };
}

/* NULL if it was refused. */
static const char *sign(const struct sigv4_request *request, const struct sigv4_config *config)
{
    static struct sigv4_signature out;
    return sigv4_sign(signer, request, config, &out, &err) ? out.signature.data : NULL;
}

static bool is_refused(const struct sigv4_request *request, const struct sigv4_config *config,
                       const char *message)
{
    return !sign(request, config) && CHECK_TEXT(err.message, message);
}

static void test_paths(void)
{
    static const struct {
        const char *path, *plain, *kept, *once;
    } rows[] = {
        {"", "/", "/", "/"},
        {"/", "/", "/", "/"},
        {"/a/b", "/a/b", "/a/b", "/a/b"},
        {"/a/./b/../c/", "/a/c/", "/a/./b/../c/", "/a/c/"},
        {"/../../a", "/a", "/../../a", "/a"},
        {"//a///b//", "/a/b/", "//a///b//", "/a/b/"},
        {"/a/..", "/", "/a/..", "/"},
        {"/a/.", "/a", "/a/.", "/a"},
        {"/fn%3Alive", "/fn%253Alive", "/fn%253Alive", "/fn%3Alive"},
        {"/fn:$LATEST", "/fn%3A%24LATEST", "/fn%3A%24LATEST", "/fn%3A%24LATEST"},
        {"/a%2fb", "/a%252fb", "/a%252fb", "/a%2Fb"},
        {"/a%7Eb%", "/a%257Eb%25", "/a%257Eb%25", "/a~b%25"},
    };
    struct buffer out = {.max = 1000};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct slice path = slice_of(rows[i].path);
        CHECK(uri_canonical_path(path, true, false, &out, &err));
        CHECK_TEXT(out.data, rows[i].plain);
        buffer_empty(&out);
        CHECK(uri_canonical_path(path, false, false, &out, &err));
        CHECK_TEXT(out.data, rows[i].kept);
        buffer_empty(&out);
        CHECK(uri_canonical_path(path, true, true, &out, &err));
        CHECK_TEXT(out.data, rows[i].once);
        buffer_empty(&out);
    }
    CHECK(!uri_canonical_path(slice_of("a"), true, false, &out, &err));
    buffer_clear(&out);
}

static void test_queries(void)
{
    static const struct {
        const char *query, *canonical;
    } rows[] = {
        {"a=1", "a=1"},
        {"b=2&a=1", "a=1&b=2"},
        {"a-b=1&a=2", "a=2&a-b=1"}, /* by name, not by the text of the pair */
        {"a=2&a=1&a=1", "a=1&a=1&a=2"},
        {"A=1&a=2&%41=0", "A=0&A=1&a=2"},
        {"z&%7Ea=/", "z=&~a=%2F"},
        {"a=2&{=1&~=3", "%7B=1&a=2&~=3"}, /* as encoded */
        {"a=b=c&&", "a=b%3Dc"},
        {"a=x+y%20z", "a=x%2By%20z"},
        {"a=%zz%4", "a=%25zz%254"},
        {"a=\xC3\xA9", "a=%C3%A9"},
    };
    struct buffer out = {.max = 10000};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(uri_canonical_query(slice_of(rows[i].query), &out, &err));
        CHECK_TEXT(out.data, rows[i].canonical);
        buffer_empty(&out);
    }
    char many[2001];
    memset(many, '&', sizeof many);
    for (size_t i = 0; i < sizeof many - 1; i += 2)
        many[i] = 'a';
    many[sizeof many - 1] = '\0';
    CHECK(!uri_canonical_query(slice_of(many), &out, &err));
    CHECK(err.code == ERROR_LIMIT);
    buffer_clear(&out);
}

/* Reckoned with another implementation of HMAC (Python's hashlib). */
static void test_vectors(void)
{
    struct sigv4_config config = config_of();
    struct sigv4_request request = request_of("/2015-03-31/functions/a%3Ab", "b=2&a=1");
    struct sigv4_signature out;
    CHECK(sigv4_sign(signer, &request, &config, &out, &err));
    CHECK_TEXT(out.canonical_request.data,
               "GET\n/2015-03-31/functions/a%253Ab\na=1&b=2\n"
               "host:ecs.eu-west-1.amazonaws.com\nx-amz-date:20260824T235959Z\n\n"
               "host;x-amz-date\n"
               "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_TEXT(out.signature.data,
               "84e3d5039cf28ad9ee213063baa6df07407d85ff6339ff4edfb202cc434d00a0");
    config.session_token = slice_of("to/ken==");
    config.content_sha256 = config.encode_once = config.keep_path = true;
    CHECK(sigv4_sign(signer, &request, &config, &out, &err));
    CHECK_TEXT(out.signature.data,
               "b025478353ca78850eac8079a12f77bbf73144eee509b69225437e292893eaac");
    CHECK(out.header_count == 4);
    config.unsigned_payload = true;
    CHECK(sigv4_presign(signer, &request, &config, &out, &err));
    CHECK_TEXT(out.query.data,
               "b=2&a=1&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDTIDE%2F20260824%2F"
               "eu-west-1%2Fecs%2Faws4_request&X-Amz-Date=20260824T235959Z&X-Amz-SignedHeaders=h"
               "ost&X-Amz-Expires=60&X-Amz-Security-Token=to%2Fken%3D%3D&X-Amz-Signature=7a96625"
               "e311219a1375b62d440e0e8356bf31710e080905f6f47d806a3a97257");
    CHECK(out.header_count == 0);
}

static void test_headers(void)
{
    static const struct sigv4_header headers[] = {
        {{"X-B-C", 5}, {"  two \t words\r\n  and more ", 26}},
        {{"user-agent", 10}, {"not signed", 10}},
        {{"x-b", 3}, {"1", 1}},
        {{"HOST", 4}, {"h", 1}},
        {{"X-B", 3}, {"", 0}},
        {{"x-b", 3}, {"3", 1}},
        {{"Expect", 6}, {"100-continue", 12}},
    };
    struct sigv4_request request = request_of("/", "");
    struct sigv4_config config = config_of();
    struct buffer out = {.max = 1000};
    request.headers = headers;
    request.header_count = sizeof headers / sizeof *headers;
    CHECK(sigv4_canonical_request(&request, &config, slice_of("-"), &out, &err));
    CHECK_TEXT(out.data,
               "GET\n/\n\nhost:h\nx-b:1,,3\nx-b-c:two words and more\n\nhost;x-b;x-b-c\n-");
    buffer_clear(&out);
}

/* The day of the scope is that of the corrected clock. */
static void test_clock(void)
{
    struct sigv4_request request = request_of("/", "");
    struct sigv4_config config = config_of();
    struct sigv4_signature out;
    config.clock_offset = MIDNIGHT;
    CHECK(sigv4_sign(signer, &request, &config, &out, &err));
    CHECK(strstr(out.headers[1].value.data, "Credential=AKIDTIDE/20260825/eu-west-1/ecs/"));
    CHECK(slice_is(out.headers[0].value, "20260825T000000Z"));
    config.clock_offset = -config.now - 1;
    CHECK(is_refused(&request, &config, "the time of signing is not between 1970 and 9999"));
    config.clock_offset = INT64_MAX;
    CHECK(!sign(&request, &config));
    config.clock_offset = INT64_MIN;
    CHECK(!sign(&request, &config));
}

/* Whatever is signed, or decides the key, changes the signature; a cached key changes nothing. */
static void test_everything_counts(void)
{
    static const struct sigv4_header other_host[] = {{{"Host", 4}, {"h", 1}}};
    struct sigv4_request requests[6];
    struct sigv4_config configs[6];
    char seen[16][SIGV4_HEX_SIZE + 1];
    size_t count = 0;
    for (size_t i = 0; i < 6; i++) {
        requests[i] = request_of("/", "");
        configs[i] = config_of();
    }
    requests[1].method = slice_of("PUT");
    requests[2].path = slice_of("/a");
    requests[3].query = slice_of("a");
    requests[4].body = slice_of("b");
    requests[5].headers = other_host;
    configs[1].secret_key = slice_of("another");
    configs[2].region = slice_of("eu-west-2");
    configs[3].service = slice_of("ecr");
    configs[4].now += MIDNIGHT;
    configs[5].session_token = slice_of("t");
    for (size_t i = 0; i < 11; i++) {
        const char *hex = sign(&requests[i < 6 ? i : 0], &configs[i < 6 ? 0 : i - 5]);
        if (!CHECK(hex))
            return;
        memcpy(seen[count++], hex, sizeof *seen);
        for (size_t k = 0; k + 1 < count; k++)
            CHECK(strcmp(seen[k], hex) != 0);
    }
    for (size_t i = 0; i < 11; i++)
        CHECK_TEXT(sign(&requests[i < 6 ? i : 0], &configs[i < 6 ? 0 : i - 5]), seen[i]);
}

/* More scopes than keys are kept, twice around: each signature is what a new signer says. */
static void test_cached_keys(void)
{
    struct sigv4_request request = request_of("/", "");
    for (int round = 0; round < 40; round++) {
        char service[3] = {(char)('a' + round % 13), 's', '\0'};
        struct sigv4_config config = config_of();
        struct sigv4_signature out;
        struct sigv4 *fresh = sigv4_new();
        config.service = slice_of(service);
        CHECK(sigv4_sign(fresh, &request, &config, &out, &err));
        CHECK_TEXT(sign(&request, &config), out.signature.data);
        sigv4_free(fresh);
    }
}

static void test_steps(void)
{
    struct sigv4_request request = request_of("/x", "");
    struct sigv4_config config = config_of();
    struct sigv4_signature out;
    unsigned char key[SIGV4_KEY_SIZE];
    char hex[SIGV4_HEX_SIZE + 1];
    char time[SIGV4_TIME_SIZE + 1];
    struct buffer text = {.max = 4000};
    struct buffer scope = {.max = 4000};
    CHECK(sigv4_sign(signer, &request, &config, &out, &err));
    CHECK(sigv4_time(time, &config, &err) && sigv4_scope(time, &config, &scope, &err));
    CHECK_TEXT(scope.data, "20260824/eu-west-1/ecs/aws4_request");
    CHECK(sigv4_string_to_sign(time, buffer_slice(&scope), out.canonical_request, &text, &err));
    CHECK(slice_equal(buffer_slice(&text), out.string_to_sign));
    CHECK(sigv4_signing_key(key, (struct slice){time, 8}, &config, &err));
    sigv4_signature_of(hex, key, buffer_slice(&text));
    CHECK_TEXT(out.signature.data, hex);
    buffer_clear(&text);
    buffer_clear(&scope);
}

static void test_refused_requests(void)
{
    static const struct sigv4_header bad[][2] = {
        {{{"Host", 4}, {"h", 1}}, {{"x-amz-DATE", 10}, {"1", 1}}},
        {{{"Host", 4}, {"h", 1}}, {{"a\nb", 3}, {"1", 1}}},
        {{{"Hosts", 5}, {"h", 1}}, {{"a", 1}, {"1", 1}}},
    };
    static const char *const messages[] = {
        "the header x-amz-DATE is the signer's to write",
        "a header to be signed has no proper name",
        "a request to be signed has no Host header",
    };
    struct sigv4_config config = config_of();
    for (size_t i = 0; i < 3; i++) {
        struct sigv4_request request = request_of("/", "");
        request.headers = bad[i];
        request.header_count = 2;
        CHECK(is_refused(&request, &config, messages[i]));
    }
    struct sigv4_request request = request_of("a", "");
    CHECK(is_refused(&request, &config, "a path to be signed starts with '/'"));
    request = request_of("/", "");
    request.method = slice_of("GET /");
    CHECK(is_refused(&request, &config, "a request to be signed has no proper method"));
}

/* What is wrong with a secret is said without it. */
static void test_refused_config(void)
{
    struct sigv4_request request = request_of("/", "");
    struct sigv4_config config = config_of();
    config.session_token = slice_of("tok\r\nen");
    CHECK(is_refused(&request, &config,
                     "the session token holds blanks, control or non-ASCII characters"));
    config = config_of();
    config.access_key = slice_of("");
    CHECK(is_refused(&request, &config, "signing without an access key ID"));
    config = config_of();
    config.secret_key = slice_of("");
    CHECK(is_refused(&request, &config,
                     "signing for ecs: the secret access key has 0 bytes, not 1 to 1024"));
    struct sigv4_signature out;
    config = config_of();
    config.expires = 0;
    CHECK(!sigv4_presign(signer, &request, &config, &out, &err));
    config.expires = SIGV4_EXPIRES_MAX;
    CHECK(sigv4_presign(signer, &request, &config, &out, &err));
    request.query = out.query;
    CHECK(!sigv4_presign(signer, &request, &config, &out, &err));
    CHECK_TEXT(err.message, "a request to be presigned is presigned already");
}

/* A token larger than any before makes the buffers anew. */
static void test_large(void)
{
    enum { SIZE = 100000 };
    char *token = malloc(SIZE + 1);
    memset(token, '/', SIZE);
    token[SIZE] = '\0';
    struct sigv4_request request = request_of("/", "");
    struct sigv4_config config = config_of();
    struct sigv4_signature out;
    config.session_token = slice_of(token);
    CHECK(sigv4_presign(signer, &request, &config, &out, &err));
    CHECK(out.query.size > 3 * SIZE);
    config.unsigned_token = true;
    CHECK(sigv4_presign(signer, &request, &config, &out, &err));
    CHECK(out.query.size > 3 * SIZE && out.canonical_request.size < 1000);
    CHECK(sigv4_sign(signer, &request, &config, &out, &err));
    CHECK(out.header_count == 3 && slice_is(out.signed_headers, "host;x-amz-date"));
    free(token);
}

static const struct check_test tests[] = {
    {"paths", test_paths},
    {"queries", test_queries},
    {"vectors", test_vectors},
    {"headers", test_headers},
    {"clock", test_clock},
    {"everything_counts", test_everything_counts},
    {"cached_keys", test_cached_keys},
    {"steps", test_steps},
    {"refused_requests", test_refused_requests},
    {"refused_config", test_refused_config},
    {"large", test_large},
};

int main(int argc, char **argv)
{
    signer = sigv4_new();
    int status = check_main(tests, sizeof tests / sizeof *tests, argc, argv);
    sigv4_free(signer);
    return status;
}
