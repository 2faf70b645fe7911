/* Requests that fail: what is proven not to have left, what may have arrived, what is said. */
#include "net_check.h"

static struct kept kept;

static void check_failure(enum net_failure failure, const char *starts)
{
    if (!CHECK(kept.failure == failure && kept.status == 0 && kept.times == 1))
        fprintf(stderr, "%s\n", net_failure_name(kept.failure));
    if (!CHECK_STARTS(kept.message, starts))
        fprintf(stderr, "got  %s\nwant %s...\n", kept.message, starts);
}

/* "kind 127.0.0.1:port rest" */
static const char *about(const char *before, unsigned port, const char *behind)
{
    static char text[512];
    snprintf(text, sizeof text, "%s127.0.0.1:%u%s", before, port, behind);
    return text;
}

static int count_of(const char *key)
{
    struct kept counted;
    char path[64];
    snprintf(path, sizeof path, "/count?key=%s", key);
    ask_for(&counted, "http", server.plain, path);
    return (int)strtol(counted.body, NULL, 10);
}

/* A name that no resolver asks anybody about: one part of it is too long. */
static void test_no_host(void)
{
    struct net_request request = get(
        "https://"
        "a234567890123456789012345678901234567890123456789012345678901234567890.example/");
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "could not resolve host a23456789");
    request.proxy =
        "http://"
        "a234567890123456789012345678901234567890123456789012345678901234567890.example";
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "could not resolve the proxy of the configuration: ");
}

static void test_no_port(void)
{
    struct net_request request = get("http://127.0.0.1:1/");
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "could not connect to 127.0.0.1:1: Connection refused");
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    request.proxy = NULL;
    request.url = slice_of("http://h.example/");
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "could not connect to h.example (there is a proxy: http_proxy): ");
    unsetenv("http_proxy");
}

static void test_certificates(void)
{
    struct net_request request;
    fresh();
    request = get(url_of("https", server.tls, "/echo"));
    request.ca_bundle = NULL;
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, about("the certificate of ", server.tls, " is not trusted: "));
    CHECK(strstr(kept.message, "name its file in AWS_CA_BUNDLE or CURL_CA_BUNDLE"));
    setenv("SSL_CERT_FILE", server.ca, 1);
    ask(&kept, &request);
    CHECK(kept.status == 200);
    setenv("CURL_CA_BUNDLE", "/does/not/exist.pem", 1); /* goes first */
    fresh();
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "the CA bundle cannot be read: ");
    unsetenv("SSL_CERT_FILE");
    unsetenv("CURL_CA_BUNDLE");
    ask_for(&kept, "https", server.other, "/echo");
    check_failure(NET_NOT_SENT, about("the certificate of ", server.other, " is not trusted: "));
    CHECK(strstr(kept.message, "; is the endpoint right?"));
}

static void test_no_tls(void)
{
    ask_for(&kept, "https", server.plain, "/echo");
    CHECK(kept.failure == NET_NOT_SENT);
    ask_for(&kept, "https", server.slam, "/echo");
    check_failure(NET_NOT_SENT, about("no TLS with ", server.slam, ": "));
}

/* Both stand still: one before anything was sent, one after. */
static void test_too_late(void)
{
    struct net_request request = get(url_of("https", server.mute, "/"));
    request.connect_ms = 30;
    ask(&kept, &request);
    check_failure(NET_NOT_SENT,
                  about("", server.mute, " took the connection and did not begin TLS within 30ms"));
    request = get(url_of("http", server.plain, "/silence"));
    request.total_ms = 30;
    ask(&kept, &request);
    check_failure(NET_LOST, about("", server.plain, " did not answer within 30ms"));
    request.url = slice_of(url_of("http", server.plain, "/drip"));
    ask(&kept, &request);
    check_failure(NET_LOST, about("", server.plain, " did not answer within 30ms"));
}

static void test_proxies(void)
{
    char proxy[64];
    struct net_request request = get("https://nowhere.example/");
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server.mute);
    request.proxy = proxy;
    request.connect_ms = 30;
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "the proxy of the configuration made no connection to "
                                "nowhere.example within 30ms: ");
    request.connect_ms = 0;
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server.refusing);
    ask(&kept, &request);
    check_failure(NET_NOT_SENT, "the proxy of the configuration wants a name and a password");
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server.slam);
    ask(&kept, &request);
    check_failure(NET_NOT_SENT,
                  "the proxy of the configuration made no connection to nowhere.example: ");
}

/* On a connection of its own and on one that was kept: never sent a second time. */
static void test_cut(void)
{
    static const char *const stages[] = {"request", "answer", "status", "headers",
                                         "body",    "chunk",  "garbage"};
    for (size_t i = 0; i < 2 * sizeof stages / sizeof *stages; i++) {
        const char *stage = stages[i / 2];
        char path[64];
        int before = count_of(stage);
        fresh();
        if (i % 2)
            ask_for(&kept, "http", server.plain, "/echo");
        snprintf(path, sizeof path, "/cut?stage=%s&key=%s", stage, stage);
        struct net_request request = get(url_of("http", server.plain, path));
        request.method = slice_of("POST");
        request.body = slice_of("twice would be once too often");
        ask(&kept, &request);
        if (!CHECK(kept.failure == NET_LOST && kept.times == 1))
            fprintf(stderr, "%s: %s\n", stage, kept.message);
        CHECK(count_of(stage) - before == (strcmp(stage, "request") != 0));
    }
}

/* The answer of AWS's to one request is never taken for that of the next, and neither is the one
 * behind it: the connection has ended. */
static void test_answered_twice(void)
{
    static const char *const names[] = {"x-amzn-RequestId", "x-amz-request-id"};
    for (size_t i = 0; i < 2 * sizeof names / sizeof *names; i++) {
        char path[96];
        bool same = i % 2;
        fresh();
        snprintf(path, sizeof path, "/twice?name=%s&id=%d", names[i / 2], (int)i);
        ask_for(&kept, "http", server.plain, path);
        CHECK(kept.failure == NET_NONE && strcmp(kept.body, "first") == 0);
        ask_for(&kept, "http", server.plain, same ? path : "/say?words=unheard");
        check_failure(NET_LOST, about("", server.plain, " gave the answer to another request"));
        ask_for(&kept, "http", server.plain, "/say?words=heard");
        CHECK(kept.failure == NET_NONE && strcmp(kept.body, "heard") == 0);
    }
}

static void test_reset(void)
{
    for (int i = 0; i < 2; i++) {
        fresh();
        if (i)
            ask_for(&kept, "http", server.plain, "/echo");
        int before = count_of("reset");
        ask_for(&kept, "http", server.plain, "/reset");
        check_failure(NET_LOST, about("the connection to ", server.plain, " was cut before "));
        CHECK(count_of("reset") == before + 1);
    }
}

/* A stream that is refused, and a connection that ends with the stream in it. */
static void test_http_2(void)
{
    static const enum net_failure wanted[] = {NET_NONE, NET_LOST, NET_NONE, NET_LOST};
    fresh();
    for (int i = 0; i < 2; i++) {
        int before = count_of("h2");
        ask_for(&kept, "https", server.h2, "/");
        CHECK(kept.failure == wanted[i]);
        CHECK(count_of("h2") == before + 1);
    }
}

static void test_too_large(void)
{
    struct net_request request = get(url_of("http", server.plain, "/big?n=1000"));
    request.answer_max = 1000;
    ask(&kept, &request);
    CHECK(kept.status == 200 && kept.body_size == 1000);
    request.answer_max = 999;
    ask(&kept, &request);
    check_failure(NET_LOST,
                  about("the answer of ", server.plain, " is too large: more than 999 bytes"));
    request.url = slice_of(url_of("http", server.plain, "/big?n=5000000"));
    request.answer_max = 5000000;
    ask(&kept, &request);
    CHECK(kept.status == 200 && kept.body_size == 5000000);
    request.url = slice_of(url_of("http", server.plain, "/chunked"));
    request.answer_max = 8;
    ask(&kept, &request);
    check_failure(NET_LOST, about("the answer of ", server.plain, " is too large"));
    ask_for(&kept, "http", server.plain, "/headers?n=60");
    CHECK(kept.status == 200);
    ask_for(&kept, "http", server.plain, "/headers?n=70");
    check_failure(NET_LOST,
                  about("the answer of ", server.plain, " is too large: more than 65536 bytes"));
}

/* What it comes to is what counts: a small answer can be a large one. */
static void test_compressed(void)
{
    struct net_request request = get(url_of("http", server.plain, "/zipped?n=100000"));
    request.answer_max = 100000;
    for (int i = 0; i < 2; i++) {
        request.compressed = i;
        ask(&kept, &request);
        CHECK(kept.status == 200 && kept.body_size == 100000);
    }
    request.url = slice_of(url_of("http", server.plain, "/zipped?n=50000000"));
    ask(&kept, &request);
    check_failure(NET_LOST,
                  about("the answer of ", server.plain, " is too large: more than 100000 bytes"));
    request.url = slice_of(url_of("http", server.plain, "/zipped?n=1&is=plain"));
    ask(&kept, &request);
    CHECK(kept.failure == NET_LOST && kept.status == 0);
}

/* Neither is called any more, and nothing is left to wait for. */
static void test_forgotten(void)
{
    struct net_request request = get(url_of("http", server.plain, "/silence"));
    struct kept other = {0};
    kept = (struct kept){0};
    fresh();
    CHECK(net_send(net, &request, keep, &kept, &err) &&
          net_send(net, &request, keep, &other, &err));
    net_forget(net, &other);
    request.total_ms = 20;
    request.url = slice_of(url_of("http", server.plain, "/silence"));
    CHECK(net_send(net, &request, keep, &other, &err) && net_wait(net, &err));
    CHECK(other.times == 1 && kept.times == 0);
    net_forget(net, &kept);
    CHECK(!net_wait(net, &err));
    CHECK_TEXT(err.message, "there is nothing to wait for");
    CHECK(net_send(net, &request, keep, &kept, &err));
    fresh(); /* freed with a request under way */
    CHECK(kept.times == 0);
}

NET_CHECK_MAIN({"no host", test_no_host}, {"no port", test_no_port},
               {"certificates", test_certificates}, {"no tls", test_no_tls},
               {"too late", test_too_late}, {"proxies", test_proxies}, {"cut", test_cut},
               {"answered twice", test_answered_twice}, {"reset", test_reset},
               {"http 2", test_http_2}, {"too large", test_too_large},
               {"compressed", test_compressed}, {"forgotten", test_forgotten})
