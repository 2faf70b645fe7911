#include "world/turns.h"

#include "world/rate.h"

#include <stdlib.h>

struct turn {
    struct turn *next;
    struct turns *turns;
    caller_done_fn *done;
    void *context;
    struct slice operation;
    struct value input;
    struct pool pool; /* of operation and input, while they wait */
};

struct turns {
    struct turns_params params;
    struct rate rate;
    struct turn *first, **last; /* those that wait */
    struct turn *running;
    bool timed; /* a timer runs that looks again */
};

static void drop(struct turn *turn)
{
    pool_clear(&turn->pool);
    free(turn);
}

static void drop_all(struct turn *turn)
{
    while (turn) {
        struct turn *next = turn->next;
        drop(turn);
        turn = next;
    }
}

static struct turn *take_first(struct turns *turns)
{
    struct turn *first = turns->first;
    turns->first = first->next;
    if (!turns->first)
        turns->last = &turns->first;
    first->next = NULL;
    return first;
}

static void hand_over(struct turn *turn, enum outcome outcome, const struct value *value)
{
    caller_done_fn *done = turn->done;
    void *context = turn->context;
    drop(turn);
    done(context, outcome, value);
}

static void refuse(struct turn *turn, const char *why)
{
    struct member members[2];
    struct value problem = world_problem(members, WORLD_NOT_SENT, why);
    hand_over(turn, OUTCOME_REJECTED, &problem);
}

static void start_running(struct turn *turn)
{
    struct turns *turns = turn->turns;
    rate_begin(&turns->rate, net_now(turns->params.net));
    turn->next = turns->running;
    turns->running = turn;
}

static void stop_running(struct turn *turn)
{
    struct turn **link = &turn->turns->running;
    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
    turn->next = NULL;
    rate_end(&turn->turns->rate);
}

static void go_on(struct turns *turns);

static void ended(void *context, enum outcome outcome, const struct value *value)
{
    struct turn *turn = context;
    struct turns *turns = turn->turns;
    stop_running(turn);
    hand_over(turn, outcome, value);
    go_on(turns);
}

static bool begin(struct turn *turn, struct slice operation, const struct value *input,
                  struct error *err)
{
    start_running(turn);
    if (caller_start(turn->turns->params.caller, operation, input, ended, turn, err))
        return true;
    stop_running(turn);
    return false;
}

static void look_again(void *context)
{
    struct turns *turns = context;
    turns->timed = false;
    go_on(turns);
}

/* Begins whatever may begin. What waits for a moment gets a timer; what waits for another's end is
 * looked at when that ends. */
static void go_on(struct turns *turns)
{
    struct error err;
    while (turns->first) {
        int64_t now = net_now(turns->params.net);
        int64_t ready = rate_ready(&turns->rate, now);
        if (ready > now) {
            if (ready != RATE_AFTER_ONE_ENDS && !turns->timed)
                turns->timed = net_timer(turns->params.net, ready, look_again, turns, &err);
            return;
        }
        struct turn *turn = take_first(turns);
        if (!begin(turn, turn->operation, &turn->input, &err))
            refuse(turn, err.message);
    }
}

static bool wait_in_line(struct turn *turn, struct slice operation, const struct value *input,
                         struct error *err)
{
    struct turns *turns = turn->turns;
    if (!pool_copy(&turn->pool, operation, &turn->operation, err) ||
        !value_copy(&turn->input, input, &turn->pool, err))
        return false;
    *turns->last = turn;
    turns->last = &turn->next;
    go_on(turns);
    return true;
}

bool turns_new(struct turns **out, const struct turns_params *params, struct error *err)
{
    struct turns *turns = calloc(1, sizeof *turns);
    if (!turns)
        return error_set(err, ERROR_LIMIT, "out of memory for the line of calls");
    turns->params = *params;
    turns->last = &turns->first;
    if (!rate_init(&turns->rate, params->per_minute, params->at_a_time, err)) {
        free(turns);
        return false;
    }
    *out = turns;
    return true;
}

void turns_free(struct turns *turns)
{
    if (!turns)
        return;
    net_forget(turns->params.net, turns);
    drop_all(turns->first);
    drop_all(turns->running);
    rate_clear(&turns->rate);
    free(turns);
}

bool turns_start(struct turns *turns, struct slice operation, const struct value *input,
                 caller_done_fn *done, void *context, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct turn *turn = calloc(1, sizeof *turn);
    if (!turn)
        return error_set(err, ERROR_LIMIT, "out of memory for a call");
    *turn = (struct turn){.turns = turns, .done = done, .context = context};
    pool_init(&turn->pool, POOL_MAX);
    int64_t now = net_now(turns->params.net);
    bool free_now = !turns->first && rate_ready(&turns->rate, now) <= now;
    if (free_now ? begin(turn, operation, input, err) : wait_in_line(turn, operation, input, err))
        return true;
    drop(turn);
    return false;
}

static struct turn *find(struct turn *turn, const void *context)
{
    while (turn && turn->context != context)
        turn = turn->next;
    return turn;
}

static void take_out(struct turns *turns, const struct turn *turn)
{
    struct turn **link = &turns->first;
    while (*link != turn)
        link = &(*link)->next;
    *link = turn->next;
    if (!*link)
        turns->last = link;
}

void turns_forget(struct turns *turns, const void *context)
{
    for (struct turn *turn; (turn = find(turns->first, context)) != NULL;) {
        take_out(turns, turn);
        drop(turn);
    }
    for (struct turn *turn; (turn = find(turns->running, context)) != NULL;) {
        caller_forget(turns->params.caller, turn);
        stop_running(turn);
        drop(turn);
    }
    go_on(turns);
}

void turns_halt(struct turns *turns)
{
    while (turns->first)
        refuse(take_first(turns), "the rollback began before it was this call's turn");
    caller_halt(turns->params.caller);
}
