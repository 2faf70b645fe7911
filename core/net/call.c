/* One request on its way through libcurl: options set, answer gathered, outcome told. */
#include "net/call.h"

#include <stdlib.h>
#include <string.h>

enum {
    CONNECT_MS = 6000, /* name, connection, proxy, TLS */
    TOTAL_MS = 30000,
    URL_MAX = 64 << 10,
    LINES_MAX = 256 << 10, /* of headers to send */
    BODY_MAX = 64 << 20,
};

#define SET(call, option, value)                                                                   \
    (library.curl_easy_setopt((call)->easy, CURLOPT_##option, value) == CURLE_OK)

static void wipe(struct buffer *buffer)
{
    if (buffer->data)
        explicit_bzero(buffer->data, buffer->capacity);
    buffer_clear(buffer);
}

void call_free(struct call *call)
{
    library.curl_easy_cleanup(call->easy);
    for (struct curl_slist *line = call->lines; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    library.curl_slist_free_all(call->lines);
    wipe(&call->sent);
    wipe(&call->head);
    wipe(&call->body);
    buffer_clear(&call->host);
    free(call);
}

/* --- what may be asked for --- */

static bool is_visible(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~')
            return false;
    }
    return text.size > 0;
}

/* A name in HTTP: no separator, nothing invisible. */
static bool is_token(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (strchr("\"(),/:;<=>?@[\\]{}", text.data[i]))
            return false;
    }
    return is_visible(text);
}

static bool is_one_line(struct slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if ((c < ' ' && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool name_host(struct call *call, CURLU *parsed, struct error *err)
{
    char *host = NULL;
    char *port = NULL;
    bool ok = library.curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK && *host;
    if (ok && library.curl_url_get(parsed, CURLUPART_PORT, &port, 0) == CURLUE_OK)
        ok = buffer_append_format(&call->host, err, "%s:%s", host, port);
    else
        ok = ok && buffer_append_text(&call->host, host, err);
    library.curl_free(host);
    library.curl_free(port);
    return ok;
}

/* The first variable that names a proxy for such a URL. NO_PROXY may say otherwise; it is libcurl
 * that reads them. */
static const char *find_proxy(const struct net_request *request, bool tls)
{
    static const char *const variables[2][4] = {
        {"http_proxy", "all_proxy", "ALL_PROXY", NULL},
        {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}};
    if (request->proxy)
        return *request->proxy ? "the configuration" : NULL;
    for (size_t i = 0; i < 4 && variables[tls][i]; i++) {
        const char *value = getenv(variables[tls][i]);
        if (value && *value)
            return variables[tls][i];
    }
    return NULL;
}

static bool has_user(CURLU *parsed)
{
    char *user = NULL;
    CURLUcode code = library.curl_url_get(parsed, CURLUPART_USER, &user, 0);
    library.curl_free(user);
    return code != CURLUE_NO_USER;
}

static bool take_url(struct call *call, const char *url, const struct net_request *request,
                     struct error *err)
{
    char *scheme = NULL;
    CURLU *parsed = library.curl_url();
    bool ok = parsed &&
              library.curl_url_set(parsed, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
              library.curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              (strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0) &&
              name_host(call, parsed, err) && !has_user(parsed);
    if (ok)
        call->proxy_from = find_proxy(request, strcmp(scheme, "https") == 0);
    library.curl_free(scheme);
    library.curl_url_cleanup(parsed);
    if (!ok)
        return error_set(err, ERROR_INVALID,
                         "\"%.200s\" is not a URL to send to: http:// or https://, a host without "
                         "a user, a path",
                         url);
    return SET(call, URL, url) || error_set(err, ERROR_LIMIT, "out of memory for a request");
}

/* libcurl would encode or cut off what is refused here. */
static bool set_url(struct call *call, const struct net_request *request, struct error *err)
{
    struct buffer url = {.max = URL_MAX};
    int shown = request->url.size > 200 ? 200 : (int)request->url.size;
    bool ok = (is_visible(request->url) && !memchr(request->url.data, '#', request->url.size)) ||
              error_set(err, ERROR_INVALID, "\"%.*s\" cannot be sent as it is: it is not encoded",
                        shown, shown ? request->url.data : "");
    ok = ok && buffer_append(&url, request->url, err) && take_url(call, url.data, request, err);
    buffer_clear(&url);
    return ok;
}

/* --- headers --- */

static bool is_given(const struct net_request *request, const char *name)
{
    size_t size = strlen(name);
    for (size_t i = 0; i < request->header_count; i++) {
        struct slice given = request->headers[i].name;
        if (given.size == size && strncasecmp(given.data, name, size) == 0)
            return true;
    }
    return false;
}

static bool add_line(struct call *call, const char *line, struct error *err)
{
    struct curl_slist *lines = library.curl_slist_append(call->lines, line);
    if (!lines)
        return error_set(err, ERROR_LIMIT, "out of memory for a request");
    call->lines = lines;
    return true;
}

/* "Name;" is how libcurl is told of a header without a value. */
static bool add_header(struct call *call, const struct net_header *header, struct error *err)
{
    struct buffer line = {.max = LINES_MAX};
    if (!is_token(header->name) || !is_one_line(header->value))
        return error_set(err, ERROR_INVALID, "\"%.*s\" is not a header that can be sent",
                         header->name.size > 80 ? 80 : (int)header->name.size, header->name.data);
    bool ok = buffer_reserve(&line, header->name.size + header->value.size + 2, err) &&
              buffer_append(&line, header->name, err) &&
              buffer_append_text(&line, header->value.size ? ": " : ";", err) &&
              buffer_append(&line, header->value, err) && add_line(call, line.data, err);
    wipe(&line);
    return ok;
}

/* "Name:" takes back what libcurl would add by itself. */
static bool set_headers(struct call *call, const struct net_request *request, struct error *err)
{
    static const char *const unwanted[] = {"Accept", "Content-Type", "Expect"};
    bool ok = true;
    for (size_t i = 0; ok && i < request->header_count; i++)
        ok = add_header(call, &request->headers[i], err);
    for (size_t i = 0; ok && i < sizeof unwanted / sizeof *unwanted; i++) {
        char line[32] = "";
        memcpy(line, unwanted[i], strlen(unwanted[i]));
        line[strlen(unwanted[i])] = ':';
        ok = is_given(request, unwanted[i]) || add_line(call, line, err);
    }
    if (ok && !is_given(request, "User-Agent"))
        ok = SET(call, USERAGENT, "tidelock/" TIDELOCK_VERSION);
    return ok && SET(call, HTTPHEADER, call->lines);
}

/* --- the method and the body --- */

static bool has_body(const struct net_request *request)
{
    return request->body.size > 0 || slice_is(request->method, "POST") ||
           slice_is(request->method, "PUT") || slice_is(request->method, "PATCH");
}

static bool set_method(struct call *call, const struct net_request *request, struct error *err)
{
    char method[32] = "";
    if (!is_token(request->method) || request->method.size >= sizeof method)
        return error_set(err, ERROR_INVALID, "that is not an HTTP method");
    memcpy(method, request->method.data, request->method.size);
    if (slice_is(request->method, "HEAD"))
        return SET(call, NOBODY, 1L);
    if (!has_body(request))
        return SET(call, HTTPGET, 1L) && SET(call, CUSTOMREQUEST, method);
    return buffer_append(&call->sent, request->body, err) && SET(call, POST, 1L) &&
           SET(call, POSTFIELDSIZE_LARGE, (curl_off_t)call->sent.size) &&
           SET(call, POSTFIELDS, call->sent.data) && SET(call, CUSTOMREQUEST, method);
}

/* --- what comes back --- */

static size_t refuse(struct call *call)
{
    call->too_large = true;
    return CURL_WRITEFUNC_ERROR;
}

/* An answer may hold a secret: growing leaves no copy of its beginning behind. */
static bool make_room(struct buffer *body, size_t size, struct error *err)
{
    struct buffer wider = {.max = body->max};
    size_t wanted = size > body->max - body->size ? 0 : 2 * body->size + size;
    if (wanted == 0 || !buffer_reserve(&wider, wanted < body->max ? wanted : body->max, err))
        return false;
    if (body->size > 0)
        memcpy(wider.data, body->data, body->size);
    wider.size = body->size;
    wipe(body);
    *body = wider;
    return true;
}

static size_t take_body(char *data, size_t one, size_t size, void *context)
{
    struct call *call = context;
    struct error ignored;
    size *= one;
    call->in_body = true;
    if (size > 0 && call->body.size + size >= call->body.capacity &&
        !make_room(&call->body, size, &ignored))
        return refuse(call);
    bool ok = buffer_append(&call->body, (struct slice){data, size}, &ignored);
    return ok ? size : refuse(call);
}

/* Line by line. A status line begins anew: what came before it was a 100 Continue or its like. */
static size_t take_header(char *data, size_t one, size_t size, void *context)
{
    struct call *call = context;
    struct error ignored;
    size *= one;
    if (call->in_body)
        return size;
    call->whole_head = size > 0 && (data[0] == '\r' || data[0] == '\n');
    call->is_repeated = call->whole_head &&
                        repeated_take(call->repeated, buffer_slice(&call->head));
    if (call->is_repeated)
        return CURL_WRITEFUNC_ERROR; /* which also ends the connection */
    if (size >= 5 && memcmp(data, "HTTP/", 5) == 0)
        buffer_empty(&call->head);
    else if (!buffer_append(&call->head, (struct slice){data, size}, &ignored))
        return refuse(call);
    return size;
}

/* Called when a connection stands, its proxy and its TLS included, right before the first byte of
 * the request: without this call none has left. A second one means that libcurl wants to send
 * again. */
static int start(void *context, char *remote, char *local, int remote_port, int local_port)
{
    struct call *call = context;
    (void)remote;
    (void)local;
    (void)remote_port;
    (void)local_port;
    if (call->started)
        return CURL_PREREQFUNC_ABORT;
    call->started = true;
    return CURL_PREREQFUNC_OK;
}

static bool set_functions(struct call *call)
{
    return SET(call, PRIVATE, call) && SET(call, ERRORBUFFER, call->problem) &&
           SET(call, WRITEFUNCTION, take_body) && SET(call, WRITEDATA, call) &&
           SET(call, HEADERFUNCTION, take_header) && SET(call, HEADERDATA, call) &&
           SET(call, PREREQFUNCTION, start) && SET(call, PREREQDATA, call);
}

/* --- the connection --- */

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

/* As the curl program does: libcurl itself reads none of these. */
static bool set_trust(struct call *call, const struct net_request *request)
{
    const char *file = request->ca_bundle && *request->ca_bundle ? request->ca_bundle
                                                                 : variable("CURL_CA_BUNDLE");
    const char *folder = file ? NULL : variable("SSL_CERT_DIR");
    if (!file)
        file = variable("SSL_CERT_FILE");
    return SET(call, SSL_VERIFYPEER, 1L) && SET(call, SSL_VERIFYHOST, 2L) &&
           SET(call, PROXY_SSL_VERIFYPEER, 1L) && SET(call, PROXY_SSL_VERIFYHOST, 2L) &&
           SET(call, SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           (!file || (SET(call, CAINFO, file) && SET(call, PROXY_CAINFO, file))) &&
           (!folder || (SET(call, CAPATH, folder) && SET(call, PROXY_CAPATH, folder)));
}

/* QUICK_EXIT: a name that is still being resolved must not hold up the loop. */
static bool set_transport(struct call *call, const struct net_request *request)
{
    call->total_ms = request->total_ms > 0 ? request->total_ms : TOTAL_MS;
    call->connect_ms = request->connect_ms > 0 ? request->connect_ms : CONNECT_MS;
    if (call->connect_ms > call->total_ms)
        call->connect_ms = call->total_ms;
    return SET(call, PROTOCOLS_STR, "http,https") && SET(call, PATH_AS_IS, 1L) &&
           SET(call, FOLLOWLOCATION, 0L) && SET(call, HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS) &&
           (!request->compressed || SET(call, ACCEPT_ENCODING, "gzip")) &&
           SET(call, NOSIGNAL, 1L) && SET(call, QUICK_EXIT, 1L) &&
           SET(call, SUPPRESS_CONNECT_HEADERS, 1L) &&
           SET(call, CONNECTTIMEOUT_MS, (long)call->connect_ms) &&
           SET(call, TIMEOUT_MS, (long)call->total_ms) &&
           (!request->proxy || SET(call, PROXY, request->proxy));
}

/* --- one request from its making to its end --- */

static bool configure(struct call *call, const struct net_request *request, struct error *err)
{
    /* libcurl says only that it failed: a step that knows more writes its own message over this. */
    error_set(err, ERROR_LIMIT, "out of memory for a request");
    return call->easy && set_url(call, request, err) && set_method(call, request, err) &&
           set_headers(call, request, err) && set_functions(call) && set_trust(call, request) &&
           set_transport(call, request);
}

struct call *call_new(const struct net_request *request, struct repeated *repeated,
                      struct error *err)
{
    struct call *call = calloc(1, sizeof *call);
    if (!call) {
        error_set(err, ERROR_LIMIT, "out of memory for a request");
        return NULL;
    }
    call->repeated = repeated;
    call->easy = library.curl_easy_init();
    buffer_init(&call->sent, BODY_MAX);
    buffer_init(&call->host, URL_MAX);
    buffer_init(&call->head, NET_HEADERS_MAX);
    buffer_init(&call->body, request->answer_max ? request->answer_max : NET_ANSWER_MAX);
    if (configure(call, request, err))
        return call;
    call_free(call);
    return NULL;
}
