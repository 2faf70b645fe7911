/* The operating curve of judge.before, which holds a canary that is alone against the hour before:
 *
 *     cmake --build build/release --target statistics_before
 *     nice build/release/tests/statistics/statistics_before [RUNS]
 *
 * 200 requests a second of which one in a thousand fails; an hour of the old version, then ten
 * minutes of the new one with all of the traffic. RUNS (20000) are those of a good version, and a
 * tenth of that those of a bad one. Draws depend on nothing but a fixed seed. */
#include "base/math.h"
#include "base/random.h"
#include "base/value.h"
#include "interval.h"
#include "judge/dispersion.h"
#include "judge/judge.h"

#include <stdio.h>
#include <stdlib.h>

enum { HOUR = 60, WATCH = 10, HALF = 6000 };

struct scenario {
    const char *name;
    double storms; /* part of the half minutes in which errors are `times` as many */
    double times;
    double wanders; /* deviation of the rate's level, AR(0.9) from minute to minute */
};

static const struct scenario scenarios[] = {
    {"independent", 0, 1, 0},
    {"storms x30, 5 % of half minutes", 0.05, 30, 0},
    {"storms x10, 5 % of half minutes", 0.05, 10, 0},
    {"storms x30, 1 % of half minutes", 0.01, 30, 0},
    {"level wanders, AR(.9) sd 0.3", 0, 1, 0.3},
    {"level wanders, AR(.9) sd 0.6", 0, 1, 0.6},
};

enum { SCENARIOS = sizeof scenarios / sizeof *scenarios, RATIOS = 4, WAYS = 2 };

static const double ratios[RATIOS] = {1, 3, 5, 10};

static double draw_minute(struct random_stream *stream, const struct scenario *scenario,
                          double ratio, double *level)
{
    double events = 0;
    *level = 0.9 * *level + random_normal(stream);
    double usual = 0.001 * math_exp(scenario->wanders * 0.4358898943540674 * *level);
    for (int half = 0; half < 2; half++) {
        bool storm = random_unit(stream) < scenario->storms;
        double rate = usual * ratio * (storm ? scenario->times : 1);
        events += (double)random_binomial(stream, HALF, rate < 1 ? rate : 1);
    }
    return events;
}

/* The hour before: its counts, and how much its minutes differ (engine/past.c). */
struct hour {
    double minutes[HOUR], events, dispersion;
};

static void draw_hour(struct random_stream *stream, const struct scenario *scenario,
                      struct hour *hour, double *level)
{
    struct dispersion dispersion = {0};
    hour->events = 0;
    for (int i = 0; i < HOUR; i++) {
        hour->minutes[i] = draw_minute(stream, scenario, 1, level);
        hour->events += hour->minutes[i];
    }
    for (int i = 0; i < HOUR; i++) {
        dispersion_add(&dispersion, hour->minutes[i], hour->events, 1.0 / HOUR);
        dispersion_end_block(&dispersion);
    }
    hour->dispersion = dispersion_to_tell(&dispersion);
}

/* Two judges: one that is not told of the dispersion, and one that is. */
static _Alignas(16) char judges[WAYS][4096];

static void begin(int way, const struct hour *hour, struct pool *pool)
{
    struct error err;
    struct value from;
    struct judge_metrics metrics;
    char text[300];
    snprintf(text, sizeof text,
             "{\"dispersion\":1.0,\"events\":\"errors\",\"judge\":\"before\",\"past\":{"
             "\"dispersion\":%.1f,\"events\":%.1f,\"trials\":%.1f},\"trials\":\"requests\"}",
             way == 0 ? 1 : hour->dispersion, hour->events, 2.0 * HALF * HOUR);
    judge_metrics_clear(&metrics);
    if (judge_before_ops.size > sizeof judges[way] ||
        !value_parse(&from, slice_of(text), false, pool, &err) ||
        !judge_before_ops.init(judges[way], &from, &metrics, &err))
        abort();
}

static void roll_out(const struct scenario *scenario, double ratio, uint64_t index, int harm[WAYS])
{
    struct random_stream stream;
    struct hour hour;
    struct pool pool;
    double level = 0;
    pool_init(&pool, 1 << 16);
    random_open(&stream, 1, RANDOM_RUNS, index);
    for (int i = 0; i < 30; i++) /* the level has no beginning */
        draw_minute(&stream, scenario, 1, &level);
    draw_hour(&stream, scenario, &hour, &level);
    for (int way = 0; way < WAYS; way++)
        begin(way, &hour, &pool);
    for (int i = 0; i < WATCH; i++) {
        struct reading nothing[2] = {{READING_NO_DATA, 0}, {READING_NO_DATA, 0}};
        struct reading canary[2] = {{READING_VALUE, 0}, {READING_VALUE, 2.0 * HALF}};
        canary[0].value = draw_minute(&stream, scenario, ratio, &level);
        for (int way = 0; way < WAYS; way++)
            judge_before_ops.observe(judges[way], canary, nothing);
    }
    for (int way = 0; way < WAYS; way++)
        harm[way] += judge_before_ops.verdict(judges[way]) == VERDICT_HARM;
    pool_clear(&pool);
}

int main(int count, char **words)
{
    static const char *const names[WAYS] = {"dispersion 1", "of the hour before"};
    long runs = count > 1 ? strtol(words[1], NULL, 10) : 20000;
    if (runs < 100 || runs > 10000000) {
        fprintf(stderr, "usage: statistics_before [RUNS]\n");
        return 2;
    }
    printf("alone for ten minutes: %% of rollouts in which harm was found\n%-56s  %-22s  %-22s  "
           "%-22s  %s\n",
           "", "false", "x3", "x5", "x10");
    for (int i = 0; i < SCENARIOS; i++) {
        int harm[RATIOS][WAYS] = {{0}};
        for (int r = 0; r < RATIOS; r++)
            for (long k = 0; k < (r == 0 ? runs : runs / 10); k++)
                roll_out(&scenarios[i], ratios[r], (uint64_t)k, harm[r]);
        for (int way = 0; way < WAYS; way++) {
            printf("%-34s  %-20s", scenarios[i].name, names[way]);
            for (int r = 0; r < RATIOS; r++) {
                int of = (int)(r == 0 ? runs : runs / 10);
                char text[64];
                snprintf(text, sizeof text, "%.3g [%.3g, %.3g]", 100.0 * harm[r][way] / of,
                         100 * interval_low(harm[r][way], of),
                         100 * interval_high(harm[r][way], of));
                printf("  %-22s", text);
            }
            printf("\n");
        }
    }
    return 0;
}
