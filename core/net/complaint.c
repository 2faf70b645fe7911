/* What went wrong with a request, said to somebody who has to do something about it. */
#include "base/time.h"
#include "net/call.h"

#include <stdio.h>
#include <string.h>

struct complaint {
    const struct call *call;
    const char *host;
    const char *proxy; /* ", by way of the proxy of HTTPS_PROXY", or nothing */
    const char *reason;
    char *message;
};

#define SAY(complaint, ...) snprintf((complaint)->message, NET_MESSAGE_MAX, __VA_ARGS__)

/* To the proxy where there is one; TLS is another matter. */
static bool is_connected(const struct call *call)
{
    long port = 0;
    return library.curl_easy_getinfo(call->easy, CURLINFO_LOCAL_PORT, &port) == CURLE_OK &&
           port > 0;
}

static void say_late(const struct complaint *complaint)
{
    const struct call *call = complaint->call;
    char limit[32];
    time_format_duration(limit, call->started ? call->total_ms : call->connect_ms);
    if (call->started)
        SAY(complaint, "%s did not answer within %s%s", complaint->host, limit, complaint->proxy);
    else if (is_connected(call) && call->proxy_from)
        SAY(complaint,
            "the proxy of %s made no connection to %s within %s: does it work, and may "
            "it be used for that host?",
            call->proxy_from, complaint->host, limit);
    else if (is_connected(call))
        SAY(complaint, "%s took the connection and did not begin TLS within %s", complaint->host,
            limit);
    else
        SAY(complaint,
            "no connection to %s within %s%s: is there a network, and does a firewall "
            "let this through?",
            complaint->host, limit, complaint->proxy);
}

/* What OpenSSL or libcurl says of a certificate, and what to look at. */
static const struct {
    const char *said, *look;
} certificates[] = {
    {"expired", "is this machine's clock right?"},
    {"not yet valid", "is this machine's clock right?"},
    {"subject name", "is the endpoint right?"},
    {"", "if a CA of your own signed it, name its file in AWS_CA_BUNDLE or CURL_CA_BUNDLE"},
};

static void say_untrusted(const struct complaint *complaint)
{
    const char *colon = strstr(complaint->reason, ": ");
    const char *reason = colon ? colon + 2 : complaint->reason;
    size_t i = 0;
    while (!strstr(reason, certificates[i].said))
        i++;
    SAY(complaint, "the certificate of %s is not trusted%s: %s; %s", complaint->host,
        complaint->proxy, reason, certificates[i].look);
}

static void say_no_file(const struct complaint *complaint)
{
    SAY(complaint,
        "the CA bundle cannot be read: look at AWS_CA_BUNDLE, CURL_CA_BUNDLE and "
        "SSL_CERT_FILE (%s)",
        complaint->reason);
}

static void say_unresolved(const struct complaint *complaint)
{
    SAY(complaint,
        "could not resolve host %s: is the region or the endpoint right, and is there "
        "a network?",
        complaint->host);
}

static void say_proxy_unresolved(const struct complaint *complaint)
{
    SAY(complaint, "could not resolve the proxy of %s: %s",
        complaint->call->proxy_from ? complaint->call->proxy_from : "the environment",
        complaint->reason);
}

static void say_unconnected(const struct complaint *complaint)
{
    long reason = 0;
    library.curl_easy_getinfo(complaint->call->easy, CURLINFO_OS_ERRNO, &reason);
    SAY(complaint, "could not connect to %s%s: %s", complaint->host, complaint->proxy,
        reason ? strerror((int)reason) : complaint->reason);
}

static void say_unwanted(const struct complaint *complaint)
{
    const struct call *call = complaint->call;
    if (call->is_repeated)
        SAY(complaint, "%s gave the answer to another request once more%s", complaint->host,
            complaint->proxy);
    else if (call->too_large)
        SAY(complaint, "the answer of %s is too large: more than %zu bytes", complaint->host,
            call->in_body ? call->body.max : call->head.max);
    else
        SAY(complaint, "%s: %s", complaint->host, complaint->reason);
}

/* Before the request, this was the proxy's refusal or TLS; behind it, an answer that never came or
 * not to its end. */
static void say_cut(const struct complaint *complaint)
{
    const struct call *call = complaint->call;
    long status = 0;
    library.curl_easy_getinfo(call->easy, CURLINFO_HTTP_CONNECTCODE, &status);
    if (call->started)
        SAY(complaint, "the connection to %s was cut before the whole answer was there%s: %s",
            complaint->host, complaint->proxy, complaint->reason);
    else if (status == 407)
        SAY(complaint,
            "the proxy of %s wants a name and a password (HTTP 407): put them into its "
            "URL, http://name:password@host:port",
            call->proxy_from);
    else if (call->proxy_from)
        SAY(complaint, "the proxy of %s made no connection to %s: %s", call->proxy_from,
            complaint->host, complaint->reason);
    else
        SAY(complaint, "no TLS with %s: %s", complaint->host, complaint->reason);
}

static void say_other(const struct complaint *complaint)
{
    SAY(complaint, "%s%s: %s", complaint->host, complaint->proxy, complaint->reason);
}

static const struct {
    CURLcode code;
    void (*say)(const struct complaint *complaint);
} sayings[] = {
    {CURLE_OPERATION_TIMEDOUT, say_late},
    {CURLE_COULDNT_RESOLVE_HOST, say_unresolved},
    {CURLE_COULDNT_RESOLVE_PROXY, say_proxy_unresolved},
    {CURLE_COULDNT_CONNECT, say_unconnected},
    {CURLE_PEER_FAILED_VERIFICATION, say_untrusted},
    {CURLE_SSL_CACERT_BADFILE, say_no_file},
    {CURLE_SSL_CONNECT_ERROR, say_cut},
    {CURLE_PROXY, say_cut},
    {CURLE_RECV_ERROR, say_cut},
    {CURLE_SEND_ERROR, say_cut},
    {CURLE_GOT_NOTHING, say_cut},
    {CURLE_PARTIAL_FILE, say_cut},
    {CURLE_HTTP2, say_cut},
    {CURLE_HTTP2_STREAM, say_cut},
    {CURLE_ABORTED_BY_CALLBACK, say_cut},
    {CURLE_WRITE_ERROR, say_unwanted},
};

void call_complain(const struct call *call, CURLcode code, char message[NET_MESSAGE_MAX])
{
    char proxy[96] = "";
    struct complaint complaint = {.call = call,
                                  .host = call->host.data,
                                  .proxy = proxy,
                                  .reason = *call->problem ? call->problem
                                                           : library.curl_easy_strerror(code),
                                  .message = message};
    if (call->proxy_from)
        snprintf(proxy, sizeof proxy, " (there is a proxy: %s)", call->proxy_from);
    if (code == CURLE_ABORTED_BY_CALLBACK)
        complaint.reason = "it had been kept from an earlier request, and was dead";
    for (size_t i = 0; i < sizeof sayings / sizeof *sayings; i++) {
        if (sayings[i].code == code) {
            sayings[i].say(&complaint);
            return;
        }
    }
    say_other(&complaint);
}
