#include "credentials_traffic.h"

#include "aws/uri.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TEXT_MAX = 1 << 20, EXCHANGE_FAILED = 500 };

/* Between the keys that the cases hold, which ended long ago, and the tokens, which never do. */
static const int64_t now_of_all = INT64_C(1630454400000);

/* --- what was recorded --- */

static void read_event(struct traffic *traffic, const struct value *event)
{
    const struct value *action = value_get(event, "action");
    int64_t id = value_get_integer(event, "connection_id", -1);
    if (id < 0 || id >= TRAFFIC_MAX)
        abort();
    struct traffic_exchange *exchange = &traffic->exchanges[id];
    const struct value *request = value_get(value_get(action, "Request"), "request");
    const struct value *response = value_get(value_get(action, "Response"), "response");
    const struct value *data = value_get(action, "Data");
    struct slice text = value_get_slice(value_get(data, "data"), "Utf8", "");
    if (request) {
        exchange->request = request;
        traffic->count++;
    }
    if (response)
        exchange->response = value_get(response, "Ok");
    if (data && value_is_text(value_get(data, "direction"), "Request"))
        exchange->body = text;
    else if (data)
        exchange->answer = text;
}

/* --- requests --- */

static void append_canonical(struct buffer *out, struct slice url)
{
    struct error err;
    const char *mark = memchr(url.data, '?', url.size);
    struct slice path = {url.data, mark ? (size_t)(mark - url.data) : url.size};
    struct slice query = {path.data + path.size, url.size - path.size};
    while (path.size > 0 && path.data[path.size - 1] == '/')
        path.size--;
    bool ok = buffer_append(out, path, &err);
    if (query.size > 0)
        ok = ok && buffer_append_text(out, "?", &err) &&
             uri_canonical_query((struct slice){query.data + 1, query.size - 1}, out, &err);
    if (!ok)
        abort();
}

static bool same_url(struct slice a, struct slice b)
{
    struct buffer texts[2] = {{.max = TEXT_MAX}, {.max = TEXT_MAX}};
    append_canonical(&texts[0], a);
    append_canonical(&texts[1], b);
    bool same = slice_equal(buffer_slice(&texts[0]), buffer_slice(&texts[1]));
    buffer_clear(&texts[0]);
    buffer_clear(&texts[1]);
    return same;
}

static const struct sigv4_header *find_header(const struct credentials_request *request,
                                              const char *name)
{
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice own = request->headers[i].name;
        if (own.size == strlen(name) && strncasecmp(own.data, name, own.size) == 0)
            return &request->headers[i];
    }
    return NULL;
}

/* The headers that carry meaning: those recorded must be sent. Signatures are compared elsewhere,
 * and some here were edited by hand; that there is one is what counts. */
static void check_headers(struct traffic *traffic, const struct credentials_request *request,
                          const struct value *recorded)
{
    static const char *const names[] = {
        "accept",
        "authorization",
        "x-amz-sso_bearer_token",
        "x-aws-ec2-metadata-token",
        "x-aws-ec2-metadata-token-ttl-seconds",
        "x-amz-security-token",
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct value *wanted = value_get(recorded, names[i]);
        const struct sigv4_header *sent = find_header(request, names[i]);
        if (wanted && !sent)
            suite_fail(traffic->suite, "the header %s was not sent", names[i]);
        else if (wanted && strcmp(names[i], "authorization") != 0 &&
                 strcmp(names[i], "x-amz-security-token") != 0)
            suite_same(traffic->suite, names[i], sent->value, wanted->array.items[0].string);
    }
}

/* "Action=AssumeRole&Version=2011-06-15": what follows differs by chance and by hand. */
static struct slice action_of(struct slice body)
{
    const char *end = body.size ? memmem(body.data, body.size, "&RoleArn=", 9) : NULL;
    return (struct slice){body.data, end ? (size_t)(end - body.data) : body.size};
}

static void check_request(struct traffic *traffic, const struct credentials_request *request,
                          const struct traffic_exchange *exchange)
{
    struct slice url = value_get_slice(exchange->request, "uri", "");
    suite_same(traffic->suite, "method", slice_of(request->method),
               value_get_slice(exchange->request, "method", ""));
    if (!same_url(request->url, url))
        suite_same(traffic->suite, "url", request->url, url);
    suite_same(traffic->suite, "action", action_of(request->body), action_of(exchange->body));
    check_headers(traffic, request, value_get(exchange->request, "headers"));
}

/* A request that failed and is sent again without another record fails again. */
static const struct traffic_exchange *next_exchange(struct traffic *traffic)
{
    if (traffic->used < traffic->count)
        return &traffic->exchanges[traffic->used++];
    if (traffic->used == 0)
        return NULL;
    const struct traffic_exchange *last = &traffic->exchanges[traffic->used - 1];
    bool failed = value_get_integer(last->response, "status", 0) >= EXCHANGE_FAILED;
    return failed ? last : NULL;
}

static bool door_exchange(struct credentials_io *io, const struct credentials_request *request,
                          int *status, struct buffer *body, struct error *err)
{
    struct traffic *traffic = (struct traffic *)io;
    const struct traffic_exchange *exchange = next_exchange(traffic);
    if (!exchange)
        return error_set(err, ERROR_IO, "nothing answers");
    check_request(traffic, request, exchange);
    *status = (int)value_get_integer(exchange->response, "status", 0);
    return exchange->answer.size == 0 || buffer_append(body, exchange->answer, err);
}

/* --- the other io --- */

static enum settings_file door_read(struct settings_files *files, const char *path,
                                    struct buffer *out, struct error *err)
{
    struct traffic *traffic = (struct traffic *)((char *)files - offsetof(struct traffic, files));
    struct buffer text = {.max = TEXT_MAX};
    bool there = suite_read(traffic->suite, &text, "%s/fs/%s", traffic->name, path);
    bool ok = there && (text.size == 0 || buffer_append(out, buffer_slice(&text), err));
    buffer_clear(&text);
    if (!there)
        error_set(err, ERROR_IO, "%s: %s", path, strerror(ENOENT));
    return ok ? SETTINGS_FILE_READ : there ? SETTINGS_FILE_FAILED : SETTINGS_FILE_ABSENT;
}

static void become_shell(const char *command, int out)
{
    dup2(out, STDOUT_FILENO);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

static bool read_pipe(int fd, struct buffer *out, struct error *err)
{
    enum { CHUNK = 4096 };
    for (;;) {
        char *room = buffer_reserve(out, CHUNK, err);
        ssize_t got = room ? read(fd, room, CHUNK) : -1;
        if (got <= 0)
            return got == 0;
        out->size += (size_t)got;
    }
}

static bool door_run(struct credentials_io *io, const char *command, struct buffer *out,
                     struct error *err)
{
    (void)io;
    int fds[2];
    int status = 0;
    fflush(NULL);
    if (pipe(fds) != 0)
        return error_set(err, ERROR_IO, "pipe: %s", strerror(errno));
    pid_t child = fork();
    if (child == 0)
        become_shell(command, fds[1]);
    close(fds[1]);
    bool ok = child > 0 && read_pipe(fds[0], out, err);
    close(fds[0]);
    if (child > 0 && waitpid(child, &status, 0) == child && status != 0)
        return error_set(err, ERROR_IO, "the command ended with status %d", WEXITSTATUS(status));
    return ok;
}

static int64_t door_now(struct credentials_io *io)
{
    (void)io;
    return now_of_all;
}

static void door_pause(struct credentials_io *io, int64_t ms)
{
    (void)io;
    (void)ms;
}

/* --- a case --- */

void traffic_open(struct traffic *traffic, struct suite *suite, const char *folder,
                  struct pool *pool)
{
    char path[512];
    *traffic = (struct traffic){.suite = suite, .name = folder};
    buffer_init(&traffic->text, TEXT_MAX);
    buffer_init(&traffic->environment_text, TEXT_MAX);
    snprintf(path, sizeof path, "%s/env.json", folder);
    suite_read_json(suite, &traffic->variables, &traffic->environment_text, pool, path);
    snprintf(path, sizeof path, "%s/http-traffic.json", folder);
    suite_read_json(suite, &traffic->recorded, &traffic->text, pool, path);
    const struct value *events = value_get(&traffic->recorded, "events");
    for (size_t i = 0; events && i < events->array.count; i++)
        read_event(traffic, &events->array.items[i]);
    suite_environment_init(&traffic->environment, &traffic->variables, pool);
    traffic->files.read = door_read;
    traffic->io = (struct credentials_io){
        .environment = &traffic->environment.environment,
        .files = &traffic->files,
        .exchange = door_exchange,
        .run = door_run,
        .now = door_now,
        .pause = door_pause,
    };
}

void traffic_close(struct traffic *traffic)
{
    if (traffic->used < traffic->count)
        suite_fail(traffic->suite, "%zu of %zu recorded requests were not made",
                   traffic->count - traffic->used, traffic->count);
    buffer_clear(&traffic->text);
    buffer_clear(&traffic->environment_text);
}
