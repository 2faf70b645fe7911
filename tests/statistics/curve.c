/* The operating curve of judge.ratio: how often a good version is rolled back, and which bad ones
 * are found, by our parameters and by what others do, on services made up in service.h.
 *
 *     cmake --build build/release --target statistics_curve
 *     nice build/release/tests/statistics/statistics_curve TABLE [RUNS]
 *
 * TABLE is `choice` (alpha, tolerance, multiples, floor, restarts), `sound` (good versions where
 * requests err together), `differs` (arms that differ for good), `floor` (services that hardly ever
 * err), `others` (what others do) or `check` (a few lines of all of them, against what is
 * wanted: the suite has it). RUNS is 20000 of a good version, and a tenth of that of a bad one.
 * Draws depend on nothing but fixed seeds. */
#include "interval.h"
#include "methods.h"
#include "service.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double usual_shares[] = {5, 10, 25, 50, 100};
static const struct plan_steps usual_steps = {usual_shares, 5};

enum { METHODS_MAX = 40, MINUTES_MAX = 64 };

struct tally {
    int runs, harm;
    int at[MINUTES_MAX];         /* harm, by the minutes that it took */
    double exposed[MINUTES_MAX]; /* the canary's requests up to then, of all runs */
};

/* --- rollouts --------------------------------------------------------------------------------- */

struct rollout {
    struct service_state state;
    struct minute minute;
    double exposed;
    int number; /* of the minute, from 1 */
};

static void next_minute(struct rollout *rollout)
{
    struct minute *minute = &rollout->minute;
    int step = minute->step;
    minute->counts = service_minute(&rollout->state, &usual_steps, &minute->shifted, &minute->step);
    if (minute->step != step)
        minute->in_step = 0;
    else if (rollout->number > 1)
        minute->in_step++;
    minute->last = rollout->number % STEP_MINUTES == 0;
    rollout->exposed += minute->counts.canary_trials;
    rollout->number++;
}

/* All of them on the same rollout; what others do has no notion of the minute of a shift, and is
 * not given it either. */
static void roll_out(const struct service *service, const struct method *methods, int count,
                     uint64_t index, struct tally *tally)
{
    static _Alignas(16) char self[METHODS_MAX][METHOD_SIZE];
    bool over[METHODS_MAX] = {false};
    struct rollout rollout = {.number = 1, .minute = {.step = -1}};
    memset(self, 0, (size_t)count * METHOD_SIZE);
    service_begin(&rollout.state, service, 1, index);
    for (int i = 0; i < service_minutes(service, &usual_steps); i++) {
        next_minute(&rollout);
        for (int k = 0; k < count; k++) {
            bool unseen = rollout.minute.shifted && !methods[k].keeps_shift;
            if (over[k] || (unseen && methods[k].judge != method_ratio) ||
                !methods[k].judge(&methods[k], self[k], &rollout.minute))
                continue;
            over[k] = true;
            tally[k].harm++;
            tally[k].at[i + 1]++;
            tally[k].exposed[i + 1] += rollout.exposed;
        }
    }
    for (int k = 0; k < count; k++)
        tally[k].runs++;
}

static void roll_out_all(const struct service *service, const struct method *methods, int count,
                         int runs, struct tally *tally)
{
    memset(tally, 0, (size_t)count * sizeof *tally);
    for (int i = 0; i < runs; i++)
        roll_out(service, methods, count, (uint64_t)i, tally);
}

/* By ratio of sums over blocks of ten minutes, from a day with half of the traffic each, as
 * `tidelock power` measures it. */
static double dispersion_of(const struct service *service)
{
    enum { BLOCKS = 144, PERIODS = 10 };
    static const double half[] = {50};
    const struct plan_steps steps = {half, 1};
    struct dispersion dispersion = {0};
    struct service_state state;
    struct service alike = *service;
    alike.ratio = 1;
    alike.on_minute = true;
    service_begin(&state, &alike, 2, 0);
    for (int block = 0; block < BLOCKS; block++) {
        for (int i = 0; i < PERIODS; i++) {
            bool shifted;
            int step;
            struct judge_counts one = service_minute(&state, &steps, &shifted, &step);
            dispersion_add(&dispersion, one.canary_events, one.canary_events + one.baseline_events,
                           one.canary_trials / (one.canary_trials + one.baseline_trials));
        }
        dispersion_end_block(&dispersion);
    }
    return dispersion_ratio(&dispersion);
}

/* --- what is printed -------------------------------------------------------------------------- */

/* "0.28 [0.21, 0.36]" */
static void print_part(const struct tally *tally)
{
    char text[64];
    snprintf(text, sizeof text, "%.3g [%.2g, %.2g]", 100.0 * tally->harm / tally->runs,
             100 * interval_low(tally->harm, tally->runs),
             100 * interval_high(tally->harm, tally->runs));
    printf("  %-20s", text);
}

/* The minute by which half of all runs were found, 0: they were not. */
static int median_minute(const struct tally *tally)
{
    int sum = 0;
    for (int i = 0; i < MINUTES_MAX; i++) {
        sum += tally->at[i];
        if (2 * sum >= tally->runs)
            return i;
    }
    return 0;
}

static double mean_exposed(const struct tally *tally)
{
    double sum = 0;
    for (int i = 0; i < MINUTES_MAX; i++)
        sum += tally->exposed[i];
    return tally->harm > 0 ? sum / tally->harm : 0;
}

/* "85.1 [83.5, 86.6] 15 21k": found, median minute, requests exposed on average */
static void print_found(const struct tally *tally)
{
    print_part(tally);
    int median = median_minute(tally);
    char text[32] = "-";
    if (median > 0)
        snprintf(text, sizeof text, "%d", median);
    printf(" %3s %5.3gk", text, mean_exposed(tally) / 1000);
}

static struct method ours(const char *name)
{
    struct method method = {.name = name, .params = judge_ratio_default, .judge = method_ratio};
    method.params.restarts = 4; /* as many watches compare; shipped policies say so */
    return method;
}

/* --- choice ----------------------------------------------------------------------------------- */

static const struct service usual_service = {SERVICE_INDEPENDENT, 200, 0.001, 1, 0, false};

/* One parameter at a time is another than the default. */
static int choices(struct method *methods)
{
    static const struct {
        const char *name;
        double alpha, psi0, low, high;
        size_t points;
        double floor;
        size_t restarts;
    } rows[] = {
        {"the defaults", 0.01, 1, 1.7, 4, 5, 0.00002, 4},
        {"alpha 0.003", 0.003, 1, 1.7, 4, 5, 0.00002, 4},
        {"alpha 0.02", 0.02, 1, 1.7, 4, 5, 0.00002, 4},
        {"alpha 0.05", 0.05, 1, 1.7, 4, 5, 0.00002, 4},
        {"psi0 1.1", 0.01, 1.1, 1.7, 4, 5, 0.00002, 4},
        {"psi0 1.25", 0.01, 1.25, 1.7, 4, 5, 0.00002, 4},
        {"24 multiples, 1.15 to 20", 0.01, 1, 1.15, 20, 24, 0.00002, 4},
        {"12 multiples, 1.3 to 8", 0.01, 1, 1.3, 8, 12, 0.00002, 4},
        {"8 multiples, 1.5 to 5", 0.01, 1, 1.5, 5, 8, 0.00002, 4},
        {"floor 0", 0.01, 1, 1.7, 4, 5, 0, 4},
        {"floor 0.0001", 0.01, 1, 1.7, 4, 5, 0.0001, 4},
        {"floor 0.001", 0.01, 1, 1.7, 4, 5, 0.001, 4},
        {"restarts unknown", 0.01, 1, 1.7, 4, 5, 0.00002, 0},
        {"no restarts", 0.01, 1, 1.7, 4, 5, 0.00002, 1},
        {"as it was: psi0 1.25, 24 multiples, floor 0.001", 0.01, 1.25, 1.15, 20, 24, 0.001, 5},
    };
    enum { COUNT = sizeof rows / sizeof *rows };
    for (int i = 0; i < COUNT; i++) {
        methods[i] = ours(rows[i].name);
        struct judge_ratio_params *params = &methods[i].params;
        params->alpha = rows[i].alpha;
        params->psi0 = rows[i].psi0;
        params->grid_low = rows[i].low;
        params->grid_high = rows[i].high;
        params->grid_count = rows[i].points;
        params->min_abs = rows[i].floor;
        params->restarts = rows[i].restarts;
    }
    return COUNT;
}

static void print_choice(int runs)
{
    static struct tally good[METHODS_MAX], half_more[METHODS_MAX], twice[METHODS_MAX],
        thrice[METHODS_MAX], late[METHODS_MAX];
    struct method methods[METHODS_MAX];
    int count = choices(methods);
    struct service service = usual_service;
    roll_out_all(&service, methods, count, runs, good);
    service.ratio = 1.5;
    roll_out_all(&service, methods, count, runs / 10, half_more);
    service.ratio = 2;
    roll_out_all(&service, methods, count, runs / 10, twice);
    service.ratio_from = 3;
    roll_out_all(&service, methods, count, runs / 10, late);
    service.ratio = 3;
    service.ratio_from = 0;
    roll_out_all(&service, methods, count, runs / 10, thrice);
    printf("200 requests a second, 0.1 %%: false %%; found %%, median minute, requests exposed\n"
           "%-48s  %-20s  %-31s  %-31s  %-31s  %s\n",
           "", "false", "x1.5", "x2", "x3", "x2 from 50 % on");
    for (int i = 0; i < count; i++) {
        printf("%-48s", methods[i].name);
        print_part(&good[i]);
        print_found(&half_more[i]);
        print_found(&twice[i]);
        print_found(&thrice[i]);
        print_found(&late[i]);
        printf("\n");
    }
}

/* --- sound ------------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    struct service service;
    int settle_in;
} scenarios[] = {
    {"independent", {SERVICE_INDEPENDENT, 200, 0.001, 1, 0, false}, 0},
    {"failures retried on the same arm, groups of 5",
     {SERVICE_RETRIES, 200, 0.001, 1, 0, false},
     0},
    {"sessions failing 5 min on one arm", {SERVICE_SESSIONS, 200, 0.001, 1, 0, false}, 0},
    {"canary's rate wanders, AR(.9) sd 0.3", {SERVICE_WANDERS, 200, 0.001, 1, 0, false}, 0},
    {"bursts x20 in one arm, 3 % of minutes", {SERVICE_BURSTS, 200, 0.001, 1, 0, false}, 0},
    {"common storms x30, shifts in mid-minute", {SERVICE_STORMS, 200, 0.001, 1, 0, false}, 0},
    {"common storms x30, shifts on the minute", {SERVICE_STORMS, 200, 0.001, 1, 0, true}, 0},
    {"warms up, 0.1 %", {SERVICE_WARMS_UP, 200, 0.001, 1, 0, false}, 0},
    {"warms up, 0.5 %", {SERVICE_WARMS_UP, 200, 0.005, 1, 0, false}, 0},
    {"warms up, 0.1 %, settle_in 1m", {SERVICE_WARMS_UP, 200, 0.001, 1, 0, false}, 1},
    {"warms up, 0.5 %, settle_in 1m", {SERVICE_WARMS_UP, 200, 0.005, 1, 0, false}, 1},
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios };

/* As it is, with the dispersion that was measured, with every minute of a shift judged, and
 * psi0 1.25 with the dispersion. */
static void judge_scenario(int i, int runs, struct tally *tally, double *phi)
{
    enum { PLAIN, MEASURED, KEEPS_SHIFT, TOLERANT, WAYS };
    struct method methods[WAYS];
    *phi = dispersion_of(&scenarios[i].service);
    for (int k = 0; k < WAYS; k++) {
        methods[k] = ours("");
        methods[k].settle_in = scenarios[i].settle_in;
        methods[k].params.dispersion = k == PLAIN ? 1 : *phi;
    }
    methods[KEEPS_SHIFT].keeps_shift = true;
    methods[TOLERANT].params.psi0 = 1.25;
    roll_out_all(&scenarios[i].service, methods, WAYS, runs, tally);
}

static void print_sound(int runs)
{
    static struct tally tally[METHODS_MAX];
    printf(
        "a good version, 200 requests a second: false %%\n%-48s  %-5s  %-20s  %-20s  %-20s  %s\n",
        "", "phi", "dispersion 1", "measured", "minute of shift, too", "psi0 1.25");
    for (int i = 0; i < SCENARIOS; i++) {
        double phi;
        judge_scenario(i, runs, tally, &phi);
        printf("%-48s  %-5.3g", scenarios[i].name, phi);
        for (int k = 0; k < 4; k++)
            print_part(&tally[k]);
        printf("\n");
    }
}

/* --- arms that differ, services that hardly ever err -------------------------------------------
 */

static void print_differs(int runs)
{
    static const double ratios[] = {1.05, 1.1, 1.15, 1.25};
    static const double traffic[] = {200, 2000};
    static struct tally tally[METHODS_MAX];
    printf("a lasting harmless difference of the arms, 0.5 %%: false %%\n%-28s  %-20s  %-20s  %s\n",
           "", "the defaults", "24 multiples", "psi0 1.25");
    for (int i = 0; i < 8; i++) {
        struct service service = {
            SERVICE_INDEPENDENT, traffic[i / 4], 0.005, ratios[i % 4], 0, false};
        struct method methods[] = {ours(""), ours(""), ours("")};
        methods[1].params.grid_low = 1.15;
        methods[1].params.grid_high = 20;
        methods[1].params.grid_count = 24;
        methods[2].params.psi0 = 1.25;
        roll_out_all(&service, methods, 3, runs / 10, tally);
        printf("%5g a second, x%-12g", service.requests, service.ratio);
        for (int k = 0; k < 3; k++)
            print_part(&tally[k]);
        printf("\n");
    }
}

static void print_floor(int runs)
{
    static const double floors[] = {0, 0.00002, 0.0001, 0.001};
    static const struct service services[] = {
        {SERVICE_INDEPENDENT, 2000, 0.0001, 1, 0, false},
        {SERVICE_INDEPENDENT, 2000, 0.0001, 2, 0, false},
        {SERVICE_INDEPENDENT, 2000, 0.0001, 5, 0, false},
        {SERVICE_INDEPENDENT, 2000, 0.001, 1.5, 0, false},
        {SERVICE_INDEPENDENT, 20000, 0.00001, 2, 0, false},
        {SERVICE_INDEPENDENT, 20000, 0.00001, 5, 0, false},
    };
    static struct tally tally[METHODS_MAX];
    printf("by the floor: found %%, median minute, requests exposed\n%-28s", "");
    for (int k = 0; k < 4; k++)
        printf("  %-31g", floors[k]);
    for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
        struct method methods[4];
        for (int k = 0; k < 4; k++) {
            methods[k] = ours("");
            methods[k].params.min_abs = floors[k];
        }
        roll_out_all(&services[i], methods, 4, runs / 10, tally);
        printf("\n%5g a second, %5g %%, x%-3g", services[i].requests, 100 * services[i].rate,
               services[i].ratio);
        for (int k = 0; k < 4; k++)
            print_found(&tally[k]);
    }
    printf("\n");
}

/* --- others ----------------------------------------------------------------------------------- */

static int all_methods(struct method *methods)
{
    methods[0] = ours("ours");
    methods[1] = ours("ours, alpha 0.05");
    methods[1].params.alpha = 0.05;
    methods[2] = (struct method){.name = "z-test, peeked", .judge = method_z_test};
    methods[3] = (struct method){.name = "Kayenta, each step", .judge = method_kayenta};
    methods[4] = (struct method){.name = "alarm at 20 errors a minute", .judge = method_alarm};
    methods[5] = (struct method){.name = "sequential difference", .judge = method_difference};
    return 6;
}

static void print_others_at(double requests, int runs)
{
    static const double ratios[] = {1, 1.5, 2, 3, 10};
    static struct tally tally[5][METHODS_MAX], storms[METHODS_MAX];
    struct method methods[METHODS_MAX];
    int count = all_methods(methods);
    for (int i = 0; i < 5; i++) {
        struct service service = {SERVICE_INDEPENDENT, requests, 0.001, ratios[i], 0, false};
        roll_out_all(&service, methods, count, i == 0 ? runs : runs / 10, tally[i]);
    }
    struct service stormy = {SERVICE_STORMS, requests, 0.001, 1, 0, false};
    roll_out_all(&stormy, methods, count, runs / 10, storms);
    printf("%g requests a second, 0.1 %%: false %%; found %%, median minute, requests exposed\n"
           "%-28s  %-20s  %-20s  %-31s  %-31s  %-31s  %s\n",
           requests, "", "false", "in common storms", "x1.5", "x2", "x3", "x10");
    for (int k = 0; k < count; k++) {
        printf("%-28s", methods[k].name);
        print_part(&tally[0][k]);
        print_part(&storms[k]);
        for (int i = 1; i < 5; i++)
            print_found(&tally[i][k]);
        printf("\n");
    }
}

static void print_others(int runs)
{
    print_others_at(10, runs);
    print_others_at(200, runs);
    print_others_at(2000, runs);
}

/* --- check ------------------------------------------------------------------------------------ */

static int failures;

/* What is wanted is out of the question only where the interval says so. */
static void want_at_most(const char *what, const struct tally *tally, double part)
{
    bool ok = interval_low(tally->harm, tally->runs) <= part;
    failures += !ok;
    printf("%-60s %6.3g %% of %d, at most %g %%%s\n", what, 100.0 * tally->harm / tally->runs,
           tally->runs, 100 * part, ok ? "" : ": NO");
}

static void want_at_least(const char *what, const struct tally *tally, double part)
{
    bool ok = interval_high(tally->harm, tally->runs) >= part;
    failures += !ok;
    printf("%-60s %6.3g %% of %d, at least %g %%%s\n", what, 100.0 * tally->harm / tally->runs,
           tally->runs, 100 * part, ok ? "" : ": NO");
}

static void check_found(int runs)
{
    struct method method = ours("");
    struct tally tally;
    struct service service = usual_service;
    roll_out_all(&service, &method, 1, runs, &tally);
    want_at_most("a good version", &tally, 0.003);
    service.ratio = 2;
    roll_out_all(&service, &method, 1, runs / 4, &tally);
    want_at_least("errors doubled", &tally, 0.85);
    service.ratio = 3;
    roll_out_all(&service, &method, 1, runs / 4, &tally);
    want_at_least("errors tripled", &tally, 0.999);
    int median = median_minute(&tally);
    failures += median < 1 || median > 9;
    printf("%-60s %6d minutes, at most 9\n", "half of them", median);
    service = (struct service){SERVICE_INDEPENDENT, 2000, 0.0001, 5, 0, false};
    roll_out_all(&service, &method, 1, runs / 20, &tally);
    want_at_least("five times the errors of a service at 99.99 %", &tally, 0.999);
}

static void check(int runs)
{
    static struct tally tally[METHODS_MAX];
    double phi;
    check_found(runs);
    for (int i = 0; i < SCENARIOS; i++) {
        bool cold = scenarios[i].service.kind == SERVICE_WARMS_UP && scenarios[i].settle_in == 0;
        if (cold)
            continue; /* what settle_in is for */
        judge_scenario(i, runs / 2, tally, &phi);
        want_at_most(scenarios[i].name, &tally[1], 0.01);
    }
}

/* --- the program ------------------------------------------------------------------------------ */

static const struct {
    const char *name;
    void (*print)(int runs);
    int runs;
} tables[] = {
    {"choice", print_choice, 20000},   {"sound", print_sound, 20000},
    {"differs", print_differs, 20000}, {"floor", print_floor, 20000},
    {"others", print_others, 20000},   {"check", check, 2000},
};

int main(int count, char **words)
{
    for (size_t i = 0; count > 1 && i < sizeof tables / sizeof *tables; i++) {
        if (strcmp(words[1], tables[i].name) != 0)
            continue;
        long runs = count > 2 ? strtol(words[2], NULL, 10) : tables[i].runs;
        if (runs < 100 || runs > 10000000)
            break;
        tables[i].print((int)runs);
        return failures > 0;
    }
    fprintf(stderr, "usage: statistics_curve choice|sound|differs|floor|others|check [RUNS]\n");
    return 2;
}
