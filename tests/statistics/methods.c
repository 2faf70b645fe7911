/* Each method in a few lines. */
#include "methods.h"

#include "base/math.h"

#include <math.h>
#include <stdlib.h>

/* --- ours ------------------------------------------------------------------------------------- */

struct ratio_state {
    bool begun;
    int step;
    struct judge_ratio judge;
};

_Static_assert(sizeof(struct ratio_state) <= METHOD_SIZE, "METHOD_SIZE is too small");

bool method_ratio(const struct method *method, void *self, const struct minute *minute)
{
    struct ratio_state *state = self;
    struct error err;
    if (!state->begun) {
        state->begun = judge_ratio_init(&state->judge, &method->params, &err);
        if (!state->begun)
            abort();
        state->step = minute->step;
    }
    if (minute->step != state->step)
        judge_ratio_restart(&state->judge);
    state->step = minute->step;
    bool unsettled = method->settle_in > 0 && minute->in_step <= method->settle_in;
    bool left_out = (minute->shifted && !method->keeps_shift) || unsettled;
    if (!left_out)
        judge_ratio_observe(&state->judge, &minute->counts);
    return judge_ratio_verdict(&state->judge) == VERDICT_HARM;
}

/* --- all counts so far ------------------------------------------------------------------------ */

static void add(struct judge_counts *sum, const struct judge_counts *counts)
{
    sum->canary_events += counts->canary_events;
    sum->canary_trials += counts->canary_trials;
    sum->baseline_events += counts->baseline_events;
    sum->baseline_trials += counts->baseline_trials;
}

bool method_z_test(const struct method *method, void *self, const struct minute *minute)
{
    struct judge_counts *sum = self;
    (void)method;
    add(sum, &minute->counts);
    double all = sum->canary_trials + sum->baseline_trials;
    double rate = (sum->canary_events + sum->baseline_events) / all;
    if (sum->canary_trials <= 0 || sum->baseline_trials <= 0 || rate <= 0)
        return false;
    double difference = sum->canary_events / sum->canary_trials -
                        sum->baseline_events / sum->baseline_trials;
    double variance = rate * (1 - rate) * (1 / sum->canary_trials + 1 / sum->baseline_trials);
    return difference > 1.6448536269514722 * sqrt(variance);
}

bool method_difference(const struct method *method, void *self, const struct minute *minute)
{
    static const double alpha = 0.05, tuned_for = 5000;
    struct judge_counts *sum = self;
    (void)method;
    add(sum, &minute->counts);
    if (sum->canary_trials <= 0 || sum->baseline_trials <= 0)
        return false;
    double n = sum->canary_trials + sum->baseline_trials;
    double p1 = sum->canary_events / sum->canary_trials;
    double p0 = sum->baseline_events / sum->baseline_trials;
    double variance = p1 * (1 - p1) / sum->canary_trials + p0 * (1 - p0) / sum->baseline_trials;
    double log_alpha = math_log(alpha);
    double square = (-2 * log_alpha + math_log(-2 * log_alpha + 1)) / tuned_for;
    double width = sqrt(n * variance) * sqrt(2 * (n * square + 1) / (n * n * square) *
                                             math_log(sqrt(n * square + 1) / alpha));
    return p1 - p0 > width;
}

bool method_alarm(const struct method *method, void *self, const struct minute *minute)
{
    (void)method;
    (void)self;
    return minute->counts.canary_events + minute->counts.baseline_events >= 20;
}

/* --- Kayenta ---------------------------------------------------------------------------------- */

enum { POINTS_MAX = 8, DIFFERENCES_MAX = POINTS_MAX * POINTS_MAX };

struct kayenta_state {
    double canary[POINTS_MAX], baseline[POINTS_MAX];
    int count;
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* How many of the ways to order n and n values give Mann and Whitney's statistic u. */
static double ways(int u, int m, int n)
{
    if (u < 0)
        return 0;
    if (m == 0 || n == 0)
        return u == 0;
    return ways(u - n, m - 1, n) + ways(u, m, n - 1);
}

/* The rank of the difference that bounds the interval of 98 % from below. */
static int rank_of(int n)
{
    double all = 1, below = 0;
    int u = 0;
    for (int i = 1; i <= n; i++)
        all = all * (n + i) / i;
    for (below = ways(0, n, n); below / all < 0.01; below += ways(u, n, n))
        u++;
    return u > 0 ? u : 1;
}

static bool is_high(struct kayenta_state *state)
{
    double differences[DIFFERENCES_MAX];
    int n = state->count;
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++)
            differences[i * n + j] = state->canary[i] - state->baseline[j];
    }
    qsort(differences, (size_t)(n * n), sizeof *differences, by_value);
    double middle = (differences[(n * n - 1) / 2] + differences[n * n / 2]) / 2;
    return differences[rank_of(n) - 1] > 0.25 * fabs(middle);
}

bool method_kayenta(const struct method *method, void *self, const struct minute *minute)
{
    struct kayenta_state *state = self;
    const struct judge_counts *counts = &minute->counts;
    (void)method;
    bool high = false;
    if (counts->canary_trials > 0 && counts->baseline_trials > 0 && !minute->shifted &&
        state->count < POINTS_MAX) {
        state->canary[state->count] = counts->canary_events / counts->canary_trials;
        state->baseline[state->count++] = counts->baseline_events / counts->baseline_trials;
    }
    if (minute->last) {
        high = state->count > 1 && is_high(state);
        state->count = 0;
    }
    return high;
}
