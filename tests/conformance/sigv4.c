/* AWS's own signing cases (aws-c-auth, tests/aws-signing-test-suite/v4): each signed by header and
 * by query, every step compared. A folder a case. */
#include "aws/sigv4.h"

#include "base/time.h"
#include "suite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 20 };

struct signing_case {
    const char *name;
    struct value context;
    struct sigv4_request request;
    struct sigv4_header headers[SIGV4_HEADERS_MAX];
    struct slice target; /* path and query as they stand in the request line */
    struct sigv4_config config;
};

static struct pool pool = {.max = TEXT_MAX};
static struct sigv4 *signer;

static struct slice take_line(struct slice *rest)
{
    const char *end = rest->size ? memchr(rest->data, '\n', rest->size) : NULL;
    struct slice line = {rest->data, end ? (size_t)(end - rest->data) : rest->size};
    size_t used = line.size + (end ? 1 : 0);
    rest->data += used;
    rest->size -= used;
    return line;
}

/* "GET /a path?query HTTP/1.1": the target may hold blanks. */
static void read_request_line(struct signing_case *c, struct slice line)
{
    const char *first = memchr(line.data, ' ', line.size);
    const char *last = memrchr(line.data, ' ', line.size);
    c->request.method = (struct slice){line.data, (size_t)(first - line.data)};
    c->target = (struct slice){first + 1, (size_t)(last - first - 1)};
    c->request.path = c->target;
    const char *mark = memchr(c->target.data, '?', c->target.size);
    if (mark) {
        size_t before = (size_t)(mark - c->target.data);
        c->request.path.size = before;
        c->request.query = (struct slice){mark + 1, c->target.size - before - 1};
    }
}

/* A line that starts with a blank goes on with the value before it. */
static void read_header(struct signing_case *c, struct slice line)
{
    struct sigv4_header *header = &c->headers[c->request.header_count];
    if (line.data[0] == ' ' && c->request.header_count > 0) {
        header[-1].value.size = (size_t)(line.data + line.size - header[-1].value.data);
        return;
    }
    const char *colon = memchr(line.data, ':', line.size);
    header->name = (struct slice){line.data, (size_t)(colon - line.data)};
    header->value = (struct slice){colon + 1, line.size - header->name.size - 1};
    c->request.header_count++;
}

static void read_request(struct signing_case *c, struct slice text)
{
    read_request_line(c, take_line(&text));
    while (text.size > 0) {
        struct slice line = take_line(&text);
        if (line.size == 0)
            break;
        read_header(c, line);
    }
    c->request.body = text;
    c->request.headers = c->headers;
}

static bool read_config(struct signing_case *c, struct error *err)
{
    const struct value *credentials = value_get(&c->context, "credentials");
    bool normalize = value_get_boolean(&c->context, "normalize", true);
    c->config = (struct sigv4_config){
        .access_key = value_get_slice(credentials, "access_key_id", ""),
        .secret_key = value_get_slice(credentials, "secret_access_key", ""),
        .session_token = value_get_slice(credentials, "token", ""),
        .region = value_get_slice(&c->context, "region", ""),
        .service = value_get_slice(&c->context, "service", ""),
        .expires = value_get_integer(&c->context, "expiration_in_seconds", 0),
        .keep_path = !normalize,
        .content_sha256 = value_get_boolean(&c->context, "sign_body", false),
        .unsigned_token = value_get_boolean(&c->context, "omit_session_token", false),
    };
    return time_parse_instant(&c->config.now, value_get_slice(&c->context, "timestamp", ""), err);
}

/* The files end with a newline or without. */
static struct slice without_end(struct slice text)
{
    while (text.size > 0 && text.data[text.size - 1] == '\n')
        text.size--;
    return text;
}

static void compare(struct suite *suite, const struct signing_case *c, const char *way,
                    const char *step, struct slice got)
{
    char what[64];
    struct buffer want = {.max = TEXT_MAX};
    snprintf(what, sizeof what, "%s-%s", way, step);
    if (suite_read(suite, &want, "%s/%s.txt", c->name, what))
        suite_same(suite, what, without_end(got), without_end(buffer_slice(&want)));
    else
        suite_fail(suite, "%s.txt is missing", what);
    buffer_clear(&want);
}

static void append_headers(struct buffer *out, const struct sigv4_header *headers, size_t count)
{
    struct error err;
    for (size_t i = 0; i < count; i++)
        buffer_append_format(out, &err, "%.*s:%.*s\n", (int)headers[i].name.size,
                             headers[i].name.data, (int)headers[i].value.size,
                             headers[i].value.data);
}

/* The request as it goes out. */
static void write_request(const struct signing_case *c, const struct sigv4_signature *signature,
                          struct buffer *out)
{
    struct error err;
    bool query = signature->query.size > 0;
    buffer_append_format(out, &err, "%.*s %.*s%s%.*s HTTP/1.1\n", (int)c->request.method.size,
                         c->request.method.data, (int)c->request.path.size, c->request.path.data,
                         query ? "?" : "", (int)signature->query.size, signature->query.data);
    append_headers(out, c->request.headers, c->request.header_count);
    append_headers(out, signature->headers, signature->header_count);
    buffer_append_text(out, "\n", &err);
    buffer_append(out, c->request.body, &err);
}

static void compare_all(struct suite *suite, const struct signing_case *c, const char *way,
                        const struct sigv4_signature *signature)
{
    struct buffer sent = {.max = TEXT_MAX};
    write_request(c, signature, &sent);
    compare(suite, c, way, "canonical-request", signature->canonical_request);
    compare(suite, c, way, "string-to-sign", signature->string_to_sign);
    compare(suite, c, way, "signature", signature->signature);
    compare(suite, c, way, "signed-request", buffer_slice(&sent));
    buffer_clear(&sent);
}

static void sign(struct suite *suite, const struct signing_case *c, const char *way,
                 bool (*signing)(struct sigv4 *, const struct sigv4_request *,
                                 const struct sigv4_config *, struct sigv4_signature *,
                                 struct error *))
{
    char name[256];
    struct error err;
    struct sigv4_signature signature;
    snprintf(name, sizeof name, "%s by %s", c->name, way);
    if (!suite_begin(suite, name))
        return;
    if (signing(signer, &c->request, &c->config, &signature, &err))
        compare_all(suite, c, way, &signature);
    else
        suite_fail(suite, "%s", err.message);
    suite_end(suite);
}

static void run_case(struct suite *suite, const char *name)
{
    char path[512];
    struct error err;
    struct signing_case c = {.name = name};
    struct buffer context = {.max = TEXT_MAX};
    struct buffer request = {.max = TEXT_MAX};
    pool_reset(&pool);
    snprintf(path, sizeof path, "%s/context.json", name);
    suite_read_json(suite, &c.context, &context, &pool, path);
    if (!suite_read(suite, &request, "%s/request.txt", name) || !read_config(&c, &err))
        abort();
    read_request(&c, buffer_slice(&request));
    sign(suite, &c, "header", sigv4_sign);
    sign(suite, &c, "query", sigv4_presign);
    buffer_clear(&context);
    buffer_clear(&request);
}

int main(int argc, char **argv)
{
    struct suite suite = {.name = "sigv4"};
    suite_open(&suite, argc, argv, "get-vanilla/context.json");
    signer = sigv4_new();
    suite_each_folder(&suite, ".", run_case);
    sigv4_free(signer);
    pool_clear(&pool);
    return suite_close(&suite);
}
