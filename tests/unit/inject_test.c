/* Regressions from the command line: what is read, what is refused, how strongly they act when. */
#include "check.h"
#include "world/inject.h"

#include <math.h>

static struct error err;

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * (1 + fabs(b));
}

static void test_reads(void)
{
    static const struct {
        const char *spec;
        enum inject_kind kind;
        const char *metric;
        double amount;
        int64_t from, ramp;
    } cases[] = {
        {"errors*2", INJECT_TIMES, "errors", 2, 0, 0},
        {"errors*0.5", INJECT_TIMES, "errors", 0.5, 0, 0},
        {"latency_p99*1.25@90s", INJECT_TIMES, "latency_p99", 1.25, 90000, 0},
        {"errors+0.5%", INJECT_PLUS, "errors", 0.005, 0, 0},
        {"errors+100%@1h~1m30s", INJECT_PLUS, "errors", 1, 3600000, 90000},
        {"errors*3~5m", INJECT_TIMES, "errors", 3, 0, 300000},
        {"crash", INJECT_CRASH, "crash", 0, 0, 0},
        {"crash@20m", INJECT_CRASH, "crash", 0, 1200000, 0},
        {"errors*1000000", INJECT_TIMES, "errors", 1e6, 0, 0},
        {"errors*0", INJECT_TIMES, "errors", 0, 0, 0},
        {"latency+200ms", INJECT_LATER, "latency", 200, 0, 0},
        {"latency+1s500ms~5m", INJECT_LATER, "latency", 1500, 0, 300000},
        {"slow+1%@5m", INJECT_PLUS, "slow", 0.01, 300000, 0},
        {"alarm:checkout-5xx", INJECT_ALARM, "checkout-5xx", 0, 0, 0},
        {"alarm:a b*2@10m", INJECT_ALARM, "a b*2", 0, 600000, 0},
        {"alarm:ops@home~x", INJECT_ALARM, "ops@home~x", 0, 0, 0},
        {"alarm:ops@home@1m~5m", INJECT_ALARM, "ops@home", 0, 60000, 300000},
        {"errors.v-2*2@0s", INJECT_TIMES, "errors.v-2", 2, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct inject inject;
        if (!CHECK(inject_parse(&inject, slice_of(cases[i].spec), &err)))
            fprintf(stderr, "%s: %s\n", cases[i].spec, err.message);
        CHECK(inject.kind == cases[i].kind);
        CHECK(slice_is(inject.metric, cases[i].metric));
        CHECK(near(inject.amount, cases[i].amount));
        CHECK(inject.from == cases[i].from && inject.ramp == cases[i].ramp);
    }
}

static void test_refuses(void)
{
    static const char *const cases[][2] = {
        {"", "it says neither what happens nor how much"},
        {"errors", "it says neither what happens nor how much"},
        {"crashes", "it says neither what happens nor how much"},
        {"*2", "there is no metric in front of the sign"},
        {"+1%", "there is no metric in front of the sign"},
        {"crash*2", "there is no metric in front of the sign"},
        {"err ors*2", "there is no metric in front of the sign"},
        {"a*b*2", "there is no metric in front of the sign"},
        {"alarm:", "there is no name of an alarm"},
        {"errors*", "the factor is no number from 0 to 1000000"},
        {"errors*two", "the factor is no number from 0 to 1000000"},
        {"errors*-1", "the factor is no number from 0 to 1000000"},
        {"errors*1e3", "the factor is no number from 0 to 1000000"},
        {"errors*1000001", "the factor is no number from 0 to 1000000"},
        {"errors*.5", "the factor is no number from 0 to 1000000"},
        {"errors*5.", "the factor is no number from 0 to 1000000"},
        {"errors*1.2.3", "the factor is no number from 0 to 1000000"},
        {"errors*1111111111111111", "the factor is no number from 0 to 1000000"},
        {"errors+1", "what is added is a percentage of the canary's requests"},
        {"errors+", "what is added is a percentage of the canary's requests"},
        {"errors+%", "the percentage is no number from 0 to 100"},
        {"errors+100.1%", "the percentage is no number from 0 to 100"},
        {"errors*2@", "is not a duration"},
        {"errors*2@soon", "is not a duration"},
        {"errors*2@10", "is not a duration"},
        {"errors*2~x", "is not a duration"},
        {"errors*2~5m@10m", "is not a duration"},
        {"crash~5m", "a crash comes at once, it has no ramp"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct inject inject;
        err = (struct error){0};
        CHECK(!inject_parse(&inject, slice_of(cases[i][0]), &err));
        CHECK(err.code == ERROR_INVALID);
        if (!CHECK(strstr(err.message, cases[i][1]) != NULL))
            fprintf(stderr, "%s: %s\n", cases[i][0], err.message);
        CHECK(strstr(err.message, "the injection \"") != NULL);
    }
}

static void test_names_the_rest(void)
{
    struct inject inject;
    CHECK(!inject_parse(&inject, slice_of("errors^2"), &err));
    CHECK_TEXT(err.message,
               "the injection \"errors^2\": it says neither what happens nor how much; expected "
               "METRIC*FACTOR, METRIC+PERCENT%, METRIC+DURATION, slow+PERCENT% or crash, then "
               "@DELAY and ~RAMP if wanted, such as errors*2, errors+0.5%@10m, "
               "latency*1.5@10m~5m, latency+200ms, slow+1%, crash@20m or alarm:NAME@10m");
}

/* In ALARM from a time on, for as long as it says; it acts on no metric. */
static void test_alarms(void)
{
    struct inject inject;
    CHECK(inject_parse(&inject, slice_of("alarm:errors@10m~5m"), &err));
    CHECK(!inject_concerns(&inject, slice_of("errors")));
    CHECK(!inject_concerns(&inject, slice_of("alarm:errors")) && !inject_slows(&inject));
    CHECK(!inject_alarms(&inject, slice_of("errors"), 599999));
    CHECK(inject_alarms(&inject, slice_of("errors"), 600000));
    CHECK(inject_alarms(&inject, slice_of("arn:aws:cloudwatch:eu-west-1:1:alarm:errors"), 600000));
    CHECK(!inject_alarms(&inject, slice_of("errors_5xx"), 600000));
    CHECK(inject_alarms(&inject, slice_of("errors"), 899999));
    CHECK(!inject_alarms(&inject, slice_of("errors"), 900000));
    CHECK(inject_parse(&inject, slice_of("errors*2"), &err));
    CHECK(!inject_alarms(&inject, slice_of("errors"), 1));
}

static void test_concerns(void)
{
    struct inject inject;
    CHECK(inject_parse(&inject, slice_of("errors*2"), &err));
    CHECK(inject_concerns(&inject, slice_of("errors")));
    CHECK(inject_concerns(&inject, slice_of("errors_5xx")));
    CHECK(!inject_concerns(&inject, slice_of("errorsome")));
    CHECK(!inject_concerns(&inject, slice_of("error")));
    CHECK(!inject_concerns(&inject, slice_of("requests")));
    CHECK(inject_parse(&inject, slice_of("crash"), &err));
    CHECK(inject_concerns(&inject, slice_of("requests")));
}

/* The mean of the strength over the period: the integral of a straight rise, by its formula. */
static void test_strength(void)
{
    static const struct {
        const char *spec;
        int64_t from, to;
        double strength;
    } cases[] = {
        {"errors*2", 0, 60000, 1},
        {"errors*2", -60000, 0, 0},
        {"errors*2@60s", 0, 60000, 0},
        {"errors*2@60s", 60000, 120000, 1},
        {"errors*2@90s", 60000, 120000, 0.5},
        {"errors*2@119s", 60000, 120000, 1.0 / 60},
        {"errors*2~60s", 0, 60000, 0.5},
        {"errors*2~60s", 60000, 120000, 1},
        {"errors*2~60s", 0, 30000, 0.25},
        {"errors*2~60s", 30000, 60000, 0.75},
        {"errors*2~60s", 30000, 90000, (30000 * 0.75 + 30000) / 60000},
        {"errors*2@60s~120s", 60000, 120000, 0.25},
        {"errors*2@60s~120s", 120000, 180000, 0.75},
        {"errors*2@60s~120s", 0, 240000, (0.5 * 120000 + 60000) / 240000},
        {"crash@30s", 0, 60000, 0.5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct inject inject;
        CHECK(inject_parse(&inject, slice_of(cases[i].spec), &err));
        double strength = inject_strength(&inject, cases[i].from, cases[i].to);
        if (!CHECK(near(strength, cases[i].strength)))
            fprintf(stderr, "%s: %.17g\n", cases[i].spec, strength);
    }
}

CHECK_MAIN({"reads", test_reads}, {"refuses", test_refuses},
           {"names_the_rest", test_names_the_rest}, {"concerns", test_concerns},
           {"alarms", test_alarms}, {"strength", test_strength})
