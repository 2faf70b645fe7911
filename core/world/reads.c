#include "world/reads.h"

#include "engine/record.h"

/* One read under way. */
struct asking {
    struct reads_answer *answer;
    struct pool *pool;
    bool done, kept;
    struct error err;
};

static void answered(void *context, enum outcome outcome, const struct value *value)
{
    struct asking *asking = context;
    asking->answer->outcome = outcome;
    asking->kept = value_copy(&asking->answer->value, value, asking->pool, &asking->err);
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

static bool refuse(struct asking *asking, const struct error *why, struct error *err)
{
    struct slice message;
    struct member members[] = {{slice_of("code"), value_text("NotSent")},
                               {.name = slice_of("message")}};
    if (!pool_copy(asking->pool, slice_of(why->message), &message, err))
        return false;
    members[1].value = value_string(message);
    asking->answer->outcome = OUTCOME_REJECTED;
    return record_object(&asking->answer->value, members, RECORD_COUNT(members), asking->pool, err);
}

bool reads_ask(const struct reads *reads, struct slice operation, const struct value *input,
               struct reads_answer *answer, struct pool *pool, struct error *err)
{
    struct error why;
    struct asking asking = {.answer = answer, .pool = pool};
    if (!check_read(reads, operation, input, pool, err))
        return false;
    if (!turns_start(reads->turns, operation, input, answered, &asking, &why))
        return refuse(&asking, &why, err);
    if (!net_wait_until(reads->net, &asking.done, err))
        return false;
    if (!asking.kept)
        *err = asking.err;
    return asking.kept;
}
