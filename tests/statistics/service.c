/* Draws of a service, half minute by half minute. */
#include "service.h"

#include "base/math.h"

#include <math.h>
#include <string.h>

enum { CANARY, BASELINE, HALVES = 2 * STEP_MINUTES };

static const double group_mean = 5;        /* geometric: of variance over mean 9 */
static const double session_errors = 0.85; /* in a half minute, by a session that fails */
static const double wander_memory = 0.9, wander_deviation = 0.3;

void service_begin(struct service_state *state, const struct service *service, uint64_t seed,
                   uint64_t index)
{
    memset(state, 0, sizeof *state);
    state->of = *service;
    random_open(&state->stream, seed, RANDOM_RUNS, index);
    state->wander = wander_deviation * random_normal(&state->stream);
    state->shifted = -1;
}

static double smaller(double a, double b)
{
    return a < b ? a : b;
}

/* --- what errs -------------------------------------------------------------------------------- */

/* So many groups of a geometric number of errors each. */
static double in_groups(struct random_stream *stream, double trials, double rate)
{
    int64_t groups = random_binomial(stream, (int64_t)trials, rate / group_mean);
    double events = (double)groups;
    double go_on = math_log(1 - 1 / group_mean);
    for (int64_t i = 0; i < groups; i++)
        events += floor(math_log(1 - random_unit(stream)) / go_on);
    return events;
}

static double in_sessions(struct service_state *state, int arm, double trials, double rate)
{
    double *ring = state->sessions[arm];
    double all = 0;
    double begun = trials * rate / (session_errors * SESSION_HALVES);
    ring[state->half % SESSION_HALVES] = (double)random_poisson(&state->stream, begun);
    for (int i = 0; i < SESSION_HALVES; i++)
        all += ring[i];
    return (double)random_poisson(&state->stream, all * session_errors);
}

static double events_of(struct service_state *state, int arm, double trials, double rate)
{
    struct random_stream *stream = &state->stream;
    rate = smaller(rate, 1);
    if (state->of.kind == SERVICE_RETRIES)
        return smaller(in_groups(stream, trials, rate), trials);
    if (state->of.kind == SERVICE_SESSIONS)
        return smaller(in_sessions(state, arm, trials, rate), trials);
    return (double)random_binomial(stream, (int64_t)trials, rate);
}

/* --- how much of it --------------------------------------------------------------------------- */

static void move_on(struct service_state *state)
{
    struct random_stream *stream = &state->stream;
    double left = sqrt(1 - wander_memory * wander_memory);
    if (state->half % 2 != 0)
        return;
    state->wander = wander_memory * state->wander + left * wander_deviation * random_normal(stream);
    for (int arm = 0; arm < SERVICE_ARMS; arm++)
        state->burst[arm] = random_unit(stream) < 0.03 ? 20 : 1;
}

static double warm_up(const struct service_state *state, int step)
{
    int since = state->half - state->shifted;
    if (state->shifted < 0 || since >= 2)
        return 1;
    return step == 0 ? 5 : 2;
}

/* The rate of an arm in this half minute, as a multiple of what is usual. */
static double level_of(const struct service_state *state, int arm, int step, double storm)
{
    double level = 1;
    if (arm == CANARY && step >= state->of.ratio_from)
        level = state->of.ratio;
    if (state->of.kind == SERVICE_WANDERS && arm == CANARY)
        level *= math_exp(state->wander);
    if (state->of.kind == SERVICE_BURSTS)
        level *= state->burst[arm];
    if (state->of.kind == SERVICE_WARMS_UP && arm == CANARY)
        level *= warm_up(state, step);
    return level * storm;
}

/* --- time ------------------------------------------------------------------------------------- */

/* -1 before the first shift. */
static int step_at(const struct service_state *state, const struct plan_steps *steps)
{
    int half = state->half - (state->of.on_minute ? 0 : 1);
    int step = half < 0 ? -1 : half / HALVES;
    return step < steps->count ? step : steps->count - 1;
}

static void half_minute(struct service_state *state, const struct plan_steps *steps,
                        struct judge_counts *counts, bool *shifted, int *step)
{
    *step = step_at(state, steps);
    double share = *step < 0 ? 0 : steps->percent[*step] / 100;
    bool any_storm = state->of.kind == SERVICE_STORMS && random_unit(&state->stream) < 0.05;
    double storm = any_storm ? 30 : 1;
    move_on(state);
    if (share != state->share) {
        state->shifted = state->half;
        state->share = share;
        *shifted = true;
    }
    double all = (double)random_poisson(&state->stream, 30 * state->of.requests);
    double canary = (double)random_binomial(&state->stream, (int64_t)all, share);
    double of_canary = state->of.rate * level_of(state, CANARY, *step, storm);
    double of_baseline = state->of.rate * level_of(state, BASELINE, *step, storm);
    counts->canary_trials += canary;
    counts->baseline_trials += all - canary;
    counts->canary_events += events_of(state, CANARY, canary, of_canary);
    counts->baseline_events += events_of(state, BASELINE, all - canary, of_baseline);
    state->half++;
}

struct judge_counts service_minute(struct service_state *state, const struct plan_steps *steps,
                                   bool *shifted, int *step)
{
    struct judge_counts counts = {.present = true};
    *shifted = false;
    half_minute(state, steps, &counts, shifted, step);
    half_minute(state, steps, &counts, shifted, step);
    return counts;
}

int service_minutes(const struct service *service, const struct plan_steps *steps)
{
    int alone = steps->percent[steps->count - 1] >= 100;
    return STEP_MINUTES * (steps->count - alone) + (service->on_minute ? 0 : 1);
}
