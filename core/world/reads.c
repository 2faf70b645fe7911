#include "world/reads.h"

/* One read under way. */
struct asking {
    struct reads_answer answer;
    struct pool *pool;
    bool done, kept;
    struct error err;
};

static void answered(void *context, enum outcome outcome, const struct value *value)
{
    struct asking *asking = context;
    asking->answer.outcome = outcome;
    asking->kept = value_copy(&asking->answer.value, value, asking->pool, &asking->err);
    asking->done = true;
}

static bool check_read(const struct reads *reads, struct slice operation, const struct value *input,
                       struct pool *pool, struct error *err)
{
    struct plan plan;
    if (!reads->catalogue->ops->plan(reads->catalogue, operation, input, &plan, pool, err))
        return false;
    return !plan.mutation ||
           error_set(err, ERROR_INTERNAL, "%.*s changes something: it is not asked of AWS here",
                     (int)operation.size, operation.data);
}

static bool refuse(const struct error *why, struct reads_answer *answer, struct pool *pool,
                   struct error *err)
{
    struct member members[2];
    struct value problem = world_problem(members, WORLD_NOT_SENT, why->message);
    answer->outcome = OUTCOME_REJECTED;
    return value_copy(&answer->value, &problem, pool, err);
}

/* There is nothing to be put back: a signal need not wait for an answer. */
static bool wait_for(const struct reads *reads, const struct asking *asking, struct error *err)
{
    while (!asking->done) {
        if (!net_wait(reads->net, err))
            return false;
        int signal = asking->done ? 0 : net_signal(reads->net);
        if (signal) {
            *reads->signal = signal;
            return error_set(err, ERROR_KILLED, "a signal asked for the end; nothing was touched");
        }
    }
    return true;
}

bool reads_ask(const struct reads *reads, struct slice operation, const struct value *input,
               struct reads_answer *answer, struct pool *pool, struct error *err)
{
    struct error why;
    struct asking asking = {.pool = pool};
    struct caller_request request = {.operation = operation, .input = input};
    if (!check_read(reads, operation, input, pool, err))
        return false;
    if (!caller_start(reads->caller, &request, answered, &asking, &why))
        return refuse(&why, answer, pool, err);
    if (!wait_for(reads, &asking, err)) {
        caller_forget(reads->caller, &asking);
        return false;
    }
    *answer = asking.answer;
    if (!asking.kept)
        *err = asking.err;
    return asking.kept;
}
