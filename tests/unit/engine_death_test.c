/* The policy's process dies at its n-th step, for every n: the run is rolled back, and says so. */
#include "engine_check.h"

/* Answers as the local script does, so many times. */
struct mortal_script {
    struct script script;
    int steps_left;
};

static struct fake_world fake;

static bool die(struct script *mortal, int branch, struct sandbox_step *step)
{
    if (((struct mortal_script *)mortal)->steps_left-- > 0)
        return false;
    *step = (struct sandbox_step){.state = SANDBOX_DIED, .branch = branch};
    error_set(&step->error, ERROR_POLICY, "the policy's process was killed by SIGSEGV: a fault");
    return true;
}

static void start(struct script *mortal, const struct value *arguments, struct sandbox_step *step,
                  struct pool *pool)
{
    if (!die(mortal, 0, step))
        script.script.ops->start(&script.script, arguments, step, pool);
}

static void resume(struct script *mortal, int branch, const struct value *answer,
                   struct sandbox_step *step, struct pool *pool)
{
    if (!die(mortal, branch, step))
        script.script.ops->resume(&script.script, branch, answer, step, pool);
}

static void run(struct engine *engine, int steps, struct engine_result *result)
{
    static const struct script_ops ops = {start, resume};
    struct mortal_script mortal = {{&ops}, steps};
    struct journal_memory memory;
    struct journal journal;
    struct value header = {.kind = VALUE_OBJECT};
    journal_memory_init(&memory, 16 << 20);
    journal_init(&journal, &memory.store);
    struct engine_params params = {
        .world = &fake.world,
        .catalogue = &fake.catalogue,
        .script = &mortal.script,
        .journal = &journal,
        .header = &header,
        .arguments = &header,
    };
    fake_init(&fake);
    sandbox_rewind(sandbox);
    engine_run(engine, &params, result);
    journal_clear(&journal);
    journal_memory_clear(&memory);
}

static bool all_as_before(void)
{
    bool same = true;
    for (int64_t i = 0; i < FAKE_KEYS; i++)
        same = same && fake.registers[i] == 100 + i;
    return same;
}

static void test_dies_everywhere(void)
{
    struct engine *engine = NULL;
    struct engine_result result;
    int steps = 0;
    CHECK(engine_new(&engine, &err));
    load("return function() begin() put(0, 5) effect.parallel{function() put(1, 6) end,\n"
         "function() watch(120000) end} put(0, 10) end");
    for (;; steps++) {
        run(engine, steps, &result);
        if (result.outcome == RUN_PROMOTED)
            break;
        CHECK(all_as_before() && result.cause == CAUSE_CRASH);
        CHECK(result.outcome == (steps > 0 ? RUN_POLICY_FAILED : RUN_REFUSED)); /* begun or not */
        CHECK_TEXT(result.reason, "the policy's process was killed by SIGSEGV: a fault");
    }
    CHECK(steps >= 7 && !all_as_before());
    engine_free(engine);
    sandbox_free(sandbox);
    pool_clear(&load_pool);
}

CHECK_MAIN({"dies_everywhere", test_dies_everywhere})
