/* Carries out a simulated run life by life, over a journal in memory. */
#include "cli/trial.h"

#include "engine/recompute.h"

enum {
    JOURNAL_MAX = 1 << 30,
    POOL_MAX = 1 << 30,
    LANDED_AFTER = 60000, /* ms that nobody is there, for what was sent to land in */
};

void trial_init(struct trial *trial, struct simulation *simulation, int64_t seed, int64_t one_in)
{
    *trial = (struct trial){.simulation = simulation, .seed = seed, .one_in = one_in};
    random_open(&trial->points, (uint64_t)seed, RANDOM_POINTS, 0);
    buffer_init(&trial->disk, JOURNAL_MAX);
    buffer_init(&trial->read, JOURNAL_MAX);
    pool_init(&trial->pool, POOL_MAX);
    injector_init(&trial->injector, simulation->simulated, simulation->catalogue);
}

void trial_clear(struct trial *trial)
{
    injector_clear(&trial->injector);
    buffer_clear(&trial->disk);
    buffer_clear(&trial->read);
    pool_clear(&trial->pool);
}

bool trial_takes(struct trial *trial)
{
    return random_bits(&trial->points) % (uint64_t)trial->one_in == 0;
}

bool trial_start(struct trial *trial, struct death death, struct engine_result *result,
                 struct error *err)
{
    struct journal journal;
    buffer_empty(&trial->disk);
    injector_live(&trial->injector, &trial->disk, death);
    journal_init(&journal, &trial->injector.store);
    struct simulation_run run = {.journal = &journal, .world = &trial->injector.world};
    bool ok = simulation_start(trial->simulation, trial->seed, &run, result, err);
    journal_clear(&journal);
    return ok;
}

bool trial_pass_time(struct trial *trial, enum crash_kind kind, struct error *err)
{
    struct simulated *simulated = trial->simulation->simulated;
    simulated_drop_inflight(simulated, kind == CRASH_LATE || kind == CRASH_LANDED);
    return kind != CRASH_LANDED || simulated_pass(simulated, LANDED_AFTER, err);
}

bool trial_read(struct trial *trial, struct journal_scan *scan, struct error *err)
{
    buffer_empty(&trial->read);
    pool_reset(&trial->pool);
    if (!buffer_append(&trial->read, buffer_slice(&trial->disk), err) ||
        !journal_read(scan, buffer_slice(&trial->read), &trial->pool, err))
        return false;
    trial->disk.size = scan->good; /* a torn record never happened */
    return true;
}

typedef void take_fn(struct simulation *simulation, const struct journal_scan *scan,
                     const struct simulation_run *run, struct engine_result *result);

static bool take_up(struct trial *trial, take_fn *take, struct death death,
                    struct journal_scan *scan, struct engine_result *result, struct error *err)
{
    struct journal journal;
    const struct recompute recompute = {trial->simulation->catalogue, "simulated",
                                        TIDELOCK_VERSION};
    if (!trial_read(trial, scan, err) || !recompute_changes(&recompute, scan, &trial->pool, err))
        return false;
    injector_live(&trial->injector, &trial->disk, death);
    journal_init(&journal, &trial->injector.store);
    journal_continue(&journal, scan);
    struct simulation_run run = {.journal = &journal, .world = &trial->injector.world};
    take(trial->simulation, scan, &run, result);
    journal_clear(&journal);
    return true;
}

bool trial_recover(struct trial *trial, struct death death, struct engine_result *result,
                   bool *committed, struct error *err)
{
    struct journal_scan scan;
    if (!take_up(trial, simulation_recover, death, &scan, result, err))
        return false;
    *committed = false;
    for (size_t i = 0; i < scan.count; i++)
        *committed = *committed || scan.records[i].kind == JOURNAL_COMMIT;
    return true;
}

bool trial_undo(struct trial *trial, struct engine_result *result, struct error *err)
{
    struct journal_scan scan;
    return take_up(trial, simulation_undo, (struct death){CRASH_NEVER, 0}, &scan, result, err);
}

size_t trial_count_records(const struct trial *trial)
{
    size_t lines = 0;
    for (size_t i = 0; i < trial->disk.size; i++)
        lines += trial->disk.data[i] == '\n';
    return lines;
}

bool trial_compare(struct trial *trial, const struct account_state *expected,
                   const struct engine_result *result, bool *equal, struct slice *difference,
                   struct error *err)
{
    struct simulated *simulated = trial->simulation->simulated;
    const struct account_state *origin = simulated_origin(simulated);
    *difference = slice_of("");
    *equal = true;
    if (origin &&
        !simulated_equal(simulated, expected ? expected : origin, simulated_snapshot(simulated),
                         equal, difference, &trial->pool, err))
        return false;
    if (result->outcome != RUN_NOT_RESTORED)
        return true;
    *difference = *equal ? slice_of("nothing, but that is not what was said") : *difference;
    *equal = false;
    return true;
}

/* *reached is false if the run, or its recovery, came to its end before. */
static bool die(struct trial *trial, struct death first, struct death second, bool *committed,
                const struct account_state **at_death, struct trial_end *end, struct error *err)
{
    static const struct death never = {CRASH_NEVER, 0};
    bool twice = second.kind != CRASH_NEVER;
    if (!trial_start(trial, first, &end->result, err))
        return false;
    if (!end->result.killed)
        return true;
    *at_death = simulated_snapshot(trial->simulation->simulated);
    if (!trial_pass_time(trial, first.kind, err) ||
        !trial_recover(trial, second, &end->result, committed, err))
        return false;
    if (twice && !end->result.killed)
        return true;
    if (twice && (!trial_pass_time(trial, second.kind, err) ||
                  !trial_recover(trial, never, &end->result, committed, err)))
        return false;
    end->reached = true;
    return true;
}

bool trial_die(struct trial *trial, struct death first, struct death second, struct trial_end *end,
               struct error *err)
{
    const struct account_state *at_death = NULL;
    bool committed = false;
    *end = (struct trial_end){.reached = false};
    return die(trial, first, second, &committed, &at_death, end, err) &&
           (!end->reached || trial_compare(trial, committed ? at_death : NULL, &end->result,
                                           &end->equal, &end->difference, err));
}
