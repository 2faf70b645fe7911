/* Requests that are answered: what is sent, what comes back, on how many connections. */
#include "net_check.h"

static struct kept kept[ANSWERS_MAX];

/* Byte for byte, and nothing besides. */
static void test_sent_as_given(void)
{
    static const struct net_header headers[] = {{{"X-Amz-Date", 10}, {"20261124T120000Z", 16}},
                                                {{"Authorization", 13}, {"AWS4 a=b, c", 11}},
                                                {{"x-empty", 7}, {"", 0}},
                                                {{"x-amz-meta-a", 12}, {"1", 1}},
                                                {{"x-amz-meta-a", 12}, {"2", 1}}};
    static const char path[] = "/echo/../b//./c/%2e%3a:$LATEST/~a/%C3%a4;x=1?z&y=%20+&a=b:/";
    char wanted[1024];
    struct net_request request = get(url_of("http", server.plain, path));
    request.headers = headers;
    request.header_count = 5;
    ask(&kept[0], &request);
    CHECK(kept[0].failure == NET_NONE && kept[0].status == 200 && kept[0].times == 1);
    snprintf(wanted, sizeof wanted,
             "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nUser-Agent: tidelock/%s\r\n"
             "X-Amz-Date: 20261124T120000Z\r\nAuthorization: AWS4 a=b, c\r\nx-empty:\r\n"
             "x-amz-meta-a: 1\r\nx-amz-meta-a: 2\r\n\r\n",
             path, server.plain, TIDELOCK_VERSION);
    CHECK_TEXT(kept[0].body, wanted);
}

static void test_bodies(void)
{
    static const struct {
        const char *method;
        struct slice body;
        const char *starts;
        const char *has;
    } rows[] = {
        {"POST",
         {"{\"a\":1}", 7},
         "POST /echo HTTP/1.1\r\n",
         "\r\nContent-Length: 7\r\n\r\n{\"a\":1}"},
        {"POST", {"", 0}, "POST /echo HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n"},
        {"PUT", {"", 0}, "PUT /echo HTTP/1.1\r\n", "\r\nContent-Length: 0\r\n"},
        {"PUT", {"x", 1}, "PUT /echo HTTP/1.1\r\n", "\r\n\r\nx"},
        {"PATCH", {"[]", 2}, "PATCH /echo HTTP/1.1\r\n", "\r\n\r\n[]"},
        {"DELETE", {"", 0}, "DELETE /echo HTTP/1.1\r\n", ""},
        {"DELETE", {"d", 1}, "DELETE /echo HTTP/1.1\r\n", "\r\n\r\nd"},
        {"GET", {"g", 1}, "GET /echo HTTP/1.1\r\n", "\r\n\r\ng"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct net_request request = get(url_of("http", server.plain, "/echo"));
        request.method = slice_of(rows[i].method);
        request.body = rows[i].body;
        ask(&kept[0], &request);
        CHECK_STARTS(kept[0].body, rows[i].starts);
        CHECK(strstr(kept[0].body, rows[i].has));
        CHECK(!strstr(kept[0].body, "Content-Type") && !strstr(kept[0].body, "Accept"));
        CHECK(rows[i].body.size || strstr(rows[i].method, "P") ||
              !strstr(kept[0].body, "Content-Length"));
    }
}

/* What is given is not added again. */
static void test_own_headers(void)
{
    static const struct net_header headers[] = {{{"user-agent", 10}, {"mine", 4}},
                                                {{"host", 4}, {"signed.example", 14}},
                                                {{"Accept", 6}, {"text/plain", 10}}};
    struct net_request request = get(url_of("http", server.plain, "/echo"));
    request.headers = headers;
    request.header_count = 3;
    ask(&kept[0], &request);
    CHECK(strstr(kept[0].body, "\r\nuser-agent: mine\r\n") && !strstr(kept[0].body, "tidelock"));
    CHECK(strstr(kept[0].body, "ost: signed.example\r\n") && !strstr(kept[0].body, "127.0.0.1"));
    CHECK(strstr(kept[0].body, "\r\nAccept: text/plain\r\n"));
}

/* A body at which libcurl would ask first. */
static void test_no_100_continue(void)
{
    enum { SIZE = 2 << 20 };
    char *body = malloc(SIZE);
    struct net_request request = get(url_of("http", server.plain, "/echo"));
    memset(body, 'b', SIZE);
    request.method = slice_of("POST");
    request.body = (struct slice){body, SIZE};
    ask(&kept[0], &request);
    CHECK(kept[0].status == 200 && kept[0].body_size > SIZE);
    CHECK(!strstr(kept[0].body, "Expect"));
    free(body);
}

static void test_answers(void)
{
    ask_for(&kept[0], "http", server.plain, "/status?is=503");
    CHECK(kept[0].failure == NET_NONE && kept[0].status == 503);
    CHECK_TEXT(kept[0].body, "so be it");
    ask_for(&kept[0], "http", server.plain, "/status?is=302");
    CHECK(kept[0].status == 302 && strstr(kept[0].headers, "Location: /echo\n"));
    ask_for(&kept[0], "http", server.plain, "/chunked");
    CHECK_TEXT(kept[0].body, "in pieces");
    CHECK(!strstr(kept[0].headers,
                  "X-Late: yes")); /* what comes behind the body is not of the head */
    ask_for(&kept[0], "http", server.plain, "/early");
    CHECK(kept[0].status == 200 && !strstr(kept[0].headers, "X-Early"));
    CHECK_STARTS(kept[0].headers, "Content-Length: 5\nX-Connection: ");
}

static void test_reuse(void)
{
    char first[4096];
    fresh();
    ask_for(&kept[0], "https", server.tls, "/echo");
    memcpy(first, kept[0].headers, sizeof first);
    for (int i = 0; i < 3; i++) {
        ask_for(&kept[0], "https", server.tls, "/echo");
        CHECK_TEXT(kept[0].headers, first);
    }
}

/* The server answers none before it has all. */
static void test_many_at_once(void)
{
    struct net_request request = get(url_of("http", server.plain, "/gather?name=a&n=16"));
    memset(kept, 0, sizeof kept);
    for (int i = 0; i < 16; i++)
        CHECK(net_send(net, &request, keep, &kept[i], &err));
    for (int i = 0; i < 16; i++) {
        CHECK(net_wait_until(net, &kept[i].done, &err));
        CHECK_TEXT(kept[i].body, "together");
    }
}

/* More than there are connections: some wait, and all are answered, once. */
static void test_more_than_connections(void)
{
    struct net_request request = get(url_of("http", server.plain, "/echo"));
    memset(kept, 0, sizeof kept);
    for (int i = 0; i < ANSWERS_MAX; i++)
        CHECK(net_send(net, &request, keep, &kept[i], &err));
    for (int i = 0; i < ANSWERS_MAX; i++)
        CHECK(net_wait_until(net, &kept[i].done, &err) && kept[i].status == 200);
    for (int i = 0; i < ANSWERS_MAX; i++)
        CHECK(kept[i].times == 1);
}

static void send_second(void *context, const struct net_answer *answer)
{
    struct net_request request = get(url_of("http", server.plain, "/echo/second"));
    CHECK(answer->status == 200);
    CHECK(net_send(net, &request, keep, context, &err));
}

static void wait_inside(void *context, const struct net_answer *answer)
{
    CHECK(answer->status == 200);
    ask_for(context, "http", server.plain, "/echo/second");
}

/* What is called may send, and even wait. */
static void test_from_within(void)
{
    static net_done_fn *const functions[] = {send_second, wait_inside};
    for (int i = 0; i < 2; i++) {
        struct net_request request = get(url_of("http", server.plain, "/echo"));
        kept[0] = (struct kept){0};
        CHECK(net_send(net, &request, functions[i], &kept[0], &err));
        CHECK(net_wait_until(net, &kept[0].done, &err));
        CHECK_STARTS(kept[0].body, "GET /echo/second ");
    }
}

static void test_http_2(void)
{
    fresh();
    ask_for(&kept[0], "https", server.h2, "/");
    CHECK(kept[0].failure == NET_NONE && kept[0].status == 200);
    CHECK_TEXT(kept[0].body, "two");
}

static void test_by_proxy(void)
{
    char proxy[64];
    struct net_request request = get(url_of("https", server.tls, "/echo"));
    fresh();
    snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", server.proxy);
    request.proxy = NULL;
    setenv("HTTPS_PROXY", proxy, 1);
    ask(&kept[0], &request);
    CHECK(kept[0].status == 200 && !strstr(kept[0].headers, "established"));
    ask_for(&kept[0], "http", server.plain, "/count?key=proxy");
    CHECK_TEXT(kept[0].body, "1");
    setenv("NO_PROXY", "127.0.0.1", 1);
    ask(&kept[0], &request);
    if (!CHECK(kept[0].status == 200))
        fprintf(stderr, "%s\n", kept[0].message);
    ask_for(&kept[0], "http", server.plain, "/count?key=proxy");
    CHECK_TEXT(kept[0].body, "1");
    unsetenv("HTTPS_PROXY");
    unsetenv("NO_PROXY");
}

/* What cannot be sent as it is, is not sent. */
static void test_refused(void)
{
    static const char *const urls[] = {"",
                                       "ftp://h/",
                                       "file:///etc/passwd",
                                       "http://h/a b",
                                       "http://h/\xC3\xA4",
                                       "http://h/a\r\nEvil: 1",
                                       "http://h/a#b",
                                       "http://user:word@h/",
                                       "//h/",
                                       "http://:80/",
                                       "http://h:99999/"};
    static const struct net_header headers[] = {{{"X", 1}, {"a\r\nEvil: 1", 10}},
                                                {{"X", 1}, {"a\0b", 3}},
                                                {{"X Y", 3}, {"a", 1}},
                                                {{"X:", 2}, {"a", 1}},
                                                {{"", 0}, {"a", 1}}};
    for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
        struct net_request request = get(urls[i]);
        CHECK(!net_send(net, &request, keep, &kept[0], &err) && err.code == ERROR_INVALID);
    }
    for (size_t i = 0; i < sizeof headers / sizeof *headers; i++) {
        struct net_request request = get("http://127.0.0.1/");
        request.headers = &headers[i];
        request.header_count = 1;
        CHECK(!net_send(net, &request, keep, &kept[0], &err) && err.code == ERROR_INVALID);
    }
    struct net_request request = get("http://127.0.0.1/");
    request.method = slice_of("GET / HTTP/1.1\r\n");
    CHECK(!net_send(net, &request, keep, &kept[0], &err) && err.code == ERROR_INVALID);
    CHECK(!net_wait(net, &err) && err.code == ERROR_INTERNAL);
}

NET_CHECK_MAIN({"sent as given", test_sent_as_given}, {"bodies", test_bodies},
               {"own headers", test_own_headers}, {"no 100 continue", test_no_100_continue},
               {"answers", test_answers}, {"reuse", test_reuse},
               {"many at once", test_many_at_once},
               {"more than connections", test_more_than_connections},
               {"from within", test_from_within}, {"http 2", test_http_2},
               {"by proxy", test_by_proxy}, {"refused", test_refused})
