/* For the tests of the loop: a scripted server (tests/support/net_server.py), and requests whose
 * answers are kept. Each program has one server, which ends with it. */
#pragma once

#include "check.h"
#include "net/net.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ANSWERS_MAX = 64, BODY_SHOWN = 2048 };

struct server {
    pid_t process;
    int stdin_fd; /* its end is the server's */
    unsigned plain, tls, other, h2, mute, slam, proxy, refusing;
    char ca[256];
};

struct kept {
    bool done;
    int times; /* it was called */
    enum net_failure failure;
    int status;
    char message[NET_MESSAGE_MAX];
    char body[BODY_SHOWN];
    size_t body_size;
    char headers[4096]; /* "name: value\n" */
};

static struct server server;
static struct net *net;
static struct error err;

/* --- the server --- */

static int server_spawn(int in, int out)
{
    extern char **environ;
    char *const words[] = {"python3", NET_SERVER, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_adddup2(&actions, out, 1);
    int failed = posix_spawnp(&server.process, "python3", &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return failed;
}

static bool server_read_ports(int fd)
{
    char line[512];
    FILE *file = fdopen(fd, "r");
    bool ok = file && fgets(line, sizeof line, file) &&
              sscanf(line,
                     "plain=%u mute=%u slam=%u proxy=%u refusing=%u tls=%u other=%u h2=%u ca=%255s",
                     &server.plain, &server.mute, &server.slam, &server.proxy, &server.refusing,
                     &server.tls, &server.other, &server.h2, server.ca) == 9;
    if (file)
        fclose(file);
    return ok;
}

/* What the machine that we run on has set does not count. */
static inline void server_forget_variables(void)
{
    static const char *const names[] = {"AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_DIR",
                                        "SSL_CERT_FILE", "http_proxy",     "https_proxy",
                                        "HTTPS_PROXY",   "all_proxy",      "ALL_PROXY",
                                        "no_proxy",      "NO_PROXY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

static inline int server_skip(const char *what)
{
    bool ci = getenv("CI") && strcmp(getenv("CI"), "true") == 0;
    printf("SKIPPED: the tests of core/net need %s, which is not installed\n", what);
    printf("0 passed, %d failed, %d skipped\n", ci, !ci);
    return ci ? 1 : 77;
}

static inline void server_stop(void)
{
    close(server.stdin_fd);
    waitpid(server.process, NULL, 0);
}

/* 0, or the exit status with which to end: where something is missing, that is a skip. */
static inline int server_start(void)
{
    int in[2], out[2];
    server_forget_variables();
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        return 1;
    int failed = server_spawn(in[0], out[1]);
    close(in[0]);
    close(out[1]);
    server.stdin_fd = in[1];
    if (failed == ENOENT)
        return server_skip("python3");
    if (failed != 0 || !server_read_ports(out[0])) {
        fprintf(stderr, "the scripted server does not start\n");
        return 1;
    }
    if (server.tls != 0)
        return 0;
    server_stop();
    return server_skip("openssl");
}

/* --- requests --- */

static inline void keep(void *context, const struct net_answer *answer)
{
    struct kept *kept = context;
    size_t used = 0;
    kept->done = true;
    kept->times++;
    kept->failure = answer->failure;
    kept->status = answer->status;
    snprintf(kept->message, sizeof kept->message, "%s", answer->message);
    kept->body_size = answer->body.size;
    snprintf(kept->body, sizeof kept->body, "%.*s", (int)answer->body.size, answer->body.data);
    for (size_t i = 0; i < answer->header_count && used < sizeof kept->headers; i++)
        used += (size_t)snprintf(kept->headers + used, sizeof kept->headers - used, "%.*s: %.*s\n",
                                 (int)answer->headers[i].name.size, answer->headers[i].name.data,
                                 (int)answer->headers[i].value.size, answer->headers[i].value.data);
}

/* Good for three more calls. */
static inline const char *url_of(const char *scheme, unsigned port, const char *path)
{
    static char urls[4][512];
    static int turn;
    char *url = urls[turn++ % 4];
    snprintf(url, sizeof urls[0], "%s://127.0.0.1:%u%s", scheme, port, path);
    return url;
}

/* Ten minutes end what hangs; valgrind on a busy machine needs more than 20 s for a handshake. */
static inline struct net_request get(const char *url)
{
    return (struct net_request){.method = slice_of("GET"),
                                .url = slice_of(url),
                                .ca_bundle = server.ca,
                                .proxy = "",
                                .total_ms = 600000};
}

/* Sends and waits for the answer. */
static inline void ask(struct kept *kept, const struct net_request *request)
{
    *kept = (struct kept){0};
    if (!CHECK(net_send(net, request, keep, kept, &err)) ||
        !CHECK(net_wait_until(net, &kept->done, &err)))
        fprintf(stderr, "%s\n", err.message);
}

static inline void ask_for(struct kept *kept, const char *scheme, unsigned port, const char *path)
{
    struct net_request request = get(url_of(scheme, port, path));
    ask(kept, &request);
}

/* A loop of its own, so that no connection is left from before. */
static inline void fresh(void)
{
    net_free(net);
    net = NULL;
    CHECK(net_new(&net, &err));
}

#define CHECK_STARTS(got, want) CHECK(strncmp((got), (want), strlen(want)) == 0)

#define NET_CHECK_MAIN(...)                                                                        \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        static const struct check_test tests[] = {__VA_ARGS__};                                    \
        int status = server_start();                                                               \
        if (status != 0)                                                                           \
            return status;                                                                         \
        fresh();                                                                                   \
        status = check_main(tests, sizeof tests / sizeof *tests, argc, argv);                      \
        net_free(net);                                                                             \
        server_stop();                                                                             \
        return status;                                                                             \
    }
