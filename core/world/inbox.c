/* Two lists of events: those that happened, and those that were asked for. */
#include "world/inbox.h"

#include <stdlib.h>

enum { LOOK_EVERY = 1000 /* ms between two looks whether somebody asks for something */ };

struct item {
    struct item *next;
    struct event event;
    struct pool pool;
};

struct list {
    struct item *first, **last;
};

struct inbox {
    struct net *net;
    struct inbox_source source;
    struct list happened, asked;
    bool ending; /* the run was asked to end */
};

static struct item *copy_event(const struct event *event, struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    struct item *item = calloc(1, sizeof *item);
    if (!item) {
        error_set(err, ERROR_LIMIT, "out of memory for an event");
        return NULL;
    }
    pool_init(&item->pool, POOL_MAX);
    item->event = *event;
    if (!value_copy(&item->event.value, &event->value, &item->pool, err)) {
        pool_clear(&item->pool);
        free(item);
        return NULL;
    }
    return item;
}

static void add_last(struct list *list, struct item *item)
{
    *list->last = item;
    list->last = &item->next;
}

static void add_first(struct list *list, struct item *item)
{
    item->next = list->first;
    list->first = item;
    if (!item->next)
        list->last = &item->next;
}

static struct item *take_first(struct list *list)
{
    struct item *taken = list->first;
    list->first = taken->next;
    if (!list->first)
        list->last = &list->first;
    return taken;
}

static void drop(struct item *item)
{
    pool_clear(&item->pool);
    free(item);
}

static void drop_all(struct list *list)
{
    while (list->first)
        drop(take_first(list));
}

/* Wakes whoever waits, so that it asks the source. */
static void wake(void *context)
{
    struct inbox *inbox = context;
    struct error ignored;
    net_timer(inbox->net, net_now(inbox->net) + LOOK_EVERY, wake, inbox, &ignored);
}

bool inbox_new(struct inbox **out, struct net *net, const struct inbox_source *source,
               struct error *err)
{
    struct inbox *inbox = calloc(1, sizeof *inbox);
    if (!inbox)
        return error_set(err, ERROR_LIMIT, "out of memory for events");
    *inbox = (struct inbox){.net = net, .source = *source};
    inbox->happened.last = &inbox->happened.first;
    inbox->asked.last = &inbox->asked.first;
    if (!net_timer(net, net_now(net) + LOOK_EVERY, wake, inbox, err)) {
        free(inbox);
        return false;
    }
    *out = inbox;
    return true;
}

void inbox_free(struct inbox *inbox)
{
    if (!inbox)
        return;
    net_forget(inbox->net, inbox);
    drop_all(&inbox->happened);
    drop_all(&inbox->asked);
    free(inbox);
}

bool inbox_add(struct inbox *inbox, const struct event *event, struct error *err)
{
    struct item *item = copy_event(event, err);
    if (item)
        add_last(&inbox->happened, item);
    return item != NULL;
}

/* The end goes before what was asked earlier and not done yet: that could be a promote, after which
 * the run has nothing more to wait for. */
static bool ask_source(struct inbox *inbox, struct error *err)
{
    struct event event;
    bool ends = false;
    const struct inbox_source *source = &inbox->source;
    while (source->asked && source->asked(source->context, &event, &ends)) {
        struct item *item = copy_event(&event, err);
        if (!item)
            return false;
        if (ends && !inbox->ending)
            add_first(&inbox->asked, item);
        else
            add_last(&inbox->asked, item);
        inbox->ending = inbox->ending || ends;
    }
    return true;
}

static bool hand_over(struct item *item, struct event *event, struct pool *pool, struct error *err)
{
    *event = item->event;
    bool ok = value_copy(&event->value, &item->event.value, pool, err);
    drop(item);
    return ok;
}

/* What is asked goes first. */
static bool take_any(struct inbox *inbox, struct event *event, bool *any, struct pool *pool,
                     struct error *err)
{
    const struct inbox_source *source = &inbox->source;
    if (!ask_source(inbox, err) || (source->stands && !source->stands(source->context, err)))
        return false;
    struct list *list = inbox->asked.first ? &inbox->asked : &inbox->happened;
    *any = list->first != NULL;
    return !*any || hand_over(take_first(list), event, pool, err);
}

bool inbox_take(struct inbox *inbox, struct event *event, struct pool *pool, struct error *err)
{
    bool any = false;
    while (take_any(inbox, event, &any, pool, err)) {
        if (any)
            return true;
        if (!net_wait(inbox->net, err))
            return false;
    }
    return false;
}

bool inbox_poll(struct inbox *inbox, struct event *event, bool *any, struct pool *pool,
                struct error *err)
{
    return net_poll(inbox->net, err) && take_any(inbox, event, any, pool, err);
}

bool inbox_wait_until(struct inbox *inbox, const bool *done, struct error *err)
{
    while (!*done) {
        if (!ask_source(inbox, err))
            return false;
        if (inbox->ending)
            return error_set(err, ERROR_IO, "the run was asked to end");
        if (!*done && !net_wait(inbox->net, err))
            return false;
    }
    return true;
}

bool inbox_is_ending(const struct inbox *inbox)
{
    return inbox->ending;
}

bool inbox_hear_end(struct inbox *inbox)
{
    struct error ignored; /* the next who asks is told */
    return !ask_source(inbox, &ignored) || inbox->ending;
}
