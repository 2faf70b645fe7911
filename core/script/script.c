/* A policy that is executed in this very process. */
#include "script/script.h"

static struct sandbox *sandbox_of(struct script *script)
{
    return ((struct script_local *)script)->sandbox;
}

static void start(struct script *script, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool)
{
    sandbox_start(sandbox_of(script), arguments, step, pool);
}

static void resume(struct script *script, int branch, const struct value *result,
                   struct sandbox_step *step, struct pool *pool)
{
    sandbox_resume(sandbox_of(script), branch, result, step, pool);
}

void script_local_init(struct script_local *local, struct sandbox *sandbox)
{
    static const struct script_ops ops = {start, resume};
    *local = (struct script_local){{&ops}, sandbox};
}
