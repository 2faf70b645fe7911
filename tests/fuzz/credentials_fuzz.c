/* The search for credentials: whatever the files say and whoever answers, it ends, and keys that it
 * finds are whole. NULs divide the input: config file, printed text, then the answers, whose first
 * byte picks the status. */
#include "aws/credentials.h"
#include "fuzz.h"

#include <stddef.h>
#include <string.h>

enum { ASKED_MAX = 64 };

struct fuzz_io {
    struct credentials_io io;
    struct settings_files files;
    struct environment environment;
    struct slice config, printed, rest;
    size_t asked;
};

static struct slice take_part(struct slice *rest)
{
    const char *end = rest->size > 0 ? memchr(rest->data, '\0', rest->size) : NULL;
    struct slice part = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    size_t used = part.size + (end ? 1 : 0);
    rest->data += used;
    rest->size -= used;
    return part;
}

static const char *get(const struct environment *environment, const char *name)
{
    (void)environment;
    if (strcmp(name, "HOME") == 0)
        return "/h";
    if (strcmp(name, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI") == 0)
        return "/c";
    return strcmp(name, "AWS_REGION") == 0 ? "eu-west-1" : NULL;
}

static enum settings_file read_file(struct settings_files *files, const char *path,
                                    struct buffer *out, struct error *err)
{
    char *base = (char *)files - offsetof(struct fuzz_io, files);
    struct fuzz_io *fuzz = (struct fuzz_io *)(void *)base;
    struct slice text = fuzz->printed;
    if (strcmp(path, "/h/.aws/config") == 0)
        text = fuzz->config;
    if (strcmp(path, "/h/.aws/credentials") == 0)
        text.size = 0;
    bool ok = text.size == 0 || buffer_append(out, text, err);
    return ok ? SETTINGS_FILE_READ : SETTINGS_FILE_FAILED;
}

static bool exchange(struct credentials_io *io, const struct credentials_request *request,
                     int *status, struct buffer *body, struct error *err)
{
    static const int statuses[] = {200, 403, 404, 429, 503};
    struct fuzz_io *fuzz = (struct fuzz_io *)io;
    PROMISE(request->header_count <= CREDENTIALS_HEADERS_MAX && request->timeout > 0);
    PROMISE(++fuzz->asked < ASKED_MAX);
    if (fuzz->rest.size == 0)
        return error_set(err, ERROR_IO, "nothing answers");
    struct slice answer = take_part(&fuzz->rest);
    if (answer.size == 0)
        return error_set(err, ERROR_IO, "lost");
    *status = statuses[(unsigned char)answer.data[0] % 5];
    return buffer_append(body, (struct slice){answer.data + 1, answer.size - 1}, err);
}

static bool run(struct credentials_io *io, const char *command, struct buffer *out,
                struct error *err)
{
    struct slice printed = ((struct fuzz_io *)io)->printed;
    if (!*command)
        return error_set(err, ERROR_IO, "no command");
    return printed.size == 0 || buffer_append(out, printed, err);
}

static int64_t now(struct credentials_io *io)
{
    (void)io;
    return INT64_C(1787572800000);
}

static void rest(struct credentials_io *io, int64_t ms)
{
    (void)io;
    PROMISE(ms > 0 && ms < 1000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err;
    struct settings settings;
    struct credentials keys = {0};
    struct fuzz_io fuzz = {.environment = {get}, .files = {read_file}};
    fuzz.io = (struct credentials_io){&fuzz.environment, &fuzz.files, exchange, run, now, rest};
    fuzz.rest = (struct slice){(const char *)data, size};
    fuzz.config = take_part(&fuzz.rest);
    fuzz.printed = take_part(&fuzz.rest);
    if (!settings_open(&settings, &fuzz.environment, &fuzz.files, slice_of(""), NULL, &err))
        return 0;
    if (credentials_load(&keys, &settings, &fuzz.io, &err))
        PROMISE(keys.access_key.size > 0 && keys.secret_key.size > 0 && keys.provider);
    credentials_clear(&keys);
    settings_close(&settings);
    return 0;
}
