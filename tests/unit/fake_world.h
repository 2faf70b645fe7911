/* A pretend outside for the engine's tests: registers that can be read and written ("kv.get",
 * "kv.put"), a clock, and scripted faults. It is a fake: it knows nothing of AWS. */
#pragma once

#include "engine/world.h"
#include "fake_alarms.h"
#include "fake_catalogue.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { FAKE_EVENTS = 64, FAKE_ASKED = 8 };

/* What happens to the n-th put. */
enum fake_fault { FAKE_WELL, FAKE_REJECTED, FAKE_LOST_LANDED, FAKE_LOST_NOT_LANDED };

struct fake_event {
    struct event event;
    int64_t at;
};

struct fake_world {
    struct world world;
    struct catalogue catalogue;
    int64_t now;
    int64_t registers[FAKE_KEYS];
    struct fake_event events[FAKE_EVENTS];
    size_t event_count;
    int puts;
    int fault_at; /* which put, from 1; 0: none */
    enum fake_fault fault;
    int64_t harm_after; /* samples from this time on show a bad canary; INT64_MAX: never */
    int64_t harm_until; /* and samples from then on none again; INT64_MAX */
    bool silent;        /* samples show nothing */
    int64_t gone_from, gone_until; /* nor of the canary in this time; from INT64_MAX: they do */
    int64_t thin_from;             /* from this time on the canary has few of the requests */
    bool mute;                     /* nobody answers for samples */
    int64_t mute_after;            /* nor from this time on; INT64_MAX: they do */
    int64_t settle;                /* how late samples are ready */
    int64_t still;                 /* for how long they may change after that */
    int64_t late_until;   /* no errors of the canary are seen before this time; 0: they are */
    int64_t ended_after;  /* nothing is sampled from this time on; INT64_MAX: never */
    int64_t interrupt_at; /* a SIGINT at this time; INT64_MAX: never */
    struct fake_event asked[FAKE_ASKED]; /* by people, and by the policy's death; in order */
    size_t asked_count;
    bool ends_begin;    /* the run is asked to end before it has begun */
    const char *came;   /* of the hours before the run; NULL: what was asked for */
    const char *points; /* what a metric query is answered with; NULL: [] */
    bool unanswered;    /* nobody answers for queries: the run ends first */
    bool away;          /* the metric provider answers no query */
    struct fake_alarms alarms;
    int64_t drops_from; /* and for samples neither, from this time on; INT64_MAX: never */
    int halts;          /* how often the way back was announced */
    int64_t clock,
        step_takes; /* the time between events, and what a step of the policy takes of it */
    int64_t outage_from, outage_until; /* every call fails; from INT64_MAX: none does */
    const char *outage_code;           /* with this */
    bool outage_of_one;                /* calls that concern register 1 only */
    bool outage_lands;                 /* a put is carried out, and its answer lost */
    int gets_until_stranger; /* after so many reads somebody else writes register 0; -1: never */
    int64_t stranger_writes; /* this */
    int64_t hand_at, hand_writes; /* at this time somebody does; INT64_MAX: never */
    int64_t hand_found;           /* and this was there */
    int64_t lands_late;           /* a put whose answer was lost takes effect after so many ms */
    int64_t late_at;              /* and this is when; INT64_MAX: there is none */
    const struct value *late;     /* its input */
    int64_t lag;                  /* reads of register 0 show what it was so many ms ago */
    int64_t was, was_until;       /* that, and until when */
    int busy, busy_most;          /* calls under way, and the most there were */
    bool steps;                   /* an undo takes back one put, of 1, 2, 3... in this order */
    int64_t hand_key;             /* which register the hand writes */
};

static int64_t fake_now(struct world *world)
{
    return ((struct fake_world *)world)->now;
}

static void fake_push(struct fake_world *fake, struct event event, int64_t at)
{
    if (fake->event_count == FAKE_EVENTS)
        abort();
    fake->events[fake->event_count++] = (struct fake_event){event, at};
}

static void fake_write(struct fake_world *fake, int64_t key, int64_t to)
{
    if (key == 0) {
        fake->was = fake->registers[0];
        fake->was_until = fake->now + fake->lag;
    }
    fake->registers[key] = to;
}

static enum fake_fault fake_put(struct fake_world *fake, const struct value *input)
{
    fake->puts++;
    enum fake_fault fault = fake->puts == fake->fault_at ? fake->fault : FAKE_WELL;
    int64_t key = fake_key(input);
    int64_t to = value_get_integer(input, "to", 0);
    if (fake->steps && to == 100 + key && fake->registers[key] > 1 && fake->registers[key] < to)
        to = fake->registers[key] - 1;
    if (fault == FAKE_WELL || fault == FAKE_LOST_LANDED) {
        fake_write(fake, key, to);
        if (value_get(input, "beside"))
            fake_write(fake, 1 - key, value_get_integer(input, "beside", 0));
    }
    if (fault == FAKE_LOST_NOT_LANDED && fake->lands_late > 0) {
        fake->late_at = fake->now + fake->lands_late;
        fake->late = input;
    }
    return fault;
}

/* What happens by itself: a late request lands, and somebody's hand writes. */
static void fake_pass(struct fake_world *fake)
{
    if (fake->now >= fake->late_at) {
        fake->late_at = INT64_MAX;
        fake_write(fake, fake_key(fake->late), value_get_integer(fake->late, "to", 0));
    }
    if (fake->now >= fake->hand_at) {
        fake->hand_at = INT64_MAX;
        fake->hand_found = fake->registers[fake->hand_key];
        fake_write(fake, fake->hand_key, fake->hand_writes);
    }
}

static int64_t fake_shown(const struct fake_world *fake, int64_t key)
{
    return key == 0 && fake->now < fake->was_until ? fake->was : fake->registers[key];
}

static bool fake_fails(struct fake_world *fake, int64_t id, struct slice operation,
                       const struct value *input)
{
    bool put = slice_is(operation, "kv.put");
    bool concerned = !fake->outage_of_one || fake_key(input) == 1;
    if (fake->now < fake->outage_from || fake->now >= fake->outage_until || !concerned)
        return false;
    if (put && fake->outage_lands)
        fake_put(fake, input);
    struct event event = {EVENT_ANSWER, id, OUTCOME_REJECTED,
                          fake_member(&fake_pool, "code", value_text(fake->outage_code))};
    if (put && fake->outage_lands)
        event.outcome = OUTCOME_UNKNOWN;
    fake_push(fake, event, fake->now + 10);
    return true;
}

static bool fake_call(struct world *world, int64_t id, const struct value *request,
                      struct error *err)
{
    struct fake_world *fake = (struct fake_world *)world;
    struct slice operation = value_get_slice(request, "operation", "");
    const struct value *input = value_get(request, "input");
    (void)err;
    fake_pass(fake);
    fake->busy++;
    fake->busy_most = fake->busy > fake->busy_most ? fake->busy : fake->busy_most;
    if (fake_fails(fake, id, operation, input))
        return true;
    if (fake->gets_until_stranger >= 0 && slice_is(operation, "kv.get") &&
        fake->gets_until_stranger-- == 0)
        fake_write(fake, 0, fake->stranger_writes);
    enum fake_fault fault = slice_is(operation, "kv.put") ? fake_put(fake, input) : FAKE_WELL;
    static const enum outcome outcomes[] = {OUTCOME_OK, OUTCOME_REJECTED, OUTCOME_UNKNOWN,
                                            OUTCOME_UNKNOWN};
    struct event event = {EVENT_ANSWER, id, outcomes[fault], value_null()};
    int64_t key = fake_key(input);
    event.value = fault == FAKE_WELL
                      ? fake_member(&fake_pool, "is", value_integer(fake_shown(fake, key)))
                      : fake_member(&fake_pool, "message", value_text("faulted"));
    fake_push(fake, event, fake->now + 10);
    return true;
}

static void fake_halt(struct world *world)
{
    ((struct fake_world *)world)->halts++;
}

static bool fake_timer(struct world *world, int64_t id, int64_t at, struct error *err)
{
    (void)err;
    fake_push((struct fake_world *)world, (struct event){.kind = EVENT_TIMER, .id = id}, at);
    return true;
}

/* At this time a person asks for this. */
static inline void fake_ask(struct fake_world *fake, enum request request, int64_t at)
{
    struct value by = fake_member(&fake_pool, "by", value_text("ann on ci-7"));
    if (fake->asked_count == FAKE_ASKED)
        abort();
    fake->asked[fake->asked_count++] = (struct fake_event){
        {.kind = EVENT_REQUEST, .id = request, .value = by}, at};
}

static inline void fake_interrupt(struct fake_world *fake, enum interrupt interrupt, int64_t at)
{
    struct event event = {.kind = EVENT_INTERRUPT, .id = interrupt};
    fake->asked[fake->asked_count++] = (struct fake_event){event, at};
}

static inline void fake_kill_policy(struct fake_world *fake, int64_t at)
{
    struct event event = {.kind = EVENT_INTERRUPT,
                          .id = INTERRUPT_DEATH,
                          .value = value_text("the policy's process was killed by SIGKILL")};
    fake->asked[fake->asked_count++] = (struct fake_event){event, at};
}

static void fake_take(struct fake_world *fake, struct fake_event *from, size_t *count,
                      struct event *event)
{
    *event = from->event;
    if (from->at > fake->now)
        fake->now = from->at;
    memmove(from, from + 1, --*count * sizeof *from);
}

static bool fake_next(struct world *world, struct event *event, struct pool *pool,
                      struct error *err)
{
    struct fake_world *fake = (struct fake_world *)world;
    size_t best = 0;
    (void)pool;
    if (fake->event_count == 0 && fake->asked_count == 0 && fake->interrupt_at == INT64_MAX)
        return error_set(err, ERROR_INTERNAL, "nothing was started");
    for (size_t i = 1; i < fake->event_count; i++) {
        if (fake->events[i].at < fake->events[best].at)
            best = i;
    }
    if (fake->asked_count && (!fake->event_count || fake->asked[0].at <= fake->events[best].at)) {
        fake_take(fake, fake->asked, &fake->asked_count, event);
        return true;
    }
    if (!fake->event_count || fake->events[best].at >= fake->interrupt_at) {
        enum { INTERRUPT = 2 };
        fake->now = fake->interrupt_at > fake->now ? fake->interrupt_at : fake->now;
        fake->interrupt_at = INT64_MAX;
        *event = (struct event){.kind = EVENT_INTERRUPT, .id = INTERRUPT};
        return true;
    }
    *event = fake->events[best].event;
    fake->busy -= event->kind == EVENT_ANSWER;
    if (fake->events[best].at > fake->now)
        fake->now = fake->events[best].at;
    memmove(&fake->events[best], &fake->events[best + 1],
            (fake->event_count - best - 1) * sizeof *fake->events);
    fake->event_count--;
    return true;
}

static bool fake_sample(struct world *world, const struct sample_request *request,
                        struct sample *out, struct error *err)
{
    struct fake_world *fake = (struct fake_world *)world;
    if (!fake_heed(&fake->alarms, fake->now, request->alarms, err))
        return false;
    int64_t at = (request->after + 59999) / 60000 * 60000;
    for (size_t i = 0; i < request->metric_count; i++) {
        if (slice_is(request->metrics[i], "unknown"))
            return error_set(err, ERROR_INVALID, "there is no metric \"unknown\"");
    }
    out->dropped = fake->now >= fake->drops_from;
    if (out->dropped)
        return true;
    out->still = fake->still;
    out->settle = request->alarms ? fake->alarms.settle : 0;
    if (request->metric_count == 0)
        return true;
    out->at = at;
    out->period = 60000;
    out->ready = at + 60000 + fake->settle <= fake->now;
    out->ended = at >= fake->ended_after;
    for (size_t i = 0; i < request->metric_count; i++) {
        bool errors = slice_is(request->metrics[i], "errors");
        bool harmed = at >= fake->harm_after && at < fake->harm_until;
        double bad = harmed && fake->now >= fake->late_until ? 400 : 1;
        enum reading_status status = fake->mute || fake->now >= fake->mute_after
                                         ? READING_PROVIDER_ERROR
                                     : fake->silent ? READING_NO_DATA
                                                    : READING_VALUE;
        out->canary[i] = (struct reading){status, errors ? bad : 1000};
        if (at >= fake->gone_from && at < fake->gone_until)
            out->canary[i].status = READING_NO_DATA;
        if (at >= fake->thin_from)
            out->canary[i].value = errors ? 0 : 100;
        out->baseline[i] = (struct reading){status, errors ? 9 : 9000};
    }
    return true;
}

static bool fake_query(struct world *world, const struct value *effect, struct value *out,
                       struct pool *pool, struct error *err)
{
    const struct fake_world *fake = (struct fake_world *)world;
    struct value points;
    (void)effect;
    if (fake->away)
        return error_set(err, ERROR_UNANSWERED, "errors cannot be read: the provider is away");
    if (!value_parse(&points, slice_of(fake->points ? fake->points : "[]"), false, pool, err))
        return false;
    *out = fake->unanswered ? value_null() : fake_member(pool, "points", points);
    return true;
}

static bool fake_preflight(struct world *world, const struct value *targets,
                           const struct value *asks, struct value *out, struct pool *pool,
                           struct error *err)
{
    const struct fake_world *fake = (struct fake_world *)world;
    (void)targets;
    if (fake->came)
        return value_parse(out, slice_of(fake->came), false, pool, err);
    if (value_is_text(value_get(&asks->array.items[0].array.items[0], "metric"), "unknown"))
        return error_set(err, ERROR_INVALID, "there is no metric \"unknown\"");
    if (value_is_text(value_get(&asks->array.items[0].array.items[0], "metric"), "unreachable"))
        return error_set(err, ERROR_IO, "nobody answers; nothing was changed");
    *out = *asks;
    return true;
}

static bool fake_begin(struct world *world, const struct value *targets, struct value *home,
                       struct error *err)
{
    (void)targets;
    (void)home;
    return !((struct fake_world *)world)->ends_begin || error_set(err, ERROR_ENDED, "asked to end");
}

static bool fake_is_due(const struct fake_world *fake)
{
    bool due = fake->interrupt_at <= fake->clock ||
               (fake->asked_count && fake->asked[0].at <= fake->clock);
    for (size_t i = 0; i < fake->event_count; i++)
        due = due || fake->events[i].at <= fake->clock;
    return due;
}

static bool fake_poll(struct world *world, struct event *event, bool *any, struct pool *pool,
                      struct error *err)
{
    struct fake_world *fake = (struct fake_world *)world;
    fake->clock = (fake->clock > fake->now ? fake->clock : fake->now) + fake->step_takes;
    *any = fake_is_due(fake);
    return !*any || fake_next(world, event, pool, err);
}

static const struct world_ops fake_ops = {
    .name = "fake",
    .now = fake_now,
    .begin = fake_begin,
    .preflight = fake_preflight,
    .call = fake_call,
    .timer = fake_timer,
    .halt = fake_halt,
    .sample = fake_sample,
    .next = fake_next,
    .query = fake_query,
    .poll = fake_poll,
};

static void fake_init(struct fake_world *fake)
{
    *fake = (struct fake_world){
        .world = {&fake_ops},
        .catalogue = {&fake_catalogue_ops},
        .now = 600000,
        .harm_after = INT64_MAX,
        .gone_from = INT64_MAX,
        .thin_from = INT64_MAX,
        .harm_until = INT64_MAX,
        .mute_after = INT64_MAX,
        .alarms = {.from = INT64_MAX,
                   .until = INT64_MAX,
                   .mute_from = INT64_MAX,
                   .blind_from = INT64_MAX,
                   .blind_until = INT64_MAX},
        .ended_after = INT64_MAX,
        .interrupt_at = INT64_MAX,
        .drops_from = INT64_MAX,
        .outage_from = INT64_MAX,
        .outage_code = WORLD_NOT_SENT,
        .gets_until_stranger = -1,
        .stranger_writes = 777,
        .hand_at = INT64_MAX,
        .late_at = INT64_MAX,
    };
    for (int64_t i = 0; i < FAKE_KEYS; i++)
        fake->registers[i] = 100 + i;
}
