/* The outside for the tests of core/aws: variables, files and answers from tables; what was asked
 * is kept. */
#pragma once

#include "aws/credentials.h"

#include <stdio.h>
#include <string.h>

enum { IO_ASKED_MAX = 16 };

struct fake_answer {
    const char *url; /* what must be asked; NULL ends the list */
    int status;      /* 0: no answer */
    const char *body;
};

struct fake_io {
    struct credentials_io io;
    struct settings_files files;
    struct environment environment;
    const char *const *variables; /* name, value, ..., NULL */
    const char *const *texts;     /* path, text, ..., NULL */
    const struct fake_answer *answers;
    const char *printed; /* by credential_process; NULL: it fails */
    size_t asked;
    char urls[IO_ASKED_MAX][256];
    char bodies[IO_ASKED_MAX][512];
    char headers[IO_ASKED_MAX][1024]; /* "name: value\n" */
    int64_t paused;                   /* ms */
};

static const int64_t fake_now = INT64_C(1787572800000); /* 2026-08-24T12:00:00Z */

static const char *fake_find(const char *const *pairs, const char *name)
{
    while (pairs && *pairs && strcmp(*pairs, name) != 0)
        pairs += 2;
    return pairs && *pairs ? pairs[1] : NULL;
}

static const char *fake_get(const struct environment *environment, const char *name)
{
    const char *base = (const char *)environment - offsetof(struct fake_io, environment);
    return fake_find(((const struct fake_io *)(const void *)base)->variables, name);
}

static enum settings_file fake_read(struct settings_files *files, const char *path,
                                    struct buffer *out, struct error *err)
{
    char *base = (char *)files - offsetof(struct fake_io, files);
    const char *text = fake_find(((struct fake_io *)(void *)base)->texts, path);
    if (text)
        return buffer_append_text(out, text, err) ? SETTINGS_FILE_READ : SETTINGS_FILE_FAILED;
    error_set(err, ERROR_IO, "%s: not there", path);
    return SETTINGS_FILE_ABSENT;
}

static void fake_keep(struct fake_io *fake, const struct credentials_request *request)
{
    size_t used = 0;
    size_t at = fake->asked++;
    snprintf(fake->urls[at], sizeof fake->urls[at], "%s %.*s", request->method,
             (int)request->url.size, request->url.data);
    snprintf(fake->bodies[at], sizeof fake->bodies[at], "%.*s", (int)request->body.size,
             request->body.size ? request->body.data : "");
    for (size_t i = 0; i < request->header_count; i++)
        used += (size_t)snprintf(fake->headers[at] + used, sizeof fake->headers[at] - used,
                                 "%.*s: %.*s\n", (int)request->headers[i].name.size,
                                 request->headers[i].name.data, (int)request->headers[i].value.size,
                                 request->headers[i].value.data);
}

static bool fake_exchange(struct credentials_io *io, const struct credentials_request *request,
                          int *status, struct buffer *body, struct error *err)
{
    struct fake_io *fake = (struct fake_io *)io;
    const struct fake_answer *answer = fake->answers;
    size_t skip = fake->asked;
    while (answer && answer->url && skip-- > 0)
        answer++;
    if (fake->asked < IO_ASKED_MAX)
        fake_keep(fake, request);
    if (!answer || !answer->url || answer->status == 0)
        return error_set(err, ERROR_IO, "nothing answers");
    if (strcmp(fake->urls[fake->asked - 1], answer->url) != 0)
        return error_set(err, ERROR_IO, "asked %s", fake->urls[fake->asked - 1]);
    *status = answer->status;
    return buffer_append_text(body, answer->body, err);
}

static bool fake_run(struct credentials_io *io, const char *command, struct buffer *out,
                     struct error *err)
{
    struct fake_io *fake = (struct fake_io *)io;
    if (!fake->printed)
        return error_set(err, ERROR_IO, "\"%s\" failed", command);
    return buffer_append_text(out, fake->printed, err);
}

static int64_t fake_time(struct credentials_io *io)
{
    (void)io;
    return fake_now;
}

static void fake_pause(struct credentials_io *io, int64_t ms)
{
    ((struct fake_io *)io)->paused += ms;
}

static inline void fake_io_init(struct fake_io *fake, const char *const *variables,
                                const char *const *texts, const struct fake_answer *answers)
{
    memset(fake, 0, sizeof *fake);
    fake->variables = variables;
    fake->texts = texts;
    fake->answers = answers;
    fake->environment.get = fake_get;
    fake->files.read = fake_read;
    fake->io = (struct credentials_io){.environment = &fake->environment,
                                       .files = &fake->files,
                                       .exchange = fake_exchange,
                                       .run = fake_run,
                                       .now = fake_time,
                                       .pause = fake_pause};
}
