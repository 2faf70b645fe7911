/* Puts host, account, recording, sandbox and engine together for simulated runs, and starts them.
 */
#include "cli/simulation.h"

#include "base/random.h"
#include "base/time.h"
#include "cli/verb.h"
#include "engine/record.h"
#include "host/host.h"
#include "journal/journal.h"
#include "world/recording_read.h"

#include <lua.h>

#include <stdio.h>
#include <string.h>

enum { SEED_SPARE_BITS = 64 - 53 };

int64_t simulation_seed(int64_t seed, int64_t index)
{
    struct random_stream stream;
    if (index == 0)
        return seed;
    random_open(&stream, (uint64_t)seed, RANDOM_RUNS, (uint64_t)index);
    return (int64_t)(random_bits(&stream) >> SEED_SPARE_BITS);
}

static void print(void *context, struct slice text)
{
    const struct simulation *simulation = context;
    if (!simulation->muted)
        fwrite(text.data, 1, text.size, stderr);
}

static bool find(void *context, const char *module, struct slice *text, const char **chunk)
{
    const struct simulation *simulation = context;
    return sources_find((void *)&simulation->input->sources, module, text, chunk);
}

static bool keep_texts(struct simulation *simulation, struct error *err)
{
    const struct simulation_input *input = simulation->input;
    struct value *injects = &simulation->injects;
    if (!value_array(injects, input->inject_count, &simulation->pool, err))
        return false;
    for (size_t i = 0; i < input->inject_count; i++)
        injects->array.items[i] = value_text(input->inject_texts[i]);
    return sources_value(&input->sources, &simulation->sources, &simulation->pool, err);
}

/* A run is recorded from the first period that it looked at, which began after it did itself. */
enum { EARLY_MAX = 24 * 60 * 60 * 1000 };

static bool read_start(const struct simulation *simulation, int64_t *start, struct error *err)
{
    const struct recording *recording = simulation->recording;
    const char *text = simulation->input->start;
    char first[32];
    char last[32];
    *start = recording->start;
    if (!text)
        return true;
    if (!time_parse_instant(start, slice_of(text), err))
        return error_wrap(err, "--start");
    if (*start >= recording->start - EARLY_MAX && *start <= recording->end)
        return true;
    time_format_instant(first, recording->start);
    time_format_instant(last, recording->end);
    return error_set(err, ERROR_INVALID, "--start %s: the recording goes from %s to %s", text,
                     first, last);
}

static bool open_world(struct simulation *simulation, struct error *err)
{
    const struct simulation_input *input = simulation->input;
    struct simulated_params params = {.host = simulation->host};
    if (!recording_open(&simulation->recording, buffer_slice(&input->recording), err))
        return error_wrap(err, "%s", input->recording_name);
    if (simulation->recording->point_count == 0 && simulation->recording->alarm_count == 0)
        return error_set(err, ERROR_INVALID, "%s: the recording has no points",
                         input->recording_name);
    if (!read_start(simulation, &params.start, err))
        return false;
    params.traffic.recording = simulation->recording;
    params.traffic.settle = input->settle;
    params.traffic.quiet = input->rehearsal;
    params.traffic.injects = input->injects;
    params.traffic.inject_count = input->inject_count;
    params.person = input->person;
    params.zones = input->zones;
    return simulated_new(&simulation->simulated, &params, err);
}

static bool open_policy(struct simulation *simulation, struct error *err)
{
    struct sandbox_step step;
    const struct source *policy = &simulation->input->sources.items[0];
    struct sandbox_hooks hooks = {find, print, simulation};
    if (!sandbox_new(&simulation->sandbox, &sandbox_limits_default, &hooks, err))
        return false;
    if (simulation->input->coverage)
        sandbox_cover(simulation->sandbox, simulation->input->coverage);
    sandbox_load(simulation->sandbox, policy->name, buffer_slice(&policy->text), &step,
                 &simulation->pool);
    if (step.state != SANDBOX_RETURNED) {
        *err = step.error;
        return sources_place(&simulation->input->sources, err);
    }
    return sandbox_mark(simulation->sandbox, err);
}

static bool open_runs(struct simulation *simulation, bool many, struct error *err)
{
    return step_cache_new(&simulation->cache, simulation->sandbox, many, err) &&
           engine_new(&simulation->engine, err);
}

bool simulation_input_zones(struct simulation_input *input, struct error *err)
{
    const struct value *arguments = &input->arguments;
    if (!zones_new(&input->zones, err))
        return false;
    for (size_t i = 0; i < input->sources.count; i++)
        zones_read_named(input->zones, buffer_slice(&input->sources.items[i].text));
    for (size_t i = 0; arguments->kind == VALUE_ARRAY && i < arguments->array.count; i++)
        zones_read_named(input->zones, arguments->array.items[i].array.items[1].string);
    zones_seal(input->zones);
    return true;
}

void simulation_input_clear(struct simulation_input *input)
{
    zones_free(input->zones);
    sources_clear(&input->sources);
    buffer_clear(&input->recording);
    pool_clear(&input->pool);
}

bool simulation_open(struct simulation *simulation, const struct simulation_input *input, bool many,
                     struct error *err)
{
    enum { POOL_MAX = 256 << 20 };
    *simulation = (struct simulation){.input = input};
    pool_init(&simulation->pool, POOL_MAX);
    return keep_texts(simulation, err) && host_new(&simulation->host, err) &&
           host_catalogue(simulation->host, &simulation->catalogue, err) &&
           open_world(simulation, err) && open_policy(simulation, err) &&
           open_runs(simulation, many, err);
}

void simulation_clear(struct simulation *simulation)
{
    engine_free(simulation->engine);
    step_cache_free(simulation->cache);
    sandbox_free(simulation->sandbox);
    simulated_free(simulation->simulated);
    recording_free(simulation->recording);
    host_catalogue_free(simulation->catalogue);
    host_free(simulation->host);
    pool_clear(&simulation->pool);
}

/* Everything that, with this program, makes the run what it is. */
static bool make_header(struct simulation *simulation, int64_t seed, struct pool *pool,
                        struct value *header, struct error *err)
{
    const struct simulation_input *input = simulation->input;
    const struct recording *recording = simulation->recording;
    struct value source;
    struct member recorded[] = {
        {slice_of("name"), value_text(input->recording_name)},
        {slice_of("sha256"), value_text(recording->digest)},
    };
    if (!record_object(&source, recorded, RECORD_COUNT(recorded), pool, err))
        return false;
    struct member members[] = {
        {slice_of("arguments"), simulation->input->arguments},
        {slice_of("format"), value_integer(JOURNAL_FORMAT)},
        {slice_of("injects"), simulation->injects},
        {slice_of("lua"), value_text(LUA_RELEASE)},
        {slice_of("policy"), value_text(input->sources.items[0].name)},
        {slice_of("recording"), source},
        {slice_of("seed"), value_integer(seed)},
        {slice_of("settle"), value_integer(input->settle)},
        {slice_of("sources"), simulation->sources},
        {slice_of("version"), value_text(TIDELOCK_VERSION)},
        {slice_of("world"), value_text("simulated")},
    };
    return record_object(header, members, RECORD_COUNT(members), pool, err);
}

static struct engine_params common_params(const struct simulation *simulation,
                                          const struct simulation_run *run)
{
    return (struct engine_params){
        .world = run->world ? run->world : simulated_world(simulation->simulated),
        .catalogue = simulation->catalogue,
        .journal = run->journal,
        .observe = run->observe,
        .context = run->context,
        .rehearsal = simulation->input->rehearsal,
    };
}

bool simulation_start(struct simulation *simulation, int64_t seed, const struct simulation_run *run,
                      struct engine_result *result, struct error *err)
{
    enum { POOL_MAX = 64 << 20 };
    struct value header;
    struct pool pool;
    struct member named = {slice_of("arguments"), simulation->input->arguments};
    struct value arguments = {.kind = VALUE_OBJECT, .object = {&named, 1}};
    struct engine_params params = common_params(simulation, run);
    pool_init(&pool, POOL_MAX);
    step_cache_begin(simulation->cache, (uint64_t)seed);
    params.script = run->script ? run->script : step_cache_script(simulation->cache);
    params.header = &header;
    params.arguments = &arguments;
    bool ok = simulated_reset(simulation->simulated, (uint64_t)seed, err) &&
              (!run->journal || make_header(simulation, seed, &pool, &header, err));
    if (ok)
        engine_run(simulation->engine, &params, result);
    ok = ok && simulated_peak(simulation->simulated, &result->peak_share, err);
    pool_clear(&pool);
    return ok;
}

void simulation_recover(struct simulation *simulation, const struct journal_scan *scan,
                        const struct simulation_run *run, struct engine_result *result)
{
    struct engine_params params = common_params(simulation, run);
    engine_recover(simulation->engine, &params, scan, result);
}

void simulation_undo(struct simulation *simulation, const struct journal_scan *scan,
                     const struct simulation_run *run, struct engine_result *result)
{
    struct engine_params params = common_params(simulation, run);
    engine_undo(simulation->engine, &params, scan, result);
}
