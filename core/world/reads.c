/* Reads of AWS, checked to be such before they are sent. */
#include "world/reads.h"

/* One read under way. */
struct asking {
    struct reads_answer answer;
    struct pool *pool;
    bool done, kept;
    struct error err;
};

static bool check_read(const struct reads *reads, const struct value *request, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct plan plan;
    struct pool pool;
    struct slice operation = value_get_slice(request, "operation", "");
    pool_init(&pool, POOL_MAX);
    bool ok = reads->catalogue->ops->plan(reads->catalogue, request, NULL, &plan, &pool, err);
    if (ok && plan.mutation)
        ok = error_set(err, ERROR_INTERNAL, "%.*s changes something: it is not asked of AWS here",
                       (int)operation.size, operation.data);
    pool_clear(&pool);
    return ok;
}

bool reads_start(const struct reads *reads, const struct value *request, caller_done_fn *done,
                 void *context, struct error *err)
{
    struct error why;
    struct member members[2];
    struct caller_request asked = caller_request_of(request);
    if (!check_read(reads, request, err))
        return false;
    if (caller_start(reads->caller, &asked, done, context, &why))
        return true;
    struct value problem = world_problem(members, WORLD_NOT_SENT, why.message);
    done(context, OUTCOME_REJECTED, &problem);
    return true;
}

bool reads_wait(const struct reads *reads, const bool *done, struct error *err)
{
    while (!*done) {
        if (!net_wait(reads->net, err))
            return false;
        int signal = *done ? 0 : net_signal(reads->net);
        if (signal) {
            *reads->signal = signal;
            return error_set(err, ERROR_KILLED, "a signal asked for the end; nothing was touched");
        }
    }
    return true;
}

static void answered(void *context, enum outcome outcome, const struct value *value)
{
    struct asking *asking = context;
    asking->answer.outcome = outcome;
    asking->kept = value_copy(&asking->answer.value, value, asking->pool, &asking->err);
    asking->done = true;
}

bool reads_ask(const struct reads *reads, const struct value *request, struct reads_answer *answer,
               struct pool *pool, struct error *err)
{
    struct asking asking = {.pool = pool};
    if (!reads_start(reads, request, answered, &asking, err))
        return false;
    if (!reads_wait(reads, &asking.done, err)) {
        caller_forget(reads->caller, &asking);
        return false;
    }
    *answer = asking.answer;
    if (!asking.kept)
        *err = asking.err;
    return asking.kept;
}
