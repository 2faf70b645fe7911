/* One HTTP request as libcurl sees it. */
#pragma once

#include "net/library.h"
#include "net/net.h"
#include "net/repeated.h"
#include "net/told.h"

struct call {
    struct call *next, *before; /* in the loop's list */
    net_done_fn *done;
    void *context;
    CURL *easy;
    struct curl_slist *lines; /* the headers to send */
    struct buffer sent;       /* the body to send */
    struct buffer host;       /* with its port, for messages */
    const char *proxy_from;   /* what says that there is a proxy; NULL if nothing does */
    int64_t connect_ms, total_ms;
    int64_t begun;       /* net_now */
    char told[TOLD_MAX]; /* where somebody is told of requests */
    bool started;        /* bytes of the request may have left */
    bool whole_head;     /* its empty line came: libcurl takes half a head for an answer */
    bool in_body;        /* what comes now as headers are trailers */
    bool too_large;
    bool is_repeated;          /* the answer is that of another request */
    struct repeated *repeated; /* the answers that the loop has had */
    struct buffer head, body;  /* of the answer */
    char problem[CURL_ERROR_SIZE];
};

/* `repeated` outlives it. */
struct call *call_new(const struct net_request *request, struct repeated *repeated,
                      struct error *err);
void call_free(struct call *call); /* wipes what it sent and got */
/* Fills the answer but for `headers`, which are to be freed. */
void call_answer(struct call *call, CURLcode code, struct net_answer *answer,
                 struct net_header **headers);

/* What went wrong, and what to look at. */
void call_complain(const struct call *call, CURLcode code, char message[NET_MESSAGE_MAX]);
