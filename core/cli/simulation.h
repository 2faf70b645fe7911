/* One policy, one recording, one pretend account, put together once and run as often as one likes:
 * every run starts from the same state and differs by its seed alone. */
#pragma once

#include "cli/sources.h"
#include "engine/engine.h"
#include "script/step_cache.h"
#include "world/simulated.h"

/* What is read from outside before the process locks itself in. */
struct simulation_input {
    struct sources sources;
    struct buffer recording;    /* its text */
    const char *recording_name; /* without folders: a run is the same wherever its files lie */
    struct inject injects[INJECTS_MAX];
    const char *inject_texts[INJECTS_MAX];
    size_t inject_count;
    struct value arguments; /* [[name, text]...], in the pool */
    struct pool pool;
    const char *start;                 /* an instant, or NULL for the recording's first period */
    int64_t settle;                    /* ms that a period's metrics are late */
    struct person person;              /* who approves */
    const struct injection *injection; /* what is done to each of many runs (injector.h), or NULL */
    struct coverage *coverage; /* is told which lines were executed (script/coverage.h), or NULL */
    struct zones *zones;       /* those that the sources and arguments name; NULL: not read */
    bool rehearsal;            /* nothing is judged, and no metric need be in the recording */
};

struct simulation {
    const struct simulation_input *input;
    struct host *host;
    struct catalogue *catalogue;
    struct recording *recording;
    struct sandbox *sandbox;
    struct step_cache *cache;
    struct engine *engine;
    struct simulated *simulated;
    struct pool pool;
    struct value sources, injects; /* for headers, in the pool */
    bool muted;                    /* the policy's print() is not shown */
};

/* Reads the time zones that its sources and arguments name, while files can still be read. */
bool simulation_input_zones(struct simulation_input *input, struct error *err);
/* Gives back what was read. */
void simulation_input_clear(struct simulation_input *input);

/* Loads everything, the policy last. `many`: remember what the policy did, for runs to come.
 * ERROR_INVALID, ERROR_POLICY or ERROR_BUDGET say what was wrong with what was given. Clear it in
 * any case. */
bool simulation_open(struct simulation *simulation, const struct simulation_input *input, bool many,
                     struct error *err);
void simulation_clear(struct simulation *simulation);

/* What a run is to be carried out with; all may be NULL. */
struct simulation_run {
    struct journal *journal; /* NULL: a quiet run, of which nothing is kept but the result */
    struct world *world;     /* stands in front of the simulated one */
    struct script *script;   /* stands in front of the policy */
    engine_observe_fn *observe;
    void *context;
};

/* One run from the beginning. */
bool simulation_start(struct simulation *simulation, int64_t seed, const struct simulation_run *run,
                      struct engine_result *result, struct error *err);

/* The run before was cut short: another process takes it up from what its journal says. */
void simulation_recover(struct simulation *simulation, const struct journal_scan *scan,
                        const struct simulation_run *run, struct engine_result *result);

/* A person takes back what the run before did. */
void simulation_undo(struct simulation *simulation, const struct journal_scan *scan,
                     const struct simulation_run *run, struct engine_result *result);

/* The seed of the i-th of many runs; that of the first is `seed` itself. It fits in 53 bits, so
 * that no tool that reads JSON rounds it. */
int64_t simulation_seed(int64_t seed, int64_t index);
