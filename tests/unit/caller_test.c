/* AWS operations in line and under way, against a server of our own in the same process: what is
 * sent, what a halt leaves, what is forgotten. Attempts and pages are tried in client_run_spec. */
#include "aws/system_io.h"
#include "check.h"
#include "world/caller.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static struct error err;
static struct pool pool;
static struct net *net;
static struct host *host;
static struct system_io io;
static struct settings settings;
static struct signer *signer;
static struct sender *sender;
static struct caller *caller;
static int server;

/* What came of a call. */
struct came {
    int times;
    enum outcome outcome;
    char text[1024];
};

static void done(void *context, enum outcome outcome, const struct value *value)
{
    struct came *came = context;
    struct buffer text;
    came->times++;
    came->outcome = outcome;
    buffer_init(&text, 64 << 10);
    CHECK(value_write(value, &text, &err));
    snprintf(came->text, sizeof came->text, "%s", text.data ? text.data : "");
    buffer_clear(&text);
}

static void listen_here(void)
{
    char url[64];
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(bind(server, (struct sockaddr *)&address, size) == 0 && listen(server, 8) == 0);
    CHECK(getsockname(server, (struct sockaddr *)&address, &size) == 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u", ntohs(address.sin_port));
    setenv("AWS_ENDPOINT_URL", url, 1);
    setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE", 1);
    setenv("AWS_SECRET_ACCESS_KEY", "hush", 1);
    setenv("AWS_CONFIG_FILE", "/dev/null", 1);
    setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null", 1);
    setenv("no_proxy", "127.0.0.1", 1);
}

static void set_up(const char *region, int64_t at_a_time)
{
    static struct profiles_warnings warnings;
    pool_init(&pool, 16 << 20);
    listen_here();
    CHECK(net_new(&net, &err) && host_new(&host, &err));
    system_io_init(&io, net);
    CHECK(settings_open(&settings, &io.environment, &io.files, slice_of(""), &warnings, &err));
    struct signer_params keys = {net, &settings, &io.credentials};
    CHECK(signer_new(&signer, &keys, &err));
    struct sender_params sending = {net, signer, NULL};
    CHECK(sender_new(&sender, &sending, &err));
    struct caller_params params = {.net = net,
                                   .host = host,
                                   .sender = sender,
                                   .signer = signer,
                                   .region = slice_of(region),
                                   .attempts = slice_of(""),
                                   .agent = "tidelock/test",
                                   .at_a_time = at_a_time};
    CHECK(caller_new(&caller, &params, &err));
}

static void tear_down(void)
{
    caller_free(caller);
    sender_free(sender);
    signer_free(signer);
    host_free(host);
    settings_close(&settings);
    net_free(net);
    close(server);
    pool_clear(&pool);
}

static void start(const char *operation, const char *input, struct came *came)
{
    struct value value;
    *came = (struct came){0};
    CHECK(value_parse(&value, slice_of(input), false, &pool, &err));
    struct caller_request request = {.operation = slice_of(operation), .input = &value};
    CHECK(caller_start(caller, &request, done, came, &err));
}

static void get_alias(struct came *came)
{
    start("lambda.get_alias", "{\"FunctionName\":\"pay\",\"Name\":\"live\"}", came);
}

static void wake(void *context)
{
    *(bool *)context = true;
}

/* Lets the loop go on for a moment. */
static void turn(void)
{
    bool over = false;
    CHECK(net_timer(net, net_now(net) + 5, wake, &over, &err) && net_wait_until(net, &over, &err));
}

/* The next connection, with its request; -1 if none comes. */
static int take_request(char *text, size_t size)
{
    enum { TURNS = 200 };
    struct pollfd waiting = {.fd = server, .events = POLLIN};
    for (int i = 0; i < TURNS && poll(&waiting, 1, 0) == 0; i++)
        turn();
    if (poll(&waiting, 1, 0) == 0)
        return -1;
    int connection = accept(server, NULL, NULL);
    turn();
    ssize_t got = recv(connection, text, size - 1, 0);
    text[got < 0 ? 0 : got] = '\0';
    return connection;
}

static void answer(int connection, const char *status, const char *body, const struct came *came)
{
    enum { TURNS = 200 };
    int times = came->times;
    dprintf(connection, "HTTP/1.1 %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status,
            strlen(body), body);
    close(connection);
    for (int i = 0; i < TURNS && came->times == times; i++)
        turn();
}

static bool none_comes(void)
{
    struct pollfd waiting = {.fd = server, .events = POLLIN};
    for (int i = 0; i < 10; i++)
        turn();
    return poll(&waiting, 1, 0) == 0;
}

static const char alias[] = "{\"AliasArn\":\"a\",\"FunctionVersion\":\"7\",\"Name\":\"live\","
                            "\"RevisionId\":\"r\"}";

static void test_sent_signed_and_answered(void)
{
    struct came came;
    char request[4096];
    set_up("eu-west-1", 0);
    get_alias(&came);
    int connection = take_request(request, sizeof request);
    CHECK(strstr(request, "GET /2015-03-31/functions/pay/aliases/live HTTP/1.1\r\n") == request);
    CHECK(strstr(request, "Authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"));
    CHECK(strstr(request, "/eu-west-1/lambda/aws4_request"));
    CHECK(strstr(request, "amz-sdk-request: attempt=1; max=3\r\n"));
    CHECK(strstr(request, "User-Agent: tidelock/test\r\n"));
    CHECK(!strstr(request, "hush"));
    answer(connection, "200 OK", alias, &came);
    CHECK(came.times == 1 && came.outcome == OUTCOME_OK);
    CHECK_TEXT(came.text, alias);
    tear_down();
}

static void test_not_sent(void)
{
    struct came came;
    set_up("", 0);
    get_alias(&came);
    CHECK(came.times == 1 && came.outcome == OUTCOME_REJECTED);
    CHECK(strstr(came.text, "{\"code\":\"NotSent\",\"message\":\"no region is configured: ") ==
          came.text);
    start("lambda.nothing", "{}", &came);
    CHECK_TEXT(came.text, "{\"code\":\"NotSent\",\"message\":\"there is no operation "
                          "lambda.nothing\"}");
    CHECK(none_comes());
    tear_down();
}

/* What is under way keeps its answer, and is not sent again; what waits in line never leaves; what
 * is started afterwards does. */
static void test_a_halt(void)
{
    struct came first, second, third;
    char request[4096];
    set_up("eu-west-1", 1);
    get_alias(&first);
    get_alias(&second);
    int connection = take_request(request, sizeof request);
    CHECK(none_comes() && second.times == 0);
    caller_halt(caller);
    CHECK(second.times == 1 && second.outcome == OUTCOME_REJECTED);
    CHECK_TEXT(second.text, "{\"code\":\"NotSent\",\"message\":\"the rollback began before it was "
                            "this call's turn\"}");
    get_alias(&third);
    answer(connection, "429 Slow", "{\"__type\":\"TooManyRequestsException\"}", &first);
    CHECK(first.times == 1 && first.outcome == OUTCOME_REJECTED);
    CHECK(strstr(first.text, "TooManyRequestsException"));
    connection = take_request(request, sizeof request);
    CHECK(strstr(request, "attempt=1;"));
    answer(connection, "200 OK", alias, &third);
    CHECK(third.times == 1 && third.outcome == OUTCOME_OK);
    tear_down();
}

/* A wait for another attempt is cut short: the last answer counts. */
static void test_a_halt_in_a_wait(void)
{
    struct came came;
    char request[4096];
    set_up("eu-west-1", 0);
    get_alias(&came);
    int connection = take_request(request, sizeof request);
    dprintf(connection, "HTTP/1.1 429 Slow\r\nx-amz-retry-after: 4000\r\nContent-Length: 2\r\n"
                        "Connection: close\r\n\r\n{}");
    close(connection);
    CHECK(none_comes() && came.times == 0);
    caller_halt(caller);
    CHECK(came.times == 1 && came.outcome == OUTCOME_REJECTED);
    tear_down();
}

static void test_forgotten(void)
{
    struct came first, second;
    char request[4096];
    set_up("eu-west-1", 1);
    get_alias(&first);
    get_alias(&second);
    int connection = take_request(request, sizeof request);
    caller_forget(caller, &first);
    close(connection);
    connection = take_request(request, sizeof request);
    answer(connection, "200 OK", alias, &second);
    CHECK(first.times == 0 && second.times == 1 && second.outcome == OUTCOME_OK);
    get_alias(&first);
    take_request(request, sizeof request);
    tear_down();
    CHECK(first.times == 0);
}

CHECK_MAIN({"sent_signed_and_answered", test_sent_signed_and_answered}, {"not_sent", test_not_sent},
           {"a_halt", test_a_halt}, {"a_halt_in_a_wait", test_a_halt_in_a_wait},
           {"forgotten", test_forgotten})
