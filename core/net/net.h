/* One loop for everything that takes time: HTTP requests, timers, descriptors, signals.
 *
 *     net_send(net, &request, answered, context, &err);     // returns at once
 *     while (!finished && net_wait(net, &err))              // calls `answered` when it is there
 *         if (net_signal(net) != 0) ...
 *
 * What is asked for is called from net_wait and net_wait_until only, each once (a watched
 * descriptor again and again). From there all functions but net_free may be called, these two
 * included.
 *
 * A request leaves once at most. libcurl sends again by itself when a connection that was kept
 * turns out to be dead; that is forbidden here, since the first may have arrived. An answer of
 * AWS's that has been there before is no answer to a later request: that one's is lost. */
#pragma once

#include "base/bytes.h"

struct net;

/* Takes SIGINT, SIGTERM and SIGHUP over, but for those that are ignored (nohup): they wait for
 * net_signal. SIGPIPE is ignored. */
bool net_new(struct net **out, struct error *err);
/* Nothing is called any more. A signal that nobody took acts now. */
void net_free(struct net *net);

/* ms since 1970, UTC: the clock as it was at net_new, and what has passed since, the machine's
 * sleep included. It never goes back, whoever sets the clock. */
int64_t net_now(const struct net *net);

/* --- requests --- */

#define NET_FAILURES(X)                                                                            \
    X(NONE, "none")         /* the whole answer is there, whatever its status */                   \
    X(NOT_SENT, "not sent") /* proven that no byte of the request has left */                      \
    X(LOST, "lost")         /* it may have arrived: cut, reset, too late, an answer too large */

enum net_failure {
#define X(name, text) NET_##name,
    NET_FAILURES(X)
#undef X
};

const char *net_failure_name(enum net_failure failure);

enum { NET_MESSAGE_MAX = 768, NET_HEADERS_MAX = 64 << 10, NET_ANSWER_MAX = 16 << 20 };

struct net_header {
    struct slice name, value;
};

/* Sent byte for byte: the path is not tidied up, no redirect is followed, and no header is added
 * but Host, Content-Length, User-Agent and Accept-Encoding, where they are not given. Members that
 * are 0 take what is usual. */
struct net_request {
    struct slice method, url, body;
    const struct net_header *headers;
    size_t header_count;
    int64_t connect_ms; /* for name, connection, proxy and TLS together */
    int64_t total_ms;   /* until the last byte of the answer, waiting for a connection included */
    size_t answer_max;  /* bytes of its body, decoded */
    bool compressed;    /* the answer may be: gzip is offered, and undone */
    const char
        *ca_bundle;    /* a file; else CURL_CA_BUNDLE, SSL_CERT_DIR, SSL_CERT_FILE, the system's */
    const char *proxy; /* its URL, "" for none; else HTTPS_PROXY, http_proxy, NO_PROXY ... */
};

/* Lasts while it is handed over; the body is wiped afterwards. */
struct net_answer {
    enum net_failure failure;
    char message[NET_MESSAGE_MAX]; /* for the operator: what failed, and what to look at */
    int status;                    /* 0 unless the whole answer is there */
    const struct net_header *headers;
    size_t header_count;
    struct slice body;
};

typedef void net_done_fn(void *context, const struct net_answer *answer);

/* Copies what it needs. False, and `done` is never called: the request is not one that can be sent
 * as it is. */
bool net_send(struct net *net, const struct net_request *request, net_done_fn *done, void *context,
              struct error *err);

/* From now on `tell` is given a line about each request that is over: what it was (net/told.h), how
 * it ended, how long it took. Nothing in it is secret. */
typedef void net_tell_fn(void *context, const char *line);
void net_tell(struct net *net, net_tell_fn *tell, void *context);

/* --- time and descriptors --- */

typedef void net_timer_fn(void *context);

/* Calls `due` once net_now has reached `at`; what is due together is called in the order asked. */
bool net_timer(struct net *net, int64_t at, net_timer_fn *due, void *context, struct error *err);
/* Calls `readable` whenever there is something to read in `fd`, its end included. */
bool net_watch_fd(struct net *net, int fd, net_timer_fn *readable, void *context,
                  struct error *err);
/* Drops the timers, descriptors and requests of this context: they are not called any more. A
 * request that is under way is cut. */
void net_forget(struct net *net, const void *context);

/* --- waiting --- */

/* Sleeps until something happened and its function was called, or a signal waits. ERROR_INTERNAL if
 * nothing can ever happen. */
bool net_wait(struct net *net, struct error *err);
/* Calls what is due now, and does not sleep. */
bool net_poll(struct net *net, struct error *err);
/* The same as net_wait until *done is true; signals go on waiting. */
bool net_wait_until(struct net *net, const bool *done, struct error *err);
/* Takes a signal that waits: its number, or 0. */
int net_signal(struct net *net);
/* Whether it is taken over; false: whoever started this process has it ignored. */
bool net_hears_signal(const struct net *net, int number);
/* From now on another SIGINT or SIGTERM ends the process at once, wherever it is: with this line on
 * standard error, and 128 and its number as exit status. What comes within so many ms is the first
 * one again: a cancelled job tells a process of its end in more ways than one. */
void net_end_at_signal(struct net *net, const char *line, int64_t within);
/* From now on no signal ends the process: its end is decided. A signal that waits is taken: its
 * number, or 0. */
int net_ignore_signals(struct net *net);

/* --- the job that we are part of --- */

/* The variable that shows that this is a CI job; NULL elsewhere. */
const char *net_ci(void);
/* From now on the death of the parent is a SIGTERM: a cancelled CI job ends its shell, and no
 * signal reaches what the shell had started. To be called early, before the parent can be gone. */
bool net_die_with_parent(struct error *err);
