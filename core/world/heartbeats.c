/* Timers that start themselves again, each with the request that it sends. */
#include "world/heartbeats.h"

#include <stdlib.h>

struct beat {
    struct heartbeats *heartbeats;
    const struct value *request;
    int64_t every;
};

struct heartbeats {
    struct heartbeats_params params;
    struct pool pool; /* of the requests */
    struct beat *beats;
    size_t count;
};

static void ignore_answer(void *context, enum outcome outcome, const struct value *value)
{
    (void)context;
    (void)outcome;
    (void)value;
}

/* One that cannot be sent is missed like one that is lost: AWS notices. */
static void send_beat(void *context)
{
    struct beat *beat = context;
    const struct heartbeats_params *params = &beat->heartbeats->params;
    struct caller_request request = caller_request_of(beat->request);
    struct error ignored;
    caller_start(params->caller, &request, ignore_answer, beat, &ignored);
    net_timer(params->net, net_now(params->net) + beat->every, send_beat, beat, &ignored);
}

bool heartbeats_of(struct host *host, const struct value *targets, const struct value *home,
                   struct value *list, struct pool *pool, struct error *err)
{
    struct value arguments[] = {*targets, *home};
    return host_call(host, "targets", "heartbeats", arguments, 2, list, pool, err);
}

static bool begin(struct heartbeats *heartbeats, const struct value *list, struct error *err)
{
    heartbeats->beats = calloc(list->array.count, sizeof *heartbeats->beats);
    if (!heartbeats->beats)
        return error_set(err, ERROR_LIMIT, "out of memory for signs of life");
    for (size_t i = 0; i < list->array.count; i++) {
        const struct value *request = &list->array.items[i];
        struct beat *beat = &heartbeats->beats[heartbeats->count++];
        *beat = (struct beat){heartbeats, request, value_get_integer(request, "every", 0)};
        send_beat(beat);
    }
    return true;
}

bool heartbeats_new(struct heartbeats **out, const struct heartbeats_params *params,
                    const struct value *targets, const struct value *home, struct error *err)
{
    enum { POOL_MAX = 1 << 20 };
    struct heartbeats *heartbeats = calloc(1, sizeof *heartbeats);
    struct value list;
    *out = NULL;
    if (!heartbeats)
        return error_set(err, ERROR_LIMIT, "out of memory for signs of life");
    heartbeats->params = *params;
    pool_init(&heartbeats->pool, POOL_MAX);
    bool ok = heartbeats_of(params->host, targets, home, &list, &heartbeats->pool, err);
    bool any = ok && list.array.count > 0;
    if (!any || !begin(heartbeats, &list, err)) {
        heartbeats_free(heartbeats);
        return ok && !any;
    }
    *out = heartbeats;
    return true;
}

void heartbeats_free(struct heartbeats *heartbeats)
{
    if (!heartbeats)
        return;
    for (size_t i = 0; i < heartbeats->count; i++) {
        net_forget(heartbeats->params.net, &heartbeats->beats[i]);
        caller_forget(heartbeats->params.caller, &heartbeats->beats[i]);
    }
    free(heartbeats->beats);
    pool_clear(&heartbeats->pool);
    free(heartbeats);
}
