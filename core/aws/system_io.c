/* Variables by getenv, files by descriptors, requests over the loop, commands by the shell. */
#include "aws/system_io.h"

#include "aws/command.h"
#include "aws/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMAND_MS = 60000, PIECE = 4096 };

/* --- variables and files --- */

static const char *get_variable(const struct environment *environment, const char *name)
{
    (void)environment;
    return getenv(name);
}

static bool is_full(int fd)
{
    char more;
    return read(fd, &more, 1) != 0;
}

/* Straight into the buffer, which may be kept for a secret. */
static bool read_all(int fd, const char *path, struct buffer *out, struct error *err)
{
    for (;;) {
        size_t left = out->max - out->size;
        size_t wanted = left < PIECE ? left : PIECE;
        char *room = buffer_reserve(out, wanted, err);
        if (!room)
            return error_wrap(err, "%s", path);
        ssize_t got = read(fd, room, wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set(err, ERROR_IO, "reading %s: %s", path, strerror(errno));
        out->size += (size_t)got;
        out->data[out->size] = '\0';
        if (left == 0 && is_full(fd))
            return error_set(err, ERROR_LIMIT, "%s has more than %zu bytes", path, out->max);
        if (got == 0)
            return true;
    }
}

/* Not blocking, so that a pipe that nobody writes to holds nothing up. */
static enum settings_file read_file(struct settings_files *files, const char *path,
                                    struct buffer *out, struct error *err)
{
    (void)files;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        bool absent = errno == ENOENT || errno == ENOTDIR;
        error_set(err, ERROR_IO, "opening %s: %s", path, strerror(errno));
        return absent ? SETTINGS_FILE_ABSENT : SETTINGS_FILE_FAILED;
    }
    bool ok = read_all(fd, path, out, err);
    close(fd);
    return ok ? SETTINGS_FILE_READ : SETTINGS_FILE_FAILED;
}

/* --- requests --- */

struct exchange {
    bool done, answered;
    int *status;
    struct buffer *body;
    struct error *err;
};

static void answered(void *context, const struct net_answer *answer)
{
    struct exchange *exchange = context;
    exchange->done = true;
    *exchange->status = answer->status;
    if (answer->failure == NET_NONE)
        exchange->answered = buffer_append(exchange->body, answer->body, exchange->err);
    else
        error_set(exchange->err, ERROR_IO, "%s", answer->message);
}

/* Without TLS it is the agent beside us, or somebody's own machine: no proxy is to see a token. */
static bool is_plain(struct slice url)
{
    return text_starts(url, "http:");
}

static bool exchange_one(struct credentials_io *credentials,
                         const struct credentials_request *request, int *status,
                         struct buffer *body, struct error *err)
{
    struct system_io *io = (struct system_io *)credentials;
    struct net_header headers[CREDENTIALS_HEADERS_MAX];
    struct exchange exchange = {.status = status, .body = body, .err = err};
    struct net_request sent = {.method = slice_of(request->method),
                               .url = request->url,
                               .body = request->body,
                               .headers = headers,
                               .header_count = request->header_count,
                               .total_ms = request->timeout,
                               .answer_max = body->max - body->size,
                               .ca_bundle = io->ca_bundle,
                               .proxy = is_plain(request->url) ? "" : NULL};
    for (size_t i = 0; i < request->header_count; i++)
        headers[i] = (struct net_header){request->headers[i].name, request->headers[i].value};
    if (!net_send(io->net, &sent, answered, &exchange, err))
        return false;
    bool waited = net_wait_until(io->net, &exchange.done, err);
    net_forget(io->net, &exchange);
    return waited && exchange.answered;
}

/* --- commands and time --- */

static bool run(struct credentials_io *credentials, const char *command, struct buffer *out,
                struct error *err)
{
    struct system_io *io = (struct system_io *)credentials;
    return command_run(io->net, command, io->command_ms, out, err);
}

static int64_t now(struct credentials_io *credentials)
{
    const struct system_io *io = (const struct system_io *)credentials;
    return net_now(io->net) + io->clock_offset;
}

static void set(void *context)
{
    *(bool *)context = true;
}

/* If there is no room for a timer, what was to be tried later is tried now. */
static void pause_for(struct credentials_io *credentials, int64_t ms)
{
    struct system_io *io = (struct system_io *)credentials;
    struct error ignored;
    bool over = false;
    if (net_timer(io->net, net_now(io->net) + ms, set, &over, &ignored))
        net_wait_until(io->net, &over, &ignored);
    net_forget(io->net, &over);
}

void system_io_init(struct system_io *io, struct net *net)
{
    const char *bundle = getenv("AWS_CA_BUNDLE");
    *io = (struct system_io){.environment = {get_variable},
                             .files = {read_file},
                             .net = net,
                             .ca_bundle = bundle && *bundle ? bundle : NULL,
                             .command_ms = COMMAND_MS};
    io->credentials = (struct credentials_io){.environment = &io->environment,
                                              .files = &io->files,
                                              .exchange = exchange_one,
                                              .run = run,
                                              .now = now,
                                              .pause = pause_for};
}
