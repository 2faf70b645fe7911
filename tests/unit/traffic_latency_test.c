/* Counts per threshold in a simulation: which recordings have them, how the arms get theirs, and
 * what regressions make of them. Every seed is fixed. */
#include "traffic_check.h"

enum { MINUTES = 4000 };

static const char service[] = "requests:service:sum latency_count:service:sum "
                              "latency_within_100ms:service:sum latency_within_200ms:service:sum "
                              "latency_within_400ms:service:sum";
static const char arms[] = "latency_count:baseline:sum latency_within_100ms:baseline:sum "
                           "latency_count:canary:sum latency_within_110ms:canary:sum";
static const char asked[] = "latency_count latency_within_100ms latency_within_200ms "
                            "latency_within_400ms";

/* Of 1000 requests 400 take up to 100 ms, 300 more up to 200 ms, 200 more up to 400 ms. */
static void record_service(void)
{
    record_like(service, MINUTES, (double[]){1000, 1000, 400, 700, 900}, 5);
}

static void refused(const char *series, const char *why)
{
    struct buffer text;
    struct recording *none = NULL;
    begin_recording(&text, series);
    err.message[0] = '\0';
    CHECK(!recording_open(&none, buffer_slice(&text), &err));
    if (!CHECK(strstr(err.message, why) != NULL))
        fprintf(stderr, "%s\n", err.message);
    recording_free(none);
    buffer_clear(&text);
}

static void test_recordings(void)
{
    refused("latency_within_100ms:service:sum", "there is no ..._count of the same arm");
    refused("latency_count:canary:sum latency_within_1ms:baseline:sum", "there is no ..._count");
    refused("latency_count:service:sum latency_within_100-110ms:service:sum",
            "names two thresholds");
    refused("latency_count:service:sum latency_within_1ms:service:sum "
            "latency_within_1.0ms:service:sum",
            "there is such a threshold already");
    record_like("threads_count:service:sum latency_within_x:service:average", 1, (double[]){1, 2},
                2); /* like any other */
    CHECK(recording->series[0].within_count == 0 && recording->series[0].at_most <= 0);
    finish();
}

static void test_names(void)
{
    static const struct {
        const char *name, *family;
        double baseline, canary;
    } rows[] = {
        {"latency_within_250ms", "latency", 250, 250},
        {"latency_within_0.5-0.55ms", "latency", 0.5, 0.55},
        {"a_within_b_count", "a_within_b", INFINITY, INFINITY},
        {"latency_count", "latency", INFINITY, INFINITY},
    };
    static const char *const others[] = {
        "latency_within_ms",
        "latency_within_250",
        "_within_250ms",
        "latency_within_-1ms",
        "latency_within_1.ms",
        "latency_within_1-ms",
        "latency_within_0ms",
        "latency_p99",
        "latency_within_1-2-3ms",
        "latency_within_1.2.3ms",
        "_count",
    };
    struct histogram_name name;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(histogram_parse(&name, slice_of(rows[i].name)));
        CHECK(slice_is(name.family, rows[i].family));
        CHECK(name.baseline >= rows[i].baseline && name.baseline <= rows[i].baseline);
        CHECK(name.canary >= rows[i].canary && name.canary <= rows[i].canary);
    }
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (!CHECK(!histogram_parse(&name, slice_of(others[i]))))
            fprintf(stderr, "%s\n", others[i]);
    }
}

/* The arms of every minute: nested each, and together what the service had. */
static void test_adds_up(void)
{
    struct sample sample;
    record_service();
    CHECK(start(1, NULL));
    for (int minute = 0; minute < MINUTES; minute++) {
        static const int all[] = {1000, 400, 700, 900};
        sample_minute(asked, minute, &sample);
        for (int i = 0; i < 4; i++) {
            int order[] = {1, 2, 3, 0}; /* rising */
            CHECK(count_of(&sample.canary[i]) + count_of(&sample.baseline[i]) == all[i]);
            CHECK(i == 0 ||
                  count_of(&sample.canary[order[i]]) >= count_of(&sample.canary[order[i - 1]]));
        }
    }
    finish();
}

struct moments {
    double mean, variance;
};

/* Of the canary's share of its requests within the threshold that is asked for second. */
static struct moments share_within(const char *metrics)
{
    struct sample sample;
    double sum = 0;
    double squares = 0;
    for (int minute = 0; minute < MINUTES; minute++) {
        sample_minute(metrics, minute, &sample);
        double share = sample.canary[1].value / sample.canary[0].value;
        sum += share;
        squares += share * share;
    }
    double mean = sum / MINUTES;
    return (struct moments){mean, squares / MINUTES - mean * mean};
}

static bool is_about(double got, double want, double part)
{
    bool ok = fabs(got - want) <= part * want;
    if (!ok)
        fprintf(stderr, "got %g, want %g\n", got, want);
    return ok;
}

/* A hundred requests or so drawn from a thousand without replacement. */
static void test_split(void)
{
    record_service();
    CHECK(start(1, NULL));
    struct moments moments = share_within(asked);
    CHECK(is_about(moments.mean, 0.4, 0.01));
    CHECK(is_about(moments.variance, 0.4 * 0.6 / 100 * 0.9, 0.1));
    finish();
}

/* Between two recorded thresholds requests are taken to lie evenly over the logarithm of the time,
 * from 0 to the first over the time, and beyond the last they thin out by the power of the bucket
 * before. */
static void test_between(void)
{
    static const struct {
        const char *metrics;
        double share;
    } rows[] = {
        {"latency_count latency_within_50ms", 0.2},
        {"latency_count latency_within_100-141.4213562ms", 0.4 + 0.3 / 2},
        {"latency_count latency_within_282.8427125ms", 0.7 + 0.2 / 2},
        {"latency_count latency_within_800ms", 1 - 0.1 / 3},
    };
    record_service();
    CHECK(start(1, NULL));
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        CHECK(is_about(share_within(rows[i].metrics).mean, rows[i].share, 0.01));
    finish();
}

/* Of one sample the thresholds are nested even where they lie in one bucket. */
static void test_between_is_nested(void)
{
    struct sample sample;
    record_service();
    CHECK(start(1, NULL));
    for (int minute = 0; minute < 200; minute++) {
        sample_minute("latency_within_150ms latency_within_120ms latency_within_199-130ms "
                      "latency_count",
                      minute, &sample);
        CHECK(sample.canary[1].value <= sample.canary[2].value);
        CHECK(sample.canary[2].value <= sample.canary[0].value);
        CHECK(sample.canary[0].value <= sample.canary[3].value);
    }
    finish();
}

static void test_regressions(void)
{
    static const struct {
        const char *spec, *metrics;
        double share;
    } rows[] = {
        {"latency*2", "latency_count latency_within_200ms", 0.4},
        {"latency*2", "latency_count latency_within_100ms", 0.2},
        {"latency*0.5", "latency_count latency_within_100ms", 0.7},
        {"latency+100ms", "latency_count latency_within_200ms", 0.4},
        {"latency+100ms", "latency_count latency_within_100ms", 0},
        {"latency*2 latency+100ms", "latency_count latency_within_300ms", 0.4},
        {"latency+50ms latency*2", "latency_count latency_within_300ms", 0.4},
        {"slow+10%", "latency_count latency_within_400ms", 0.81},
        {"slow+10% latency*2", "latency_count latency_within_200ms", 0.36},
        {"latency*0", "latency_count latency_within_1ms", 1},
    };
    record_service();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK(start(1, rows[i].spec));
        if (!CHECK(is_about(share_within(rows[i].metrics).mean, rows[i].share, 0.01)))
            fprintf(stderr, "%s\n", rows[i].spec);
    }
    finish();
}

/* A regression leaves the baseline alone, and the canary's number of requests. */
static void test_regressions_move_only(void)
{
    struct sample before;
    struct sample after;
    record_service();
    for (int minute = 0; minute < 50; minute++) {
        CHECK(start(1, NULL));
        sample_minute(asked, minute, &before);
        CHECK(start(1, "latency*1.5 slow+1%"));
        sample_minute(asked, minute, &after);
        CHECK(is_value(&after.canary[0], before.canary[0].value));
        for (int i = 0; i < 4; i++)
            CHECK(is_value(&after.baseline[i], before.baseline[i].value));
    }
    finish();
}

/* Values in milliseconds follow what is done to the counts. */
static void test_values_follow(void)
{
    struct sample sample;
    record_like("latency_p99:baseline:p99 latency_p99:canary:p99", 3, (double[]){300, 300}, 2);
    CHECK(start(1, "latency+200ms"));
    sample_minute("latency_p99", 0, &sample);
    CHECK(is_value(&sample.canary[0], 500) && is_value(&sample.baseline[0], 300));
    finish();
}

static void test_refused_regressions(void)
{
    record_service();
    CHECK(!start(1, "latency+1%"));
    CHECK_TEXT(err.message, "\"latency\" is no part of the requests: slow+1% makes that part of "
                            "them slow");
    finish();
    record_like("requests:service:sum errors:service:sum", 1, (double[]){10, 1}, 2);
    CHECK(!start(1, "errors+200ms"));
    CHECK_TEXT(err.message, "\"errors\" is a count, and takes no time");
    CHECK(!start(1, "slow+1%"));
    finish();
}

/* What was recorded arm by arm is used as it is, each at its own threshold. */
static void test_recorded_arms(void)
{
    struct sample sample;
    record_like(arms, 3, (double[]){900, 450.5, 100, 60}, 4);
    CHECK(start(1, NULL));
    sample_minute("latency_count latency_within_100-110ms", 1, &sample);
    CHECK(is_value(&sample.baseline[0], 900) && is_value(&sample.baseline[1], 450.5));
    CHECK(is_value(&sample.canary[0], 100) && is_value(&sample.canary[1], 60));
    CHECK(start(1, "crash"));
    sample_minute("latency_count latency_within_100-110ms", 1, &sample);
    CHECK(is_nothing(&sample.canary[0]) && is_nothing(&sample.canary[1]));
    CHECK(is_value(&sample.baseline[1], 450.5));
    finish();
}

/* No requests are no data; counts that a provider left out are zero beside the count of all. */
static void test_absence(void)
{
    struct buffer text;
    struct sample sample;
    begin_recording(&text, arms);
    add_point(&text, 1, 0, 900);
    add_point(&text, 2, 0, 450);
    add_point(&text, 3, 0, 100);
    add_point(&text, 1, 1, 900);
    add_point(&text, 2, 1, 450);
    CHECK(buffer_append_text(&text, "{\"s\":3,\"t\":60000,\"v\":\"provider error\"}\n", &err));
    add_point(&text, 1, 2, 900);
    open_text(&text);
    CHECK(start(1, NULL));
    sample_minute("latency_count latency_within_100-110ms", 0, &sample);
    CHECK(is_value(&sample.canary[0], 100) && is_value(&sample.canary[1], 0));
    sample_minute("latency_count latency_within_100-110ms", 1, &sample);
    CHECK(sample.canary[1].status == READING_PROVIDER_ERROR);
    CHECK(is_value(&sample.baseline[1], 450));
    sample_minute("latency_count latency_within_100-110ms", 2, &sample);
    CHECK(is_nothing(&sample.canary[0]) && is_nothing(&sample.canary[1]));
    CHECK(is_value(&sample.baseline[1], 0));
    finish();
}

static bool ask_distribution(int64_t from, int64_t to, struct value *out)
{
    char text[200];
    snprintf(text, sizeof text,
             "{\"kind\":\"distribution\",\"metric\":\"latency\",\"from\":%lld,\"to\":%lld}",
             (long long)from, (long long)to);
    struct value effect = parse(text);
    return traffic_distribution(&traffic, &effect, out, &pool, &err);
}

static double count_at(const struct value *answer, size_t i)
{
    return value_get(answer, "counts")->array.items[i].number;
}

/* What the requests took in the hour before; the first hour of a recording that has none before. */
static void test_distribution(void)
{
    struct value got;
    record_service();
    CHECK(start(1, NULL));
    CHECK(ask_distribution(10 * MINUTE + 5, 20 * MINUTE + 5, &got));
    CHECK(value_get_integer(&got, "periods", 0) == 9 ||
          value_get_integer(&got, "periods", 0) == 10);
    CHECK(value_get(&got, "bounds")->array.count == 3 && !value_get(&got, "canary_bounds"));
    double periods = (double)value_get_integer(&got, "periods", 0);
    CHECK(count_at(&got, 0) >= 400 * periods && count_at(&got, 0) <= 400 * periods);
    CHECK(count_at(&got, 3) >= 100 * periods && count_at(&got, 3) <= 100 * periods);
    CHECK(ask_distribution(0, 0, &got) && value_get_integer(&got, "periods", -1) == 0);
    CHECK(!ask_distribution(0, INT64_C(10002) * MINUTE, &got));
    CHECK_TEXT(err.message, "a distribution over more than 10000 periods");
    finish();
    record_like(arms, 3, (double[]){900, 450, 100, 60}, 4);
    CHECK(start(1, NULL));
    CHECK(ask_distribution(INT64_C(100) * MINUTE, INT64_C(160) * MINUTE, &got));
    CHECK(value_get_integer(&got, "periods", 0) == 3 && count_at(&got, 0) >= 1350);
    CHECK(value_get(&got, "canary_bounds")->array.items[0].number >= 110);
    finish();
    record_like("latency_p50:service:p50 latency_p99:service:p99", 1, (double[]){1, 2}, 2);
    CHECK(start(1, NULL) && ask_distribution(0, MINUTE, &got));
    CHECK(value_get(&got, "percentiles")->array.count == 2);
    finish();
    record_like("requests:service:sum", 1, (double[]){1}, 1);
    CHECK(start(1, NULL) && !ask_distribution(0, MINUTE, &got));
    CHECK(strstr(err.message, "has neither counts per threshold of \"latency\"") != NULL);
    finish();
}

CHECK_MAIN({"names", test_names}, {"recordings", test_recordings}, {"adds_up", test_adds_up},
           {"split", test_split}, {"between", test_between},
           {"between_is_nested", test_between_is_nested}, {"regressions", test_regressions},
           {"regressions_move_only", test_regressions_move_only},
           {"values_follow", test_values_follow}, {"refused_regressions", test_refused_regressions},
           {"recorded_arms", test_recorded_arms}, {"absence", test_absence},
           {"distribution", test_distribution})
