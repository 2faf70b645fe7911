/* The loop: requests, timers, descriptors and signals are waited for in one place. */
#include "base/clock.h"
#include "net/call.h"
#include "net/library.h"
#include "net/net.h"
#include "net/signals.h"
#include "net/timers.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

enum {
    WATCHES_MAX = 32,
    CONNECTIONS_MAX = 64, /* open at once; further requests wait until one is free */
    HOST_CONNECTIONS_MAX = 16,
    KEPT_MAX = 32, /* idle ones that are kept open for the next request */
    FOREVER = 1000000000,
};

struct watch {
    int fd;
    bool ready;
    net_timer_fn *readable;
    void *context;
};

struct net {
    CURLM *multi;
    struct call *calls; /* under way */
    struct timers timers;
    int timer_fd;
    int64_t armed;  /* what timer_fd waits for, by net_now; 0 for nothing */
    int64_t anchor; /* net_now less the steady clock */
    struct signals signals;
    struct watch watches[WATCHES_MAX];
    size_t watch_count;
    struct repeated repeated;
    net_tell_fn *tell; /* NULL: nobody is told */
    void *tell_context;
};

/* --- begin and end --- */

static bool open_multi(struct net *net, struct error *err)
{
    if (!library_open(err))
        return false;
    if (library.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        return error_set(err, ERROR_IO, "libcurl does not start");
    net->multi = library.curl_multi_init();
    if (net->multi &&
        library.curl_multi_setopt(net->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                                  (long)CONNECTIONS_MAX) == CURLM_OK &&
        library.curl_multi_setopt(net->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                                  (long)HOST_CONNECTIONS_MAX) == CURLM_OK &&
        library.curl_multi_setopt(net->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_MAX) == CURLM_OK)
        return true;
    library.curl_multi_cleanup(net->multi);
    library.curl_global_cleanup();
    net->multi = NULL;
    return error_set(err, ERROR_LIMIT, "out of memory for the network");
}

static void close_multi(struct net *net)
{
    if (!net->multi)
        return;
    library.curl_multi_cleanup(net->multi);
    library.curl_global_cleanup();
}

/* Its clock goes on while the machine sleeps, as net_now does. */
static bool open_timer(struct net *net, struct error *err)
{
    net->timer_fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (net->timer_fd < 0)
        return error_set(err, ERROR_IO, "timerfd: %s", strerror(errno));
    net->anchor = clock_wall() - clock_steady();
    return true;
}

static bool open_all(struct net *net, struct error *err)
{
    if (!open_multi(net, err))
        return false;
    if (open_timer(net, err)) {
        if (signals_open(&net->signals, err))
            return true;
        close(net->timer_fd);
    }
    close_multi(net);
    return false;
}

bool net_new(struct net **out, struct error *err)
{
    struct net *net = calloc(1, sizeof *net);
    if (!net)
        return error_set(err, ERROR_LIMIT, "out of memory for the network");
    if (!open_all(net, err)) {
        free(net);
        return false;
    }
    *out = net;
    return true;
}

static void drop_call(struct net *net, struct call *call)
{
    *(call->before ? &call->before->next : &net->calls) = call->next;
    if (call->next)
        call->next->before = call->before;
    library.curl_multi_remove_handle(net->multi, call->easy);
}

void net_free(struct net *net)
{
    if (!net)
        return;
    while (net->calls) {
        struct call *call = net->calls;
        drop_call(net, call);
        call_free(call);
    }
    close_multi(net);
    timers_clear(&net->timers);
    close(net->timer_fd);
    signals_close(&net->signals);
    free(net);
}

int64_t net_now(const struct net *net)
{
    return net->anchor + clock_steady();
}

int net_signal(struct net *net)
{
    return signals_take(&net->signals);
}

bool net_hears_signal(const struct net *net, int number)
{
    return sigismember(&net->signals.taken, number) == 1;
}

int net_ignore_signals(struct net *net)
{
    return signals_ignore(&net->signals);
}

void net_end_at_signal(struct net *net, const char *line, int64_t within)
{
    signals_end(&net->signals, line, within);
}

/* --- who is told --- */

void net_tell(struct net *net, net_tell_fn *tell, void *context)
{
    net->tell = tell;
    net->tell_context = context;
}

static void tell_end(const struct net *net, const struct call *call, const char *how)
{
    char line[TOLD_MAX + NET_MESSAGE_MAX + 128];
    if (!net->tell)
        return;
    snprintf(line, sizeof line, "%s: %.*s in %lld ms", call->told, NET_MESSAGE_MAX + 63, how,
             (long long)(net_now(net) - call->begun));
    net->tell(net->tell_context, line);
}

static void tell_answer(const struct net *net, const struct call *call,
                        const struct net_answer *answer)
{
    char how[NET_MESSAGE_MAX + 64];
    if (answer->failure == NET_NONE)
        snprintf(how, sizeof how, "%d, %zu bytes", answer->status, answer->body.size);
    else
        snprintf(how, sizeof how, "%s (%s)", net_failure_name(answer->failure), answer->message);
    tell_end(net, call, how);
}

/* --- what is asked for --- */

bool net_send(struct net *net, const struct net_request *request, net_done_fn *done, void *context,
              struct error *err)
{
    struct call *call = call_new(request, &net->repeated, err);
    if (!call)
        return false;
    if (library.curl_multi_add_handle(net->multi, call->easy) != CURLM_OK) {
        call_free(call);
        return error_set(err, ERROR_LIMIT, "libcurl takes no more requests");
    }
    call->done = done;
    call->context = context;
    call->begun = net_now(net);
    if (net->tell)
        told_describe(call->told, request);
    call->next = net->calls;
    if (call->next)
        call->next->before = call;
    net->calls = call;
    return true;
}

bool net_timer(struct net *net, int64_t at, net_timer_fn *due, void *context, struct error *err)
{
    int64_t now = net_now(net); /* what should have been is due now, in the order asked */
    return timers_add(&net->timers, at > now ? at : now, due, context, err);
}

bool net_watch_fd(struct net *net, int fd, net_timer_fn *readable, void *context, struct error *err)
{
    if (net->watch_count == WATCHES_MAX)
        return error_set(err, ERROR_LIMIT, "more than %d descriptors to watch", WATCHES_MAX);
    net->watches[net->watch_count++] = (struct watch){fd, false, readable, context};
    return true;
}

static void forget_watches(struct net *net, const void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < net->watch_count; i++) {
        if (net->watches[i].context != context)
            net->watches[kept++] = net->watches[i];
    }
    net->watch_count = kept;
}

void net_forget(struct net *net, const void *context)
{
    timers_forget(&net->timers, context);
    forget_watches(net, context);
    for (struct call *call = net->calls, *next; call; call = next) {
        next = call->next;
        if (call->context != context)
            continue;
        tell_end(net, call, "not waited for any more");
        drop_call(net, call);
        call_free(call);
    }
}

/* --- what happens --- */

static void deliver(struct net *net, struct call *call, CURLcode code)
{
    struct net_answer answer;
    struct net_header *headers;
    drop_call(net, call);
    call_answer(call, code, &answer, &headers);
    tell_answer(net, call, &answer);
    call->done(call->context, &answer);
    free(headers);
    call_free(call);
}

static bool transfer(struct net *net, bool *happened, struct error *err)
{
    int running;
    int queued;
    CURLMcode code = library.curl_multi_perform(net->multi, &running);
    if (code != CURLM_OK)
        return error_set(err, ERROR_INTERNAL, "libcurl: %s", library.curl_multi_strerror(code));
    for (CURLMsg *told; (told = library.curl_multi_info_read(net->multi, &queued)) != NULL;) {
        char *call = NULL;
        if (told->msg != CURLMSG_DONE)
            continue;
        CURLcode result = told->data.result;
        library.curl_easy_getinfo(told->easy_handle, CURLINFO_PRIVATE, &call);
        deliver(net, (struct call *)(void *)call, result);
        *happened = true;
    }
    return true;
}

/* Those that are asked for meanwhile have their turn next time. */
static void call_timers(struct net *net, bool *happened)
{
    struct timer timer;
    int64_t now = net_now(net);
    uint64_t order = net->timers.asked;
    while (timers_take(&net->timers, now, order, &timer)) {
        timer.due(timer.context);
        *happened = true;
    }
}

/* A function that is called may have others forgotten: the search starts anew each time. */
static void call_watches(struct net *net, bool *happened)
{
    for (size_t i = 0; i < net->watch_count;) {
        struct watch watch = net->watches[i];
        net->watches[i].ready = false;
        i = watch.ready ? 0 : i + 1;
        if (!watch.ready)
            continue;
        watch.readable(watch.context);
        *happened = true;
    }
}

static void arm(struct net *net)
{
    const struct timer *first = timers_first(&net->timers);
    int64_t at = first ? first->at : 0;
    struct itimerspec spec = {0};
    if (at == net->armed)
        return;
    if (first) { /* 1 where the moment lies before the machine's start: 0 would disarm the timer */
        int64_t steady = at > net->anchor ? at - net->anchor : 1;
        spec.it_value.tv_sec = steady / 1000;
        spec.it_value.tv_nsec = steady % 1000 * 1000000;
    }
    timerfd_settime(net->timer_fd, TFD_TIMER_ABSTIME, &spec, NULL);
    net->armed = at;
}

static void disarm(struct net *net)
{
    uint64_t times;
    if (read(net->timer_fd, &times, sizeof times) > 0)
        net->armed = 0;
}

static unsigned int list_descriptors(struct net *net, bool signals, struct curl_waitfd *list)
{
    unsigned int count = 0;
    list[count++] = (struct curl_waitfd){.fd = net->timer_fd, .events = CURL_WAIT_POLLIN};
    for (size_t i = 0; i < net->watch_count; i++)
        list[count++] = (struct curl_waitfd){.fd = net->watches[i].fd, .events = CURL_WAIT_POLLIN};
    if (signals)
        list[count++] = (struct curl_waitfd){.fd = net->signals.fd, .events = CURL_WAIT_POLLIN};
    return count;
}

static bool sleep_until_something(struct net *net, bool signals, bool *happened, struct error *err)
{
    struct curl_waitfd list[WATCHES_MAX + 2];
    unsigned int count = list_descriptors(net, signals, list);
    if (!*happened && !net->calls && net->timers.count == 0 && net->watch_count == 0)
        return error_set(err, ERROR_INTERNAL, "there is nothing to wait for");
    arm(net);
    CURLMcode code = library.curl_multi_poll(net->multi, list, count, *happened ? 0 : FOREVER,
                                             NULL);
    if (code != CURLM_OK)
        return error_set(err, ERROR_INTERNAL, "libcurl: %s", library.curl_multi_strerror(code));
    disarm(net);
    for (size_t i = 0; i < net->watch_count; i++)
        net->watches[i].ready = list[i + 1].revents != 0;
    if (signals && list[count - 1].revents != 0)
        *happened = true;
    return true;
}

static bool turn(struct net *net, bool signals, bool *happened, struct error *err)
{
    if (!transfer(net, happened, err))
        return false;
    call_timers(net, happened);
    if (!sleep_until_something(net, signals, happened, err))
        return false;
    call_watches(net, happened);
    return true;
}

bool net_wait(struct net *net, struct error *err)
{
    bool happened = false;
    while (!happened) {
        if (!turn(net, true, &happened, err))
            return false;
    }
    return true;
}

bool net_poll(struct net *net, struct error *err)
{
    bool happened = true; /* as if something had: so it does not sleep */
    return turn(net, true, &happened, err);
}

bool net_wait_until(struct net *net, const bool *done, struct error *err)
{
    while (!*done) {
        bool happened = false;
        if (!turn(net, false, &happened, err))
            return false;
    }
    return true;
}
